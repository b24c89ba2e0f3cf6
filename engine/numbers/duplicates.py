"""Duplicates: which additions to a list create no job (rules 4), and how often a phone is in it."""

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY

Column = NDArray[np.int64]


def repeated(phones: Column) -> NDArray[np.bool_]:
    """Whether each phone stands more than once; O(n log n)."""
    order = np.argsort(phones)
    same = phones[order[1:]] == phones[order[:-1]]
    again = np.zeros(len(phones), np.bool_)
    again[order[1:][same]] = True
    again[order[:-1][same]] = True
    return again


def accepted(phones: Column, policies: NDArray[np.int32], payloads: Column, added: Column) -> NDArray[np.bool_]:
    """Which additions, given in the order in which they are made, are accepted.

    One is not if an addition with the same phone, policy and payload was accepted less than 24 hours before; ignored
    ones do not renew the 24 hours. O(n log n), and once more through what is left for each day between the first
    addition of a number and its last.
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
    """How often each addition's phone stands before it in the list."""
    order = np.argsort(phones, kind="stable")
    ranked = phones[order]
    differs = np.concatenate((np.ones(min(len(ranked), 1), np.bool_), ranked[1:] != ranked[:-1]))
    places = np.arange(len(ranked))
    earlier = np.zeros(len(phones), np.int64)
    earlier[order] = places - np.maximum.accumulate(np.where(differs, places, 0))
    return earlier
