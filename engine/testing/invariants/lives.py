"""Lives: what each call of a log follows, and how long each number waits, as the calls before it say (rules 6)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import NEVER
from engine.calling.sorting import rows_by
from engine.customers.outcomes import OutcomeModel
from engine.luck import REDIAL, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.scenario.document import ScenarioDocument
from engine.testing.invariants.logged import NONE, NOT_KNOWN, UNSAID, Integers, LoggedCalls
from engine.testing.invariants.terms import TermsOfList

COMPLETED, EXHAUSTED, RETRIED, REDIALLED = range(4)
"""What comes of a call."""


class Chain(NamedTuple):
    """The calls whose numbers are known, number by number, and what comes of each: columns of equal length."""

    rows: Integers
    """In the log."""
    number: Integers
    first: NDArray[np.bool_]
    """Whether it is the first call of its number."""
    clear: NDArray[np.bool_]
    """Whether the log says what comes of it."""
    known: NDArray[np.bool_]
    """Whether it says that of all calls to the number before it."""
    redial: Integers
    """The redial of the outcome model to whose series it belongs, or NONE."""
    place: Integers
    """How many calls its series had with it."""
    total: Integers
    """How many calls its number had with it."""
    end: Integers
    result: Integers
    """One of the kinds above; NOT_KNOWN where it is not clear."""
    following: Integers
    """The redial to whose series a call behind it belongs."""
    base_after: Integers
    """When a call behind it is due without caps; NEVER if none may come."""


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


def chained(
    calls: LoggedCalls, document: ScenarioDocument, book: Phonebook, model: OutcomeModel, terms: TermsOfList
) -> Chain:
    """The calls to each number, one behind the other. O(n log n)."""
    campaign = document.campaign
    rows = rows_by(calls.number)[int((calls.number < 0).sum()) :]
    number, outcome, seconds = (column[rows] for column in (calls.number, calls.outcome, calls.seconds))
    count = len(rows)
    first = np.ones(count, np.bool_)
    first[1:] = number[1:] != number[:-1]
    index = np.arange(count)
    begun = np.maximum.accumulate(np.where(first, index, 0))
    total = index - begun + 1
    answered = (outcome == model.answered) & (outcome >= 0)
    too_short = answered & (seconds < campaign.retry_if_shorter_than_seconds)
    keys = None if calls.seed is None else luck_key(calls.seed, book.identities)
    brings = _brought(calls, rows, first, total, too_short, model, keys)

    clear = (brings != UNSAID) & (outcome >= 0) & (seconds >= 0)
    known = first
    if clear.all():
        known = np.ones(count, np.bool_)
    elif count:
        summed = np.cumsum(~clear) - ~clear
        known = summed == summed[begun]

    before = np.concatenate(([NONE], brings[:-1]))[:count]
    begins = first | (before >= 0)
    since_series = np.maximum.accumulate(np.where(begins, index, 0))
    redial = np.where(first, NONE, before)[since_series] if count else before
    place = index - since_series + 1
    own = terms.of(number, redial)
    brings_none = brings == NONE
    result = np.where(brings_none, RETRIED, REDIALLED)
    result[brings_none & (place >= own.attempts)] = EXHAUSTED
    if campaign.max_total_attempts:
        result[total >= campaign.max_total_attempts] = EXHAUSTED
    result[brings_none & ~too_short & ~model.retries[outcome]] = COMPLETED
    result[~clear] = NOT_KNOWN

    end = calls.start[rows] + np.maximum(seconds, 0)
    base_after = np.full(count, NEVER)
    retried, redialled = np.flatnonzero(result == RETRIED), np.flatnonzero(result == REDIALLED)
    again = model.retry_seconds[outcome[retried]]
    base_after[retried] = end[retried] + np.where(again > 0, again, own.retry[retried])
    following = redial.copy()
    following[redialled] = brings[redialled]
    delays = np.array([each.seconds_after for each in model.redials] or [0], np.int64)
    next_start = terms.of(number[redialled], brings[redialled]).start
    base_after[redialled] = np.maximum(end[redialled] + delays[brings[redialled]], next_start)
    return Chain(rows, number, first, clear, known, redial, place, total, end, result, following, base_after)


def _behind(column: Integers, first: NDArray[np.bool_], begin: Integers | int) -> Integers:
    """[call]: the value of the call before it, or that with which its number begins."""
    found = np.empty_like(column)
    found[1:] = column[:-1]
    return np.where(first, begin, found)


def lives_of(chain: Chain, calls: LoggedCalls, book: Phonebook, terms: TermsOfList) -> Lives:
    """What the calls before each call of the log say of it."""

    def spread(column: Integers, missing: int) -> Integers:
        whole = np.full(len(calls.start), missing, column.dtype)
        whole[chain.rows] = column
        return whole

    since, base = _sinces_and_bases(chain, book, terms)
    known = np.zeros(len(calls.start), np.bool_)
    known[chain.rows] = chain.known
    return Lives(
        known=known,
        redial=spread(chain.redial, NONE),
        place=spread(chain.place, 0),
        total=spread(chain.total, 0),
        after=spread(_behind(chain.result, chain.first, NOT_KNOWN), NOT_KNOWN),
        since=spread(since, NEVER),
        base=spread(base, NEVER),
    )


def _sinces_and_bases(chain: Chain, book: Phonebook, terms: TermsOfList) -> tuple[Integers, Integers]:
    added, start = book.added[chain.number], terms.of(chain.number, chain.redial).start
    since = _behind(chain.end, chain.first, added)
    return since, _behind(chain.base_after, chain.first, np.maximum(added, start))


def ends_of(chain: Chain, calls: LoggedCalls, book: Phonebook) -> Ends:
    """How far the log tells each number's life."""
    lasts = _lasts(chain)
    number = chain.number[lasts]
    last, result = np.full(len(book), NOT_KNOWN), np.full(len(book), NOT_KNOWN)
    last[number], result[number] = chain.rows[lasts], chain.result[lasts]
    told = ~_blurred(calls, book)
    told[number] &= (chain.known & chain.clear)[lasts]
    return Ends(last, told, result)


