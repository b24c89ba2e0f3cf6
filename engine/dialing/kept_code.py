"""Kept code: the kernel's machine code on disk, behind checksums, so that what is damaged is compiled anew."""

import os
import pickle
import stat
import warnings
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numba.core import caching, serialize

from engine.reading.contents import open_regular

DIGEST_BYTES = 16
FilesOfNumba: Any = caching.IndexDataCacheFile
CacheOfNumba: Any = caching.FunctionCache
dumps: Any = serialize.dumps


class CheckedFiles(FilesOfNumba):  # type: ignore[misc]
    """The files in which numba keeps the code of a function: each begins with a hash of the rest.

    They are pickles, which can run code. So only those are read that belong to the user, or to root, and that not all
    may write; a checksum tells damage, and not malice.
    """

    def __init__(self, cache_path: str, filename_base: str, source_stamp: object) -> None:
        super().__init__(cache_path, f"{filename_base}.checked", source_stamp)

    def save(self, key: object, data: object) -> None:
        """Keep code under a key; where it cannot be written, that is told, and the run goes on."""
        try:
            super().save(key, data)
        except OSError as error:
            place = error.filename2 or error.filename or self._cache_path
            what = f"machine code cannot be kept ({error.strerror or error}), so it is compiled again next time"
            warnings.warn(f"{place}: {what}", stacklevel=2)

    def _load_index(self) -> dict[Any, str]:
        content = self._read(self._index_name)
        if content is None:
            return {}
        version, stamp, names = pickle.loads(content)  # noqa: S301 (checked, and the user's own)
        return names if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_name, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        content = self._read(name)
        if content is None:
            raise FileNotFoundError(name)  # the caller compiles, and saves in its place
        return pickle.loads(content)  # noqa: S301 (checked, and the user's own)

    def _save_data(self, name: str, data: object) -> None:
        self._write(name, data)

    def _write(self, name: str, value: object) -> None:
        content = dumps(value)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_checksum(content) + content)

    def _read(self, name: str) -> bytes | None:
        """What a file holds behind its checksum; None if there is none, or none that can be trusted."""
        path = Path(self._data_path(name))
        if not os.path.lexists(path):
            return None
        try:
            with open_regular(path) as file:
                content = file.read() if _is_the_users(file.fileno()) else b""
        except OSError:
            content = b""
        checksum, content = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if checksum == _checksum(content):
            return content
        what = "machine code that is damaged is compiled again, which takes a while"
        warnings.warn(f"{path.parent}: {what}", stacklevel=2)
        return None


class KeptCode(CacheOfNumba):  # type: ignore[misc]
    """Keeps the machine code of a function for the next process, as numba does, behind checksums.

    It is compiled anew when its source has changed, or one of `makers`, the other files of which it is made.
    Raises RuntimeError if neither the source's folder nor the user's cache can be written.
    """

    def __init__(self, function: Callable[..., Any], *makers: str) -> None:
        super().__init__(function)
        self.makers = makers
        made_by = [Path(maker).stat() for maker in makers]
        stamp = self._impl.locator.get_source_stamp(), *((each.st_mtime, each.st_size) for each in made_by)
        self._cache_file = CheckedFiles(self._cache_path, self._impl.filename_base, stamp)

    def has(self, kinds: tuple[Any, ...], target: Any) -> bool:
        """Whether there is code for arguments of these types."""
        return self._index_key(kinds, target.codegen()) in self._cache_file._load_index()


def _is_the_users(descriptor: int) -> bool:
    """Whether an open file belongs to the user or to root, and not everybody may write it."""
    status = os.fstat(descriptor)
    owners = {0, os.getuid()} if hasattr(os, "getuid") else {status.st_uid}
    return status.st_uid in owners and not status.st_mode & stat.S_IWOTH


def _checksum(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_BYTES).digest()
