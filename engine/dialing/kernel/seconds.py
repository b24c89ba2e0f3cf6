"""Seconds: a run, one second after the other, in the steps of rules 6."""

from typing import Any

import numpy as np

from engine.dialing.kernel.bits import LOW_24, LOW_32, W24, W32, Integer, natural
from engine.dialing.kernel.choosing import choose
from engine.dialing.kernel.fetching import fetch_chunk, fetch_terms_of_chunk
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    CLOSING_FIRST,
    FAR,
    FIRST_SECOND,
    HAPPEN,
    MOST_ALLOWANCE,
    ORDER,
    PACE,
    SCHEDULE_ENDED,
    SHARED,
    START,
    TAKE_IN_BLOCK,
    Plan,
    cell_of,
)
from engine.dialing.kernel.playing import play
from engine.dialing.kernel.queues import after, append, release
from engine.dialing.kernel.scheduling import file_batch
from engine.dialing.kernel.state import (
    ALLOWANCE,
    ARRIVALS,
    BATCH,
    BEGUN,
    BLOCK_BITS,
    CHUNK,
    CHUNK_BITS,
    DISORDERED,
    EVENT,
    HEAD,
    IN_USE,
    LINES,
    NOTHING,
    NOW,
    QUEUE_WORDS,
    RECORD_WORDS,
    RING,
    ROUNDS,
    TAIL,
    State,
)
from engine.dialing.kernel.tournaments import touch
from engine.dialing.kernel.waiting import enter
from engine.dialing.machine_code import call, step
from engine.dialing.record import PRIORITIES, QUARTER, CallColumns
from engine.dialing.rulebook import ONE_CALL
from engine.dialing.waits import FOR_LINE, FOR_PACE, NO_LINES, REASONS

SOON = 4
"""How many seconds before its turn a second of the calendar is fetched."""


