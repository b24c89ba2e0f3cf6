"""Capping: the calls that caps count, and when they allow the next one (rules 6)."""

import numpy as np

from engine.calling.instants import DAY
from engine.dialing.kernel.bits import LOW_8, LOW_32, U32, W32, Integer, Truth, natural
from engine.dialing.kernel.calls import CALLED, RULE, call_of, goes_on
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import (
    CAP_AT_MOST,
    CAP_DAYS,
    CAP_EXEMPTS,
    CAP_FIRST,
    CAP_KEYS,
    CAP_SECONDS,
    CAP_WIDTH,
    CAPS,
    DATED,
    FIRST_DATE,
    HORIZON,
    MOST_ATTEMPTS,
    OUTCOMES,
    ROWS,
    SHARED,
    START,
    TERMS_EACH,
    Plan,
)
from engine.dialing.kernel.state import BATCH_WORDS, State
from engine.dialing.machine_code import inner
from engine.dialing.record import PRIORITIES


@inner
def marks_of(cap: Integer, rank: Integer, plan: Plan) -> Integer:
    """Where the marks of the calls begin that a cap counts for a number.

    Where numbers share caps, a rank is a row.
    """
    keys = plan.caps[cap, CAP_KEYS]
    key = rank if keys < 0 else np.int64(plan.cap_keys[keys * plan.numbers[ROWS] + rank])
    return natural(plan.caps[cap, CAP_FIRST] + key * plan.caps[cap, CAP_WIDTH])


@inner
def count(
    rank: Integer, time: Integer, date: Integer, outcome: Integer, redialled: Truth, plan: Plan, counted: U32
) -> None:
    """Count a call with this outcome for all caps that do; `date` is counted from FIRST_DATE on."""
    for cap in range(plan.numbers[CAPS]):
        if plan.cap_counts[cap * plan.numbers[OUTCOMES] + outcome] and not (redialled and plan.caps[cap, CAP_EXEMPTS]):
            first = marks_of(cap, rank, plan)
            mark = 1 + (date if plan.caps[cap, CAP_DAYS] > 0 else time)
            for place in range(first, first + plan.caps[cap, CAP_AT_MOST]):
                other = np.int64(counted[place])
                if other < mark:  # by other clocks, dates may be later
                    counted[place] = mark
                    mark = other
                    if mark == 0:
                        break


@compiled
def count_for_caps(chosen: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Count the calls of the batch for caps.

    If numbers share none, what caps count changes nothing for a number that has ended.
    """
    numbers, batch, shared = plan.numbers, state.batch, plan.numbers[SHARED] != 0
    each, horizon = natural(numbers[TERMS_EACH]), numbers[HORIZON]
    for number in range(chosen):
        source = number * BATCH_WORDS
        word, w3, rule = batch[source + CALLED], batch[source + 3], np.int64(batch[source + RULE])
        outcome, seconds, _ = call_of(word)
        left, terms = np.int64(w3 >> W32 & LOW_8) - 1, np.int64(w3 & LOW_32)
        if shared or (goes_on(word, left, rule, numbers[MOST_ATTEMPTS]) and time + seconds < horizon):
            place = natural(np.int64(batch[source + 4])) // PRIORITIES
            date = natural(state.hour[place]) // 24 - numbers[FIRST_DATE]
            rank = np.int64(batch[source + 1] & LOW_32)
            count(rank, time, date, outcome, each > 1 and terms % each != 0, plan, state.counted)


@inner
def first_on(date: Integer, time: Integer, place: Integer, plan: Plan, state: State) -> Integer:
    """The first second from `time` on at which the local date of a class is this one or later."""
    midnight = (date + plan.numbers[FIRST_DATE]) * DAY - plan.numbers[START]
    span = state.span[place]
    while True:
        end = plan.span_ends[span] - plan.numbers[START]
        if time < end:
            on = max(time, midnight - plan.span_offsets[span])
            if on < end:
                return on
            time = end
        if end >= plan.numbers[DATED]:
            return max(time, midnight - plan.span_offsets[span])
        span += 1


@inner
def allowed(due: Integer, rank: Integer, place: Integer, redialled: Truth, plan: Plan, state: State) -> Integer:
    """The first second from `due` on at which no cap forbids a call to a number of a class, by the calls so far."""
    while True:
        before = due
        for cap in range(plan.numbers[CAPS]):
            if not (redialled and plan.caps[cap, CAP_EXEMPTS]):
                oldest = np.int64(state.counted[marks_of(cap, rank, plan) + plan.caps[cap, CAP_AT_MOST] - 1]) - 1
                if oldest >= 0:
                    if plan.caps[cap, CAP_DAYS] > 0:
                        due = first_on(oldest + plan.caps[cap, CAP_DAYS], due, place, plan, state)
                    else:
                        due = max(due, oldest + plan.caps[cap, CAP_SECONDS])
        if due == before:
            return due
