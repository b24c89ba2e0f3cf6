"""Duplicates: additions to a list that are ignored (rules 4), and phones that occur more than once."""

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY

Column = NDArray[np.int64]


def repeated(phones: Column) -> NDArray[np.bool_]:
    """Whether each phone occurs more than once; O(n log n)."""
    order = np.argsort(phones)
    same = phones[order[1:]] == phones[order[:-1]]
    again = np.zeros(len(phones), np.bool_)
    again[order[1:][same]] = True
    again[order[:-1][same]] = True
    return again


def accepted(phones: Column, policies: NDArray[np.int32], payloads: Column, added: Column) -> NDArray[np.bool_]:
    """Which additions are accepted; they are given in the order in which they are made.

    An addition is ignored if one with the same phone, policy and payload was accepted less than 24 hours before.
    Ignored additions do not renew the 24 hours. `added` is in Unix seconds. O(n log n), and one more pass over the
    additions that are left for each day between the first addition of a number and its last.
    """
    kept = np.zeros(len(phones), np.bool_)
    left = np.lexsort((payloads, policies, phones))
    while len(left):
        differs = np.zeros(len(left), np.bool_)
        differs[0] = True
        for key in (phones, policies, payloads):
            differs[1:] |= key[left[1:]] != key[left[:-1]]
        firsts = left[differs]
        kept[firsts] = True
        since = added[firsts][np.cumsum(differs) - 1]
        left = left[added[left] - since >= DAY]
    return kept


def occurrences(phones: Column) -> Column:
    """How often the phone of each addition occurs before it in the list."""
    order = np.argsort(phones, kind="stable")
    ranked = phones[order]
    differs = np.concatenate((np.ones(min(len(ranked), 1), np.bool_), ranked[1:] != ranked[:-1]))
    indices = np.arange(len(ranked))
    earlier = np.zeros(len(phones), np.int64)
    earlier[order] = indices - np.maximum.accumulate(np.where(differs, indices, 0))
    return earlier
