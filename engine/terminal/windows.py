"""The open windows of a call policy on a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from engine.calling.policy import DEFAULT_ZONE
from engine.reading.notes import Note
from engine.terminal.tables import note_lines
from engine.words import moment_text, percent, span_text, zone_text


def windows_report(
    windows: Sequence[tuple[int, int]], span: tuple[int, int], zone_name: str, notes: Iterable[Note] = ()
) -> RenderableType:
    """The open windows of a policy in a span of Unix seconds, in its zone and in UTC, below the notes on it."""
    told = [*note_lines(map(str, notes))]
    above = [*told, ""] if told else []
    if not windows:
        return Group(*above, "This policy allows no call in that time.")
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
    return Group(*above, table, "", f"{len(windows):,} windows, open for {span_text(total)}, {share} of the time.")


def _end_text(start: int, end: int, zone_name: str) -> str:
    text = moment_text(end, zone_name)
    day, clock = text.rsplit(" ", 1)
    return clock if moment_text(start, zone_name).startswith(day) else text
