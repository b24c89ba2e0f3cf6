"""Ordering: numbers that fall due in a second are scheduled in the order in which their calls ended (rules 6)."""

import numpy as np

from engine.dialing.kernel.bits import I64, U32, U64, W32, Integer, natural
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.queues import after, append, remove
from engine.dialing.kernel.state import (
    HEAD,
    NOTHING,
    PILE_BITS,
    PILES,
    QUEUE_BITS,
    QUEUE_WORDS,
    RECORD_WORDS,
    ROUNDS,
    TAIL,
    State,
)
from engine.dialing.machine_code import inner

TIME_BITS = 30
"""The bits of every time."""


@compiled
def order(queue: Integer, state: State) -> None:
    """Count the rounds in which the records of a second are passed on, those first whose calls ended first.

    Where there would be too many, they are put in order.
    """
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    now[ROUNDS] = distinct_ends(queue, queues, next_chunk, pool, state.few_ends)
    if now[ROUNDS] == 0:
        put_in_order(queue, natural((len(queues) >> QUEUE_BITS) - PILES), now, queues, next_chunk, pool)
        now[ROUNDS] = 1


@inner
def distinct_ends(queue: Integer, queues: U32, next_chunk: U32, pool: U64, few: I64) -> Integer:
    """In how many different seconds the calls of the calendar queue's records ended; `few` gets them, ascending.

    It is also 1 if the ends ascend already, and 0 if there are more than `few` can hold. Records are filed when
    calls begin but scheduled when calls end (rules 6). Numbers with the same retry interval that fall due together
    ended together, so there are about as many ends as intervals.
    """
    place, last, ascending, count = np.int64(queues[queue * QUEUE_WORDS + HEAD]), -1, True, 0
    while True:
        end = np.int64(pool[place * RECORD_WORDS + 1] >> W32)
        if end != last:
            ascending &= end > last
            last = end
            known = count
            while known > 0 and few[known - 1] > end:
                known -= 1
            if (known == 0 or few[known - 1] != end) and count >= 0:
                if count == len(few):
                    count = -1
                else:
                    for moved in range(count, known, -1):
                        few[moved] = few[moved - 1]
                    few[known] = end
                    count += 1
        if place + 1 == queues[queue * QUEUE_WORDS + TAIL]:
            return 1 if ascending else max(count, 0)
        place = after(place, next_chunk)


@inner
def put_in_order(queue: Integer, piles: Integer, now: I64, queues: U32, next_chunk: U32, pool: U64) -> None:
    """Sort the queue's records by the ends of their calls; those that end together keep their order.

    A radix sort over the empty queues from `piles` on: no digit's pile needs more memory than the records had.
    """
    for shift in range(0, TIME_BITS, PILE_BITS):
        while queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
            end = pool[np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS + 1] >> W32
            pile = piles + (np.int64(end) >> shift & (PILES - 1))
            move(queue, pile, now, queues, next_chunk, pool)
        for pile in range(piles, piles + PILES):
            while queues[pile * QUEUE_WORDS + HEAD] != NOTHING:
                move(pile, queue, now, queues, next_chunk, pool)


@inner
def move(source_queue: Integer, queue: Integer, now: I64, queues: U32, next_chunk: U32, pool: U64) -> None:
    """Move the first record of a queue to the end of another."""
    source = np.int64(queues[source_queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    remove(source_queue, now, queues, next_chunk)
    target = append(queue, now, queues, next_chunk) * RECORD_WORDS
    pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3
