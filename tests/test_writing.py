"""A file is written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.writing import whole_file, write_text


@pytest.fixture(params=[False, True], ids=["alone", "shared"])
def shared(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path, shared: bool) -> None:
    file = tmp_path / "a.json"
    file.write_text("before")

    with whole_file(file, shared=shared) as written:
        written.write(b"after")
        assert file.read_text() == "before"

    assert file.read_bytes() == b"after"
    assert names_in(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [ValueError("no text"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path, shared: bool, error: BaseException) -> None:
    file = tmp_path / "a.json"
    file.write_text("before")

    def write_half() -> None:
        with whole_file(file, shared=shared) as written:
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


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    killed = (
        "import os, pathlib, signal, sys\n"
        "from engine.writing import whole_file\n"
        "with whole_file(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'a long half of'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path / "a.txt")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert "a.txt" not in names_in(tmp_path)

    write_text(tmp_path / "a.txt", "whole")

    assert (tmp_path / "a.txt").read_text() == "whole"
    assert names_in(tmp_path) == ["a.txt"]


def test_two_processes_that_share_a_file_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"

    with whole_file(file, shared=True) as one:
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with whole_file(file, shared=True) as other:
            other.write(b"the same run")
        one.write(b"the same run")

    assert file.read_bytes() == b"the same run"
    assert names_in(tmp_path) == ["a.json"]
