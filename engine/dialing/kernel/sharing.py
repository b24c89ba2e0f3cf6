"""Sharing: numbers that may share a cap are scheduled one by one, by the calls that caps count by then (rules 6)."""

import numpy as np

from engine.dialing.kernel.bits import LOW_24, LOW_32, W24, W32, Integer, natural
from engine.dialing.kernel.capping import allowed
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import FIRST_SECOND, HORIZON, ROWS, TERMS_EACH, Plan, added_at, own_terms, starts_of
from engine.dialing.kernel.queues import file, remove
from engine.dialing.kernel.scheduling import held_flag, reason_of, schedule, write_uncalled
from engine.dialing.kernel.state import HEAD, NEXT_ROW, NOTHING, PUT, QUEUE_BITS, QUEUE_WORDS, RECORD_WORDS, RING, State
from engine.dialing.record import PRIORITIES
from engine.dialing.waits import BEFORE_START, RETRY_INTERVAL


@compiled
def add_by_caps(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Numbers are added, each scheduled by itself. A row is its rank."""
    numbers, now = plan.numbers, state.now
    while now[NEXT_ROW] < numbers[ROWS] and added_at(now[NEXT_ROW], plan) <= time:
        row = natural(now[NEXT_ROW])
        now[NEXT_ROW] += 1
        terms = own_terms(row, plan)
        due = max(starts_of(terms, plan), time)
        falls_due = schedule(due, row, terms, BEFORE_START, quarter, time, plan, state)
        if 0 <= falls_due < numbers[HORIZON]:
            first_second = natural(numbers[FIRST_SECOND])
            target = file(falls_due, time, time, now, state.queues, state.next_chunk, first_second) * RECORD_WORDS
            write_uncalled(target, row, time, falls_due, terms, plan, state.pool)
            state.pool[target + 3] |= held_flag(falls_due, due)


@compiled
def schedule_ended(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Schedule the numbers whose calls end now."""
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    first_second = natural(plan.numbers[FIRST_SECOND])
    ends = natural((len(queues) >> QUEUE_BITS) - RING) + (time & (RING - 1))
    while queues[ends * QUEUE_WORDS + HEAD] != NOTHING:
        source = np.int64(queues[ends * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
        remove(ends, now, queues, next_chunk)
        rank, terms, without_caps = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32), np.int64(w2 >> W24)
        due = schedule(without_caps, rank, terms, reason_of(w3, terms, plan), quarter, time, plan, state)
        if 0 <= due < plan.numbers[HORIZON]:
            target = file(due, time, time, now, queues, next_chunk, first_second) * RECORD_WORDS
            pool[target], pool[target + 1] = w0, w1
            pool[target + 2] = np.uint64(due) << W24 | w2 & LOW_24
            pool[target + 3] = w3 | held_flag(due, without_caps)


@compiled
def put_off(source: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Schedule the number at this place of the batch anew if a cap forbids the call now.

    Others that share a cap may have been called since it was scheduled.
    """
    batch, pool = state.batch, state.pool
    rank, w3, place = np.int64(batch[source + 1] & LOW_32), batch[source + 3], np.int64(batch[source + 4]) // PRIORITIES
    terms = np.int64(w3 & LOW_32)
    redialled = terms % plan.numbers[TERMS_EACH] != 0
    state.now[PUT] = 0
    if allowed(time, rank, place, redialled, plan, state) <= time:
        return
    state.now[PUT] = 1
    falls_due = schedule(time, rank, terms, RETRY_INTERVAL, quarter, time, plan, state)
    if 0 <= falls_due < plan.numbers[HORIZON]:
        first_second = natural(plan.numbers[FIRST_SECOND])
        target = file(falls_due, time, time, state.now, state.queues, state.next_chunk, first_second) * RECORD_WORDS
        pool[target], pool[target + 1] = batch[source], np.uint64(time) << W32 | np.uint64(rank)
        pool[target + 2] = np.uint64(falls_due) << W24 | batch[source + 2] & LOW_24
        pool[target + 3] = w3 | held_flag(falls_due, time)
