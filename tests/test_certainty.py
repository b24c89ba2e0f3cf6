"""Certainty: intervals that hold what they were measured on, and differences that chance does not explain."""

import math
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.certainty import Estimate, beyond_doubt, chance, estimate, largest_rows, share_estimate, student, wilson


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


def test_the_interval_of_a_share_of_a_list_ends_at_none_and_at_all() -> None:
    assert share_estimate(np.array([0.0, 0.9])) == Estimate(0.45, 0.0, 1.0, 2)
    assert share_estimate(np.array([0.5])) == Estimate(0.5, None, None, 1)
    inside = np.array([0.4, 0.41, 0.42])
    assert share_estimate(inside) == estimate(inside)


def test_a_few_instants_that_all_jump_over_a_night_do_not_make_a_row_the_latest() -> None:
    values = np.array([[0.0, 60.0, 20.0, 0.0, 30.0], [54_000.0, 54_030.0, 54_010.0, 54_000.0, 54_050.0]])
    assert largest_rows(values, by_signs=False) == (1,)
    assert largest_rows(values, by_signs=True) == ()
    assert largest_rows(np.tile(values, 4), by_signs=True) == (1,)
