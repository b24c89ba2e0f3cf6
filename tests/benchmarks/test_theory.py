"""Closed forms beside textbook numbers, and beside slow sums."""

import heapq
import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from benchmarks.validation import theory
from benchmarks.validation.queues import LONG_TALK
from benchmarks.validation.theory import Job, Moments


def slow_erlang_c(lines: int, occupancy: float) -> float:
    """Erlang's formula C as it is written, with powers and factorials."""
    load = lines * occupancy
    all_taken = load**lines / math.factorial(lines) / (1 - occupancy)
    return all_taken / (sum(load**taken / math.factorial(taken) for taken in range(lines)) + all_taken)


@pytest.mark.parametrize(
    ("lines", "load", "share"),
    [
        (1, 0.5, 0.5),  # one line: whoever finds it taken
        (2, 1.0, 1 / 3),
        (3, 2.0, 4 / 9),  # Gross, Shortle, Thompson and Harris: c = 3, r = 2
        (11, 10.0, 0.6821),  # a call centre's table: 10 erlangs, 11 agents
    ],
)
def test_erlang_c_gives_the_numbers_of_textbooks(lines: int, load: float, share: float) -> None:
    assert theory.erlang_c(lines, load / lines) == pytest.approx(share, abs=5e-5)


@given(st.integers(1, 60), st.floats(0.05, 0.99))
def test_erlang_c_is_the_formula_as_it_is_written(lines: int, occupancy: float) -> None:
    assert theory.erlang_c(lines, occupancy) == pytest.approx(slow_erlang_c(lines, occupancy), rel=1e-9)


def test_erlang_c_follows_from_the_states_of_the_queue() -> None:
    lines, load = 4, 3.2
    states = [1.0]
    for busy in range(1, 3_000):
        states.append(states[-1] * load / min(busy, lines))
    probabilities = np.array(states) / sum(states)
    waiting = (np.arange(3_000) - lines).clip(0)

    assert theory.erlang_c(lines, load / lines) == pytest.approx(probabilities[lines:].sum())
    assert theory.mean_wait(lines, load / lines, 60) == pytest.approx((waiting * probabilities).sum() * 60 / load)


def test_the_mean_wait_is_the_area_under_those_who_wait_longer() -> None:
    area, _ = integrate.quad(lambda seconds: theory.waiting_longer(5, 0.8, 120, seconds), 0, 5_000)

    assert area == pytest.approx(theory.mean_wait(5, 0.8, 120))


def test_on_one_line_whole_seconds_leave_the_mean_wait_alone() -> None:
    # the work left at the start of a second, as a Markov chain: customers of 5 s each, 0.16 of them a second
    talk, rate, most = 5, 0.16, 600
    coming = stats.poisson(rate).pmf(range(12))
    left = np.eye(1, most)[0]
    for _ in range(4_000):
        then = np.zeros(most + 12 * talk)
        for customers, chance in enumerate(coming):
            then[customers * talk : customers * talk + most] += chance * left
        left = np.concatenate(([then[0] + then[1]], then[2 : most + 1]))

    ahead_in_the_same_second = rate / 2 * talk
    mean_wait = (np.arange(most) * left).sum() + ahead_in_the_same_second
    assert mean_wait == pytest.approx(theory.one_line_wait(rate * talk, theory.constant(talk)), rel=1e-6)


def test_with_many_lines_and_long_calls_whole_seconds_hardly_move_the_waits() -> None:
    lines, talk, customers = 20, LONG_TALK, 100_000
    rng = np.random.default_rng(1)
    coming = np.cumsum(rng.exponential(talk / (lines * 0.9), customers))
    lasting = rng.exponential(talk, customers)

    exact = waits(coming, lasting, lines)
    whole = waits(np.floor(coming), np.rint(lasting).clip(1), lines)

    assert whole.mean() == pytest.approx(exact.mean(), rel=1e-3)
    assert (whole > 0).mean() == pytest.approx((exact > 0).mean(), rel=1e-3)


def waits(coming: NDArray[np.float64], lasting: NDArray[np.float64], lines: int) -> NDArray[np.float64]:
    """First come, first served: each takes the line that is free first."""
    free = [0.0] * lines
    waited = []
    for comes, lasts in zip(coming.tolist(), lasting.tolist(), strict=True):
        starts = max(comes, free[0])
        heapq.heapreplace(free, starts + lasts)
        waited.append(starts - comes)
    return np.array(waited)


