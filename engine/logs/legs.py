"""Legs: rows of a log that belong to one call, and calls to one phone that overlap."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Folded(NamedTuple):
    """The calls that legs were folded into."""

    first: Integers
    """[call]: the row of its first leg, ascending: everything else that the call has is of this leg."""
    outcome: Integers
    """[call]"""
    seconds: Floats
    """[call]: from the begin of the first leg to the end of the last; NaN if no leg has seconds."""


def folded(call: Integers, instant: Integers | None, seconds: Floats, outcome: Integers, ranks: Integers) -> Folded:
    """Fold the rows with an equal `call` into one call, in order of `instant`, or as they stand if it is None.

    The call's outcome is that of the leg of the lowest rank, the last of these: `ranks` gives each outcome's. All legs
    of a call without starts last as long as the longest.
    """
    rows = np.arange(len(call))
    order = np.lexsort((rows if instant is None else instant, call))
    starts = np.flatnonzero(np.diff(call[order], prepend=call[order[0]] - 1))
    lengths = np.diff(starts, append=len(order))
    of_call = np.repeat(np.arange(len(starts)), lengths)
    begins = (np.zeros(len(call)) if instant is None else instant.astype(np.float64))[order]
    since = begins - np.repeat(begins[starts], lengths)
    known = ~np.isnan(seconds[order])
    lasts = np.maximum.reduceat(np.where(known, since + np.nan_to_num(seconds[order]), -1.0), starts)
    by_rank = np.lexsort((-np.arange(len(order)), ranks[outcome[order]], of_call))
    chosen = by_rank[starts]
    first = order[starts]
    back = np.argsort(first)
    return Folded(first[back], outcome[order][chosen][back], np.where(lasts < 0, np.nan, lasts)[back])


def overlapping(number: Integers, instant: Integers, seconds: Floats) -> int:
    """How many calls begin while an earlier call to their number lasts; a second of rounding does not count."""
    order = np.lexsort((instant, number))
    numbers, begins = number[order], instant[order].astype(np.float64)
    ends = begins + np.nan_to_num(seconds[order])
    # a number's ends are lifted above those of the numbers before, so that one running maximum serves all
    same = numbers[1:] == numbers[:-1]
    lift = np.concatenate([[0], np.cumsum(~same)]) * (float(ends.max() - begins.min()) + 1)
    latest = np.maximum.accumulate(ends + lift) - lift
    return int((same & (begins[1:] < latest[:-1] - 1)).sum())
