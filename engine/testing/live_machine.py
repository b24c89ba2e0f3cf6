"""A state machine that commands a live dialer in any order, and checks after each command what always holds."""

import sys
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.calling.instants import utc_text
from engine.dialing.live import NoRedialError
from engine.dialing.reports import CallState, JobState
from engine.public.dialer import Dialer
from engine.reading.faults import InputError, path_text
from engine.scenario.scenario import Scenario
from engine.testing.bodies import Planted, bodies, faulty_bodies
from engine.testing.clocks import Fields
from engine.testing.job_policies import JobPolicies
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
    a pause or after its job was cancelled, lines and pace are kept, a series has its priority and no more calls than
    its policy allows, redials that must come do, nobody is called before someone of a smaller priority who could be,
    the clock goes forward as it was told, and reports agree with each other. In the end a fresh dialer that is given
    the same commands, without steps between them, comes to the same digest. A check that fails is an AssertionError;
    Hypothesis prints the fewest commands that lead to it.

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
        self.policies = JobPolicies(scenario)
        self.brought: dict[int, int] = {}
        """How many redials each job must have had once its call has ended, for one was asked for during it."""
        self.calls_left: dict[int, int] = {}
        """How many calls each cancelled job may have in all."""
        self.begun_in_pause: int | None = None
        self.jobs = len(self.dialer)
        self.checked = 0
        """How many calls were held against windows, lines and pace before."""
        self.certain = {
            name
            for name, outcome in scenario["outcomes"].items()
            if sum(Fraction(str(redial["share"])) for redial in outcome.get("redials") or ()) >= 1
        }
        """The outcomes that bring a redial for certain."""

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
                self.policies.added[job] = number

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
            self.policies.asked.setdefault(job, []).append(fields)
            self.is_redialled(state, fields)

    def is_redialled(self, before: JobState, fields: Fields) -> None:
        """A redial that was asked for begins a series at once, or when the call ends."""
        job, redials = before.job, before.redials + 1
        if before.stands == "in_call":
            self.brought[job] = redials
        else:
            self.policies.begun_by[job, redials] = fields
            assert self.dialer.state(job).redials == redials, f"job {job} was asked for a redial, and has none"

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
        self.series_are_as_their_policies_say()
        self.no_call_begins_in_a_pause()
        self.calls_keep_to_windows_lines_and_pace()

    def nobody_is_lost(self) -> None:
        """Every job that there was is there, as it was added, and stands somewhere."""
        assert self.now == self.dialer.now
        assert len(self.dialer) >= self.jobs, "jobs were lost"
        assert len(self.dialer) + self.dialer.coming <= len(self.policies.listed) + len(self.policies.added), (
            "nobody added these jobs"
        )
        self.jobs = len(self.dialer)
        states = [self.dialer.state(job) for job in range(self.jobs)]
        for job, number in self.policies.added.items():
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

    def series_are_as_their_policies_say(self) -> None:
        """Each series has a priority and as many calls as its policy says, and redials that are certain begin one."""
        most = self.campaign.get("maxTotalAttempts") or sys.maxsize
        short = self.campaign.get("retryIfShorterThanSeconds") or 0
        for job in range(len(self.dialer)):
            state = self.dialer.state(job)
            priorities = {priority for priority, _ in self.policies.terms_of(job, state.phone, state.redials)}
            assert state.priority in priorities, f"{state} has none of the priorities {priorities}"
            for series in self.dialer.series(job):
                attempts = max(attempts for _, attempts in self.policies.terms_of(job, state.phone, series.redial))
                assert series.attempts <= attempts, f"{series} has more than {attempts} calls"
            if state.cancelled:
                continue
            due = self.brought.get(job, 0) if state.stands != "in_call" and state.attempts < most else 0
            for call in self.dialer.calls(job)[: most - 1]:
                if call.outcome in self.certain and (call.outcome != "answered" or (call.seconds or 0) >= short):
                    due = max(due, call.redial + 1)
            assert state.redials >= due, f"{state} must have had {due} redials"

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
            opens = self.policies.opens(call.job, call.phone, call.redial, call.start)
            assert any(opens), f"{call} at {at} is closed"
            self.nobody_comes_before(call)
            going = sum(other.ended_at is None or other.ended_at > call.start for other in calls[: row + 1])
            assert going <= self.policies.lines_at(call.start), (
                f"{going} calls at {at}, {self.policies.lines_at(call.start)} lines"
            )
            for first, other in enumerate(calls[: row + 1] if pace else []):
                begun, seconds = row - first + 1, call.start - other.start + 1
                assert begun <= pace * seconds + 1, f"{begun} calls within {seconds} s until {at}, pace {float(pace)}"
        self.checked = len(calls)

    def nobody_comes_before(self, call: CallState) -> None:
        """Nobody who could be called when a call began, and still waits, has a smaller priority for certain."""
        if self.campaign.get("rules"):  # their hours are not known here
            return
        largest = max(priority for priority, _ in self.policies.terms_of(call.job, call.phone, call.redial))
        for other in range(len(self.dialer)):
            state = self.dialer.state(other)
            if state.due is None or state.due > call.start:
                continue
            if max(priority for priority, _ in self.policies.terms_of(other, state.phone, state.redials)) < largest:
                opens = self.policies.opens(other, state.phone, state.redials, call.start)
                assert not all(opens), f"{call} at {utc_text(call.start)} comes before {state}"

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