@compiled
def advance(until: Integer, most_calls: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Play every second before `until`, or fewer.

    It also stops after a second with which more than `most_calls` have begun. `log` has room for the calls that are
    logged until then; it has none if none are.
    """
    now, phase = state.now, natural(plan.numbers[START]) % QUARTER
    enough = now[BEGUN] + most_calls
    while now[NOW] < until and now[BEGUN] <= enough:
        time = natural(now[NOW])
        quarter = (time + phase) // QUARTER
        if time & ((1 << BLOCK_BITS) - 1) == 0:
            call(plan.rare[TAKE_IN_BLOCK], time, plan, state)
        end_calls(time, quarter, plan, state)
        if time >= now[EVENT]:
            call(plan.rare[HAPPEN], time, quarter, plan, state)
        fall_due(time, plan, state)
        begin_calls(time, quarter, plan, state, log)
        go_on(until, time, quarter, plan, state)


@step
def end_calls(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Lines become free. If caps are shared, the numbers are scheduled now, by the calls that caps count now."""
    slot = time & (RING - 1)
    state.now[IN_USE] -= state.freed[slot]
    state.freed[slot] = 0
    if plan.numbers[SHARED]:
        call(plan.rare[SCHEDULE_ENDED], time, quarter, plan, state)


@step
def fall_due(time: Integer, plan: Plan, state: State) -> None:
    """Numbers fall due: they leave the calendar in the order in which they were scheduled.

    If their window is open, they join the queue of their priority, else that of their cell.
    """
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    first_second, slot = natural(plan.numbers[FIRST_SECOND]), time & (RING - 1)
    fetch_chunk(np.int64(queues[(first_second + (slot + SOON & (RING - 1))) * QUEUE_WORDS + HEAD]), pool)
    fetch_terms_of_chunk(
        np.int64(queues[(first_second + (slot + SOON // 2 & (RING - 1))) * QUEUE_WORDS + HEAD]), plan, state
    )
    queue = first_second + slot
    header = natural(queue) * QUEUE_WORDS
    if queues[header + HEAD] == NOTHING:
        return
    rounds = 1
    if queues[header + DISORDERED] != 0 and not plan.numbers[SHARED]:  # else they were filed as they were scheduled
        call(plan.rare[ORDER], queue, state)
        rounds = now[ROUNDS]
    never_prompt, some_expire = plan.numbers[CLOSING_FIRST] != 0, len(plan.expiring) > 0
    prompt = first_second - PRIORITIES
    arrivals = now[ARRIVALS]
    last = np.int64(queues[header + TAIL]) - 1
    for round_ in range(rounds):
        source = np.int64(queues[header + HEAD])
        while True:
            if source & (CHUNK - 1) == 0:
                fetch_chunk(np.int64(next_chunk[source >> CHUNK_BITS]) << CHUNK_BITS, pool)
            from_ = source * RECORD_WORDS
            w1 = pool[from_ + 1]
            if rounds == 1 or np.int64(w1 >> W32) == state.few_ends[round_]:
                w0, w2, w3 = pool[from_], pool[from_ + 2], pool[from_ + 3]
                terms = np.int64(w3 & LOW_32)
                cell = cell_of(terms, plan)
                place, priority = cell // PRIORITIES, cell % PRIORITIES
                state.due[cell] += 1
                if some_expire:
                    state.due_by_terms[terms] += 1
                to = prompt + priority
                if state.open_since[place] == FAR:
                    to = cell
                    if plan.counts_waits[0]:
                        enter(state.closed_by[place], priority, time, 1, plan, state)
                else:
                    state.eligible_now[priority] += 1
                    if never_prompt:
                        to = cell
                        touch(cell, now, state.stale, state.is_stale)
                target = append(to, now, queues, next_chunk) * RECORD_WORDS
                pool[target] = w0
                pool[target + 1] = np.uint64(time) << W32 | w1 & LOW_32
                pool[target + 2] = np.uint64(arrivals) << W24 | w2 & LOW_24
                pool[target + 3] = w3
                arrivals += 1
            if source == last:
                break
            source = after(source, next_chunk)
    now[ARRIVALS] = arrivals
    release(queue, now, queues, next_chunk)


@step
def begin_calls(time: Integer, quarter: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Calls begin while lines are free, pacing allows and numbers are eligible.

    All calls of a second begin together and none ends within it. So a batch is chosen, and then played.
    """
    numbers, now = plan.numbers, state.now
    limited = numbers[PACE] > 0
    if limited and time > 0:
        now[ALLOWANCE] = min(now[ALLOWANCE] + numbers[PACE], numbers[MOST_ALLOWANCE])
    largest = 1 if numbers[SHARED] else BATCH  # each call counts for the caps of the next
    while True:
        most = min(now[LINES] - now[IN_USE], largest)
        if limited:
            most = min(most, now[ALLOWANCE] // ONE_CALL)
        if most <= 0:
            return
        chosen = choose(most, time, quarter, plan, state)
        if chosen == 0:
            return
        now[IN_USE] += chosen
        now[BEGUN] += chosen
        now[ALLOWANCE] -= chosen * ONE_CALL
        going_on = play(chosen, time, quarter, plan, state, log)
        file_batch(going_on, time, plan, state)
        if chosen < most:
            return


@step
def go_on(until: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Go to the next second in which anything can happen, at most to `until`, and count what holds until then."""
    numbers, now, freed, queues = plan.numbers, state.now, state.freed, state.queues
    pace, in_use, allowance = numbers[PACE], now[IN_USE], now[ALLOWANCE]
    edge, following = min(until, now[EVENT]), time + 1
    if pace == 0 or in_use >= now[LINES] or allowance >= ONE_CALL:  # else pacing alone holds calls back
        first_second = natural(numbers[FIRST_SECOND])
        slot = following & (RING - 1)
        while following < edge and freed[slot] == 0 and queues[(first_second + slot) * QUEUE_WORDS + HEAD] == NOTHING:
            following += 1
            slot = following & (RING - 1)
    if pace > 0:
        now[ALLOWANCE] = min(allowance + pace * (following - time - 1), numbers[MOST_ALLOWANCE])
    if plan.counts_waits[0]:
        reason = NO_LINES if now[LINES] == 0 else FOR_LINE if in_use >= now[LINES] else FOR_PACE
        first = natural((quarter * REASONS + reason) * PRIORITIES)
        for priority in range(PRIORITIES):
            state.wait_seconds[first + priority] += state.eligible_now[priority] * (following - time)
    state.line_seconds[quarter] += in_use * (following - time)
    state.peak[quarter] = max(state.peak[quarter], in_use)
    now[NOW] = following
    if following == now[EVENT]:  # each quarter ends with one
        for priority in range(PRIORITIES):
            state.eligible[quarter, priority] = state.eligible_now[priority]


def is_kept() -> bool:
    """Whether machine code is stored for the next process."""
    stats: Any = advance
    return stats.stats.cache_path is not None
