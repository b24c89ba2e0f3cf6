"""Judging: which calls a rule set forbids, each at its own date, found for whole columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.auditing.calls import NOT_KNOWN, Calls, Integers
from engine.auditing.rule_texts import cap_text
from engine.calling.caps import Cap
from engine.calling.instants import DAY, HOUR
from engine.calling.rule_hours import closed_at, open_at
from engine.calling.rule_sets import NamedRules

HOURS, CLOSED, CAP = "hours", "closedDates", "caps"
"""The kinds of rules, named as the fields of a rule set."""


class Breach(NamedTuple):
    """The calls that one rule of a set forbids."""

    rules: NamedRules
    kind: str
    """HOURS, CLOSED or CAP."""
    words: str
    """The rule in words."""
    calls: Integers
    """The rows of the calls, ascending."""


def breaches(calls: Calls, rules: NamedRules, holds: NDArray[np.bool_] | None = None) -> list[Breach]:
    """What a rule set forbids: a breach for each of its rules, also for one that every call keeps.

    `holds` says for which calls the set holds at all; for all of them if it is None. A call on a closed date is not
    asked for its hours. A cap counts earlier calls whenever they were made, and whether the set held then or not.
    O(n log n).
    """
    judged = in_force(calls.local // DAY, rules)
    for mask in (holds, calls.clock_known):
        if mask is not None:
            judged &= mask
    found = []
    hours = rules.rules.hours
    if hours.limits:
        closed, outside = closed_at(hours, calls.local), ~open_at(hours, calls.local)
        for rows, local in calls.clocks():
            closed[rows] |= closed_at(hours, local)
            outside[rows] |= ~open_at(hours, local)
        if hours.closed:
            found.append(Breach(rules, CLOSED, "closed dates", np.flatnonzero(closed & judged)))
        if rules.rules.allowed_time is not None:
            found.append(Breach(rules, HOURS, "hours", np.flatnonzero(outside & ~closed & judged)))
    for cap in rules.rules.caps:
        over = over_cap(calls, cap)
        found.append(Breach(rules, CAP, cap_text(cap), np.flatnonzero(over & judged)))
    return found


def in_force(day: Integers, rules: NamedRules) -> NDArray[np.bool_]:
    """Whether a set is in force on each local date, given in days since 1970-01-01."""
    found = np.ones(len(day), np.bool_)
    if rules.rules.from_ is not None:
        found &= day >= rules.rules.from_
    if rules.rules.until is not None:
        found &= day <= rules.rules.until
    return found


def over_cap(calls: Calls, cap: Cap) -> NDArray[np.bool_]:
    """Which calls a cap forbids, by the calls before them (rules 6).

    A call counts from its start. Of `hours`, the n-th last counted call before it must not have started in
    (t - hours, t]; of `days`, the n-th largest of the local dates of the counted calls before it must not be one of
    D - days + 1 and later.
    """
    over = np.zeros(calls.size, np.bool_)
    exempt = calls.redial if cap.redials == "exempt" and calls.redial is not None else None
    counts = _counted(calls, cap)
    keys = _keys(calls, cap)
    enough = np.bincount(keys[counts], minlength=int(keys.max(initial=0)) + 1) >= cap.at_most
    rows = np.flatnonzero(enough[keys] if exempt is None else enough[keys] & ~exempt)
    if not len(rows):
        return over
    rows = rows[np.lexsort((calls.start[rows], keys[rows]))]  # stable: calls of one second stay as they stand
    keys, counts = keys[rows], counts[rows]
    before: Integers = np.cumsum(counts) - counts
    firsts = np.concatenate(([True], keys[1:] != keys[:-1]))
    own: Integers = before - before[np.maximum.accumulate(np.where(firsts, np.arange(len(rows)), 0))]
    asked = own >= cap.at_most  # so many counted calls of the key were before it
    if cap.hours is not None:
        start = calls.start[rows]
        nth_last = start[counts][before[asked] - cap.at_most]
        forbidden = nth_last > start[asked] - cap.hours * HOUR
    else:
        day = calls.local[rows] // DAY
        largest = nth_largest_so_far(keys[counts], day[counts], cap.at_most)
        forbidden = largest[before[asked] - 1] > day[asked] - (cap.days or 1)
    over[rows[asked][forbidden]] = True
    return over


def _counted(calls: Calls, cap: Cap) -> NDArray[np.bool_]:
    if cap.outcomes is None:
        return np.ones(calls.size, np.bool_)
    if calls.outcome is None:
        return np.zeros(calls.size, np.bool_)
    codes = [index for index, name in enumerate(calls.outcomes) if name in cap.outcomes]
    return np.isin(calls.outcome, codes)


def _keys(calls: Calls, cap: Cap) -> Integers:
    """[call]: equal for the calls that share the cap; calls without the payload's field share it by their phone."""
    shared = None if cap.per.field is None else calls.shared.get(cap.per.field)
    if shared is None:
        return calls.number
    return np.where(shared == NOT_KNOWN, calls.number, len(calls.phones) + shared)


def nth_largest_so_far(keys: Integers, values: Integers, count: int) -> Integers:
    """For each row the count-th largest of the values up to it with its key, if there are so many; keys ascend.

    The largest so far is a running maximum. What that leaves behind at each row, the smaller of the old maximum and
    the new value, has the second largest as its running maximum, and so on.
    """
    low = int(values.min(initial=0)) - 1
    span = int(values.max(initial=0)) - low + 1
    left = keys * span + (values - low)  # keys apart, so that a maximum never reaches the next key
    bases = keys * span
    for _ in range(count - 1):
        largest = np.maximum.accumulate(left)
        before = np.concatenate((bases[:1], largest[:-1]))
        left = np.maximum(np.minimum(left, before), bases)
    return np.asarray(np.maximum.accumulate(left) - bases + low)
