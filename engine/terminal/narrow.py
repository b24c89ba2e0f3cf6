"""Narrow terminals: figures of tables stay whole; bars go first, then words are broken, then rows take more lines."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

LEAST_WORDS = 12
"""Where not even so many characters, or a long word, are left for the words of a row, they get their own line."""
BARS = frozenset("█▏")
GAP = 2
"""So many characters stand between columns."""


def fitted(table: Table, console: Console, options: ConsoleOptions) -> RenderableType:
    """The table as it fits: as it is, without its bars, with its words broken, or with each row in several lines.

    Columns that do not wrap hold figures; a column of which no cell is text, or all are bars, is one of bars.
    """
    room = options.max_width
    widths = {id(column): _width(column, table, console, options) for column in table.columns}

    def least(columns: list[Column], *, broken: bool) -> int:
        """The fewest characters in which the columns fit, with their least widths or, if words are broken, without."""
        fixed, flexible, ratios = GAP * len(columns), 0, sum(column.ratio or 0 for column in columns)
        for column in columns:
            width = widths[id(column)]
            if column.ratio:
                flexible = max(flexible, -(-width * ratios // column.ratio))
            else:
                fixed += width if broken else max(width, column.min_width or 0)
        return fixed + flexible

    if least(table.columns, broken=False) <= room:
        return table
    whole = [column for column in table.columns if not _is_of_bars(column)]
    for broken in (False, True):
        if least(whole, broken=broken) <= room:
            return _with(table, [replace(each, min_width=None) if broken else each for each in whole])
    return Group(*_in_lines(table, whole, console, options))


def _with(table: Table, columns: list[Column]) -> Table:
    narrower = copy(table)
    narrower.columns = [replace(column, _index=index) for index, column in enumerate(columns)]
    return narrower


def _width(column: Column, table: Table, console: Console, options: ConsoleOptions) -> int:
    """The fewest characters that a column needs: figures all of theirs, words the longest that can stand in a half."""
    if any(not isinstance(cell, str | Text) for cell in column._cells):
        return column.min_width or LEAST_WORDS
    cells = [*([column.header] if table.show_header else []), *column._cells]
    anywhere = options.update(width=10_000)
    measured = [Measurement.get(console, anywhere, cell) for cell in cells]
    width = max((each.maximum for each in measured), default=0)
    longest = max((each.minimum for each in measured), default=0)
    return width if column.no_wrap else max(min(width, LEAST_WORDS), min(longest, options.max_width // 2))


def _is_of_bars(column: Column) -> bool:
    texts = [cell if isinstance(cell, str) else cell.plain for cell in column._cells if isinstance(cell, str | Text)]
    drawn = len(texts) < len(column._cells)
    return drawn or ("█" in "".join(texts) and set("".join(texts)) <= BARS)


def _in_lines(table: Table, columns: list[Column], console: Console, options: ConsoleOptions) -> Iterator[Text]:
    """Each row in lines: its words, and below them its figures, each behind the title of its column."""
    whole = [_text(column.header, console) for column in columns]
    titles = [title.split("\n")[0] for title in whole]
    if table.title:
        yield _text(table.title, console)
    if table.show_header:
        yield titles[0]
        yield from (Text("  " + " ".join(title.plain.split()), "dim") for title in whole if "\n" in title.plain)
    for index, row in enumerate(table.rows):
        first, *others = (_text(column._cells[index], console) for column in columns)
        style = row.style or ""
        yield Text.assemble(first, style=style)
        line = Text("  ")
        for title, cell in zip(titles[1:], others, strict=True):
            figure = cell.plain.strip()
            if not figure or figure == title.plain:
                continue
            unit = Text.assemble((f"{title.plain} " if title.plain else "", "dim"), (figure, cell.style or style))
            if line.cell_len > 2 and line.cell_len + 2 + unit.cell_len > options.max_width:
                yield line
                line = Text("  ")
            if unit.cell_len + 2 > options.max_width and title.plain:
                yield Text.assemble("  ", (title.plain, "dim"))
                unit = Text.assemble("  ", (figure, cell.style or style))
            line = Text.assemble(line, "  " if line.cell_len > 2 else "", unit)
        if line.cell_len > 2:
            yield line
    if table.caption:
        yield _text(table.caption, console)


def _text(cell: RenderableType, console: Console) -> Text:
    return cell if isinstance(cell, Text) else console.render_str(str(cell))
