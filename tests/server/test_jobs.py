"""Pages of jobs and calls, read while time runs."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.dialing.live import LiveDialer, NoRedialError
from engine.server.jobs import Jobs
from engine.server.requests import AttemptsByDate, JobsByDate, Span
from tests.server.office import MONDAY, scenario

HOURS = 6
Query = Callable[..., JobsByDate | AttemptsByDate]
Happens = tuple[str, int]
"""What happens between two pages: seconds that are played, numbers that are added, or a job with its command."""

ends = st.none() | st.integers(-1, HOURS * 60).map(lambda minute: MONDAY + minute * 60_000)
spans = st.just(Span()) | st.builds(Span, ends, ends)
happenings = st.lists(
    st.tuples(st.sampled_from(["play", "play", "play", "add", "cancel", "redial"]), st.integers(0, 2_000)), max_size=12
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """A query whose pages are read one after the other."""
    kind = draw(st.sampled_from(["jobs", "calls"]))
    begun, finished, size = draw(spans), draw(spans), draw(st.integers(1, 4))

    def query(page: int, page_size: int = size) -> JobsByDate | AttemptsByDate:
        chosen: dict[str, Any] = {"campaign": 0, "finished": finished, "page": page, "page_size": page_size}
        return JobsByDate(created=begun, **chosen) if kind == "jobs" else AttemptsByDate(started=begun, **chosen)

    return query


def of_unfinished(page: int, page_size: int = 2) -> JobsByDate:
    return JobsByDate(campaign=0, unfinished=True, page=page, page_size=page_size)


def ever(page: int, page_size: int = 2) -> JobsByDate:
    return JobsByDate(campaign=0, created=Span(0), finished=Span(0), page=page, page_size=page_size)


def busy_dialer() -> LiveDialer:
    """Some jobs on two lines, after ten minutes."""
    dialer = LiveDialer(scenario())
    add(dialer, 12)
    dialer.run_for(600)
    return dialer


def add(dialer: LiveDialer, count: int) -> None:
    dialer.add([{"phone": 16_500_000_000 + len(dialer) + index} for index in range(count)])


def let_happen(dialer: LiveDialer, happens: Happens) -> None:
    what, size = happens
    if what == "play":
        dialer.run_for(size)
    elif what == "add":
        add(dialer, 1 + size % 3)
    elif what == "cancel":
        dialer.cancel([size % len(dialer)])
    else:
        with suppress(NoRedialError):
            dialer.redial(size % len(dialer), {"startAfterMinutes": size % 3})


def read(dialer: LiveDialer, request: JobsByDate | AttemptsByDate) -> list[Any]:
    """What stands on a page, each by what names it."""
    jobs = Jobs(0, dialer)
    if isinstance(request, JobsByDate):
        return [job.call_job_id for job in jobs.by_date(request).items]
    return [(call.call_job_id, call.attempt_number) for call in jobs.attempts_by_date(request).items]


@settings(max_examples=300, deadline=None)
@given(queries(), happenings)
@example(ever, [("play", 600)] * 12)
def test_pages_read_while_time_runs_skip_and_repeat_nothing(query: Query, happenings: list[Happens]) -> None:
    dialer = busy_dialer()
    at_first = read(dialer, query(0, 200))
    pages: list[list[Any]] = []
    while not pages or pages[-1]:
        pages.append(read(dialer, query(len(pages))))
        for happens in happenings[len(pages) - 1 : len(pages)]:
            let_happen(dialer, happens)
    found = [each for page in pages for each in page]
    assert len(set(found)) == len(found)
    assert found[: len(at_first)] == at_first


@settings(max_examples=100, deadline=None)
@given(happenings)
def test_pages_of_jobs_that_have_not_ended_miss_none_if_the_last_is_read_first(happenings: list[Happens]) -> None:
    dialer = busy_dialer()
    at_first = set(read(dialer, of_unfinished(0, 200)))
    found: set[str] = set()
    for step, page in enumerate(range(len(at_first) // 2, -1, -1)):
        found |= set(read(dialer, of_unfinished(page)))
        for happens in happenings[step : step + 1]:
            let_happen(dialer, happens)
    at_last = set(read(dialer, of_unfinished(0, 200)))
    assert at_first & at_last <= found


@settings(max_examples=200, deadline=None)
@given(queries(), happenings)
def test_pages_have_all_that_lies_within_their_spans(query: Query, happenings: list[Happens]) -> None:
    dialer = busy_dialer()
    for happens in happenings:
        let_happen(dialer, happens)
    request = query(0, 200)
    jobs = Jobs(0, dialer)
    if isinstance(request, JobsByDate):
        all_jobs = jobs.by_date(JobsByDate(campaign=0, page_size=200)).items
        expected: list[Any] = [
            job.call_job_id
            for job in all_jobs
            if within(job.created_at, request.created) and within(job.finished_at, request.finished)
        ]
    else:
        all_calls = jobs.attempts_by_date(AttemptsByDate(campaign=0, page_size=200)).items
        expected = [
            (call.call_job_id, call.attempt_number)
            for call in all_calls
            if within(call.started_at, request.started) and within(call.finished_at, request.finished)
        ]
    assert sorted(read(dialer, request)) == sorted(expected)


def within(instant: int | None, span: Span) -> bool:
    if instant is None:
        return span == Span()
    return (span.first is None or span.first <= instant) and (span.last is None or instant <= span.last)
