"""Quantiles beside the durations that they stand for."""

from bisect import bisect

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.customers.durations import TABLE_SIZE, quantile_table
from engine.customers.outcomes import Outcome
from engine.fitting.talk_times import kolmogorov, talk_times
from engine.reading.typed import read


def distance(one: list[float], other: list[float]) -> float:
    """The Kolmogorov distance by counting at every second."""
    one, other = sorted(one), sorted(other)
    shares = ((bisect(one, at) / len(one), bisect(other, at) / len(other)) for at in {*one, *other})
    return max(abs(first - second) for first, second in shares)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.lists(st.integers(0, 20), min_size=1, max_size=30))
def test_the_kolmogorov_distance_is_the_largest_difference(one: list[int], other: list[int]) -> None:
    found = kolmogorov(np.array(one, float), np.array(other, float))

    assert found == pytest.approx(distance([float(x) for x in one], [float(x) for x in other]))


@settings(deadline=None)
@given(st.lists(st.integers(0, 90_000) | st.sampled_from([1, 15, 30]), min_size=1, max_size=300))
@example([0, 0, 0, 149, 188, 190, 1371])
def test_what_is_fitted_is_valid_and_close(seconds: list[int]) -> None:
    fitted = talk_times(np.array(seconds, float))

    outcome, faults = read({"share": 1, "seconds": fitted.document}, Outcome)
    assert not faults
    assert outcome is not None
    drawn = quantile_table(outcome.seconds).astype(float)
    counted = [float(min(max(each, 1), 86_400)) for each in seconds]
    close = max(0.005, 0.3 / len(seconds) ** 0.5)
    # points lie between whole seconds, and the engine draws from a table of so many
    assert distance(counted, drawn.tolist()) <= close + 2 / TABLE_SIZE + len(seconds) * 1e-5
    assert fitted.distance == pytest.approx(distance(counted, drawn.tolist()))


def test_many_durations_are_told_by_few_points() -> None:
    seconds = np.random.default_rng(1).lognormal(5, 0.9, 100_000)

    fitted = talk_times(seconds)

    assert fitted.distance <= 0.0055
    assert abs(fitted.mean_drawn / fitted.mean - 1) <= 0.011
    assert isinstance(fitted.seconds, dict)
    assert len(fitted.seconds) <= 25


def test_calls_that_all_last_as_long_have_one_number() -> None:
    assert talk_times(np.full(50, 15.2)).document == 15


def test_calls_without_seconds_do_not_count() -> None:
    fitted = talk_times(np.array([4.0, np.nan, 4.0]))

    assert (fitted.calls, fitted.document) == (2, 4)
