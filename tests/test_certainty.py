"""Certainty: intervals that hold what they were measured on, and differences that chance does not explain."""

import math
from collections.abc import Callable
from statistics import mean, stdev
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.certainty import (
    MISNAMED,
    Estimate,
    beyond_doubt,
    chance,
    chance_of_share,
    estimate,
    largest_count,
    largest_rows,
    largest_share,
    student,
    wilson,
)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_mean_always_lies_in_its_interval(found: list[float]) -> None:
    figure = estimate(np.array(found))
    assert figure.low is not None
    assert figure.mean is not None
    assert figure.high is not None
    assert figure.low <= figure.mean <= figure.high


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_share_of_replications_has_an_interval_within_0_and_1(found: list[bool]) -> None:
    figure = estimate(np.array(found, np.float64), yes_or_no=True)
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low <= sum(found) / len(found) <= figure.high <= 1
    assert figure.low < figure.high


@pytest.mark.parametrize(
    ("found", "figure"),
    [
        ([], Estimate(None, None, None, 0)),
        ([math.nan], Estimate(None, None, None, 0)),
        ([7, math.nan], Estimate(7, None, None, 1)),
        ([7, 7, math.nan], Estimate(7, 7, 7, 2)),
    ],
)
def test_only_replications_that_measured_a_figure_count(found: list[float], figure: Estimate) -> None:
    assert estimate(np.array(found, np.float64)) == figure


@pytest.mark.parametrize(
    ("chances", "beyond"),
    [  # S. Holm: the smallest of n against 5 % / n, the next against 5 % / (n - 1), until one fails
        ([0.04], [True]),
        ([0.04, 0.9], [False, False]),
        ([0.024, 0.9], [True, False]),
        ([0.9, 0.01, 0.024], [False, True, True]),
        ([0.02, 0.02, 0.02], [False, False, False]),
        ([0.049, 0.02, 0.01], [True, True, True]),
        ([], []),
    ],
)
def test_several_differences_are_beyond_doubt_together(chances: list[float], beyond: list[bool]) -> None:
    assert beyond_doubt(chances) == beyond


@pytest.mark.parametrize(
    ("differences", "probability"),
    [
        ([1, 1, 1, 1, 1, 0, 0], 2 / 2**5),  # of those that changed sides, all to one
        ([1, 1, 1, -1], 10 / 2**4),
        ([0, 0, 0], 1),
    ],
)
def test_a_yes_or_no_is_told_by_the_signs_of_its_changes(differences: list[float], probability: float) -> None:
    assert chance(np.array(differences, np.float64), yes_or_no=True) == pytest.approx(probability)


def test_differences_that_are_all_the_same_are_told_by_their_number() -> None:
    assert chance(np.full(10, 3.0), yes_or_no=False) == pytest.approx(2 / 2**10)
    assert chance(np.zeros(10), yes_or_no=False) == 1
    assert chance(np.array([3.0]), yes_or_no=False) == 1


def test_differences_are_held_against_their_spread() -> None:
    """Student's own example of 1908: ten gains of sleep, t = 4.06, p = 0.0028."""
    sleep = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert chance(sleep, yes_or_no=False) == pytest.approx(0.0028, abs=0.0001)


def test_an_interval_around_a_share_is_that_of_wilson() -> None:
    """18 of 20, as in the table of L. D. Brown, T. T. Cai and A. DasGupta (2001)."""
    assert wilson(18, 20) == pytest.approx((0.699, 0.972), abs=0.001)


@settings(max_examples=50)
@given(st.integers(0, 300), st.integers(0, 300))
def test_shares_and_signs_are_told_as_scipy_tells_them(count: int, others: int) -> None:
    of, gains = count + others, np.repeat([1.0, -1.0], [count, others])
    assume(of)
    asked = stats.binomtest(count, of)

    assert wilson(count, of) == pytest.approx(tuple(asked.proportion_ci(0.95, method="wilson")))
    assert chance(gains, yes_or_no=True) == pytest.approx(asked.pvalue, rel=1e-9)


