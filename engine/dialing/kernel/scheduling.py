"""Scheduling: when numbers fall due, or that they expire (rules 6)."""

from typing import Any

import numpy as np

from engine.dialing.kernel.bits import I64, LOW_8, LOW_24, LOW_32, U32, U64, W24, W32, W40, Integer, natural
from engine.dialing.kernel.capping import allowed
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    CAPS,
    FAR,
    FIRST_SECOND,
    HORIZON,
    SCHEDULE_BATCH,
    SHARED,
    START,
    TERMS_EACH,
    Plan,
    cell_of,
    closes_of,
    series_of,
)
from engine.dialing.kernel.queues import append, file
from engine.dialing.kernel.state import BATCH_WORDS, QUEUE_BITS, RECORD_WORDS, RING, WAS_HELD, State
from engine.dialing.kernel.waiting import enter, enter_in
from engine.dialing.machine_code import call, inner, step
from engine.dialing.record import ENDED, EXPIRED, HELD, HELD_ONCE, LAST, PRIORITIES, QUARTER, RESULT_WORDS
from engine.dialing.waits import BEFORE_START, HELD_BY_CAP, RETRY_INTERVAL


@step
def wait_until(
    due: Integer, rank: Integer, terms: Integer, quarter: Integer, now_or_end: Integer, plan: Plan, state: State
) -> Integer:
    """The due of a number that waits for it from now on; -1 if it expires, `now_or_end`, instead."""
    if due >= closes_of(terms, plan):
        state.results[rank * RESULT_WORDS + ENDED] = now_or_end << 2 | EXPIRED
        return -1
    state.waiting[quarter, cell_of(terms, plan) % PRIORITIES] += 1
    return due


@inner
def schedule(
    due: Integer,
    rank: Integer,
    terms: Integer,
    reason: Integer,
    quarter: Integer,
    now_or_end: Integer,
    plan: Plan,
    state: State,
) -> Integer:
    """When a number falls due that would at `due`, were there no caps; -1 if it expires, `now_or_end`, instead.

    `reason` is what it waits for until `due`.
    """
    cell, closes, without_caps = cell_of(terms, plan), closes_of(terms, plan), due
    if plan.numbers[CAPS] > 0 and due < closes:
        raised = allowed(due, rank, cell // PRIORITIES, terms % plan.numbers[TERMS_EACH] != 0, plan, state)
        if raised > due:
            due = raised
            state.results[rank * RESULT_WORDS + LAST] |= HELD_ONCE
            if due >= min(closes, plan.numbers[HORIZON]):
                state.results[rank * RESULT_WORDS + LAST] |= HELD
    due = wait_until(due, rank, terms, quarter, now_or_end, plan, state)
    if due >= 0 and plan.counts_waits[0]:
        enter_in(quarter, reason, cell % PRIORITIES, now_or_end, 1, plan, state)
        enter(reason, cell % PRIORITIES, without_caps, -1, plan, state)
        if due > without_caps:
            enter(HELD_BY_CAP, cell % PRIORITIES, without_caps, 1, plan, state)
            enter(HELD_BY_CAP, cell % PRIORITIES, due, -1, plan, state)
    return due


@inner
def reason_of(w3: Any, terms: Integer, plan: Plan) -> Integer:
    """What a number waits for that was called, by its record's last word: the start of a redial, or a retry."""
    return BEFORE_START if np.int64(w3 >> W32 & LOW_8) == series_of(terms, plan) else RETRY_INTERVAL


@inner
def held_flag(due: Integer, without_caps: Integer) -> np.uint64:
    """WAS_HELD, if caps have raised a due."""
    return WAS_HELD if due > without_caps else np.uint64(0)


@step
def file_batch(going_on: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Schedule the numbers of the batch, and file them in the calendar under the seconds in which they fall due."""
    numbers, now, queues, next_chunk = plan.numbers, state.now, state.queues, state.next_chunk
    batch, pool = state.batch, state.pool
    horizon, phase, shared = numbers[HORIZON], natural(numbers[START]) % QUARTER, numbers[SHARED] != 0
    first_second, is_plain = natural(numbers[FIRST_SECOND]), not numbers[CAPS] and not plan.counts_waits[0]
    if not is_plain and not shared:
        call(plan.rare[SCHEDULE_BATCH], going_on, plan, state)
    for number in range(going_on):
        source = number * BATCH_WORDS
        w0, w1, w2, w3 = batch[source], batch[source + 1], batch[source + 2], batch[source + 3]
        end, due = np.int64(w1 >> W32), np.int64(w2 >> W24)
        if shared:
            ends = natural((len(queues) >> QUEUE_BITS) - RING)
            target = append(ends + (end & (RING - 1)), now, queues, next_chunk) * RECORD_WORDS
        else:
            if is_plain:
                rank, terms, end_quarter = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32), natural(end + phase) // QUARTER
                due = wait_until(due, rank, terms, end_quarter, end, plan, state)
            if not 0 <= due < horizon:
                continue
            target = file(due, end, time, now, queues, next_chunk, first_second) * RECORD_WORDS
        pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@compiled
def schedule_batch(going_on: Integer, plan: Plan, state: State) -> None:
    """Schedule the numbers of the batch by their caps, and count what they wait for. One that expires is due at FAR."""
    batch, phase = state.batch, natural(plan.numbers[START]) % QUARTER
    for number in range(going_on):
        source = number * BATCH_WORDS
        w1, w2, w3 = batch[source + 1], batch[source + 2], batch[source + 3]
        end, without_caps = np.int64(w1 >> W32), np.int64(w2 >> W24)
        rank, terms, end_quarter = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32), natural(end + phase) // QUARTER
        due = schedule(without_caps, rank, terms, reason_of(w3, terms, plan), end_quarter, end, plan, state)
        batch[source + 2] = np.uint64(due if due >= 0 else FAR) << W24 | w2 & LOW_24
        batch[source + 3] = w3 | held_flag(due, without_caps)


@inner
def write_uncalled(
    target: Integer, rank: Integer, since: Integer, due: Integer, terms: Integer, plan: Plan, pool: U64
) -> None:
    """Write the record of a number that was not called yet, scheduled at `since`."""
    row = np.int64(plan.order[rank])
    segment = np.int64(plan.segments[0 if len(plan.segments) == 1 else row])
    pool[target] = plan.identities[row]
    pool[target + 1] = np.uint64(since) << W32 | np.uint64(rank)
    pool[target + 2] = np.uint64(due) << W24
    pool[target + 3] = np.uint64(segment) << W40 | np.uint64(series_of(terms, plan)) << W32 | np.uint64(terms)


@inner
def expire(rank: Integer, closes: Integer, priority: Integer, phase: Integer, results: U32, waiting: I64) -> None:
    """End a number that has no open second left, at the second from which that is so."""
    results[rank * RESULT_WORDS + ENDED] = closes << 2 | EXPIRED
    waiting[natural(closes + phase) // QUARTER, priority] -= 1
