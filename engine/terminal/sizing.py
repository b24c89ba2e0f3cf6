"""A sizing on a terminal: the answer in a sentence, and the sizes that were tried."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.terminal.tables import headline_lines, share_bar, titled_table
from engine.whatif.sizing import SizePoint, Sizing
from engine.wording.sizings import (
    HINDRANCES_CAPTION,
    SOUGHT_WORDS,
    hindrance_rows,
    met_text,
    size_value_text,
    sizing_headline,
)
from engine.words import percent

BAR_WIDTH = 24
MOST_POINTS = 24


def sizing_report(sizing: Sizing, zone_name: str) -> RenderableType:
    """What is needed and how sure that is, or why the goal cannot be reached."""
    return Group(
        *headline_lines(sizing_headline(sizing, zone_name)),
        *(part for table in _tables(sizing, zone_name) if table.row_count for part in ("", table)),
    )


def _tables(sizing: Sizing, zone_name: str) -> Iterator[Table]:
    yield _curve(sizing, zone_name)
    if sizing.unreachable:
        table = titled_table(HINDRANCES_CAPTION, "share", "")
        for words, share in hindrance_rows(sizing.unreachable):
            table.add_row(words, percent(share), share_bar(share))
        yield table
    if sizing.changes:
        table = titled_table("The change to the scenario")
        for path, value in sizing.changes.items():
            for line in _assignments(path, value):
                table.add_row(f"--set campaign.{line}")
        yield table


def _assignments(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):  # of shifts, of which the lines have changed
        yield from (f"{path}.{index}.lines={shift['lines']}" for index, shift in enumerate(value))
    else:
        yield f"{path}={value}"


def _curve(sizing: Sizing, zone_name: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(SOUGHT_WORDS[sizing.by], style="bold"), justify="right", no_wrap=True)
    table.add_column("met the goal", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("")
    for point in sizing.points_of(MOST_POINTS):
        table.add_row(
            size_value_text(point.value, zone_name),
            met_text(point),
            f"{point.low:.0%} to {point.high:.0%}",
            _bar(point),
            style="bold cyan" if point.value == sizing.answer else "",
        )
    return table


def _bar(point: SizePoint) -> Text:
    return Text("█" * round(point.met / point.replications * BAR_WIDTH))
