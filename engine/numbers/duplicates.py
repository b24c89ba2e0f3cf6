"""Duplicates: which additions to a list create no job (rules 4), and how often a phone is in it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY


def accepted(phones: NDArray[np.int64], settings: NDArray[np.int64], added: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which additions, given in the order in which they are made, are accepted.

    One is not if an addition with the same phone and the same settings (payload and policy) was accepted less than
    24 hours before; ignored ones do not renew the 24 hours. Only phones that stand more than once cost more than
    their share of a sort: O(n log n).
    """
    kept = np.ones(len(phones), np.bool_)
    for group in _groups(np.lexsort((settings, phones)), phones, settings):
        last = None
        for place in group.tolist():
            at = int(added[place])
            if last is not None and at - last < DAY:
                kept[place] = False
            else:
                last = at
    return kept


def occurrences(phones: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each addition's phone stands before it in the list."""
    earlier = np.zeros(len(phones), np.int64)
    for group in _groups(np.argsort(phones, kind="stable"), phones):
        earlier[group] = np.arange(len(group))
    return earlier


def _groups(order: NDArray[np.int64], *keys: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places, in their first order, of each set of two or more rows with equal keys; `order` sorts by the keys."""
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    edges = np.diff(np.concatenate(([False], same, [False])).astype(np.int8))
    for first, last in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        yield order[first : last + 1]
