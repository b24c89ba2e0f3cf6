"""Legs: rows that are one call, beside a slow twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.logs.legs import folded, overlapping

LEGS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 40), st.one_of(st.none(), st.integers(0, 20)), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)


@given(LEGS)
def test_a_call_lasts_from_its_first_leg_to_the_end_of_its_last(legs: list[tuple[int, int, int | None, int]]) -> None:
    call, instant, seconds, outcome = (
        np.array([np.nan if value is None else value for value in column], float) for column in zip(*legs, strict=True)
    )
    ranks = np.array([1, 0, 1])

    found = folded(call.astype(int), instant.astype(int), seconds, outcome.astype(int), ranks)

    calls = {int(each): [place for place, leg in enumerate(legs) if leg[0] == each] for each in call}
    for first, kind, lasts in zip(found.first.tolist(), found.outcome.tolist(), found.seconds.tolist(), strict=True):
        rows = sorted(calls.pop(legs[first][0]), key=lambda row: legs[row][1])
        assert first == rows[0]
        best = min(ranks[legs[row][3]] for row in rows)
        assert kind == [legs[row][3] for row in rows if ranks[legs[row][3]] == best][-1]
        ends = [legs[row][1] + legs[row][2] - legs[first][1] for row in rows if legs[row][2] is not None]  # type: ignore[operator]
        assert np.isnan(lasts) if not ends else lasts == max(ends)
    assert not calls


@given(LEGS)
def test_overlaps_are_counted_as_one_by_one(legs: list[tuple[int, int, int | None, int]]) -> None:
    number, instant, seconds = (
        np.array([0 if value is None else value for value in column]) for column in list(zip(*legs, strict=True))[:3]
    )
    rows = sorted(range(len(legs)), key=lambda row: (number[row], instant[row]))
    expected = sum(
        any(
            number[before] == number[row] and instant[row] < instant[before] + seconds[before] - 1
            for before in rows[:place]
        )
        for place, row in enumerate(rows)
    )

    assert overlapping(number, instant, seconds.astype(float)) == expected


@pytest.mark.parametrize(("second", "count"), [(59, 0), (58, 1), (60, 0)])
def test_a_second_of_rounding_is_no_overlap(second: int, count: int) -> None:
    assert overlapping(np.array([1, 1]), np.array([0, second]), np.array([60.0, 5.0])) == count
