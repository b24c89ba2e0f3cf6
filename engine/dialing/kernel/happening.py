"""Happening: what is known beforehand, and is looked for only in the seconds in which some of it happens."""

import numpy as np

from engine.dialing.kernel.bits import U32, W24, W32, Integer, Truth, natural
from engine.dialing.kernel.fetching import fetch_terms, prefetch
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    ADD_BY_CAPS,
    AHEAD,
    CHANGE_CLOSURES,
    CLASSES,
    FAR,
    FIRST_SECOND,
    FRESH_ROWS,
    HORIZON,
    LATER_ROWS,
    ROWS,
    SHARED,
    START,
    TERMS_EACH,
    Plan,
    added_at,
    cell_of,
    closes_of,
    own_terms,
    starts_of,
)
from engine.dialing.kernel.queues import append_ended, remove
from engine.dialing.kernel.scheduling import write_uncalled
from engine.dialing.kernel.state import (
    BLOCK_BITS,
    CHANGE_PLACE,
    CLOSURE_PLACE,
    EVENT,
    EXPIRY_PLACE,
    HEAD,
    LATER,
    LINE_PLACE,
    LINES,
    NEXT_ROW,
    NOTHING,
    QUEUE_WORDS,
    RECORD_WORDS,
    RING,
    State,
)
from engine.dialing.kernel.tournaments import touch
from engine.dialing.kernel.waiting import enter, enter_in
from engine.dialing.machine_code import call, inner, step
from engine.dialing.record import PRIORITIES, QUARTER
from engine.dialing.waits import BEFORE_START


