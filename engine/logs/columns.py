"""Columns: the table of a call log, with the columns that are used named as its fields."""

import csv
import difflib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from engine.logs.forms import LogForm
from engine.logs.layouts import LAYOUTS, Layout, title_among
from engine.logs.needs import Needs
from engine.logs.words import plain_word
from engine.reading.contents import fail, is_empty, stored_bytes, uncompressed
from engine.reading.encodings import marked_text
from engine.reading.faults import Fault, InputError, shown
from engine.reading.parquet import parquet_table
from engine.reading.table_forms import WORKBOOKS, TableForm
from engine.reading.tables import (
    SEPARATORS,
    TITLE_OF_COLUMN,
    Table,
    csv_table,
    excel_table,
    table_of,
)

FIELDS = ("outcome", "seconds", "phone", "number", "start", "zone", "attempt", "weekday", "hour")
"""What a log may say of a call. `number` distinguishes entries of one phone."""
CALL_ID = "call id"
"""The column that is equal for the legs of one call."""
_OF_MANY_DIGITS = ("phone", "number", "start", CALL_ID)
CORRECTION = "correction {}"
"""The column of a layout's correction, by its position."""
_DOCUMENTS = (".yaml", ".yml", ".json", ".ndjson", ".jsonl")
"""Endings of scenarios and of lists: a log has none of them."""
_BEGIN = 1 << 20
"""Characters in which the first line is looked for."""
_MOST_SHOWN = 300


def read_table(path: Path, name: str, form: LogForm, layout: Layout | None, needs: Needs) -> Table:
    """The table of a log in CSV, Excel or Parquet, also compressed.

    Its columns are FIELDS, the other fields of `needs`, CALL_ID and CORRECTION.

    Raises InputError if it is none.
    """
    if path.suffix.lower() in _DOCUMENTS:
        fail(f"a name that ends in {path.suffix}", "a call log in CSV, Excel or Parquet", name)
    data = uncompressed(stored_bytes(path, name), name)

    def known(titles: Sequence[str]) -> int:
        return _known(titles, form, layout)

    if is_empty(data):
        fail(
            "an empty file",
            f"a header and at least {needs.fewest_calls:,} call{'s' if needs.fewest_calls > 1 else ''}",
            name,
        )
    if data.startswith(b"PAR1"):
        table = table_of(parquet_table(data, name))
    elif data.startswith(WORKBOOKS):
        table = excel_table(data, name, known, _table_form(form, ()), _headless)
    else:
        positions = _positions(data, name, form, layout) if layout and layout.positions and not form.header else ()
        table = csv_table(data, name, known, _table_form(form, positions), _headless)
    return table._replace(frame=_named(table, name, form, layout, needs))


def _table_form(form: LogForm, header: tuple[str, ...]) -> TableForm:
    return TableForm(encoding=form.encoding, header=form.header or header, sheet=form.sheet)


def _known(titles: Sequence[str], form: LogForm, layout: Layout | None) -> int:
    """How many of these titles belong to columns that are used."""
    of_layout = [title for titles in layout.columns.values() for title in titles] if layout else []
    wanted = {plain_word(title) for title in (*FIELDS, *form.columns.values(), *of_layout)}
    return sum(plain_word(title) in wanted for title in titles)


def _headless(columns: int) -> str:
    """What a user may write where a log has no header."""
    titles = "title of its column" if columns == 1 else f"titles of its {columns} columns"
    layouts = " or ".join(_of_width(columns))
    return f"a header; or --header with the {titles}" + (f"; or --layout {layouts}, if it is theirs" if layouts else "")


def _of_width(width: int) -> list[str]:
    """The layouts whose exports without a header may have so many columns."""
    return [each.name for each in LAYOUTS.values() if each.positions and width in each.widths]


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return line.split(separator)


def _positions(data: bytes, name: str, form: LogForm, layout: Layout) -> tuple[str, ...]:
    """The titles of a layout's columns, as many as the first row has cells; none if the row has one of them itself.

    InputError if so many cells are those of other layouts.
    """
    line = _first_line(data, name, form)
    cells = max((_cells(line, each) for each in SEPARATORS), key=len)
    if any(title_among([cell], layout.positions) for cell in cells):
        return ()
    others = _of_width(len(cells))
    if others and layout.name not in others:
        known = f"{layout.widths[0]} to {layout.widths[-1]}, as an export of {layout.name} without a header has"
        allowed = f"{known}; or --layout {' or '.join(others)}, perhaps; or --header with their titles"
        fail(f"{len(cells)} columns", allowed, name, 1)
    more = (TITLE_OF_COLUMN.format(place) for place in range(len(layout.positions) + 1, len(cells) + 1))
    return (*layout.positions[: len(cells)], *more)


def _first_line(data: bytes, name: str, form: LogForm) -> str:
    """The first line with something in it but `sep=;`."""
    text = marked_text(data, name, form.encoding)
    begin = text[:_BEGIN] if isinstance(text, str) else text[:_BEGIN].decode(errors="ignore")
    return next(
        (line for line in begin.splitlines() if line.strip() and not line.lower().startswith(("sep=", '"sep='))), ""
    )


