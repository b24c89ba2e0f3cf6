"""Queues of records: chunks of a pool, linked, and set free when they are empty."""

import numpy as np

from engine.dialing.kernel.bits import I64, U32, Integer, natural
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
    QUEUE_WORDS,
    RING,
    TAIL,
)
from engine.dialing.machine_code import inner, step


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


@step
def after(place: Integer, next_chunk: U32) -> Integer:
    """The index of the record after this one in its queue."""
    place += 1
    return place if place & (CHUNK - 1) else np.int64(next_chunk[(place - 1) >> CHUNK_BITS]) << CHUNK_BITS
