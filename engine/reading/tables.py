"""Tables: CSV and Excel files read into polars frames, with the rows apart that cannot be read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.reading.contents import check_workbook, fail
from engine.reading.encodings import BAD, bad_bytes, marked_text
from engine.reading.faults import Fault, InputError, shown
from engine.reading.rows import QUOTE_FORM, Row, quotes_are_in_place, rows_of, well_formed
from engine.reading.table_forms import AS_IT_IS, TableForm

SEPARATORS = ",;\t|"
MOST_SHEETS = 6
"""So many other sheets of a workbook are named."""
TITLE_OF_COLUMN = "column {}"
"""The title of a column that has none, by its number from 1."""
_HEADER = re.compile(r'((?:[^"\r\n]+|"[^"]*")*)(\r?\n|\r?\Z)?')
"""The titles, and the end of their line; a match without an end leaves the rest of the line to the body."""
_HEADER_OF_BYTES = re.compile(_HEADER.pattern.encode())
_LONGEST_HEADER = 1 << 24
_SEPARATOR_LINE = re.compile(r'("?)sep=([,;\t|])\1(?:\r\n|\r|\n)', re.IGNORECASE)
_DATA = re.compile(r"[+(-]*[0-9][0-9 ().,:TZ/+-]{3,}")
"""A cell that is no title: a phone, an instant, a number of four digits."""
_SPAN = r"^(?:1899-12-3|1900-01-)"
_CLOCK = r"^1899-12-3[01] ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.0+)?$"
_LONG_CLOCK = r"^1900-01-([0-9]{2}) ([0-9]{2})(:[0-9]{2}:[0-9]{2})(?:\.0+)?$"
_FAILED = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
"""What a cell shows whose formula failed, by its name in the library that reads workbooks."""
_FAILURE = re.compile(r"Error\((\w+)\)")
Known = Callable[[Sequence[str]], int]
"""How many of some titles belong to columns that are wanted."""
Headless = Callable[[int], str]
"""What a user may write where the first row of so many columns looks like data."""


def titles_of_a_list(columns: int) -> str:
    """What a user may write where a list has no header."""
    titles = "a title for its column" if columns == 1 else f"titles for its {columns} columns"
    return f"a header; or {titles}: header: [phone, …] in a scenario, --header phone,… for a command"


class FaultyRow(NamedTuple):
    """A row that could not be read."""

    position: int
    """Its position among all rows that are not blank, from 0."""
    text: str
    fault: Fault


class Table(NamedTuple):
    """The rows of a table that could be read, those with no cell filled left out; and those that could not."""

    frame: pl.DataFrame
    """The cells; null if empty."""
    positions: NDArray[np.int64]
    """[row]: its position among all rows that are not blank, from 0."""
    lines: NDArray[np.int64] | None
    """[row]: the line of the file, or the row of the sheet, on which it begins; None if the file has no lines."""
    faulty: Sequence[FaultyRow] = ()
    separator: str | None = None
    """What stands between the cells of a CSV file."""
    other_sheets: str = ""
    """What a user may write who means another sheet of the workbook; empty if there is none, or if one was named."""

    @property
    def given(self) -> int:
        """How many rows the file has, faulty ones included and blank ones not."""
        return self.frame.height + len(self.faulty)


def csv_table(
    data: bytes, name: str, known: Known, form: TableForm = AS_IT_IS, headless: Headless = titles_of_a_list
) -> Table:
    """The table of a CSV file, with text in every cell; InputError if it is none.

    The separator is that of a line `sep=;` before the header, else the one that gives the most titles that are `known`.
    """
    text = marked_text(data, name, form.encoding)
    first_line = 1
    begin = text[:9] if isinstance(text, str) else text[:9].decode("latin-1")
    said = _SEPARATOR_LINE.match(begin)
    if said:
        text, first_line = text[said.end() :], 2
    stripped = text.lstrip("\r\n") if isinstance(text, str) else text.lstrip(b"\r\n")
    first_line += _count_of_lines(text[: len(text) - len(stripped)])
    text = _with_line_ends(stripped)
    separator = said[2] if said else ""
    titles, separator, header = _header(text, known, separator, form.header, headless, name, first_line)
    first_line += header.count("\n")
    table = None if isinstance(text, str) else _quick_table(text, header, titles, separator, first_line)
    if table is None:
        body = text[len(header) :] if isinstance(text, str) else text[len(header.encode()) :].decode()
        table = _careful_table(body, titles, separator, first_line, name)
    return table._replace(separator=separator)


def _count_of_lines(blank: bytes | str) -> int:
    text = blank if isinstance(blank, str) else blank.decode()
    return text.count("\n") or text.count("\r")


def _with_line_ends(text: bytes | str) -> bytes | str:
    """The text with line feeds between its rows where its first row ends with a carriage return alone.

    Cells of such a text may hold line feeds.
    """
    header = _HEADER.match(text) if isinstance(text, str) else _HEADER_OF_BYTES.match(text, 0, _LONGEST_HEADER)
    end = text[header.end(1) : header.end(1) + 2] if header else ""
    if isinstance(end, bytes):
        end = end.decode(errors="replace")
    if end[:1] != "\r" or end == "\r\n":
        return text
    if isinstance(text, str):
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _header(
    text: bytes | str, known: Known, separator: str, given: Sequence[str], headless: Headless, name: str, line: int
) -> tuple[list[str], str, str]:
    """The titles, the separator, and the text of the header with the end of its line."""
    header, end = _first_row(text)
    if "\0" in header:
        fail("text with zero bytes", "text in UTF-8; or name its encoding, such as utf-16-le or utf-16-be", name, line)
    if BAD.search(header):
        found, allowed = bad_bytes(header)
        fail(found, allowed, name, line)
    candidates = {each: _titles(header, each) for each in separator or SEPARATORS}
    if given:
        separator = max(candidates, key=lambda each: (len(candidates[each]) == len(given), len(candidates[each])))
        return _each_once(given, name), separator, ""
    separator = max(candidates, key=lambda each: (known(candidates[each]), len(candidates[each])))
    if end is None:
        fail("a quote in the header that is never closed", QUOTE_FORM, name, line)
    if not quotes_are_in_place(header.encode(), separator):
        fail("a quote within a title", QUOTE_FORM, name, line)
    if any(_holds_rows(title, separator) for title in candidates[separator]):
        fail("a quote in the header that is closed in another row", QUOTE_FORM, name, line)
    return _checked_titles(candidates[separator], known, headless, name, line), separator, header + end


def _first_row(text: bytes | str) -> tuple[str, str | None]:
    """The text of the header without the end of its line, and that end; None if a quote is never closed."""
    if isinstance(text, str):
        match = _HEADER.match(text, 0, _LONGEST_HEADER)
        return (match[1], match[2]) if match else ("", "")
    of_bytes = _HEADER_OF_BYTES.match(text, 0, _LONGEST_HEADER)
    if of_bytes is None:
        return "", ""
    return of_bytes[1].decode(errors="ignore"), None if of_bytes[2] is None else of_bytes[2].decode()


def _checked_titles(titles: Sequence[str], known: Known, headless: Headless, name: str, line: int) -> list[str]:
    """The titles of a header, with one for each column that has none; InputError if it is no header."""
    if not known(titles) and (data := next((title for title in titles if _DATA.fullmatch(title)), None)) is not None:
        fail(f"a first row that looks like data ({shown(data)})", headless(len(titles)), name, line)
    return _each_once(titles, name, line)


def _holds_rows(title: str, separator: str) -> bool:
    """Whether a title holds whole rows, for its quote is closed in another row."""
    rows = title.splitlines()[1:]
    return any(_DATA.fullmatch(cell.strip()) for row in rows if separator in row for cell in row.split(separator))


def _each_once(titles: Sequence[str], name: str, line: int | None = None) -> list[str]:
    """The titles, with one for each column that has none; InputError if one is used twice."""
    titles = [title if title.strip() else TITLE_OF_COLUMN.format(place) for place, title in enumerate(titles, 1)]
    twice = [title for title, times in Counter(titles).items() if times > 1]
    if twice:
        found = "a column title used twice"
        raise InputError(Fault((title,), found, "each title once", name, line) for title in sorted(twice))
    return titles


def _titles(header: str, separator: str) -> list[str]:
    try:
        first = pl.read_csv(header.encode(errors="replace"), has_header=False, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError:
        return []
    return [title or "" for title in first.row(0)]


def _quick_table(text: bytes, header: str, titles: Sequence[str], separator: str, first_line: int) -> Table | None:
    """The table of a text whose rows are all well formed; None if one is not, or if polars cannot read it."""
    skipped = int(header.endswith("\n") and '"' not in header)
    begin = len(header.encode())
    if not skipped and begin:  # polars might find another end of such a header
        text, begin = text[begin:], 0
    if not quotes_are_in_place(text, separator, begin):
        return None
    frame = _frame(text, titles, separator, skipped)
    if frame is None or not well_formed(text, separator, frame, begin):
        return None
    if frame.width == 1 and frame[:, 0].str.contains(r"^[ \t]+$").any():  # blank lines, perhaps
        return None
    lines = np.arange(first_line, first_line + frame.height)
    if b'"' in text and text.count(b"\n", begin) != frame.height - (not text.endswith(b"\n")):
        ends = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).cast(pl.Int64)
        lines[1:] += np.cumsum(frame.select(ends).to_series().to_numpy())[:-1]
    if len(titles) == 1 and (b" " in text or b"\t" in text):  # a line of blanks is a blank line there
        frame = frame.select(pl.when(~pl.all().str.contains(r"\A[ \t]+\z")).then(pl.all()))
    return _without_blank_rows(frame, lines)


def _frame(text: bytes, titles: Sequence[str], separator: str, skipped: int = 0) -> pl.DataFrame | None:
    """The cells of a text without its first `skipped` rows; None if polars cannot read it."""
    schema = dict.fromkeys(titles, pl.String)
    if not text:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(text, has_header=False, schema=schema, separator=separator, skip_rows=skipped)
    except pl.exceptions.PolarsError:
        return None


def _careful_table(text: str, titles: Sequence[str], separator: str, first_line: int, name: str) -> Table:
    """The table of a text some of whose rows are faulty: polars reads the others."""
    rows = list(rows_of(text, separator, len(titles), first_line))
    good = [(place, row) for place, row in enumerate(rows) if not row.found]
    frame = _frame("\n".join(row.text for _, row in good).encode(), titles, separator)
    if frame is None or frame.height != len(good):
        fail("text that is not CSV", "CSV with a header", name)
    return Table(
        frame,
        np.array([place for place, _ in good], np.int64),
        np.array([row.line for _, row in good], np.int64),
        [_faulty(place, row, name) for place, row in enumerate(rows) if row.found],
    )


def _faulty(position: int, row: Row, name: str) -> FaultyRow:
    return FaultyRow(position, row.text, Fault((position,), row.found, row.allowed, name, row.line))


def _without_blank_rows(frame: pl.DataFrame, lines: NDArray[np.int64] | None) -> Table:
    if frame.is_empty():
        return Table(frame, np.zeros(0, np.int64), lines)
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy()
    if not filled.all():
        frame, lines = frame.filter(filled), None if lines is None else lines[filled]
    return Table(frame, np.arange(frame.height), lines)


def excel_table(
    data: bytes, name: str, known: Known, form: TableForm = AS_IT_IS, headless: Headless = titles_of_a_list
) -> Table:
    """The table of a sheet of an Excel file, with text in every cell as a CSV would have it; InputError if it is none.

    Times of day are `09:30:00`, spans of time `30:02:00`, instants `2026-03-02 10:00:00`: Excel keeps no zone.
    """
    import fastexcel  # loaded only for such a file

    check_workbook(data, name)
    try:
        book = fastexcel.read_excel(data)
        if form.sheet is not None and form.sheet not in book.sheet_names:
            raise InputError([Fault(("sheet",), shown(form.sheet), ", ".join(map(shown, book.sheet_names)), name)])
        sheet = book.load_sheet(0 if form.sheet is None else form.sheet, header_row=None, skip_rows=0, dtypes="string")
        cells, failed = sheet.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0][:200]
        fail(f"a file that is not Excel's, or damaged ({reason})", "a workbook that Excel opens", name)
    others = "" if form.sheet is not None else _other_sheets(book.sheet_names[1:])
    whole = pl.DataFrame(cells)
    if whole.null_count().row(0) == (whole.height,) * whole.width:
        fail("an empty sheet", f"a sheet with a header and rows{others}", name)
    if failed is not None:
        whole = _with_failed_cells(whole, failed.errors)
    spans = [column.name for column in whole if column.str.contains(_SPAN).any()]
    table = _sheet_table(whole.with_columns(_spans_of_time(pl.col(spans))), name, known, form.header, headless)
    return table._replace(other_sheets=others)


def _other_sheets(names: Sequence[str]) -> str:
    """What a user may write who means one of these sheets."""
    told = ", ".join(map(shown, names[:MOST_SHEETS])) + (", …" if len(names) > MOST_SHEETS else "")
    return f"; or another sheet by sheet: NAME in a scenario, --sheet NAME for a command: {told}" if names else ""


def _with_failed_cells(whole: pl.DataFrame, failed: Iterable[Any]) -> pl.DataFrame:
    """The sheet with what its reader sees where a formula failed: an empty cell would be a field left out."""
    seen: dict[int, dict[int, str]] = {}
    for cell in failed:
        row, column = cell.offset_position
        failure = _FAILURE.search(cell.detail)
        seen.setdefault(column, {})[row] = _FAILED.get(failure[1], "#ERROR!") if failure else "#ERROR!"
    columns = [whole[:, column].scatter(list(texts), list(texts.values())) for column, texts in seen.items()]
    return whole.with_columns(columns)


def _spans_of_time(cells: pl.Expr) -> pl.Expr:
    """Times of day and spans of time, which Excel keeps as instants since 1899-12-31, as clocks."""
    clock, long = cells.str.extract(_CLOCK), cells.str.extract_groups(_LONG_CLOCK)
    hours = long.struct["1"].cast(pl.Int64) * 24 + long.struct["2"].cast(pl.Int64)
    return clock.fill_null(hours.cast(pl.String) + long.struct["3"]).fill_null(cells)


def _sheet_table(whole: pl.DataFrame, name: str, known: Known, given: Sequence[str], headless: Headless) -> Table:
    rows = np.flatnonzero(whole.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy())
    first = int(rows[0])
    titles = _each_once(given, name) or _checked_titles(
        [title or "" for title in whole.row(first)], known, headless, name, first + 1
    )
    if len(titles) != whole.width:
        fail(f"{whole.width} columns", f"{len(titles)}, as many as the header that is given has", name, first + 1)
    body = first if given else first + 1
    whole.columns = titles
    return _without_blank_rows(whole[body:], np.arange(body + 1, whole.height + 1))


def table_of(frame: pl.DataFrame) -> Table:
    """A frame as a table of a file without lines."""
    return _without_blank_rows(frame, None)
