"""A kill at any moment leaves the older results or the new ones, whole, and every file of the user."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.reading.faults import InputError
from engine.results import replacing
from engine.results.folder import Writer, claimed, write_folder
from tests.damage import damage, seeds
from tests.killing import every_moment, killed_at

MOST_MOMENTS = 20
"""Fewer moments than every replacement has: tests that kill at no more have killed at none that counts."""


def files_of(run: str, *names: str) -> dict[str, Writer]:
    def holding(file: Path) -> None:
        file.write_text(run)

    return dict.fromkeys((*names, "numbers.parquet", "summary.json", "scenario.lock.yaml"), holding)


OLD = dict.fromkeys(files_of("", "calls.parquet"), "old")
NEW = dict.fromkeys(files_of("", "timeline.parquet"), "new")
MINE = {"notes.txt": "mine", "more/calls.parquet": "mine", "more/deep/list.csv": "mine", "link": "mine"}


def held(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def put_mine(folder: Path) -> None:
    (folder / "more/deep").mkdir(parents=True)
    for name in MINE:
        if name != "link":
            (folder / name).write_text("mine")
    (folder / "link").symlink_to("notes.txt")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder of older results, and of files that are not ours."""
    write_folder(tmp_path / "run", files_of("old", "calls.parquet"))
    put_mine(tmp_path / "run")
    return tmp_path / "run"


def fresh(folder: Path, like: Path) -> None:
    """Make a folder what another one is, and remove all that is beside it."""
    for each in folder.parent.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    shutil.copytree(like, folder, symlinks=True)


def write_new(folder: Path) -> None:
    write_folder(folder, files_of("new", "timeline.parquet"), force=True)


@pytest.fixture
def forgiving() -> Iterator[None]:
    """Notes on what killed runs left are expected."""
    with pytest.warns(UserWarning, match=r"a run that was killed left \.run\.dialer-[0-9a-f]{8}\.part, which"):
        yield


