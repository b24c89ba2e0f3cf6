"""Contents: what a file holds as uncompressed bytes, or as text in UTF-8."""

import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import zstandard

from engine.reading.faults import Fault, InputError

STANDARD_INPUT = "-"
MOST_BYTES = 16 << 30
"""The most bytes of an uncompressed file: a few compressed bytes can expand to far more than memory holds."""
SURELY_NO_BOMB, MOST_TIMES = 1 << 28, 500
"""A file may expand to SURELY_NO_BOMB bytes, or to MOST_TIMES its compressed size where that is more."""
BLOCK = 1 << 24
"""Bytes that are handled at a time."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ZSTD_STEP = 1 << 12
"""Bytes that are uncompressed at a time: they expand to 128 MB at most."""
_EMPTY = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\Z")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def stored_bytes(path: Path, name: str) -> bytes:
    """All bytes of a file, or of standard input; InputError if it cannot be read."""
    if path == Path(STANDARD_INPUT) and sys.stdin is None:
        fail("nothing: it is closed", "a file, or a pipe that gives one", name)
    try:
        return sys.stdin.buffer.read() if path == Path(STANDARD_INPUT) else path.read_bytes()
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        fail(f"no readable file ({getattr(error, 'strerror', error)})", "a file that exists and can be read", name)


def first_bytes(path: Path) -> bytes:
    """Some first bytes of a file, or of standard input, where they stay to be read; OSError, ValueError."""
    if path == Path(STANDARD_INPUT):
        reader = sys.stdin and sys.stdin.buffer
        return reader.peek(1) if isinstance(reader, io.BufferedReader) else b""
    with path.open("rb") as file:
        return file.read(BLOCK)


def uncompressed(data: bytes, name: str) -> bytes:
    """The bytes of a file, uncompressed if it is gzip or zstd; InputError if they are damaged or too many."""
    if data.startswith(_GZIP):
        parts = _gunzipped(data)
    elif data.startswith(_ZSTD):
        parts = _unzstandarded(data)
    else:
        return data
    most = min(MOST_BYTES, max(SURELY_NO_BOMB, MOST_TIMES * len(data)))
    whole = io.BytesIO()
    try:
        for part in parts:
            if whole.tell() + len(part) > most:
                found = f"{len(data):,} compressed bytes that expand to more than {most >> 20:,} MB"
                fail(
                    found,
                    f"at most {MOST_TIMES} times the compressed size and {MOST_BYTES >> 30} GB; or uncompressed files",
                    name,
                )
            whole.write(part)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        fail(f"a compressed file that is damaged or cut short ({str(error).lower()})", "a whole file", name)
    return whole.getvalue()


def _gunzipped(data: bytes) -> Iterator[bytes]:
    stream = gzip.GzipFile(fileobj=io.BytesIO(data))
    while part := stream.read(BLOCK):
        yield part


def _unzstandarded(data: bytes) -> Iterator[bytes]:
    """The parts of one frame or several; EOFError if the last is cut short, which zstandard itself does not report."""
    frame = None
    for first in range(0, len(data), _ZSTD_STEP):
        left = data[first : first + _ZSTD_STEP]
        while left:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(left)
            left = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame:
        raise EOFError("it ends within a frame")


def is_empty(data: bytes) -> bool:
    """Whether there is nothing but blanks and a byte order mark of UTF-8."""
    return _EMPTY.match(data) is not None


def fail(found: str, allowed: str, name: str, line: int | None = None) -> NoReturn:
    """Raise an InputError with one fault of a whole file, or of a line of it."""
    raise InputError([Fault((), found, allowed, name, line)]) from None
