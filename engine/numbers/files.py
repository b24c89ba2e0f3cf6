"""Number files: found by name or pattern, uncompressed, and read by their format."""

import codecs
import csv
import glob
import gzip
import hashlib
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

import polars as pl
import zstandard

from engine.numbers.bodies import read_json, read_lines
from engine.numbers.intake import Intake, NumberList
from engine.numbers.sheets import read_sheet
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
_BLOCK = 1 << 24
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
    stored = _stored(path, name)
    with ThreadPoolExecutor(1) as beside:  # hashing leaves the interpreter to others
        sha256 = beside.submit(lambda: hashlib.sha256(stored).hexdigest())
        numbers = _read(_uncompressed(stored, name), path, name, intake, columns or {}, told)
        return numbers, InputFile(str(path), len(stored), sha256.result())


def _read(
    data: bytes,
    path: Path,
    name: str,
    intake: Intake,
    columns: Mapping[str, str],
    told: Callable[[int], None] | None,
) -> NumberList:
    kind = _format(path, data, name)
    if kind == "parquet":
        return read_sheet(_parquet(data, name), intake, name, columns)
    data = _text(data, name)
    if kind == "csv":
        sheet = _csv(data, name)
        return read_sheet(sheet, intake, name, columns, lines=sheet.height == data.rstrip(b"\n").count(b"\n"))
    return (read_json if kind == "json" else read_lines)(data, intake, name, columns, told)


def _fail(found: str, allowed: str, name: str, line: int | None = None) -> NoReturn:
    raise InputError([Fault((), found, allowed, name, line)]) from None


def _stored(path: Path, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path(STANDARD_INPUT) else path.read_bytes()
    except (OSError, ValueError) as error:  # a ValueError is a name that no file can have
        _fail(f"no readable file ({getattr(error, 'strerror', error)})", "a file that exists and can be read", name)


def _uncompressed(data: bytes, name: str) -> bytes:
    if data.startswith(_GZIP):
        stream: gzip.GzipFile | zstandard.ZstdDecompressionReader = gzip.GzipFile(fileobj=io.BytesIO(data))
    elif data.startswith(_ZSTD):
        stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True)
    else:
        return data
    parts, size = [], 0
    try:
        while part := stream.read(_BLOCK):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                _fail("more than 16 GiB once it is uncompressed", "several files, found by a pattern", name)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        _fail(f"a compressed file that is damaged or cut ({str(error).lower()})", "one that is whole", name)
    return b"".join(parts)


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
    view, at = memoryview(data), 0
    while at < len(data) and not data.isascii():
        block = view[at : at + _BLOCK]
        try:
            at += codecs.utf_8_decode(block, "strict", at + len(block) == len(data))[1]
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, at + error.start) + 1
            _fail(f"a byte that is no UTF-8 text at position {at + error.start}", "text in UTF-8", name, line)
    return data


def _csv(data: bytes, name: str) -> pl.DataFrame:
    """The table of a CSV text, all of its cells text; the separator is that of its first line."""
    header = data[: data.find(b"\n") if b"\n" in data else len(data)].decode()
    separator = max(SEPARATORS, key=header.count)
    try:
        titles = next(csv.reader([header.rstrip("\r")], delimiter=separator), [])
    except csv.Error as error:
        _fail(f"a header that is not CSV ({error})", "CSV with a header", name, 1)
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise InputError([Fault((title,), "a column that is there twice", "one", name, 1) for title in twice])
    try:
        return pl.read_csv(data, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError as error:
        _csv_fault(data, separator, str(error).splitlines()[0], name)


@contextmanager
def _no_outcry() -> Iterator[None]:
    """Keep what polars says of a damaged file before it raises, traces of its own insides, off standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _csv_fault(data: bytes, separator: str, reason: str, name: str) -> NoReturn:
    """Name the first line that does not fit the header; `reason` is what is told if there is none."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator)
    try:
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                _fail(f"{len(row)} cells", f"{width}, as many as the header has", name, rows.line_num)
    except csv.Error as error:
        reason = str(error)
    _fail(f"text that is not CSV ({reason.strip()})", "CSV with a header", name, rows.line_num)


def _parquet(data: bytes, name: str) -> pl.DataFrame:
    try:
        with _no_outcry():
            return pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        _fail(f"a file that is not Parquet, or damaged ({str(error).splitlines()[0]})", "a Parquet file", name)
