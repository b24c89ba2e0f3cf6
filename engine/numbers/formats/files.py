"""Number files: found by name or pattern, uncompressed, read by format."""

import glob
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.numbers.formats.bodies import read_json, read_lines
from engine.numbers.formats.forms import AS_IT_IS, FileForm
from engine.numbers.intake import Intake, NumberList
from engine.progress import Progress, Step, unseen
from engine.reading.contents import (
    BLOCK,
    BYTE_ORDER_MARK,
    STANDARD_INPUT,
    fail,
    first_bytes,
    is_empty,
    stored_bytes,
    uncompressed,
)
from engine.reading.encodings import utf_8
from engine.reading.faults import Fault, InputError
from engine.reading.table_forms import WORKBOOKS

if TYPE_CHECKING:
    from engine.reading.tables import Table

FORMATS = {
    ".json": "json",
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
}
COMPRESSED = (".gz", ".zst")
NAMES = f"a name that ends in {', '.join(FORMATS)}, then in {' or '.join(COMPRESSED)} if it is compressed"
SCENARIOS = (".yaml", ".yml")
OF_BOTH = {".json", ".txt"}
"""Endings of names of lists and of scenarios."""
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")
_PARQUET = b"PAR1"
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first character of a text in UTF-8 or UTF-16: a byte order mark, zero bytes, blanks."""
_YAML = re.compile(rb"(---|#|[A-Za-z]\w*:(\s|$))")
"""How scenarios in YAML begin."""


class InputFile(NamedTuple):
    """A number file as it was read."""

    file: str
    """Its path; STANDARD_INPUT for standard input."""
    size: int
    """Its size in bytes, as it is stored."""
    sha256: str
    """The SHA-256 hash of its bytes, in hex."""


def files_of(pattern: str, folder: Path) -> list[Path]:
    """The files of a name or a pattern such as `lists/*.csv`, sorted by name; InputError if there are none.

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
    """Whether a file holds numbers and not a scenario: by its name; by its beginning if the name leaves that open."""
    ending = _ending(path)
    if path != Path(STANDARD_INPUT) and (ending in SCENARIOS or ending in FORMATS.keys() - OF_BOTH):
        return ending in FORMATS
    try:
        begin = first_bytes(path)
    except (OSError, ValueError):
        return False
    text = begin.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"{"):
        return b'"phone' in text.split(b"\n", 1)[0] and b'"campaign"' not in text
    return bool(text) and not _YAML.match(text)


def _ending(path: Path) -> str:
    """How the name of a file ends, in lower case, without the ending of a compressed file."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def read_numbers(
    path: Path, intake: Intake, form: FileForm = AS_IT_IS, progress: Progress = unseen
) -> tuple[NumberList, InputFile]:
    """The numbers of a file in any format; InputError if it cannot be used as a whole."""
    name = "standard input" if path == Path(STANDARD_INPUT) else str(path)
    progress(Step(f"reading {name}"))
    try:
        stored = stored_bytes(path, name, progress)
        with ThreadPoolExecutor(1) as beside:  # hashing releases the interpreter
            sha256 = beside.submit(lambda: hashlib.sha256(stored).hexdigest())
            data = uncompressed(stored, name)
            numbers = _read(data, _format(path, data, name), intake, name, form, progress)
            return numbers, InputFile(str(path), len(stored), sha256.result())
    except MemoryError:
        fail("more than memory holds", "several files, found by a pattern", name)


def _read(data: bytes, kind: str, intake: Intake, name: str, form: FileForm, progress: Progress) -> NumberList:
    _check_form(form, kind, name)
    if kind not in ("parquet", "excel") and is_empty(data):
        fail("an empty file", "at least one number", name)
    if kind in ("parquet", "excel", "csv"):
        from engine.numbers.formats.sheets import read_sheet  # loads polars

        return read_sheet(_table(data, kind, name, form), intake, name, form)
    read = read_json if kind == "json" else read_lines
    names = {field: name for field, name in form.columns.items() if isinstance(name, str)}
    return read(utf_8(data, name, form.encoding), intake, name, names, progress, form.country)


def _table(data: bytes, kind: str, name: str, form: FileForm) -> "Table":
    from engine.numbers.formats.columns import known_columns
    from engine.reading.parquet import parquet_table
    from engine.reading.tables import csv_table, excel_table, table_of

    if kind == "parquet":
        return table_of(parquet_table(data, name))
    table = excel_table if kind == "excel" else csv_table
    return table(data, name, lambda titles: known_columns(titles, form), form)


def _check_form(form: FileForm, kind: str, name: str) -> None:
    """InputError if a user says of a file what only other formats have."""
    said = {
        "sheet": (form.sheet, ("excel",), "Excel files"),
        "header": (form.header, ("csv", "excel"), "tables without a header"),
        "otherColumns": (form.other_columns, ("csv", "excel", "parquet"), "tables"),
        "encoding": (form.encoding, ("csv", "json", "lines"), "text files"),
        "columns.phone": (not isinstance(form.columns.get("phone", ""), str), ("csv", "excel", "parquet"), "tables"),
    }
    faults = [
        Fault((field,), "what this file cannot have", f"it only for {holders}", name)
        for field, (given, kinds, holders) in said.items()
        if given and kind not in kinds
    ]
    if faults:
        raise InputError(faults)


def _format(path: Path, data: bytes, name: str) -> str:
    """The format by the file's name; for standard input, by its first bytes."""
    if path == Path(STANDARD_INPUT):
        if data.startswith(_PARQUET):
            return "parquet"
        if data.startswith(WORKBOOKS):
            return "excel"
        first = data[:BLOCK].lstrip(_BEFORE_TEXT)[:1]
        return {b"[": "json", b"{": "lines"}.get(first, "csv")
    kind = FORMATS.get(_ending(path))
    if kind is None and path.suffix.lower() in ARCHIVES:
        fail("an archive", "the files in it, unpacked", name)
    if kind is None:
        fail(f"a name that ends in {path.suffix or 'nothing'}", NAMES, name)
    if (kind == "excel") != (by_content := data.startswith(WORKBOOKS)):
        found = "a workbook of Excel or an archive" if by_content else "a file that is no workbook"
        allowed = ".xlsx, or the file in the archive" if by_content else ".csv for text"
        if not by_content and data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            fail("a page of HTML or XML, by its first bytes", "a workbook: open it in Excel and save it as .xlsx", name)
        fail(f"{found}, by its first bytes", f"a name that ends as its format does: {allowed}", name)
    return kind
