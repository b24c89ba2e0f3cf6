"""The compiled engine: it turns a rulebook into the kernel's arrays, and those into a record."""

import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numba.core import event
from numpy.typing import NDArray

from engine.calling.columns import distinct
from engine.calling.instants import DAY, HOUR, MINUTE, NEVER
from engine.calling.sorting import rows_by
from engine.customers.durations import TABLE_SIZE
from engine.customers.outcomes import OutcomeModel
from engine.dialing import checkpoints, kernel
from engine.dialing.caps import CapRule
from engine.dialing.closures import OPEN
from engine.dialing.compiling import tell_compiling
from engine.dialing.kept_calls import CallLog, KeptCalls
from engine.dialing.kernel.calls import COMPLETES, IS_TOO_SHORT, REACHES
from engine.dialing.kernel.plan import (
    AHEAD,
    ANSWERED,
    ATTEMPT_CLASSES,
    CAP_FIELDS,
    CAPS,
    CELL,
    CLASSES,
    CLOSES,
    CLOSING_FIRST,
    COUNTED,
    DATED,
    FAR,
    FIRST_DATE,
    FIRST_LOCAL_HOUR,
    FIRST_SECOND,
    FRESH_ROWS,
    HORIZON,
    KEEP_CALLS,
    LATER_ROWS,
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
    SHORT_CALL,
    START,
    STARTS,
    TERMS_EACH,
    TERMS_WORDS,
    TREE,
    Plan,
)
from engine.dialing.kernel.rows import count_fresh, rank_fresh, settle, write_others, write_rows
from engine.dialing.kernel.seconds import advance, is_kept
from engine.dialing.kernel.state import (
    ALLOWANCE,
    BATCH,
    BATCH_WORDS,
    BEGUN,
    BLOCK_BITS,
    CHUNK,
    CHUNKS,
    FREE_CHUNK,
    LATER,
    LOGGED,
    NOTHING,
    NOW,
    PILES,
    RECORD_WORDS,
    RING,
    STALE,
    State,
)
from engine.dialing.kernel.tournaments import LAST_KEY
from engine.dialing.kernel.waiting import count_list
from engine.dialing.pages import Pages
from engine.dialing.ready import make_ready
from engine.dialing.record import (
    ENDINGS,
    PRIORITIES,
    RESULT_WORDS,
    CallColumns,
    NumberColumns,
    QuarterColumns,
    Record,
    quarters_in,
    room_for,
)
from engine.dialing.rulebook import Rulebook
from engine.dialing.terms import TermsColumns
from engine.dialing.waits import REASONS, number_seconds
from engine.luck import GOLDEN, WORD, mixed
from engine.numbers.phonebook import Phonebook
from engine.scenario.campaign import WINDOW_CLOSING

Kind = TypeVar("Kind", bound=np.generic)
Column = TypeVar("Column", NDArray[np.int32], NDArray[np.int16])

BLOCK_ROWS = 1 << 20
"""Rows that are handled at a time, so that memory stays small."""
MOST_CALLS_A_STEP = 1_000_000
"""After so many calls the kernel returns, so that an interrupt need not wait."""
CALLS_A_BLOCK = 1 << 16
"""Logged calls that are handed on together: so few stay in the cache until they are."""
LINE = 64
"""Bytes of a line of the cache."""
FURTHEST = 1 << 60
FURTHEST_LOCAL = 20 * HOUR
"""No wall clock differs more from UTC than this."""


class _Compilations(event.Listener):
    """Tells of the kernel's functions as numba compiles them; none is where their machine code is kept."""

    _within = _done = 0

    def on_start(self, compilation: Any) -> None:
        self._tell(compilation, 1)

    def on_end(self, compilation: Any) -> None:
        self._tell(compilation, -1)

    def _tell(self, compilation: Any, deeper: int) -> None:
        if compilation.data["dispatcher"].__module__.startswith(f"{kernel.__name__}."):
            self._within += deeper
            self._done += deeper < 0
            tell_compiling(f"{self._done} functions" if self._within else "", is_kept=is_kept())


event.register("numba:compile", _Compilations())  # type: ignore[no-untyped-call]


