"""Number files: found by name or pattern, uncompressed, and read by their format."""

import codecs
import csv
import glob
import gzip
import hashlib
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import polars as pl
import zstandard

from engine.numbers.bodies import read_json, read_lines
from engine.numbers.intake import Intake, NumberList
from engine.numbers.sheets import known_columns, read_sheet
from engine.reading.faults import Fault, InputError

FORMATS = {
    ".json": "json",
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".csv": "csv",
    ".parquet": "parquet",
}
COMPRESSED = (".gz", ".zst")
NAMES = f"a name that ends in {', '.join(FORMATS)}, and in {' or '.join(COMPRESSED)} behind that if it is compressed"
STANDARD_INPUT = "-"
SEPARATORS = ",;\t|"
MOST_BYTES = 16 << 30
"""No file may hold more once it is uncompressed: a few bytes can be made to stand for far more than memory holds."""
SURELY_NO_BOMB, MOST_TIMES = 1 << 28, 500
"""Beyond so many bytes, no file may hold more than so many times what it holds compressed."""
_BLOCK = 1 << 24
_ZSTD_STEP = 1 << 12
"""Bytes that are uncompressed at a time: they stand for 128 MB at most."""
_QUOTE = ord('"')
_HEADER = re.compile(rb'(?:[^"\r\n]+|"[^"]*")+')
_GZIP, _ZSTD, _PARQUET, _BOM = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b"\xef\xbb\xbf"

Progress = Callable[[str, int], None]
"""Told the name of the file that is read, and how many of its numbers have been."""


class InputFile(NamedTuple):
    """A number file as it was read."""

    file: str
    """As messages name it; STANDARD_INPUT if it is that."""
    size: int
    """Bytes, compressed ones as they are."""
    sha256: str
    """In hex."""


def files_of(pattern: str, folder: Path) -> list[Path]:
    """The files that a name or a pattern such as `lists/*.csv` stands for, by name; InputError if there are none.

    Names are relative to `folder`; `-` is standard input.
    """
    path = folder / pattern
    if pattern == STANDARD_INPUT:
        return [Path(STANDARD_INPUT)]
    if not glob.has_magic(pattern) or path.exists():
        return [path]
    found = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207 (patterns may be absolute)
    if not found:
        raise InputError([Fault((), "no file that fits the pattern", "a pattern of files that exist", str(path))])
    return found


def holds_numbers(path: Path) -> bool:
    """Whether a file holds numbers and not a scenario: its name says so, or, of a `.json`, its first character."""
    if path == Path(STANDARD_INPUT):
        return True
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    if not suffixes or suffixes[-1] not in FORMATS:
        return False
    if path.suffix.lower() != ".json":
        return True
    try:
        with path.open("rb") as file:
            return file.read(_BLOCK).removeprefix(_BOM).lstrip()[:1] == b"["
    except (OSError, ValueError):
        return False


def read_numbers(
    path: Path, intake: Intake, columns: Mapping[str, str] | None = None, progress: Progress | None = None
) -> tuple[NumberList, InputFile]:
    """The numbers of a file in any format; InputError if it cannot be used as a whole.

    `columns` tells under which names fields stand that are not named as the API names them.
    """
    name = "standard input" if path == Path(STANDARD_INPUT) else str(path)
    if progress:
        progress(name, 0)
    told = (lambda count: progress(name, count)) if progress else None
    try:
        stored = _stored(path, name)
        with ThreadPoolExecutor(1) as beside:  # hashing leaves the interpreter to others
            sha256 = beside.submit(lambda: hashlib.sha256(stored).hexdigest())
            data = _uncompressed(stored, name)
            numbers = _read(data, _format(path, data, name), intake, name, columns or {}, told)
            return numbers, InputFile(str(path), len(stored), sha256.result())
    except MemoryError:
        _fail("more than memory holds", "several files, found by a pattern", name)


def _read(
    data: bytes,
    kind: str,
    intake: Intake,
    name: str,
    columns: Mapping[str, str],
    progress: Callable[[int], None] | None,
) -> NumberList:
    if kind == "parquet":
        return read_sheet(_parquet(data, name), intake, name, columns)
    data = _text(data, name)
    if kind == "csv":
        sheet = _csv(data, name, columns)
        return read_sheet(sheet, intake, name, columns, lines=sheet.height == data.rstrip(b"\n").count(b"\n"))
    read = read_json if kind == "json" else read_lines
    return read(data, intake, name, columns, progress)


def _fail(found: str, allowed: str, name: str, line: int | None = None) -> NoReturn:
    raise InputError([Fault((), found, allowed, name, line)]) from None


