"""The never-answering: the share of numbers that never answer, estimated from repeated attempts.

The attempt at which a number first answers follows a beta-geometric distribution with a spike at zero. A share of the
numbers never answers. Each other number has a chance of its own, and these chances follow a beta distribution; so the
numbers that are left after each attempt are those with small chances (Weinberg and Gladen, "The beta-geometric
distribution applied to comparative fecundability studies", Biometrics 42, 1986; Fader and Hardie, "How to project
customer retention", Journal of Interactive Marketing 21, 2007, who describe the spike as well). Of the numbers that
can be reached and were not reached before, attempt a reaches the share

    mean / (1 + (a - 1) * polarisation),

with mean = alpha / (alpha + beta) and polarisation = 1 / (alpha + beta). Here a call's own hour and weekday multiply
that chance. Numbers that were not reached are censored at the calls that were made to them.

A scenario has no chances of single numbers. It has a segment that never answers, and factors by attempt for all other
numbers. Both explain why later attempts reach fewer, and only their shapes differ: factors may fall for ever, while a
segment takes a share away at once. So the split rests on the beta distribution. The segment is what the smooth decline
cannot explain; the rest of the decline goes into the factors. Within the attempts of a log, the two together agree with
the log, however they are split. Beyond them, and for the numbers that can be reached at all, the split matters. That is
why its interval is reported, and why a log of one or two attempts says nothing about it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from engine.certainty import CONFIDENCE

FEWEST_ATTEMPTS = 3
"""One attempt gives the mean, two give the polarisation, three the spike."""
FEWEST_NUMBERS = 100
"""So many numbers must have been called FEWEST_ATTEMPTS times without an answer."""
_MOST_SHARE = 0.999
_NEAR_ONE = 1 - 1e-9
_BOUNDS = ((-15.0, 0.0), (-12.0, 5.0))
"""Bounds of the logarithms of the mean and of the polarisation."""
_LEAST_LOG = -600.0
_DROP = float(stats.chi2.ppf(CONFIDENCE, 1)) / 2

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Histories(NamedTuple):
    """Calls to numbers, up to the first answered one; a number's calls follow one another, its first call first."""

    cells: Integers
    """[call]: its cell."""
    starts: Integers
    """[number]: the index of its first call."""
    reached: NDArray[np.bool_]
    """[number]: whether its last call was answered."""
    weights: Floats
    """[number]: how many numbers have this history."""
    attempts: Integers
    """[cell]: the attempt, from 1."""
    exposures: Floats
    """[cell]: the factor of its hour and weekday on the chance of an answer."""

    @property
    def tells_enough(self) -> bool:
        """Whether enough numbers were called often enough to separate the never-answering from the rarely answering."""
        lengths = np.diff(self.starts, append=len(self.cells))
        often = self.weights[(lengths >= FEWEST_ATTEMPTS) & ~self.reached].sum()
        return bool(often >= FEWEST_NUMBERS and self.weights[self.reached].sum() >= FEWEST_NUMBERS)


