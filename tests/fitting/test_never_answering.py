"""The never-answering beside a likelihood written out number by number, and beside made-up numbers."""

import math

import numpy as np
import pytest
from scipy import optimize

from engine.fitting.never_answering import Histories, NeverAnswering, estimate, reachable


def made_up(numbers: int, attempts: int, never: float, chances: list[float], seed: int) -> list[tuple[int, bool]]:
    """How often each number was called, and whether it answered in the end."""
    draws = np.random.default_rng(seed)
    made = []
    for _ in range(numbers):
        dead = draws.random() < never
        hits = [attempt for attempt in range(attempts) if draws.random() < chances[attempt] and not dead]
        made.append((hits[0] + 1, True) if hits else (attempts, False))
    return made


def histories(calls: list[tuple[int, bool]], exposures: list[float]) -> Histories:
    lengths = np.array([length for length, _ in calls])
    starts = np.cumsum(lengths) - lengths
    cells = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    reached = np.array([reached for _, reached in calls])
    attempts = np.arange(1, len(exposures) + 1)
    return Histories(cells, starts, reached, np.ones(len(calls)), attempts, np.array(exposures))


def log_likelihood(calls: list[tuple[int, bool]], exposures: list[float], at: tuple[float, float, float]) -> float:
    share, mean, polarisation = at
    total = 0.0
    for length, reached in calls:
        chances = [min(mean * exposures[j] / (1 + j * polarisation), 1 - 1e-9) for j in range(length)]
        silent = math.prod(1 - chance for chance in (chances[:-1] if reached else chances))
        total += math.log((1 - share) * silent * chances[-1] if reached else share + (1 - share) * silent)
    return total


def test_the_estimate_is_where_the_likelihood_is_highest() -> None:
    exposures = [1.0, 0.7, 1.3, 1.0, 0.9]
    calls = made_up(1_500, 5, 0.25, [0.4 * e / (1 + 0.2 * j) for j, e in enumerate(exposures)], seed=4)

    found = estimate(histories(calls, exposures))

    best = optimize.minimize(  # type: ignore[call-overload]
        lambda at: -log_likelihood(calls, exposures, (at[0], at[1], at[2])),
        np.array([0.2, 0.35, 0.1]),
        method="Nelder-Mead",
        bounds=((0, 0.99), (0.01, 0.99), (1e-5, 20)),
        options={"xatol": 1e-6, "fatol": 1e-6, "maxiter": 4_000},
    )
    at = (found.share, found.mean, found.polarisation)
    assert log_likelihood(calls, exposures, at) == pytest.approx(-best.fun, abs=0.01)
    assert found.share == pytest.approx(best.x.item(0), abs=0.01)


def test_the_interval_ends_where_the_likelihood_has_dropped_by_half_of_chi_square() -> None:
    exposures = [1.0] * 6
    calls = made_up(1_500, 6, 0.3, [0.45 / (1 + 0.1 * j) for j in range(6)], seed=5)

    found = estimate(histories(calls, exposures))

    def profile(share: float) -> float:
        best = optimize.minimize(  # type: ignore[call-overload]
            lambda at: -log_likelihood(calls, exposures, (share, at[0], at[1])),
            np.array([0.4, 0.1]),
            method="Nelder-Mead",
            bounds=((0.01, 0.99), (1e-5, 20)),
        )
        return -float(best.fun)

    drops = [profile(found.share) - profile(end) for end in (found.low, found.high)]
    assert drops == pytest.approx([3.841 / 2] * 2, abs=0.06)
    assert found.low < 0.3 < found.high


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    chances = [0.4 / (1 + 0.25 * j) for j in range(8)]
    found = [estimate(histories(made_up(1_000, 8, 0.3, chances, seed), [1.0] * 8)) for seed in range(40)]

    held = sum(each.low <= 0.3 <= each.high for each in found)

    assert held >= 34  # 38 of 40 are expected; fewer than 34 happen once in 50 times


def test_where_everybody_answers_sooner_or_later_none_are_beyond_doubt() -> None:
    calls = made_up(3_000, 8, 0.0, [0.4 / (1 + 0.25 * j) for j in range(8)], seed=2)

    assert not estimate(histories(calls, [1.0] * 8)).is_beyond_doubt


def test_numbers_that_were_called_in_vain_are_less_likely_to_be_reachable() -> None:
    some = histories([(3, False), (1, True)], [1.0, 0.5, 1.0])
    found = NeverAnswering(share=0.4, low=0.3, high=0.5, mean=0.3, polarisation=0.5)

    chances = reachable(some, found)

    second = 0.6 * 0.7 / (0.4 + 0.6 * 0.7)
    silent = 0.7 * (1 - 0.3 * 0.5 / 1.5)
    third = 0.6 * silent / (0.4 + 0.6 * silent)
    assert chances.tolist() == pytest.approx([0.6, second, third, 0.6])


@pytest.mark.parametrize(("length", "enough"), [(2, False), (3, True)])
def test_two_attempts_tell_nothing_of_the_never_answering(length: int, enough: bool) -> None:
    calls = [(length, False), (1, True)] * 100

    assert histories(calls, [1.0] * length).tells_enough == enough