@compiled
def happen(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """What is known beforehand to happen in this second happens; then the next such second is found."""
    numbers, now = plan.numbers, state.now
    change_windows(time, plan, state)
    if plan.counts_waits[0]:
        call(plan.rare[CHANGE_CLOSURES], time, plan, state)
    expire_terms(time, plan, state)
    while now[LINE_PLACE] < len(plan.line_times) and plan.line_times[now[LINE_PLACE]] <= time:
        now[LINES] = plan.line_counts[now[LINE_PLACE]]
        now[LINE_PLACE] += 1
    add_numbers(time, quarter, plan, state)
    start_numbers(time, plan, state)

    quarter_end = (quarter + 1) * QUARTER - natural(numbers[START]) % QUARTER
    event = min(numbers[HORIZON], quarter_end, ((time >> BLOCK_BITS) + 1) << BLOCK_BITS)
    if now[CHANGE_PLACE] < len(plan.change_times):
        event = min(event, plan.change_times[now[CHANGE_PLACE]])
    if now[EXPIRY_PLACE] < len(plan.expiring):
        event = min(event, closes_of(np.int64(plan.expiring[now[EXPIRY_PLACE]]), plan))
    if now[LINE_PLACE] < len(plan.line_times):
        event = min(event, plan.line_times[now[LINE_PLACE]])
    if plan.counts_waits[0] and now[CLOSURE_PLACE] < len(plan.closure_times):
        event = min(event, plan.closure_times[now[CLOSURE_PLACE]])
    if now[NEXT_ROW] < numbers[ROWS]:
        event = min(event, added_at(now[NEXT_ROW], plan))
    now[EVENT] = min(event, due_of(now[LATER], numbers[FRESH_ROWS] + numbers[LATER_ROWS], plan))


@inner
def due_of(place: Integer, end: Integer, plan: Plan) -> Integer:
    """When the number at this rank falls due, if it is one of those that do so after they are added; else FAR."""
    if place >= end:
        return FAR
    return starts_of(own_terms(np.int64(plan.order[place]), plan), plan)


@inner
def change_windows(time: Integer, plan: Plan, state: State) -> None:
    """Windows open and close."""
    now, open_since, open_until = state.now, state.open_since, state.open_until
    cells = natural(plan.numbers[CLASSES]) * PRIORITIES
    while now[CHANGE_PLACE] < len(plan.change_times) and plan.change_times[now[CHANGE_PLACE]] <= time:
        place = np.int64(plan.change_classes[now[CHANGE_PLACE]])
        now[CHANGE_PLACE] += 1
        if open_since[place] < FAR:
            open_since[place] = open_until[place] = FAR
            state.window[place] += 1
            sign = -1
        else:
            open_since[place] = plan.window_starts[state.window[place]]
            open_until[place] = plan.window_ends[state.window[place]]
            sign = 1
        for priority in range(PRIORITIES):
            cell = place * PRIORITIES + priority
            state.eligible_now[priority] += sign * state.due[cell]
            if not is_empty(cell, cells, state.queues, state.fresh_head, state.fresh_tail):
                touch(cell, now, state.stale, state.is_stale)


@inner
def expire_terms(time: Integer, plan: Plan, state: State) -> None:
    """Numbers expire: they are counted out by their terms, and leave their queues later."""
    now, expiring = state.now, plan.expiring
    while now[EXPIRY_PLACE] < len(expiring) and closes_of(np.int64(expiring[now[EXPIRY_PLACE]]), plan) <= time:
        terms = np.int64(expiring[now[EXPIRY_PLACE]])
        now[EXPIRY_PLACE] += 1
        cell, due = cell_of(terms, plan), state.due_by_terms[terms]
        place, priority = cell // PRIORITIES, cell % PRIORITIES
        state.due[cell] -= due
        if state.open_since[place] < FAR:
            state.eligible_now[priority] -= due
        elif plan.counts_waits[0]:
            enter(state.closed_by[place], priority, time, -due, plan, state)
        state.due_by_terms[terms] = 0
        touch(cell, now, state.stale, state.is_stale)


@inner
def add_numbers(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Numbers are added: all of a policy at once, if all of the list are."""
    numbers, now = plan.numbers, state.now
    rows, each = natural(numbers[ROWS]), natural(numbers[TERMS_EACH])
    if numbers[SHARED]:
        call(plan.rare[ADD_BY_CAPS], time, quarter, plan, state)
    if len(plan.added) == 1 and now[NEXT_ROW] < rows and plan.added[0] <= time:
        now[NEXT_ROW] = rows
        for policy in range(len(plan.policy_rows)):
            if plan.policy_rows[policy] > 0:
                add(policy * each, np.int64(plan.policy_rows[policy]), time, quarter, plan, state)
    while now[NEXT_ROW] < rows and added_at(now[NEXT_ROW], plan) <= time:
        row = natural(now[NEXT_ROW])
        now[NEXT_ROW] += 1
        add(own_terms(row, plan), 1, time, quarter, plan, state)


@step
def add(terms: Integer, count: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Numbers of these terms are added, and fall due now, or when they start."""
    now, cell = state.now, cell_of(terms, plan)
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    due = max(starts_of(terms, plan), time)
    if due >= closes_of(terms, plan):
        return
    state.waiting[quarter, priority] += count
    if due > time:
        if plan.counts_waits[0]:
            enter_in(quarter, BEFORE_START, priority, time, count, plan, state)
            enter(BEFORE_START, priority, due, -count, plan, state)
        return
    if is_empty(cell, natural(plan.numbers[CLASSES]) * PRIORITIES, state.queues, state.fresh_head, state.fresh_tail):
        touch(cell, now, state.stale, state.is_stale)
    state.fresh_tail[cell] += count
    state.due[cell] += count
    state.due_by_terms[terms] += count
    if state.open_since[place] < FAR:
        state.eligible_now[priority] += count
    elif plan.counts_waits[0]:
        enter(state.closed_by[place], priority, time, count, plan, state)


@inner
def is_empty(cell: Integer, cells: Integer, queues: U32, fresh_head: U32, fresh_tail: U32) -> Truth:
    """Whether no number competes for its cell, once the window is open."""
    of_cell, returned = queues[cell * QUEUE_WORDS + HEAD], queues[(cells + cell) * QUEUE_WORDS + HEAD]
    return of_cell == NOTHING and returned == NOTHING and fresh_head[cell] == fresh_tail[cell]


@inner
def start_numbers(time: Integer, plan: Plan, state: State) -> None:
    """Numbers that start now, after they were added, join those that are due again."""
    numbers, now = plan.numbers, state.now
    later_end = numbers[FRESH_ROWS] + numbers[LATER_ROWS]
    while now[LATER] < later_end:
        rank = natural(now[LATER])
        row = np.int64(plan.order[rank])
        terms = own_terms(row, plan)
        if starts_of(terms, plan) > time:
            break
        now[LATER] += 1
        coming = np.int64(plan.order[rank + AHEAD])
        prefetch(plan.identities, coming)
        prefetch(plan.policies, coming)
        fetch_terms(own_terms(np.int64(plan.order[rank + AHEAD // 2]), plan), plan, state)
        since = added_at(row, plan)
        second = natural(numbers[FIRST_SECOND]) + (time & (RING - 1))
        target = append_ended(second, since, now, state.queues, state.next_chunk) * RECORD_WORDS
        write_uncalled(target, rank, since, time, terms, plan, state.pool)


@compiled
def take_in_block(time: Integer, plan: Plan, state: State) -> None:
    """The calendar takes in its next block, and holds its seconds one by one."""
    queues, pool = state.queues, state.pool
    first_second = natural(plan.numbers[FIRST_SECOND])
    block = first_second + RING + (time >> BLOCK_BITS) + 1
    while queues[block * QUEUE_WORDS + HEAD] != NOTHING:
        source = np.int64(queues[block * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
        remove(block, state.now, queues, state.next_chunk)
        second = first_second + (np.int64(w2 >> W24) & (RING - 1))
        target = append_ended(second, np.int64(w1 >> W32), state.now, queues, state.next_chunk) * RECORD_WORDS
        pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3
