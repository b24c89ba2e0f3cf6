"""Certainty: how sure a measured figure is, or a difference between measured figures."""

from collections.abc import Sequence
from types import ModuleType

import msgspec
import numpy as np
from numpy.typing import NDArray

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


def _stats() -> ModuleType:
    """`scipy.stats`. It is loaded when it is asked first: it takes a second, and processes that play never ask."""
    from scipy import stats

    return stats


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
    ends = _stats().binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return float(ends.low), float(ends.high)


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
    ends = _stats().ttest_1samp(values, 0).confidence_interval(CONFIDENCE)
    return mean, float(ends.low), float(ends.high)


def _alike(values: NDArray[np.float64]) -> bool:
    """Whether values differ by rounding alone: Student's test cannot be used then, for it divides by their spread."""
    return bool(np.ptp(values) <= _ROUNDING * np.abs(values).max())


def chance(differences: NDArray[np.float64], *, yes_or_no: bool) -> float:
    """The p-value of paired differences: by Student's paired test, or for yes and no by the sign test."""
    if yes_or_no:
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
        return float(_stats().binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    if len(differences) < 2:
        return 1.0
    if _alike(differences):  # then only the signs can be tested
        return float(_stats().binomtest(0, len(differences)).pvalue) if differences[0] else 1.0
    return float(_stats().ttest_1samp(differences, 0).pvalue)


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
    others = np.arange(len(of)) != top
    chances = _stats().hypergeom.sf(hits[top] - 1, of[top] + of[others], hits[top] + hits[others], of[top])
    return top if (chances <= MISNAMED / len(of)).all() else None


def largest_count(counts: NDArray[np.int64]) -> int | None:
    """The cell that counts more than each other cell beyond doubt, by the binomial test; None if none does.

    The chance to name a wrong cell is at most `MISNAMED`, as for `largest_share`.
    """
    if len(counts) < 2:
        return None
    top = int(np.argmax(counts))
    others = np.arange(len(counts)) != top
    chances = _stats().binom.sf(counts[top] - 1, counts[top] + counts[others], 0.5)
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
