"""Planning: a rulebook and a list, made into the plan that the kernel plays."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.calling.columns import distinct
from engine.calling.instants import DAY, HOUR, MINUTE, NEVER
from engine.calling.sorting import rows_by
from engine.customers.durations import TABLE_SIZE
from engine.customers.outcomes import OutcomeModel
from engine.dialing.caps import CapRule
from engine.dialing.kernel.calls import COMPLETES, IS_TOO_SHORT, REACHES
from engine.dialing.kernel.plan import (
    AHEAD,
    ATTEMPT_CLASSES,
    CAP_FIELDS,
    CAPS,
    CELL,
    CLASSES,
    CLOSES,
    CLOSING_FIRST,
    COUNTED,
    DATED,
    FIRST_DATE,
    FIRST_LOCAL_HOUR,
    FIRST_SECOND,
    HORIZON,
    KEEP_CALLS,
    MOST_ALLOWANCE,
    MOST_ATTEMPTS,
    OUTCOMES,
    PACE,
    RARE_STEPS,
    REDIAL_RULES,
    RETRY,
    ROWS,
    SEED_WORD,
    SERIES_BITS,
    SHARED,
    START,
    STARTS,
    TERMS_EACH,
    TERMS_WORDS,
    TREE,
    Plan,
)
from engine.dialing.record import PRIORITIES
from engine.dialing.rulebook import Rulebook
from engine.dialing.terms import TermsColumns
from engine.luck import GOLDEN, WORD, mixed
from engine.numbers.phonebook import Phonebook
from engine.scenario.campaign import WINDOW_CLOSING

Kind = TypeVar("Kind", bound=np.generic)
Column = TypeVar("Column", NDArray[np.int32], NDArray[np.int16])

LINE = 64
"""Bytes of a line of the cache."""
FURTHEST = 1 << 60
FURTHEST_LOCAL = 20 * HOUR
"""No wall clock differs more from UTC than this."""


def plan_of(
    rulebook: Rulebook, phonebook: Phonebook, *, keep_calls: bool, count_waits: bool
) -> tuple[Plan, NDArray[np.int64]]:
    """The plan, but for the order of its rows (`beginning.ranked`); and where each window class's spans begin in it."""
    indices = rulebook.terms_of_all(phonebook.distinct)
    each = 1 + len(rulebook.model.redials)
    assert (indices == np.arange(len(indices)) * each).all()  # noqa: S101 (the kernel counts on it)
    start, model, windows = rulebook.start, rulebook.model, rulebook.classes.columns
    terms, policies = _terms_that_differ(rulebook, phonebook)
    closes = _times(terms.closes, start)
    dying = np.flatnonzero((closes > 0) & (closes < rulebook.finish - start))
    expiring = dying[rows_by(closes[dying])].astype(np.uint32)
    changes = _window_changes(rulebook)
    span_ends, span_offsets, first_spans = _spans(rulebook)
    classes = len(rulebook.classes)
    segments = rulebook.segments_of(phonebook)
    rules = _caps_that_can_hold(rulebook, phonebook)
    caps, cap_keys, counted = _caps(rules, phonebook)
    closures = _closures(rulebook) if count_waits else np.zeros((3, 0), np.int64)
    numbers = np.zeros(FIRST_SECOND + 1, np.int64)
    numbers[SEED_WORD] = np.uint64(mixed((rulebook.seed + GOLDEN) & WORD)).astype(np.int64)
    for index, value in {
        START: start,
        HORIZON: rulebook.finish - start,
        PACE: rulebook.pace,
        MOST_ALLOWANCE: rulebook.most_allowance,
        MOST_ATTEMPTS: rulebook.most_attempts,
        CLOSING_FIRST: rulebook.order == WINDOW_CLOSING,
        OUTCOMES: len(model.names),
        ATTEMPT_CLASSES: model.thresholds.shape[1],
        REDIAL_RULES: model.redial_thresholds.shape[1],
        TERMS_EACH: each,
        CLASSES: classes,
        TREE: max(1 << (classes - 1).bit_length(), 2),
        FIRST_LOCAL_HOUR: (start - FURTHEST_LOCAL) // HOUR,
        ROWS: len(phonebook),
        KEEP_CALLS: keep_calls,
        CAPS: len(rules),
        SHARED: len(cap_keys) > 0 or _dates_come_twice(rulebook, rules),
        FIRST_DATE: (start - FURTHEST_LOCAL) // DAY - 1,
        DATED: rulebook.dated_until - start,
        COUNTED: counted,
        FIRST_SECOND: 2 * PRIORITIES * classes + PRIORITIES,
    }.items():
        numbers[index] = value
    plan = Plan(
        numbers=numbers,
        order=np.zeros(len(phonebook) + AHEAD, np.uint32),
        identities=_in_place(phonebook.identities),
        policies=_in_place(policies).view(np.uint32),
        segments=_in_place(_one_if_same(segments)).view(np.uint16),
        policy_rows=np.zeros(len(terms.start) // each, np.uint32),
        added=_seconds_since(start, phonebook.added),
        terms=_terms(terms, _times(terms.start, start), closes),
        expiring=expiring,
        change_times=changes[0],
        change_classes=changes[1],
        window_starts=windows.starts,
        window_ends=windows.ends,
        span_ends=span_ends,
        span_offsets=span_offsets,
        line_times=rulebook.lines.instants - start,
        line_counts=rulebook.lines.lines.astype(np.int64),
        thresholds=model.thresholds.ravel(),
        calls=_table_of_calls(model, rulebook.short_call),
        quantiles=np.where(np.ptp(model.seconds, axis=-1).ravel() > 0, TABLE_SIZE - 1, 0).astype(np.uint32),
        retry_seconds=model.retry_seconds,
        redial_thresholds=model.redial_thresholds.ravel(),
        redial_first=model.first_redial,
        redial_after=np.array(rulebook.redial_after, np.int64),
        caps=caps,
        cap_counts=np.array([cap.counts for cap in rules], np.bool_).ravel(),
        cap_keys=cap_keys,
        counts_waits=np.array([count_waits]),
        closure_times=closures[0].astype(np.int32),
        closure_classes=closures[1].astype(np.uint32),
        closure_reasons=closures[2],
        rare=np.zeros(RARE_STEPS, np.int64),
    )
    return plan, first_spans


def _terms_that_differ(rulebook: Rulebook, phonebook: Phonebook) -> tuple[TermsColumns, NDArray[np.int32]]:
    """The terms of policies, and the policy of each row: one for many that differ in dates alone which decide nothing.

    That is so where all starts have passed, and no finish is so near that anything can fall due behind it.
    """
    listed, model = phonebook.distinct, rulebook.model
    if len(listed.undated) == len(listed) or not len(listed):
        return rulebook.terms.columns, phonebook.policies
    each = 1 + len(model.redials)
    terms = rulebook.terms.columns.some(slice(each * len(listed)))
    waits = [int(terms.retry_seconds.max()), *model.retry_seconds.tolist(), *rulebook.redial_after]
    waits += [max(cap.seconds, (cap.days + 3) * DAY) for cap in rulebook.caps]  # other clocks have other dates
    starts = np.maximum(terms.start, rulebook.start)
    latest = max(rulebook.finish, int(starts.max())) + max(waits) + DAY
    closes = np.where(terms.closes < latest, terms.closes, NEVER)
    codes = np.zeros(len(listed), np.int32)
    for level in range(each):
        if any((column[level::each] != column[level]).any() for column in (starts, closes)):
            return rulebook.terms.columns, phonebook.policies
        for column in (terms.window_class, terms.priority, terms.attempts, terms.retry_seconds // MINUTE):
            own = column[level::each]
            most = int(own.max()) + 1
            _, codes = distinct(codes * np.int64(most) + own, (int(codes.max()) + 1) * most)
    firsts, places = distinct(codes, int(codes.max()) + 1)
    rows = (firsts[:, np.newaxis] * each + np.arange(each)).ravel()
    return terms._replace(start=starts, closes=closes).some(rows), places[phonebook.policies]


def _terms(terms: TermsColumns, starts: NDArray[np.int64], closes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The terms as the kernel reads them."""
    cells = PRIORITIES * terms.window_class.astype(np.int64) + terms.priority - 1
    words = in_lines(len(cells) * TERMS_WORDS, np.int64).reshape(-1, TERMS_WORDS)
    words[:, STARTS], words[:, CLOSES] = starts, closes
    words[:, RETRY] = terms.retry_seconds
    words[:, CELL] = cells << SERIES_BITS | terms.attempts
    return words.ravel()


def _times(instants: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """Seconds since the start; instants that are too far away are moved nearer."""
    return np.clip(instants, -FURTHEST, FURTHEST) - start


def _table_of_calls(model: OutcomeModel, short_call: int) -> NDArray[np.uint32]:
    """The durations of calls, with what the calls come to."""
    answered = (np.arange(len(model.names)) == model.answered)[:, np.newaxis]
    too_short = answered & (model.seconds < short_call)
    completes = ~model.retries[:, np.newaxis] & ~too_short
    calls = model.seconds.copy()
    for bit, holds in (
        (COMPLETES, completes),
        (IS_TOO_SHORT, too_short),
        (REACHES, answered & ~too_short),
    ):
        calls[holds] |= np.uint32(int(bit) >> 32)
    return calls.ravel()


def _caps_that_can_hold(rulebook: Rulebook, phonebook: Phonebook) -> tuple[CapRule, ...]:
    """The caps of a campaign, but for those that allow each number all the calls that it can get."""
    if rulebook.model.redials or not rulebook.caps:
        return rulebook.caps
    most = min(int(rulebook.terms.columns.attempts.max(initial=0)), rulebook.most_attempts)
    alone = not phonebook.has_phones_twice
    return tuple(cap for cap in rulebook.caps if cap.at_most < most or cap.shared or not alone)


def _caps(rules: Sequence[CapRule], phonebook: Phonebook) -> tuple[NDArray[np.int64], NDArray[np.uint32], int]:
    """The caps and the keys of rows, as the plan has them, and how many words are counted in.

    There are no keys if each row has its caps for itself.
    """
    caps = np.zeros((len(rules), CAP_FIELDS), np.int64)
    keys: list[NDArray[np.uint32]] = []
    first = 0
    for shared in sorted({cap.shared for cap in rules}):
        own = [place for place, cap in enumerate(rules) if cap.shared == shared]
        if shared or phonebook.has_phones_twice:
            distinct, of_rows = np.unique(phonebook.shared_by(shared), return_inverse=True)
            keys.append(of_rows.astype(np.uint32))
            row, count = len(keys) - 1, len(distinct)
        else:
            row, count = -1, len(phonebook)
        width = sum(rules[place].at_most for place in own)
        before = first
        for place in own:
            cap = rules[place]
            caps[place] = cap.at_most, cap.seconds, cap.days, cap.exempts_redials, row, before, width
            before += cap.at_most
        first += count * width
    return caps, np.concatenate([np.zeros(0, np.uint32), *keys]), first


def _dates_come_twice(rulebook: Rulebook, caps: Iterable[CapRule]) -> bool:
    """Whether a cap counts by dates and a clock goes back over midnight.

    A date on which it allows a call may then have gone when a line is free: it must be asked again.
    """
    changes = (pair for spans in rulebook.classes.spans for pair in pairwise(spans))
    return any(cap.days for cap in caps) and any(
        (before.end - 1 + before.offset) // DAY > (before.end + after.offset) // DAY for before, after in changes
    )


def _window_changes(rulebook: Rulebook) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """The changes of windows during the simulation: when each occurs, ascending, and its window class."""
    windows = rulebook.classes.columns
    of_window = np.repeat(np.arange(len(rulebook.classes), dtype=np.uint32), np.diff(windows.firsts))
    times = np.empty(2 * len(of_window), np.int32)
    times[::2] = np.maximum(windows.starts, 0)
    times[1::2] = windows.ends
    during = np.flatnonzero(times < rulebook.finish - rulebook.start)
    changes = during[rows_by(times[during])]
    return times[changes], of_window[changes >> 1]


def _spans(rulebook: Rulebook) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The ends and offsets of the spans of one class after the other; and where those of each class begin."""
    zones = [
        (np.array([span.end for span in each], np.int64), np.array([span.offset for span in each], np.int64))
        for each in rulebook.classes.spans
    ]
    of_class = rulebook.classes.columns.zones
    counts = np.array([len(ends) for ends, _ in zones], np.int64)[of_class]
    firsts = np.cumsum(counts) - counts
    within = np.arange(counts.sum()) - np.repeat(firsts, counts)
    before = np.cumsum([0, *(len(ends) for ends, _ in zones)])
    source = within + np.repeat(before[of_class], counts)
    ends = np.concatenate([np.zeros(0, np.int64), *(ends for ends, _ in zones)])
    offsets = np.concatenate([np.zeros(0, np.int64), *(offsets for _, offsets in zones)])
    return ends[source], offsets[source], firsts


def _closures(rulebook: Rulebook) -> NDArray[np.int64]:
    """When it changes why window classes are closed, ascending; which class; and what closes it from then on."""
    every = rulebook.closures()
    since = np.concatenate([np.zeros(0, np.int64), *(each.since for each in every)]) - rulebook.start
    why = np.concatenate([np.zeros(0, np.int64), *(each.why for each in every)])
    classes = np.repeat(np.arange(len(every)), [len(each.since) for each in every])
    order = np.argsort(since, kind="stable")
    return np.stack([since[order], classes[order], why[order]])


def _seconds_since(start: int, added: NDArray[np.int64]) -> NDArray[np.int32]:
    one = added[:1] if len(added) and added[0] == added[-1] else added  # all are the same, for they ascend
    return (one - start).astype(np.int32)


def _one_if_same(column: Column) -> Column:
    return column[:1].copy() if len(column) and (column == column[0]).all() else column


def _in_place(column: NDArray[Kind]) -> NDArray[Kind]:
    """The column itself; or a copy where the machine cannot use it, as those that came from another process may be."""
    return np.require(column, requirements=["C", "A"])


def in_lines(count: int, dtype: type[Kind]) -> NDArray[Kind]:
    """Memory that nothing was written to, from the beginning of a line of the cache on: few of its items lie in two."""
    size = count * np.dtype(dtype).itemsize
    memory = np.empty(size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + size].view(dtype)
