"""A lookup: the rows of keys, found while rows are added."""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Rows = NDArray[np.int64]


class Lookup:
    """Finds rows by key. It holds sorted runs, each at least twice as long as the next, so it takes 12 bytes a row.

    Adding costs O(log n) a row in the long run, finding O(log² n) a key.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Keys, NDArray[np.int32]]] = []

    def add(self, keys: Keys, rows: Rows) -> None:
        """Add rows, which ascend and are greater than all that were added before, with their keys."""
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        keys, own = keys[order], rows[order].astype(np.int32)
        while self._runs and len(self._runs[-1][0]) < 2 * len(keys):
            before = self._runs.pop()
            keys, own = np.concatenate((before[0], keys)), np.concatenate((before[1], own))
            order = np.argsort(keys, kind="stable")  # merges the two: linear
            keys, own = keys[order], own[order]
        self._runs.append((keys, own))

    def last(self, keys: Keys) -> Rows:
        """The last row of each key; -1 where there is none."""
        found = np.full(len(keys), -1, np.int64)
        for run_keys, rows in self._runs:  # rows of later runs are greater
            at = np.searchsorted(run_keys, keys, side="right") - 1
            same = (at >= 0) & (run_keys[at] == keys)
            found[same] = rows[at[same]]
        return found

    def rows(self, key: int) -> list[int]:
        """All rows of a key, ascending."""
        found: list[int] = []
        for keys, rows in self._runs:
            first, last = np.searchsorted(keys, key, side="left"), np.searchsorted(keys, key, side="right")
            found += rows[first:last].tolist()
        return found
