"""Playing: the calls of a batch, in passes that are each a short loop."""

import numpy as np

from engine.dialing.kernel.bits import LOW_8, LOW_24, LOW_32, W8, W24, W32, W40, W56, Integer, natural
from engine.dialing.kernel.calls import (
    ATTEMPTS_BITS,
    CALLED,
    FIRST_ATTEMPT,
    MOST_SECONDS,
    REACHES,
    RULE,
    call_of,
    completes,
    draw_luck,
    goes_on,
)
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    CAPS,
    COUNT_FOR_CAPS,
    COUNT_WAITS,
    DRAW_REDIALS,
    HORIZON,
    KEEP_CALLS,
    MOST_ATTEMPTS,
    REDIAL_RULES,
    ROWS,
    TERMS_EACH,
    WRITE_LOG,
    Plan,
    retry_of,
    series_of,
    starts_of,
)
from engine.dialing.kernel.state import BATCH_WORDS, LOGGED, RING, WAS_HELD, WAS_REACHED, State
from engine.dialing.machine_code import call, step
from engine.dialing.record import (
    COMPLETED,
    ENDED,
    ENDED_IN_CALL,
    ENDED_PENDING,
    EXHAUSTED,
    FIRST_CALL,
    LAST,
    LAST_CALL,
    REACHED,
    RESULT_WORDS,
    CallColumns,
)

KEPT_BITS = ~np.uint64(0) << W40
"""What a record keeps after a call: its segment, and what was before."""
HELD_SHIFT = np.uint64(27)
"""From WAS_HELD to HELD_ONCE."""


@step
def play(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State, log: CallColumns) -> Integer:
    """Play the calls of the batch; how many of its numbers wait for another call. They stay in it."""
    draw_luck(chosen, time, quarter, plan, state)
    if plan.numbers[REDIAL_RULES] > 0:
        call(plan.rare[DRAW_REDIALS], chosen, plan, state)
    if plan.numbers[KEEP_CALLS] != 0:
        call(plan.rare[WRITE_LOG], chosen, time, plan, state, log)
    if plan.counts_waits[0]:
        call(plan.rare[COUNT_WAITS], chosen, time, quarter, plan, state)
    if plan.numbers[CAPS] > 0:
        call(plan.rare[COUNT_FOR_CAPS], chosen, time, plan, state)
    return follow(chosen, time, plan, state)


@step
def follow(chosen: Integer, time: Integer, plan: Plan, state: State) -> Integer:
    """The results of the calls of the batch, and what follows when they end (rules 6).

    Numbers that wait for another call stay in the batch, with what their records need; returns how many.
    """
    numbers, batch, results, freed = plan.numbers, state.batch, state.results, state.freed
    horizon, most_attempts, each = numbers[HORIZON], numbers[MOST_ATTEMPTS], natural(numbers[TERMS_EACH])
    nobody, waiting = natural(numbers[ROWS]) * RESULT_WORDS, 0
    for number in range(chosen):
        source = number * BATCH_WORDS
        word, w3, rule = batch[source + CALLED], batch[source + 3], np.int64(batch[source + RULE])
        rank, outcome = np.int64(batch[source + 1] & LOW_32), np.int64(word & LOW_8)
        terms, left = np.int64(w3 & LOW_32), np.int64(w3 >> W32 & LOW_8) - 1
        end = time + np.int64(word >> W32 & MOST_SECONDS)
        freed[end & (RING - 1)] += 1
        going_on, in_time = goes_on(word, left, rule, most_attempts), end < horizon

        # its result; what does not change is not read
        result = rank * RESULT_WORDS
        is_first = word & ATTEMPTS_BITS == FIRST_ATTEMPT
        is_reached = (word & REACHES != np.uint64(0)) & (w3 & WAS_REACHED == np.uint64(0))
        kind = COMPLETED if completes(word, rule) else EXHAUSTED
        ended = ENDED_PENDING if going_on else end << 2 | kind
        results[(result if is_first else nobody) + FIRST_CALL] = time + 1
        results[result + LAST_CALL] = time + 1
        results[(result if is_reached else nobody) + REACHED] = time + 1
        results[result + ENDED] = ended if in_time else ENDED_IN_CALL
        results[result + LAST] = np.int64(word & LOW_32) | np.int64((w3 & WAS_HELD) >> HELD_SHIFT)

        # its record, if it waits for another call
        own = plan.retry_seconds[outcome]
        due = end + (own if own > 0 else retry_of(terms, plan))
        if rule > 0:
            terms = natural(terms // each * each + rule)
            left = series_of(terms, plan)
            due = max(end + plan.redial_after[rule - 1], np.int64(starts_of(terms, plan)))
        target = natural(waiting) * BATCH_WORDS
        batch[target] = batch[source]
        batch[target + 1] = np.uint64(end) << W32 | np.uint64(rank)
        batch[target + 2] = np.uint64(due) << W24 | word >> W8 & LOW_24
        kept = w3 & KEPT_BITS | np.uint64(is_reached) << W56
        batch[target + 3] = kept | np.uint64(left) << W32 | np.uint64(terms)
        waiting += in_time & going_on
    return waiting


@compiled
def write_log(chosen: Integer, time: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Write the calls of the batch down."""
    batch, each, first = state.batch, natural(plan.numbers[TERMS_EACH]), natural(state.now[LOGGED])
    for number in range(chosen):
        source, logged = number * BATCH_WORDS, first + number
        outcome, seconds, attempts = call_of(batch[source + CALLED])
        log.number[logged] = plan.order[np.int64(batch[source + 1] & LOW_32)]
        log.attempt[logged], log.time[logged] = attempts, time
        log.seconds[logged], log.outcome[logged] = seconds, outcome
        log.redial[logged] = each > 1 and np.int64(batch[source + 3] & LOW_32) % each != 0
    state.now[LOGGED] = first + chosen
