"""The folder of a run's results: all its files are written, or none."""

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
"""A folder with one of these is complete: when files are replaced one by one, these go first and come last."""
OWN_FILES = (
    *("numbers.parquet", "timeline.parquet", "calls.parquet", "faulty.ndjson", "summary.xlsx"),
    *("variants.csv", "replications.parquet", REPORT_NAME),
    *LAST_FILES,
)
"""Every name that a command may give to a file; files with other names are the user's and are left alone."""

Writer = Callable[[Path], object]
"""Writes one file under the name that it is given."""


def text_file(text: str) -> Writer:
    """A writer of a text as UTF-8."""
    return lambda file: file.write_bytes(text.encode())


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Find out before a run whether its results can be written.

    Raises InputError if the folder has files and `force` is not given, or if it is not a folder; OSError if it cannot
    be made.
    """
    with _naming(folder):
        if folder.exists():
            _refuse_if(not folder.is_dir(), folder, "a file")
            strangers = [name for name in OWN_FILES if (folder / name).is_dir()]
            _refuse_if(bool(strangers), folder, f"a folder that contains a folder {' and '.join(strangers)}")
            _refuse_if(not force and _holds_files(folder.resolve()), folder, "a folder that is not empty")
        _with_hidden(folder.resolve(), lambda _: None)


def write_folder(folder: Path, files: Mapping[str, Writer], *, force: bool = False) -> None:
    """Write all the files, or none; their names are from OWN_FILES.

    They are written into a hidden folder beside `folder`, which is renamed when everything is on the disk. If `folder`
    is there already, files of other names in it stay. Files of OWN_FILES are replaced one by one, and those that are
    not written now are removed; LAST_FILES go first and come last. Raises InputError if there are files of OWN_FILES
    and `force` is not given, and OSError if something cannot be written; then nothing is left behind.
    """

    def write(hidden: Path) -> None:
        for name, write_file in files.items():
            write_file(hidden / name)
            flush(hidden / name)
        flush(hidden)
        _put(hidden, folder.resolve())

    with _naming(folder):
        own = [name for name in OWN_FILES if (folder / name).exists()]
        _refuse_if(bool(own) and not force, folder, f"results of an earlier run ({', '.join(own)})")
        _with_hidden(folder.resolve(), write)


def _refuse_if(refused: bool, folder: Path, found: str) -> None:
    if refused:
        allowed = "a new or empty folder, or --force (force=True in Python) to replace the results in it"
        raise InputError([Fault((), found, allowed, str(folder))])


def _hidden(folder: Path) -> Path:
    """The hidden folder in which files are made, on the folder's own file system."""
    return (folder if folder.is_mount() else folder.parent) / f".{folder.name}.part"


def _holds_files(folder: Path) -> bool:
    return any(file != _hidden(folder) for file in folder.iterdir())


def _with_hidden(folder: Path, work: Writer) -> None:
    """Make the hidden folder, and its missing parents, for some work; remove what is left of it before and after."""
    hidden = _hidden(folder)
    missing = [parent for parent in hidden.parents if not parent.exists()]

    def clear() -> None:
        if hidden.exists():
            shutil.rmtree(hidden)
        for parent in missing:
            with suppress(OSError):  # it was not made, or it holds the results
                parent.rmdir()

    try:
        try:
            clear()
            hidden.mkdir(parents=True)
            work(hidden)
        finally:
            clear()
    except KeyboardInterrupt:
        clear()  # polars raises an interrupt, and Python raises it again: the second may come while this clears
        raise


def _put(hidden: Path, folder: Path) -> None:
    """Move the files to the folder: with one rename if nothing is there yet, else one by one."""
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
def _naming(folder: Path) -> Iterator[None]:
    """Report any failure to write as an OSError that names the folder, and not hidden files in it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"results cannot be written ({error.strerror or error})", str(folder)) from None
    except ComputeError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))  # polars wraps the error of the operating system
        if number is None:
            raise
        reason = os.strerror(int(number[1]))
        raise OSError(int(number[1]), f"results cannot be written ({reason})", str(folder)) from None
