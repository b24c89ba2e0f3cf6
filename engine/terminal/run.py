"""A run on a terminal: tables, with a small picture of the calls."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.results.result import Result
from engine.results.summary import Summary
from engine.terminal.tables import counts_table, headline_lines, titled_table
from engine.wording.runs import (
    LINES_CAPTION,
    WAITS_CAPTION,
    line_figures,
    lines_remark,
    list_counts,
    not_reached_counts,
    outcome_counts,
    run_headline,
    waits,
    waits_counts,
    zone_counts,
)

EPOCH_DAY = date(1970, 1, 1).toordinal()
MOST_DAYS_DRAWN = 31
"""Longer simulations are drawn by weekday."""
LABEL_WIDTH, CALLS_WIDTH = 16, 9
"""Of a day's name with its date, and of its calls."""
SHADES = " ·░▒▓█"
COLOURS = ("", "grey50", "cyan", "cyan", "bright_cyan", "bright_white")


def run_report(result: Result) -> RenderableType:
    """What came of a scenario: the answer in a sentence, tables, and the calls by day and local hour."""
    figures = result.figures
    tables = (
        counts_table(list_counts(figures)),
        _calls_table(figures),
        _lines_table(result),
        _waiting_table(figures),
        counts_table(not_reached_counts(figures)),
        counts_table(zone_counts(figures)),
        counts_table(waits_counts(result)),
    )
    return Group(
        *headline_lines(run_headline(result)),
        *(part for table in tables if table.row_count for part in ("", table)),
        "",
        Text("Calls by day and local hour of the customer", style="bold"),
        local_hours_picture(result.record.local_hours),
        "",
        Text(f"digest {figures.digest}", style="dim"),
    )


def _calls_table(figures: Summary) -> Table:
    table = counts_table(outcome_counts(figures))
    table.add_row("in all", f"{figures.calls.total:,}")
    return table


def _lines_table(result: Result) -> Table:
    table = titled_table(LINES_CAPTION, "")
    table.caption, table.caption_justify = lines_remark(result.figures) or None, "left"
    for row in line_figures(result):
        table.add_row(*row)
    return table


def _waiting_table(figures: Summary) -> Table:
    table = titled_table(WAITS_CAPTION, "numbers", "median", "90 %", "99 %", width=27)
    for each in waits(figures):
        table.add_row(each.priority, each.numbers, each.median, each.p90, each.p99)
    return table


def local_hours_picture(local_hours: Mapping[int, Sequence[int]]) -> RenderableType:
    """A row for each day, or for each weekday if there are many days; a cell is darker for more calls in its hour.

    `local_hours` has the calls by outcome in each local hour since 1970 that has any.
    """
    if not local_hours:
        return "no calls"
    counts: dict[tuple[date, int], int] = {}
    for number, calls in local_hours.items():
        days_since, hour = divmod(number, 24)
        counts[date.fromordinal(EPOCH_DAY + days_since), hour] = sum(calls)
    first, last = (day.toordinal() for day in (min(counts)[0], max(counts)[0]))
    days = [date.fromordinal(day) for day in range(first, last + 1)]
    by_weekday = len(days) > MOST_DAYS_DRAWN
    hours = range(min(hour for _, hour in counts), max(hour for _, hour in counts) + 1)
    rows: dict[str, list[int]] = {}
    for day in sorted(days, key=date.weekday) if by_weekday else days:
        cells = rows.setdefault(day.strftime("%a" if by_weekday else "%a %Y-%m-%d"), [0] * len(hours))
        for column, hour in enumerate(hours):
            cells[column] += counts.get((day, hour), 0)
    return _HoursPicture(hours, rows)


class _HoursPicture(NamedTuple):
    """A row of cells for each day, and its calls; narrower cells, or none, where there is no room."""

    hours: range
    rows: dict[str, list[int]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        room = options.max_width - LABEL_WIDTH - CALLS_WIDTH
        cell = next((width for width in (3, 1) if width * len(self.hours) <= room), 0)
        if cell == 3:
            head = "".join(f"{hour:02} " for hour in self.hours)
        else:
            head = f"{self.hours[0]:02}-{self.hours[-1]:02}"[: cell * len(self.hours)].ljust(cell * len(self.hours))
        yield Text(" " * LABEL_WIDTH + head + f"{'calls':>{CALLS_WIDTH}}", style="dim")
        most = max(max(calls) for calls in self.rows.values())
        for label, cells in self.rows.items():
            line = Text(f"{label:<{LABEL_WIDTH}}")
            for calls in cells if cell else ():
                shade = -(-calls * (len(SHADES) - 1) // most)
                line.append(SHADES[shade] * 2 + " " if cell == 3 else SHADES[shade], style=COLOURS[shade])
            yield line.append(f"{sum(cells):>{CALLS_WIDTH},}", style="dim")
