"""A folder put in the place of an older one, whole or not at all, whatever moment a kill comes.

The new folder is made within a hidden one, `hidden/new`, and is whole before anything else changes. Files of the older
folder that are not ours are linked into it. Then the two folders exchange their names in one call of the system, and
the older one, which is `hidden/new` now, is taken apart. Where that is not possible (the folder is a mount point, or we
are in it, or the file system cannot), our files are moved into the older folder one by one.

`settle` brings a hidden folder to its end from any point on the way: the next run calls it for what a killed one left.
"""

import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.reading.contents import open_regular
from engine.writing import flush

NEW, STATE = "new", "state.json"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class Names(NamedTuple):
    """The names of files that are ours."""

    every: Sequence[str]
    """Every name that may be ours; files with other names stay."""
    last: Sequence[str]
    """Those that make a folder complete: when files are moved one by one, they go first and come last."""


class _State(msgspec.Struct, frozen=True):
    """What a hidden folder is there for, written when the new folder in it is whole."""

    made: int
    """The inode of the new folder: if `new` has another one, the folders were exchanged."""
    linked: tuple[int, ...] = ()
    """The inodes of the other files, linked into the new folder."""
    moved: tuple[str, ...] | None = None
    """The files that are to be moved one by one, if the folders cannot be exchanged."""


def put(hidden: Path, folder: Path, names: Names) -> None:
    """Put `hidden/new` in the place of `folder`; then `settle` must be called, also after an error. Raises OSError."""
    made = hidden / NEW
    if not os.path.lexists(folder):
        made.rename(folder)
        flush(folder.parent)
        return
    ours = tuple(each.name for each in made.iterdir())
    for name in ours:
        with suppress(OSError):  # the older folder has none
            shutil.copymode(folder / name, made / name)
    try:
        _check_exchangeable(folder, hidden)
        linked = tuple(_linked(folder, made, without=names.every))
        _copy_rights(folder, made)
        os.utime(made)
        flush(made)
        _write_state(hidden, _State(made.stat().st_ino, linked))
        _exchange(made, folder)
    except OSError:
        _write_state(hidden, _State(made.stat().st_ino, moved=ours))


def settle(hidden: Path, folder: Path, names: Names) -> bool:
    """Bring a hidden folder to its end and remove it: `folder` is the older one or the new one then, as a whole.

    False if it had to stay, since it holds files that are not ours and came into the older folder in its last moments,
    under names that the new one has, too. Raises OSError.
    """
    if not hidden.exists():
        return True
    for top, _, _ in os.walk(hidden):
        with suppress(OSError):  # what cannot be written cannot be taken apart
            Path(top).chmod(stat.S_IRWXU)
    made, state = hidden / NEW, _state(hidden)
    if state is not None and state.moved is not None and made.exists():
        _move(made, folder, state.moved, names)
        (hidden / STATE).unlink()
    elif state is not None and made.exists() and made.stat().st_ino != state.made:
        flush(folder.parent)
        if not _take_apart(made, folder, state.linked, names):
            return False
    shutil.rmtree(hidden)
    return True


def is_hidden(folder: Path) -> bool:
    """Whether a folder holds nothing but what hidden folders hold."""
    return folder.is_dir() and not folder.is_symlink() and {each.name for each in folder.iterdir()} <= {NEW, STATE}


def _check_exchangeable(folder: Path, hidden: Path) -> None:
    within = hidden.parent == folder or Path.cwd().is_relative_to(folder)
    if within or folder.is_mount():
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _linked(old: Path, new: Path, without: Sequence[str] = ()) -> Iterator[int]:
    """Link all files of a folder into another one, but those of some names; their inodes."""
    for each in sorted(old.iterdir()):
        if each.name in without:
            continue
        if each.is_dir() and not each.is_symlink():
            if each.is_mount():
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            (new / each.name).mkdir()
            yield from _linked(each, new / each.name)
            _copy_rights(each, new / each.name)
            flush(new / each.name)
        else:
            os.link(each, new / each.name, follow_symlinks=False)
            yield each.lstat().st_ino


def _copy_rights(old: Path, new: Path) -> None:
    """Give a folder the owner, the rights and the times of another one."""
    if hasattr(os, "chown"):
        os.chown(new, old.stat().st_uid, old.stat().st_gid)
    shutil.copystat(old, new)


def _exchange(one: Path, other: Path) -> None:
    """Exchange the names of two folders in one call, as only Linux can; OSError where it cannot."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):  # an older C library
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    flags = ctypes.c_uint(_RENAME_EXCHANGE)
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), flags):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _write_state(hidden: Path, state: _State) -> None:
    (hidden / STATE).write_bytes(msgspec.json.encode(state))
    flush(hidden / STATE)
    flush(hidden)


def _state(hidden: Path) -> _State | None:
    """What was written; None if it was not, or not to its end: then nothing has been exchanged or moved."""
    try:
        with open_regular(hidden / STATE) as file:
            return msgspec.json.decode(file.read(), type=_State)
    except (FileNotFoundError, UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return None


def _move(made: Path, folder: Path, moved: Sequence[str], names: Names) -> None:
    """Move files into the older folder one by one, and remove those of ours that are not replaced; also half done."""
    for name in names.last:
        if name not in moved or (made / name).exists():
            (folder / name).unlink(missing_ok=True)
    for name in names.every:
        if (made / name).exists():
            (made / name).replace(folder / name)
        elif name not in moved:
            (folder / name).unlink(missing_ok=True)
    flush(folder)


def _take_apart(old: Path, folder: Path, linked: Sequence[int], names: Names) -> bool:
    """Remove an older folder: our files, and those that the new one has; whether everything was removed.

    What came into it after it was linked is moved to the new one, unless that has a file of the name.
    """
    known = set(linked)
    for name in names.every:
        (old / name).unlink(missing_ok=True)
    for top, folders, files in os.walk(old, topdown=False):
        for name in (*folders, *files):
            each = Path(top, name)
            if each.is_dir() and not each.is_symlink():
                with suppress(OSError):  # something in it stays
                    each.rmdir()
            elif each.lstat().st_ino in known:
                each.unlink()
            elif not os.path.lexists(target := folder / each.relative_to(old)):
                target.parent.mkdir(parents=True, exist_ok=True)
                each.rename(target)
    with suppress(OSError):
        old.rmdir()
    return not old.exists()
