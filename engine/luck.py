"""Luck: draws that depend only on the seed, the phone and the attempt (rules 7).

A draw is a counter-based hash: the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
number generators", 2014) over a key of (seed, identity) and a counter of (attempt, stream). Only integers are
used, so every engine on every machine draws the same. Each function takes Python integers or uint64 arrays.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Words = TypeVar("Words", int, NDArray[np.uint64])

WORD = (1 << 64) - 1
GOLDEN = 0x9E37_79B9_7F4A_7C15
MIX_A = 0xBF58_476D_1CE4_E5B9
MIX_B = 0x94D0_49BB_1331_11EB

STREAMS = 4
CALL, REDIAL, SEGMENT = range(3)
"""The streams of one attempt: its outcome and duration; whether it brings a redial; (attempt 0) the segment."""

OCCURRENCE_BIT = 51
"""An identity holds a phone in its lower 51 bits and its occurrence in the list above them."""
MOST_OCCURRENCES = 1 << (64 - OCCURRENCE_BIT)


def mixed(word: Words) -> Words:
    """A 64-bit word in which every bit depends on every bit of `word`."""
    bits: Any = word  # numpy's stubs say that uint64 times an int is signed; it is not
    bits = (bits ^ (bits >> 30)) * MIX_A & WORD
    bits = (bits ^ (bits >> 27)) * MIX_B & WORD
    result: Words = bits ^ (bits >> 31)
    return result


def luck_key(seed: int, identity: Words) -> Words:
    """The key of a number's draws; `identity` is its phone and occurrence (numbers.phonebook)."""
    word: Any = identity
    key: Words = mixed(word ^ mixed((seed + GOLDEN) & WORD))
    return key


def draw(key: Words, attempt: int, stream: int) -> Words:
    """64 random bits for an attempt (from 1; 0 for what is drawn once for each number)."""
    word: Any = key
    bits: Words = mixed((word + ((attempt * STREAMS + stream) * GOLDEN & WORD)) & WORD)
    return bits
