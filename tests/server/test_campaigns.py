"""Campaigns: numbers that are added, cancelled and reported in the words of the Calls API."""

from typing import Any

import msgspec
import pytest

from engine.server.answers import AttemptReport, JobReport
from engine.server.opening import open_new
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
    Span,
)
from tests.server.office import HOUR, MONDAY, Office, Opens, always, phones, scenario


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


@pytest.mark.parametrize("body", [b'[{"phone": "(650) 555-0100"}]', b'{"phone": 16505550100}'])
def test_a_body_is_not_told_what_only_a_file_can_have(opens: Opens, body: bytes) -> None:
    error = opens().refused(AddPhones(campaign=0, body=body)).error

    assert all(word not in str(error.faults) for word in ("country", "file", "ndjson"))


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


def test_jobs_are_found_by_phone_and_by_id(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(2)))
    office.ask(Advance(by=600))
    for text in ("1-1", "16500000001", "+16500000001"):
        [life] = office.ask(FindJobs(text=text))
        assert (life.report.call_job_id, len(life.calls)) == ("1-1", 1)
    assert office.ask(FindJobs(text="nobody")) == []


def test_a_strict_server_refuses_what_the_platform_does(opens: Opens) -> None:
    office = opens(strict=True)
    for field in ('"maxAttempts": 0', '"retryIntervalInMinutes": 2881'):
        error = office.refused(AddPhones(campaign=0, body=b'[{"phone": 16500000000, %b}]' % field.encode())).error
        assert (error.type, error.path) == ("invalid.field", "[0]." + field.split('"')[1])
    assert opens().ask(AddPhones(campaign=0, body=b'[{"phone": 16500000000, "maxAttempts": 0}]')) == ["1-0"]


def test_pages_keep_the_order_of_creation_also_within_a_second(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(4)))
    office.ask(Advance(by=300))
    for job in ("1-2", "1-0", "1-1"):  # a second brings them all
        office.ask(InjectRedial(job=job, fields={"startAfterMinutes": 1}))
    office.ask(InjectRedial(job="1-3", fields={"startAfterMinutes": 600}))
    office.ask(Advance(by=300))
    ever, an_hour = Span(first=MONDAY), Span(first=MONDAY, last=MONDAY + HOUR)
    ended_redials = [
        report.call_job_id
        for page in range(3)
        for report in office.ask(
            JobsByDate(campaign=0, created=Span(first=MONDAY + 1_000), finished=an_hour, page=page, page_size=1)
        ).items
    ]
    assert ended_redials == ["1-2-1", "1-0-1", "1-1-1"]
    created = [report.call_job_id for report in office.ask(JobsByDate(campaign=0, created=ever)).items]
    assert created == ["1-0", "1-1", "1-2", "1-3", "1-2-1", "1-0-1", "1-1-1", "1-3-1"]


def test_a_body_that_is_refused_leaves_no_trace(opens: Opens) -> None:
    for strict in (False, True):
        office = opens(strict=strict)
        before = office.clerk._campaigns[0].snapshot()
        good = [{"phone": 16_500_000_000 + index, "retryIntervalInMinutes": 60 + index} for index in range(50)]
        office.refused(AddPhones(campaign=0, body=msgspec.json.encode([*good, {"phone": 1, "maxAttempts": 0}])))
        office.refused(AddPhones(campaign=0, body=msgspec.json.encode([*good, {"phone": 1}])))
        assert office.clerk._campaigns[0].snapshot() == before
        assert len(office.ask(AddPhones(campaign=0, body=msgspec.json.encode(good)))) == 50


def test_a_number_added_with_a_key_is_one_that_was_added(opens: Opens) -> None:
    office = opens()
    number = {"phone": "16500000000"}
    assert [office.ask(AddPhone(campaign=0, number=number, key=key)) for key in ("a", "b", "a")] == [
        "1-0",
        "1-1",
        "1-0",
    ]
    assert office.refused(AddPhone(campaign=0, number=number)).error.type == "phone.duplicated"
    assert office.ask(AddPhone(campaign=0, number=number, key="a", test=True)) == "1-2", "a method of its own"
    office.ask(Advance(by=86_400))
    assert office.ask(AddPhone(campaign=0, number=number)) == "1-3"


def test_a_job_in_its_second_call_tells_how_long_the_first_was(opens: Opens) -> None:
    outcomes = {"noAnswer": {"share": 1, "seconds": 30, "retry": True, "retryIntervalInMinutes": 5}}
    office = opens(scenario(outcomes={**outcomes, "answered": {"share": 0, "seconds": 60}}))
    office.ask(AddPhones(campaign=0, body=phones(1)))
    office.ask(Advance(by=340))
    [report] = office.reports()
    assert (report.attempts_count, report.job_status, report.call_duration) == (2, "inProcess", 30)


def test_a_number_of_megabytes_is_refused_before_it_is_read(opens: Opens) -> None:
    body = msgspec.json.encode([{"phone": 16500000000, "payload": {"a": [{}] * 400_000}}])
    error = opens().refused(AddPhones(campaign=0, body=body)).error
    assert (error.type, error.path) == ("invalid.field", "[0]")
    assert "at most 1,048,576" in error.message
