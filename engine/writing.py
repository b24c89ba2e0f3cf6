"""Files written whole or not at all."""

import errno
import os
import re
import shutil
import stat
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe is opened at once, too
_LONGEST_NAME = 220
"""A name of so many bytes can stand within the name of a hidden file."""
_TRIES = 1_000
"""How often a lock is tried to be made while others remove it."""


@contextmanager
def whole_file(file: Path) -> Iterator[BinaryIO]:
    """A file to write into, which gets the name `file`, in place of any older file, once it is whole and on the disk.

    Until then it has a hidden name of its own in the same folder, and it is removed if anything fails. Several
    processes and threads may write the same file at once: the last one wins. A symbolic link stays one, and the rights
    of an older file stay. What a killed process leaves is for `remove_left_files`. Raises OSError that names `file` if
    it cannot be written.
    """
    target = Path(os.path.realpath(file))
    beside = hidden_name(target, target.parent)
    try:
        with errors_naming(file):
            with beside.open("xb") as written:
                with suppress(OSError):  # where files cannot be held, nothing is taken for left
                    _hold(written.fileno())
                with suppress(OSError):  # there is no older one
                    shutil.copymode(target, beside)
                yield written
                written.flush()
                os.fsync(written.fileno())
            beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def errors_naming(file: Path) -> Iterator[None]:
    """Let every OSError name `file`."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(file)) from None


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


def hidden_name(path: Path, folder: Path) -> Path:
    """A name in `folder` that nobody else has, for what will be `path` once it is whole."""
    return folder / f".{short_name(path)}.dialer-{token_hex(4)}.part"


def short_name(path: Path) -> str:
    """The name of a path, or one in place of it that has room for more: no file's name is longer than 255 bytes."""
    name = os.fsencode(path.name)
    if len(name) <= _LONGEST_NAME:
        return path.name
    return f"{name[: _LONGEST_NAME - 32].decode('utf-8', 'ignore')}~{blake2b(name, digest_size=8).hexdigest()}"


def hidden_left(path: Path, folder: Path) -> list[Path]:
    """What is in `folder` under names of `hidden_name` for `path`."""
    form = re.compile(rf"\.{re.escape(short_name(path))}\.dialer-[0-9a-f]{{8}}\.part")
    return sorted(each for each in folder.iterdir() if form.fullmatch(each.name))


def warn_of_left(path: Path, left: Path) -> None:
    """Tell that a killed process left something of what it was writing, and that it is gone."""
    warnings.warn(f"{path}: a run that was killed left {left.name}, which is removed now", stacklevel=3)


def remove_left_files(file: Path) -> list[Path]:
    """Remove what killed processes left of a file that they were writing, and say what it was.

    What a process is still writing stays, and so does what cannot be removed.
    """
    target, removed = Path(os.path.realpath(file)), []
    for each in hidden_left(target, target.parent):
        with suppress(OSError):
            descriptor = os.open(each, _READ)
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    _hold(descriptor)
                    each.unlink()
                    removed.append(each)
            finally:
                os.close(descriptor)
    return removed


@contextmanager
def claim(lock: Path) -> Iterator[bool]:
    """Hold a lock file, which is made for it and removed in the end; False if another process or thread holds it.

    The system lets go of it when a process ends, however it ends: the empty file that a killed process leaves holds
    nobody up. Missing folders on the way to it are made, and removed if nothing is in them in the end. Raises OSError
    if it cannot be made, FileExistsError if a file of that name is not a lock.
    """
    missing = [folder for folder in lock.parents if not folder.exists()]
    try:
        descriptor, free = _held(lock)
        try:
            yield free
        finally:
            if free:
                with suppress(OSError):
                    lock.unlink()
            os.close(descriptor)
    finally:
        for folder in missing:
            with suppress(OSError):  # it was not made, or it holds something
                folder.rmdir()


def _held(lock: Path) -> tuple[int, bool]:
    """The lock file, open, and whether we hold it.

    Who held it before may have removed it, or folders on the way to it, at any moment.
    """
    for _ in range(_TRIES):
        try:
            with suppress(FileExistsError):  # a file is in the way: opening says so
                lock.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock, _READ | os.O_CREAT, 0o666)
        except FileNotFoundError:
            continue
        try:
            free = _is_free(descriptor, lock)
            if not free or (lock.exists() and os.path.samestat(os.fstat(descriptor), lock.stat())):
                return descriptor, free
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _is_free(descriptor: int, lock: Path) -> bool:
    """Whether nobody else holds an open lock; from then on we do. FileExistsError if it is not a lock."""
    found = os.fstat(descriptor)
    if found.st_size or not stat.S_ISREG(found.st_mode):
        raise FileExistsError(errno.EEXIST, f"{lock.name} beside it is not a lock of ours; move it away")
    try:
        _hold(descriptor)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems hold nothing
        pass
    return True


def _hold(descriptor: int) -> None:
    """Hold an open file until it is closed; BlockingIOError if it is held, OSError where files cannot be held."""
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    else:  # noqa: RET506 (mypy skips what is behind a check of the platform, and nothing else)
        import fcntl  # Windows has none

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
