"""Reports: what a running dialer tells of its jobs, of their series of calls and of each call."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Generic, Literal, TypeVar, overload

import msgspec

from engine.calling.instants import ALWAYS, DAY, NEVER
from engine.dialing.history import SERIES_ENDINGS, History
from engine.dialing.record import CANCELLED, COMPLETED, ENDINGS, EXHAUSTED, EXPIRED, NO_INSTANT
from engine.dialing.reference import Number, ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.numbers.phonebook import phone_of, phone_text

Stands = Literal["waiting", "in_call", "ended"]
T = TypeVar("T")
EVER = ALWAYS, NEVER
"""The span `[first, last)` of all instants."""
TOGETHER = 1_000
"""Rows that are made together where all of them are asked for."""


class JobState(msgspec.Struct, frozen=True):
    """The state of a job: a number that was accepted, and what happened to it so far. Instants are Unix seconds."""

    job: int
    phone: str
    stands: Stands
    """`waiting` for a call, `in_call`, or `ended`."""
    cancelled: bool
    """Whether it was cancelled, by a user or because the campaign was stopped; in a call it ends with the call."""
    added: int
    priority: int
    """The priority of its present series, from 1 (first) to 5 (last)."""
    attempts: int
    """Calls begun, over all its series."""
    attempts_left: int
    """Calls left in its present series; 0 if it was cancelled or has ended."""
    redials: int
    """Series that redials have begun."""
    due: int | None
    """It is not called before this instant; None unless it waits."""
    next_allowed: int | None
    """The first instant, not in the past, at which it may be called; None unless it waits and there is one."""
    last_call: int | None
    """When its last call began."""
    last_outcome: str | None
    """The outcome of its last call; None while that goes on."""
    reached_at: int | None
    """When its first answered call that was not too short began; None while that goes on."""
    ended_at: int | None
    ending: str | None
    """How it ended, one of the first four of `ENDINGS`."""


class SeriesState(msgspec.Struct, frozen=True):
    """The state of a series: the calls of a job from its addition, or from a redial, on. Instants are Unix seconds."""

    job: int
    redial: int
    """0 for the first series of the job, then 1, 2, …"""
    phone: str
    created: int
    """When the job was added, when the call ended that brought the redial, or when a user asked for it after that."""
    stands: Stands
    attempts: int
    """Calls begun in it."""
    due: int | None
    """It is not called before this instant; None unless it waits."""
    next_allowed: int | None
    """The first instant, not in the past, at which it may be called; None unless it waits and there is one."""
    last_call: int | None
    """When its last call began."""
    last_outcome: str | None
    """The outcome of its last call; None while that goes on."""
    last_seconds: int | None
    """How long the last of its calls that have ended was; None if there is none."""
    answered: bool
    """Whether any of its calls that have ended was answered, too short or not."""
    ended_at: int | None
    ending: str | None
    """One of SERIES_ENDINGS: `redialed` if a redial began the next series, `stopped` if it ended with the campaign."""


class CallState(msgspec.Struct, frozen=True):
    """The state of a call. Instants are Unix seconds; what its end tells is None while it goes on."""

    job: int
    redial: int
    """The series to which it belongs."""
    attempt: int
    """How many calls there were in its series, this one included."""
    phone: str
    start: int
    ended_at: int | None
    seconds: int | None
    outcome: str | None


class Counts(msgspec.Struct, frozen=True):
    """How a dialer stands at present."""

    waiting: tuple[int, ...]
    """[priority - 1]: numbers that wait for a call, eligible or not."""
    eligible: tuple[int, ...]
    """[priority - 1]: numbers that a free line could call, at the last second that was played."""
    retrying: int
    """Numbers that wait and had a call before."""
    in_call: int
    """Calls in progress."""
    calls: dict[str, int]
    """Calls that have ended, by outcome."""
    talk_seconds: int
    """How long the answered calls that have ended were, together."""
    ended: dict[str, int]
    """Jobs that have ended, by how their last series did; of SERIES_ENDINGS, all but `redialed`."""
    reached: int
    """Jobs whose first answered call that was not too short has ended."""


class Rows(Sequence[T], Generic[T]):
    """Rows that are made when they are asked for; what is played meanwhile may change them."""

    def __init__(self, count: int, rows: Callable[[range], list[T]]) -> None:
        self._indices = range(count)
        self._rows = rows

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return self._rows(self._indices[index])
        return self._rows(range(self._indices[index], self._indices[index] + 1))[0]

    def __iter__(self) -> Iterator[T]:
        """Make some at a time: those of one job have much in common."""
        for first in range(0, len(self), TOGETHER):
            yield from self[first : first + TOGETHER]


class _Jobs:
    """What the history has of jobs, each looked up once for rows that are made together."""

    def __init__(self, history: History) -> None:
        self.further_of, self.calls_of = cache(history.further_of), cache(history.calls_of)


class Reports:
    """Tells the states of the jobs, series and calls of an engine at its `now`; n is the number of all of them."""

    def __init__(self, engine: ReferenceDialer, rulebook: Rulebook) -> None:
        self._engine = engine
        self._rulebook = rulebook
        self._names = rulebook.model.names

    def job(self, job: int) -> JobState:
        """The state of a job; O(log n)."""
        number = self._engine.numbers[job]
        stands = _stands(number)
        reached = not number.in_call or number.reached_at < number.last_call
        return JobState(
            job=job,
            phone=phone_text(phone_of(number.identity)),
            stands=stands,
            cancelled=bool(number.cancelled),
            added=number.added,
            priority=number.terms.priority,
            attempts=number.attempts,
            attempts_left=0 if number.cancelled or stands == "ended" else number.left,
            redials=number.redials,
            due=number.due if stands == "waiting" else None,
            next_allowed=self._next_allowed(number) if stands == "waiting" else None,
            last_call=_known(number.last_call),
            last_outcome=self._names[number.last_outcome] if number.attempts and stands != "in_call" else None,
            reached_at=_known(number.reached_at) if reached else None,
            ended_at=_known(number.ended_at),
            ending=ENDINGS[number.ending] if stands == "ended" else None,
        )

    def counts(self) -> Counts:
        """How everything stands; O(1)."""
        engine = self._engine
        endings = (COMPLETED, EXHAUSTED, EXPIRED, CANCELLED, SERIES_ENDINGS.index("stopped"))
        return Counts(
            waiting=tuple(engine.waiting),
            eligible=tuple(engine.eligible),
            retrying=sum(engine.waiting) - (len(engine.numbers) - engine.called - engine.ended_uncalled),
            in_call=engine.in_use,
            calls=dict(zip(self._names, engine.finished, strict=True)),
            talk_seconds=engine.talk_seconds,
            ended={SERIES_ENDINGS[ending]: engine.ended[ending] for ending in endings},
            reached=engine.reached,
        )

    # Series

    def series(self, job: int) -> list[SeriesState]:
        """The series of a job, the first one first."""
        jobs = _Jobs(self._history)
        return [self._series(job, redial, jobs) for redial in range(len(jobs.further_of(job)) + 1)]

    def created(self, since: int, until: int) -> Rows[SeriesState]:
        """The series created in `[since, until)`, in their order."""
        first = self._history.series_before(since)
        count = max(self._history.series_before(until) - first, 0)
        return Rows(count, lambda rows: self._all(self._history.series(first + row) for row in rows))

    def unfinished(self, since: int, until: int) -> Rows[SeriesState]:
        """The series created in `[since, until)` that have not ended, in their order."""
        history = self._history
        first, last = (history.unfinished_before(history.series_before(instant)) for instant in (since, until))
        return Rows(
            max(last - first, 0),
            lambda rows: self._all(history.unfinished([first + row for row in rows])),
        )

    def ended(self, since: int, until: int, created: tuple[int, int]) -> Rows[SeriesState]:
        """The series that ended in `[since, until)` and were created in a span, in the order in which they ended."""
        history = self._history
        ends = range(history.ends_before(since), history.ends_before(until))
        found: Sequence[int] = ends
        if created != EVER:
            series = range(*(history.series_before(instant) for instant in created))
            found = history.ends_of(ends, series).tolist()
        return Rows(len(found), lambda rows: self._all(history.end(found[row])[:2] for row in rows))

    def _all(self, listed: Iterable[tuple[int, int]]) -> list[SeriesState]:
        jobs = _Jobs(self._history)
        return [self._series(job, redial, jobs) for job, redial in listed]

    def _series(self, job: int, redial: int, jobs: _Jobs) -> SeriesState:
        number, history, further = self._engine.numbers[job], self._history, jobs.further_of(job)
        before = further[redial - 1].calls_before if redial else 0
        if redial < len(further):
            until = further[redial].calls_before
            stands: Stands = "ended"
            ended_at, ending = further[redial].former_end, further[redial].former_ending
        else:
            until = number.attempts
            stands = _stands(number)
            ended_at, ending = number.ended_at, number.series_ending
        indices = jobs.calls_of(job)[before:until]
        last = self._call(indices[-1], jobs) if indices else None
        ended = [index for index in indices if not self._is_running(index)]
        answered = [index for index in indices if history.call(index).outcome == self._rulebook.model.answered]
        return SeriesState(
            job=job,
            redial=redial,
            phone=phone_text(phone_of(number.identity)),
            created=further[redial - 1].created if redial else number.added,
            stands=stands,
            attempts=until - before,
            due=number.due if stands == "waiting" else None,
            next_allowed=self._next_allowed(number) if stands == "waiting" else None,
            last_call=last.start if last else None,
            last_outcome=last.outcome if last else None,
            last_seconds=history.call(ended[-1]).seconds if ended else None,
            answered=any(not self._is_running(index) for index in answered),
            ended_at=ended_at if stands == "ended" else None,
            ending=SERIES_ENDINGS[ending] if stands == "ended" else None,
        )

    # Calls

    def calls(self, job: int) -> list[CallState]:
        """The calls of a job, the first one first."""
        jobs = _Jobs(self._history)
        return [self._call(index, jobs) for index in jobs.calls_of(job)]

    def begun(self, since: int, until: int) -> Rows[CallState]:
        """The calls that began in `[since, until)`, in the order in which they did."""
        first = self._history.calls_before(since)
        count = max(self._history.calls_before(until) - first, 0)
        return Rows(count, lambda rows: self._all_calls(first + row for row in rows))

    def calls_ended(self, since: int, until: int, begun: tuple[int, int]) -> Rows[CallState]:
        """The calls that ended in `[since, until)` and began in a span, in the order in which they ended."""
        history = self._history
        first, last = max(begun[0], since - DAY), min(begun[1], until)  # a call lasts a day at most (rules 6)
        calls = range(history.calls_before(first), history.calls_before(last))
        found = history.calls_by_end(calls, since, min(until, self._engine.now)).tolist()
        return Rows(len(found), lambda rows: self._all_calls(found[row] for row in rows))

    def _all_calls(self, indices: Iterable[int]) -> list[CallState]:
        jobs = _Jobs(self._history)
        return [self._call(index, jobs) for index in indices]

    def _call(self, index: int, jobs: _Jobs) -> CallState:
        call = self._history.call(index)
        further = jobs.further_of(call.job)
        begun = bisect_left(further, call.attempt, key=attrgetter("calls_before"))
        redial, before = (further[begun - 1].redial, further[begun - 1].calls_before) if begun else (0, 0)
        is_running = self._is_running(index)
        return CallState(
            job=call.job,
            redial=redial,
            attempt=call.attempt - before,
            phone=phone_text(phone_of(self._engine.numbers[call.job].identity)),
            start=call.start,
            ended_at=None if is_running else call.start + call.seconds,
            seconds=None if is_running else call.seconds,
            outcome=None if is_running else self._names[call.outcome],
        )

    def _is_running(self, index: int) -> bool:
        job = self._history.call(index).job
        return self._engine.numbers[job].in_call and self._history.last_call(job) == index

    # What both ask

    @property
    def _history(self) -> History:
        if self._engine.history is None:
            raise ValueError("a dialer that keeps no calls has no reports of series and calls; make it with its calls")
        return self._engine.history

    def _next_allowed(self, number: Number) -> int | None:
        opens = self._rulebook.classes[number.terms.window_class].next_open(max(number.due, self._engine.now))
        return opens if opens < min(number.terms.closes, self._rulebook.finish) else None


def _stands(number: Number) -> Stands:
    if number.ended_at != NO_INSTANT:
        return "ended"
    return "in_call" if number.in_call else "waiting"


def _known(instant: int) -> int | None:
    return None if instant == NO_INSTANT else instant
