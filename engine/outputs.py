"""What a command may write: no file that it reads, and no file of someone else."""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.reading.contents import ANY_FILE
from engine.reading.faults import Fault, InputError
from engine.writing import remove_left_files, warn_of_left

FIRST_BYTES = 512
"""So many bytes of a file are looked at to tell whose it is."""
_READ_TOO = "a file that the same command reads"


class OutputError(InputError):
    """Outputs that may not be written, whatever is forced: nothing is written then."""


class Output(NamedTuple):
    """A file that a command is to write."""

    option: str
    file: Path
    is_ours: Callable[[Path], bool] = lambda _: False
    """Whether the option made a file that is there: it is replaced then, also if that is not forced."""
    instead: str = "another file"
    """What to name where the file is one that is read."""


def check_outputs(outputs: Sequence[Output], inputs: Iterable[Path], *, force: bool = False) -> None:
    """Find out whether files may be written: OutputError with a fault for each that may not.

    No output may be one of `inputs`, the files that the command reads, whatever path leads to it; no two may be the
    same file. A file that is there and was not made by the option is kept unless `force` is given. What killed
    processes left of these files is removed, with a warning.
    """
    read = [*inputs]
    faults = [
        fault for number, output in enumerate(outputs) for fault in _faults(output, outputs[:number], read, force)
    ]
    if faults:
        raise OutputError(faults)
    for output in outputs:
        clear_left(output.file)


def clear_left(file: Path) -> None:
    """Remove what killed processes left of a file that they were writing, with a warning."""
    for left in remove_left_files(file):
        warn_of_left(file, left)


def refuse_inputs(outputs: Iterable[Output], inputs: Iterable[Path]) -> None:
    """Raise OutputError if an output is one of `inputs`: for files of which a command knows only once it has read.

    ANY_FILE among them may be any file that is there, but for those that the option made.
    """
    read = [*inputs]
    faults = []
    for each in outputs:
        if inputs_among([each.file], read):
            faults.append(_fault(each, _READ_TOO, each.instead))
        elif ANY_FILE in read and each.file.exists() and not each.is_ours(each.file):
            faults.append(_fault(each, "a file that an input may name, which cannot be read", "a new file"))
    if faults:
        raise OutputError(faults)


def inputs_among(files: Iterable[Path], inputs: Iterable[Path]) -> list[Path]:
    """The files that are inputs, whatever path leads to them: a link, a hard link, another spelling."""
    read = {_identity(file) for file in inputs if file != ANY_FILE} - {None}
    return [file for file in files if _identity(file) in read]


def begins_as(file: Path, form: bytes) -> bool:
    """Whether a file begins as a regular expression says, or is empty: then nothing is lost with it."""
    try:
        with file.open("rb") as opened:
            first = opened.read(FIRST_BYTES)
    except OSError:
        return False
    return not first or re.match(form, first) is not None


def _faults(output: Output, others: Sequence[Output], inputs: list[Path], force: bool) -> Iterable[Fault]:
    if reason := _unfit(output.file):
        yield _fault(output, f"a path that cannot be a file ({reason})", "a file in a folder that exists")
    elif inputs_among([output.file], inputs):
        yield _fault(output, _READ_TOO, output.instead)
    elif same := next((other.option for other in others if inputs_among([output.file], [other.file])), None):
        yield _fault(output, f"the file of {same}", "another file")
    elif output.file.exists() and not force and not output.is_ours(output.file):
        yield _fault(output, "a file that exists already", "a new file, or --force to replace it")


def _fault(output: Output, found: str, allowed: str) -> Fault:
    return Fault((output.option,), found, allowed, str(output.file))


def _unfit(file: Path) -> str | None:
    """Why there can be no file of a path; None if there can."""
    try:
        if not Path(os.path.realpath(file)).parent.is_dir():
            return os.strerror(errno.ENOENT)
        mode = file.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror or str(error)
    if stat.S_ISREG(mode):
        return None
    return os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "it is a device or a pipe"


def _identity(file: Path) -> tuple[int, int] | str | None:
    """What is equal for two paths that lead to the same file, or would if it were there; None if no file can."""
    try:
        found = file.stat()
    except OSError:
        return os.path.realpath(file)
    except ValueError:
        return None
    return found.st_dev, found.st_ino
