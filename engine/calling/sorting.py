"""Sorting: the rows of a column of integers, put in order."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
_BITS = 63
"""What an int64 holds beside its sign."""


def rows_by(keys: NDArray[np.signedinteger]) -> Integers:
    """The rows by their keys, those of equal keys as they stand. O(n log n).

    Where a key and a row fit into one word, the words are sorted: a tenth of the time of a stable argsort, for numpy
    sorts plain words many at a time.
    """
    count, least = len(keys), int(keys.min(initial=0))
    bits = count.bit_length()
    if (int(keys.max(initial=0)) - least).bit_length() + bits > _BITS:
        return np.argsort(keys, kind="stable")
    words = ((keys.astype(np.int64, copy=False) - least) << bits) | np.arange(count)
    words.sort()
    rows: Integers = words & ((1 << bits) - 1)
    return rows
