"""Columns: what many values have in common, each value once and the place of each."""

import sys
from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

TABLED = 1 << 10
"""Up to so many possible keys, and four for each row, a table finds those that occur; above, sorting does."""


class Coded(NamedTuple):
    """Values of any kind, in the order in which they first come."""

    values: tuple[Any, ...]
    codes: NDArray[np.int32]
    """[row]: the place in `values` of what it has."""

    def filled(self, above: Any) -> "Coded":
        """The same with what a higher level says in place of None (rules 2); that may be a value twice."""
        return Coded(tuple(above if value is None else value for value in self.values), self.codes)


def coded(values: Iterable[Hashable]) -> Coded:
    """Each of equal values once. O(n).

    >>> coded(["b", None, "b"])
    Coded(values=('b', None), codes=array([0, 1, 0], dtype=int32))
    """
    column = list(values)
    once = tuple(dict.fromkeys(column))
    if len(once) == 1:  # mostly, of a field that is left out
        return Coded(once, np.zeros(len(column), np.int32))
    places = {each: place for place, each in enumerate(once)}
    return Coded(once, np.fromiter(map(places.__getitem__, column), np.int32, len(column)))


def coded_by_object(values: Iterable[Any]) -> Coded:
    """Each object once, for values that cost much to compare: equal ones may come twice. O(n log n)."""
    column = list(values)
    firsts, codes = distinct(np.fromiter(map(id, column), np.int64, len(column)), sys.maxsize)
    return Coded(tuple(column[row] for row in firsts.tolist()), codes)


def distinct(keys: NDArray[np.integer], most: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Where each key occurs first, ascending; and for each row the place of its key in that.

    Keys are at least 0 and below `most`. O(n), but O(n log n) for many possible keys.

    >>> distinct(np.array([7, 3, 7, 5]), 8)
    (array([0, 1, 3]), array([0, 1, 0, 2], dtype=int32))
    """
    if most > TABLED + 4 * len(keys):
        _, firsts, sorted_places = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(firsts)
        places = np.empty(len(order), np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return firsts[order], places[sorted_places]
    first = np.full(most, len(keys), np.int64)
    first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)
    present = np.flatnonzero(first < len(keys))
    order = present[np.argsort(first[present], kind="stable")]
    table = np.empty(most, np.int32)
    table[order] = np.arange(len(order), dtype=np.int32)
    return first[order], table[keys]
