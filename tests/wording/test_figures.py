"""Figures for people: values with their units."""

import pytest

from engine.wording.figures import difference_text, figure_text, figure_title, margin_text

MONDAY_NOON = 1772452800.0  # 2026-03-02T12:00:00Z


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("numbers.reached_share", 0.4567, "45.67 %"),
        ("calls.outcome_share.busy", 0.0812, "8.12 %"),
        ("lines.occupancy_while_calling", 1.0, "100.00 %"),
        ("goal.met", 0.95, "95.00 %"),
        ("calls.total", 48_591.4, "48,591"),
        ("calls.total", 12.25, "12.2"),
        ("calls.total", 12.0, "12"),
        ("calls.per_number", 2.43545, "2.435"),
        ("lines.hours_in_use", 1377.06, "1,377.1 h"),
        ("waiting.5.mean", 7265.0, "2 h 1 min"),
        ("waiting.5.numbers", 14.0, "14"),
        ("done_at", MONDAY_NOON + 29, "Mon 03-02 07:00"),
    ],
)
def test_values_have_their_units(name: str, value: float, text: str) -> None:
    assert figure_text(name, value, "America/New_York") == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("numbers.reached_share", 0.0321, "+3.21 points"),
        ("numbers.reached_share", -0.0321, "\N{MINUS SIGN}3.21 points"),
        ("numbers.reached_share", 0.000001, "0.00 points"),
        ("calls.total", -12_494.0, "\N{MINUS SIGN}12,494"),
        ("done_at", -2_400.0, "\N{MINUS SIGN}40 min"),
        ("done_at", 65_340.0, "+18.1 h"),
        ("waiting.1.p90", 65.0, "+1 min 5 s"),
    ],
)
def test_differences_have_a_sign_unless_they_round_to_nothing(name: str, value: float, text: str) -> None:
    assert difference_text(name, value) == text


def test_margins_stand_behind_the_value_they_belong_to() -> None:
    assert margin_text("numbers.reached_share", 0.0021) == "\N{PLUS-MINUS SIGN}0.21"
    assert margin_text("done_at", 600.0) == "\N{PLUS-MINUS SIGN}10 min"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("calls.total", "calls"),
        ("numbers.reached_share", "share of the list reached in the end"),
        ("calls.outcome.busy", "calls: busy"),
        ("numbers.ending.exhausted", "numbers: no attempts left"),
        ("numbers.not_reached.completed_{x}", "not reached: ended by {x}"),
        ("waiting.5.p90", "priority 5: 90 % get their first call within"),
        ("zones.numbers.America/New_York", "numbers in America/New_York"),
    ],
)
def test_a_figure_has_a_title_in_which_the_member_of_its_family_is_named(name: str, title: str) -> None:
    assert figure_title(name) == title