class CompiledDialer:
    """Plays a campaign whose whole list is known."""

    def __init__(
        self,
        rulebook: Rulebook,
        phonebook: Phonebook,
        *,
        log: CallLog | None = None,
        count_waits: bool = False,
    ) -> None:
        if not is_kept():
            warnings.warn(
                "compiled code cannot be stored here, so it is compiled again, which takes a while", stacklevel=2
            )
        self._rulebook = rulebook
        self._log = log
        self._plan, spans = _plan(rulebook, phonebook, keep_calls=log is not None, count_waits=count_waits)
        self._results = Pages((len(phonebook) + 1) * RESULT_WORDS)
        self._state = _state(rulebook, self._plan, self._results.words, spans)
        # The kernel stops when a second has filled a block, and no second has more calls than lines.
        self._room = room_for(0 if log is None else CALLS_A_BLOCK + 1 + int(rulebook.lines.lines.max()))
        make_ready(self._plan, self._state, self._room)
        self._firsts = _ranked(self._plan, len(self._state.due))
        self._state.fresh_head[:] = self._state.fresh_tail[:] = self._firsts
        self._state.now[LATER] = self._plan.numbers[FRESH_ROWS]

    @property
    def now(self) -> int:
        """The first instant that has not been played, in Unix seconds."""
        return self._rulebook.start + int(self._state.now[NOW])

    @property
    def begun(self) -> int:
        """Calls begun so far."""
        return int(self._state.now[BEGUN])

    def run_until(self, until: int) -> None:
        """Play every instant before `until`, at most to the simulation's finish."""
        until = min(until, self._rulebook.finish) - self._rulebook.start
        while self._state.now[NOW] < until:
            if self._log is None:
                advance(until, MOST_CALLS_A_STEP, self._plan, self._state, self._room)
                continue
            room = CALLS_A_BLOCK - int(self._state.now[LOGGED])
            advance(until, room, self._plan, self._state, self._room)
            if self._state.now[LOGGED] >= CALLS_A_BLOCK:
                self._pass_log(self._log)

    def save(self, path: Path) -> None:
        """Write a checkpoint from which this scenario can go on at `now`, whole or not at all. Raises OSError."""
        if self._log is not None:
            self._pass_log(self._log)
        chunks = int(self._state.now[CHUNKS])
        used = {"pool": chunks * CHUNK * RECORD_WORDS, "next_chunk": chunks}
        checkpoints.save(path, self._plan, self._state, used, self._log or KeptCalls())

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of the same scenario; InputError if the file is not one."""
        checkpoints.restore(path, self._plan, self._state, self._log or KeptCalls())

    def _pass_log(self, log: CallLog) -> None:
        log.take(self._room.rows(slice(int(self._state.now[LOGGED]))))
        self._state.now[LOGGED] = 0

    def record(self) -> Record:
        """What happened, once the simulation has been played to its finish; then it can neither go on nor be saved."""
        rulebook, state = self._rulebook, self._state
        settle(self._plan, state)
        waits = self._waits() if self._plan.counts_waits[0] else None
        hours = np.flatnonzero(state.local_hours.any(axis=1))
        first = int(self._plan.numbers[FIRST_LOCAL_HOUR])
        rows, ended, ends = self._results_in_rows()
        return Record(
            numbers=NumberColumns(rows, rulebook.start),
            digest=(int(state.calls_hash[0]) + ends) & WORD,
            quarters=QuarterColumns(
                begun=state.begun,
                line_seconds=state.line_seconds,
                peak=state.peak,
                eligible=state.eligible,
                waiting=np.cumsum(state.waiting, axis=0),
                ended=ended,
            ),
            local_hours={first + hour: state.local_hours[hour].tolist() for hour in hours.tolist()},
            calls=self._calls(),
            waits=waits,
        )

    def _results_in_rows(self) -> tuple[NDArray[np.uint32], NDArray[np.int64], int]:
        """The results by row, the ends by [quarter, ending], and the part of the ends in the digest.

        Results need as much memory again by row, so what has been read of them is given back, and the calendar before.
        """
        self._state = self._state._replace(pool=np.zeros(0, np.uint64))
        plan, results = self._plan, self._results.words
        rows = np.empty(len(plan.policies) * RESULT_WORDS, np.uint32)
        ended = np.zeros((len(self._state.begun), len(ENDINGS)), np.int64)
        read, given, total = self._firsts.copy(), self._firsts.astype(np.int64) * RESULT_WORDS, 0
        for first in range(0, len(plan.policies), BLOCK_ROWS):
            until = min(first + BLOCK_ROWS, len(plan.policies))
            total += int(write_rows(plan, results, read, first, until, rows, ended))
            given = self._results.give_back(given, read.astype(np.int64) * RESULT_WORDS)
        total += int(write_others(plan, results, rows, ended))
        return rows.reshape(-1, RESULT_WORDS), ended, total & WORD

    def _waits(self) -> NDArray[np.int64]:
        counted = self._state._replace(
            wait_seconds=self._state.wait_seconds.copy(), wait_numbers=self._state.wait_numbers.copy()
        )
        count_list(self._plan, counted)
        return number_seconds(counted.wait_seconds, counted.wait_numbers, self._rulebook.start, self._rulebook.finish)

    def _calls(self) -> CallColumns | None:
        if self._log is None:
            return None
        self._pass_log(self._log)
        return self._log.columns()


def _plan(
    rulebook: Rulebook, phonebook: Phonebook, *, keep_calls: bool, count_waits: bool
) -> tuple[Plan, NDArray[np.int64]]:
    """The plan, and where the spans of each window class begin in it."""
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
        SHORT_CALL: rulebook.short_call,
        CLOSING_FIRST: rulebook.order == WINDOW_CLOSING,
        OUTCOMES: len(model.names),
        ANSWERED: model.answered,
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
        retries=model.retries,
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


def _terms(terms: TermsColumns, starts: NDArray[np.int64], closes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The terms as the kernel reads them."""
    cells = PRIORITIES * terms.window_class.astype(np.int64) + terms.priority - 1
    words = _in_lines(len(cells) * TERMS_WORDS, np.int64).reshape(-1, TERMS_WORDS)
    words[:, STARTS], words[:, CLOSES] = starts, closes
    words[:, RETRY] = terms.retry_seconds
    words[:, CELL] = cells << SERIES_BITS | terms.attempts
    return words.ravel()


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


