"""Bits: words of 64 bits, unsigned as luck needs them; and numbers that the compiler knows to be natural.

Indices are unsigned in memory, because for a signed one the machine must check each time whether it counts from the
end; `natural` tells the compiler that a computed index is not negative.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dialing.machine_code import step
from engine.luck import GOLDEN, MIX_A, MIX_B

Integer = int | np.int64
Truth = bool | np.bool_
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]
U32 = NDArray[np.uint32]
W8, W24, W27, W30, W31, W32 = np.uint64(8), np.uint64(24), np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
W40, W56 = np.uint64(40), np.uint64(56)
LOW_32 = np.uint64(0xFFFF_FFFF)
LOW_24, LOW_16, LOW_8 = np.uint64(0xFF_FFFF), np.uint64(0xFFFF), np.uint64(0xFF)
GOLDEN_WORD, A_WORD, B_WORD = np.uint64(GOLDEN), np.uint64(MIX_A), np.uint64(MIX_B)


@step
def natural(number: Integer) -> Integer:
    """The number, of which the compiler then knows that it is not negative."""
    return number & ((1 << 62) - 1)


@step
def mixed(word: Any) -> Any:
    """`luck.mixed` of one word."""
    word = (word ^ (word >> W30)) * A_WORD
    word = (word ^ (word >> W27)) * B_WORD
    return word ^ (word >> W31)


@step
def draw(key: Any, counter: Integer) -> Any:
    """`luck.draw` with attempt and stream in one counter."""
    return mixed(key + np.uint64(counter) * GOLDEN_WORD)
