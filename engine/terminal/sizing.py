"""A sizing on a terminal: the answer in a sentence, and the curve that was walked through."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.whatif.sizing import SizePoint, Sizing, value_text
from engine.words import percent

TRIED = {"lines": "lines", "callsPerSecond": "calls a second", "finish": "reached before"}
BAR_WIDTH = 24
MOST_POINTS = 24


def sizing_report(sizing: Sizing, zone_name: str) -> RenderableType:
    """What is needed and how sure that is, or what keeps the goal from being reached."""
    return Group(
        Text(sizing.name or "A campaign", style="bold"),
        "",
        Text(sizing.sentence, style="bold"),
        *(part for table in _tables(sizing, zone_name) if table.row_count for part in ("", table)),
    )


def _tables(sizing: Sizing, zone_name: str) -> Iterator[Table]:
    yield _curve(sizing, zone_name)
    if sizing.unreachable:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column(Text("Who is not reached in time, and why", style="bold"), min_width=39)
        table.add_column("share", justify="right")
        for hindrance in sizing.unreachable.hindrances:
            table.add_row(hindrance.text, percent(hindrance.share))
        yield table
    if sizing.changes:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column(Text("The change to the scenario", style="bold"), min_width=39)
        for path, value in sizing.changes.items():
            for line in _assignments(path, value):
                table.add_row(f"--set campaign.{line}")
        yield table


def _assignments(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):  # of shifts, of which the lines have changed
        yield from (f"{path}.{place}.lines={shift['lines']}" for place, shift in enumerate(value))
    else:
        yield f"{path}={value}"


def _curve(sizing: Sizing, zone_name: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(TRIED[sizing.by], style="bold"), justify="right", no_wrap=True)
    table.add_column("met the goal", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("")
    for point in _shown_points(sizing):
        is_answer = point.value == sizing.answer
        text = value_text(sizing.by, point.value, zone_name) if sizing.by == "finish" else f"{point.value:,g}"
        table.add_row(
            text,
            f"{point.met} of {point.replications}",
            f"{point.low:.0%} to {point.high:.0%}",
            _bar(point),
            style="bold cyan" if is_answer else "",
        )
    return table


def _shown_points(sizing: Sizing) -> list[SizePoint]:
    """Some of many points, evenly chosen, the answer among them."""
    points = sizing.points
    if len(points) <= MOST_POINTS:
        return list(points)
    chosen = {round(place * (len(points) - 1) / (MOST_POINTS - 1)) for place in range(MOST_POINTS)}
    return [point for place, point in enumerate(points) if place in chosen or point.value == sizing.answer]


def _bar(point: SizePoint) -> Text:
    return Text("█" * round(point.met / point.replications * BAR_WIDTH))