def _dates_come_twice(rulebook: Rulebook, caps: Iterable[CapRule]) -> bool:
    """Whether a cap counts by dates and a clock goes back over midnight.

    A date on which it allows a call may then have gone when a line is free: it must be asked again.
    """
    changes = (pair for spans in rulebook.classes.spans for pair in pairwise(spans))
    return any(cap.days for cap in caps) and any(
        (before.end - 1 + before.offset) // DAY > (before.end + after.offset) // DAY for before, after in changes
    )


def _closures(rulebook: Rulebook) -> NDArray[np.int64]:
    """When it changes why window classes are closed, ascending; which class; and what closes it from then on."""
    every = rulebook.closures()
    since = np.concatenate([np.zeros(0, np.int64), *(each.since for each in every)]) - rulebook.start
    why = np.concatenate([np.zeros(0, np.int64), *(each.why for each in every)])
    classes = np.repeat(np.arange(len(every)), [len(each.since) for each in every])
    order = np.argsort(since, kind="stable")
    return np.stack([since[order], classes[order], why[order]])


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


def _ranked(plan: Plan, cells: int) -> NDArray[np.uint32]:
    """Put the rows in order; returns where the ranks of each cell begin.

    Where numbers may share a cap, all are scheduled as they are added, and a row is its rank.
    """
    counts, rows = np.zeros(cells, np.uint32), len(plan.policies)
    count_fresh(plan, counts)
    firsts, fresh = (np.cumsum(counts) - counts).astype(np.uint32), int(counts.sum())
    rank_fresh(plan, firsts.copy())
    if fresh < rows:
        later = np.zeros(0, np.uint32) if plan.numbers[SHARED] else _later(plan)
        never = np.ones(rows, np.bool_)
        never[plan.order[:fresh]] = False
        never[later] = False
        plan.numbers[LATER_ROWS] = len(later)
        plan.order[fresh:rows] = np.concatenate([later, np.flatnonzero(never)])
    plan.numbers[FRESH_ROWS] = fresh
    return firsts


def _later(plan: Plan) -> NDArray[np.uint32]:
    """The rows that fall due after they are added, by the second of it."""
    each, horizon = int(plan.numbers[TERMS_EACH]), int(plan.numbers[HORIZON])
    own = plan.terms.reshape(-1, TERMS_WORDS)[::each]
    starts = own[:, STARTS].copy()
    coming = (starts > plan.added.min()) & (starts < own[:, CLOSES]) & (starts < horizon)
    rows = []
    for first in range(0, len(plan.policies), BLOCK_ROWS):
        policies = plan.policies[first : first + BLOCK_ROWS]
        later = coming[policies]
        if len(plan.added) > 1:
            later &= starts[policies] > plan.added[first : first + BLOCK_ROWS]
        rows.append(np.flatnonzero(later).astype(np.uint32) + np.uint32(first))
    found = np.concatenate(rows)
    return found[rows_by(starts[plan.policies[found]])]


def _times(instants: NDArray[np.int64], start: int) -> NDArray[np.int64]:
    """Seconds since the start; instants that are too far away are moved nearer."""
    return np.clip(instants, -FURTHEST, FURTHEST) - start


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


def _seconds_since(start: int, added: NDArray[np.int64]) -> NDArray[np.int32]:
    one = added[:1] if len(added) and added[0] == added[-1] else added  # all are the same, for they ascend
    return (one - start).astype(np.int32)


def _in_place(column: NDArray[Kind]) -> NDArray[Kind]:
    """The column itself; or a copy where the machine cannot use it, as those that came from another process may be."""
    return np.require(column, requirements=["C", "A"])


