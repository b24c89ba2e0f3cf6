"""The folder of a run's results: all its files are written, or none."""

import errno
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from engine.outputs import OutputError, inputs_among
from engine.reading.faults import Fault, InputError
from engine.results.lock import LOCK_NAME
from engine.results.replacing import NEW, Names, is_hidden, put, settle
from engine.writing import claim, flush, hidden_left, hidden_name, short_name, warn_of_left

CALLS_NAME, REPORT_NAME = "calls.parquet", "report.html"
LAST_FILES = ("summary.json", "comparison.json", "sizing.json", LOCK_NAME)
"""A folder with one of these is complete: where files must be replaced one by one, these go first and come last."""
OWN_FILES = (
    *("numbers.parquet", "timeline.parquet", CALLS_NAME, "waiting.parquet", "faulty.ndjson", "summary.xlsx"),
    *("variants.csv", "replications.parquet", REPORT_NAME),
    *LAST_FILES,
)
"""Every name that a command may give to a file; files with other names are the user's and are left alone."""
_NAMES = Names(OWN_FILES, LAST_FILES)
_LOCK = ".dialer-lock"
"""How the name of a lock ends: it is that of the folder, and it stands where hidden names do."""
_NEW_OR_FORCED = "a new or empty folder, or --force (force=True in Python) to replace the results in it"
_HELD: ContextVar[frozenset[Path]] = ContextVar("folders that this run holds", default=frozenset())

Writer = Callable[[Path], object]
"""Writes one file under the name that it is given."""


def text_file(text: str) -> Writer:
    """A writer of a text as UTF-8."""
    return lambda file: file.write_bytes(text.encode())


def table_file(write: Callable[[BinaryIO], object]) -> Writer:
    """A writer of what polars writes into an open file, for it knows no path that is not UTF-8."""

    def write_file(file: Path) -> None:
        with file.open("wb") as opened:
            write(opened)

    return write_file


