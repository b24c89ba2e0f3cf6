"""The reference engine: the rules of the dialer, written to be read beside them.

Numbers that wait for a call are in the calendar until they fall due, and then in the sorted list of their window
class. Within a class, whatever its windows do, the order of section 5 is (priority, due, sequence). So only the first
number of each open class competes for a line. When a window opens or closes, one entry moves, and not the numbers
behind it. A call costs O(log n) in the numbers that wait.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sortedcontainers import SortedList

from engine.calling.instants import DAY, HOUR, NEVER
from engine.calling.windows import FIRST_MONDAY
from engine.customers.durations import TABLE_BITS
from engine.customers.outcomes import HOURS_A_WEEK
from engine.dialing.caps import CountedCalls
from engine.dialing.closures import OPEN
from engine.dialing.digest import call_hash, ends_hash
from engine.dialing.history import REDIALED, SERIES_ENDINGS, STOPPED, Further, History
from engine.dialing.record import (
    CANCELLED,
    COMPLETED,
    ENDED_CANCELLED,
    ENDED_IN_CALL,
    ENDED_PENDING,
    ENDINGS,
    EXHAUSTED,
    EXPIRED,
    HELD,
    HELD_ONCE,
    NEVER_CALLED,
    NO_INSTANT,
    NO_TIME,
    PRIORITIES,
    QUARTER,
    RESULT_WORDS,
    NumberColumns,
    QuarterColumns,
    Record,
    quarters_in,
)
from engine.dialing.rulebook import ONE_CALL, Rulebook
from engine.dialing.terms import Terms, WindowClass
from engine.dialing.waits import (
    BEFORE_START,
    ENDED_BEFORE,
    FOR_LINE,
    FOR_PACE,
    HELD_BY_CAP,
    IN_CALL,
    NOT_ADDED,
    RETRY_INTERVAL,
    WaitingCounts,
    of_the_list,
    why_not_called,
)
from engine.dialing.watch import Called, Watch
from engine.luck import CALL, REDIAL, WORD, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.scenario.campaign import WINDOW_CLOSING

FIRST_HOUR = FIRST_MONDAY // HOUR
NOT_CANCELLED = 0
_KEPT = {
    "identity": np.uint64, "policy": np.int32, "segment": np.int16, "added": np.int64, "due": np.int64,
    "left": np.int32, "sequence": np.int64, "attempts": np.int32, "redials": np.int32, "waiting": np.bool_,
    "cancelled": np.int8, "first_call": np.int64, "last_call": np.int64, "last_outcome": np.int16,
    "last_seconds": np.int32, "reached_at": np.int64, "ended_at": np.int64, "ending": np.int8, "held": np.int64,
}  # fmt: skip
"""What a snapshot keeps of each number; its row, key and terms follow."""
_COUNTS = (
    "now", "paused", "in_use", "begun", "finished", "talk_seconds", "called", "ended_uncalled", "reached", "ended",
    "_known", "_arrived", "_sequence", "_allowance", "_allowance_at", "_eligible", "_waiting", "_arriving",
    "_quarter_begun", "_quarter_line_seconds", "_quarter_peak", "_quarter_ended", "_quarter_eligible",
    "_quarter_waiting",
)  # fmt: skip
"""What a snapshot keeps of the engine as it stands: integers, and lists of integers."""


class Number(msgspec.Struct, eq=False, gc=False):
    """A number and its state; instants are Unix seconds, NO_INSTANT where there is none."""

    row: int
    identity: int
    key: int
    policy: int
    """The index in the rulebook of its own terms, which stay when a redial brings others."""
    segment: int
    added: int
    terms: Terms
    due: int
    left: int
    """Calls left in its series."""
    sequence: int = -1
    attempts: int = 0
    """Calls begun, over all its series."""
    redials: int = 0
    """Series that redials have begun."""
    waiting: bool = False
    cancelled: int = NOT_CANCELLED
    """CANCELLED by a user, STOPPED with the campaign, or NOT_CANCELLED."""
    first_call: int = NO_INSTANT
    last_call: int = NO_INSTANT
    last_outcome: int = 0
    last_seconds: int = 0
    reached_at: int = NO_INSTANT
    ended_at: int = NO_INSTANT
    ending: int = NEVER_CALLED
    """How it ended, if it has ended."""
    held: int = 0
    """HELD, if a cap raised the due of its last scheduling, and HELD_ONCE, if one ever did."""
    keys: tuple[int, ...] = ()
    """What it shares with others, as `Phonebook.shared_by` has it; empty without caps."""

    @property
    def in_call(self) -> bool:
        """Whether a call to it is in progress."""
        return self.attempts > 0 and not self.waiting and self.ended_at == NO_INSTANT

    @property
    def series_ending(self) -> int:
        """How its last series ended, as an index in SERIES_ENDINGS, if it has ended."""
        return self.cancelled if self.ending == CANCELLED else self.ending

    def result(self, start: int, now: int) -> tuple[int, int, int, int, int]:
        """What became of it before `now`, as the words of a record: what commands do at `now` is not yet in it."""
        instants = (self.first_call, self.last_call, self.reached_at)
        first, last, reached = (NO_TIME if instant == NO_INSTANT else instant - start for instant in instants)
        if not NO_INSTANT < self.ended_at < now:
            ended = ENDED_IN_CALL if self.in_call else ENDED_PENDING
        elif self.ending == CANCELLED:
            ended = ENDED_CANCELLED + (self.ended_at - start << 2)
        else:
            ended = self.ended_at - start << 2 | self.ending
        held = self.held if self.due >= min(self.terms.closes, now) else self.held & ~HELD
        return first, last, reached, ended, held | self.attempts << 8 | self.last_outcome


class OpenClass:
    """A window class at the present instant: whether it is open, and the numbers in it that are due."""

    __slots__ = (
        "due",
        "due_by_priority",
        "head",
        "offset",
        "offset_until",
        "open_since",
        "open_until",
        "spans",
        "window",
        "windows",
    )

    def __init__(self, windows: WindowClass) -> None:
        self.windows = windows
        self.window = 0
        """The index of the window that is open, else of the next one to open."""
        self.open_since = self.open_until = NEVER
        """The open window, not cut; NEVER while there is none."""
        self.due = SortedList()
        """Every number that is due, as (priority, due, sequence, number)."""
        self.due_by_priority = [0] * PRIORITIES
        self.head: tuple[int, int, int, int, int] | None = None
        """Its entry in the heads, the first numbers of all open classes."""
        self.spans = iter(windows.spans)
        self.offset_until = self.offset = 0

    @property
    def is_open(self) -> bool:
        """Whether calls may start now."""
        return self.open_since != NEVER

    def local(self, instant: int) -> int:
        """The wall-clock time as seconds since 1970-01-01 on that clock; instants must not go back."""
        while instant >= self.offset_until:
            span = next(self.spans)
            self.offset_until, self.offset = span.end, span.offset
        return instant + self.offset


class ReferenceDialer:
    """Plays a campaign instant by instant. It can be stepped; users give commands between the steps.

    All instants are Unix seconds. `now` is the first instant that has not been played. Commands take effect at `now`,
    before all else that happens in that second (rules 6).
    """

    def __init__(
        self, rulebook: Rulebook, *, keep_calls: bool = False, count_waits: bool = False, watch: Watch | None = None
    ) -> None:
        """`count_waits` and `watch` are for campaigns to which users do nothing but pause them."""
        self.now = rulebook.start
        self.numbers: list[Number] = []
        self.paused = False
        self.in_use = 0
        self._calls_hash = 0
        self._rulebook = rulebook
        self._closing_first = rulebook.order == WINDOW_CLOSING
        self.history = History() if keep_calls else None
        self._counted = CountedCalls(rulebook.caps) if rulebook.caps else None
        self._waits = WaitingCounts(rulebook.start, rulebook.finish) if count_waits else None
        self._watch = watch
        self._closures: list[tuple[int, int, int]] = []  # (instant, class, why it is closed from then on), latest first
        self._closed_by: list[int] = []  # [class]

        self._known = 0  # numbers whose addition has come: they are added before `now`, or at it
        self._arrived = 0  # numbers whose addition has been played
        self._brought: dict[int, tuple[int, int]] = {}  # [row]: the terms and delay of a redial that its call brings
        self._seen: tuple[list[int], list[int]] | None = None  # eligible and waiting before the commands at `now`
        self._calendar: list[tuple[int, int, Number]] = []  # heap of (due, sequence, number)
        self._expiries: list[tuple[int, int, Number]] = []  # heap of (closes, sequence, number)
        self._running: list[tuple[int, int, Number, int, int]] = []  # heap of (end, call, number, outcome, seconds)
        self._classes: list[OpenClass] = []
        self._changes: list[tuple[int, int]] = []  # heap of (instant, class) at which a window opens or closes
        self._heads = SortedList()  # of (priority, next allowed time or window end, due, sequence, class)

        self._sequence = 0
        self.begun = 0
        self.finished = [0] * len(rulebook.model.names)
        """Calls that have ended, by outcome."""
        self.talk_seconds = 0
        """How long the answered calls that have ended were."""
        self.called = 0
        """Numbers that have been called."""
        self.ended_uncalled = 0
        """Numbers that have ended and were never called."""
        self.reached = 0
        """Numbers whose first answered call that was not too short has ended."""
        self.ended = [0] * len(SERIES_ENDINGS)
        """Numbers that have ended, by how their last series did."""
        self._lines = 0
        self._line_changes = list(zip(rulebook.lines.instants.tolist(), rulebook.lines.lines.tolist(), strict=True))[
            ::-1
        ]
        self._most_allowance = rulebook.most_allowance
        self._allowance = self._most_allowance
        self._allowance_at = rulebook.start

        model = rulebook.model
        self._thresholds = model.thresholds.tolist()
        self._last_attempt = model.thresholds.shape[1] - 1
        self._seconds = model.seconds.tolist()
        self._redial_thresholds = model.redial_thresholds.tolist()
        self._retries = model.retries.tolist()
        self._retry_seconds = model.retry_seconds.tolist()
        self._first_redial = model.first_redial.tolist()

        self._local_hours: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(model.names))
        quarters = quarters_in(rulebook.start, rulebook.finish)
        self._first_quarter = rulebook.start // QUARTER
        self._quarter_begun = [[0] * len(model.names) for _ in range(quarters)]
        self._quarter_line_seconds = [0] * quarters
        self._quarter_peak = [0] * quarters
        self._quarter_ended = [[0] * len(ENDINGS) for _ in range(quarters)]
        self._quarter_eligible = [[0] * PRIORITIES for _ in range(quarters)]
        self._quarter_waiting = [[0] * PRIORITIES for _ in range(quarters)]
        self._eligible = [0] * PRIORITIES
        self._waiting = [0] * PRIORITIES
        self._arriving = [0] * PRIORITIES  # numbers that are added at `now` and have not ended

    # For the user of the engine

    def add(self, phonebook: Phonebook) -> range:
        """Add numbers, each at its `added` instant; returns their rows.

        ValueError if one is added before `now`, or before the last number that is there.
        """
        first = len(self.numbers)
        keys = luck_key(self._rulebook.seed, phonebook.identities).tolist()
        policies = self._rulebook.terms_of_all(phonebook.distinct).tolist()
        self._learn_classes()
        if (self._waits is not None or self._watch is not None) and not first:
            self._learn_closures()
        segments = self._rulebook.segments_of(phonebook).tolist()
        shared = (phonebook.shared_by(place).tolist() for place in range(1 + phonebook.shared.shape[1]))
        rows = zip(
            phonebook.identities.tolist(),
            keys,
            phonebook.policies.tolist(),
            segments,
            phonebook.added.tolist(),
            zip(*shared, strict=True) if self._counted else repeat((), len(phonebook)),
            strict=True,
        )
        since = max(self.now, self.numbers[-1].added if self.numbers else self.now)
        for row, (identity, key, policy, segment, added, shares) in enumerate(rows, first):
            if added < since:
                raise ValueError(f"{added} is before {since}: numbers cannot be added in the past")
            own = policies[policy]
            terms = self._rulebook.terms[own]
            due = max(terms.start, added)
            number = Number(row, identity, key, own, segment, added, terms, due, terms.attempts, keys=shares)
            self.numbers.append(number)
        self._come_to_know(self.now)
        return range(first, len(self.numbers))

    def cancel(self, rows: Iterable[int]) -> list[int]:
        """Call these numbers no more; calls in progress finish. Returns the rows that had not ended."""
        cancelled: list[int] = []
        for row in rows if self.now < self._rulebook.finish else ():
            number = self.numbers[row]
            if number.cancelled or number.ended_at != NO_INSTANT:
                continue
            number.cancelled = CANCELLED
            cancelled.append(row)
            if number.waiting:
                self._keep_what_was_seen()
                self._withdraw(number)
                self._end(number, CANCELLED, self.now)
            elif self._arrived <= row < self._known:
                self._arriving[number.terms.priority - 1] -= 1
                self._end(number, CANCELLED, self.now)
        return cancelled

    def stop(self) -> None:
        """Cancel every number that has not ended; O(n)."""
        self._keep_what_was_seen()
        for window_class in self._classes:
            window_class.due.clear()
            window_class.due_by_priority = [0] * PRIORITIES
            window_class.head = None
        for queue in (self._heads, self._calendar, self._expiries):
            queue.clear()
        self._eligible, self._waiting, self._arriving = ([0] * PRIORITIES for _ in range(3))
        for number in self.numbers:
            if number.cancelled or number.ended_at != NO_INSTANT:
                continue
            number.cancelled = STOPPED
            if number.row < self._known and not number.in_call:
                number.waiting = False
                self._end(number, CANCELLED, self.now)

    def redial(self, row: int, terms: int, after: int) -> None:
        """Let the running or the last call of a number bring a redial with these terms (rules 6).

        `terms` is an index in the rulebook, `after` the seconds from the end of the call. The number must have had a
        call, must not be cancelled, and must have calls left of the campaign's `maxTotalAttempts` if none is running.
        """
        self._learn_classes()
        number = self.numbers[row]
        if number.in_call:
            self._brought[row] = terms, after
            return
        self._keep_what_was_seen()
        if number.waiting:
            self._withdraw(number)
            former = self.now, REDIALED
        else:
            former = number.ended_at, number.series_ending
            self._quarter_ended[number.ended_at // QUARTER - self._first_quarter][number.ending] -= 1
            self.ended[number.series_ending] -= 1
            number.ended_at, number.ending = NO_INSTANT, NEVER_CALLED
        due = max(self.now, number.last_call + number.last_seconds + after)
        self._begin_series(number, terms, due, self.now, former)

    @property
    def eligible(self) -> list[int]:
        """Numbers that a free line could call, by priority."""
        return self._eligible.copy()

    @property
    def waiting(self) -> list[int]:
        """Numbers that wait for a call, eligible or not, by priority."""
        return [sum(both) for both in zip(self._waiting, self._arriving, strict=True)]

    def pause(self) -> None:
        """Begin no calls until `resume`; calls in progress end, and time, windows and retries go on."""
        self.paused = True

    def resume(self) -> None:
        """Begin calls again."""
        self.paused = False

    def run_until(self, until: int) -> None:
        """Play every instant before `until`, at most to the simulation's finish."""
        until = min(until, self._rulebook.finish)
        while self.now < until:
            self._play(self.now)
            following = min(self.next_instant(), until)
            self._observe(self.now, following)
            self.now = following

    def next_instant(self) -> int:
        """The first instant from `now` on at which anything can happen; NEVER if nothing ever will."""
        self._forget_stale(self._calendar)
        self._forget_stale(self._expiries)
        soonest = self.numbers[self._arrived].added if self._arrived < len(self.numbers) else NEVER
        for heap in (self._running, self._changes, self._expiries, self._calendar):
            if heap and heap[0][0] < soonest:
                soonest = heap[0][0]
        if self._line_changes:
            soonest = min(soonest, self._line_changes[-1][0])
        if self._closures:
            soonest = min(soonest, self._closures[-1][0])
        if self._heads and self.in_use < self._lines and not self.paused:  # pacing may hold calls back
            pace = self._rulebook.pace
            soonest = min(soonest, self._allowance_at - (self._allowance - ONE_CALL) // pace if pace else self.now)
        return max(soonest, self.now)

    def _forget_stale(self, queue: list[tuple[int, int, Number]]) -> None:
        """Drop from the front of a heap what is no more: entries of numbers that were called, ended or redialled."""
        while queue and not (queue[0][2].waiting and queue[0][2].sequence == queue[0][1]):
            heappop(queue)

    def record(self) -> Record:
        """What has happened in `[start, now)`: the record of a simulation that finishes at `now`."""
        words = np.array([number.result(self._rulebook.start, self.now) for number in self.numbers], np.uint32)
        numbers = NumberColumns(words.reshape(-1, RESULT_WORDS), self._rulebook.start)
        identities = np.array([number.identity for number in self.numbers], np.uint64)
        seen = slice(quarters_in(self._rulebook.start, self.now) if self.now > self._rulebook.start else 0)
        eligible = np.array(self._quarter_eligible[seen]).reshape(-1, PRIORITIES)
        waiting = np.array(self._quarter_waiting[seen]).reshape(-1, PRIORITIES)
        ended = np.array(self._quarter_ended[seen], np.int64).reshape(-1, len(ENDINGS))
        if self.now % QUARTER and len(eligible):
            eligible[-1], waiting[-1] = self._seen or (self._eligible, self._waiting)
            at_once = [number.ending for number in self.numbers if number.ended_at == self.now]
            ended[-1] -= np.bincount(np.array(at_once, np.int64), minlength=len(ENDINGS))
        return Record(
            digest=(self._calls_hash + ends_hash(identities, numbers)) & WORD,
            numbers=numbers,
            quarters=QuarterColumns(
                begun=np.array(self._quarter_begun[seen], np.int64).reshape(-1, len(self._retries)),
                line_seconds=np.array(self._quarter_line_seconds[seen], np.int64),
                peak=np.array(self._quarter_peak[seen], np.int64),
                eligible=eligible,
                waiting=waiting,
                ended=ended,
            ),
            local_hours={hour: counts.copy() for hour, counts in self._local_hours.items()},
            calls=self.history.call_columns(self._rulebook.start) if self.history is not None else None,
            waits=None if self._waits is None else self._waits.columns() + self._waits_of_the_list(numbers),
        )

    def _waits_of_the_list(self, columns: NumberColumns) -> NDArray[np.int64]:
        added = np.array([number.added for number in self.numbers], np.int64)
        own = np.array([number.policy for number in self.numbers], np.int64)
        priorities = self._rulebook.terms.columns.priority[own]
        return of_the_list(added, priorities, columns, self._rulebook.start, self._rulebook.finish)

    # An instant, in the order of section 6

    def _play(self, instant: int) -> None:
        self._seen = None
        if self._known < len(self.numbers):
            self._come_to_know(instant)
        while self._running and self._running[0][0] == instant:
            _, _, number, outcome, seconds = heappop(self._running)
            self._end_call(number, outcome, seconds, instant)
        while self._changes and self._changes[0][0] <= instant:
            self._open_or_close(heappop(self._changes)[1], instant)
        while self._closures and self._closures[-1][0] <= instant:
            self._close_by(*self._closures.pop())
        while self._expiries and self._expiries[0][0] <= instant:
            _, sequence, number = heappop(self._expiries)
            if number.waiting and number.sequence == sequence:
                self._withdraw(number)
                self._end(number, EXPIRED, instant)
        while self._line_changes and self._line_changes[-1][0] <= instant:
            self._lines = self._line_changes.pop()[1]
        while self._arrived < self._known:
            self._add_number(self.numbers[self._arrived], instant)
            self._arrived += 1
        while self._calendar and self._calendar[0][0] <= instant:
            _, sequence, number = heappop(self._calendar)
            if number.waiting and number.sequence == sequence:
                self._fall_due(number)
        while self._heads and self.in_use < self._lines and not self.paused and self._may_begin(instant):
            self._begin_call(instant)

    def _come_to_know(self, instant: int) -> None:
        """Let the numbers that are added until an instant be known; they arrive when it is played."""
        first = self._known
        while self._known < len(self.numbers) and self.numbers[self._known].added <= instant:
            self._arriving[self.numbers[self._known].terms.priority - 1] += 1
            self._known += 1
        if self.history is not None and first < self._known:
            self.history.add([number.added for number in self.numbers[first : self._known]])

    def _keep_what_was_seen(self) -> None:
        """Keep for the record what commands at `now` change: it tells what was before."""
        self._seen = self._seen or (self._eligible.copy(), self._waiting.copy())

    # Who is waiting (rules 5)

    def _learn_classes(self) -> None:
        for index in range(len(self._classes), len(self._rulebook.classes)):
            self._add_class(self._rulebook.classes[index])

    def _learn_closures(self) -> None:
        every = self._rulebook.closures()
        self._closed_by = [OPEN] * len(every)
        self._closures = sorted(
            (
                (since, index, why)
                for index, each in enumerate(every)
                for since, why in zip(each.since.tolist(), each.why.tolist(), strict=True)
            ),
            reverse=True,
        )

    def _add_class(self, windows: WindowClass) -> None:
        window_class = OpenClass(windows)
        window_class.window = bisect_right(windows.ends, self.now)
        if window_class.window < len(windows.ends):
            heappush(self._changes, (max(windows.starts[window_class.window], self.now), len(self._classes)))
        self._classes.append(window_class)

    def _add_number(self, number: Number, instant: int) -> None:
        if number.ended_at != NO_INSTANT:  # a user cancelled it in this second
            return
        self._arriving[number.terms.priority - 1] -= 1
        if number.cancelled:
            self._end(number, CANCELLED, instant)
        else:
            self._schedule(number, number.due, instant)

    def _schedule(self, number: Number, due: int, instant: int) -> None:
        number.due = self._allowed_by_caps(number, due) if due < number.terms.closes else due
        number.held = HELD | HELD_ONCE if number.due > due else number.held & ~HELD
        if number.due >= number.terms.closes != NEVER:  # no open second is left before its finishDateTime
            self._end(number, EXPIRED, instant)
            return
        if self._waits is not None:
            priority, reason = number.terms.priority, self._reason_until_due(number)
            for why, since, until in ((reason, instant, due), (HELD_BY_CAP, due, number.due)):
                self._waits.enter(why, priority, since)
                self._waits.enter(why, priority, until, -1)
        if self._watch is not None and number.row in self._watch.lives:
            self._watch.held[number.row] = due, self._caps_that_forbid(number, number.due - 1)
        number.sequence = self._sequence
        self._sequence += 1
        number.waiting = True
        self._waiting[number.terms.priority - 1] += 1
        heappush(self._calendar, (number.due, number.sequence, number))
        if number.terms.closes < self._rulebook.finish:
            heappush(self._expiries, (number.terms.closes, number.sequence, number))

    def _reason_until_due(self, number: Number) -> int:
        """What a number waits for that is scheduled: its start, or that of its redial, or its retry interval."""
        return BEFORE_START if number.left == number.terms.attempts else RETRY_INTERVAL

    def _allowed_by_caps(self, number: Number, due: int) -> int:
        """The first instant from `due` on at which no cap forbids a call to the number, by the calls so far."""
        if self._counted is None:
            return due
        windows = self._classes[number.terms.window_class].windows
        return self._counted.allowed(number.keys, due, windows, redialled=number.redials > 0)

    def _caps_that_forbid(self, number: Number, instant: int) -> tuple[int, ...]:
        if self._counted is None:
            return ()
        windows = self._classes[number.terms.window_class].windows
        return self._counted.forbidding(number.keys, instant, windows, redialled=number.redials > 0)

    def _fall_due(self, number: Number) -> None:
        terms = number.terms
        window_class = self._classes[terms.window_class]
        window_class.due.add((terms.priority, number.due, number.sequence, number))
        window_class.due_by_priority[terms.priority - 1] += 1
        if window_class.is_open:
            self._eligible[terms.priority - 1] += 1
            if window_class.due[0][3] is number:
                self._renew_head(terms.window_class)
        elif self._waits is not None:
            self._enter(self._closed_by[terms.window_class], terms.priority, number.due)

    def _withdraw(self, number: Number) -> None:
        """Let a number no longer wait; its entries in the heaps are skipped when they come up."""
        terms = number.terms
        number.waiting = False
        self._waiting[terms.priority - 1] -= 1
        window_class = self._classes[terms.window_class]
        entry = (terms.priority, number.due, number.sequence, number)
        if entry in window_class.due:
            was_head = window_class.due[0][3] is number
            window_class.due.remove(entry)
            window_class.due_by_priority[terms.priority - 1] -= 1
            if window_class.is_open:
                self._eligible[terms.priority - 1] -= 1
                if was_head:
                    self._renew_head(terms.window_class)
            elif self._waits is not None:
                self._enter(self._closed_by[terms.window_class], terms.priority, self.now, -1)

    def _open_or_close(self, class_index: int, instant: int) -> None:
        window_class = self._classes[class_index]
        windows = window_class.windows
        if window_class.is_open:
            window_class.open_since = window_class.open_until = NEVER
            window_class.window += 1
            sign = -1
            following = windows.starts[window_class.window] if window_class.window < len(windows.starts) else NEVER
        else:
            window_class.open_since = windows.starts[window_class.window]
            window_class.open_until = following = windows.ends[window_class.window]
            sign = 1
        for index, count in enumerate(window_class.due_by_priority):
            self._eligible[index] += sign * count
        if following < self._rulebook.finish:
            heappush(self._changes, (max(following, instant), class_index))
        self._renew_head(class_index)

    def _close_by(self, instant: int, class_index: int, why: int) -> None:
        """Let numbers that are due wait for what closes their class from now on."""
        for priority, count in enumerate(self._classes[class_index].due_by_priority, 1):
            self._enter(self._closed_by[class_index], priority, instant, -count)
            self._enter(why, priority, instant, count)
        self._closed_by[class_index] = why

    def _enter(self, reason: int, priority: int, instant: int, numbers: int = 1) -> None:
        """Count how long numbers wait, if that is asked for; what holds back all that are eligible is counted later."""
        if self._waits is not None and reason != OPEN:
            self._waits.enter(reason, priority, instant, numbers)

    def _renew_head(self, class_index: int) -> None:
        """Put the first number of the class, if this is open, among the heads, in the order of section 5."""
        window_class = self._classes[class_index]
        if window_class.head is not None:
            self._heads.remove(window_class.head)
            window_class.head = None
        if window_class.is_open and window_class.due:
            priority, due, sequence, _ = window_class.due[0]
            second = window_class.open_until if self._closing_first else max(due, window_class.open_since)
            window_class.head = (priority, second, due, sequence, class_index)
            self._heads.add(window_class.head)

    # A call and what follows (rules 6)

    def _may_begin(self, instant: int) -> bool:
        pace = self._rulebook.pace
        if not pace:
            return True
        if instant > self._allowance_at:
            self._allowance = min(self._allowance + pace * (instant - self._allowance_at), self._most_allowance)
            self._allowance_at = instant
        return self._allowance >= ONE_CALL

    def _begin_call(self, instant: int) -> None:
        class_index = self._heads[0][4]
        window_class = self._classes[class_index]
        number = window_class.due[0][3]
        if self._allowed_by_caps(number, instant) > instant:  # another number that shares a cap was called since
            self._withdraw(number)
            self._schedule(number, instant, instant)
            return
        priority, _, _, number = window_class.due.pop(0)
        if self._watch is not None:
            self._watch.called.append(Called(number.row, priority, max(number.due, window_class.open_since)))
        self._renew_head(class_index)
        window_class.due_by_priority[priority - 1] -= 1
        self._eligible[priority - 1] -= 1
        self._waiting[priority - 1] -= 1
        self._allowance -= ONE_CALL
        self.in_use += 1

        number.waiting = False
        number.held &= ~HELD
        number.left -= 1
        number.attempts += 1
        number.last_call = instant
        if number.attempts == 1:
            number.first_call = instant
            self.called += 1
        local = window_class.local(instant)
        local_hour = local // HOUR
        outcome, seconds = self._luck(number, (local_hour - FIRST_HOUR) % HOURS_A_WEEK)
        if self._counted is not None:
            self._counted.count(number.keys, instant, local // DAY, outcome, redialled=number.redials > 0)
        number.last_outcome, number.last_seconds = outcome, seconds
        if (
            number.reached_at == NO_INSTANT
            and outcome == self._rulebook.model.answered
            and seconds >= self._rulebook.short_call
        ):
            number.reached_at = instant
        heappush(self._running, (instant + seconds, self.begun, number, outcome, seconds))

        self._enter(IN_CALL, priority, instant)
        self._enter(IN_CALL, priority, instant + seconds, -1)
        self.begun += 1
        self._calls_hash += call_hash(number.identity, number.attempts, instant, seconds, outcome)
        self._quarter_begun[instant // QUARTER - self._first_quarter][outcome] += 1
        self._local_hours[local_hour][outcome] += 1
        if self.history is not None:
            self.history.begin_call(number.row, number.attempts, instant, seconds, outcome)

    def _luck(self, number: Number, hour_of_week: int) -> tuple[int, int]:
        """The outcome and the seconds of the number's present attempt (rules 7)."""
        bits = draw(number.key, number.attempts, CALL)
        by_hour = self._thresholds[number.segment][min(number.attempts - 1, self._last_attempt)]
        outcome = bisect_right(by_hour[hour_of_week], bits >> 32)
        return outcome, self._seconds[number.segment][outcome][(bits & 0xFFFF_FFFF) >> (32 - TABLE_BITS)]

    def _redial(self, number: Number, outcome: int) -> tuple[int, int] | None:
        """The terms of the redial that the call brings by luck, if any, and the seconds until it may be due."""
        thresholds = self._redial_thresholds[outcome]
        if not thresholds:
            return None
        rule = bisect_right(thresholds, draw(number.key, number.attempts, REDIAL) >> 32)
        if rule == len(thresholds):
            return None
        redial = self._first_redial[outcome] + rule
        return number.policy + 1 + redial, self._rulebook.redial_after[redial]

    def _end_call(self, number: Number, outcome: int, seconds: int, instant: int) -> None:
        self.in_use -= 1  # 1.
        self.finished[outcome] += 1
        if outcome == self._rulebook.model.answered:
            self.talk_seconds += seconds
        self.reached += number.reached_at == number.last_call
        too_short = outcome == self._rulebook.model.answered and seconds < self._rulebook.short_call
        redial = self._brought.pop(number.row, None) if self._brought else None
        if redial is None and not too_short:
            redial = self._redial(number, outcome)
        calls_left = number.attempts < self._rulebook.most_attempts
        if redial is None and not too_short and not self._retries[outcome]:  # 3.
            self._end(number, COMPLETED, instant)
        elif number.cancelled:
            self._end(number, CANCELLED, instant)
        elif redial is not None and calls_left:  # 2.
            terms, after = redial
            self._begin_series(number, terms, instant + after, instant, (instant, REDIALED))
        elif redial is None and calls_left and number.left:  # 4.
            self._schedule(number, instant + (self._retry_seconds[outcome] or number.terms.retry_seconds), instant)
        else:  # 5.
            self._end(number, EXHAUSTED, instant)

    def _begin_series(self, number: Number, terms: int, due: int, instant: int, former: tuple[int, int]) -> None:
        """Begin a series that a redial brings; `former` is the end of the series before it, and its ending."""
        if self.history is not None:
            if former[1] == REDIALED:
                self.history.end_series(number.row, number.redials, instant, REDIALED)
            self.history.begin_series(Further(number.row, number.redials + 1, instant, number.attempts, *former))
        number.terms = self._rulebook.terms[terms]
        number.left = number.terms.attempts
        number.redials += 1
        self._schedule(number, max(due, number.terms.start), instant)

    def _end(self, number: Number, ending: int, instant: int) -> None:
        number.ended_at, number.ending = instant, ending
        self._quarter_ended[instant // QUARTER - self._first_quarter][ending] += 1
        self.ended[number.series_ending] += 1
        self.ended_uncalled += not number.attempts
        if self.history is not None:
            self.history.end_series(number.row, number.redials, instant, number.series_ending)

    # The timeline

    def _observe(self, start: int, end: int) -> None:
        """Count `[start, end)` for the timeline; nothing happens in it after its first instant."""
        if self._watch is not None:
            self._look_at_the_watched(self._watch, start, end)
        while start < end:
            quarter = start // QUARTER - self._first_quarter
            edge = (start // QUARTER + 1) * QUARTER
            until = min(edge, end)
            self._quarter_line_seconds[quarter] += self.in_use * (until - start)
            self._quarter_peak[quarter] = max(self._quarter_peak[quarter], self.in_use)
            if self._waits is not None:
                reason = why_not_called(self._lines, self.in_use, paused=self.paused)
                for priority, count in enumerate(self._eligible, 1):
                    self._waits.spend(reason, priority, start, until, count)
            if until in (edge, self._rulebook.finish):
                self._quarter_eligible[quarter] = self._eligible.copy()
                self._quarter_waiting[quarter] = self._waiting.copy()
            start = until

    # What a few numbers do (rules 6)

    def _look_at_the_watched(self, watch: Watch, start: int, end: int) -> None:
        for row in watch.lives:
            number = self.numbers[row]
            held_from = watch.held[row][0] if number.waiting else end
            if start < held_from < min(end, number.due):
                self._look_at(watch, number, start, held_from)
                self._look_at(watch, number, held_from, end)
            else:
                self._look_at(watch, number, start, end)
        watch.called.clear()

    def _look_at(self, watch: Watch, number: Number, start: int, end: int) -> None:
        is_outside = number.row >= self._arrived or number.ended_at != NO_INSTANT
        priority = self._rulebook.terms[number.policy].priority if is_outside else number.terms.priority
        reason = self._does(number, start, watch.held.get(number.row, (start,))[0])
        stretch, is_new = watch.lived(number.row, reason, start, end, priority, number.attempts)
        if reason in (FOR_LINE, FOR_PACE):
            if is_new:
                stretch.ahead = self._count_ahead(number)
            stretch.called += len(watch.called)
            stretch.last_called = watch.called[-1] if watch.called else stretch.last_called
        elif reason == IN_CALL:
            stretch.outcome, stretch.seconds = number.last_outcome, number.last_seconds
        elif reason == ENDED_BEFORE:
            stretch.ending = number.ending

    def _does(self, number: Number, instant: int, held_from: int) -> int:
        """What a number does or waits for from an instant on, once the calls of that second have begun."""
        if number.ended_at != NO_INSTANT:
            return ENDED_BEFORE
        if not number.waiting:
            return IN_CALL if number.row < self._arrived else NOT_ADDED
        if instant < number.due:
            return self._reason_until_due(number) if instant < held_from else HELD_BY_CAP
        if not self._classes[number.terms.window_class].is_open:
            return self._closed_by[number.terms.window_class]
        return why_not_called(self._lines, self.in_use, paused=self.paused)

    def _count_ahead(self, number: Number) -> int:
        """How many eligible numbers come before one in the order of section 5; O(classes x log² n)."""

        def key(window_class: OpenClass, due: int, sequence: int) -> tuple[int, int, int]:
            second = window_class.open_until if self._closing_first else max(due, window_class.open_since)
            return second, due, sequence

        priority, ahead = number.terms.priority, 0
        own = key(self._classes[number.terms.window_class], number.due, number.sequence)
        for window_class in self._classes:
            if window_class.is_open:
                entries = window_class.due
                same = range(entries.bisect_left((priority,)), entries.bisect_left((priority + 1,)))
                ahead += same.start + bisect_left(
                    same, True, key=lambda place: key(window_class, *entries[place][1:3]) >= own
                )
        return ahead

    # Snapshots

    def columns(self) -> dict[str, NDArray[Any]]:
        """The whole state but the history, as arrays that change no more; O(n)."""
        terms_index = {id(terms): index for index, terms in enumerate(self._rulebook.terms)}
        columns: dict[str, NDArray[Any]] = {
            name: np.fromiter(map(attrgetter(name), self.numbers), dtype, len(self.numbers))
            for name, dtype in _KEPT.items()
        }
        columns["terms"] = np.fromiter((terms_index[id(number.terms)] for number in self.numbers), np.int32)
        columns |= {name: np.array(getattr(self, name), np.int64) for name in _COUNTS}
        columns["_calls_hash"] = np.array(self._calls_hash & WORD, np.uint64)
        columns["_seen"] = np.array(self._seen or (), np.int64)
        running = [(end, call, number.row, outcome, seconds) for end, call, number, outcome, seconds in self._running]
        columns["_running"] = np.array(sorted(running), np.int64).reshape(-1, 5)
        columns["_brought"] = np.array([(row, *redial) for row, redial in self._brought.items()], np.int64)
        columns["_classes"] = np.array([(each.window, each.is_open) for each in self._classes], np.int64).reshape(-1, 2)
        if self._counted is not None:
            columns["keys"] = np.array([number.keys for number in self.numbers], np.uint64)
            columns |= {f"counted.{name}": column for name, column in self._counted.columns().items()}
        columns["_local_hours"] = np.array([[hour, *counts] for hour, counts in self._local_hours.items()], np.int64)
        return columns

    def put_back(self, columns: dict[str, NDArray[Any]]) -> None:
        """Take on, in an engine to which nothing was added, the state that `columns` of another gave.

        The rulebook must have learned what that of the other had. O(n log n).
        """
        for name in _COUNTS:
            setattr(self, name, columns[name].tolist())
        self.paused = bool(self.paused)
        self._calls_hash = int(columns["_calls_hash"])
        self._seen = tuple(columns["_seen"].tolist()) or None
        self._local_hours.update((hour, counts) for hour, *counts in columns["_local_hours"].tolist())
        self._put_numbers_back(columns)
        if self._counted is not None:
            self._counted.put_back({name: columns[f"counted.{name}"] for name in self._counted.columns()})
        self._running = [
            (end, call, self.numbers[row], outcome, seconds)
            for end, call, row, outcome, seconds in columns["_running"].tolist()
        ]
        self._brought = {row: (terms, after) for row, terms, after in columns["_brought"].tolist()}
        while self._line_changes and self._line_changes[-1][0] < self.now:
            self._lines = self._line_changes.pop()[1]
        for windows, (window, is_open) in zip(self._rulebook.classes, columns["_classes"].tolist(), strict=False):
            self._put_class_back(windows, window, is_open=is_open)
        self._queue_again(columns)
        for index in range(len(self._classes)):
            self._renew_head(index)

    def _put_numbers_back(self, columns: dict[str, NDArray[Any]]) -> None:
        kept: dict[str, Iterable[Any]] = {name: columns[name].tolist() for name in _KEPT}
        kept["row"] = range(len(columns["identity"]))
        kept["key"] = luck_key(self._rulebook.seed, columns["identity"]).tolist()
        kept["terms"] = map(self._rulebook.terms.__getitem__, columns["terms"].tolist())
        kept["keys"] = map(tuple, columns["keys"].tolist()) if self._counted else repeat(())
        self.numbers = list(map(Number, *(kept[name] for name in Number.__struct_fields__)))

    def _put_class_back(self, windows: WindowClass, window: int, *, is_open: bool) -> None:
        window_class = OpenClass(windows)
        window_class.window = window
        if window < len(windows.ends):
            change = max(windows.starts[window], self.now)
            if is_open:
                window_class.open_since = windows.starts[window]
                window_class.open_until = change = windows.ends[window]
            if change < self._rulebook.finish:
                heappush(self._changes, (change, len(self._classes)))
        self._classes.append(window_class)

    def _queue_again(self, columns: dict[str, NDArray[Any]]) -> None:
        """Put the numbers that wait into the queues of their classes or the calendar, each in its order."""
        terms, due, sequence = columns["terms"], columns["due"], columns["sequence"]
        closes, priorities, classes = (
            getattr(self._rulebook.terms.columns, name).astype(np.int64)[terms]
            for name in ("closes", "priority", "window_class")
        )
        waits = columns["waiting"] > 0

        def ordered(rows: NDArray[np.int64], *keys: NDArray[np.int64]) -> list[Number]:
            return [self.numbers[row] for row in rows[np.lexsort([key[rows] for key in keys[::-1]])].tolist()]

        for number in ordered(np.flatnonzero(waits & (due >= self.now)), due, sequence):
            self._calendar.append((number.due, number.sequence, number))
        for number in ordered(np.flatnonzero(waits & (closes < self._rulebook.finish)), closes, sequence):
            self._expiries.append((number.terms.closes, number.sequence, number))
        has_come = waits & (due < self.now)
        for index, window_class in enumerate(self._classes):
            rows = np.flatnonzero(has_come & (classes == index))
            numbers = ordered(rows, priorities, due, sequence)
            window_class.due.update((each.terms.priority, each.due, each.sequence, each) for each in numbers)
            window_class.due_by_priority = np.bincount(priorities[rows] - 1, minlength=PRIORITIES).tolist()