@pytest.mark.usefixtures("forgiving")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_whole(run: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(run, before, symlinks=True)
    work = tmp_path / "work/run"
    work.parent.mkdir()
    fresh(work, before)
    seen = set()
    for moment in every_moment(work.parent, lambda: write_new(work)):
        now = held(work)
        assert now in ({**OLD, **MINE}, {**NEW, **MINE}), moment
        seen.add(now["summary.json"])
        with claimed(work, force=True):
            assert held(work) == now
        assert names_in(work.parent) == ["run"], moment
        assert held(work) == now
        fresh(work, before)
    assert seen == {"old", "new"}
    assert moment > MOST_MOMENTS


@pytest.mark.usefixtures("forgiving")
def test_a_kill_at_any_moment_leaves_a_new_folder_whole_or_none(tmp_path: Path) -> None:
    run = tmp_path / "a/run"
    for moment in every_moment(tmp_path, lambda: write_folder(run, files_of("new", "timeline.parquet"))):
        assert not run.exists() or held(run) == NEW, moment
        with claimed(run, force=True):
            pass
        assert not run.exists() or names_in(run.parent) == ["run"], moment
        shutil.rmtree(run.parent, ignore_errors=True)
    assert held(run) == NEW
    assert moment > MOST_MOMENTS // 2


@pytest.mark.usefixtures("forgiving")
def test_where_folders_cannot_be_exchanged_the_next_run_makes_the_results_whole(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tmp_path / "before"
    shutil.copytree(run, before, symlinks=True)
    work = tmp_path / "work/run"
    work.parent.mkdir()
    fresh(work, before)

    def cannot(*_: object) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(replacing, "_exchange", cannot)
    seen = set()
    for moment in every_moment(work.parent, lambda: write_new(work)):
        assert MINE.items() <= held(work).items()
        with claimed(work, force=True):
            now = held(work)
        assert now in ({**OLD, **MINE}, {**NEW, **MINE}), moment
        assert names_in(work.parent) == ["run"], moment
        seen.add(now["summary.json"])
        fresh(work, before)
    assert seen == {"old", "new"}


@pytest.mark.filterwarnings("ignore:.*a run that was killed left", "ignore:.*holds files that came into the folder")
@pytest.mark.parametrize("seed", seeds(12, 60))
def test_whatever_befell_the_note_of_a_killed_run_the_results_are_the_old_or_the_new(
    run: Path, tmp_path: Path, seed: int
) -> None:
    before = tmp_path / "before"
    shutil.copytree(run, before, symlinks=True)
    work = tmp_path / "work/run"
    work.parent.mkdir()
    moment, states = 60 - seed % 25, list[Path]()
    while not states:
        fresh(work, before)
        killed_at(moment, work.parent, lambda: write_new(work))
        states = list(work.parent.rglob("state.json"))
        moment -= 1
    if states[0].stat().st_size > 1:
        damage(states[0], seed)

    with suppress(InputError, OSError), claimed(work, force=True):
        pass

    now = held(work)
    assert {name: now.get(name) for name in MINE} == MINE
    assert {name: text for name, text in now.items() if name not in MINE} in (OLD, NEW)


def test_the_folder_keeps_its_rights_and_other_files_stay_the_same_files(run: Path) -> None:
    run.chmod(0o750)
    (run / "more").chmod(0o700)
    inode = (run / "more/deep/list.csv").stat().st_ino

    write_new(run)

    assert held(run) == {**NEW, **MINE}
    assert run.stat().st_mode & 0o777 == 0o750
    assert (run / "more").stat().st_mode & 0o777 == 0o700
    assert (run / "link").is_symlink()
    assert (run / "more/deep/list.csv").stat().st_ino == inode
    assert (run / "more/deep/list.csv").stat().st_nlink == 1


def test_what_comes_into_the_folder_in_its_last_moments_is_kept(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = replacing._exchange

    def late(made: Path, folder: Path) -> None:
        (folder / "late.txt").write_text("mine")
        (folder / "late").mkdir()
        (folder / "late/too.txt").write_text("mine")
        exchange(made, folder)

    monkeypatch.setattr(replacing, "_exchange", late)
    write_new(run)

    assert held(run) == {**NEW, **MINE, "late.txt": "mine", "late/too.txt": "mine"}
    assert names_in(run.parent) == ["run"]


def test_what_changes_in_the_folder_in_its_last_moments_is_kept_and_told(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = replacing._exchange

    def late(made: Path, folder: Path) -> None:
        (folder / "notes.txt").unlink()
        (folder / "notes.txt").write_text("changed")
        exchange(made, folder)

    monkeypatch.setattr(replacing, "_exchange", late)
    with pytest.warns(UserWarning, match="new holds files that came into the folder while its results were replaced"):
        write_new(run)

    [hidden] = run.parent.glob(".run.dialer-*.part")
    assert held(hidden / "new") == {"notes.txt": "changed"}
    assert held(run) == {**NEW, **MINE}


def test_a_folder_whose_files_cannot_be_linked_is_replaced_file_by_file(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", cannot)
    inode = run.stat().st_ino
    write_new(run)

    assert run.stat().st_ino == inode
    assert held(run) == {**NEW, **MINE}
    assert names_in(run.parent) == ["run"]


def test_of_two_at_once_one_wins_and_the_other_is_refused(tmp_path: Path) -> None:
    for pair in range(20):
        folder, wrote = tmp_path / f"run {pair}", list[str]()
        both, refused = threading.Barrier(2), threading.Event()

        def play(
            run: str,
            folder: Path = folder,
            wrote: list[str] = wrote,
            both: threading.Barrier = both,
            refused: threading.Event = refused,
        ) -> None:
            both.wait()
            try:
                with claimed(folder, force=True):
                    write_folder(folder, files_of(run), force=True)
                    wrote.append(run)
                    assert refused.wait(60)
            except InputError:
                refused.set()

        threads = [threading.Thread(target=play, args=(run,)) for run in ("one", "other")]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert set(held(folder).values()) == set(wrote)
        assert len(wrote) == 1
    assert not list(tmp_path.glob(".*"))
