"""A sizing on a terminal: the answer in a sentence, and the sizes that were tried."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.terminal.tables import headline_lines, share_bar, titled_table
from engine.whatif.sizing import SizePoint, Sizing
from engine.wording.sizings import (
    SETTING_CAPTION,
    SOUGHT_WORDS,
    folded_text,
    hindrance_rows,
    hindrances_caption,
    met_share_text,
    reached_text,
    setting_rows,
    size_value_text,
    sizing_headline,
    spared_text,
)
from engine.words import percent, percent_as_written

MOST_POINTS = 24


def sizing_report(sizing: Sizing, zone_name: str) -> RenderableType:
    """What is needed and how sure that is, or why the goal cannot be reached."""
    return Group(
        *headline_lines(sizing_headline(sizing, zone_name)),
        *(part for each in _parts(sizing, zone_name) for part in each),
    )


def _parts(sizing: Sizing, zone_name: str) -> Iterator[tuple[RenderableType, ...]]:
    """The tables, each with what goes before and after it."""
    shown, spared = sizing.points_of(MOST_POINTS), spared_text(sizing)
    folded = folded_text(sizing, shown, zone_name)
    if shown:
        remarks = (f"{folded} --json lists them all." if folded else "", spared)
        yield "", _curve(sizing, shown, zone_name), *(Text(remark, style="dim") for remark in remarks if remark)
    elif spared:
        yield "", Text(spared, style="dim")
    for table in _tables(sizing, zone_name):
        if table.row_count:
            yield "", table


def _tables(sizing: Sizing, zone_name: str) -> Iterator[Table]:
    table = titled_table(hindrances_caption(sizing, zone_name), "share", "")
    for words, share in hindrance_rows(sizing):
        table.add_row(words, percent(share), share_bar(share))
    yield table
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, title=Text(SETTING_CAPTION, style="bold"))
    table.title_justify = "left"
    for name, words in setting_rows(sizing, zone_name):
        table.add_row(name, words)
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


def _curve(sizing: Sizing, shown: Sequence[SizePoint], zone_name: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(SOUGHT_WORDS[sizing.by], style="bold"), justify="right", no_wrap=True)
    table.add_column(Text(f"met the goal\n({percent_as_written(sizing.goal.confidence)} wanted)"), no_wrap=True)
    if sizing.by != "finish":
        table.add_column(Text(f"reached in time\n({percent_as_written(sizing.goal.reached)} wanted)"), no_wrap=True)
    table.add_column("", no_wrap=True)
    for point in shown:
        is_answer = point.value == sizing.answer
        table.add_row(
            size_value_text(point.value, zone_name),
            met_share_text(point),
            *(() if sizing.by == "finish" else (reached_text(point.reached),)),
            "the answer" if is_answer else "",
            style="bold cyan" if is_answer else "",
        )
    return table
