"""Contents: what a file holds as uncompressed bytes, or as text in UTF-8."""

import errno
import gzip
import io
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import reduce
from io import BufferedReader
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import zstandard

from engine.memory import memory_left, size_text
from engine.progress import Progress, Step, unseen
from engine.reading.faults import Fault, InputError

STANDARD_INPUT = "-"
MOST_BYTES = 4 << 30
"""The most bytes of a file or of standard input, as stored and as uncompressed, unless `lift_most_input` lifts it."""
SURELY_NO_BOMB, MOST_TIMES = 1 << 27, 100
"""A file may expand to SURELY_NO_BOMB bytes, or to MOST_TIMES its compressed size where that is more."""
SURELY_NO_VAST_TABLE, MOST_PLACES = 1 << 22, 20
"""A sheet may have SURELY_NO_VAST_TABLE places for cells, or MOST_PLACES for each of its cells where that is more."""
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW_OR_CELL = re.compile(rb"""<(?:\w+:)?(row|c)\b(?:[^<>]*?\br=["']([A-Z]{0,20})([0-9]{1,20})["'])?""")
_PART_STEP = 1 << 20
"""Bytes of a part of a workbook that are looked at, at a time."""
_ODD_PLACE = re.compile(rb"<\w+:(?:row|c)\b|<(?:row|c)(?![A-Za-z]| r=\")")
_BEYOND = (
    *((width, re.compile(rb'<c r="(?:[A-Z]{2}|[^A-%c])' % (ord("A") + width - 1))) for width in (1, 2, 4, 8, 16, 26)),
    (52, re.compile(rb'<c r="(?:[A-Z]{3}|[B-Z][A-Z]|[^A-Z])')),
    (702, re.compile(rb'<c r="(?:[A-Z]{3}|[^A-Z])')),
)
"""Numbers of columns, each with what finds a cell beyond them."""
_LONGER = [re.compile(rb'r="[A-Z]{0,3}[0-9]{%d}' % (digits + 1)) for digits in range(20)]
"""[digits]: what finds a row whose number has more digits."""
LIFT = "dialer --most-input GIB … lifts this"
_most = ContextVar("most", default=MOST_BYTES)
MEGABYTE = 10**6
BLOCK = 1 << 24
"""Bytes that are handled at a time."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ZSTD_STEP = 1 << 12
"""Bytes that are uncompressed at a time: they expand to 128 MB at most."""
ANY_FILE = Path()
"""Stands among the files that are read for those that a document names which cannot be read itself."""
_EMPTY = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\Z")
_NOTED: ContextVar[list[Path] | None] = ContextVar("files that were read", default=None)
_GZIP, _ZSTD, _ZIP, _ZIP_END = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK", b"PK\5\6"


@contextmanager
def files_noted() -> Iterator[list[Path]]:
    """A list to which every file is added that `stored_bytes` is to read meanwhile, in this thread."""
    noted: list[Path] = []
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def note_any_file() -> None:
    """Note that a document could not be read, so that nobody knows which files it names."""
    noted = _NOTED.get()
    if noted is not None:
        noted.append(ANY_FILE)


def lift_most_input(most: int) -> None:
    """Let files and standard input that are read from now on hold so many bytes, however far they expand."""
    _most.set(most)


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file to read it.

    Raises OSError for a file that cannot be read, and at once for one that may give nothing or never end: a pipe with a
    name, a device, a socket. Raises ValueError for a name that no file can have.
    """
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(kind):
        raise OSError(errno.EINVAL, "not a regular file; - reads standard input", str(path))
    at_once = getattr(os, "O_NONBLOCK", 0)  # if it has become a pipe meanwhile
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | at_once))


