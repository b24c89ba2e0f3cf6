"""Text in the cells of tables that spreadsheets open: shown, and never run."""

from collections.abc import Callable, Iterable

import polars as pl

from engine.reading.names import visible

LONGEST_TEXT, LONGEST_TITLE = 32_767, 255
"""Characters that a cell, and the title of a column, of a workbook may have; more of them damage the workbook."""


def workbook_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as a cell of a workbook: what cannot be seen is an escape, and what is too long is cut."""
    text = visible(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def workbook_titles(names: Iterable[str]) -> list[str]:
    """Titles for the columns of a workbook's table, which must differ in more than the case of their letters."""
    titles: dict[str, str] = {}
    for name in names:
        title, number = workbook_text(name, LONGEST_TITLE), 1
        while title.lower() in titles:
            number += 1
            ending = f" ({number})"
            title = workbook_text(name, LONGEST_TITLE - len(ending)) + ending
        titles[title.lower()] = title
    return list(titles.values())


def with_texts(table: pl.DataFrame, shown: Callable[[str], str]) -> pl.DataFrame:
    """A table whose texts are as a function shows them."""
    return table.with_columns(_with_texts(column, shown) for column in table if column.dtype == pl.String)


def _with_texts(column: pl.Series, shown: Callable[[str], str]) -> pl.Series:
    other = {text: seen for text in column.unique().drop_nulls() if (seen := shown(text)) != text}
    return column.replace(other) if other else column