@settings(max_examples=50)
@given(*[st.tuples(st.integers(0, 2_000), st.integers(1, 100)).map(lambda both: (both[0], sum(both)))] * 2)
def test_two_shares_are_held_against_each_other_as_scipy_does(one: tuple[int, int], other: tuple[int, int]) -> None:
    (hits, of), (others, of_others) = one, other
    asked = stats.hypergeom.sf(hits - 1, of + of_others, hits + others, of)

    assert chance_of_share(*one, *other) == pytest.approx(asked, rel=1e-7, abs=1e-12)


@settings(max_examples=50)
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=50).filter(lambda values: len(set(values)) > 1))
def test_means_are_told_as_scipy_tells_them(found: list[int]) -> None:
    values = np.array(found, np.float64)
    asked = stats.ttest_1samp(values, 0)
    ends = asked.confidence_interval(0.95)

    assert student(values) == pytest.approx((values.mean(), ends.low, ends.high), rel=1e-9, abs=1e-9)
    assert chance(values, yes_or_no=False) == pytest.approx(asked.pvalue, rel=1e-9)


T_95 = {2: 12.706205, 3: 4.302653, 4: 3.182446, 5: 2.776445, 6: 2.570582}
"""By the number of values: the point that Student's t passes upwards with a chance of 2.5 %, from a printed table."""


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), min_size=2, max_size=6))
def test_the_interval_lies_around_the_mean_by_the_spread_and_the_table(values: list[float]) -> None:
    found = student(np.array(values))

    half = T_95[len(values)] * stdev(values) / len(values) ** 0.5
    expected = mean(values), mean(values) - half, mean(values) + half
    of_table = 1e-6 * half  # the table has seven digits, and an end may lie near zero
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-3 + of_table)


def test_without_values_there_is_no_mean_and_of_one_there_is_no_interval() -> None:
    assert student(np.array([])) == (None, None, None)
    assert student(np.array([3.0])) == (3.0, None, None)


@pytest.mark.parametrize("other", [0.1, np.nextafter(0.1, 1)])
def test_values_that_differ_by_their_rounding_alone_are_equal(other: float) -> None:
    values = np.array([0.1, other, 0.1])

    assert student(values) == pytest.approx((0.1, 0.1, 0.1), abs=1e-15)
    assert chance(values, yes_or_no=False) == pytest.approx(0.25)


def whole(*values: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, np.int64)


def named_by_chance(named: Callable[[int, int], bool], first: Any, second: Any) -> float:
    """The chance that one of two cells is named, over all that two counts of given distributions may be."""
    counts = range(int(first.support()[1]) + 1), range(int(second.support()[1]) + 1)
    return math.fsum(float(first.pmf(a) * second.pmf(b)) for a in counts[0] for b in counts[1] if named(a, b))


@pytest.mark.parametrize(("share", "of"), [(0.5, (40, 40)), (0.1, (60, 30))])
def test_a_cell_with_the_same_share_is_named_as_seldom_as_is_said(share: float, of: tuple[int, int]) -> None:
    def named(one: int, other: int) -> bool:
        return largest_share(whole(one, other), whole(*of)) is not None

    assert 0 < named_by_chance(named, *(stats.binom(each, share) for each in of)) <= MISNAMED


