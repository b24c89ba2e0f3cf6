"""Waiting: how many numbers wait, and for what, by quarter-hours (rules 6); it is run only if that is counted."""

import numpy as np

from engine.dialing.closures import OPEN
from engine.dialing.kernel.bits import W32, Integer, natural
from engine.dialing.kernel.calls import CALLED, MOST_SECONDS
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import HORIZON, ROWS, START, Plan, added_at, cell_of, own_terms
from engine.dialing.kernel.state import BATCH_WORDS, CLOSURE_PLACE, State
from engine.dialing.machine_code import inner
from engine.dialing.record import ENDED, NOT_ENDED, PRIORITIES, QUARTER, RESULT_WORDS
from engine.dialing.waits import ENDED_BEFORE, IN_CALL, NOT_ADDED, REASONS


@inner
def enter_in(
    quarter: Integer, reason: Integer, priority: Integer, time: Integer, count: Integer, plan: Plan, state: State
) -> None:
    """`WaitingCounts.enter`, in a known quarter-hour of the simulation; priorities count from 0."""
    place = natural((quarter * REASONS + reason) * PRIORITIES + priority)
    edge = min((quarter + 1) * QUARTER - natural(plan.numbers[START]) % QUARTER, plan.numbers[HORIZON])
    state.wait_seconds[place] += count * (edge - time)
    state.wait_numbers[place] += count


@inner
def enter(reason: Integer, priority: Integer, time: Integer, count: Integer, plan: Plan, state: State) -> None:
    """The same, unless the simulation has ended then."""
    if time < plan.numbers[HORIZON]:
        quarter = natural(time + natural(plan.numbers[START]) % QUARTER) // QUARTER
        enter_in(quarter, reason, priority, time, count, plan, state)


@compiled
def change_closures(time: Integer, plan: Plan, state: State) -> None:
    """It changes what closes the classes that are closed."""
    now = state.now
    while now[CLOSURE_PLACE] < len(plan.closure_times):
        if plan.closure_times[now[CLOSURE_PLACE]] > time:
            break
        place = np.int64(plan.closure_classes[now[CLOSURE_PLACE]])
        reason = plan.closure_reasons[now[CLOSURE_PLACE]]
        now[CLOSURE_PLACE] += 1
        for priority in range(PRIORITIES):
            due = state.due[place * PRIORITIES + priority]
            if due > 0 and state.closed_by[place] != OPEN:
                enter(state.closed_by[place], priority, time, -due, plan, state)
            if due > 0 and reason != OPEN:
                enter(reason, priority, time, due, plan, state)
        state.closed_by[place] = reason


@compiled
def count_calls_as_waits(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Count how long the calls of the batch last."""
    horizon, phase = plan.numbers[HORIZON], natural(plan.numbers[START]) % QUARTER
    for number in range(chosen):
        source = number * BATCH_WORDS
        priority = natural(np.int64(state.batch[source + 4])) % PRIORITIES
        end = time + np.int64(state.batch[source + CALLED] >> W32 & MOST_SECONDS)
        enter_in(quarter, IN_CALL, priority, time, 1, plan, state)
        if end < horizon:
            enter_in(natural(end + phase) // QUARTER, IN_CALL, priority, end, -1, plan, state)


@compiled
def count_list(plan: Plan, state: State) -> None:
    """`waits.of_the_list`: count the seconds before numbers were added, and since they have ended."""
    for rank in range(plan.numbers[ROWS]):
        row = np.int64(plan.order[rank])
        priority = cell_of(own_terms(row, plan), plan) % PRIORITIES
        added = added_at(row, plan)
        if added > 0:
            enter_in(0, NOT_ADDED, priority, 0, 1, plan, state)
            enter(NOT_ADDED, priority, added, -1, plan, state)
        ended = np.int64(state.results[rank * RESULT_WORDS + ENDED])
        if ended & NOT_ENDED != NOT_ENDED and ended != 0:
            enter(ENDED_BEFORE, priority, ended >> 2, 1, plan, state)