def stored_bytes(path: Path, name: str, progress: Progress = unseen) -> bytes:
    """All bytes of a file, or of standard input; InputError if it cannot be read, or is too long to be held."""
    bound = _bound()
    noted = _NOTED.get()
    if noted is not None:
        noted.append(stored_at(path))
    try:
        if path == Path(STANDARD_INPUT):
            if sys.stdin is None:
                fail("nothing: it is closed", "a file, or a pipe that gives one", name)
            return _read(sys.stdin.buffer, 0, bound, name, progress)
        with open_regular(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > bound.most:
                bound.refuse(size_text(size), name)
            begin = file.read(size)
            return begin + _read(file, len(begin), bound, name, progress)
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        if isinstance(error, InputError):
            raise
        fail(f"no readable file ({getattr(error, 'strerror', error)})", "a file that exists and can be read", name)


def stored_at(path: Path) -> Path:
    """Where a file is stored that a user names: standard input may be one, too."""
    return Path("/dev/stdin") if path == Path(STANDARD_INPUT) else path


class _Bound(NamedTuple):
    """How many bytes are read, and why not more."""

    most: int
    why: str

    def refuse(self, found: str, name: str) -> NoReturn:
        fail(found, self.why, name)


def _bound() -> _Bound:
    """What is allowed, or what can be held and worked on, for which about as many bytes again are needed."""
    most, left = _most.get(), memory_left()
    if left is not None and left.size // 2 < most:
        return _Bound(left.size // 2, f"what fits twice in {left}")
    return _Bound(most, f"at most {size_text(most)}; {LIFT}")


def _read(file: IO[bytes], before: int, bound: _Bound, name: str, progress: Progress) -> bytes:
    """What is left of a file of which so many bytes were read before."""
    whole = io.BytesIO()
    while part := file.read(BLOCK):
        whole.write(part)
        if before + whole.tell() > bound.most:
            bound.refuse(f"more than {size_text(bound.most)}", name)
        if whole.tell() > BLOCK:
            progress(Step(f"reading {name}", whole.tell() // MEGABYTE, unit="MB"))
    return whole.getvalue()


def first_bytes(path: Path) -> bytes:
    """Some first bytes of a file, or of standard input, where they stay to be read; OSError, ValueError."""
    if path == Path(STANDARD_INPUT):
        reader = sys.stdin and sys.stdin.buffer
        return reader.peek(1) if isinstance(reader, BufferedReader) else b""
    with open_regular(path) as file:
        return file.read(BLOCK)


def uncompressed(data: bytes, name: str) -> bytes:
    """The bytes of a file, uncompressed if it is gzip or zstd; InputError if they are damaged or too many."""
    if data.startswith(_GZIP):
        parts = _gunzipped(data)
    elif data.startswith(_ZSTD):
        parts = _unzstandarded(data)
    else:
        return data
    bound, whole = _bound(), io.BytesIO()
    try:
        for part in parts:
            _check_expanded(len(data), whole.tell() + len(part), bound, name)
            whole.write(part)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        fail(f"a compressed file that is damaged or cut short ({str(error).lower()})", "a whole file", name)
    return whole.getvalue()


def check_workbook(data: bytes, name: str) -> None:
    """InputError if the parts of a workbook expand to too many bytes, if one is damaged, or if a sheet is too vast.

    They are unpacked for it, since the directory of the archive may say other sizes than they have. Who reads sheets
    makes a table from the first cell to the last, with a place for each cell that is not there: one that reaches far
    beyond its cells would fill the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_expanded(len(data), sum(entry.file_size for entry in entries), _bound(), name)
            for entry in entries:
                if not _SHEET.fullmatch(entry.filename):
                    deque(_unpacked(archive, entry), maxlen=0)
                elif not _is_surely_dense(_by_tags(archive, entry)):
                    _check_extent(_by_tags(archive, entry), name)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, struct.error) as error:
        if data.startswith(_ZIP) and _ZIP_END in data:  # else who reads the files says what is wrong
            fail(f"an archive that is damaged ({error or 'it is cut short'})", "a whole file", name)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part of an archive in blocks; BadZipFile at its end if its size is not what the directory says."""
    longer, size = copy(entry), 0
    longer.file_size += 1  # no more is read than it says
    with archive.open(longer) as file:
        while block := file.read(_PART_STEP):
            size += len(block)
            yield block
    if size != entry.file_size:
        raise zipfile.BadZipFile(f"the size of {entry.filename} is not what it says")


def _by_tags(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """A sheet in blocks, no tag of which is cut; BadZipFile, too, if a tag is as long as no program writes one."""
    rest = b""
    for unpacked in _unpacked(archive, entry):
        block = rest + unpacked
        opens = block.rfind(b"<")
        cut = opens if opens > block.rfind(b">") else len(block)
        if len(block) - cut > _PART_STEP:
            raise zipfile.BadZipFile(f"a tag of {entry.filename} is longer than {size_text(_PART_STEP)}")
        yield block[:cut]
        rest = block[cut:]
    yield rest


def _check_extent(sheet: Iterable[bytes], name: str) -> None:
    rows, cells, within, width, titles = 0, 0, 0, 0, {b""}
    for kind, title, row in (match.groups() for block in sheet for match in _ROW_OR_CELL.finditer(block)):
        if kind == b"c":
            titles.add(title or b"")
            cells, within = cells + 1, within + 1
        else:
            width, within = max(width, within), 0
        rows = max(rows, int(row or 0))
    last = max(titles, key=lambda title: (len(title), title))
    width = max(width, within, reduce(lambda before, letter: before * 26 + letter - ord("A") + 1, last, 0))
    if rows * width > max(SURELY_NO_VAST_TABLE, MOST_PLACES * cells):
        found = f"a sheet of {rows:,} rows and {width:,} columns, in which {cells:,} cells are"
        fail(found, "a sheet without cells far beyond the others; delete these rows and columns", name)


def _is_surely_dense(sheet: Iterable[bytes]) -> bool:
    """Whether a sheet has cells enough for its rows and columns, told in a fraction of the time.

    Usual programs write sheets so that this can tell: each row and cell says where it is, first of all. All of the
    sheet is looked at.
    """
    cells, odd, wide, digits = 0, False, 0, 0
    for block in sheet:
        within = block.count(b'<c r="')
        cells += within
        usual = within == block.count(b"<c") and block.count(b'<row r="') == block.count(b"<row")
        if not usual or b":c" in block or b":row" in block:
            odd = odd or _ODD_PLACE.search(block) is not None
        while not odd and wide < len(_BEYOND) and _BEYOND[wide][1].search(block):
            wide += 1
        while not odd and digits < len(_LONGER) and _LONGER[digits].search(block):
            digits += 1
    if odd or wide == len(_BEYOND):
        return False
    width = _BEYOND[wide][0]
    return digits < len(str(max(SURELY_NO_VAST_TABLE, MOST_PLACES * cells) // width))


def _check_expanded(stored: int, expanded: int, bound: _Bound, name: str) -> None:
    lifted = _most.get() != MOST_BYTES
    bomb = bound.most if lifted else max(SURELY_NO_BOMB, MOST_TIMES * stored)
    if expanded > min(bomb, bound.most):
        found = f"{stored:,} compressed bytes that expand to more than {size_text(min(bomb, bound.most))}"
        if expanded > bound.most:
            bound.refuse(found, name)
        fail(found, f"at most {MOST_TIMES} times the compressed size; {LIFT}", name)


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
