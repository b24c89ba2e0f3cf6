"""A run on a terminal: tables that a planner reads at a glance, with a small picture of the calls."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from rich import terminal_theme
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.calling.policy import DEFAULT_ZONE
from engine.dialing.record import ENDINGS
from engine.results.folder import write_text
from engine.results.result import Result
from engine.results.summary import Summary
from engine.wording.headlines import ENDING_WORDS, headline, moment_text, percent, reason_text, span_text, zone_text

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
    table = _table("What became of the list", "numbers", "share", "")
    for ending in ENDINGS:
        if figures.numbers.ending[ending]:
            share = figures.numbers.ending_share[ending]
            table.add_row(ENDING_WORDS[ending], f"{figures.numbers.ending[ending]:,}", percent(share), _bar(share))
    return table


def _calls_table(figures: Summary) -> Table:
    lines = figures.lines
    table = _table("Calls", "calls", "share", "")
    for outcome, count in figures.calls.outcome.items():
        share = figures.calls.outcome_share[outcome]
        table.add_row(outcome, f"{count:,}", percent(share), _bar(share))
    table.add_row("in all", f"{figures.calls.total:,}", "", f"{figures.calls.per_number:.2f} a number")
    table.add_section()
    available, used = f"{lines.hours_available:,.0f} h", f"{lines.hours_in_use:,.0f} h"
    table.add_row("lines available", available)
    table.add_row("lines in use", used, percent(lines.occupancy), f"at most {lines.most_in_use:,} at once")
    table.add_row("occupancy while calling", "", percent(lines.occupancy_while_calling))
    return table


def _waiting_table(figures: Summary) -> Table:
    table = _table("First allowed to first call", "numbers", "median", "90 %", "99 %", width=27)
    for priority, waiting in figures.waiting.items():
        spans = (span_text(waiting.median), span_text(waiting.p90), span_text(waiting.p99))
        table.add_row(f"priority {priority}", f"{waiting.numbers:,}", *spans)
    return table


def _not_reached_table(figures: Summary) -> Table:
    table = _table("Who was not reached, and why", "numbers", "share", "")
    for reason, count in figures.numbers.not_reached.items():
        share = count / figures.numbers.total
        table.add_row(reason_text(reason), f"{count:,}", percent(share), _bar(share))
    return table


def _zones_table(figures: Summary) -> Table:
    table = _table("Zones told by the phones", "numbers", "share", "")
    if figures.zones is not None:
        zone = zone_text(figures.zones.not_placed_zone)
        rows = {
            "in one zone": figures.zones.in_one_zone,
            "in several, called when all are open": figures.zones.in_several_zones,
            f"not told, called by the clock of {zone}": figures.zones.not_placed,
        }
        for words, count in rows.items():
            if count:
                share = count / figures.numbers.total
                table.add_row(words, f"{count:,}", percent(share), _bar(share))
    return table


def _table(title: str, *columns: str, width: int = 39) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(title, style="bold"), min_width=width, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
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


def windows_report(windows: Sequence[tuple[int, int]], span: tuple[int, int], zone_name: str) -> RenderableType:
    """The open windows of a policy in a span of Unix seconds, in the policy's zone and in UTC."""
    if not windows:
        return "This policy allows no call in that time."
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(zone_text(zone_name), no_wrap=True)
    table.add_column("UTC", no_wrap=True)
    table.add_column("open for", justify="right", no_wrap=True)
    for opens, closes in windows:
        spans = (
            f"{moment_text(opens, zone)} to {_end_text(opens, closes, zone)}" for zone in (zone_name, DEFAULT_ZONE)
        )
        table.add_row(*spans, span_text(closes - opens))
    total = sum(closes - opens for opens, closes in windows)
    share = percent(total / (span[1] - span[0]))
    return Group(table, "", f"{len(windows):,} windows, open for {span_text(total)}, {share} of the time.")


def _end_text(start: int, end: int, zone_name: str) -> str:
    text = moment_text(end, zone_name)
    day, clock = text.rsplit(" ", 1)
    return clock if moment_text(start, zone_name).startswith(day) else text


def _bar(share: float) -> Text:
    return Text("█" * round(share * 16) or "▏", style="cyan")


def write_svg(console: Console, file: Path, title: str) -> None:
    """Write what a recording console showed as a picture; whole, or not at all."""
    # rich's template fetches a font from the network; a picture must not
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    text = console.export_svg(title=title, theme=terminal_theme.MONOKAI, code_format=template)
    write_text(file, text)
