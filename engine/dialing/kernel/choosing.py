"""Choosing: the first numbers of all leave their queues for a batch (rules 5)."""

from typing import Any

import numpy as np

from engine.dialing.kernel.bits import LOW_32, W24, W32, W40, Integer, natural
from engine.dialing.kernel.fetching import fetch_chunk, fetch_marks, fetch_terms, fetch_terms_of_chunk, prefetch
from engine.dialing.kernel.plan import (
    AHEAD,
    CAPS,
    CLASSES,
    CLOSING_FIRST,
    FAR,
    FIRST_SECOND,
    PUT_OFF,
    SHARED,
    START,
    TREE,
    Plan,
    cell_of,
    closes_of,
    own_terms,
    series_of,
)
from engine.dialing.kernel.queues import append, remove
from engine.dialing.kernel.scheduling import expire
from engine.dialing.kernel.state import (
    BATCH_WORDS,
    CHUNK,
    CHUNK_BITS,
    EXPIRY_PLACE,
    HEAD,
    NOTHING,
    PUT,
    QUEUE_WORDS,
    RECORD_WORDS,
    STALE,
    State,
)
from engine.dialing.kernel.tournaments import (
    FRESH,
    LAST_KEY,
    comes_before,
    compete,
    key_of_fresh,
    key_of_queue,
    runner_up,
    touch,
)
from engine.dialing.machine_code import call, step
from engine.dialing.record import PRIORITIES, QUARTER, RESULT_WORDS


