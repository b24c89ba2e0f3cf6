"""The live dialer: a campaign that is played in steps while numbers are added to it."""

from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any, Literal

import msgspec
import numpy as np

from engine.calling.instants import NEVER, utc_text
from engine.dialing.record import CANCELLED, ENDINGS, NO_INSTANT, Record
from engine.dialing.reference import Number, ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.numbers.formats.bodies import read_values
from engine.numbers.intake import Additions
from engine.numbers.phonebook import phone_code, phone_of, phone_text
from engine.numbers.places.placing import placed
from engine.numbers.register import Register
from engine.progress import Progress, unseen
from engine.reading.contents import STANDARD_INPUT
from engine.reading.faults import Fault, InputError
from engine.scenario.document import ScenarioError
from engine.scenario.lists import Lists
from engine.scenario.scenario import Scenario, as_in_a_file

Stands = Literal["waiting", "in_call", "ended"]


class JobState(msgspec.Struct, frozen=True):
    """The state of a job: a number that was accepted, and what happened to it so far. Instants are Unix seconds."""

    job: int
    phone: str
    stands: Stands
    """`waiting` for a call, `in_call`, or `ended`."""
    cancelled: bool
    """Whether it was cancelled; in a call it ends with the call."""
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
    """When its first answered call that was not too short began."""
    ended_at: int | None
    ending: str | None
    """How it ended, one of the first four of `ENDINGS`."""


