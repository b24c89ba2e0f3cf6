"""Caps: which calls of a log they forbid, and how long they hold numbers back (rules 6)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.auditing.calls import NOT_KNOWN, Calls
from engine.auditing.judging import nth_largest_so_far, over_cap
from engine.calling.caps import Cap, payload_fields
from engine.calling.instants import ALWAYS, DAY, HOUR, NEVER
from engine.calling.sorting import rows_by
from engine.calling.zones import ZoneName, local_seconds
from engine.numbers.payloads import NO_PAYLOAD
from engine.numbers.phonebook import Phonebook
from engine.testing.invariants.lives import Lives, Waits
from engine.testing.invariants.logged import Integers, LoggedCalls
from engine.testing.invariants.terms import Terms, TermsOfList

_NEAR = 19 * HOUR
"""No clock is further from UTC."""


class Counted(NamedTuple):
    """Calls as caps count them."""

    calls: Calls
    numbers: NDArray[np.int64]
    """[call]: the row of the list, or NOT_KNOWN."""
    shared: Sequence[Integers]
    """[field][number of the list]: what it shares, as in `calls.shared`."""
    own: Integers
    """[number of the list]: its phone, as in `calls.number`."""


def counted_calls(
    calls: LoggedCalls,
    lives: Lives,
    own_terms: Terms,
    book: Phonebook,
    caps: Sequence[Cap],
    names: tuple[str, ...],
    terms: TermsOfList,
) -> Counted:
    """The calls of a log, ready to be counted; a call to nobody on the list counts by its phone, on a date of UTC."""
    unlisted = np.flatnonzero(calls.number < 0)
    phones, which = np.unique(np.concatenate((book.phone_codes, calls.code[unlisted])), return_inverse=True)
    own, number = which[: len(book)], np.append(which, 0)[calls.number]
    number[unlisted] = which[len(book) :]
    shared: dict[str, Integers] = {}
    of_list = []
    for place, field in enumerate(payload_fields(caps)):
        known, values = np.unique(book.shared[:, place], return_inverse=True)
        column = np.where(known == NO_PAYLOAD, NOT_KNOWN, np.arange(len(known)))[values]
        of_list.append(column)
        shared[field] = np.where(calls.number < 0, NOT_KNOWN, np.append(column, NOT_KNOWN)[calls.number])
    redial = np.where(calls.number < 0, calls.redial == 1, lives.redial >= 0)
    columns = Calls(
        phones=pl.Series(phones),
        number=number,
        start=calls.start,
        local=terms.local(calls.start, np.where(calls.number < 0, NOT_KNOWN, own_terms.zone)),
        outcomes=names,
        outcome=calls.outcome,
        shared=shared,
        redial=redial,
    )
    return Counted(columns, calls.number, of_list, own)


def forbidden(counted: Counted, cap: Cap) -> NDArray[np.bool_]:
    """[call]: whether a cap forbids it, by the calls before it."""
    return over_cap(counted.calls, cap)


class Held(NamedTuple):
    """How caps move waits."""

    due: Integers
    """[wait]: when it is due, by the calls until it began."""
    until: Integers
    """[wait]: until when that is sure; a later call to someone else that shares a cap may have moved it."""


def held_back(counted: Counted, caps: Sequence[Cap], waits: Waits, terms: TermsOfList, own: Terms) -> Held:
    """When caps let each wait be due. O(n log n) for each cap."""
    due, until = waits.base.copy(), np.full(len(waits.base), NEVER)
    calls = counted.calls
    fields = payload_fields(caps)
    for cap in caps:
        subject = np.flatnonzero(waits.redial < 0) if cap.redials == "exempt" else np.arange(len(due))
        counts = np.ones(calls.size, np.bool_)
        if cap.outcomes is not None and calls.outcome is not None:
            counts = np.isin(
                calls.outcome, [calls.outcomes.index(each) for each in cap.outcomes if each in calls.outcomes]
            )
            if (calls.outcome < 0).any():
                until[subject] = ALWAYS
        if cap.redials == "exempt" and calls.redial is not None:
            counts &= ~calls.redial
        of_call, of_number = calls.number, counted.own
        if cap.per.field is not None:
            values, listed = calls.shared[cap.per.field], counted.shared[fields.index(cap.per.field)]
            of_call = np.where(values < 0, of_call, len(calls.phones) + values)
            of_number = np.where(listed < 0, of_number, len(calls.phones) + listed)
        rows = np.flatnonzero(counts)
        rows = rows[rows_by(of_call[rows])]  # the calls of a log stand in the order of their starts
        keys, starts = of_call[rows], calls.start[rows]
        if not len(rows):
            continue
        low = min(int(starts.min()), int(waits.since.min(initial=NEVER))) - 1
        span = max(int(starts.max()), int(waits.since.max(initial=0))) - low + 2
        key = of_number[waits.number[subject]]
        place = np.searchsorted(keys * span + (starts - low), key * span + (waits.since[subject] - low), side="left")
        until[subject] = np.minimum(until[subject], _met(place, keys, key, rows, starts, counted, waits, subject))
        enough = place - np.searchsorted(keys, key, side="left") >= cap.at_most
        held, nth = subject[enough], place[enough]
        if cap.hours is not None:
            due[held] = np.maximum(due[held], starts[nth - cap.at_most] + cap.hours * HOUR)
        else:
            largest = nth_largest_so_far(keys, calls.local[rows] // DAY, cap.at_most)[nth - 1]
            first, steady = _first_on(largest + (cap.days or 1), own.zone[held], terms)
            due[held] = np.maximum(due[held], first)
            until[held[~steady]] = ALWAYS
    return Held(due, until)


def _met(
    place: Integers,
    keys: Integers,
    key: Integers,
    rows: Integers,
    starts: Integers,
    counted: Counted,
    waits: Waits,
    subject: Integers,
) -> Integers:
    """When a call to another number that shares the cap begins in each wait; NEVER if none does."""
    at = np.minimum(place, len(keys) - 1)
    meets = (place < len(keys)) & (keys[at] == key) & (counted.numbers[rows[at]] != waits.number[subject])
    return np.where(meets, starts[at], NEVER)


def _first_on(dates: Integers, zone: Integers, terms: TermsOfList) -> tuple[Integers, NDArray[np.bool_]]:
    """The first instant of a local date; and whether the clock goes forward alone around it."""
    first, steady = np.zeros(len(dates), np.int64), np.ones(len(dates), np.bool_)
    for index, name in enumerate(terms.zones):
        rows = np.flatnonzero(zone == index)
        found, which = np.unique(dates[rows], return_inverse=True)
        if not len(found):
            continue
        clock = ZoneName(name).ids[0]
        low, high = found * DAY - _NEAR, found * DAY + _NEAR
        goes_on = local_seconds(high, clock) - local_seconds(low, clock) >= 2 * _NEAR
        while (high - low > 1).any():
            middle = (low + high) // 2
            is_on = local_seconds(middle, clock) >= found * DAY
            low, high = np.where(is_on, low, middle), np.where(is_on, middle, high)
        first[rows], steady[rows] = high[which], goes_on[which]
    return first, steady
