"""The digest: one word of 64 bits for a run (rules 9)."""

import numpy as np
from numpy.typing import NDArray

from engine.dialing.record import NumberColumns
from engine.luck import GOLDEN, MIX_A, MIX_B, WORD, mixed

END_BIT = 1 << 63
"""It distinguishes the hash of an end from the hash of a call."""
BLOCK_ROWS = 1 << 16
"""Ends that are hashed at a time, so that memory stays small."""


def call_hash(identity: int, attempt: int, start: int, seconds: int, outcome: int) -> int:
    """The part of one call in a run's digest.

    `identity` is the number's in the phonebook (phone and occurrence), `start` is in Unix seconds, `outcome` is an
    index in the outcome model's `names`.
    """
    return mixed((identity * GOLDEN + start * MIX_A + (seconds << 32 | attempt << 8 | outcome) * MIX_B) & WORD)


def ends_hash(identities: NDArray[np.uint64], numbers: NumberColumns) -> int:
    """The part of all numbers' ends in a run's digest: how each ended and when, or how it is pending; O(n).

    `identities` are those of the phonebook, one for each row.
    """
    total = 0
    for first in range(0, len(identities), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        kinds, instants = numbers._replace(words=numbers.words[rows]).ends()
        words = identities[rows] * np.uint64(GOLDEN)
        words += instants.view(np.uint64) * np.uint64(MIX_A)  # NO_INSTANT, which is -1, counts as 2**64 - 1
        words += (kinds.astype(np.uint64) | np.uint64(END_BIT)) * np.uint64(MIX_B)
        total += int(mixed(words).sum())
    return total & WORD
