"""`python -m benchmarks.reading`: the fullest sheet of Excel."""

from pathlib import Path

import pytest

from benchmarks.reading import MOST_ROWS, checked_on_a_terminal, write_excel


def test_a_sheet_is_checked_with_its_progress_drawn(tmp_path: Path) -> None:
    write_excel(1_000, tmp_path / "numbers.xlsx")

    reading, drawn = checked_on_a_terminal(tmp_path / "numbers.xlsx")

    assert drawn
    assert reading.seconds > 0


@pytest.mark.slow
def test_the_fullest_sheet_is_read_within_the_memory_that_the_documentation_states(tmp_path: Path) -> None:
    write_excel(MOST_ROWS, tmp_path / "numbers.xlsx")

    reading, drawn = checked_on_a_terminal(tmp_path / "numbers.xlsx")

    assert reading.peak < 700e6
    assert drawn > 1