class NeverAnswering(msgspec.Struct, frozen=True):
    """The estimate: a share of the numbers in the histories, with its 95 % interval by profile likelihood."""

    share: float
    low: float
    high: float
    mean: float
    """The chance that the first call to a number that can be reached is answered."""
    polarisation: float

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether some numbers certainly never answer: the interval does not reach zero."""
        return self.low > 0

    def with_share(self, share: float, histories: Histories) -> "NeverAnswering":
        """The estimate of maximum likelihood for a given share."""
        mean, polarisation = _Likelihood(histories).best(min(share, _MOST_SHARE))[1]
        return NeverAnswering(min(share, _MOST_SHARE), self.low, self.high, mean, polarisation)


def estimate(histories: Histories, *, interval: bool = True) -> NeverAnswering:
    """The estimate of maximum likelihood. Without `interval`, which is faster, the interval is NaN."""
    likelihood = _Likelihood(histories)
    top, share, (mean, polarisation) = likelihood.highest()
    if not interval:
        return NeverAnswering(share, float("nan"), float("nan"), mean, polarisation)

    def above(other: float) -> float:
        return likelihood.best(other)[0] - top + _DROP

    low = optimize.brentq(above, 0, share, xtol=1e-4) if share and above(0) < 0 else 0.0
    high = optimize.brentq(above, share, _MOST_SHARE, xtol=1e-4) if above(_MOST_SHARE) < 0 else 1.0
    return NeverAnswering(share, float(low), float(high), mean, polarisation)


def reachable(histories: Histories, found: NeverAnswering) -> Floats:
    """[call]: the chance that the number can be reached at all, given the calls before this one."""
    misses = _misses(histories, found.mean, found.polarisation)[histories.cells]
    before = np.cumsum(misses) - misses
    before -= np.repeat(before[histories.starts], np.diff(histories.starts, append=len(misses)))
    silent = (1 - found.share) * np.exp(before)
    return np.asarray(silent / (found.share + silent))


def _chances(histories: Histories, mean: float, polarisation: float) -> Floats:
    chances = mean * histories.exposures / (1 + (histories.attempts - 1) * polarisation)
    return np.minimum(chances, _NEAR_ONE)


def _misses(histories: Histories, mean: float, polarisation: float) -> Floats:
    """[cell]: the logarithm of the chance that a number which can be reached does not answer."""
    return np.log1p(-_chances(histories, mean, polarisation))


class _Likelihood:
    """The likelihood of histories, and its maximum, overall or for a given share."""

    def __init__(self, histories: Histories) -> None:
        lengths = np.diff(histories.starts, append=len(histories.cells))
        lasts = histories.starts + lengths - 1
        weights = np.repeat(histories.weights, lengths)
        hit = np.repeat(histories.reached, lengths)
        size = len(histories.attempts)
        answers = histories.cells[lasts[histories.reached]]
        self._histories = histories
        self._reached = float(histories.weights[histories.reached].sum())
        self._answers = np.bincount(answers, histories.weights[histories.reached], size)
        self._misses_of_reached = np.bincount(histories.cells[hit], weights[hit], size) - self._answers
        self._silent = histories.cells[~hit]
        self._silent_lengths = lengths[~histories.reached]
        self._silent_starts = np.cumsum(self._silent_lengths) - self._silent_lengths
        self._silent_weights = histories.weights[~histories.reached]
        self._first = np.array([np.log(max(self._reached, 1) / max(weights.sum(), 1)), np.log(0.1)])
        self._known: dict[float, tuple[float, tuple[float, float]]] = {}

    def highest(self) -> tuple[float, float, tuple[float, float]]:
        """The maximum of the log-likelihood, and the share, the mean and the polarisation there.

        A spike and a decline explain nearly the same, so the search starts once with more of each.
        """
        found = []
        for share, polarisation in ((0.02, 0.5), (0.2, 0.02)):
            first = np.array([share, self._first[0], np.log(polarisation)])
            found.append(self._searched(lambda at: self._loss(at[0], at[1:]), first, ((0, _MOST_SHARE), *_BOUNDS)))
        top, at = min(found, key=lambda each: each[0])
        self._first = at[1:]
        mean, polarisation = np.exp(at[1:]).tolist()
        return -top, float(at[0]), (mean, polarisation)

    def best(self, share: float) -> tuple[float, tuple[float, float]]:
        """The maximum of the log-likelihood for a given share, and the mean and the polarisation there."""
        if share not in self._known:

            def loss(at: Floats) -> tuple[float, Floats]:
                value, gradient = self._loss(share, at)
                return value, gradient[1:]

            top, at = self._searched(loss, self._first, _BOUNDS)
            mean, polarisation = np.exp(at).tolist()
            self._known[share] = (-top, (mean, polarisation))
        return self._known[share]

    def _searched(
        self, loss: Callable[[Floats], tuple[float, Floats]], first: Floats, bounds: Sequence[tuple[float, float]]
    ) -> tuple[float, Floats]:
        # so exact that releases of scipy agree in all digits that are written;
        # TNC needs no BLAS, whose threads would make each of these tiny steps slow on a busy machine
        found = optimize.minimize(
            loss,
            first,
            jac=True,
            method="TNC",
            bounds=bounds,
            options={"ftol": 1e-12, "gtol": 1e-8, "xtol": 1e-10, "maxfun": 1_000},
        )
        return float(found.fun), np.asarray(found.x, np.float64)

    def _loss(self, share: float, at: Floats) -> tuple[float, Floats]:
        """The negative log-likelihood, and its gradient by the share and the logarithms of the others."""
        mean, polarisation = np.exp(at).tolist()
        later = self._histories.attempts - 1
        chances = _chances(self._histories, mean, polarisation)
        misses = np.log1p(-chances)
        silent = np.exp(np.maximum(np.add.reduceat(misses[self._silent], self._silent_starts), _LEAST_LOG))
        either = share + (1 - share) * silent
        value = (self._answers * np.log(chances) + self._misses_of_reached * misses).sum()
        value += self._reached * np.log1p(-share) + (self._silent_weights * np.log(either)).sum()
        by_share = (self._silent_weights * (1 - silent) / either).sum() - self._reached / (1 - share)
        live = np.repeat(self._silent_weights * (1 - share) * silent / either, self._silent_lengths)
        all_misses = self._misses_of_reached + np.bincount(self._silent, live, len(later))
        by_chance = np.where(chances < _NEAR_ONE, self._answers - all_misses * chances / (1 - chances), 0)
        by_polarisation = -(by_chance * later * polarisation / (1 + later * polarisation)).sum()
        return -float(value), -np.array([by_share, by_chance.sum(), by_polarisation])
