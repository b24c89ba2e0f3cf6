"""The folder of a run's results: its files appear in it whole, or not at all."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from polars.exceptions import ComputeError

from engine.reading.faults import Fault, InputError
from engine.results.lock import LOCK_NAME
from engine.writing import flush

REPORT_NAME = "report.html"
LAST_FILES = ("summary.json", "comparison.json", "sizing.json", LOCK_NAME)
"""A folder that holds one of these is complete: where files are replaced one by one, they go first and come last."""
OWN_FILES = (
    *("numbers.parquet", "timeline.parquet", "calls.parquet", "faulty.ndjson"),
    *("variants.csv", "replications.parquet", REPORT_NAME),
    *LAST_FILES,
)
"""Every name that a command may give to a file; files of other names are nobody's business but the user's."""

Writer = Callable[[Path], object]
"""Writes one file under the name that it is given."""


def text_file(text: str) -> Writer:
    """Writes a text as UTF-8."""
    return lambda file: file.write_bytes(text.encode())


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Find out before a run whether its results can be written.

    Raises InputError if the folder has files in it and `force` is not given, or is none; OSError if it cannot be made.
    """
    with _telling(folder):
        if folder.exists():
            _refuse_if(not folder.is_dir(), folder, "a file")
            strangers = [name for name in OWN_FILES if (folder / name).is_dir()]
            _refuse_if(bool(strangers), folder, f"a folder with a folder {' and '.join(strangers)} in it")
            _refuse_if(not force and _holds_files(folder.resolve()), folder, "a folder that is not empty")
        _with_hidden(folder.resolve(), lambda _: None)


def write_folder(folder: Path, files: Mapping[str, Writer], *, force: bool = False) -> None:
    """Write the files, whose names are of OWN_FILES, and nothing else of these names: all of them, or none.

    They are written into a hidden folder beside `folder` that is renamed when everything is on the disk. Where there
    is a folder already, foreign files in it stay; files of ours are replaced one by one, LAST_FILES gone first and
    put last, and those that are not written are removed. Raises InputError if there are files of ours and `force` is
    not given, and OSError if something cannot be written; then nothing is left behind.
    """

    def write(hidden: Path) -> None:
        for name, write_file in files.items():
            write_file(hidden / name)
            flush(hidden / name)
        flush(hidden)
        _put(hidden, folder.resolve())

    with _telling(folder):
        own = [name for name in OWN_FILES if (folder / name).exists()]
        _refuse_if(bool(own) and not force, folder, f"results of an earlier run ({', '.join(own)})")
        _with_hidden(folder.resolve(), write)


def _refuse_if(refused: bool, folder: Path, found: str) -> None:
    if refused:
        allowed = "a new or empty folder, or --force (force=True in Python) to replace the results in it"
        raise InputError([Fault((), found, allowed, str(folder))])


def _hidden(folder: Path) -> Path:
    """Where the files are made: on the folder's own file system."""
    return (folder if folder.is_mount() else folder.parent) / f".{folder.name}.part"


def _holds_files(folder: Path) -> bool:
    return any(file != _hidden(folder) for file in folder.iterdir())


def _with_hidden(folder: Path, work: Writer) -> None:
    """Make the hidden folder, and those that lead to it, for some work; nothing is left of it before and after."""
    hidden = _hidden(folder)
    missing = [parent for parent in hidden.parents if not parent.exists()]

    def clear() -> None:
        if hidden.exists():
            shutil.rmtree(hidden)
        for parent in missing:
            with suppress(OSError):  # it was not made, or holds the results
                parent.rmdir()

    try:
        try:
            clear()
            hidden.mkdir(parents=True)
            work(hidden)
        finally:
            clear()
    except KeyboardInterrupt:
        clear()  # polars raises an interrupt, and Python does once more: the second may have come amid the clearing
        raise


def _put(hidden: Path, folder: Path) -> None:
    """Give the files their place: with one rename where nothing is yet, else one by one."""
    if not folder.exists():
        hidden.rename(folder)
        flush(folder.parent)
    elif _holds_files(folder) or folder.is_mount() or folder.samefile(Path()):
        _replace_files(hidden, folder)
    else:
        shutil.copymode(folder, hidden)
        hidden.rename(folder)
        flush(folder.parent)


def _replace_files(hidden: Path, folder: Path) -> None:
    for name in LAST_FILES:
        (folder / name).unlink(missing_ok=True)
    for name in OWN_FILES:
        if (hidden / name).exists():
            (hidden / name).replace(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    flush(folder)


@contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """Any failure to write as an OSError of the folder itself, and not of hidden files in it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"no results can be written ({error.strerror or error})", str(folder)) from None
    except ComputeError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))  # polars wraps what the machine said
        if number is None:
            raise
        reason = os.strerror(int(number[1]))
        raise OSError(int(number[1]), f"no results can be written ({reason})", str(folder)) from None
