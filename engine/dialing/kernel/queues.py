"""Queues of records: chunks of a pool, linked, and set free when they are empty."""

import numpy as np

from engine.dialing.kernel.bits import I64, U32, U64, W32, Integer, natural
from engine.dialing.kernel.state import (
    BLOCK_BITS,
    CHUNK,
    CHUNK_BITS,
    CHUNKS,
    DISORDERED,
    FREE_CHUNK,
    HEAD,
    LATEST,
    NOTHING,
    PILE_BITS,
    PILES,
    QUEUE_WORDS,
    RECORD_WORDS,
    RING,
    TAIL,
)
from engine.dialing.machine_code import inner, step

TIME_BITS = 30


@step
def append(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> Integer:
    """Make room for one more record at the queue's end; returns its index in the pool."""
    header = natural(queue) * QUEUE_WORDS
    tail = np.int64(queues[header + TAIL])
    if tail & (CHUNK - 1) == 0:
        chunk = natural(now[FREE_CHUNK])
        if chunk != NOTHING:
            now[FREE_CHUNK] = next_chunk[chunk]
        else:
            chunk = natural(now[CHUNKS])
            now[CHUNKS] += 1
        if queues[header + HEAD] == NOTHING:
            queues[header + HEAD] = chunk << CHUNK_BITS
        else:
            next_chunk[(tail - 1) >> CHUNK_BITS] = chunk
        tail = chunk << CHUNK_BITS
    queues[header + TAIL] = tail + 1
    return tail


@step
def append_ended(queue: Integer, end: Integer, now: I64, queues: U32, next_chunk: U32) -> Integer:
    """`append` to a second or a block of the calendar; notes whether the ends of calls ascend in it."""
    header = natural(queue) * QUEUE_WORDS
    queues[header + DISORDERED] |= end < np.int64(queues[header + LATEST])
    queues[header + LATEST] = end
    return append(queue, now, queues, next_chunk)


@step
def file(
    due: Integer, end: Integer, time: Integer, now: I64, queues: U32, next_chunk: U32, first_second: Integer
) -> Integer:
    """Make room in the calendar for a number that is due then, after a call with this end; its record's index."""
    block = natural(due) >> BLOCK_BITS
    queue = due & (RING - 1) if block <= (time >> BLOCK_BITS) + 1 else RING + block
    queue += first_second
    return append_ended(queue, end, now, queues, next_chunk)


@step
def remove(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> None:
    """Take the first record off a queue that has one; the record itself stays readable until the next append."""
    header = natural(queue) * QUEUE_WORDS
    head = np.int64(queues[header + HEAD])
    behind, chunk = head + 1, head >> CHUNK_BITS
    if behind == queues[header + TAIL]:
        queues[header + HEAD], queues[header + TAIL] = NOTHING, 0
    elif behind & (CHUNK - 1) == 0:
        queues[header + HEAD] = np.int64(next_chunk[chunk]) << CHUNK_BITS
    else:
        queues[header + HEAD] = behind
        return
    next_chunk[chunk] = now[FREE_CHUNK]
    now[FREE_CHUNK] = chunk


@inner
def release(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> None:
    """Empty a queue that has records: its chain of chunks becomes free."""
    header = natural(queue) * QUEUE_WORDS
    last = natural(np.int64(queues[header + TAIL]) - 1) >> CHUNK_BITS
    next_chunk[last] = now[FREE_CHUNK]
    now[FREE_CHUNK] = np.int64(queues[header + HEAD]) >> CHUNK_BITS
    queues[header + HEAD], queues[header + TAIL] = NOTHING, 0
    queues[header + LATEST], queues[header + DISORDERED] = 0, 0


@inner
def move(source_queue: Integer, queue: Integer, now: I64, queues: U32, next_chunk: U32, pool: U64) -> None:
    """Move the first record of a queue to the end of another."""
    source = np.int64(queues[source_queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    remove(source_queue, now, queues, next_chunk)
    target = append(queue, now, queues, next_chunk) * RECORD_WORDS
    pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@step
def after(place: Integer, next_chunk: U32) -> Integer:
    """The index of the record after this one in its queue."""
    place += 1
    return place if place & (CHUNK - 1) else np.int64(next_chunk[(place - 1) >> CHUNK_BITS]) << CHUNK_BITS


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