def test_on_one_line_with_exponential_calls_pollaczek_and_khinchine_agree_with_erlang() -> None:
    assert theory.one_line_wait(0.7, theory.exponential(90)) == pytest.approx(theory.mean_wait(1, 0.7, 90))


def test_constant_calls_wait_half_as_long_as_exponential_ones() -> None:
    assert theory.one_line_wait(0.7, theory.constant(90)) == pytest.approx(theory.mean_wait(1, 0.7, 90) / 2)


def test_one_priority_alone_waits_as_without_priorities() -> None:
    [wait] = theory.priority_waits(theory.residual_of_many(8, 0.75, 200), [0.75])

    assert wait == pytest.approx(theory.mean_wait(8, 0.75, 200))


@pytest.mark.parametrize("occupancies", [[0.2, 0.3, 0.4], [0.5, 0.4], [0.1] * 5])
def test_priorities_share_the_wait_that_all_have_together(occupancies: list[float]) -> None:
    waits = theory.priority_waits(theory.residual_of_many(8, sum(occupancies), 200), occupancies)

    together = sum(wait * part for wait, part in zip(waits, occupancies, strict=True)) / sum(occupancies)
    assert together == pytest.approx(theory.mean_wait(8, sum(occupancies), 200))
    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("moments", "distribution"),
    [
        (theory.constant(7), stats.uniform(7, 0)),
        (theory.exponential(7), stats.expon(scale=7)),
        (theory.quantiles({0: 2, 1: 12}), stats.uniform(2, 10)),
    ],
)
def test_moments_are_those_of_the_distribution(moments: Moments, distribution: stats.rv_continuous) -> None:
    mean, square = (7, 49) if moments == theory.constant(7) else (distribution.moment(1), distribution.moment(2))

    assert moments == pytest.approx((mean, square))


def test_moments_of_quantiles_are_those_of_many_draws() -> None:
    points = {0.0: 0.0, 0.1: 59.0, 0.5: 180.0, 0.9: 551.0, 1.0: 4918.0}
    draws = np.interp((np.arange(1_000_000) + 0.5) / 1_000_000, list(points), list(points.values()))

    assert theory.quantiles(points) == pytest.approx((draws.mean(), (draws**2).mean()), rel=1e-6)


def test_a_mixture_is_the_weighted_mean_of_its_moments() -> None:
    assert theory.mixture((0.25, 0.75), (Moments(8, 100), Moments(4, 20))) == (5, 40)


def test_attempts_are_geometric_and_cut_off() -> None:
    assert theory.attempts([0.5] * 4) == [0.5, 0.25, 0.125, 0.125]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_attempts_are_the_sum_over_every_way_that_calls_can_go(ends: list[float]) -> None:
    shares = [0.0] * len(ends)
    for way in range(2 ** len(ends)):
        ended = [bool(way >> place & 1) for place in range(len(ends))]
        chance = math.prod(end if each else 1 - end for end, each in zip(ends, ended, strict=True))
        shares[ended.index(True) if any(ended) else len(ends) - 1] += chance

    assert theory.attempts(ends) == pytest.approx(shares)


def test_the_share_that_answers_counts_the_calls_that_are_made() -> None:
    assert theory.answering([0.3] * 3, [0.3] * 3) == pytest.approx(1 - 0.7**3)
    assert theory.answering([0.2, 0.2], [0.5, 0.5]) == pytest.approx(0.2 + 0.5 * 0.2)


def test_graham_s_example_reaches_his_bound() -> None:
    # Graham (1969): c(c - 1) jobs of one, and then one of c
    jobs = [1] * 12 + [4]

    assert theory.list_schedule(jobs, 4) == 7
    assert theory.makespan_bounds([Job(seconds, 0) for seconds in jobs], 4) == (4, 7)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 4))
def test_every_order_of_a_list_is_done_within_the_bounds(seconds: list[int], lines: int) -> None:
    least, most = theory.makespan_bounds([Job(each, 0) for each in seconds], lines)

    makespans = [theory.list_schedule(order, lines) for order in permutations(seconds)]

    assert least <= min(makespans) <= max(makespans) <= most + 1e-9


def test_pauses_count_for_the_number_that_has_them() -> None:
    assert theory.makespan_bounds([Job(100, 3_600), Job(500, 0)], 2) == (3_700, 500 / 2 + 3_700)
