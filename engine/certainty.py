"""Intervals: how sure a figure is that was measured on a sample."""

from scipy import stats

CONFIDENCE = 0.95
"""Of every interval."""


def wilson(count: int, of: int) -> tuple[float, float]:
    """The interval of E. B. Wilson (1927) around the share that `count` is of the `of` that were looked at."""
    ends = stats.binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return float(ends.low), float(ends.high)
