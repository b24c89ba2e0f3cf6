"""Certainty: how sure a measured figure is, or a difference between measured figures.

`scipy.stats` has all that is asked for here. It takes a second to load, in each process that plays replications, so
what every comparison needs is asked of `scipy.special`, on which it stands.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import special

CONFIDENCE = 0.95
"""The confidence of every interval."""
DOUBT = 0.05
"""The chance that some variant is said to differ beyond doubt in a figure in which truly none differs."""
MISNAMED = 1e-4
"""The chance that a sentence names something as the most of its kind that truly is not, or is only as much as others.

It is smaller than `DOUBT`: a page has several titles, people read many pages, and a title is what they act on.
"""
ANYWHERE = (-np.inf, np.inf)
"""The bounds of values that have none."""
_ROUNDING = 1e-13
"""Values count as equal if they differ by less than this share of the largest."""


class Estimate(msgspec.Struct, frozen=True):
    """The mean of a figure over the replications in which it was measured, with its 95 % interval.

    Instants are Unix seconds. The mean is None if no replication measured it, the interval if a single one did.
    """

    mean: float | None
    low: float | None
    high: float | None
    replications: int


def wilson(count: int, of: int) -> tuple[float, float]:
    """The interval of E. B. Wilson (1927) around the share `count` / `of`."""
    z = float(special.ndtri(0.5 + 0.5 * CONFIDENCE))
    share, scale = count / of, 2 * (of + z**2)
    center = (2 * of * share + z**2) / scale
    reach = z / scale * sqrt(4 * of * share * (1 - share) + z**2)
    return center - reach if count else 0.0, center + reach if count < of else 1.0


def estimate(
    values: NDArray[np.float64], *, yes_or_no: bool = False, bounds: tuple[float, float] = ANYWHERE
) -> Estimate:
    """The mean of values without NaN, with Student's interval, or with Wilson's for values of 0 and 1.

    The interval is cut off at `bounds`, outside of which no value can lie.
    """
    known = values[~np.isnan(values)]
    if yes_or_no and len(known):
        return Estimate(float(known.mean()), *wilson(int(known.sum()), len(known)), len(known))
    mean, low, high = student(known)
    if low is not None and high is not None:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return Estimate(mean, low, high, len(known))


def student(values: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    """The mean of values and the ends of Student's interval around it; None where there are too few values."""
    if not len(values):
        return None, None, None
    mean = float(values.mean())
    if len(values) == 1:
        return mean, None, None
    if _alike(values):
        return mean, mean, mean
    tail = (1 - CONFIDENCE) / 2
    low, high = special.stdtrit(len(values) - 1, np.array([tail, 1 - tail])) * _error_of_mean(values) + mean
    return mean, float(low), float(high)


def _error_of_mean(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) / sqrt(len(values))


def _alike(values: NDArray[np.float64]) -> bool:
    """Whether values differ by rounding alone: Student's test cannot be used then, for it divides by their spread."""
    return bool(np.ptp(values) <= _ROUNDING * np.abs(values).max())


def chance(differences: NDArray[np.float64], *, yes_or_no: bool) -> float:
    """The p-value of paired differences: by Student's paired test, or for yes and no by the sign test."""
    if yes_or_no:
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
        return _chance_of_signs(gained, lost)
    if len(differences) < 2:
        return 1.0
    if _alike(differences):  # then only the signs can be tested
        return _chance_of_signs(0, len(differences)) if differences[0] else 1.0
    ratio = abs(float(differences.mean())) / _error_of_mean(differences)
    return 2 * float(special.stdtr(len(differences) - 1, -ratio))


def _chance_of_signs(gained: int, lost: int) -> float:
    """The p-value of the sign test: each sign is as likely as the other."""
    return min(1.0, 2 * float(special.bdtr(min(gained, lost), gained + lost, 0.5)))


def beyond_doubt(chances: Sequence[float]) -> list[bool]:
    """Which of several differences are beyond doubt together: the method of S. Holm (1979)."""
    beyond = [False] * len(chances)
    for rank, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[index] > DOUBT / (len(chances) - rank):
            break
        beyond[index] = True
    return beyond


def largest_share(hits: NDArray[np.int64], of: NDArray[np.int64]) -> int | None:
    """The cell whose share of hits is larger than that of each other cell beyond doubt; None if none is.

    It is held against each other one by R. A. Fisher's exact test (1935). The chance to name a wrong cell is at most
    `MISNAMED`: a cell that is not the most passes against the true most with at most a K-th of it, for K cells.
    """
    if len(of) < 2:
        return None
    top = int(np.argmax(hits / np.maximum(of, 1)))
    cells = list(zip(hits.tolist(), of.tolist(), strict=True))
    others = (cell for place, cell in enumerate(cells) if place != top)
    return top if all(chance_of_share(*cells[top], *other) <= MISNAMED / len(of) for other in others) else None


def chance_of_share(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """The p-value of Fisher's exact test: that of all hits so many or more fall to the first share by chance."""
    total = hits + other_hits
    ours = np.arange(hits, min(total, of) + 1)
    parts = _log_ways(of, ours) + _log_ways(other_of, total - ours) - _log_ways(of + other_of, total)
    return float(np.exp(parts).sum())


def _log_ways(of: int, count: NDArray[np.int64] | int) -> Any:
    """The logarithm of the number of ways in which `count` can be taken out of `of`."""
    return special.gammaln(of + 1) - special.gammaln(count + 1) - special.gammaln(of - count + 1)


def largest_count(counts: NDArray[np.int64]) -> int | None:
    """The cell that counts more than each other cell beyond doubt, by the binomial test; None if none does.

    The chance to name a wrong cell is at most `MISNAMED`, as for `largest_share`.
    """
    if len(counts) < 2:
        return None
    top = int(np.argmax(counts))
    others = np.arange(len(counts)) != top
    chances = special.bdtrc(counts[top] - 1, counts[top] + counts[others], 0.5)
    return top if (chances <= MISNAMED / len(counts)).all() else None


def largest_rows(values: NDArray[np.float64], *, yes_or_no: bool, jumps: bool = False) -> tuple[int, ...]:
    """The row of paired values whose mean is larger than that of each other row beyond doubt; empty if none is.

    `values` are [row, replication]. Rows that are equal to the largest in each replication come with it, unless all
    rows are equal. The chance to name a wrong row is at most `MISNAMED`, as for `largest_share`, as far as differences
    are normal, as Student's test takes them to be. Values with `jumps`, as dates have from one evening to the next
    morning, must be larger by the sign test, too: of few replications all may jump to one side by chance.
    """
    known = values[:, ~np.isnan(values).any(axis=0)]
    if len(known) < 2 or not known.shape[1]:
        return ()
    ahead = known[np.argmax(known.mean(axis=1))] - known
    same = ~ahead.any(axis=1)
    behind = np.flatnonzero(~same)
    nearest_first = behind[np.argsort(ahead[behind].mean(axis=1), kind="stable")]  # most often it ends at the first
    by_signs = (True,) if yes_or_no else (False, True) if jumps else (False,)
    for row in nearest_first:
        if any(chance(ahead[row], yes_or_no=signs) > MISNAMED / len(known) for signs in by_signs):
            return ()
    return tuple(np.flatnonzero(same).tolist()) if len(behind) else ()
