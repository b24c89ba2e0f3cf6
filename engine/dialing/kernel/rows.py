"""Rows: the ranks of rows before a run, and the results of rows after it."""

from typing import Any

import numpy as np

from engine.dialing.digest import END_BIT
from engine.dialing.kernel.bits import A_WORD, B_WORD, GOLDEN_WORD, I64, LOW_32, U32, U64, Integer, mixed, natural
from engine.dialing.kernel.fetching import prefetch
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    AHEAD,
    CLASSES,
    FIRST_SECOND,
    FRESH_ROWS,
    HORIZON,
    LATER_ROWS,
    ROWS,
    SHARED,
    START,
    Plan,
    added_at,
    cell_of,
    closes_of,
    own_terms,
    starts_of,
)
from engine.dialing.kernel.queues import remove
from engine.dialing.kernel.scheduling import expire
from engine.dialing.kernel.state import HEAD, NOTHING, QUEUE_WORDS, RECORD_WORDS, State
from engine.dialing.machine_code import step
from engine.dialing.record import (
    ATTEMPTS,
    CALLBACK,
    ENDED,
    ENDED_IN_CALL,
    ENDED_PENDING,
    EXPIRED,
    LAST,
    NEVER_CALLED,
    NOT_ENDED,
    PRIORITIES,
    QUARTER,
    RESULT_WORDS,
)
from engine.dialing.record import (
    IN_CALL as ENDED_BY_FINISH,
)

END_BIT_WORD = np.uint64(END_BIT)


@step
def fresh_cell(row: Integer, plan: Plan) -> Integer:
    """The cell of a row that falls due when it is added; -1 if it does not, or if others may share its caps."""
    time, terms = added_at(row, plan), own_terms(row, plan)
    is_fresh = (starts_of(terms, plan) <= time) & (time < closes_of(terms, plan)) & (plan.numbers[SHARED] == 0)
    return cell_of(terms, plan) if is_fresh else -1


@compiled
def count_fresh(plan: Plan, counts: U32) -> None:
    """Count the rows of each policy; and in each cell those that fall due when they are added."""
    policies, of_policies = plan.policies, plan.policy_rows
    for row in range(plan.numbers[ROWS]):
        of_policies[policies[row]] += 1
        cell = fresh_cell(row, plan)
        if cell >= 0:
            counts[cell] += 1


@compiled
def rank_fresh(plan: Plan, ends: U32) -> None:
    """Put those rows in order; `ends` holds where the ranks of each cell begin, and afterwards where they end."""
    order = plan.order
    for row in range(plan.numbers[ROWS]):
        cell = fresh_cell(row, plan)
        if cell >= 0:
            rank = np.int64(ends[cell])
            ends[cell] = rank + 1
            order[rank] = row


@compiled
def settle(plan: Plan, state: State) -> None:
    """End the numbers that expired as they were added, or while they waited in a queue behind others."""
    numbers, results = plan.numbers, state.results
    horizon, phase = numbers[HORIZON], numbers[START] % QUARTER
    if not numbers[SHARED]:
        for rank in range(numbers[FRESH_ROWS] + numbers[LATER_ROWS], numbers[ROWS]):
            row = np.int64(plan.order[rank])
            terms = own_terms(row, plan)
            time = added_at(row, plan)
            if max(starts_of(terms, plan), time) >= closes_of(terms, plan) and time < horizon:
                results[rank * RESULT_WORDS + ENDED] = time << 2 | EXPIRED
    for cell in range(natural(numbers[CLASSES]) * PRIORITIES):
        for rank in range(state.fresh_head[cell], state.fresh_tail[cell]):
            closes = closes_of(own_terms(np.int64(plan.order[rank]), plan), plan)
            if closes < horizon:
                expire(rank, closes, cell % PRIORITIES, phase, results, state.waiting)
        state.fresh_head[cell] = state.fresh_tail[cell]
    for queue in range(numbers[FIRST_SECOND]):
        while state.queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
            source = np.int64(state.queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
            terms = np.int64(state.pool[source + 3] & LOW_32)
            closes, priority = closes_of(terms, plan), cell_of(terms, plan) % PRIORITIES
            if closes < horizon:
                rank = np.int64(state.pool[source + 1] & LOW_32)
                expire(rank, closes, priority, phase, results, state.waiting)
            remove(queue, state.now, state.queues, state.next_chunk)


@compiled
def write_rows(plan: Plan, results: U32, ends: U32, first: Integer, until: Integer, rows: U32, ended: I64) -> Any:
    """Write the results of some rows that are due when they are added into `rows`, and count their ends.

    `ends` holds where those of each cell begin that were not written yet, and afterwards how far they were. So memory
    is read in as many streams as there are cells, and written in one. Returns the part of the ends in the digest.
    """
    identities, start, total = plan.identities, plan.numbers[START], np.uint64(0)
    for row in range(first, until):
        cell = fresh_cell(row, plan)
        if cell >= 0:
            rank = np.int64(ends[cell])
            ends[cell] = rank + 1
            prefetch(results, (rank + AHEAD) * RESULT_WORDS)
            total += write_row(rank, row, results, rows, ended, identities, start)
    return total


@compiled
def write_others(plan: Plan, results: U32, rows: U32, ended: I64) -> Any:
    """The same for all other rows."""
    order, identities, start, total = plan.order, plan.identities, plan.numbers[START], np.uint64(0)
    for rank in range(plan.numbers[FRESH_ROWS], plan.numbers[ROWS]):
        total += write_row(rank, np.int64(order[rank]), results, rows, ended, identities, start)
    return total


@step
def write_row(rank: Integer, row: Integer, results: U32, rows: U32, ended: I64, identities: U64, start: Integer) -> Any:
    """Write a result as a record has it, and count the number's end; returns its part of the digest (rules 9).

    NO_TIME and ENDED_PENDING stand where nothing was written. The digest is that of `digest.ends_hash`.
    """
    source, target = rank * RESULT_WORDS, row * RESULT_WORDS
    for word in range(ENDED):
        rows[target + word] = np.int64(results[source + word]) - 1
    end, last = np.int64(results[source + ENDED]), np.int64(results[source + LAST])
    end = ENDED_PENDING if end == 0 else end
    rows[target + ENDED], rows[target + LAST] = end, last
    kind, instant = end & NOT_ENDED, start + (end >> 2)
    if kind == NOT_ENDED:
        kind = CALLBACK if last >> 8 & ATTEMPTS > 0 else NEVER_CALLED
        kind = ENDED_BY_FINISH if end == ENDED_IN_CALL else kind
        instant = -1
    else:
        ended[natural((end >> 2) + natural(start) % QUARTER) // QUARTER, kind] += 1
    word = np.uint64(kind) | END_BIT_WORD
    return mixed(identities[row] * GOLDEN_WORD + np.uint64(instant) * A_WORD + word * B_WORD)