def test_a_cell_that_counts_as_many_is_named_as_seldom_as_is_said() -> None:
    calls = 80

    def named(one: int, other: int) -> bool:
        return one + other == calls and largest_count(whole(one, other)) is not None

    of_all = stats.binom(calls, 0.5)
    chance_of = math.fsum(float(of_all.pmf(one)) for one in range(calls + 1) if named(one, calls - one))
    assert 0 < chance_of <= MISNAMED


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=5))
def test_the_largest_share_is_always_that_which_fishers_test_says(cells: list[tuple[int, int]]) -> None:
    hits, of = whole(*(hit for hit, _ in cells)), whole(*(hit + missed for hit, missed in cells))
    beats_all = [
        row
        for row, (hit, missed) in enumerate(cells)
        if all(
            stats.fisher_exact(whole(hit, missed, *other).reshape(2, 2), alternative="greater").pvalue
            <= MISNAMED / len(cells)
            for column, other in enumerate(cells)
            if column != row
        )
    ]
    assert largest_share(hits, of) == (beats_all[0] if beats_all else None)


def test_a_count_is_the_largest_if_it_beats_the_next_and_is_held_against_how_many_there_are() -> None:
    assert largest_count(whole(31, 69)) is None  # chance makes that, or more, in 9 of 100,000 cases
    assert largest_count(whole(30, 70)) == 1  # in 4
    assert largest_count(whole(30, 70, 0)) is None
    assert largest_count(whole(0, 29, 71)) == 2
    assert largest_count(whole(0, 60, 71)) is None
    assert largest_count(whole(71)) is None


PAIRED = np.array([[1.0, 2.0, 3.0, 4.0], [11.0, 12.1, 13.0, 14.0], [11.0, 12.1, 13.0, 14.0]]).repeat(5, axis=1)
"""Two rows that are equal, and a third with less."""


def test_rows_that_are_equal_to_the_largest_come_with_it() -> None:
    assert largest_rows(PAIRED, yes_or_no=False) == (1, 2)
    assert largest_rows(-PAIRED, yes_or_no=False) == (0,)
    assert largest_rows(PAIRED[1:], yes_or_no=False) == ()
    assert largest_rows(PAIRED[:1], yes_or_no=False) == ()


def test_a_row_is_the_largest_only_if_it_beats_each_other_one() -> None:
    near = PAIRED[1] + np.tile([0.3, -0.3], 10)
    assert largest_rows(np.array([PAIRED[0], PAIRED[1], near]), yes_or_no=False) == ()


def test_replications_count_in_which_all_rows_were_measured() -> None:
    some = PAIRED.copy()
    some[0, 2:] = math.nan
    assert largest_rows(some, yes_or_no=False) == ()
    some[0, 2:] = 3.0
    some[1:, 2] = math.nan
    assert largest_rows(some, yes_or_no=False) == (1, 2)
    assert largest_rows(np.full((2, 20), math.nan), yes_or_no=False) == ()


def test_dates_that_all_jumped_over_a_night_are_the_latest_only_if_so_many_do_not_by_chance() -> None:
    jitter = np.random.default_rng(1).normal(0, 300, (2, 20))
    late = np.array([[0.0], [54_000.0]]) + jitter
    assert largest_rows(late[:, :5], yes_or_no=False) == (1,)
    assert largest_rows(late[:, :15], yes_or_no=False, jumps=True) == ()
    assert largest_rows(late[:, :16], yes_or_no=False, jumps=True) == (1,)
    late[1, 4] += 10**7  # by Student's test it is no longer much more than what it varies by
    assert largest_rows(late, yes_or_no=False, jumps=True) == ()


def test_a_yes_or_no_is_named_by_its_signs() -> None:
    for replications, named in ((15, ()), (16, (0,))):  # 2 in 2^16 is less than half of 1 in 10,000
        assert largest_rows(np.array([[1.0], [0.0]]).repeat(replications, axis=1), yes_or_no=True) == named


def test_an_interval_ends_where_no_value_can_lie() -> None:
    assert estimate(np.array([0.0, 0.9]), bounds=(0.0, 1.0)) == Estimate(0.45, 0.0, 1.0, 2)
    assert estimate(np.array([0.5]), bounds=(0.0, 1.0)) == Estimate(0.5, None, None, 1)
    inside = np.array([0.4, 0.41, 0.42])
    assert estimate(inside, bounds=(0.0, 1.0)) == estimate(inside)