@step
def choose(most: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> Integer:
    """The first numbers of all leave their queues for the batch, at most so many (rules 5); returns how many did."""
    now, keys, tree = state.now, state.keys, natural(plan.numbers[TREE])
    shared = plan.numbers[SHARED] != 0
    chosen = priority = 0
    while chosen < most:
        while priority < PRIORITIES and state.eligible_now[priority] == 0:
            priority += 1
        if priority == PRIORITIES:
            break
        while now[STALE] > 0:
            now[STALE] -= 1
            cell = np.int64(state.stale[now[STALE]])
            state.is_stale[cell] = False
            renew(cell, time, plan, state)
        before, level = chosen, priority
        place = np.int64(state.winners[priority * tree * 2 + 1])
        leaf = (priority * tree + place) * 2
        high, low = keys[leaf], keys[leaf + 1]
        chosen = take_prompt(priority, high, low, chosen, most, time, plan, state)
        if now[STALE] == 0 and chosen < most:
            if high == LAST_KEY:
                priority += 1
            else:
                cell = place * PRIORITIES + priority
                chosen = take_run(cell, chosen, most, time, plan, state)
                touch(cell, now, state.stale, state.is_stale)
        state.eligible_now[level] -= chosen - before
        state.waiting[quarter, level] -= chosen - before
        if shared and chosen > before:
            call(plan.rare[PUT_OFF], before * BATCH_WORDS, time, quarter, plan, state)
            chosen -= now[PUT]
    return chosen


@step
def renew(cell: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Enter the first number of a cell in its priority's tournament; those that have expired leave the cell."""
    numbers, queues, pool, fresh_head = plan.numbers, state.queues, state.pool, state.fresh_head
    closing_first, some_expired = numbers[CLOSING_FIRST] != 0, state.now[EXPIRY_PLACE] > 0
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    since, until = state.open_since[place], state.open_until[place]
    returned = natural(numbers[CLASSES]) * PRIORITIES + cell
    high = low = LAST_KEY
    while since < FAR:
        high, low = key_of_queue(cell, since, until, closing_first, queues, pool)
        queue = cell
        other_high, other_low = key_of_queue(returned, since, until, closing_first, queues, pool)
        if comes_before(other_high, other_low, high, low):
            high, low, queue = other_high, other_low, returned
        rank = np.int64(fresh_head[cell])
        if rank < state.fresh_tail[cell]:
            other_high, other_low = key_of_fresh(rank, since, until, closing_first, plan.order, plan.added)
            if comes_before(other_high, other_low, high, low):
                high, low = other_high, other_low
        if not some_expired or high == LAST_KEY:
            break
        source = np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        if low >= FRESH:
            terms = own_terms(np.int64(plan.order[rank]), plan)
        else:
            terms, rank = np.int64(pool[source + 3] & LOW_32), np.int64(pool[source + 1] & LOW_32)
        closes = closes_of(terms, plan)
        if closes > time:
            break
        expire(rank, closes, priority, natural(numbers[START]) % QUARTER, state.results, state.waiting)
        if low >= FRESH:
            fresh_head[cell] += 1
        else:
            remove(queue, state.now, queues, state.next_chunk)
        high = low = LAST_KEY
    compete(priority, place, high, low, natural(numbers[TREE]), state.keys, state.winners)


@step
def take_prompt(
    priority: Integer, high: Any, low: Any, chosen: Integer, most: Integer, time: Integer, plan: Plan, state: State
) -> Integer:
    """Numbers that fell due while their window was open leave their priority's queue, while they come before this key.

    They go to the batch; or back to their cells, if the window has closed since. Returns how many the batch has then.
    """
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    queue = natural(plan.numbers[FIRST_SECOND] - PRIORITIES + priority)
    cells, some_expired = natural(plan.numbers[CLASSES]) * PRIORITIES, now[EXPIRY_PLACE] > 0
    while chosen < most and queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
        source = np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        w1, w2, w3 = pool[source + 1], pool[source + 2], pool[source + 3]
        due = w1 >> W32
        key = due << W32 | due
        if key > high or (key == high and w2 >> W24 > low):
            break
        cell = cell_of(np.int64(w3 & LOW_32), plan)
        if np.int64(due) < state.open_since[cell // PRIORITIES]:
            w0, returned = pool[source], cells + cell
            remove(queue, now, queues, next_chunk)
            changes = queues[returned * QUEUE_WORDS + HEAD] == NOTHING
            target = append(returned, now, queues, next_chunk) * RECORD_WORDS
            pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3
            if changes:
                touch(cell, now, state.stale, state.is_stale)
                break
            continue
        if some_expired:
            closes = closes_of(np.int64(w3 & LOW_32), plan)
            if closes <= time:
                phase = natural(plan.numbers[START]) % QUARTER
                rank = np.int64(w1 & LOW_32)
                expire(rank, closes, priority, phase, state.results, state.waiting)
                remove(queue, now, queues, next_chunk)
                continue
        take(queue, cell, natural(chosen) * BATCH_WORDS, plan, state)
        chosen += 1
    return chosen


@step
def take_run(cell: Integer, chosen: Integer, most: Integer, time: Integer, plan: Plan, state: State) -> Integer:
    """Numbers of the cell that comes first go to the batch, until others come before; returns how many it has then.

    These are numbers of its own queue, of those that returned to it, or of those that were not called yet. None of
    them has expired; the first that has ends the run.
    """
    numbers, queues, pool, added = plan.numbers, state.queues, state.pool, plan.added
    closing_first, some_expired = numbers[CLOSING_FIRST] != 0, state.now[EXPIRY_PLACE] > 0
    tree, cells = natural(numbers[TREE]), natural(numbers[CLASSES]) * PRIORITIES
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    since, until = state.open_since[place], state.open_until[place]
    rank, end = np.int64(state.fresh_head[cell]), np.int64(state.fresh_tail[cell])
    own_low = state.keys[(priority * tree + place) * 2 + 1]
    queue = -1
    high = low = LAST_KEY
    if most - chosen > 1:  # else whoever comes next does not matter
        high, low = runner_up(priority, place, tree, state.keys, state.winners)
    for which in range(3):  # the queues of the cell, of those that returned to it, and of its priority
        if which == 2:  # they fell due while their window was open
            other = natural(numbers[FIRST_SECOND]) - PRIORITIES + priority
            other_high, other_low = key_of_queue(other, 0, until, closing_first, queues, pool)
        else:
            other = which * cells + cell
            other_high, other_low = key_of_queue(other, since, until, closing_first, queues, pool)
        if other_low == own_low:
            queue = other
        elif comes_before(other_high, other_low, high, low):
            high, low = other_high, other_low
    if queue < 0:
        while True:
            take_fresh(rank, cell, natural(chosen) * BATCH_WORDS, plan, state)
            chosen, rank = chosen + 1, rank + 1
            if chosen == most or rank == end:
                break
            if some_expired:
                terms = own_terms(np.int64(plan.order[rank]), plan)
                if closes_of(terms, plan) <= time:
                    break
            own_high, own_low = key_of_fresh(rank, since, until, closing_first, plan.order, added)
            if comes_before(high, low, own_high, own_low):
                break
        state.fresh_head[cell] = rank
        return chosen
    if rank < end:
        other_high, other_low = key_of_fresh(rank, since, until, closing_first, plan.order, added)
        if comes_before(other_high, other_low, high, low):
            high, low = other_high, other_low
    while True:
        take(queue, cell, natural(chosen) * BATCH_WORDS, plan, state)
        chosen += 1
        if chosen == most:
            break
        own_high, own_low = key_of_queue(queue, since, until, closing_first, queues, pool)
        if not comes_before(own_high, own_low, high, low):
            break
        if some_expired:
            head = np.int64(queues[queue * QUEUE_WORDS + HEAD])
            if closes_of(np.int64(pool[head * RECORD_WORDS + 3] & LOW_32), plan) <= time:
                break
    return chosen


@step
def take(queue: Integer, cell: Integer, target: Integer, plan: Plan, state: State) -> None:
    """The first number of a queue leaves it for this place of the batch."""
    queues, pool, batch = state.queues, state.pool, state.batch
    head = np.int64(queues[queue * QUEUE_WORDS + HEAD])
    if head & (CHUNK - 1) == 0:
        fetch_chunk(np.int64(state.next_chunk[head >> CHUNK_BITS]) << CHUNK_BITS, pool)
        fetch_terms_of_chunk(head, plan, state)
    source = head * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    batch[target], batch[target + 1], batch[target + 2], batch[target + 3] = w0, w1, w2, w3
    batch[target + 4] = np.uint64(cell)
    remove(queue, state.now, queues, state.next_chunk)
    rank = np.int64(w1 & LOW_32)
    prefetch(state.results, rank * RESULT_WORDS)
    if plan.numbers[CAPS] > 0:
        fetch_marks(rank, plan, state.counted)
    state.due[cell] -= 1
    if len(plan.expiring) > 0:
        state.due_by_terms[np.int64(w3 & LOW_32)] -= 1


@step
def take_fresh(rank: Integer, cell: Integer, target: Integer, plan: Plan, state: State) -> None:
    """A number that was not called yet goes to this place of the batch."""
    batch, one_segment = state.batch, len(plan.segments) == 1
    row, coming = np.int64(plan.order[rank]), np.int64(plan.order[rank + AHEAD])
    fetch_terms(own_terms(np.int64(plan.order[rank + AHEAD // 2]), plan), plan, state)
    prefetch(plan.identities, coming)
    prefetch(plan.policies, coming)
    if not one_segment:
        prefetch(plan.segments, coming)
    prefetch(state.results, (rank + AHEAD) * RESULT_WORDS)
    if plan.numbers[CAPS] > 0:
        fetch_marks(rank, plan, state.counted)
    terms = own_terms(row, plan)
    segment = np.int64(plan.segments[0 if one_segment else row])
    left = series_of(terms, plan)
    batch[target], batch[target + 1], batch[target + 2] = plan.identities[row], np.uint64(rank), np.uint64(0)
    batch[target + 3] = np.uint64(segment) << W40 | np.uint64(left) << W32 | np.uint64(terms)
    batch[target + 4] = np.uint64(cell)
    state.due[cell] -= 1
    if len(plan.expiring) > 0:
        state.due_by_terms[terms] -= 1
