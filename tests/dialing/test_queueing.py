"""Queueing theory: where there is a formula, the simulation gives what it says.

Customers who arrive as a Poisson process and talk for exponential times, on c lines, first come first served, are
the queue M/M/c. Erlang C gives the share of them that wait and their mean wait (A. K. Erlang, 1917; as in Gross,
Shortle, Thompson and Harris, "Fundamentals of Queueing Theory", 4th edition, section 2.3).
"""

from math import factorial
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from engine import Scenario, simulate
from engine.calling.instants import utc_text

LINES = 10
TALK = 7_200
"""Mean seconds of a call: long, so that it hardly matters that the clock counts whole seconds."""
BATCHES = 30
BATCH = 2_500
"""Customers of a batch: some time of them passes before one forgets how the queue stood before."""
SEED = 1
CONFIDENCE = 0.99
START = 1_767_225_600  # 2026-01-01T00:00:00Z


class Theory(NamedTuple):
    """What Erlang C says."""

    waiting_share: float
    mean_wait: float
    """Of all customers, those that do not wait included; seconds."""


def erlang_c(lines: int, occupancy: float, talk: float) -> Theory:
    """The share of customers that find every line taken, and the mean of all waits."""
    load = lines * occupancy
    all_taken = load**lines / factorial(lines) / (1 - occupancy)
    share = all_taken / (sum(load**taken / factorial(taken) for taken in range(lines)) + all_taken)
    return Theory(share, share * talk / (lines * (1 - occupancy)))


def waits(occupancy: float) -> NDArray[np.float64]:
    """The waits of the customers, in the order in which they came; a batch to warm up left out."""
    count = (BATCHES + 1) * BATCH
    arriving = round(count * TALK / (LINES * occupancy))
    scenario = Scenario.from_document(
        {
            "start": utc_text(START),
            "finish": utc_text(START + arriving + 30 * 86_400),
            "seed": SEED,
            "campaign": {"lines": LINES},
            "numbers": [
                {
                    "generate": {"count": count},
                    "added": {"from": utc_text(START), "to": utc_text(START + arriving), "arrivals": "poisson"},
                }
            ],
            "outcomes": {"answered": {"share": 1, "seconds": {"exponential": TALK}}},
        }
    )
    numbers = simulate(scenario, "reference").numbers
    return numbers["waited"].cast(float).to_numpy()[BATCH:]


def confidence_interval(batch_means: NDArray[np.float64]) -> tuple[float, float]:
    """Of the mean, by the t distribution over the means of batches."""
    half = stats.t.ppf((1 + CONFIDENCE) / 2, len(batch_means) - 1) * stats.sem(batch_means)
    return float(batch_means.mean() - half), float(batch_means.mean() + half)


@pytest.mark.parametrize("lines", [1, 2, 10, 24])
@pytest.mark.parametrize("occupancy", [0.1, 0.5, 0.9])
def test_erlang_c_follows_from_erlang_b(lines: int, occupancy: float) -> None:
    load, blocked = lines * occupancy, 1.0
    for line in range(1, lines + 1):
        blocked = load * blocked / (line + load * blocked)
    share = blocked / (1 - occupancy * (1 - blocked))
    assert erlang_c(lines, occupancy, 60) == pytest.approx((share, share * 60 / (lines - load)))


@pytest.mark.parametrize("occupancy", [0.6, 0.75, 0.9])
def test_customers_wait_as_erlang_c_says(occupancy: float) -> None:
    batches = waits(occupancy).reshape(BATCHES, BATCH)
    theory = erlang_c(LINES, occupancy, TALK)

    low, high = confidence_interval((batches > 0).mean(axis=1))
    assert low < theory.waiting_share < high
    low, high = confidence_interval(batches.mean(axis=1))
    assert low < theory.mean_wait < high
