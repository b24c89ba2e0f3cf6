"""Quantiles: a few points that describe how long the calls of a log lasted."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from engine.customers.durations import LONGEST_CALL, Durations, quantile_table

CLOSE = 0.005
"""The most Kolmogorov distance between the points and the log, if it has enough calls."""
CLOSE_MEAN = 0.01
"""How far the mean may be off, as a share of it: the sum of the durations, not their ranks, fills the lines."""
_DIGITS = 5
_LEAST_STEP = 10.0**-_DIGITS

Floats = NDArray[np.float64]


class TalkTimes(msgspec.Struct, frozen=True):
    """How long the calls of one outcome lasted, for a scenario."""

    calls: int
    """Calls whose seconds the log has."""
    mean: float
    """The mean of the log, in seconds as the engine counts them: whole ones, at least 1."""
    median: float
    seconds: float | dict[str, float]
    """What a scenario says: a number if all calls last equally long, else quantiles by share."""
    distance: float
    """The Kolmogorov distance between the log and the table that the engine draws from."""
    mean_drawn: float
    """The mean of that table."""

    @property
    def document(self) -> Any:
        """The value of `seconds` in a scenario."""
        return {"quantiles": self.seconds} if isinstance(self.seconds, dict) else self.seconds


def counted(seconds: Floats) -> Floats:
    """Durations as the engine counts them: whole seconds from 1 to a day; NaN are left out."""
    known = seconds[~np.isnan(seconds)]
    return np.asarray(np.clip(np.floor(known + 0.5), 1, LONGEST_CALL))


def talk_times(seconds: Floats) -> TalkTimes:
    """The fewest quantiles found that are close to the durations, of which at least one must not be NaN.

    A second s of the log stands for [s - 0.5, s + 0.5), because the engine draws along a line between two points and
    then rounds. Each point is as far from the one before as the line between them stays within CLOSE of the log, or
    within 0.3 / sqrt(calls) if that is more: a third of what chance alone makes. More points are added where the mean
    is off.
    """
    whole = np.sort(counted(seconds))
    values = np.unique(whole)
    if len(values) == 1:
        chosen: float | dict[str, float] = float(values[0])
    else:
        edges = np.unique(np.concatenate([values - 0.5, values + 0.5]))
        shares = np.searchsorted(whole, edges) / len(whole)
        chosen = _document(edges, shares, _points(edges, shares, max(CLOSE, 0.3 / len(whole) ** 0.5)))
    drawn = quantile_table(Durations(quantiles=chosen) if isinstance(chosen, dict) else chosen).astype(np.float64)
    return TalkTimes(
        len(whole), float(whole.mean()), float(np.median(whole)), chosen, kolmogorov(whole, drawn), float(drawn.mean())
    )


def kolmogorov(one: Floats, other: Floats) -> float:
    """The Kolmogorov distance between two samples: the largest difference of their distribution functions."""
    with np.errstate(divide="ignore"):  # in the p-value, which is not used: two samples of one value have none
        return float(stats.ks_2samp(one, other, method="asymp").statistic)


def _points(edges: Floats, shares: Floats, close: float) -> list[int]:
    """The indices of the edges that are kept, ascending, with the first and the last."""
    last = len(edges) - 1
    points = [0]
    while points[-1] < last:
        points.append(_furthest(edges, shares, points[-1], close))
    true_mean = _mean(edges, shares, range(last + 1))
    while abs(_mean(edges, shares, points) - true_mean) > CLOSE_MEAN * true_mean:
        points = sorted({*points, _worst(edges, shares, points)})
        while (gaps := _gaps(edges, shares, points)).max() > close:  # a new point moves the lines beside it
            points = sorted({*points, int(gaps.argmax())})
    return points


def _furthest(edges: Floats, shares: Floats, first: int, close: float) -> int:
    """The furthest edge found for which a line from the first edge stays close to the shares between them."""
    near, far = first + 1, len(edges) - 1
    while near < far:
        middle = (near + far + 1) // 2
        if _gaps(edges[first : middle + 1], shares[first : middle + 1], [0, -1]).max() <= close:
            near = middle
        else:
            far = middle - 1
    return near


def _gaps(edges: Floats, shares: Floats, points: list[int]) -> Floats:
    """How far the line through the points is from each edge's share."""
    return np.asarray(np.abs(np.interp(edges, edges[points], shares[points]) - shares))


def _worst(edges: Floats, shares: Floats, points: list[int]) -> int:
    """The edge with the largest gap, between the two points that contribute most to the error of the mean."""
    gaps = np.interp(edges, edges[points], shares[points]) - shares
    spans = [(first, last) for first, last in pairwise(points) if last - first > 1]
    areas = [abs(float(np.trapezoid(gaps[first : last + 1], edges[first : last + 1]))) for first, last in spans]
    first, last = spans[int(np.argmax(areas))]
    return first + 1 + int(np.abs(gaps[first + 1 : last]).argmax())


def _mean(edges: Floats, shares: Floats, points: Sequence[int]) -> float:
    indices = list(points)
    return float(np.sum(np.diff(shares[indices]) * (edges[indices][1:] + edges[indices][:-1]) / 2))


def _document(edges: Floats, shares: Floats, points: list[int]) -> dict[str, float]:
    """Quantiles by share; shares rise from 0 to 1, by at least the least step."""
    rising: list[float] = []
    for index in points:
        least = rising[-1] + _LEAST_STEP if rising else 0.0
        rising.append(max(round(float(shares[index]), _DIGITS), least))
    over = max(rising[-1] - 1, 0)
    rising = [max(share - over, 0.0) for share in rising[:-1]] + [1.0]
    return {
        f"{round(share, _DIGITS):g}": min(float(edges[index]), LONGEST_CALL)
        for share, index in zip(rising, points, strict=True)
    }
