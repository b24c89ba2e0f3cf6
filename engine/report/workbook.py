"""The workbook of a run: its answer, figures and tables as sheets, for those who go on in a spreadsheet."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import xlsxwriter

from engine.calling.instants import DAY
from engine.calling.zones import local_seconds
from engine.report.cells import with_texts, workbook_text, workbook_titles
from engine.results.figures import figure_named
from engine.results.result import Result
from engine.results.summary import figures_by_name
from engine.wording.figures import figure_title
from engine.wording.runs import Counts, list_counts, not_reached_counts, outcome_counts, run_headline
from engine.words import zone_text

MOST_NUMBERS = 50_000
"""The longest list whose numbers have a sheet: a longer one takes long to write, and `numbers.parquet` has it."""
FORMATS = {
    "share": "0.00%",
    "yes-or-no": "0%",
    "span": "[h]:mm:ss",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "count": "#,##0",
    "measured": "#,##0.###",
}
"""How spreadsheets show the values of each kind of figure."""
EPOCH_DAY = 25_569
"""The day 1970-01-01 as spreadsheets count days."""


def run_workbook(result: Result) -> bytes:
    """An Excel workbook of a run, always the same for the same run; instants are on the campaign's own clock.

    Its sheets are the answer with its notes, the figures, the counts, how long numbers waited, the timeline by quarter-
    hours, and the numbers of a list of up to MOST_NUMBERS. Text is never taken for a formula or a link.
    """
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"created": datetime.fromtimestamp(int(result.document.start), UTC).replace(tzinfo=None)})
        _write_answer(book, result)
        _write_figures(book, result)
        _write_counts(book, result)
        _write_waits(book, result)
        _write_table(book, "Timeline", result.timeline, result)
        if len(result.phonebook) <= MOST_NUMBERS:
            _write_table(book, "Numbers", result.numbers, result)
    return written.getvalue()


def _write_answer(book: Any, result: Result) -> None:
    headline, zone_name = run_headline(result), result.document.campaign.zone_name
    sheet = book.add_worksheet("Answer")
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True}))
    large = book.add_format({"bold": True, "font_size": 14, "text_wrap": True})
    lines = [headline.name or "A run", headline.answer, *headline.more, "", *headline.about]
    lines += [f"Times are on the clock of {zone_text(zone_name)}.", *(f"Note: {note}" for note in headline.notes)]
    if len(result.phonebook) > MOST_NUMBERS:
        lines.append(f"The numbers are in numbers.parquet: {len(result.phonebook):,} of them.")
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, workbook_text(line), large if row < 2 else None)


def _write_figures(book: Any, result: Result) -> None:
    rows: list[Sequence[Any]] = []
    kinds = []
    for name, value in figures_by_name(result.figures).items():
        kind = figure_named(name).kind
        kinds.append(kind)
        rows.append((figure_title(name), _days(value, kind, result), name))
    formats = {kind: book.add_format({"num_format": FORMATS.get(kind, "General"), "align": "left"}) for kind in kinds}
    sheet = _sheet(book, "Figures", ("figure", "value", "name"), (55, 22, 40))
    for row, (cells, kind) in enumerate(zip(rows, kinds, strict=True), 1):
        for column, cell in enumerate(cells):
            _write(sheet, row, column, cell, formats[kind] if column == 1 else None)


def _days(value: float | None, kind: str, result: Result) -> float | None:
    """A value as spreadsheets keep it: spans and instants in days."""
    if value is None:
        return None
    if kind == "span":
        return value / DAY
    if kind == "instant":
        local = local_seconds(np.array([int(value)]), result.document.campaign.zone_name)
        return int(local[0]) / DAY + EPOCH_DAY
    return value


def _write_counts(book: Any, result: Result) -> None:
    share, count = (book.add_format({"num_format": FORMATS[kind]}) for kind in ("share", "count"))
    figures = result.figures
    tables: dict[str, Counts] = {
        "List": list_counts(figures),
        "Reasons": not_reached_counts(figures),
        "Outcomes": outcome_counts(figures),
    }
    for name, counts in tables.items():
        sheet = _sheet(book, name, (counts.what, counts.unit, "share"), (60, 14, 14))
        for row, each in enumerate(counts.rows, 1):
            _write(sheet, row, 0, each.words)
            _write(sheet, row, 1, each.counted, count)
            _write(sheet, row, 2, each.share, share)


def _write_waits(book: Any, result: Result) -> None:
    span, count = (book.add_format({"num_format": FORMATS[kind]}) for kind in ("span", "count"))
    titles = ("priority", "numbers", "mean", "median", "nine in ten within", "99 in 100 within")
    sheet = _sheet(book, "Waiting", titles, (12, 14, *[20] * 4))
    for row, (priority, waits) in enumerate(result.figures.waiting.items(), 1):
        _write(sheet, row, 0, int(priority))
        _write(sheet, row, 1, waits.numbers, count)
        for column, seconds in enumerate((waits.mean, waits.median, waits.p90, waits.p99), 2):
            _write(sheet, row, column, _days(seconds, "span", result), span)


def _write_table(book: Any, name: str, table: pl.DataFrame, result: Result) -> None:
    """A table whose instants are on the campaign's own clock."""
    zone_name = result.document.campaign.zone_name
    instants = [column for column, kind in table.schema.items() if isinstance(kind, pl.Datetime)]
    table = table.with_columns(_local(table[column], zone_name) for column in instants)
    table = with_texts(table, workbook_text)
    table.columns = workbook_titles(table.columns)
    table.write_excel(book, name, autofilter=False, dtype_formats={pl.Datetime: FORMATS["instant"]}, column_widths=110)


def _local(column: pl.Series, zone_name: str) -> pl.Series:
    """Instants as the wall clock of a zone shows them."""
    seconds = column.dt.epoch("s")
    local = local_seconds(seconds.drop_nulls().to_numpy(), zone_name)
    whole = pl.Series(column.name, [None], dtype=pl.Int64).new_from_index(0, len(column))
    known = seconds.is_not_null().arg_true()
    return (whole.scatter(known, local) * 1_000_000).cast(pl.Datetime("us"))


def _sheet(book: Any, name: str, titles: Sequence[str], widths: Sequence[float]) -> Any:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    return sheet


def _write(sheet: Any, row: int, column: int, cell: object, shape: Any = None) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, workbook_text(cell), shape)
    elif cell is not None:
        sheet.write_number(row, column, cell, shape)
