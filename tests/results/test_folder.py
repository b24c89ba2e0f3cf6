"""Results appear whole or not at all, and what is not ours stays."""

import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from polars.exceptions import ComputeError

from engine.outputs import OutputError
from engine.reading.faults import InputError
from engine.results.folder import LAST_FILES, OWN_FILES, Writer, begun_file, claimed, write_folder
from tests.damage import damage, seeds
from tests.killing import killed_at


def holding(text: str) -> Writer:
    return lambda file: file.write_text(text)


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Hold a folder, and let go of it."""
    with claimed(folder, force=force):
        pass


def files_of(run: str, *names: str) -> dict[str, Writer]:
    return {name: holding(run) for name in (*names, "numbers.parquet", "summary.json", "scenario.lock.yaml")}


def held(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_results_appear_in_a_new_folder(tmp_path: Path) -> None:
    check_folder(tmp_path / "run")
    assert names_in(tmp_path) == []
    write_folder(tmp_path / "run", files_of("first"))
    assert names_in(tmp_path) == ["run"]
    assert held(tmp_path / "run") == dict.fromkeys(("numbers.parquet", "scenario.lock.yaml", "summary.json"), "first")


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    check_folder(tmp_path / "a/b/run")
    assert names_in(tmp_path) == []
    write_folder(tmp_path / "a/b/run", files_of("first"))
    assert names_in(tmp_path / "a/b") == ["run"]


def test_nothing_has_its_name_before_everything_is_written(tmp_path: Path) -> None:
    seen = []

    def look(file: Path) -> None:
        seen.append(names_in(tmp_path))
        file.write_text("last")

    write_folder(tmp_path / "run", {**files_of("first"), "scenario.lock.yaml": look})
    [[hidden, lock]] = seen
    assert lock == ".run.dialer-lock"
    assert re.fullmatch(r"\.run\.dialer-[0-9a-f]{8}\.part", hidden)


def test_an_empty_folder_is_taken_with_its_rights(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    check_folder(tmp_path / "run")
    write_folder(tmp_path / "run", files_of("first"))
    assert names_in(tmp_path) == ["run"]
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_the_folder_that_we_are_in_stays_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    check_folder(Path())
    write_folder(Path(), files_of("first"))
    assert len(names_in(Path())) == 3
    assert names_in(tmp_path) == ["run"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "disk")
    write_folder(tmp_path / "run", files_of("first"))
    assert (tmp_path / "run").is_symlink()
    assert len(held(tmp_path / "disk")) == 3


def test_a_folder_that_is_not_empty_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/notes.txt").write_text("mine")
    with pytest.raises(
        InputError, match="run: found a folder that is not empty; allowed: a new or empty folder, or --f"
    ):
        check_folder(tmp_path / "run")
    assert held(tmp_path) == {"run/notes.txt": "mine"}


def test_results_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", files_of("first"))
    with pytest.raises(InputError, match=r"results of an earlier run \(numbers.parquet, summary.json, scenario.lock"):
        write_folder(tmp_path / "run", files_of("second"))
    assert set(held(tmp_path / "run").values()) == {"first"}


def test_what_came_into_the_folder_during_a_run_stays(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    check_folder(tmp_path / "run")
    (tmp_path / "run/saved.npz").write_text("a checkpoint")
    write_folder(tmp_path / "run", files_of("first"))
    assert held(tmp_path / "run")["saved.npz"] == "a checkpoint"
    assert len(held(tmp_path / "run")) == 4


def test_force_replaces_our_files_and_no_others(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", files_of("first", "calls.parquet"))
    (tmp_path / "run/notes.txt").write_text("mine")
    (tmp_path / "run/more").mkdir()
    (tmp_path / "run/more/calls.parquet").write_text("mine")
    check_folder(tmp_path / "run", force=True)
    write_folder(tmp_path / "run", files_of("second"), force=True)
    assert held(tmp_path) == {
        **{f"run/{name}": "second" for name in ("numbers.parquet", "summary.json", "scenario.lock.yaml")},
        "run/notes.txt": "mine",
        "run/more/calls.parquet": "mine",
    }


def test_the_summary_and_the_lock_go_first_and_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the folder that we are in is not exchanged: its files are replaced one by one
    write_folder(Path(), files_of("first", "timeline.parquet"))
    steps: list[str] = []
    for method in ("unlink", "replace"):
        plain: Callable[..., object] = getattr(Path, method)

        def told(self: Path, *args: object, plain: Callable[..., object] = plain, **kwargs: object) -> object:
            steps.extend([self.name] if self.name in OWN_FILES else [])
            return plain(self, *args, **kwargs)

        monkeypatch.setattr(Path, method, told)
    write_folder(Path(), files_of("second", "timeline.parquet"), force=True)
    assert steps[: len(LAST_FILES)] == list(LAST_FILES)
    assert steps[-len(LAST_FILES) :] == list(LAST_FILES)


def test_what_is_named_like_a_hidden_folder_but_is_none_stays(tmp_path: Path) -> None:
    for name in (".run.part", ".run.dialer-0123456.part", ".run.dialer-01234567.part", ".runs.dialer-01234567.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text("mine")

    write_folder(tmp_path / "run", files_of("first"))

    assert len(names_in(tmp_path)) == 5


def test_results_do_not_replace_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/numbers.parquet").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    (tmp_path / "same.parquet").hardlink_to(tmp_path / "run/numbers.parquet")

    for read in ("run/numbers.parquet", "run/../link/numbers.parquet", "same.parquet"):
        with pytest.raises(OutputError, match=r"a folder whose numbers\.parquet the same command reads; allowed: anot"):
            write_folder(tmp_path / "run", files_of("first"), force=True, inputs=[tmp_path / read])
        with pytest.raises(OutputError), claimed(tmp_path / "run", force=True, inputs=[tmp_path / read]):
            pass

    assert (tmp_path / "same.parquet").read_text() == "mine"
    assert names_in(tmp_path / "run") == ["numbers.parquet"]


def test_a_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    def another() -> None:
        write_folder(tmp_path / "run", files_of("second"), force=True)

    with claimed(tmp_path / "run"), ThreadPoolExecutor(1) as beside:
        with pytest.raises(InputError, match="a folder that another run holds; allowed: another"):
            beside.submit(another).result()
        write_folder(tmp_path / "run", files_of("first"))

    assert set(held(tmp_path / "run").values()) == {"first"}
    assert names_in(tmp_path) == ["run"]


def same(path: Path) -> tuple[int, int, bytes | None]:
    """What stays the same of a path that nobody touches."""
    found = path.lstat()
    return found.st_ino, found.st_mode, path.read_bytes() if path.is_file() else None


@pytest.mark.parametrize("seed", seeds(13, 40))
def test_what_stands_in_the_place_of_the_lock_is_not_touched_and_holds_nobody_up(tmp_path: Path, seed: int) -> None:
    lock = tmp_path / ".run.dialer-lock"
    lock.write_text("not a lock of ours: notes, with the name of one")
    damage(lock, seed)
    before = same(lock)

    if before[2] == b"":
        write_folder(tmp_path / "run", files_of("new"))
        assert names_in(tmp_path) == ["run"]
        return
    with pytest.raises(OSError, match="results cannot be written") as refused:
        write_folder(tmp_path / "run", files_of("new"))
    assert refused.value.filename == str(tmp_path / "run")
    assert same(lock) == before
    assert names_in(tmp_path) == [lock.name]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("rights", [0o600, 0o644])
def test_the_lock_of_another_user_is_one_clear_error_or_holds_nobody_up(rights: int) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o777)
        (folder / ".run.dialer-lock").touch(rights)

        def write() -> None:
            os.setgid(65534)
            os.setuid(65534)
            with suppress(OSError):
                write_folder(folder / "run", files_of("new"))

        assert not killed_at(1_000_000, folder, write)

        assert names_in(folder) == ([".run.dialer-lock"] if rights == 0o600 else ["run"])


def fail(error: BaseException) -> Writer:
    def write(file: Path) -> None:
        file.write_text("half of")
        raise error

    return write


FAILURES = [
    (OSError(28, "No space left on device", ".run.part/calls.parquet"), OSError, "No space left on device"),
    (ComputeError("parquet: underlying IO error: (os error 28)"), OSError, "No space left on device"),
    (ComputeError("parquet: Invalid thrift: transport error"), OSError, "the disk is full, perhaps"),
    (ComputeError("something else"), ComputeError, "something else"),
    (MemoryError(), MemoryError, None),
    (KeyboardInterrupt(), KeyboardInterrupt, None),
]


@pytest.mark.parametrize(("error", "kind", "words"), FAILURES)
@pytest.mark.parametrize("before", [None, "first"])
def test_nothing_is_left_of_results_that_cannot_be_written(
    tmp_path: Path, error: BaseException, kind: type[BaseException], words: str | None, before: str | None
) -> None:
    run = tmp_path / "a/run"
    if before:
        write_folder(run, files_of(before))
    there = held(tmp_path)
    with pytest.raises(kind, match=words) as caught:
        write_folder(run, {**files_of("second"), "calls.parquet": fail(error)}, force=True)
    assert held(tmp_path) == there
    assert names_in(tmp_path) == (["a"] if before else [])
    if isinstance(caught.value, OSError):
        assert caught.value.filename == str(run)


def test_a_file_that_was_begun_before_comes_with_the_results(tmp_path: Path) -> None:
    with claimed(tmp_path / "run"), begun_file(tmp_path / "run", "calls.parquet") as begun:
        begun.write_text("first")
        assert not (tmp_path / "run").exists()
        write_folder(tmp_path / "run", {**files_of("first"), "calls.parquet": begun.rename})

    assert names_in(tmp_path) == ["run"]
    assert held(tmp_path / "run") == dict.fromkeys(files_of("first", "calls.parquet"), "first")


@pytest.mark.parametrize("error", [OSError(5, "something else", "other"), MemoryError(), KeyboardInterrupt()])
def test_nothing_is_left_of_a_file_that_was_begun(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, begun_file(tmp_path / "run", "calls.parquet") as begun:
        fail(error)(begun)

    assert caught.value == error
    assert names_in(tmp_path) == []


def test_a_file_that_was_begun_and_cannot_be_written_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="results cannot be written") as caught, begun_file(tmp_path / "run", "a") as file:
        raise OSError(28, "No space left on device", str(file))

    assert caught.value.filename == str(tmp_path / "run")


def test_what_a_killed_run_left_of_a_file_that_was_begun_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".run.dialer-01234567.part/new"
    left.mkdir(parents=True)
    (left / "calls.parquet").write_text("half of")

    with pytest.warns(UserWarning, match="a run that was killed left"):
        write_folder(tmp_path / "run", files_of("first"))

    assert names_in(tmp_path) == ["run"]


def test_an_interrupt_amid_the_clearing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars raises an interrupt as soon as it sees it, and Python raises it once more."""
    interrupts = iter([KeyboardInterrupt()])
    plain = shutil.rmtree

    def remove(path: Path) -> None:
        for interrupt in interrupts:
            raise interrupt
        plain(path)

    monkeypatch.setattr(shutil, "rmtree", remove)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "run", {"numbers.parquet": fail(KeyboardInterrupt())})
    assert names_in(tmp_path) == []


