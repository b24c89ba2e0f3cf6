"""The clerk: one answer after the other, time that is played, and all that was answered is there again."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from engine.results.result import simulate
from engine.scenario.scenario import Scenario
from engine.server.answers import Advanced, AttemptReport, JobReport, State
from engine.server.clerk import Clerk
from engine.server.errors import RefusedError
from engine.server.journal import JournalError
from engine.server.opening import open_kept, open_new
from engine.server.requests import (
    AddPhone,
    AddPhones,
    Advance,
    AttemptReports,
    AttemptsByDate,
    Cancel,
    Control,
    DescribeCampaign,
    FindJobs,
    InjectRedial,
    JobReports,
    JobsByDate,
    ReadClock,
    ReadState,
    Request,
    Reset,
    SetClock,
    Span,
)
from engine.server.tokens import masked

START = "2026-03-02T00:00:00Z"
MONDAY = 1_772_409_600_000
HOUR = 3_600_000
T = TypeVar("T")


def scenario(**changes: Any) -> Scenario:
    """A campaign of two lines without numbers; calls last a minute, and every third one is answered."""
    return Scenario.from_document(
        {
            "name": "Reminders",
            "start": START,
            "finish": "2026-03-09T00:00:00Z",
            "campaign": {"lines": 2, "maxAttempts": 3},
            "numbers": [],
            "outcomes": {
                "answered": {"share": 0.3, "seconds": 60},
                "noAnswer": {"share": 0.5, "seconds": 30, "retry": True},
                "busy": {"share": 0.2, "seconds": 5, "retry": True, "retryIntervalInMinutes": 5},
            },
            **changes,
        }
    )


def always(outcome: str, **more: Any) -> dict[str, Any]:
    """Outcomes of which all calls come to one."""
    others = {} if outcome == "answered" else {"answered": {"share": 0, "seconds": 60}}
    return {"outcomes": {outcome: {"share": 1, "seconds": 60, **more}, **others}}


def phones(count: int, first: int = 16_500_000_000) -> bytes:
    return msgspec.json.encode([{"phone": first + index} for index in range(count)])


def in_a_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run in a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Office:
    """A clerk, and its answers without asyncio."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def ask(self, request: Request[T]) -> T:
        """The answer to a request."""
        return in_a_loop(self.clerk.ask(request))

    def refused(self, request: Request[Any]) -> RefusedError:
        """The refusal of a request."""
        with pytest.raises(RefusedError) as caught:
            self.ask(request)
        return caught.value

    def reports(self) -> list[JobReport]:
        """The reports of the first 200 jobs."""
        return self.ask(JobsByDate(campaign=0, page_size=200)).items

    def calls(self) -> list[AttemptReport]:
        """Every call so far."""
        calls: list[AttemptReport] = []
        while page := self.ask(AttemptsByDate(campaign=0, page=len(calls) // 200, page_size=200)).items:
            calls += page
            if len(page) < 200:
                break
        return calls


Opens = Callable[..., Office]


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Opens offices, and closes them after the test."""
    clerks: list[Clerk] = []

    def opened(*scenarios: Scenario, **options: Any) -> Office:
        options = {"paused": True, **options}
        clerks.append(open_new(scenarios or [scenario()], ["token"], **options).clerk)
        return Office(clerks[-1])

    yield opened
    for clerk in clerks:
        clerk.close()


# Adding and reporting


def test_every_number_of_a_body_gets_a_job_in_its_order(opens: Opens) -> None:
    office = opens()
    assert office.ask(AddPhones(campaign=0, body=phones(3))) == ["1-0", "1-1", "1-2"]
    assert [report.phone for report in office.reports()] == ["16500000000", "16500000001", "16500000002"]


def test_a_job_that_was_never_called_is_planned(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    assert office.reports() == [
        JobReport(
            call_job_id="1-0",
            redial_number=None,
            phone="16500000000",
            attempts_count=0,
            job_status="planned",
            created_at=MONDAY,
            finished_at=None,
            call_duration=None,
        )
    ]


def test_one_number_with_a_fault_refuses_the_whole_body(opens: Opens) -> None:
    office = opens()
    body = b'[{"phone": 16500000000}, {"phone": 12}, {"phone": 16500000001, "gmtZone": "Mars"}]'
    error = office.refused(AddPhones(campaign=0, body=body)).error
    assert (error.type, error.phone, error.faults_count) == ("phone.bad.format", 12, 2)
    assert [fault.path for fault in error.faults] == ["[1].phone", "[2].gmtZone"]
    assert office.reports() == []


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ('"gmtZone": "Mars"', "phone.gmtZone.bad.format"),
        ('"allowedTime": {"mon": 3}', "invalid.call.allowed.time"),
        ('"allowedDays": ["noday"]', "invalid.call.allowed.time"),
        ('"maxAttempts": 51', "invalid.field"),
        ('"phoneNumber": 3', "invalid.field"),
    ],
)
def test_a_fault_has_the_type_of_the_calls_api(opens: Opens, field: str, kind: str) -> None:
    error = opens().refused(AddPhones(campaign=0, body=b'[{"phone": 16500000000, %b}]' % field.encode())).error
    assert error.type == kind


def test_a_duplicate_within_a_day_has_no_job(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    assert office.ask(AddPhones(campaign=0, body=phones(2))) == ["1-1"]
    office.ask(Advance(by=86_400))
    assert office.ask(AddPhones(campaign=0, body=phones(1))) == ["1-2"]


def test_one_number_added_again_is_refused_and_named(opens: Opens) -> None:
    office = opens()
    number = {"phone": "16500000000", "payload": {"name": "Alex"}}
    assert office.ask(AddPhone(campaign=0, number=number)) == "1-0"
    refusal = office.refused(AddPhone(campaign=0, number=number))
    assert (refusal.status, refusal.error.type) == (400, "phone.duplicated")
    assert refusal.error.phones_duplicates == ["16500000000"]


def test_a_number_that_is_added_for_a_test_may_be_a_duplicate(opens: Opens) -> None:
    office = opens()
    for job in ("1-0", "1-1"):
        assert office.ask(AddPhone(campaign=0, number={"phone": "16500000000"}, test=True)) == job


def test_an_idempotence_key_gives_the_same_answer_for_a_day(opens: Opens) -> None:
    office = opens()
    add = AddPhones(campaign=0, body=phones(2), key="monday")
    assert office.ask(add) == ["1-0", "1-1"]
    assert office.ask(add) == ["1-0", "1-1"]
    office.ask(Advance(by=86_399))
    assert office.ask(add) == ["1-0", "1-1"]
    office.ask(Advance(by=1))
    assert office.ask(add) == ["1-2", "1-3"]


def test_a_key_of_its_own_adds_a_number_again(opens: Opens) -> None:
    office = opens()
    number = {"phone": "16500000000"}
    assert office.ask(AddPhone(campaign=0, number=number, key="one")) == "1-0"
    assert office.ask(AddPhone(campaign=0, number=number, key="two")) == "1-1"
    assert office.ask(AddPhone(campaign=0, number=number, key="one")) == "1-0"


def test_calls_are_reported_as_they_were_made(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=b'[{"phone": 16500000000, "retryIntervalInMinutes": 60}]'))
    office.ask(Advance(by=2 * 3_600))
    first, second = office.calls()
    assert first == AttemptReport(
        call_job_id="1-0",
        redial_number=None,
        phone="16500000000",
        attempt_number=1,
        job_status="onRetry",
        call_result="noAnswer",
        call_duration=60,
        started_at=MONDAY,
        finished_at=MONDAY + 60_000,
    )
    assert (second.attempt_number, second.started_at) == (2, MONDAY + HOUR + 60_000)
    assert office.ask(AttemptReports(campaign=0, ids=("1-0",))) == [first, second]
    assert office.ask(AttemptReports(campaign=0, phones=("+16500000000",))) == [first, second]


def test_a_call_in_progress_does_not_tell_what_it_will_come_to(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=1))
    [call] = office.calls()
    assert (call.job_status, call.call_result, call.call_duration, call.finished_at) == ("inProcess", None, None, None)


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        (always("answered"), "longCallWithResult"),
        (always("noAnswer", retry=True), "noAnswer"),
        (always("invalid"), "nonexistentNumber"),
        (always("refused"), "longCallWithNoResult"),
        (always("technicalError"), "technicalError"),
    ],
)
def test_a_job_ends_with_the_status_of_what_its_calls_came_to(opens: Opens, outcomes: Any, status: str) -> None:
    office = opens(scenario(**outcomes))
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=86_400))
    assert office.reports()[0].job_status == status


def test_a_job_whose_finish_passes_is_not_done(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=b'[{"phone": 16500000000, "finishDateTime": "2026-03-02T00:30:00Z"}]'))
    office.ask(Advance(by=86_400))
    [report] = office.reports()
    assert (report.job_status, report.attempts_count) == ("notDone", 1)


def test_a_cancelled_job_is_called_no_more(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=phones(3)))
    office.ask(Advance(by=120))
    assert office.ask(Cancel(campaign=0, ids=("1-1",), phones=("16500000002",))) == ["1-1", "1-2"]
    assert office.ask(Cancel(campaign=0, ids=("1-1",))) == []
    office.ask(Advance(by=86_400))
    assert [report.job_status for report in office.reports()] == ["noAnswer", "canceled", "canceled"]


def test_a_call_in_progress_of_a_cancelled_job_finishes(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=1))
    office.ask(Cancel(campaign=0, ids=("1-0",)))
    assert office.reports()[0].job_status == "inProcess"
    office.ask(Advance(by=60))
    [report] = office.reports()
    assert (report.job_status, report.call_duration, report.finished_at) == ("canceled", 60, MONDAY + 60_000)


def test_ids_and_phones_that_are_not_there_are_named(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    for request in (Cancel(campaign=0, ids=("1-0", "1-9")), JobReports(campaign=0, ids=("1-9", "1-0"))):
        error = office.refused(request).error
        assert (error.type, error.ids) == ("id.not.found", ["1-9"])
    error = office.refused(JobReports(campaign=0, phones=("16509999999", "16500000000"))).error
    assert (error.type, error.phones) == ("phone.not.found", ["16509999999"])
    assert office.refused(JobReports(campaign=0, phones=("x",))).error.type == "phone.bad.format"
    assert office.reports()[0].job_status == "planned"


@pytest.mark.parametrize(
    "text", ["", "0", "-0", "1-", "1-0-0", "01-0", "1-00", "2-0", "1-0-1", "1--1", "\uff11-0", "1-0 "]
)
def test_text_that_is_no_id_of_a_job_is_not_found(opens: Opens, text: str) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    assert office.refused(JobReports(campaign=0, ids=(text,))).error.type == "id.not.found"


def test_jobs_are_paged_by_creation_and_end(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    for hour in range(3):
        office.ask(AddPhones(campaign=0, body=phones(4, 16_500_000_000 + 10 * hour)))
        office.ask(Advance(by=3_600))

    def ids(**filters: Any) -> list[str]:
        return [report.call_job_id for report in office.ask(JobsByDate(campaign=0, **filters)).items]

    assert ids(page=1, page_size=5) == ["1-5", "1-6", "1-7", "1-8", "1-9"]
    assert ids(page=9) == []
    assert ids(created=Span(MONDAY + HOUR, MONDAY + HOUR)) == ["1-4", "1-5", "1-6", "1-7"]
    assert ids(created=Span(None, MONDAY + HOUR - 1)) == ["1-0", "1-1", "1-2", "1-3"]
    assert ids(finished=Span(MONDAY + HOUR + 60_000, MONDAY + HOUR + 60_000)) == ["1-4", "1-5"]
    assert ids(created=Span(MONDAY + 1), finished=Span(None, MONDAY + 2 * HOUR)) == ["1-4", "1-5", "1-6", "1-7"]
    assert ids(unfinished=True) == []
    office.ask(AddPhones(campaign=0, body=phones(1, 16_600_000_000)))
    assert ids(unfinished=True) == ["1-12"]
    assert ids(unfinished=True, finished=Span(0)) == []


def test_calls_are_paged_by_begin_and_end(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(6)))
    office.ask(Advance(by=121))

    def started(**filters: Any) -> list[int]:
        return [call.started_at - MONDAY for call in office.ask(AttemptsByDate(campaign=0, **filters)).items]

    assert started() == [0, 0, 60_000, 60_000, 120_000, 120_000]
    assert started(started=Span(MONDAY + 1, MONDAY + 60_999)) == [60_000, 60_000]
    assert started(finished=Span(MONDAY + 60_000)) == [0, 0, 60_000, 60_000]
    assert started(started=Span(MONDAY + 60_000), finished=Span(None, MONDAY + HOUR)) == [60_000, 60_000]
    assert started(page=1, page_size=4) == [120_000, 120_000]


def test_a_campaign_is_described_in_figures(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(5)))
    office.ask(Advance(by=90))
    report = office.ask(DescribeCampaign(campaign=0))
    assert (report.name, report.status, report.max_simultaneous_calls) == ("Reminders", "inProcess", 2)
    assert (report.start_time, report.end_time) == (MONDAY, MONDAY + 7 * 24 * HOUR)
    figures = report.short_report
    assert (figures.total_numbers, figures.processed_numbers, figures.in_process_calls) == (5, 2, 2)
    assert (figures.used_talking_time, figures.retry_calls) == (120, 0)


def test_numbers_that_wait_for_another_call_are_counted(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=phones(5)))
    office.ask(Advance(by=90))
    assert office.ask(DescribeCampaign(campaign=0)).short_report.retry_calls == 2


# Controls


def test_a_paused_campaign_begins_no_calls_and_goes_on(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(4)))
    office.ask(Advance(by=1))
    office.ask(Control(campaign=0, action="pause"))
    office.ask(Advance(by=600))
    assert office.ask(DescribeCampaign(campaign=0)).status == "paused"
    assert [report.job_status for report in office.reports()] == ["longCallWithResult"] * 2 + ["planned"] * 2
    office.ask(Control(campaign=0, action="resume"))
    office.ask(Advance(by=600))
    assert [report.job_status for report in office.reports()] == ["longCallWithResult"] * 4


def test_a_stopped_campaign_ends_every_job_and_takes_no_more(opens: Opens) -> None:
    office = opens(scenario(**always("noAnswer", retry=True)))
    office.ask(AddPhones(campaign=0, body=phones(4)))
    office.ask(Cancel(campaign=0, ids=("1-3",)))
    office.ask(Advance(by=70))
    office.ask(Control(campaign=0, action="stop"))
    assert office.ask(DescribeCampaign(campaign=0)).status == "finished"
    office.ask(Advance(by=600))
    assert [report.job_status for report in office.reports()] == ["notDone", "notDone", "notDone", "canceled"]
    for request in (
        AddPhones(campaign=0, body=phones(1)),
        AddPhone(campaign=0, number={"phone": "16500000009"}),
        Control(campaign=0, action="resume"),
    ):
        error = office.refused(request).error
        assert (error.type, error.state) == ("invalid.call.task.state", "finished")


def test_nothing_is_added_after_the_simulation(opens: Opens) -> None:
    office = opens()
    office.ask(Advance(to="2026-03-09T00:00:00Z"))
    assert office.refused(AddPhones(campaign=0, body=phones(1))).error.state == "finished"


def test_a_campaign_is_planned_before_its_start() -> None:
    later = scenario(start="2026-03-03T00:00:00Z")
    clerk = open_new([scenario(), later], ["one", "two"], paused=True).clerk
    office = Office(clerk)
    assert office.ask(AddPhones(campaign=1, body=phones(1))) == ["2-0"]
    assert office.ask(DescribeCampaign(campaign=1)).status == "planned"
    office.ask(Advance(by=2 * 86_400))
    assert office.ask(DescribeCampaign(campaign=1)).status == "inProcess"
    [call] = office.ask(AttemptReports(campaign=1, ids=("2-0",)))[:1]
    assert call.started_at == MONDAY + 24 * HOUR
    clerk.close()


# Redials


def test_a_redial_is_a_job_of_its_own(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=30))
    life = office.ask(InjectRedial(job="1-0", fields={"startAfterMinutes": 10, "maxAttempts": 2}))
    assert (life.report.call_job_id, life.report.job_status) == ("1-0", "inProcess")
    office.ask(Advance(by=60))
    first, redial = office.reports()
    assert (first.job_status, first.finished_at) == ("longCallWithResult", MONDAY + 60_000)
    assert (redial.call_job_id, redial.redial_number, redial.job_status) == ("1-0-1", 1, "planned")
    assert redial.created_at == MONDAY + 60_000
    office.ask(Advance(by=3_600))
    calls = office.ask(AttemptReports(campaign=0, phones=("16500000000",)))
    assert [(call.call_job_id, call.attempt_number, call.started_at - MONDAY) for call in calls] == [
        ("1-0", 1, 0),
        ("1-0-1", 1, 660_000),
    ]


def test_a_redial_can_be_cancelled_by_its_own_id(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=100))
    office.ask(InjectRedial(job="1-0", fields={"startAfterMinutes": 10}))
    assert office.ask(Cancel(campaign=0, ids=("1-0",))) == []
    assert office.ask(Cancel(campaign=0, ids=("1-0-1",))) == ["1-0-1"]
    assert [report.job_status for report in office.reports()] == ["longCallWithResult", "canceled"]


def test_a_redial_that_cannot_be_is_refused(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    never_called = office.refused(InjectRedial(job="1-0", fields={"startAfterMinutes": 1})).error
    assert never_called.path == "job"
    assert "no call yet" in never_called.message
    error = office.refused(InjectRedial(job="1-0", fields={"startAfterMinutes": -1, "maxAttempt": 2})).error
    assert {fault.path for fault in error.faults} == {"fields.startAfterMinutes", "fields.maxAttempt"}
    assert office.refused(InjectRedial(job="7-0", fields={})).error.type == "id.not.found"


# The clock


def test_an_advance_tells_what_happened(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(5)))
    office.ask(Advance(by=30))
    advanced = office.ask(Advance(by=60))
    assert (advanced.since, advanced.until) == ("2026-03-02T00:00:30Z", "2026-03-02T00:01:30Z")
    [happened] = advanced.campaigns
    assert (happened.begun, happened.outcomes, happened.reached) == (2, {"answered": 2}, 2)
    assert happened.ended["completed"] == 2


def test_time_does_not_go_back(opens: Opens) -> None:
    office = opens()
    office.ask(Advance(by=60))
    for request in (Advance(to=START), Advance(by=-1), SetClock(instant=START)):
        assert "does not go back" in office.refused(request).error.message
    assert "instant" in office.refused(Advance(to="tomorrow")).error.message
    assert office.refused(Advance(to="2300-01-01T00:00:00Z")).error.path == "to"


def test_a_clock_can_be_set_to_a_later_instant(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    clock = office.ask(SetClock(instant="2026-03-02T12:00:00Z", speed=5.0))
    assert (clock.instant, clock.speed, clock.paused) == ("2026-03-02T12:00:00Z", 5.0, True)
    assert office.calls()


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e9, float("nan"), float("inf")])
def test_a_speed_that_cannot_be_is_refused(opens: Opens, speed: float) -> None:
    assert opens().refused(SetClock(speed=speed)).error.path == "speed"


def test_a_clock_that_hardly_moves_is_a_clock(opens: Opens) -> None:
    office = opens()
    assert office.ask(SetClock(speed=1e-300, paused=False)).speed == 1e-300
    assert office.ask(ReadClock()).instant == START


def test_a_speed_that_cannot_be_is_refused_before_anything_is_played(opens: Opens) -> None:
    office = opens()
    assert office.refused(SetClock(instant="2026-03-03T00:00:00Z", speed=-1.0)).error.path == "speed"
    assert office.ask(ReadClock()).instant == START


def test_a_running_clock_goes_on_by_itself(opens: Opens) -> None:
    office = opens(paused=False, speed=100_000.0)

    async def until_a_day_has_passed() -> None:
        while (await office.clerk.ask(ReadClock())).instant < "2026-03-03":
            pass

    in_a_loop(asyncio.wait_for(until_a_day_has_passed(), 60))


def test_advances_at_the_same_time_follow_each_other(opens: Opens) -> None:
    office = opens()

    async def both() -> tuple[Advanced, Advanced]:
        return await asyncio.gather(office.clerk.ask(Advance(by=60)), office.clerk.ask(Advance(by=60)))

    first, second = in_a_loop(both())
    assert (first.until, second.since) == ("2026-03-02T00:01:00Z", "2026-03-02T00:01:00Z")
    assert second.until == "2026-03-02T00:02:00Z"


def test_a_reset_goes_back_to_the_start(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1), key="key"))
    office.ask(Advance(by=3_600))
    office.ask(SetClock(speed=3.0))
    clock = office.ask(Reset())
    assert (clock.instant, clock.speed, clock.paused) == (START, 60.0, True)
    assert office.reports() == []
    assert office.ask(AddPhones(campaign=0, body=phones(1), key="key")) == ["1-0"]


def test_listeners_are_told_what_changes(opens: Opens) -> None:
    office = opens()

    async def two_states() -> tuple[State, State]:
        states = office.clerk.states()
        before = await anext(states)
        await office.clerk.ask(AddPhones(campaign=0, body=phones(3)))
        after = await asyncio.wait_for(anext(states), 60)
        await states.aclose()
        return before, after

    before, after = in_a_loop(two_states())
    assert (before.campaigns[0].jobs, after.campaigns[0].jobs) == (0, 3)
    assert after.campaigns[0].waiting == [0, 0, 0, 0, 3]


def test_listeners_are_let_go_when_the_clerk_ends() -> None:
    clerk = open_new([scenario()], paused=True).clerk

    async def listen() -> list[State]:
        states = clerk.states()
        seen = [await anext(states)]
        clerk.close()
        return seen + [state async for state in states]

    assert len(in_a_loop(asyncio.wait_for(listen(), 60))) == 1


def test_the_dashboard_sees_a_token_in_part_only(opens: Opens) -> None:
    state = opens().ask(ReadState())
    assert state.campaigns[0].token == masked("token") == "toke…"  # noqa: S105


def test_jobs_are_found_by_phone_and_by_id(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(2)))
    office.ask(Advance(by=600))
    for text in ("1-1", "16500000001", "+16500000001"):
        [life] = office.ask(FindJobs(text=text))
        assert (life.report.call_job_id, len(life.calls)) == ("1-1", 1)
    assert office.ask(FindJobs(text="nobody")) == []


# Equal to a run, and nothing lost


def test_a_scenario_that_is_played_by_the_clock_has_the_calls_of_its_run(opens: Opens) -> None:
    lists = {"numbers[0].generate.count": 7_500, "numbers[1].generate.count": 2_500}
    played = Scenario.load("scenarios/spring_promo.yaml", lists)
    office = opens(played)
    office.ask(Advance(by=90_001))
    office.ask(Advance(to="2026-03-16T00:00:00Z"))
    run = simulate(played, calls=True)
    calls = office.calls()
    columns = run.record.calls
    assert columns is not None
    names = run.rulebook.model.names
    assert len(calls) > 20_000
    assert [
        (int(call.call_job_id.split("-")[1]), call.started_at // 1000, call.call_duration, call.call_result)
        for call in calls
    ] == [
        (number, start, seconds, names[outcome])
        for number, start, seconds, outcome in zip(
            columns.number.tolist(),
            columns.start.tolist(),
            columns.seconds.tolist(),
            columns.outcome.tolist(),
            strict=True,
        )
    ]


def everything(office: Office) -> list[Any]:
    """All that a server tells of its campaign."""
    state = office.ask(ReadState())
    return [state, office.reports(), office.calls(), office.ask(DescribeCampaign(campaign=0))]


def test_a_server_that_is_started_again_is_as_it_was(tmp_path: Path, opens: Opens) -> None:
    database = tmp_path / "server.db"
    office = opens(database=database)
    office.ask(AddPhones(campaign=0, body=phones(50), key="key"))
    office.ask(Advance(by=3_600))
    office.ask(InjectRedial(job="1-0", fields={"startAfterMinutes": 5}))
    office.ask(Cancel(campaign=0, ids=("1-7",)))
    office.ask(AddPhone(campaign=0, number={"phone": "16500000001"}, test=True))
    office.refused(AddPhone(campaign=0, number={"phone": "16500000001"}))
    office.ask(Advance(by=1_800))
    office.ask(Control(campaign=0, action="pause"))
    office.ask(Advance(by=100))
    before = everything(office)
    killed = tmp_path / "killed.db"  # as the disk was at this instant
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", f"{killed}{suffix}")
    again = Office(open_kept(killed).clerk)
    assert everything(again) == before
    assert again.ask(AddPhones(campaign=0, body=b"[]", key="key")) == [f"1-{job}" for job in range(50)]
    for each in (office, again):
        each.ask(Control(campaign=0, action="resume"))
        each.ask(Advance(by=3 * 86_400))
    assert everything(again) == everything(office)
    again.clerk.close()


def test_a_snapshot_is_as_good_as_the_requests_before_it(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    office = Office(open_new([scenario()], ["token"], database=database, paused=True).clerk)
    office.ask(AddPhones(campaign=0, body=phones(50), key="key"))
    office.ask(Advance(by=3_600))
    office.clerk._take_snapshots()  # nobody else uses the clerk now
    office.ask(AddPhones(campaign=0, body=phones(5, 16_600_000_000)))
    office.ask(Advance(by=60))
    before = everything(office)
    office.clerk._journal.close()
    again = Office(open_kept(database).clerk)
    assert again.clerk._campaigns[0].kept_until == 1
    assert everything(again) == before
    assert again.ask(AddPhones(campaign=0, body=b"[]", key="key")) == [f"1-{job}" for job in range(50)]
    again.clerk.close()


def test_what_a_restart_had_to_play_again_is_kept_in_a_snapshot_when_the_server_ends(
    tmp_path: Path, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opens(database=tmp_path / "server.db")
    office.ask(AddPhones(campaign=0, body=phones(3_000)))
    office.ask(Advance(by=86_400))
    office.clerk._journal.close()  # as if it were killed
    monkeypatch.setattr("engine.server.clerk.IDLE_WORK", 0.01)
    for kept_until in (0, 1):
        clerk = open_kept(tmp_path / "server.db").clerk
        assert clerk._campaigns[0].kept_until == kept_until
        clerk.close()


def test_two_servers_with_one_seed_answer_alike(opens: Opens) -> None:
    offices = [opens(scenario(seed=3)), opens(scenario(seed=3)), opens(scenario(seed=4))]
    for office in offices:
        office.ask(AddPhones(campaign=0, body=phones(40)))
        office.ask(Advance(by=7_200))
    one, other, third = map(everything, offices)
    assert one == other
    assert one != third


def test_a_disk_that_is_full_refuses_and_loses_nothing(tmp_path: Path, opens: Opens) -> None:
    office = opens(database=tmp_path / "server.db")
    office.ask(AddPhones(campaign=0, body=phones(5)))
    database = office.clerk._journal._db
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    many = AddPhones(campaign=0, body=phones(5_000, 16_600_000_000))
    refusal = office.refused(many)
    assert (refusal.status, refusal.error.type) == (503, "storage.full")
    database.execute("PRAGMA max_page_count = 1000000")
    assert len(office.reports()) == 5
    assert len(office.ask(many)) == 5_000


def test_a_server_that_has_failed_answers_what_it_was_asked_then_and_later(opens: Opens) -> None:
    office = opens()
    office.clerk._journal.close()
    for _ in range(2):
        refusal = office.refused(AddPhones(campaign=0, body=phones(1)))
        assert (refusal.status, refusal.error.type) == (500, "internal.error")


def test_a_server_that_has_failed_lets_its_listeners_go(opens: Opens) -> None:
    clerk = opens().clerk

    async def heard() -> list[State]:
        states = clerk.states()
        first = await anext(states)
        clerk._journal.close()
        with pytest.raises(RefusedError):
            await clerk.ask(AddPhones(campaign=0, body=phones(1)))
        return [first, *[state async for state in states]]

    assert len(in_a_loop(asyncio.wait_for(heard(), 30))) == 1


def test_an_advance_whose_answer_cannot_be_made_is_answered_with_500(opens: Opens) -> None:
    office = opens()
    office.clerk._advanced = None  # type: ignore[assignment, method-assign]
    for _ in range(2):
        refusal = office.refused(Advance(by=3_600))
        assert (refusal.status, refusal.error.type) == (500, "internal.error")
    assert office.ask(ReadClock()).instant == "2026-03-02T02:00:00Z"


def test_a_database_goes_on_only_with_its_own_campaigns(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    open_new([scenario()], ["token"], database=database, paused=True).clerk.close()
    open_kept(database, [scenario()], ["token"]).clerk.close()
    for scenarios, tokens in (([scenario(seed=9)], []), ([], ["another"])):
        with pytest.raises(JournalError, match="keeps other campaigns"):
            open_kept(database, scenarios, tokens)


def test_a_list_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    database, numbers = tmp_path / "server.db", tmp_path / "numbers.json"
    numbers.write_bytes(phones(3))
    (tmp_path / "scenario.json").write_bytes(
        msgspec.json.encode({**scenario().source, "numbers": [{"file": "numbers.json"}]})
    )
    open_new([Scenario.load(tmp_path / "scenario.json")], database=database, paused=True).clerk.close()
    numbers.write_bytes(phones(4))
    with pytest.raises(JournalError, match=r"list has changed since: .*numbers\.json"):
        open_kept(database)


def test_a_strict_server_refuses_what_the_platform_does(opens: Opens) -> None:
    office = opens(strict=True)
    for field in ('"maxAttempts": 0', '"retryIntervalInMinutes": 2881'):
        error = office.refused(AddPhones(campaign=0, body=b'[{"phone": 16500000000, %b}]' % field.encode())).error
        assert (error.type, error.path) == ("invalid.field", "[0]." + field.split('"')[1])
    assert opens().ask(AddPhones(campaign=0, body=b'[{"phone": 16500000000, "maxAttempts": 0}]')) == ["1-0"]
