"""Arrivals: when the numbers of a list part are added."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.numbers.arrivals import Added
from engine.reading.faults import InputError

START = 1_772_409_600  # 2026-03-02T00:00:00Z
spans = st.tuples(st.integers(0, 2**32), st.integers(1, 2**31)).map(lambda span: (span[0], sum(span)))


@given(spans, st.sampled_from(["evenly", "poisson"]), st.integers(0, 200))
def test_as_many_instants_as_numbers_lie_in_order_within_the_span(
    span: tuple[int, int], arrivals: str, count: int
) -> None:
    instants = Added((*span, arrivals)).instants(count)
    assert len(instants) == count
    assert (np.diff(instants) >= 0).all()
    assert ((span[0] <= instants) & (instants < span[1])).all()


def test_even_arrivals_keep_their_distance() -> None:
    assert Added((START, START + 100, "evenly")).instants(8).tolist() == [
        START + offset for offset in (0, 12, 25, 37, 50, 62, 75, 87)
    ]


def test_one_instant_is_that_of_all() -> None:
    added = Added.read("2026-03-02T00:00:00Z")
    assert added.instants(3).tolist() == [START] * 3


def test_poisson_arrivals_are_even_draws_with_exponential_gaps() -> None:
    span, count = 100_000_000, 20_000
    instants = Added((START, START + span, "poisson")).instants(count) - START
    assert stats.kstest(instants / span, "uniform").pvalue > 1e-3
    assert stats.kstest(np.diff(instants) * count / span, "expon").pvalue > 1e-3


def test_poisson_arrivals_are_the_same_each_time_and_others_in_another_span() -> None:
    first = Added((START, START + 10_000, "poisson")).instants(50)
    assert first.tolist() == Added((START, START + 10_000, "poisson")).instants(50).tolist()
    assert (first + 1).tolist() != Added((START + 1, START + 10_001, "poisson")).instants(50).tolist()


def test_a_span_is_read_with_its_arrivals() -> None:
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T01:00:00+01:00"}
    with pytest.raises(InputError):
        Added.read(span)  # an hour of no length
    assert Added.read({**span, "to": "2026-03-02T01:00:00Z"}) == (START, START + 3600, "evenly")
    assert Added.read({**span, "to": "2026-03-02T01:00:00Z", "arrivals": "poisson"})[2] == "poisson"


def test_a_span_is_filled_with_how_numbers_arrive() -> None:
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T01:00:00Z"}
    assert Added.filled(span) == {**span, "arrivals": "evenly"}
    assert Added.filled({**span, "arrivals": "poisson"})["arrivals"] == "poisson"
    assert Added.filled("2026-03-02T00:00:00Z") == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("2026-03-02T00:00:00", 'found "2026-03-02T00:00:00"; allowed: an instant with its offset'),
        (1_772_409_600, "found 1772409600"),
        ({"from": "2026-03-02T00:00:00Z"}, "to: found nothing"),
        ({"from": "2026-03-02T00:00:00Z", "to": "tomorrow"}, 'to: found "tomorrow"'),
        (
            {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T01:00:00Z", "arrivals": "weekly"},
            'arrivals: found "weekly"; allowed: evenly or poisson',
        ),
        ({"from": "2026-03-02T01:00:00Z", "to": "2026-03-02T00:00:00Z"}, "to: found 2026-03-02T00:00:00Z"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T01:00:00Z", "until": 1}, "until: found an unknown field"),
    ],
)
def test_what_is_no_time_of_addition_is_refused(value: Any, fault: str) -> None:
    with pytest.raises(InputError) as refused:
        Added.read(value)
    assert fault in str(refused.value)
