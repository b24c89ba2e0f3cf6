"""Files written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import BinaryIO


@contextmanager
def whole_file(file: Path, *, shared: bool = False) -> Iterator[BinaryIO]:
    """A file to write into, which gets the name `file`, in place of any older file, once it is whole and on the disk.

    Until then it has a hidden name in the same folder, and it is removed if anything fails; what a killed process
    leaves is overwritten by the next one. With `shared`, several processes and threads may write the same file at once:
    each uses a hidden name of its own. Raises OSError that names `file` if it cannot be written.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.{get_ident()}.part" if shared else f".{file.name}.part")
    try:
        with beside.open("wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        beside.replace(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(file)) from None
    finally:
        beside.unlink(missing_ok=True)


def write_text(file: Path, text: str) -> None:
    """Write a text into a file as UTF-8, whole or not at all. Raises OSError if it cannot be written."""
    with whole_file(file) as written:
        written.write(text.encode())


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
