"""A file is written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.writing import claim, hidden_name, remove_left_files, whole_file, write_text
from tests.killing import every_moment


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("before")

    with whole_file(file) as written:
        written.write(b"after")
        assert file.read_text() == "before"

    assert file.read_bytes() == b"after"
    assert names_in(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [ValueError("no text"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path, error: BaseException) -> None:
    file = tmp_path / "a.json"
    file.write_text("before")

    def write_half() -> None:
        with whole_file(file) as written:
            written.write(b"half of")
            raise error

    with pytest.raises(type(error)):
        write_half()

    assert file.read_text() == "before"
    assert names_in(tmp_path) == ["a.json"]


def test_an_error_names_the_file_and_not_the_hidden_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        write_text(tmp_path / "none/a.txt", "")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as folder:
        write_text(tmp_path / "folder", "")

    assert missing.value.filename == str(tmp_path / "none/a.txt")
    assert folder.value.filename == str(tmp_path / "folder")
    assert names_in(tmp_path) == ["folder"]


def test_a_text_is_written_as_utf_8_with_its_own_ends_of_lines(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "é\r\n\n")

    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa9\r\n\n"


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(tmp_path: Path) -> None:
    killed = (
        "import os, pathlib, signal, sys\n"
        "from engine.writing import whole_file\n"
        "with whole_file(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'a long half of'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path / "a.txt")], check=False)
    assert done.returncode == -signal.SIGKILL
    left = names_in(tmp_path)
    assert "a.txt" not in left

    with whole_file(tmp_path / "a.txt") as written:
        removed = remove_left_files(tmp_path / "a.txt")
        written.write(b"whole")

    assert [file.name for file in removed] == left
    assert (tmp_path / "a.txt").read_text() == "whole"
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("before", ["before", None])
def test_a_kill_at_any_moment_leaves_the_older_file_or_the_new_one_whole(tmp_path: Path, before: str | None) -> None:
    file, seen = tmp_path / "a.txt", set()

    def put_before() -> None:
        file.unlink(missing_ok=True)
        if before is not None:
            file.write_text(before)

    put_before()
    for moment in every_moment(tmp_path, lambda: write_text(file, "after" * 10_000)):
        seen.add(file.read_text() if file.exists() else None)
        remove_left_files(file)
        assert names_in(tmp_path) == ["a.txt"] * file.exists(), moment
        put_before()

    assert seen <= {before, "after" * 10_000}
    assert before in seen
    assert file.read_text() == "after" * 10_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_with_a_name_of_ours_is_neither_waited_for_nor_removed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".a.txt.dialer-01234567.part")

    assert remove_left_files(tmp_path / "a.txt") == []
    assert len(names_in(tmp_path)) == 1


def test_hidden_files_of_other_names_are_not_ours(tmp_path: Path) -> None:
    for name in (".a.txt.part", ".a.txt.dialer-0123456.part", ".b.txt.dialer-01234567.part"):
        (tmp_path / name).write_text("mine")

    write_text(tmp_path / "a.txt", "whole")
    removed = remove_left_files(tmp_path / "a.txt")

    assert removed == []
    assert len(names_in(tmp_path)) == 4


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a.txt")

    write_text(tmp_path / "link", "whole")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_one_at_a_time_holds_a_lock_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    lock = tmp_path / "a/b/.lock"

    with claim(lock) as first:
        with claim(lock) as second:
            assert (first, second) == (True, False)
        assert lock.exists()
        with claim(lock) as third:
            assert not third

    assert names_in(tmp_path) == []


def test_a_lock_that_a_killed_process_left_holds_nobody_up(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    killed = (
        "import os, pathlib, signal, sys\n"
        "from engine.writing import claim\n"
        "with claim(pathlib.Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(lock)], check=False)
    assert lock.exists()

    with claim(lock) as free:
        assert free

    assert names_in(tmp_path) == []


def test_a_file_with_the_name_of_a_lock_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("mine")

    with pytest.raises(FileExistsError, match=r"\.lock beside it is not a lock of ours"), claim(tmp_path / ".lock"):
        pass

    assert (tmp_path / ".lock").read_text() == "mine"


def test_two_that_write_the_same_file_at_once_do_not_meet(tmp_path: Path) -> None:
    file = tmp_path / "a.json"

    with whole_file(file) as one:
        with whole_file(file) as other:
            other.write(b"the same run")
        one.write(b"the same run")

    assert file.read_bytes() == b"the same run"
    assert names_in(tmp_path) == ["a.json"]


def test_the_rights_of_an_older_file_stay(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch(mode=0o600)

    write_text(tmp_path / "a.txt", "new")

    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127, "n" * 220, "n" * 221])
def test_a_file_may_have_the_longest_name_that_there_is(tmp_path: Path, name: str) -> None:
    left = hidden_name(tmp_path / name, tmp_path)
    left.touch()

    write_text(tmp_path / name, "whole")

    assert (tmp_path / name).read_text() == "whole"
    assert remove_left_files(tmp_path / f"{name[:-1]}x") == []
    assert remove_left_files(tmp_path / name) == [left]
    assert [each.name for each in tmp_path.iterdir()] == [name]
