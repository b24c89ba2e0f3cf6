"""The live dialer: a campaign that is played in steps while numbers are added to it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import index
from typing import Any, Self

import numpy as np

from engine.calling.instants import ALWAYS, NEVER, utc_text
from engine.customers.outcomes import RedialPolicy
from engine.dialing import snapshots
from engine.dialing.record import NO_INSTANT, Record
from engine.dialing.reference import ReferenceDialer
from engine.dialing.reports import EVER, CallState, Counts, JobState, Reports, Rows, SeriesState
from engine.dialing.rulebook import Rulebook
from engine.numbers.formats.bodies import read_body, read_values
from engine.numbers.intake import Additions, NumberList
from engine.numbers.phonebook import phone_code
from engine.numbers.register import Duplicates, Register
from engine.progress import Progress, unseen
from engine.reading.contents import STANDARD_INPUT
from engine.reading.faults import Fault, InputError
from engine.reading.typed import read
from engine.scenario.document import ScenarioError
from engine.scenario.lists import Lists
from engine.scenario.scenario import Scenario, as_called, as_in_a_file
from engine.words import counted


class FinishedError(ValueError):
    """A command to a dialer that has played the whole simulation."""


class StoppedError(ValueError):
    """A command to a dialer whose campaign was stopped."""


class NoRedialError(ValueError):
    """A job that no redial can follow: it had no call yet, was cancelled, or has no calls left."""


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
        _check_replayable(scenario)
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
        self._begin(scenario, lists, keep_calls=keep_calls)

    def _begin(self, scenario: Scenario, lists: Lists, *, keep_calls: bool) -> None:
        self.scenario = scenario
        self.stopped_at: int | None = None
        """When the campaign was stopped; None if it was not."""
        self._rulebook = Rulebook(scenario.document)
        self._engine = ReferenceDialer(self._rulebook, keep_calls=keep_calls)
        self._reports = Reports(self._engine, self._rulebook)
        self._intake, self._places = lists.intake, lists.places
        self._register = Register(self._intake)
        self._coming = self._intake.take_additions()
        """The numbers of the scenario's own list that were not added yet."""

    # Snapshots

    def snapshot(self) -> bytes:
        """The whole state, from which `restored` goes on; O(n)."""
        return snapshots.encoded(self.scenario, self.columns())

    def columns(self) -> snapshots.Arrays:
        """The state as columns that change no more: what `snapshots.encoded` writes, which may be in another thread."""
        learned = self._rulebook.learned()
        columns: snapshots.Arrays = {
            "stopped_at": np.array(NO_INSTANT if self.stopped_at is None else self.stopped_at),
            "changed_priorities": snapshots.text_column(self._intake.changed_priorities),
            "distinct": snapshots.policies_column(self._intake.distinct.so_far()),
            "zones": snapshots.text_column([] if self._places is None else self._places.found),
            "learned": snapshots.policies_column(policy for policy, _ in learned),
            "redialled": np.array([redialled for _, redialled in learned], np.bool_),
        }
        history = self._engine.history
        parts = {
            "engine": self._engine.columns(),
            "register": self._register.columns(),
            "coming": {name: column for name, column in self._coming._asdict().items() if column is not None},
            "history": {} if history is None else history.columns(),
        }
        return columns | {f"{part}.{name}": column for part, own in parts.items() for name, column in own.items()}

    @classmethod
    def restored(cls, scenario: Scenario, snapshot: bytes) -> Self:
        """The dialer of which a snapshot was made, with the same scenario; it goes on exactly as that one.

        Lists that `read` has read can be taken by it, too. The scenario's number files are not read again. InputError
        if the snapshot is damaged, or of another version or scenario.
        """
        _check_replayable(scenario)
        columns = snapshots.decoded(scenario, snapshot)

        def part(name: str) -> snapshots.Arrays:
            return {key.removeprefix(f"{name}."): columns[key] for key in columns if key.startswith(f"{name}.")}

        dialer = cls.__new__(cls)
        history = part("history")
        lists = Lists(scenario.document, scenario.folder, unseen)
        dialer._begin(scenario, lists, keep_calls=bool(history))
        stopped_at = int(columns["stopped_at"])
        dialer.stopped_at = None if stopped_at == NO_INSTANT else stopped_at
        changed = snapshots.plain_value(columns["changed_priorities"])
        dialer._intake.put_back(snapshots.policies_of(columns["distinct"]), changed)
        if dialer._places is not None:
            dialer._places.put_back(snapshots.plain_value(columns["zones"]))
        learned = snapshots.policies_of(columns["learned"])
        dialer._rulebook.learn(zip(learned, columns["redialled"].tolist(), strict=True))
        dialer._engine.put_back(part("engine"))
        if dialer._engine.history is not None:
            dialer._engine.history.put_back(history)
        dialer._register.put_back(part("register"))
        coming = part("coming")
        dialer._coming = Additions(**{name: coming.get(name) for name in Additions._fields})  # type: ignore[arg-type]
        return dialer

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
        return self._register.rows_of(phone_code(phone) or 0)

    def state(self, job: int) -> JobState:
        """The state of a job at `now`; KeyError if there is no job with this id."""
        return self._reports.job(self._checked(job))

    @property
    def lines(self) -> int:
        """The lines that there are at `now`."""
        instants, lines = self._rulebook.lines
        return int(lines[np.searchsorted(instants, self.now, side="right") - 1])

    def counts(self) -> Counts:
        """How many numbers wait, are in a call and have ended, and what came of the calls that have ended; O(1)."""
        return self._reports.counts()

    def series(self, job: int) -> list[SeriesState]:
        """The series of a job at `now`, the first one first; KeyError if there is no job with this id.

        Like all reports of series and calls: ValueError if the dialer keeps no calls.
        """
        return self._reports.series(self._checked(job))

    def calls(self, job: int) -> list[CallState]:
        """The calls of a job, the first one first; KeyError if there is no job with this id."""
        return self._reports.calls(self._checked(job))

    def series_created(self, since: int = ALWAYS, until: int = NEVER) -> Rows[SeriesState]:
        """The series created in `[since, until)`, in the order in which they were: O(log n), and O(log n) each.

        In one second, jobs that are added come before redials that its calls bring. The rows of this sequence, and of
        the next four, are made when they are asked for by index or slice, and hold until the next command. But for
        `series_unfinished`, what happens later adds rows at the end of a sequence only.
        """
        return self._reports.created(since, until)

    def series_unfinished(self, since: int = ALWAYS, until: int = NEVER) -> Rows[SeriesState]:
        """The series created in `[since, until)` that have not ended, in the order in which they were created.

        O(n / 1000) and O(log n) each, in the number of all series.
        """
        return self._reports.unfinished(since, until)

    def series_ended(
        self, since: int = ALWAYS, until: int = NEVER, created: tuple[int, int] = EVER
    ) -> Rows[SeriesState]:
        """The series that ended in `[since, until)`, in the order in which they did: O(log n), and O(log n) each.

        With `created`, those of them that were created in this span `[first, last)`: O(n), and O(log n) each.
        """
        return self._reports.ended(since, until, created)

    def calls_begun(self, since: int = ALWAYS, until: int = NEVER) -> Rows[CallState]:
        """The calls that began in `[since, until)`, in the order in which they did: O(log n), and O(1) each."""
        return self._reports.begun(since, until)

    def calls_ended(self, since: int = ALWAYS, until: int = NEVER, begun: tuple[int, int] = EVER) -> Rows[CallState]:
        """The calls that ended in `[since, until)`, in the order in which they did: O(n log n), and O(1) each.

        Those of one second are in the order in which they began. With `begun`, those of them that began in this span.
        """
        return self._reports.calls_ended(since, until, begun)

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
        InputError with every fault, each with its path in the body; then nothing is added. Raises FinishedError once
        the simulation has finished, and StoppedError once the campaign was stopped: both are ValueErrors.
        """
        self._check_open("no numbers can be added")
        body = list(numbers) if isinstance(numbers, Iterable) and not isinstance(numbers, str | Mapping) else numbers
        numbers_read = read_values(as_in_a_file(body), self._intake)
        if numbers_read.faulty:
            raise InputError(fault for number in numbers_read.faulty for fault in number.faults)
        return self.take(numbers_read)

    def read(self, body: bytes) -> NumberList:
        """Read the body of `addPhones`, JSON text in UTF-8, for `take`; the list may be empty.

        It is checked against this campaign: InputError has every fault, each with its path in the body. Nothing is
        added, and what was read need not be taken.
        """
        with self.provisional():
            return read_body(body, self._intake)

    def provisional(self) -> AbstractContextManager[None]:
        """Within it, what `read` learns is forgotten again if anything fails: so a body is refused without a trace."""
        return self._intake.provisional()

    def take(self, numbers: NumberList, duplicates: Duplicates = "ignored") -> list[int | None]:
        """Add numbers that this dialer has read, at `now`; returns a job id for each, None for an ignored duplicate.

        `duplicates` says what becomes of those among them. Raises FinishedError or StoppedError as `add` does.
        """
        self._check_open("no numbers can be added")
        self._arrive(self.now)
        self._intake.add(numbers, np.full(numbers.given, self.now))
        jobs = iter(range(len(self), len(self) + numbers.given))
        mask = self._take_in(self._intake.take_additions(), duplicates)
        return [next(jobs) if accepted else None for accepted in mask]

    def cancel(self, jobs: Iterable[int]) -> list[int]:
        """Call these jobs no more; calls in progress finish. Returns those that were still to end.

        Jobs that wait end at `now`: first of all that happens in that second, so a result at `now` has them still.
        KeyError if there is no job with one of these ids; then none is cancelled.
        """
        return self._engine.cancel([self._checked(job) for job in jobs])

    def stop(self) -> None:
        """End the campaign at `now`: all jobs that have not ended are cancelled, and no numbers come any more.

        Calls in progress finish. Stopping again, or after the finish, changes nothing.
        """
        if self.stopped_at is None and self.now < self.finish:
            self.stopped_at = self.now
            self._coming = self._coming.some(slice(0))
            self._engine.stop()

    def redial(self, job: int, fields: Mapping[str, Any]) -> None:
        """Let the running call of a job, or its last one, bring a redial, as `$dialer.redial` of a script does.

        `fields` are those of the call policy, and `startAfterMinutes`. A running call brings the redial when it ends;
        of several the last one counts. If the call has ended, a new series begins at `now` (rules 6).

        Raises, before anything changes: KeyError if there is no job with this id, InputError with every fault of
        `fields`, FinishedError, StoppedError, and NoRedialError if the job had no call yet, was cancelled, or has had
        all calls that `maxTotalAttempts` allows.
        """
        number = self._engine.numbers[self._checked(job)]
        redial, faults = read(as_in_a_file(fields), RedialPolicy)
        if redial is None:
            raise InputError(faults)
        self._check_open("no redial can begin")
        if not number.attempts:
            raise NoRedialError(f"job {job} had no call yet: there is none that could bring a redial")
        if number.cancelled:
            raise NoRedialError(f"job {job} was cancelled: it is called no more")
        most = self._rulebook.most_attempts
        if number.attempts >= most and not number.in_call:
            raise NoRedialError(f"job {job} has had {counted(most, 'call')}, all that maxTotalAttempts allows")
        terms = self._rulebook.terms_of_redial(number.policy, redial)
        self._engine.redial(job, terms, redial.seconds_after)

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

    def _take_in(self, additions: Additions, duplicates: Duplicates = "ignored") -> list[bool]:
        """Give the accepted additions to the engine; returns which ones are accepted."""
        accepted, book = self._register.accept(additions, duplicates)
        called, _ = as_called(self.scenario.document, book, self._places)
        self._engine.add(called)
        mask: list[bool] = accepted.tolist()
        return mask

    def _check_open(self, what: str) -> None:
        if self.now >= self.finish:
            raise FinishedError(f"the simulation finished at {utc_text(self.finish)}: {what}")
        if self.stopped_at is not None:
            raise StoppedError(f"the campaign was stopped at {utc_text(self.stopped_at)}: {what}")

    def _checked(self, job: int) -> int:
        if not 0 <= index(job) < len(self):
            raise KeyError(f"there is no job {job}, but {len(self):,} from 0 on")
        return index(job)


def _check_replayable(scenario: Scenario) -> None:
    if not scenario.replayable:
        found = "a scenario whose list came together in a live dialer"
        raise ScenarioError([Fault(("numbers",), found, "the scenario of which that dialer was made")])
