"""Capacity: lines and paces to choose from, and shifts that keep their shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Scenario
from engine.whatif.capacity import PACES, capacity
from tests.campaigns import busy_day

SHIFTS = [
    {"from": "08:00", "to": "20:00", "lines": 18},
    {"from": "12:00", "to": "18:00", "lines": 8},
    {"days": ["sat"], "lines": 1},
]


def scenario(**campaign: Any) -> Scenario:
    return Scenario.from_document(busy_day(campaign=campaign))


def shifts() -> Scenario:
    return scenario(lines=None, shifts=SHIFTS)


def test_there_are_as_many_lines_to_choose_from_as_numbers() -> None:
    lines = capacity(scenario(lines=7), "lines")
    assert (lines.values[0], lines.values[-1], lines.values[lines.start]) == (1, 300, 7)
    assert lines.fields(12) == {"lines": 12}


def test_paces_have_three_digits_and_ascend() -> None:
    assert list(PACES) == sorted(set(PACES))
    assert (PACES[0], PACES[-1]) == (0.001, 1_000_000)
    assert {0.001, 0.999, 1, 1.01, 9.99, 10, 10.1, 101, 102} <= set(PACES)
    assert 10.05 not in PACES


@pytest.mark.parametrize("pace", [0.002, 2, 2.005, 123.4, None])
def test_the_search_starts_near_the_scenarios_own_pace(pace: float | None) -> None:
    paces = capacity(scenario(callsPerSecond=pace), "callsPerSecond")
    assert paces.values[paces.start] == pytest.approx(pace or 1, rel=0.01)


def test_lines_of_shifts_are_counted_at_the_busiest_hour() -> None:
    assert shifts().most_lines == 26


@given(st.integers(1, 300))
def test_shifts_always_keep_their_shape(lines: int) -> None:
    found = capacity(shifts(), "lines").fields(lines)["shifts"]
    for shift, own in zip(found, SHIFTS, strict=True):
        assert shift == {**own, "lines": shift["lines"]}
        assert shift["lines"] == pytest.approx(max(1, int(str(own["lines"])) * lines / 26), abs=0.5)


@given(st.integers(1, 299))
def test_more_lines_always_mean_no_fewer_in_any_shift(lines: int) -> None:
    ladder = capacity(shifts(), "lines")
    fewer, more = ladder.fields(lines)["shifts"], ladder.fields(lines + 1)["shifts"]
    assert all(before["lines"] <= after["lines"] for before, after in zip(fewer, more, strict=True))


def test_a_scenario_with_other_fields_shares_its_list() -> None:
    base = scenario()
    ladder = capacity(base, "lines")
    other = ladder.with_fields(ladder.fields(9))
    assert other.phonebook is base.phonebook
    assert other.document.campaign.lines == 9
    assert other.document.campaign.max_attempts == 3
