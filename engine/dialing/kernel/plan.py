"""The plan: what does not change during a run, a scenario's rulebook as arrays.

Times are seconds since the simulation's start.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dialing.kernel.bits import I32, I64, U32, U64, Integer, natural
from engine.dialing.machine_code import by_address, step

FAR = 1 << 31
"""Later than every time that a key can hold."""
AHEAD = 8
"""How many numbers before its turn the columns of a number that was not called yet are fetched."""


@by_address
class Plan(NamedTuple):
    """What does not change during a run: a scenario's rulebook as arrays."""

    numbers: I64
    """The scalars, by the places named below."""
    order: U32
    """[rank]: the row. First the rows that are due when they are added, by cell; then those that fall due later, by
    the second of it; then those that never do; and AHEAD of no meaning."""
    identities: U64
    """[row]"""
    policies: U32
    """[row]"""
    segments: NDArray[np.uint16]
    """[row], or a single value for all."""
    policy_rows: U32
    """[policy]: how many rows it has."""
    added: I32
    """[row]: seconds, ascending; or a single value for all rows."""
    terms: I64
    """[terms, word], flat: what one line of memory holds of each, by the words named below."""
    expiring: U32
    """Terms that close during the simulation, by closes."""
    change_times: I32
    """When window classes open or close, ascending."""
    change_classes: U32
    window_starts: I32
    """The windows of one class after the other, not cut; -FAR where one has always been open."""
    window_ends: I32
    """FAR - 1 where one stays open."""
    span_ends: I64
    """The spans of one class after the other: until when the offset in `span_offsets` holds."""
    span_offsets: I64
    line_times: I64
    line_counts: I64
    thresholds: U64
    """[segment, attempt, hour of the week, outcome], flat."""
    calls: U32
    """[segment, outcome, TABLE_SIZE], flat: the seconds, below the bits that tell what a call comes to."""
    quantiles: U32
    """[segment, outcome], flat: the mask of a quantile, 0 where all are the same: then one line of memory is read."""
    retry_seconds: I64
    redial_thresholds: U64
    """[outcome, rule], flat."""
    redial_first: I64
    redial_after: I64
    caps: I64
    """[cap, what], by the places named below."""
    cap_counts: NDArray[np.bool_]
    """[cap, outcome], flat: whether a call with the outcome counts."""
    cap_keys: U32
    """[what may share a cap, row], flat: the key by which numbers share one."""
    counts_waits: NDArray[np.bool_]
    """A single value: whether it is counted what numbers wait for."""
    closure_times: I32
    """When it changes why window classes are closed, ascending; at 0 each class has its first reason."""
    closure_classes: U32
    closure_reasons: I64
    """What closes the class from then on, or OPEN."""
    rare: I64
    """[step]: the address of its machine code, by the places named below; no part of the scenario."""


(
    SEED_WORD, START, HORIZON, PACE, MOST_ALLOWANCE, MOST_ATTEMPTS, CLOSING_FIRST, OUTCOMES, ATTEMPT_CLASSES,
    REDIAL_RULES, TERMS_EACH, CLASSES, TREE, FIRST_LOCAL_HOUR, ROWS, FRESH_ROWS, LATER_ROWS, KEEP_CALLS, CAPS, SHARED,
    FIRST_DATE, DATED, COUNTED, FIRST_SECOND,
) = range(24)  # fmt: skip
"""Indices in Plan.numbers. SHARED: numbers may share a cap, so a number is scheduled when its call ends, and its caps
are asked again when its turn comes."""
CAP_AT_MOST, CAP_SECONDS, CAP_DAYS, CAP_EXEMPTS, CAP_KEYS, CAP_FIRST, CAP_WIDTH, CAP_FIELDS = range(8)
"""Indices in Plan.caps: CAP_KEYS is a row of `cap_keys`, or -1 if a rank is its own key; the marks of a key begin at
CAP_FIRST + key * CAP_WIDTH of State.counted."""
TERMS_BITS = 2
TERMS_WORDS = 1 << TERMS_BITS
STARTS, CLOSES, RETRY, CELL = range(TERMS_WORDS)
"""Words of terms. CLOSES: FAR or later for never. CELL: 5 x window class + priority - 1; below it, in SERIES_BITS, the
calls of a series."""
SERIES_BITS = 8
(
    TAKE_IN_BLOCK, HAPPEN, ORDER, DRAW_REDIALS, WRITE_LOG, COUNT_WAITS, CHANGE_CLOSURES, COUNT_FOR_CAPS, SCHEDULE_BATCH,
    ADD_BY_CAPS, SCHEDULE_ENDED, PUT_OFF, RARE_STEPS,
) = range(13)  # fmt: skip
"""Indices in Plan.rare."""


@step
def own_terms(row: Integer, plan: Plan) -> Integer:
    """The terms of a row's own policy."""
    return np.int64(plan.policies[row]) * natural(plan.numbers[TERMS_EACH])


@step
def added_at(row: Integer, plan: Plan) -> Integer:
    """When a row is added."""
    return np.int64(plan.added[0 if len(plan.added) == 1 else row])


@step
def starts_of(terms: Integer, plan: Plan) -> Integer:
    """When numbers of these terms may be called first."""
    return plan.terms[natural(terms << TERMS_BITS) + STARTS]


@step
def closes_of(terms: Integer, plan: Plan) -> Integer:
    """From when numbers of these terms cannot be called any more."""
    return plan.terms[natural(terms << TERMS_BITS) + CLOSES]


@step
def retry_of(terms: Integer, plan: Plan) -> Integer:
    """The seconds from the end of a call to the next, where its outcome does not say."""
    return plan.terms[natural(terms << TERMS_BITS) + RETRY]


@step
def cell_of(terms: Integer, plan: Plan) -> Integer:
    """The cell in which numbers of these terms wait."""
    return natural(plan.terms[natural(terms << TERMS_BITS) + CELL] >> SERIES_BITS)


@step
def series_of(terms: Integer, plan: Plan) -> Integer:
    """The calls of a series."""
    return plan.terms[natural(terms << TERMS_BITS) + CELL] & ((1 << SERIES_BITS) - 1)