@contextmanager
def claimed(folder: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> Iterator[None]:
    """Hold a folder for the results of one run, from before the run until they are written.

    What a killed run left beside the folder is brought to its end first, with a warning. Raises InputError if the
    folder has files and `force` is not given, if it is not a folder, or if another run holds it; OutputError if results
    would replace one of `inputs`, the files that are read; OSError if it cannot be made.
    """
    with _held(folder):
        with _naming(folder):
            _refuse_if(not force and _holds_files(_resolved(folder)), folder, "a folder that is not empty")
        check_inputs(folder, inputs)
        yield


def check_inputs(folder: Path, inputs: Iterable[Path]) -> None:
    """Raise OutputError if results in a folder would replace one of the files that are read."""
    resolved = _resolved(folder)
    if taken := inputs_among([resolved / name for name in OWN_FILES], inputs):
        names = " and ".join(file.name for file in taken)
        raise OutputError([Fault((), f"a folder whose {names} the same command reads", "another folder", str(folder))])


@contextmanager
def begun_file(folder: Path, name: str) -> Iterator[Path]:
    """A file for the results of a folder that is claimed, to be written before the others and moved to them.

    What has not been moved in the end is removed; what a killed process leaves, the next run into the folder removes.
    """
    with _held(folder):
        resolved = _resolved(folder)
        with _naming(folder):
            hidden = hidden_name(resolved, _place_of_hidden(resolved))
        try:
            try:
                with _naming(folder):
                    (hidden / NEW).mkdir(parents=True)
                yield hidden / NEW / name
            except OSError as error:
                if error.filename != str(hidden / NEW / name):
                    raise
                with _naming(folder):
                    raise
            finally:
                _settle(hidden, resolved)
        except KeyboardInterrupt:
            _settle(hidden, resolved)  # polars raises an interrupt, and Python raises it again: perhaps amid the first
            raise


def write_folder(
    folder: Path, files: Mapping[str, Writer], *, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Write all the files, or none; their names are from OWN_FILES.

    They are written into a hidden folder beside `folder`, which takes its name when everything is on the disk. If
    `folder` is there already, files of other names in it stay, and those of OWN_FILES that are not written now are
    removed; a kill at any moment leaves the older folder or the new one, whole. Raises InputError if there are files of
    OWN_FILES and `force` is not given, or if another run holds the folder, OutputError if one of `inputs` would be
    replaced, and OSError if something cannot be written; then nothing is left behind.
    """
    check_inputs(folder, inputs)
    with _held(folder), _naming(folder):
        resolved = _resolved(folder)
        own = [name for name in OWN_FILES if (folder / name).exists()]
        _refuse_if(bool(own) and not force, folder, f"results of an earlier run ({', '.join(own)})")
        hidden = hidden_name(resolved, _place_of_hidden(resolved))
        try:
            try:
                _write(hidden, files)
                put(hidden, resolved, _NAMES)
            finally:
                _settle(hidden, resolved)
        except KeyboardInterrupt:
            _settle(hidden, resolved)  # polars raises an interrupt, and Python raises it again: perhaps amid the first
            raise


def _write(hidden: Path, files: Mapping[str, Writer]) -> None:
    made = hidden / NEW
    made.mkdir(parents=True)
    for name, write_file in files.items():
        write_file(made / name)
        flush(made / name)
    flush(made)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder, unless this run does already."""
    with ExitStack() as stack:
        with _naming(folder):
            resolved = _resolved(folder)
            if resolved not in _HELD.get():
                _check_is_folder(folder)
                lock = _place_of_hidden(resolved) / f".{short_name(resolved)}{_LOCK}"
                if not stack.enter_context(claim(lock)):
                    allowed = "another folder, or this one when that run has ended"
                    raise InputError([Fault((), "a folder that another run holds", allowed, str(folder))])
                if resolved.exists() and not os.access(resolved, os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
                stack.callback(_HELD.reset, _HELD.set(_HELD.get() | {resolved}))
                _settle_left(resolved)
        yield


def _resolved(folder: Path) -> Path:
    """Where a folder is, or would be made; a symbolic link that leads to itself stays one."""
    return Path(os.path.realpath(folder))


def _check_is_folder(folder: Path) -> None:
    _refuse_if(_resolved(folder).is_symlink(), folder, "a symbolic link that leads to itself")
    if folder.exists():
        _refuse_if(not folder.is_dir(), folder, "a file", "a new or empty folder")
        strangers = [name for name in OWN_FILES if (folder / name).is_dir()]
        found = f"a folder that contains a folder {' and '.join(strangers)}"
        _refuse_if(bool(strangers), folder, found, "another folder, or this one without that in it")


def _refuse_if(refused: bool, folder: Path, found: str, allowed: str = _NEW_OR_FORCED) -> None:
    if refused:
        raise InputError([Fault((), found, allowed, str(folder))])


def _place_of_hidden(folder: Path) -> Path:
    """Where hidden names stand: beside the folder, on its own file system; in it if only that can be written."""
    inside = folder.is_mount() or (folder.exists() and not os.access(folder.parent, os.W_OK | os.X_OK))
    return folder if inside else folder.parent


def _holds_files(folder: Path) -> bool:
    return folder.exists() and any(file.name != f".{short_name(folder)}{_LOCK}" for file in folder.iterdir())


def _settle_left(folder: Path) -> None:
    """Bring to its end what killed runs left, and warn that they did; we hold the folder, so nobody is at it."""
    for hidden in hidden_left(folder, _place_of_hidden(folder)):
        if is_hidden(hidden) and _settle(hidden, folder):
            warn_of_left(folder, hidden)


def _settle(hidden: Path, folder: Path) -> bool:
    settled = settle(hidden, folder, _NAMES)
    if not settled:
        what = "files that came into the folder while its results were replaced; look at them and remove it"
        warnings.warn(f"{hidden / NEW} holds {what}", stacklevel=2)
    return settled


@contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """Report any failure to write as an OSError that names the folder, and not hidden files in it."""
    from polars.exceptions import ComputeError

    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"results cannot be written ({error.strerror or error})", str(folder)) from None
    except ComputeError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))  # polars wraps the error of the operating system
        if number is None and "transport error" in str(error):  # amid the end of a file it keeps no number
            reason = "the end of a table found no place; the disk is full, perhaps"
            raise OSError(errno.EIO, f"results cannot be written ({reason})", str(folder)) from None
        if number is None:
            raise
        reason = os.strerror(int(number[1]))
        raise OSError(int(number[1]), f"results cannot be written ({reason})", str(folder)) from None
