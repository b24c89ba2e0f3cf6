"""The state: all that changes during a run, in arrays: it can stop between any two seconds, be saved, and go on.

Numbers that were not called yet wait in the order of their cells; a place in it is a number's *rank*. After a call they
are records of 32 bytes, moved by value in chunks, so memory is read and written in runs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dialing.kernel.bits import I32, I64, U32, U64
from engine.dialing.machine_code import by_address
from engine.dialing.record import CallColumns

RING_BITS = 17
RING = 1 << RING_BITS
"""Seconds that the calendar holds one by one; longer than the longest call."""
BLOCK_BITS = RING_BITS - 1
"""The exponent of a block: numbers that are due later wait in blocks of 2**BLOCK_BITS seconds."""
CHUNK_BITS = 4
CHUNK = 1 << CHUNK_BITS
"""Records of a chunk: half as many cost a tenth of the speed, and a queue of one number takes a whole one."""
RECORD_WORDS = 4
WAS_REACHED, WAS_HELD = np.uint64(1 << 56), np.uint64(1 << 57)
"""Bits of a record: the number has been reached; a cap has ever held it back."""
QUEUE_BITS = 2
QUEUE_WORDS = 1 << QUEUE_BITS
HEAD, TAIL, LATEST, DISORDERED = range(QUEUE_WORDS)
"""Words of a queue. HEAD: the index of its first record, or NOTHING. TAIL: one after its last, 0 if it is empty.
LATEST: the end of the call of the record that was filed last. DISORDERED: not 0 if the ends of calls do not ascend."""
PILE_BITS = 6
PILES = 1 << PILE_BITS
"""Queues for sorting, after the blocks."""
BATCH = 128
"""The most calls that are chosen before they are played."""
BATCH_WORDS = 8
"""A number of the batch: its record, its cell, and what its call comes to."""
NOTHING = 0xFFFF_FFFF
"""In place of the index of a record or a chunk where there is none."""

by_address(CallColumns)  # calls are written down in columns that lie elsewhere


@by_address
class State(NamedTuple):
    """All that changes during a run."""

    now: I64
    """The scalars, by the places named below."""
    calls_hash: U64
    """The part of the calls in the digest."""
    fresh_head: U32
    """[cell]: the rank of its first number that was not called yet and waits."""
    fresh_tail: U32
    """[cell]: one after its last that was added."""
    queues: U32
    """[queue, word], flat. Queues: of cells; of those that returned to them; of priorities; of seconds of the ring; of
    blocks; piles; and, where caps are shared, of the seconds of the ring in which calls end."""
    pool: U64
    """Records: identity; rank and time; arrival and attempts; terms, left, segment and what was before."""
    next_chunk: U32
    freed: I32
    """[second of the ring]: lines that calls set free then."""
    due: I64
    """[cell]: numbers that are due and have not expired."""
    due_by_terms: I64
    eligible_now: I64
    """[priority]"""
    open_since: I64
    """[class]: the start of its open window, FAR while it is closed."""
    open_until: I64
    window: I64
    """[class]: the index of its open or next window."""
    span: I64
    hour_until: I64
    """[class]: until when `hour` is its local hour."""
    hour: I64
    """[class]: local hours since 1970."""
    hour_of_week: U32
    keys: U64
    """[priority, class, half], flat: the key of its first number, next allowed time and due, then sequence."""
    winners: U32
    """[priority, node] of the tournament between classes."""
    stale: U32
    """A stack of the cells whose first number may have changed."""
    is_stale: NDArray[np.bool_]
    results: U32
    """[rank]: the words of its result (record.NumberColumns), flat; and words of nobody. Where nothing was written
    stands 0, so 1 is added to the times of calls; no call ends at once, so ENDED is not 0 otherwise."""
    batch: U64
    """[number, word], flat: scratch memory for the calls of a second."""
    begun: I64
    line_seconds: I64
    peak: I64
    eligible: I64
    """[quarter, priority]"""
    waiting: I64
    """[quarter, priority]: the change in the quarter."""
    local_hours: I64
    """[local hour, outcome]"""
    few_ends: I64
    """Scratch memory."""
    closed_by: I64
    """[class]: what closes it, or OPEN."""
    wait_seconds: I64
    """[quarter, reason, priority], flat, as in `waits.number_seconds`; empty if waits are not counted."""
    wait_numbers: I64
    counted: U32
    """Marks of a cap and a key: 1 + the times or dates of the latest calls that count, latest first, as many as the cap
    allows; 0 where there were not so many."""


(
    NOW, IN_USE, LINES, LINE_PLACE, CHANGE_PLACE, EXPIRY_PLACE, NEXT_ROW, ALLOWANCE, FREE_CHUNK, CHUNKS,
    ARRIVALS, BEGUN, LOGGED, LATER, CLOSURE_PLACE, EVENT, STALE, ROUNDS, PUT, SCALARS,
) = range(20)  # fmt: skip
"""Indices in State.now, and how many there are. EVENT: the next second in which something happens that is known
beforehand. ROUNDS: what `order` found. PUT: 1 if `put_off` put a number off, else 0."""
