"""Jobs: those of one campaign, found by id, by phone and by date, in the words of the Calls API."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from engine.dialing.live import LiveDialer
from engine.dialing.reports import EVER, CallState, SeriesState
from engine.numbers.phonebook import PHONE_FORM, phone_code
from engine.reading.faults import shown
from engine.server.answers import AttemptReport, Item, JobLife, JobReport, Page, Pagination
from engine.server.errors import refused
from engine.server.reports import attempt_report, job_life, job_report, series_of, unknown_ids, unknown_phones
from engine.server.requests import AttemptsByDate, JobsByDate, Span

T = TypeVar("T")


class Jobs:
    """The jobs of a campaign (its number is from 0): a series each, of a number that its dialer has."""

    def __init__(self, campaign: int, dialer: LiveDialer) -> None:
        self._campaign = campaign
        self._dialer = dialer

    def by_date(self, request: JobsByDate) -> Page[JobReport]:
        """A page of jobs by when they were created, and by when they ended."""
        dialer, created, finished = self._dialer, _instants(request.created), _instants(request.finished)
        if request.unfinished:
            found: Sequence[SeriesState] = [] if finished else dialer.series_unfinished(*(created or EVER))
        elif finished is None:
            found = dialer.series_created(*(created or EVER))
        else:
            found = dialer.series_ended(*finished, created=created or EVER)
        return _page(request, found, lambda series: job_report(self._campaign, series))

    def attempts_by_date(self, request: AttemptsByDate) -> Page[AttemptReport]:
        """A page of calls by when they began, and by when they ended."""
        started, finished = _instants(request.started) or EVER, _instants(request.finished)
        if finished is None:
            found = self._dialer.calls_begun(*started)
        else:
            found = self._dialer.calls_ended(*finished, begun=started)
        return _page(request, found, self._attempt)

    def _attempt(self, call: CallState) -> AttemptReport:
        return attempt_report(self._campaign, call, self._dialer.series(call.job)[call.redial])

    def attempts(self, series: SeriesState) -> list[AttemptReport]:
        """The calls of a job."""
        calls = self._dialer.calls(series.job)
        return [attempt_report(self._campaign, call, series) for call in calls if call.redial == series.redial]

    def life(self, series: SeriesState) -> JobLife:
        """A job with its calls, and what comes next."""
        return job_life(self._campaign, series, self._dialer.state(series.job), self.attempts(series))

    def chosen(self, phones: Sequence[str], ids: Sequence[str]) -> list[SeriesState]:
        """The series with these ids and all of these phones, each once; RefusedError if one is not there."""
        chosen = self.with_ids(ids)
        unknown = [phone for phone in phones if not self._dialer.jobs_of(phone)]
        bad = next((phone for phone in unknown if phone_code(phone) is None), None)
        if bad is not None:
            raise refused(400, "phone.bad.format", f"found {shown(bad)}; allowed: {PHONE_FORM}", phone=shown(bad))
        if unknown:
            raise unknown_phones(unknown)
        jobs = dict.fromkeys(job for phone in phones for job in self._dialer.jobs_of(phone))
        chosen += [series for job in jobs for series in self._dialer.series(job)]
        return list({(series.job, series.redial): series for series in chosen}.values())

    def with_ids(self, ids: Sequence[str]) -> list[SeriesState]:
        """The series with these ids; RefusedError if one is not there."""
        chosen: list[SeriesState] = []
        unknown = []
        for text in ids:
            campaign, job, redial = series_of(text) or (-1, 0, 0)
            known = self._dialer.series(job) if campaign == self._campaign and job < len(self._dialer) else []
            if redial < len(known):
                chosen.append(known[redial])
            else:
                unknown.append(text)
        if unknown:
            raise unknown_ids(unknown)
        return chosen

    def find(self, text: str) -> Iterator[JobLife]:
        """The jobs with this id or of this phone, the last one first."""
        named = series_of(text)
        if named is not None and named[0] == self._campaign and 0 <= named[1] < len(self._dialer):
            jobs = [named[1]]
        else:
            jobs = self._dialer.jobs_of(text)
        for job in reversed(jobs):
            yield from (self.life(series) for series in reversed(self._dialer.series(job)))


def _instants(span: Span) -> tuple[int, int] | None:
    """A span in milliseconds as whole seconds `[first, last)`; None without limits."""
    if span == Span():
        return None
    first = EVER[0] if span.first is None else -(-span.first // 1000)
    return first, EVER[1] if span.last is None else span.last // 1000 + 1


def _page(request: JobsByDate | AttemptsByDate, found: Sequence[T], report: Callable[[T], Item]) -> Page[Item]:
    """A page of what was found; rows that are made when they are asked for are made for the page only."""
    first, last = request.page * request.page_size, (request.page + 1) * request.page_size
    return Page([report(each) for each in found[first:last]], Pagination(request.page, request.page_size))
