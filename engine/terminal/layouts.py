"""Layouts of call logs on a terminal: of which export each is, its columns and its words."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.logs.layouts import Layout, words_by_outcome


def layouts_report(layouts: Iterable[Layout]) -> RenderableType:
    """Every layout with the titles of its columns and the words of its outcomes."""
    return Group(*(part for layout in layouts for part in _layout(layout)))


def _layout(layout: Layout) -> Iterable[RenderableType]:
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for field, titles in layout.columns.items():
        table.add_row(field, " or ".join(titles))
    if layout.call_id:
        table.add_row("legs", " or ".join(layout.call_id))
    for outcome, words in words_by_outcome(layout.outcomes).items():
        table.add_row(outcome, ", ".join(words))
    yield Text(layout.name, style="bold")
    yield Text(f"  {layout.system}")
    yield Text(f"  Source: {layout.source}", style="dim")
    yield table
    yield ""
