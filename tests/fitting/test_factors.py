"""Factors beside shares that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.customers.outcomes import Answering, hour_range
from engine.fitting.factors import Cells, Factor, fitted_factors, grouped

HOURS = np.array([0.6] * 12 + [1.5] * 12)
DAYS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 0.7])
ATTEMPTS = np.array([1.0, 0.7, 0.5])


def cells(calls: np.ndarray, chances: np.ndarray) -> Cells:
    return Cells(calls, calls * chances, calls)


def by_key(factors: tuple[Factor, ...]) -> dict[str, float]:
    return {factor.key: factor.factor for factor in factors}


def test_factors_that_multiply_are_found_exactly_however_the_calls_are_spread() -> None:
    calls = np.random.default_rng(0).integers(500, 2_000, (3, 7, 24)).astype(float)
    truth = 0.25 * ATTEMPTS[:, None, None] * DAYS[None, :, None] * HOURS[None, None, :]

    found = fitted_factors(cells(calls, truth))

    hours, days = by_key(found.hours), by_key(found.weekdays)
    assert [hours["12-13"] / hours["0-1"], days["sat"] / days["mon"]] == pytest.approx([2.5, 1.3], rel=1e-5)
    assert list(by_key(found.attempts).values()) == pytest.approx([1, 0.7, 0.5], rel=1e-5)
    assert found.chances == pytest.approx(truth, rel=1e-5)
    assert found.share * days["mon"] * hours["0-1"] == pytest.approx(0.25 * 0.6, rel=1e-5)


def test_factors_of_hours_and_weekdays_average_one() -> None:
    calls = np.random.default_rng(1).integers(500, 2_000, (1, 7, 24)).astype(float)

    found = fitted_factors(cells(calls, 0.25 * DAYS[None, :, None] * HOURS[None, None, :]))

    for factors in (found.hours, found.weekdays):
        assert sum(each.factor * each.calls for each in factors) / calls.sum() == pytest.approx(1)


def test_factors_are_those_of_numbers_that_can_be_reached() -> None:
    calls = np.full((2, 1, 1), 10_000.0)
    exposure = calls * np.array([0.8, 0.5])[:, None, None]

    found = fitted_factors(Cells(calls, exposure * np.array([0.3, 0.2])[:, None, None], exposure))

    assert found.share == pytest.approx(0.3)
    assert found.attempts[1].factor == pytest.approx(2 / 3)


def test_the_interval_of_a_share_alone_is_that_of_its_binomial_variance() -> None:
    found = fitted_factors(cells(np.full((1, 1, 1), 1_000.0), np.full((1, 1, 1), 0.3)))

    deviation = 1.96 * (0.7 / 0.3 / 1_000) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.3 * np.exp(-deviation), 0.3 * np.exp(deviation)), rel=1e-3)


def test_hours_with_few_calls_are_put_together_with_their_neighbours() -> None:
    calls = np.zeros((1, 7, 24))
    calls[0, 0, 8:13] = [300, 300, 900, 400, 100]
    calls[0, 0, 20] = 100

    assert grouped(calls, 2, 500) == [(8, 9), (10,), (11, 12)]


def test_what_is_left_over_goes_into_the_range_before() -> None:
    calls = np.zeros((1, 7, 24))
    calls[0, 0, 8:12] = [600, 600, 100, 100]

    assert grouped(calls, 2, 500) == [(8,), (9, 10, 11)]


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 900), min_size=24, max_size=24),
    st.integers(1, 1_000),
)
def test_each_range_of_hours_has_calls_enough_and_is_one_that_a_scenario_can_name(
    by_hour: list[int], minimum: int
) -> None:
    calls = np.zeros((1, 7, 24))
    calls[0, 0] = by_hour

    groups = grouped(calls, 2, minimum)

    assert all(sum(by_hour[hour] for hour in group) >= minimum for group in groups)
    assert [hour_range(f"{group[0]}-{group[-1] + 1}") for group in groups] == [list(group) for group in groups]


def test_weekdays_and_attempts_with_few_calls_have_no_factor_of_their_own() -> None:
    calls = np.full((4, 7, 1), 1_000.0)
    calls[:, 6] = 20
    calls[2:] = 50

    found = fitted_factors(cells(calls, np.full(calls.shape, 0.3)), 500)

    assert [factor.key for factor in found.weekdays] == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert [factor.key for factor in found.attempts] == ["1", "2+"]
    assert found.attempts[1].members == (1, 2, 3)


def test_an_hour_at_which_nobody_answers_has_a_factor_of_zero_with_an_end() -> None:
    calls = np.full((1, 1, 24), 1_000.0)
    chances = np.full(calls.shape, 0.2)
    chances[0, 0, 3] = 0

    nobody = fitted_factors(cells(calls, chances)).hours[3]

    assert (nobody.factor, nobody.low) == (0, 0)
    assert 0 < nobody.high < 0.05


def test_a_scenario_takes_the_factors_as_they_are_meant() -> None:
    calls = np.full((3, 7, 24), 2_000.0)
    truth = 0.2 * ATTEMPTS[:, None, None] * DAYS[None, :, None] * HOURS[None, None, :]
    found = fitted_factors(cells(calls, truth))

    answering = Answering(
        local_hours=by_key(found.hours),
        weekdays=by_key(found.weekdays),
        attempts=tuple(by_key(found.attempts).values()),
    )

    assert found.share * answering.factors() == pytest.approx(truth.reshape(3, -1), rel=1e-5)


def test_a_share_that_factors_move_stays_below_one() -> None:
    calls = np.full((2, 7, 1), 1_000.0)
    chances = np.full(calls.shape, 1.0)
    chances[1] = 0.4

    found = fitted_factors(cells(calls, chances))

    assert found.low <= found.share < 1
    assert found.attempts[1].factor == pytest.approx(0.4)