def test_a_way_through_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError, match=r"results cannot be written \(Not a directory\)"):
        check_folder(tmp_path / "file/run")
    with pytest.raises(InputError, match=r"found a file; allowed: a new or empty folder$"):
        check_folder(tmp_path / "file", force=True)
    assert held(tmp_path) == {"file": "mine"}


def test_a_folder_may_have_the_longest_name_that_there_is(tmp_path: Path) -> None:
    for run in ("first", "second"):
        write_folder(tmp_path / ("n" * 255), files_of(run), force=True)
        assert held(tmp_path / ("n" * 255))["summary.json"] == run
    assert names_in(tmp_path) == ["n" * 255]


def test_the_rights_of_older_results_stay(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", files_of("first"))
    (tmp_path / "run/numbers.parquet").chmod(0o600)
    write_folder(tmp_path / "run", files_of("second"), force=True)
    assert (tmp_path / "run/numbers.parquet").read_text() == "second"
    assert (tmp_path / "run/numbers.parquet").stat().st_mode & 0o777 == 0o600


def closed(folder: Path) -> Path:
    """A folder that cannot be written; the test is skipped for a user to whom nothing is forbidden."""
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("nothing is forbidden to root")
    return folder


def test_a_folder_without_rights_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    with pytest.raises(PermissionError, match=r"results cannot be written \(Permission denied\)"):
        check_folder(closed(tmp_path / "closed") / "run")


def test_a_folder_that_cannot_be_written_itself_is_refused_before_the_run_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(PermissionError, match=r"results cannot be written \(Permission denied\)"):
        check_folder(closed(tmp_path / "run"))
    with pytest.raises(PermissionError, match=r"results cannot be written \(Permission denied\)"):
        write_folder(tmp_path / "run", files_of("first"), force=True)
    assert names_in(tmp_path) == ["run"]


def test_a_folder_of_the_users_that_cannot_be_written_stays_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", files_of("first"))
    (tmp_path / "run/mine").mkdir()
    (tmp_path / "run/mine/a.txt").write_text("mine")
    closed(tmp_path / "run/mine")
    write_folder(tmp_path / "run", files_of("second"), force=True)
    assert held(tmp_path / "run")["mine/a.txt"] == "mine"
    assert held(tmp_path / "run")["summary.json"] == "second"
    assert (tmp_path / "run/mine").stat().st_mode & 0o777 == 0o500
    assert names_in(tmp_path) == ["run"]


def test_a_folder_under_a_name_of_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "run/calls.parquet").mkdir(parents=True)
    with pytest.raises(InputError, match=r"a folder that contains a folder calls\.parquet; allowed: another folder"):
        check_folder(tmp_path / "run", force=True)


def test_each_name_of_ours_is_listed_once() -> None:
    assert len(OWN_FILES) == len(set(OWN_FILES))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_polars_still_words_a_full_disk_as_we_read_it() -> None:
    with pytest.raises(ComputeError, match=r"\(os error 28\)"):
        pl.DataFrame({"a": range(10)}).write_parquet("/dev/full")


def test_a_link_that_leads_to_itself_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(InputError, match="found a symbolic link that leads to itself"):
        check_folder(tmp_path / "loop", force=True)
    with pytest.raises(OSError, match="results cannot be written"):
        check_folder(tmp_path / "loop/run")
    assert names_in(tmp_path) == ["loop"]
