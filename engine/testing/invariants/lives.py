"""Lives: what each call of a log follows, and how long each number waits, as the calls before it say (rules 6)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import NEVER
from engine.customers.outcomes import OutcomeModel
from engine.luck import REDIAL, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.scenario.document import ScenarioDocument
from engine.testing.invariants.logged import NONE, NOT_KNOWN, UNSAID, Integers, LoggedCalls
from engine.testing.invariants.terms import Terms, TermsOfList

COMPLETED, EXHAUSTED, RETRIED, REDIALLED = range(4)
"""What comes of a call."""


class Lives(NamedTuple):
    """What the calls before it say of each call; columns in the order of the log."""

    known: NDArray[np.bool_]
    """Whether the log says enough of the calls before it."""
    redial: Integers
    """The redial of the outcome model to whose series it belongs, or NONE."""
    place: Integers
    """How many calls its series had with it."""
    total: Integers
    """How many calls its number had with it."""
    after: Integers
    """What came of the call before it: one of the kinds above, NOT_KNOWN for the first call of a number."""
    since: Integers
    """From when the number waited for it: its addition, or the end of the call before."""
    base: Integers
    """When it was due without caps; NEVER where the number had ended."""
    terms: Terms
    """Those of its series; of the first number of the list where its number is not known."""


class Waits(NamedTuple):
    """Stretches in which numbers wait for a call: columns of equal length."""

    number: Integers
    redial: Integers
    since: Integers
    base: Integers
    """When it is due without caps."""
    call: Integers
    """The call that ends it, NOT_KNOWN if none does."""
    behind: Integers
    """The call whose end begins it, NOT_KNOWN for the first wait of a number."""


class Ends(NamedTuple):
    """How far the log tells each number's life: a row for each number of the list."""

    last: Integers
    """Its last call; NOT_KNOWN if there is none."""
    told: NDArray[np.bool_]
    """Whether the log tells what came of it."""
    result: Integers
    """What came of its last call; NOT_KNOWN without one."""


def lives_and_waits(
    calls: LoggedCalls, document: ScenarioDocument, book: Phonebook, model: OutcomeModel, terms: TermsOfList
) -> tuple[Lives, Waits, Ends]:
    """The life of each number, call by call. O(n log n)."""
    campaign = document.campaign
    rows = np.flatnonzero(calls.number >= 0)
    rows = rows[np.argsort(calls.number[rows], kind="stable")]
    number, outcome, seconds, start = (
        column[rows] for column in (calls.number, calls.outcome, calls.seconds, calls.start)
    )
    count = len(rows)
    first = np.ones(count, np.bool_)
    first[1:] = number[1:] != number[:-1]
    index = np.arange(count)
    begun = np.maximum.accumulate(np.where(first, index, 0))
    total = index - begun + 1
    too_short = (outcome == model.answered) & (seconds < campaign.retry_if_shorter_than_seconds) & (outcome >= 0)
    keys = None if calls.seed is None else luck_key(calls.seed, book.identities)
    brings = _brought(calls, rows, first, total, too_short, model, keys)

    unclear = (brings == UNSAID) | (outcome < 0) | (seconds < 0)
    summed = np.cumsum(unclear) - unclear
    known = summed == summed[begun] if count else first

    before = np.concatenate(([NONE], brings[:-1]))[:count]
    begins = first | (before >= 0)
    since_series = np.maximum.accumulate(np.where(begins, index, 0))
    redial = np.where(first, NONE, before)[since_series] if count else before
    place = index - since_series + 1
    own = terms.of(number, redial)
    most = campaign.max_total_attempts or NEVER
    result = np.full(count, NOT_KNOWN)
    final = (brings == NONE) & ~too_short & ~model.retries[outcome]
    result[~unclear & (brings >= 0)] = REDIALLED
    result[~unclear & (brings == NONE)] = RETRIED
    result[~unclear & (total >= most)] = EXHAUSTED
    result[~unclear & (brings == NONE) & (place >= own.attempts)] = EXHAUSTED
    result[~unclear & final] = COMPLETED

    end = start + np.maximum(seconds, 0)
    again = np.where(model.retry_seconds[outcome] > 0, model.retry_seconds[outcome], own.retry)
    delays = np.array([each.seconds_after for each in model.redials] or [0], np.int64)
    following = np.where(result == REDIALLED, brings, redial)
    next_start = terms.of(number, following).start
    base_after = np.where(result == RETRIED, end + again, NEVER)
    redialled = result == REDIALLED
    base_after[redialled] = np.maximum(end + delays[np.maximum(brings, 0)], next_start)[redialled]
    added = book.added[number]
    base = np.where(first, np.maximum(added, own.start), np.concatenate(([NEVER], base_after[:-1]))[:count])
    since = np.where(first, added, np.concatenate(([0], end[:-1]))[:count])
    after = np.where(first, NOT_KNOWN, np.concatenate(([NOT_KNOWN], result[:-1]))[:count])

    def spread(column: Integers, missing: int) -> Integers:
        whole = np.full(len(calls.start), missing, np.int64)
        whole[rows] = column
        return whole

    whole_known = np.zeros(len(calls.start), np.bool_)
    whole_known[rows] = known
    lives = Lives(
        known=whole_known,
        redial=spread(redial, NONE),
        place=spread(place, 0),
        total=spread(total, 0),
        after=spread(after, NOT_KNOWN),
        since=spread(since, NEVER),
        base=spread(base, NEVER),
        terms=Terms(*(spread(column, 0) for column in own))._replace(
            zone=spread(own.zone, NOT_KNOWN), finish=spread(own.finish, NEVER)
        ),
    )

    blurred = _blurred(calls, book)
    lasts = np.flatnonzero(np.append(first[1:], True)[:count])
    last = np.full(len(book), NOT_KNOWN)
    last[number[lasts]] = rows[lasts]
    told = ~blurred
    told[number[lasts]] &= (known & ~unclear)[lasts]
    results = np.full(len(book), NOT_KNOWN)
    results[number[lasts]] = result[lasts]

    finish = int(document.finish)
    waited = np.flatnonzero(known & (base < NEVER))
    silent = np.flatnonzero((last == NOT_KNOWN) & ~blurred & (book.added < finish))
    own_base = np.maximum(book.added[silent], terms.of(silent, np.full(len(silent), NONE)).start)
    goes_on = lasts[(base_after[lasts] < NEVER) & (known & ~unclear)[lasts] & (end[lasts] < finish)]
    former = rows[np.maximum(waited - 1, 0)]
    nobody = np.full(len(silent), NOT_KNOWN)
    waits = Waits(
        number=np.concatenate((number[waited], silent, number[goes_on])),
        redial=np.concatenate((redial[waited], nobody, following[goes_on])),
        since=np.concatenate((since[waited], book.added[silent], end[goes_on])),
        base=np.concatenate((base[waited], own_base, base_after[goes_on])),
        call=np.concatenate((rows[waited], nobody, np.full(len(goes_on), NOT_KNOWN))),
        behind=np.concatenate((np.where(first[waited], NOT_KNOWN, former), nobody, rows[goes_on])),
    )
    return lives, waits, Ends(last, told, results)