def _named(table: Table, file: str, form: LogForm, layout: Layout | None, needs: Needs) -> pl.DataFrame:
    """The columns that are used, named as the fields; InputError with every fault of the columns."""
    frame = table.frame
    faults: list[Fault] = []
    there = _cut(", ".join(frame.columns))
    sources: dict[str, str] = {}
    for field, title in form.columns.items():
        found = title if title in frame.columns else title_among(frame.columns, [title])
        if field not in FIELDS and not _is_other(field, needs):
            swapped = f"--column {shown(f'{title}={field}')}, perhaps: the field comes first" if title in FIELDS else ""
            allowed = swapped or _near(field, FIELDS) or ", ".join((*FIELDS, *_shown(needs)))
            faults.append(Fault((f"--column {field}",), "an unknown field", allowed))
        elif found is None:
            allowed = _near(title, frame.columns) or there
            faults.append(Fault((f"--column {field}",), f"no column {shown(title)}", allowed, file))
        elif (first := next((other for other, theirs in sources.items() if theirs == found), None)) is not None:
            column = f"{shown(title)}, which is the column of {first} already"
            faults.append(Fault((f"--column {field}",), column, "another column", file))
        else:
            sources[field] = found
    own = {field: (field,) for field in FIELDS} if layout is None else layout.columns
    for field, titles in own.items():
        title_there = next((title for title in titles if title in frame.columns), title_among(frame.columns, titles))
        if title_there is not None:
            sources.setdefault(field, title_there)
    for title in frame.columns:
        if _is_other(title, needs):
            sources.setdefault(title, title)
    theirs = "" if layout else _layout_of(frame.columns, needs)
    for field in needs.fields:
        if field not in sources and field not in form.columns:
            near = _near(field, frame.columns)
            allowed = f"--column {field}=NAME with one of: {there}{theirs}{table.other_sheets}"
            faults.append(Fault((field,), "no such column", f"{near}: {allowed}" if near else allowed, file))
    sources |= _other_sources(frame, file, form, layout, there, faults)
    faults += [
        Fault((field,), f"a column of {frame[title].dtype}, which loses digits", "text, Int64 or Float64", file)
        for field, title in sources.items()
        if field in _OF_MANY_DIGITS and frame[title].dtype.is_float() and frame[title].dtype != pl.Float64
    ]
    if faults:
        raise InputError(faults)
    # a title such as `*` or `^a$` stands for several columns in an expression
    named = frame.select(frame[title].alias(field) for field, title in sources.items())
    nested = [name for name, kind in named.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    if nested:
        raise InputError(Fault((name,), f"cells of {named.schema[name]}", "text or numbers", file) for name in nested)
    return named.with_columns(pl.selectors.duration().dt.total_microseconds() / 1e6)


def _is_other(field: str, needs: Needs) -> bool:
    """Whether a name is that of a field that is read beside those of every log."""
    return any(
        field.startswith(each) and field != each if each[-1] == "." else field == each for each in needs.other_fields
    )


def _shown(needs: Needs) -> list[str]:
    return [f"{each}NAME" if each[-1] == "." else each for each in needs.other_fields]


def _layout_of(titles: Sequence[str], needs: Needs) -> str:
    """The layout, as a remedy, that has titles for phone and what is needed among these; else nothing."""
    fields = (*needs.fields, "phone")
    found = [
        each.name
        for each in LAYOUTS.values()
        if all(title_among(titles, each.columns.get(field, ())) for field in fields)
    ]
    return f"; or --layout {' or '.join(found)}, whose titles these are" if found else ""


def _other_sources(
    frame: pl.DataFrame, file: str, form: LogForm, layout: Layout | None, there: str, faults: list[Fault]
) -> dict[str, str]:
    """The titles of the columns that are no fields: of legs, and of a layout's corrections."""
    sources: dict[str, str | None] = {}
    if form.call_id is not None:
        sources[CALL_ID] = form.call_id if form.call_id in frame.columns else title_among(frame.columns, [form.call_id])
        if sources[CALL_ID] is None:
            allowed = _near(form.call_id, frame.columns) or there
            faults.append(Fault(("--call-id",), f"no column {shown(form.call_id)}", allowed, file))
    elif layout is not None:
        sources[CALL_ID] = title_among(frame.columns, layout.call_id)
    for place, correction in enumerate(layout.corrections if layout else ()):
        sources[CORRECTION.format(place)] = title_among(frame.columns, correction.column)
    return {name: title for name, title in sources.items() if title is not None}


def _near(name: str, names: list[str] | tuple[str, ...]) -> str:
    """`Phone, perhaps` if one of the names is near; else nothing."""
    plain = {plain_word(each): each for each in names}
    found = difflib.get_close_matches(plain_word(name), plain, 1, 0.75)
    return f"{shown(plain[found[0]])}, perhaps" if found else ""


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
