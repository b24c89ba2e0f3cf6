"""Calls: what the calls of a batch come to, each in one word (rules 7)."""

from typing import Any

import numpy as np

from engine.calling.instants import HOUR
from engine.calling.windows import FIRST_MONDAY
from engine.customers.durations import TABLE_BITS, TABLE_SIZE
from engine.customers.outcomes import HOURS_A_WEEK
from engine.dialing.kernel.bits import (
    A_WORD,
    B_WORD,
    GOLDEN_WORD,
    LOW_8,
    LOW_16,
    LOW_24,
    LOW_32,
    W8,
    W32,
    W40,
    Integer,
    Truth,
    draw,
    mixed,
    natural,
)
from engine.dialing.kernel.making import compiled
from engine.dialing.kernel.plan import ATTEMPT_CLASSES, FIRST_LOCAL_HOUR, OUTCOMES, REDIAL_RULES, SEED_WORD, START, Plan
from engine.dialing.kernel.state import BATCH_WORDS, RING, State
from engine.dialing.machine_code import inner, step
from engine.dialing.record import PRIORITIES
from engine.luck import CALL, REDIAL, STREAMS

CALLED, RULE = 5, 6
"""Words of the batch: a call, as `draw_luck` has it; and 1 + the rule by which it asks for a redial, or 0."""
MOST_SECONDS = np.uint64(RING - 1)
COMPLETES, IS_TOO_SHORT, REACHES = np.uint64(1 << 61), np.uint64(1 << 62), np.uint64(1 << 63)
"""Bits of a call: nothing follows it but for a redial; it was answered for too short a while; or for long enough."""
ATTEMPTS_BITS, FIRST_ATTEMPT = LOW_24 << W8, np.uint64(1 << 8)
IN_DIGEST = MOST_SECONDS << W32 | LOW_32
"""The seconds, attempts and outcome of a call; what it comes to follows from them."""
SECONDS_SHIFT = np.uint64(32 - TABLE_BITS)
FIRST_HOUR = FIRST_MONDAY // HOUR


@step
def draw_luck(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """What the calls of the batch come to (rules 7), which the timeline and the digest count."""
    numbers, batch, thresholds = plan.numbers, state.batch, plan.thresholds
    seed_word, start = np.uint64(numbers[SEED_WORD]), numbers[START]
    outcomes, attempt_classes = natural(numbers[OUTCOMES]), natural(numbers[ATTEMPT_CLASSES])
    first_local_hour = numbers[FIRST_LOCAL_HOUR]
    begins, calls_hash = np.uint64(start + time) * A_WORD, state.calls_hash[0]
    for number in range(chosen):
        source = number * BATCH_WORDS
        identity, attempts = batch[source], np.int64(batch[source + 2] & LOW_24) + 1
        segment, place = np.int64(batch[source + 3] >> W40 & LOW_16), natural(np.int64(batch[source + 4])) // PRIORITIES
        if time >= state.hour_until[place]:
            come_to_hour(place, start + time, plan, state)
        key = mixed(identity ^ seed_word)
        bits = draw(key, attempts * STREAMS + CALL)
        chance = bits >> W32
        first = segment * attempt_classes + natural(min(attempts, attempt_classes) - 1)
        first = (first * HOURS_A_WEEK + np.int64(state.hour_of_week[place])) * outcomes
        outcome = 0
        for other in range(outcomes - 1):
            outcome += chance >= thresholds[first + other]
        outcome = natural(outcome)
        table = natural(segment * outcomes + outcome)
        quantile = np.int64((bits & LOW_32) >> SECONDS_SHIFT) & np.int64(plan.quantiles[table])
        word = np.uint64(plan.calls[table * TABLE_SIZE + quantile]) << W32 | np.uint64(attempts << 8 | outcome)
        calls_hash += mixed(identity * GOLDEN_WORD + begins + (word & IN_DIGEST) * B_WORD)
        batch[source + CALLED], batch[source + RULE] = word, 0
        state.begun[quarter, outcome] += 1
        state.local_hours[natural(state.hour[place] - first_local_hour), outcome] += 1
    state.calls_hash[0] = calls_hash


@inner
def come_to_hour(place: Integer, instant: Integer, plan: Plan, state: State) -> None:
    """Find the local hour of a class at an instant of Unix time."""
    while instant >= plan.span_ends[state.span[place]]:
        state.span[place] += 1
    offset = plan.span_offsets[state.span[place]]
    hour = (instant + offset) // HOUR
    state.hour[place] = hour
    state.hour_of_week[place] = (hour - FIRST_HOUR) % HOURS_A_WEEK
    next_hour = (hour + 1) * HOUR - offset
    state.hour_until[place] = min(next_hour, plan.span_ends[state.span[place]]) - plan.numbers[START]


@compiled
def draw_redials(chosen: Integer, plan: Plan, state: State) -> None:
    """Which calls of the batch ask for a redial, and by which rule of their outcome (rules 7)."""
    numbers, batch = plan.numbers, state.batch
    seed_word, rules = np.uint64(numbers[SEED_WORD]), natural(numbers[REDIAL_RULES])
    for number in range(chosen):
        source = number * BATCH_WORDS
        word = batch[source + CALLED]
        outcome, _, attempts = call_of(word)
        if word & IS_TOO_SHORT != 0 or plan.redial_thresholds[(outcome + 1) * rules - 1] == 0:
            continue
        chance = draw(mixed(batch[source] ^ seed_word), attempts * STREAMS + REDIAL) >> W32
        rule = 0
        for other in range(rules):
            rule += chance >= plan.redial_thresholds[outcome * rules + other]
        if rule < rules:
            batch[source + RULE] = 1 + plan.redial_first[outcome] + rule


@step
def call_of(word: Any) -> tuple[Integer, Integer, Integer]:
    """The outcome, the seconds and the attempts of a call of the batch."""
    return np.int64(word & LOW_8), np.int64(word >> W32 & MOST_SECONDS), np.int64(word >> W8 & LOW_24)


@step
def completes(word: Any, rule: Integer) -> Truth:
    """Whether nothing follows a call (rules 6)."""
    return (word & COMPLETES != np.uint64(0)) & (rule == 0)


@step
def goes_on(word: Any, left: Integer, rule: Integer, most_attempts: Integer) -> Truth:
    """Whether a number waits for another call, with so many left in its series after this one."""
    is_allowed = (np.int64(word >> W8 & LOW_24) < most_attempts) & ((rule > 0) | (left > 0))
    return is_allowed & (not completes(word, rule))