def _stored(path: Path, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path(STANDARD_INPUT) else path.read_bytes()
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        _fail(f"no readable file ({getattr(error, 'strerror', error)})", "a file that exists and can be read", name)


def _uncompressed(data: bytes, name: str) -> bytes:
    """The bytes that compressed ones stand for; InputError if those are damaged, or stand for too many."""
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
                found = f"more than {most >> 20:,} MB that {len(data):,} bytes stand for"
                _fail(
                    found, f"at most {MOST_TIMES} times as much and {MOST_BYTES >> 30} GB; or uncompressed files", name
                )
            whole.write(part)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        _fail(f"a compressed file that is damaged or cut ({str(error).lower()})", "one that is whole", name)
    return whole.getvalue()


def _gunzipped(data: bytes) -> Iterator[bytes]:
    stream = gzip.GzipFile(fileobj=io.BytesIO(data))
    while part := stream.read(_BLOCK):
        yield part


def _unzstandarded(data: bytes) -> Iterator[bytes]:
    """The parts of one frame or several; EOFError if the last is cut, which zstandard's own reader does not tell."""
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


def _format(path: Path, data: bytes, name: str) -> str:
    """The format that a file's name tells; of standard input, the one that it looks like."""
    if path == Path(STANDARD_INPUT):
        if data.startswith(_PARQUET):
            return "parquet"
        first = data[:_BLOCK].removeprefix(_BOM).lstrip()[:1]
        return {b"[": "json", b"{": "lines"}.get(first, "csv")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    kind = FORMATS.get(suffixes[-1] if suffixes else "")
    if kind is None:
        _fail(f"a name that ends in {path.suffix or 'nothing'}", NAMES, name)
    return kind


def _text(data: bytes, name: str) -> bytes:
    """The text without a byte order mark; InputError unless it is UTF-8 and not empty."""
    data = data.removeprefix(_BOM)
    if not data[:_BLOCK].strip() and not data.strip():
        _fail("an empty file", "at least one number", name)
    view, at = memoryview(data), len(data) if data.isascii() else 0
    while at < len(data):
        block = view[at : at + _BLOCK]
        try:
            at += codecs.utf_8_decode(block, "strict", at + len(block) == len(data))[1]
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, at + error.start) + 1
            _fail(f"a byte that is no UTF-8 text at position {at + error.start}", "text in UTF-8", name, line)
    return data


def _csv(data: bytes, name: str, columns: Mapping[str, str]) -> pl.DataFrame:
    """The table of a CSV text, all of its cells text; its separator is the one that parts its titles best."""
    data = data.lstrip(b"\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    header = _HEADER.match(data)
    titles = {separator: _titles(header[0] if header else b"", separator) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda each: (known_columns(titles[each], columns), len(titles[each])))
    _check_quotes(data, separator, name)
    twice = sorted({title for title in titles[separator] if titles[separator].count(title) > 1})
    if twice:
        raise InputError([Fault((title,), "a column that is there twice", "one", name, 1) for title in twice])
    try:
        return pl.read_csv(data, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError as error:
        _csv_fault(data, separator, str(error).splitlines()[0], name)


def _titles(header: bytes, separator: str) -> list[str]:
    try:
        first = pl.read_csv(header, has_header=False, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError:
        return []
    return [title or "" for title in first.row(0)]


def _check_quotes(data: bytes, separator: str, name: str) -> None:
    """InputError unless quotes stand around cells and twice within those: polars may take others for anything."""
    text = np.frombuffer(data, np.uint8)
    opens, closes = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    opens[list(b'"\n' + separator.encode())] = True
    closes[list(b'"\r\n' + separator.encode())] = True
    inside, last = False, 0
    for first in range(0, len(text), _BLOCK):
        quotes = first + np.flatnonzero(text[first : first + _BLOCK] == _QUOTE)
        opening, closing = quotes[int(inside) :: 2], quotes[int(not inside) :: 2]
        closing = closing[closing < len(text) - 1]
        wrong = [
            *opening[(opening > 0) & ~opens[text[opening - 1]]][:1].tolist(),
            *closing[~closes[text[closing + 1]]][:1].tolist(),
        ]
        if wrong:
            _quote_fault(data, min(wrong), name)
        inside ^= len(quotes) % 2 == 1
        last = int(quotes[-1]) if len(quotes) else last
    if inside:
        _quote_fault(data, last, name)


def _quote_fault(data: bytes, at: int, name: str) -> NoReturn:
    allowed = "cells with quotes at both ends, and twice where one is meant, or cells without any"
    _fail("a quote within a cell, or one that is never closed", allowed, name, data.count(b"\n", 0, at) + 1)


def _csv_fault(data: bytes, separator: str, reason: str, name: str) -> NoReturn:
    """Name the first line that does not fit the header; `reason` is what is told if there is none."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator)
    try:
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                _fail(f"{len(row)} cells", f"{width}, as many as the header has", name, rows.line_num)
    except csv.Error:  # a cell that is longer than the module takes
        pass
    _fail(f"text that is not CSV ({reason.strip()})", "CSV with a header", name)


def _parquet(data: bytes, name: str) -> pl.DataFrame:
    """The table of a Parquet file, read by pyarrow: a damaged one, which ends polars' process, is an error to it."""
    import pyarrow as pa  # waited for only where there is such a file
    from pyarrow import parquet

    try:
        table = parquet.read_table(pa.BufferReader(data)).replace_schema_metadata()
        table.validate(full=True)
        for field in table.schema:
            _check_names(field)
        return pl.DataFrame(table)
    except MemoryError:
        raise
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0][:200]
        _fail(f"a file that is not Parquet, or damaged ({reason})", "a Parquet file", name)


def _check_names(field: Any) -> None:
    """UnicodeDecodeError if the name of an Arrow field, or of one within it, is no text; polars would end on it."""
    _ = field.name
    for within in getattr(field.type, "fields", None) or [getattr(field.type, "value_field", None)]:
        if within is not None:
            _check_names(within)
