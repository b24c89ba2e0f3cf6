"""Durations: tables of quantiles that hold what was asked for."""

from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.customers.durations import LONGEST_CALL, TABLE_SIZE, Durations, quantile_table
from engine.reading.typed import read


def durations(**way: object) -> Durations:
    made, faults = read(way, Durations)
    assert made is not None, faults
    return made


def faults(way: object) -> list[str]:
    return [str(fault) for fault in read(way, Durations)[1]]


@st.composite
def quantiles(draw: st.DrawFn) -> dict[str, float]:
    inner = sorted(draw(st.lists(st.integers(1, 99), unique=True, max_size=5)))
    shares = ["0", *(f"{percent / 100}" for percent in inner), "1"]
    values = sorted(draw(st.lists(st.floats(0, LONGEST_CALL), min_size=len(shares), max_size=len(shares))))
    return dict(zip(shares, values, strict=True))


@given(quantiles())
def test_the_given_quantiles_are_hit(points: dict[str, float]) -> None:
    table = quantile_table(durations(quantiles=points)).astype(np.int64)
    shares = (np.arange(TABLE_SIZE) + 0.5) / TABLE_SIZE
    for share, value in points.items():
        seconds = max(floor(value + 0.5), 1)
        assert (table[shares < float(share)] <= seconds).all()
        assert (table[shares > float(share)] >= seconds).all()


@settings(deadline=None)  # the first of some distributions loads scipy
@given(
    quantiles().map(lambda points: {"quantiles": points})
    | st.floats(0, LONGEST_CALL).map(lambda seconds: {"constant": seconds})
    | st.floats(0.001, LONGEST_CALL).map(lambda mean: {"exponential": mean})
    | st.builds(
        lambda median, sigma: {"lognormal": {"median": median, "sigma": sigma}},
        st.floats(0.001, LONGEST_CALL),
        st.floats(0, 5),
    )
)
def test_calls_last_whole_seconds_from_one_to_a_day_and_longer_ones_come_later(way: dict[str, Any]) -> None:
    table = quantile_table(durations(**way))
    assert (str(table.dtype), len(table)) == ("uint32", TABLE_SIZE)
    assert (np.diff(table.astype(np.int64)) >= 0).all()
    assert 1 <= table[0] <= table[-1] <= LONGEST_CALL


@pytest.mark.parametrize(
    ("seconds", "table"), [(0, 1), (0.4, 1), (1, 1), (2.5, 3), (3.5, 4), (15, 15), (15.6, 16), (86_400, 86_400)]
)
def test_a_constant_is_rounded_to_a_whole_second_of_at_least_one(seconds: float, table: int) -> None:
    assert set(quantile_table(seconds).tolist()) == {table}
    assert set(quantile_table(durations(constant=seconds)).tolist()) == {table}


@pytest.mark.parametrize("mean", [30, 300, 3600])
def test_exponential_durations_have_their_mean_and_spread(mean: float) -> None:
    table = quantile_table(durations(exponential=mean))
    assert table.mean() == pytest.approx(mean, rel=0.002)
    assert table.std() == pytest.approx(mean, rel=0.005)


@pytest.mark.parametrize(("median", "sigma"), [(180, 0.5), (60, 1.0), (3600, 0)])
def test_lognormal_durations_have_their_median_and_mean(median: float, sigma: float) -> None:
    table = quantile_table(durations(lognormal={"median": median, "sigma": sigma}))
    assert np.median(table) == pytest.approx(median, abs=1)
    assert table.mean() == pytest.approx(median * np.exp(sigma**2 / 2), rel=0.01)


def test_quantiles_between_the_given_ones_lie_on_straight_lines() -> None:
    table = quantile_table(durations(quantiles={"0": 100, "0.5": 200, "1": 1000}))
    assert table[TABLE_SIZE // 4] == 150
    assert table[TABLE_SIZE * 3 // 4] == 600


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ({"quantiles": {"0": 10, "0.5": 5, "1": 20}}, "quantiles.0.5: found 5 after 10"),
        ({"quantiles": {"0": 10, "0.9": 20}}, "quantiles: found shares from 0 to 0.9"),
        ({"quantiles": {"0.1": 10, "1": 20}}, "quantiles: found shares from 0.1 to 1"),
        ({"quantiles": {"0": 10, "x": 15, "1": 20}}, 'quantiles.x: found "x"; allowed: a share from 0 to 1'),
        ({"quantiles": {"0": 10, "1.5": 15, "1": 20}}, 'quantiles.1.5: found "1.5"; allowed: a share from 0 to 1'),
        ({"quantiles": {"0": 10, "nan": 15, "1": 20}}, 'quantiles.nan: found "nan"; allowed: a share from 0 to 1'),
        ({"quantiles": {"0": 10, "0.50": 12, "0.5": 15, "1": 20}}, "found 0.5 twice"),
        ({"quantiles": {"0": 10}}, "quantiles: found"),
        ({"quantiles": {"0": -1, "1": 20}}, "quantiles.0: found -1"),
        ({"constant": 86_401}, "constant: found 86401"),
        ({"exponential": 0}, "exponential: found 0"),
        ({"exponential": "300"}, 'exponential: found "300"'),
        ({"lognormal": {"median": 60}}, "lognormal.sigma: found nothing"),
        ({"lognormal": {"median": 60, "sigma": -1}}, "lognormal.sigma: found -1"),
        ({"constant": 1, "exponential": 2}, "found constant and exponential; allowed: one of"),
        ({}, "found nothing; allowed: one of constant, exponential, lognormal, quantiles"),
        ({"constant": float("nan")}, "constant: found NaN"),
        ({"uniform": 5}, "uniform: found an unknown field"),
    ],
)
def test_durations_that_are_none_are_refused(way: dict[str, Any], fault: str) -> None:
    assert any(fault in each for each in faults(way)), faults(way)


def test_every_quantile_that_goes_down_is_named() -> None:
    assert len(faults({"quantiles": {"0": 10, "0.2": 5, "0.5": 3, "1": 20}})) == 2
