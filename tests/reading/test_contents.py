"""The contents of files and of standard input, and how much of them is read."""

import contextvars
import gzip
import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from engine.progress import Step
from engine.reading.contents import (
    BLOCK,
    MEGABYTE,
    MOST_TIMES,
    SURELY_NO_BOMB,
    check_workbook,
    first_bytes,
    lift_most_input,
    open_regular,
    stored_bytes,
    uncompressed,
)
from engine.reading.faults import InputError

ROOT = Path(__file__).parents[2]
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs pipes with names")
T = TypeVar("T")


def with_most(most: int, read: Callable[[], T]) -> T:
    """What is read while so many bytes are allowed."""

    def lifted() -> T:
        lift_most_input(most)
        return read()

    return contextvars.copy_context().run(lifted)


@pytest.fixture(params=["a pipe", "a device", "a socket", "a link to a pipe"])
def endless(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Something that gives nothing, or never ends."""
    file = tmp_path / "endless.csv"
    match request.param:
        case "a pipe":
            os.mkfifo(file)
        case "a device":
            file.symlink_to("/dev/zero")
        case "a socket":
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(str(file))
        case "a link to a pipe":
            os.mkfifo(tmp_path / "pipe")
            file.symlink_to(tmp_path / "pipe")
    return file


@unix
def test_what_is_not_a_regular_file_is_refused_at_once(endless: Path) -> None:
    with pytest.raises(InputError, match="not a regular file; - reads standard input"):
        stored_bytes(endless, "the list")
    with pytest.raises(OSError, match="not a regular file"):
        first_bytes(endless)
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(endless)


@unix
@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("run",),
        ("compare",),
        ("size",),
        ("fit",),
        ("run", "scenarios/api_example.yaml", "--resume"),
        ("windows", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z", "--policy"),
        ("serve", "--port", "0", "--scenario"),
    ],
)
def test_no_command_waits_for_a_pipe_that_nobody_writes(arguments: tuple[str, ...], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "engine.cli", *arguments, str(pipe)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"{pipe}: found no readable file (not a regular file; - reads standard input)" in done.stderr


def test_a_folder_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        stored_bytes(tmp_path, "the list")


def test_a_file_above_the_bound_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.touch()
    os.truncate(file, 1 << 42)  # no memory holds it

    with pytest.raises(InputError, match=r"4,398.0 GB; allowed: (at most 4\.3 GB; dialer --most-input|what fits)"):
        stored_bytes(file, "the list")


def test_a_file_at_the_bound_is_read(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(b"12345")

    assert with_most(5, lambda: stored_bytes(file, "the list")) == b"12345"
    with pytest.raises(InputError, match="at most 0 MB; dialer --most-input GIB … lifts this"):
        with_most(4, lambda: stored_bytes(file, "the list"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/zero")
def test_standard_input_without_an_end_is_refused_at_the_bound() -> None:
    code = (
        "from pathlib import Path; from engine.reading.contents import lift_most_input, stored_bytes\n"
        "lift_most_input(50_000_000); steps = []\n"
        "try: stored_bytes(Path('-'), 'standard input', steps.append)\n"
        "except ValueError as error: print(error, *[step.done for step in steps], sep='; ')"
    )
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, stdin=endless, capture_output=True, text=True, check=True
        )

    found, allowed, lifts, *steps = done.stdout.strip().split("; ")
    assert (found, allowed) == ("standard input: found more than 50 MB", "allowed: at most 50 MB")
    assert lifts == "dialer --most-input GIB … lifts this"
    assert [int(step) for step in steps] == [2 * BLOCK // MEGABYTE]


def test_a_long_input_tells_how_much_of_it_is_read() -> None:
    command = (
        "from pathlib import Path; from engine.reading.contents import stored_bytes; steps = []\n"
        "assert len(stored_bytes(Path('-'), 'it', steps.append)) == 40_000_000; print(steps)"
    )
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, input=bytes(40_000_000), capture_output=True)

    assert done.stdout.decode().strip() == str([Step("reading it", done, None, "MB") for done in (33, 40)])


def test_a_bomb_is_unpacked_no_further_than_the_bound() -> None:
    member = gzip.compress(bytes(1 << 25))
    bomb = member * 32

    with pytest.raises(InputError, match=f"expand to more than 134 MB; allowed: at most {MOST_TIMES} times"):
        uncompressed(bomb, "the list")
    assert SURELY_NO_BOMB // MEGABYTE == 134


def test_the_option_lifts_how_far_a_file_expands() -> None:
    bomb = gzip.compress(bytes(1 << 25)) * 10

    assert len(with_most(8 << 30, lambda: uncompressed(bomb, "the list"))) == 10 << 25
    with pytest.raises(InputError, match="expand to more than 101 MB; allowed: at most 101 MB; dialer --most-input"):
        with_most(101 * MEGABYTE, lambda: uncompressed(bomb, "the list"))


def archive(*sizes: int) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as written:
        for index, size in enumerate(sizes):
            written.writestr(zipfile.ZipInfo(f"{index}.xml"), bytes(size), zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def test_a_workbook_that_expands_too_far_is_refused_before_it_is_read() -> None:
    check_workbook(archive(1 << 20), "the list")
    with pytest.raises(InputError, match="expand to more than 134 MB; allowed: at most 100 times the compressed size"):
        check_workbook(archive(1 << 26, (1 << 26) + 1), "the list")


@pytest.mark.parametrize("told", [0, 9_999, 10_001])
def test_an_archive_whose_directory_says_other_sizes_is_damaged(told: int) -> None:
    lying = archive(10_000).replace((10_000).to_bytes(4, "little"), told.to_bytes(4, "little"))

    with pytest.raises(InputError, match="found an archive that is damaged"):
        check_workbook(lying, "the list")


@pytest.mark.parametrize("data", [b"", b"PK\3\4", archive(100)[:-30], bytes(100)])
def test_an_archive_that_is_damaged_is_left_to_its_reader(data: bytes) -> None:
    check_workbook(data, "the list")
