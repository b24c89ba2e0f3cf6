"""Text in cells is shown, and never run."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.names import cell_text
from engine.report.cells import LONGEST_TEXT, LONGEST_TITLE, with_texts, workbook_text, workbook_titles
from tests.hostile_names import hostile_names


@given(st.lists(hostile_names() | st.sampled_from(["busy", "BUSY", "Busy (2)", "x" * 300, "X" * 300]), unique=True))
def test_titles_of_a_workbook_differ_in_more_than_case_and_are_short_enough(names: list[str]) -> None:
    titles = workbook_titles(names)

    assert len({title.lower() for title in titles}) == len(names)
    assert all(title.isprintable() and len(title) <= LONGEST_TITLE for title in titles)


def test_titles_that_differ_stay_as_they_are() -> None:
    assert workbook_titles(["calls_busy", "calls_BUSY", "calls_other"]) == [
        "calls_busy",
        "calls_BUSY (2)",
        "calls_other",
    ]


def test_a_text_that_no_cell_can_hold_is_cut() -> None:
    assert workbook_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert workbook_text("x" * 40_000) == "x" * (LONGEST_TEXT - 1) + "…"


def test_a_table_keeps_all_but_the_texts_that_would_be_run() -> None:
    table = pl.DataFrame({"name": ["=1+1", None, "Tuesdays", "a\rb"], "count": [-1, 2, 3, 4]})

    assert with_texts(table, cell_text).rows() == [("'=1+1", -1), (None, 2), ("Tuesdays", 3), ("a\\u000db", 4)]
