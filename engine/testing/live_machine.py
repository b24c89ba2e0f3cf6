"""A state machine that commands a live dialer in any order, and checks after each command what always holds."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.calling.closed_dates import ClosedDates
from engine.calling.instants import utc_text
from engine.calling.policy import CallPolicy
from engine.dialing.live import NoRedialError
from engine.dialing.reports import CallState
from engine.public.dialer import Dialer
from engine.reading.faults import InputError, path_text
from engine.scenario.scenario import Scenario
from engine.testing.bodies import Planted, bodies, faulty_bodies
from engine.testing.clocks import Fields
from engine.testing.policies import redials
from engine.testing.scenarios import crowds, scenarios


class Given(NamedTuple):
    """A command that a dialer was given."""

    at: int
    """Its `now` then, in Unix seconds."""
    name: str
    """The method."""
    arguments: tuple[Any, ...]


def drawn(name: str) -> st.SearchStrategy[Any]:
    """What a method of the machine itself draws from, so that a subclass can say otherwise."""
    return st.runner().flatmap(lambda machine: getattr(machine, name)())


class LiveDialerMachine(RuleBasedStateMachine):
    """Adds, cancels, pauses, resumes, redials, stops and advances a live dialer in any order.

    After each command it checks what holds whatever luck does: nobody is lost, no call begins outside its window, in
    a pause or after its job was cancelled, lines and pace are kept, the clock goes forward as it was told, and reports
    agree with each other. In the end a fresh dialer that is given the same commands, without steps between them, comes
    to the same digest. A check that fails is an AssertionError; Hypothesis prints the fewest commands that lead to it.

    `LiveDialerMachine.TestCase` is a test. A subclass may test a dialer of its own: `dialer_of` makes it.
    """

    LONGEST: ClassVar[int] = 3_600
    """The most seconds that are played at once."""

    # What a subclass may change

    def dialer_of(self, scenario: Fields) -> Dialer:
        """The dialer that is tested, of the plain values of a scenario."""
        return Dialer(Scenario.from_document(scenario))

    def draws_scenario(self) -> st.SearchStrategy[Fields]:
        """The scenarios of which dialers are made, with lists of their own."""
        return scenarios() | crowds()

    # Commands

    @initialize(scenario=drawn("draws_scenario"))
    def begin(self, scenario: Fields) -> None:
        """Make the dialer."""
        self.scenario = scenario
        self.campaign: Fields = scenario["campaign"]
        self.dialer = self.dialer_of(scenario)
        self.start = self.now = self.dialer.now
        self.given: list[Given] = []
        self.added: dict[int, Fields] = {}
        """What was added for each job that this machine has added."""
        self.listed = [number for part in scenario["numbers"] for number in part["addPhones"]]
        self.asked: dict[int, list[Fields]] = {}
        """The redials that were asked for each job."""
        self.calls_left: dict[int, int] = {}
        """How many calls each cancelled job may have in all."""
        self.begun_in_pause: int | None = None
        self.jobs = len(self.dialer)
        self.checked = 0
        """How many calls were held against windows, lines and pace before."""
        self.closed = ClosedDates.read(self.campaign.get("closedDates") or [])

    def draws_body(self) -> st.SearchStrategy[list[Fields]]:
        """Bodies that the dialer takes."""
        return bodies(datetime.fromisoformat(self.scenario["start"]), self.campaign, most=4)

    def draws_faulty_body(self) -> st.SearchStrategy[tuple[list[Any], list[Planted]]]:
        """Bodies that the dialer refuses."""
        return faulty_bodies(datetime.fromisoformat(self.scenario["start"]), self.campaign)

    def draws_redial(self) -> st.SearchStrategy[Fields]:
        """Redials that a user asks for."""
        return redials(datetime.fromisoformat(self.scenario["start"]))

    def is_open(self) -> bool:
        """Whether the dialer takes numbers and redials."""
        return bool(self.dialer.now < self.dialer.finish and self.dialer.stopped_at is None)

    def is_going(self) -> bool:
        """Whether the simulation has not finished."""
        return bool(self.dialer.now < self.dialer.finish)

    def give(self, name: str, *arguments: Any) -> Any:
        """Give the dialer a command that takes no time, and remember it."""
        self.given.append(Given(self.now, name, arguments))
        answer = getattr(self.dialer, name)(*arguments)
        assert self.dialer.now == self.now, f"{name} moved the clock from {utc_text(self.now)}"
        return answer

    @precondition(is_open)
    @rule(body=drawn("draws_body"))
    def add(self, body: list[Fields]) -> None:
        """Add numbers: each one is a job, or a duplicate of one that was added within a day."""
        before = len(self.dialer)
        jobs = self.give("add", body)
        assert len(jobs) == len(body), "add answers for each number"
        created = [job for job in jobs if job is not None]
        assert created == list(range(len(self.dialer) - len(created), len(self.dialer))), "ids follow each other"
        assert before <= len(self.dialer) - len(created), "jobs were lost"
        for number, job in zip(body, jobs, strict=True):
            if job is None:
                same = [self.dialer.state(each).added for each in self.dialer.jobs_of(number["phone"])]
                assert any(self.now - added < 86_400 for added in same), f"{number} is a duplicate of nobody"
            else:
                self.added[job] = number

    @precondition(is_open)
    @rule(body_and_faults=drawn("draws_faulty_body"))
    def refuse(self, body_and_faults: tuple[list[Any], list[Planted]]) -> None:
        """A faulty body is refused with all its faults, and nobody of it is added."""
        body, faults = body_and_faults
        before = len(self.dialer)
        try:
            self.dialer.add(body)
        except InputError as error:
            assert sorted(path_text(fault.path) for fault in error.faults) == sorted(each.place for each in faults)
        else:
            raise AssertionError(f"{body} was taken, with {faults}")
        assert len(self.dialer) == before, "who is refused is not added"

    @precondition(is_going)
    @rule(jobs=st.sets(st.integers(0, 12), max_size=4))
    def cancel(self, jobs: set[int]) -> None:
        """Cancel jobs: one that waits ends now, one in a call with it."""
        there = sorted(job for job in jobs if job < len(self.dialer))
        before = {job: self.dialer.state(job) for job in there}
        cancelled = self.give("cancel", there)
        assert sorted(cancelled) == [job for job in there if before[job].ended_at is None and not before[job].cancelled]
        self.calls_left |= {job: before[job].attempts for job in cancelled}
        for job in cancelled:
            assert self.dialer.state(job).stands == ("in_call" if before[job].stands == "in_call" else "ended")

    @precondition(is_going)
    @rule()
    def pause(self) -> None:
        """Begin no calls until `resume`."""
        self.give("pause")
        self.begun_in_pause = self.dialer.begun

    @precondition(is_going)
    @rule()
    def resume(self) -> None:
        """Begin calls again."""
        self.give("resume")
        self.begun_in_pause = None

    @precondition(is_going)
    @rule()
    def stop(self) -> None:
        """End the campaign: nobody waits any more."""
        self.give("stop")
        self.begun_in_pause = self.dialer.begun
        assert self.dialer.coming == 0
        assert not any(self.dialer.counts().waiting), "somebody waits after the end of the campaign"

    @precondition(lambda self: self.is_open() and len(self.dialer) > 0)
    @rule(job=st.integers(0, 12), fields=drawn("draws_redial"))
    def redial(self, job: int, fields: Fields) -> None:
        """Ask for a redial: who had a call and was not cancelled gets it, as long as calls are left."""
        job %= len(self.dialer)
        state = self.dialer.state(job)
        most = self.campaign.get("maxTotalAttempts") or state.attempts + 1
        gets_none = not state.attempts or state.cancelled or (state.attempts >= most and state.stands != "in_call")
        try:
            self.give("redial", job, fields)
        except NoRedialError:
            self.given.pop()
            assert gets_none, f"job {job} gets no redial: {state}"
        else:
            assert not gets_none, f"job {job} gets a redial: {state}"
            self.asked.setdefault(job, []).append(fields)

    @rule(seconds=st.runner().flatmap(lambda machine: st.integers(1, 120) | st.integers(1, machine.LONGEST)))
    def run_for(self, seconds: int) -> None:
        """Play some seconds; at the finish there is nothing to play."""
        self.dialer.run_for(seconds)
        until = min(self.now + seconds, self.dialer.finish)
        assert self.dialer.now == until, f"{seconds} s from {utc_text(self.now)} end at {utc_text(self.dialer.now)}"
        self.now = until

    @precondition(is_going)
    @rule()
    def step(self) -> None:
        """Play on to the next second in which anything can happen."""
        soonest, begun = self.dialer.next_instant, self.dialer.begun
        at = self.dialer.step()
        assert at == soonest
        assert self.dialer.now == (self.now if at is None else at + 1)
        assert at is None or at >= self.now, "time went back"
        assert at is not None or self.dialer.begun == begun
        self.now = self.dialer.now

    # What always holds

    @invariant()
    def check(self) -> None:
        """Check all of it."""
        self.nobody_is_lost()
        self.reports_agree()
        self.no_call_begins_in_a_pause()
        self.calls_keep_to_windows_lines_and_pace()

    def nobody_is_lost(self) -> None:
        """Every job that there was is there, as it was added, and stands somewhere."""
        assert self.now == self.dialer.now
        assert len(self.dialer) >= self.jobs, "jobs were lost"
        assert len(self.dialer) + self.dialer.coming <= len(self.listed) + len(self.added), "nobody added these jobs"
        self.jobs = len(self.dialer)
        states = [self.dialer.state(job) for job in range(self.jobs)]
        for job, number in self.added.items():
            assert states[job].phone == str(number["phone"]).removeprefix("+"), f"job {job} has another phone"
        for state in states:
            assert (state.stands == "ended") == (state.ended_at is not None) == (state.ending is not None), f"{state}"
            assert state.job in self.dialer.jobs_of(state.phone)
        counts = self.dialer.counts()
        waiting = [state.priority for state in states if state.stands == "waiting"]
        assert counts.waiting == tuple(waiting.count(priority) for priority in range(1, 6)), "who waits is miscounted"
        assert counts.in_call == sum(state.stands == "in_call" for state in states) == self.dialer.lines_in_use
        assert sum(counts.ended.values()) == sum(state.stands == "ended" for state in states)

    def reports_agree(self) -> None:
        """Reports of jobs, of series and of calls tell the same."""
        calls = self.dialer.calls_begun()[:]
        assert len(calls) == self.dialer.begun
        assert calls == sorted(calls, key=lambda call: call.start)
        series = [self.dialer.series(job) for job in range(len(self.dialer))]
        for job, own in enumerate(series):
            state, its_calls = self.dialer.state(job), self.dialer.calls(job)
            assert [each.redial for each in own] == list(range(state.redials + 1))
            assert sum(each.attempts for each in own) == state.attempts == len(its_calls)
            assert its_calls == [call for call in calls if call.job == job]
            assert state.attempts <= self.calls_left.get(job, state.attempts), f"job {job} was cancelled: {its_calls}"
            assert state.attempts <= (self.campaign.get("maxTotalAttempts") or state.attempts)
        ended = [each for own in series for each in own if each.ended_at is not None]
        assert len(self.dialer.series_ended()) == len(ended)
        assert len(self.dialer.series_unfinished()) == sum(map(len, series)) - len(ended)
        outcomes = [call.outcome for call in calls if call.outcome is not None]
        assert self.dialer.counts().calls == {name: outcomes.count(name) for name in self.scenario["outcomes"]}

    def no_call_begins_in_a_pause(self) -> None:
        """No call begins in a pause, nor after the end of the campaign."""
        assert self.begun_in_pause in (None, self.dialer.begun), "a call began in a pause"

    def calls_keep_to_windows_lines_and_pace(self) -> None:
        """Each call begins in a window of its number, on a line that is there, as fast as the pace allows."""
        calls = self.dialer.calls_begun()[:]
        pace = Fraction(str(self.campaign.get("callsPerSecond") or 0))
        for row, call in enumerate(calls[self.checked :], self.checked):
            at = utc_text(call.start)
            assert self.start <= call.start < self.now, f"a call at {at} was not played"
            assert any(self.allows(policy, call.start) for policy in self.policies_of(call)), (
                f"{call} at {at} is closed"
            )
            going = sum(other.ended_at is None or other.ended_at > call.start for other in calls[: row + 1])
            assert going <= self.lines_at(call.start), f"{going} calls at {at}, {self.lines_at(call.start)} lines"
            for first, other in enumerate(calls[: row + 1] if pace else []):
                begun, seconds = row - first + 1, call.start - other.start + 1
                assert begun <= pace * seconds + 1, f"{begun} calls within {seconds} s until {at}, pace {float(pace)}"
        self.checked = len(calls)

    def allows(self, fields: Fields, instant: int) -> bool:
        """Whether a call policy lets a call begin at an instant."""
        return bool(CallPolicy.from_json(fields).open_windows(instant, instant + 1, self.closed))

    def policies_of(self, call: CallState) -> Iterator[Fields]:
        """All call policies that may hold for a call: luck has drawn the segment of the number, and the redial."""
        names = ("startDateTime", "finishDateTime", "allowedDays", "allowedTime", "gmtZone")
        known = self.added.get(call.job)
        owns = [known] if known else [each for each in self.listed if str(each["phone"]).lstrip("+") == call.phone]
        rules = [rule for outcome in self.scenario["outcomes"].values() for rule in outcome.get("redials") or ()]
        redials = [*rules, *self.asked.get(call.job, ())] if call.redial else [{}]
        for own in owns:
            for segment in [{}, *(self.scenario.get("segments") or ())]:
                for redial in redials:
                    merged: Fields = {}
                    for level in (self.campaign, segment, own, redial):
                        given = {name: level[name] for name in names if level.get(name) not in (None, [])}
                        merged |= given
                    if call.redial and "startDateTime" not in redial:
                        merged.pop("startDateTime", None)
                    if merged.get("startDateTime", "") < merged.get("finishDateTime", "~"):
                        yield merged

    def lines_at(self, instant: int) -> int:
        """The lines of the campaign at an instant, by its shifts."""
        if self.campaign.get("lines"):
            return int(self.campaign["lines"])
        lines = 0
        for shift in self.campaign["shifts"]:
            fields: Fields = {"gmtZone": self.campaign.get("gmtZone"), "allowedDays": shift.get("days")}
            if shift.get("from") is not None:
                fields["allowedTime"] = {"default": [{"localTimeFrom": shift["from"], "localTimeTo": shift["to"]}]}
            if CallPolicy.from_json(fields).open_windows(instant, instant + 1):
                lines += shift["lines"]
        return lines

    # In the end

    def teardown(self) -> None:
        """Play to the finish, check once more, and play the same commands with a fresh dialer."""
        if not hasattr(self, "given"):
            return
        self.run_for(max(self.dialer.finish - self.now, 0))
        self.check()
        again = self.dialer_of(self.scenario)
        for at, name, arguments in self.given:
            again.run_until(at)
            getattr(again, name)(*arguments)
        again.run_until(again.finish)
        digests = f"{self.dialer.record().digest:016x}", f"{again.record().digest:016x}"
        assert digests[0] == digests[1], f"digest {digests[0]}; given the same commands once more, {digests[1]}"