class LiveDialer:
    """A running campaign to which numbers are added while it plays; all instants are Unix seconds.

    All additions, those of the scenario's own list among them, are one list: duplicates within 24 hours, occurrences
    of a phone (and so its luck), zones by phone and the campaign's dates hold over all of them (rules 4). The numbers
    of the scenario's list arrive at their own instants; `add` adds numbers at `now`, the first instant that has not
    been played. A job is a number that was accepted; its id is its row in the tables of the result.

    It plays by the reference engine: a call costs O(log n) in the numbers that wait.
    """

    def __init__(self, scenario: Scenario, *, keep_calls: bool = True, progress: Progress = unseen) -> None:
        """Read the scenario's list once more; ScenarioError if its files have changed since it was loaded."""
        self.scenario = scenario
        self._rulebook = Rulebook(scenario.document)
        self._engine = ReferenceDialer(self._rulebook, keep_calls=keep_calls)
        if not scenario.replayable:
            found = "a scenario whose list came together in a live dialer"
            raise ScenarioError([Fault(("numbers",), found, "the scenario of which that dialer was made")])
        for row, part in enumerate(scenario.document.numbers):
            if part.file == STANDARD_INPUT:
                allowed = "a file, for a live dialer reads the list once more"
                raise ScenarioError([Fault(("numbers", row, "file"), "standard input, which is read already", allowed)])
        lists = Lists(scenario.document, scenario.folder, progress)
        lists.take(enumerate(scenario.document.numbers))
        if lists.faults:
            raise ScenarioError(lists.faults)
        changed = [file for file, before in zip(lists.inputs, scenario.inputs, strict=True) if file != before]
        if changed:
            raise ScenarioError(
                Fault((), "a list that has changed since the scenario was loaded", "the same list", file.file)
                for file in changed
            )
        self._intake, self._places = lists.intake, lists.places
        self._register = Register(self._intake)
        self._coming = self._intake.take_additions()
        """The numbers of the scenario's own list that were not added yet."""
        self._jobs_of: dict[int, list[int]] = {}

    # State

    @property
    def now(self) -> int:
        """The first instant that has not been played."""
        return self._engine.now

    @property
    def finish(self) -> int:
        """The end of the simulation: nothing happens at it or after it."""
        return self._rulebook.finish

    @property
    def paused(self) -> bool:
        """Whether no calls begin at present."""
        return self._engine.paused

    @property
    def lines_in_use(self) -> int:
        """Calls in progress."""
        return self._engine.in_use

    @property
    def begun(self) -> int:
        """Calls begun so far."""
        return self._engine.begun

    def __len__(self) -> int:
        """How many jobs there are, ended ones included."""
        return len(self._engine.numbers)

    @property
    def coming(self) -> int:
        """How many numbers of the scenario's own list have not arrived yet."""
        return len(self._coming.phones)

    def jobs_of(self, phone: str | int) -> list[int]:
        """The jobs of a phone, in the order in which they were added."""
        return self._jobs_of.get(phone_code(phone) or 0, []).copy()

    def state(self, job: int) -> JobState:
        """The state of a job at `now`; KeyError if there is no job with this id."""
        number = self._number(job)
        stands: Stands = "waiting"
        if number.attempts and not number.waiting and number.ended_at == NO_INSTANT:
            stands = "in_call"
        elif number.ended_at != NO_INSTANT or number.cancelled:
            stands = "ended"
        outcome_is_known = number.attempts and stands != "in_call"
        return JobState(
            job=job,
            phone=phone_text(phone_of(number.identity)),
            stands=stands,
            cancelled=number.cancelled,
            added=number.added,
            priority=number.terms.priority,
            attempts=number.attempts,
            attempts_left=0 if number.cancelled or stands == "ended" else number.left,
            redials=number.redials,
            due=number.due if stands == "waiting" else None,
            next_allowed=self._next_allowed(number) if stands == "waiting" else None,
            last_call=_known(number.last_call),
            last_outcome=self._rulebook.model.names[number.last_outcome] if outcome_is_known else None,
            reached_at=_known(number.reached_at),
            ended_at=None if stands != "ended" else self.now if number.ended_at == NO_INSTANT else number.ended_at,
            ending=None if stands != "ended" else ENDINGS[CANCELLED if number.cancelled else number.ending],
        )

    def record(self) -> Record:
        """What has happened so far: the record of a simulation that finishes at `now`."""
        return self._engine.record()

    def played(self) -> tuple[Scenario, Rulebook]:
        """The scenario as it was played so far, with `now` as its finish; and its rulebook."""
        scenario = self.scenario.as_played(self._register.phonebook(), self._places, self.now)
        return scenario, self._rulebook.until(self.now)

    # Commands

    def add(self, numbers: Sequence[Mapping[str, Any]]) -> list[int | None]:
        """Add the body of `addPhones`, plain values, at `now`.

        Returns a job id for each number in the body's order, None for an ignored duplicate. Raises
        InputError with every fault, each with its path in the body; then nothing is added. Raises ValueError once
        the simulation has finished.
        """
        if self.now >= self.finish:
            raise ValueError(f"the simulation finished at {utc_text(self.finish)}: no numbers can be added")
        body = list(numbers) if isinstance(numbers, Iterable) and not isinstance(numbers, str | Mapping) else numbers
        read = read_values(as_in_a_file(body), self._intake)
        if read.faulty:
            raise InputError(fault for number in read.faulty for fault in number.faults)
        self._arrive(self.now)
        self._intake.add(read, np.full(read.given, self.now))
        jobs = iter(range(len(self), len(self) + read.given))
        mask = self._take_in(self._intake.take_additions())
        return [next(jobs) if accepted else None for accepted in mask]

    def cancel(self, jobs: Iterable[int]) -> list[int]:
        """Call these jobs no more; calls in progress finish. Returns those that were still to end.

        Jobs that wait end at `now`: first of all that happens in that second, so a result at `now` has them still.
        KeyError if there is no job with one of these ids; then none is cancelled.
        """
        rows = list(jobs)
        for job in rows:
            self._number(job)
        return self._engine.cancel(rows)

    def pause(self) -> None:
        """Begin no calls until `resume`; calls in progress end, and time, windows and retries go on."""
        self._engine.pause()

    def resume(self) -> None:
        """Begin calls again."""
        self._engine.resume()

    # Time

    def run_until(self, instant: int) -> None:
        """Play every second before `instant`, at most to the simulation's finish; ValueError if it is before `now`."""
        instant = index(instant)
        if instant < self.now:
            raise ValueError(f"{instant} is before now, {self.now}: time does not go back")
        self._arrive(min(instant, self.finish) - 1)
        self._engine.run_until(instant)

    def run_for(self, seconds: int) -> None:
        """Play so many seconds from `now` on, at most to the simulation's finish."""
        self.run_until(self.now + seconds)

    @property
    def next_instant(self) -> int | None:
        """The first instant from `now` on at which anything can happen; None if there is none before the finish.

        Something can happen when a call ends or may begin, a window opens or closes, lines change, and a number
        arrives, falls due or expires.
        """
        coming = int(self._coming.added[0]) if len(self._coming.added) else NEVER
        instant = min(coming, self._engine.next_instant())
        return instant if instant < self.finish else None

    def step(self) -> int | None:
        """Play up to and including `next_instant`, and return it. Without one, play nothing and return None."""
        instant = self.next_instant
        if instant is not None:
            self.run_until(instant + 1)
        return instant

    # The list

    def _arrive(self, instant: int) -> None:
        """Add the numbers of the scenario's own list that arrive until this instant."""
        count = int(np.searchsorted(self._coming.added, instant, side="right"))
        if count:
            self._take_in(self._coming.some(slice(count)))
            self._coming = self._coming.some(slice(count, None))

    def _take_in(self, additions: Additions) -> list[bool]:
        """Give the accepted additions to the engine; returns which ones are accepted."""
        accepted, book = self._register.accept(additions)
        if self._places is not None:
            book, _ = placed(book, self._places)
        for row, code in zip(self._engine.add(book), book.phone_codes.tolist(), strict=True):
            self._jobs_of.setdefault(code, []).append(row)
        mask: list[bool] = accepted.tolist()
        return mask

    def _number(self, job: int) -> Number:
        if not 0 <= index(job) < len(self):
            raise KeyError(f"there is no job {job}, but {len(self):,} from 0 on")
        return self._engine.numbers[job]

    def _next_allowed(self, number: Number) -> int | None:
        opens = self._rulebook.classes[number.terms.window_class].next_open(max(number.due, self.now))
        return opens if opens < min(number.terms.closes, self.finish) else None


def _known(instant: int) -> int | None:
    return None if instant == NO_INSTANT else instant
