"""The parts of answers on a terminal: headlines, tables, bars, pictures."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich import terminal_theme
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from engine.reading.names import visible
from engine.terminal.console import styled
from engine.wording.headlines import Headline
from engine.wording.runs import Counts
from engine.words import percent
from engine.writing import write_text

PICTURE_MARK = "<!-- dialer: what a terminal shows -->"
"""Stands in every picture that we write."""


def titled_table(title: str, *columns: str, width: int = 39) -> Table:
    """A table with a title of at least `width` characters; columns hold figures; those without a name hold text.

    Figures stay whole: where the table is too wide, the names in its first column are broken.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(title, style="bold"), min_width=width, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    return table


def headline_lines(headline: Headline) -> Iterator[RenderableType]:
    """The first lines of an answer: what was asked, the answer and what follows it."""
    yield styled(headline.name, "bold")
    yield from headline.about
    yield ""
    yield styled(headline.answer, "bold")
    yield from headline.more
    if headline.notes:
        yield ""
    yield from note_lines(headline.notes)


def note_lines(notes: Iterable[str]) -> Iterator[RenderableType]:
    """Notes, each on a line of its own."""
    return (styled(f"note: {note}", "yellow") for note in notes)


def counts_table(counts: Counts) -> Table:
    """Counts with their shares, drawn as bars."""
    table = titled_table(counts.caption, counts.unit, "share", "")
    for row in counts.rows:
        table.add_row(row.words, f"{row.counted:,}", percent(row.share), share_bar(row.share))
    return table


def share_bar(share: float) -> Text:
    """A share of 0 to 1 as a bar of at most 16 cells."""
    return Text("█" * round(share * 16) or "▏", style="cyan")


def write_svg(console: Console, file: Path, title: str) -> None:
    """Write what a recording console showed as a picture, whole or not at all, with a mark by which we know it."""
    # rich's template fetches a font from the network; a picture must not
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    template = template.replace("<!-- Generated with Rich", f"{PICTURE_MARK}\n    <!-- Generated with Rich", 1)
    text = console.export_svg(title=visible(title), theme=terminal_theme.MONOKAI, code_format=template)
    write_text(file, text)