def _lasts(chain: Chain) -> Integers:
    """The last call of each number, in the chain."""
    return np.flatnonzero(np.append(chain.first[1:], True)[: len(chain.first)])


def waits_of(chain: Chain, ends: Ends, calls: LoggedCalls, book: Phonebook, terms: TermsOfList, finish: int) -> Waits:
    """The waits of all numbers until the finish."""
    since, base = _sinces_and_bases(chain, book, terms)
    waited = np.flatnonzero(chain.known & (base < NEVER))
    silent = np.flatnonzero((ends.last == NOT_KNOWN) & ~_blurred(calls, book) & (book.added < finish))
    own_base = np.maximum(book.added[silent], terms.of(silent, np.full(len(silent), NONE)).start)
    lasts = _lasts(chain)
    may_go_on = (chain.base_after < NEVER) & chain.known & chain.clear & (chain.end < finish)
    goes_on = lasts[may_go_on[lasts]]
    nobody = np.full(len(silent), NOT_KNOWN)
    former = np.where(chain.first[waited], NOT_KNOWN, chain.rows[np.maximum(waited - 1, 0)])
    return Waits(
        number=np.concatenate((chain.number[waited], silent, chain.number[goes_on])),
        redial=np.concatenate((chain.redial[waited], nobody, chain.following[goes_on])),
        since=np.concatenate((since[waited], book.added[silent], chain.end[goes_on])),
        base=np.concatenate((base[waited], own_base, chain.base_after[goes_on])),
        call=np.concatenate((chain.rows[waited], nobody, np.full(len(goes_on), NOT_KNOWN))),
        behind=np.concatenate((former, nobody, chain.rows[goes_on])),
    )


def _blurred(calls: LoggedCalls, book: Phonebook) -> NDArray[np.bool_]:
    """[number]: whether calls to its phone may be its own, and the log does not say."""
    lost = np.unique(calls.code[(calls.number < 0) & ~calls.stranger])
    if not len(lost):
        return np.zeros(len(book), np.bool_)
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
    if keys is not None:
        found[(found == UNSAID) & (rules == 0)] = NONE
        drawn = np.flatnonzero(found == UNSAID)
        bits = np.empty(len(drawn), np.uint64)
        for attempt in np.unique(total[drawn]).tolist():
            same = np.flatnonzero(total[drawn] == attempt)
            bits[same] = draw(keys[calls.number[rows[drawn[same]]]], attempt, REDIAL) >> np.uint64(32)
        rule = (model.redial_thresholds[outcome[drawn]] <= bits[:, None]).sum(axis=1)
        found[drawn] = np.where(rule >= model.redial_thresholds.shape[1], NONE, rule)
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