def _in_lines(count: int, dtype: type[Kind]) -> NDArray[Kind]:
    """Memory that nothing was written to, from the beginning of a line of the cache on: few of its items lie in two."""
    size = count * np.dtype(dtype).itemsize
    memory = np.empty(size + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + size].view(dtype)


def _one_if_same(column: Column) -> Column:
    return column[:1].copy() if len(column) and (column == column[0]).all() else column


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


def _state(rulebook: Rulebook, plan: Plan, results: NDArray[np.uint32], spans: NDArray[np.int64]) -> State:
    numbers = plan.numbers
    horizon, rows = rulebook.finish - rulebook.start, int(numbers[ROWS])
    classes, tree = len(rulebook.classes), int(numbers[TREE])
    cells, outcomes = PRIORITIES * classes, len(rulebook.model.names)
    quarters = quarters_in(rulebook.start, rulebook.finish)
    waited = quarters * REASONS * PRIORITIES if plan.counts_waits[0] else 0
    seconds, blocks = int(numbers[FIRST_SECOND]), (horizon >> BLOCK_BITS) + 3
    queues = seconds + RING + blocks + PILES + (RING if numbers[SHARED] else 0)
    # One chunk in part for each queue, and one for each CHUNK numbers; as many again where all of them fall due in one
    # second, for its queue is set free when all have gone to their cells. Memory is taken only when a chunk is used.
    chunks = 2 * (rows // CHUNK) + min(rows, queues) + 1
    local_hours = (horizon + 2 * FURTHEST_LOCAL) // HOUR + 2
    now = np.zeros(STALE + 1, np.int64)
    now[FREE_CHUNK] = NOTHING
    now[ALLOWANCE] = numbers[MOST_ALLOWANCE]
    firsts = rulebook.classes.columns.firsts[:-1]
    keys, winners = _tournaments(tree, np.unique(rulebook.terms.columns.priority).tolist())
    return State(
        now=now,
        calls_hash=np.zeros(1, np.uint64),
        fresh_head=np.zeros(cells, np.uint32),
        fresh_tail=np.zeros(cells, np.uint32),
        queues=np.tile(np.array([NOTHING, 0, 0, 0], np.uint32), queues),
        pool=_in_lines(chunks * CHUNK * RECORD_WORDS, np.uint64),
        next_chunk=np.empty(chunks, np.uint32),
        freed=np.zeros(RING, np.int32),
        due=np.zeros(cells, np.int64),
        due_by_terms=np.zeros(len(plan.terms) // TERMS_WORDS, np.int64),
        eligible_now=np.zeros(PRIORITIES, np.int64),
        open_since=np.full(classes, FAR, np.int64),
        open_until=np.full(classes, FAR, np.int64),
        window=firsts.astype(np.int64),
        span=spans.copy(),
        hour_until=np.full(classes, -1, np.int64),
        hour=np.zeros(classes, np.int64),
        hour_of_week=np.zeros(classes, np.uint32),
        keys=keys,
        winners=winners,
        stale=np.zeros(cells, np.uint32),
        is_stale=np.zeros(cells, np.bool_),
        results=results,
        batch=np.zeros(BATCH * BATCH_WORDS, np.uint64),
        begun=np.zeros((quarters, outcomes), np.int64),
        line_seconds=np.zeros(quarters, np.int64),
        peak=np.zeros(quarters, np.int64),
        eligible=np.zeros((quarters, PRIORITIES), np.int64),
        waiting=np.zeros((quarters, PRIORITIES), np.int64),
        local_hours=np.zeros((local_hours, outcomes), np.int64),
        few_ends=np.zeros(8, np.int64),
        closed_by=np.full(classes, OPEN, np.int64),
        wait_seconds=np.zeros(waited, np.int64),
        wait_numbers=np.zeros(waited, np.int64),
        counted=np.zeros(numbers[COUNTED], np.uint32),
    )


def _tournaments(tree: int, priorities: list[int]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """The keys and winners of the priorities' tournaments before any class has entered.

    The memory of a priority that nobody has is not touched, but for the winner that it never gets.
    """
    keys = np.zeros((PRIORITIES, tree, 2), np.uint64)
    winners = np.zeros((PRIORITIES, tree * 2), np.uint32)
    keys[:, 0] = LAST_KEY
    nodes = np.arange(tree * 2)
    levels = np.frexp(nodes)[1]  # the bit lengths
    leftmost = (nodes << (tree.bit_length() - np.maximum(levels, 1))) - tree  # of the node's leaves
    for priority in priorities:
        keys[priority - 1] = LAST_KEY
        winners[priority - 1] = leftmost
    return keys.ravel(), winners.ravel()
