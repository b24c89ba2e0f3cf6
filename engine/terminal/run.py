"""A run on a terminal: tables that a planner reads at a glance, with a small picture of the calls."""

from collections.abc import Iterable
from datetime import date

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.dialing.record import ENDINGS
from engine.results.reasons import ENDING_WORDS, reason_text
from engine.results.result import Result
from engine.results.summary import Summary
from engine.terminal.tables import share_bar, titled_table
from engine.wording.headlines import headline
from engine.words import percent, span_text

MOST_DAYS_DRAWN = 31
"""Longer simulations are drawn by weekday."""
SHADES = " ·░▒▓█"
COLOURS = ("", "grey50", "cyan", "cyan", "bright_cyan", "bright_white")


def run_report(result: Result) -> RenderableType:
    """What came of a scenario: the answer in a sentence, tables, and the calls by day and local hour."""
    figures = result.figures
    tables = (
        *(_list_table(figures), _calls_table(figures), _waiting_table(figures), _not_reached_table(figures)),
        _zones_table(figures),
    )
    return Group(
        *_headline(result),
        *(part for table in tables if table.row_count for part in ("", table)),
        "",
        Text("Calls by day and local hour of the customer", style="bold"),
        local_hours_picture(result.local_hours),
        "",
        Text(f"digest {figures.digest}", style="dim"),
    )


def _headline(result: Result) -> Iterable[RenderableType]:
    words = headline(result)
    yield Text(words.name, style="bold")
    yield words.span
    yield words.size
    yield ""
    yield Text(words.answer, style="bold")
    yield from words.more


def _list_table(figures: Summary) -> Table:
    table = titled_table("What became of the list", "numbers", "share", "")
    for ending in ENDINGS:
        if figures.numbers.ending[ending]:
            share = figures.numbers.ending_share[ending]
            table.add_row(ENDING_WORDS[ending], f"{figures.numbers.ending[ending]:,}", percent(share), share_bar(share))
    return table


def _calls_table(figures: Summary) -> Table:
    lines = figures.lines
    table = titled_table("Calls", "calls", "share", "")
    for outcome, count in figures.calls.outcome.items():
        share = figures.calls.outcome_share[outcome]
        table.add_row(outcome, f"{count:,}", percent(share), share_bar(share))
    table.add_row("in all", f"{figures.calls.total:,}", "", f"{figures.calls.per_number:.2f} a number")
    table.add_section()
    available, used = f"{lines.hours_available:,.0f} h", f"{lines.hours_in_use:,.0f} h"
    table.add_row("lines available", available)
    table.add_row("lines in use", used, percent(lines.occupancy), f"at most {lines.most_in_use:,} at once")
    table.add_row("occupancy while calling", "", percent(lines.occupancy_while_calling))
    return table


def _waiting_table(figures: Summary) -> Table:
    table = titled_table("First allowed to first call", "numbers", "median", "90 %", "99 %", width=27)
    for priority, waiting in figures.waiting.items():
        spans = (span_text(waiting.median), span_text(waiting.p90), span_text(waiting.p99))
        table.add_row(f"priority {priority}", f"{waiting.numbers:,}", *spans)
    return table


def _not_reached_table(figures: Summary) -> Table:
    table = titled_table("Who was not reached, and why", "numbers", "share", "")
    for reason, count in figures.numbers.not_reached.items():
        share = count / figures.numbers.total
        table.add_row(reason_text(reason), f"{count:,}", percent(share), share_bar(share))
    return table


def _zones_table(figures: Summary) -> Table:
    table = titled_table("Zones told by the phones", "numbers", "share", "")
    if figures.zones is not None:
        rows = {
            "in one zone": figures.zones.in_one_zone,
            "in several, called when all are open": figures.zones.in_several_zones,
            "not told, called by zoneIfUnknown": figures.zones.not_placed,
        }
        for words, count in rows.items():
            if count:
                share = count / figures.numbers.total
                table.add_row(words, f"{count:,}", percent(share), share_bar(share))
    return table


def local_hours_picture(local_hours: pl.DataFrame) -> RenderableType:
    """A row a day, or a weekday where there are many days; a darker cell for more calls in that hour."""
    if local_hours.is_empty():
        return "no calls"
    counts: dict[tuple[date, int], int] = {}
    for moment, calls in local_hours.select("hour", "calls").iter_rows():
        counts[moment.date(), moment.hour] = calls
    first, last = (day.toordinal() for day in (min(counts)[0], max(counts)[0]))
    days = [date.fromordinal(day) for day in range(first, last + 1)]
    by_weekday = len(days) > MOST_DAYS_DRAWN
    hours = range(min(hour for _, hour in counts), max(hour for _, hour in counts) + 1)
    rows: dict[str, list[int]] = {}
    for day in sorted(days, key=date.weekday) if by_weekday else days:
        cells = rows.setdefault(day.strftime("%a" if by_weekday else "%a %Y-%m-%d"), [0] * len(hours))
        for place, hour in enumerate(hours):
            cells[place] += counts.get((day, hour), 0)
    most = max(max(cells) for cells in rows.values())
    lines = [Text(" " * 16 + "".join(f"{hour:02} " for hour in hours) + "    calls", style="dim")]
    for label, cells in rows.items():
        line = Text(f"{label:<16}")
        for calls in cells:
            shade = -(-calls * (len(SHADES) - 1) // most)
            line.append(SHADES[shade] * 2 + " ", style=COLOURS[shade])
        lines.append(line.append(f"{sum(cells):>9,}", style="dim"))
    return Group(*lines)
