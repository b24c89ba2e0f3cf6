"""Tournaments: of each priority between the first numbers of open window classes, by their keys (rules 5)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dialing.kernel.bits import I32, I64, U32, U64, W24, W32, Integer, Truth, natural
from engine.dialing.kernel.state import HEAD, NOTHING, QUEUE_WORDS, RECORD_WORDS, STALE
from engine.dialing.machine_code import inner, step

LAST_KEY = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
"""Both halves of the key of nobody."""
FRESH = np.uint64(1 << 63)
"""The bit of a key's second half that those have who were not called yet: the row is below it, else the arrival."""


@step
def comes_before(high: Any, low: Any, other_high: Any, other_low: Any) -> Any:
    """Whether a key is smaller than another."""
    return (high < other_high) | ((high == other_high) & (low < other_low))


@step
def compete(priority: Integer, place: Integer, high: Any, low: Any, tree: Integer, keys: U64, winners: U32) -> None:
    """Enter a class in its priority's tournament with this key. It has no branches, for who wins cannot be foreseen."""
    leaves = priority * tree
    keys[(leaves + place) * 2], keys[(leaves + place) * 2 + 1] = high, low
    nodes = priority * tree * 2
    node = (tree + place) >> 1
    winner = place
    other = place ^ 1
    while True:
        other_high, other_low = keys[(leaves + other) * 2], keys[(leaves + other) * 2 + 1]
        is_first = comes_before(other_high, other_low, high, low)
        winner = other if is_first else winner
        high = other_high if is_first else high
        low = other_low if is_first else low
        winners[nodes + node] = winner
        if node == 1:
            return
        other = np.int64(winners[nodes + (node ^ 1)])
        node >>= 1


@step
def runner_up(priority: Integer, place: Integer, tree: Integer, keys: U64, winners: U32) -> tuple[Any, Any]:
    """The key of who would win a tournament without its winner, the class at this place."""
    leaves, nodes = priority * tree, priority * tree * 2
    node, other = tree + place, place ^ 1
    high = low = LAST_KEY
    while True:
        other_high, other_low = keys[(leaves + other) * 2], keys[(leaves + other) * 2 + 1]
        is_first = comes_before(other_high, other_low, high, low)
        high = other_high if is_first else high
        low = other_low if is_first else low
        node >>= 1
        if node == 1:
            return high, low
        other = np.int64(winners[nodes + (node ^ 1)])


@step
def first_half(due: Integer, since: Integer, until: Integer, closing_first: Truth) -> Any:
    """The first half of a key: the next allowed time, or when the window closes; and the due instant."""
    return np.uint64(until if closing_first else max(due, since)) << W32 | np.uint64(due)


@step
def key_of_queue(
    queue: Integer, since: Integer, until: Integer, closing_first: Truth, queues: U32, pool: U64
) -> tuple[Any, Any]:
    """The key of the first number of a queue in a window; LAST_KEY if there is none."""
    head = np.int64(queues[natural(queue) * QUEUE_WORDS + HEAD])
    if head == NOTHING:
        return LAST_KEY, LAST_KEY
    due = np.int64(pool[head * RECORD_WORDS + 1] >> W32)
    return first_half(due, since, until, closing_first), pool[head * RECORD_WORDS + 2] >> W24


@step
def key_of_fresh(
    rank: Integer, since: Integer, until: Integer, closing_first: Truth, order: U32, added: I32
) -> tuple[Any, Any]:
    """The key of a number that was not called yet: it comes after those that fall due in the second of its addition."""
    row = np.int64(order[rank])
    due = np.int64(added[0 if len(added) == 1 else row])
    return first_half(due, since, until, closing_first), FRESH | np.uint64(row)


@inner
def touch(cell: Integer, now: I64, stale: U32, is_stale: NDArray[np.bool_]) -> None:
    """Mark the cell, so that its first number is looked up before the next call begins."""
    if not is_stale[cell]:
        is_stale[cell] = True
        stale[natural(now[STALE])] = cell
        now[STALE] += 1
