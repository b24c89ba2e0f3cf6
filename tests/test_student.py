"""Student's interval is the one of the textbook, also where values hardly differ."""

from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.certainty import chance, student

T_95 = {2: 12.706205, 3: 4.302653, 4: 3.182446, 5: 2.776445, 6: 2.570582}
"""By the number of values: the point that Student's t passes upwards with a chance of 2.5 %, from a printed table."""


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 3)), min_size=2, max_size=6))
def test_the_interval_lies_around_the_mean_by_the_spread_and_the_table(values: list[float]) -> None:
    found = student(np.array(values))

    half = T_95[len(values)] * stdev(values) / len(values) ** 0.5
    expected = mean(values), mean(values) - half, mean(values) + half
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-3)


def test_without_values_there_is_no_mean_and_of_one_there_is_no_interval() -> None:
    assert student(np.array([])) == (None, None, None)
    assert student(np.array([3.0])) == (3.0, None, None)


@pytest.mark.parametrize("other", [0.1, np.nextafter(0.1, 1)])
def test_values_that_differ_by_their_rounding_alone_are_equal(other: float) -> None:
    values = np.array([0.1, other, 0.1])

    assert student(values) == pytest.approx((0.1, 0.1, 0.1), abs=1e-15)
    assert chance(values, yes_or_no=False) == pytest.approx(0.25)