def _blurred(calls: LoggedCalls, book: Phonebook) -> NDArray[np.bool_]:
    """[number]: whether calls to its phone may be its own, and the log does not say."""
    lost = np.unique(calls.code[(calls.number < 0) & ~calls.stranger])
    return np.isin(book.phone_codes, lost)


def _brought(
    calls: LoggedCalls,
    rows: Integers,
    first: NDArray[np.bool_],
    total: Integers,
    too_short: NDArray[np.bool_],
    model: OutcomeModel,
    keys: NDArray[np.uint64] | None,
) -> Integers:
    """The redial of the outcome model that each call brings, NONE, or UNSAID; calls are ordered by their numbers."""
    outcome, count = calls.outcome[rows], len(rows)
    if not model.redials:
        return np.full(count, NONE)
    rules = np.diff(np.append(model.first_redial, len(model.redials)))[outcome]
    found = calls.brings[rows].copy()
    if keys is not None and (found == UNSAID).any():
        chosen = model.redial_thresholds.shape[1]
        bits = np.empty(count, np.uint64)
        for attempt in np.unique(total).tolist():
            same = np.flatnonzero(total == attempt)
            bits[same] = draw(keys[calls.number[rows[same]]], attempt, REDIAL) >> np.uint64(32)
        rule = (model.redial_thresholds[outcome] <= bits[:, None]).sum(axis=1)
        drawn = np.where(rule >= chosen, NONE, rule)
        found = np.where(found == UNSAID, drawn, found)
    if (found == UNSAID).any():
        ends = ~too_short & ~model.retries[outcome]
        found = np.where(found == UNSAID, _guessed(calls, rows, first, rules, ends, model), found)
    found = np.where((found >= rules) | too_short | (outcome < 0), np.where(outcome < 0, UNSAID, NONE), found)
    return np.where(found >= 0, found + model.first_redial[outcome], found)


def _guessed(
    calls: LoggedCalls,
    rows: Integers,
    first: NDArray[np.bool_],
    rules: Integers,
    ends: NDArray[np.bool_],
    model: OutcomeModel,
) -> Integers:
    """Which redial each call brings, where the call behind it tells; `ends`: who brings none has no other call."""
    redial = calls.redial[rows]
    behind = np.append(redial[1:], NOT_KNOWN)[: len(rows)]
    behind[np.append(first[1:], True)[: len(rows)]] = NOT_KNOWN
    certain = np.array([each.share >= 1 for each in model.redials])[
        np.minimum(model.first_redial[calls.outcome[rows]], len(model.redials) - 1)
    ]
    found = np.full(len(rows), UNSAID)
    found[(rules == 1) & certain] = 0
    found[(rules == 1) & ((redial == 0) | ends) & (behind == 1)] = 0
    found[(rules == 0) | (behind == 0)] = NONE
    return found
