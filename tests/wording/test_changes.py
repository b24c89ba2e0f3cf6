"""Changes in words."""

from typing import Any

import pytest

from engine.whatif.changes import Change
from engine.wording.changes import LONGEST_VALUE, MOST_CHANGES, change_texts, value_text


def test_a_change_is_a_path_and_two_values() -> None:
    assert change_texts((Change("campaign.lines", 1_200, 1_500),)) == ["campaign.lines: 1,200 → 1,500"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        ([], "none"),
        (True, "yes"),
        (0.25, "0.25"),
        (["mon", "tue"], "mon, tue"),
        ({"localTimeFrom": "10:00", "localTimeTo": "18:00"}, "localTimeFrom 10:00, localTimeTo 18:00"),
        ([{"from": "09:00"}, {"from": "12:00"}], "from 09:00; from 12:00"),
        (list(range(40_000)), "40,000 entries"),
        ("a\nb", "a\\u000ab"),
    ],
)
def test_a_value_is_told_without_the_marks_of_json(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_a_long_value_is_cut() -> None:
    assert value_text("x" * 1_000) == "x" * (LONGEST_VALUE - 1) + "…"


def test_of_many_changes_the_first_are_told_and_the_others_counted() -> None:
    texts = change_texts(tuple(Change(f"outcomes.{place}.share", 0, 0.1) for place in range(MOST_CHANGES + 3)))
    assert len(texts) == MOST_CHANGES + 1
    assert texts[-1] == "3 changes more"
