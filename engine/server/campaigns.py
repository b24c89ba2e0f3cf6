"""Campaigns: live dialers that carry out the requests of the Calls API."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Self, TypeVar

import msgspec

from engine.calling.instants import ALWAYS, DAY, NEVER, utc_text
from engine.dialing.live import LiveDialer
from engine.dialing.reports import CallState, SeriesState
from engine.numbers.intake import NumberList
from engine.numbers.phonebook import PHONE_FORM, phone_code
from engine.progress import Progress, unseen
from engine.reading.faults import Fault, InputError, shown
from engine.reading.json_values import NotJsonError, any_json_value
from engine.scenario.scenario import Scenario
from engine.server.answers import (
    AttemptReport,
    CampaignReport,
    CampaignState,
    CampaignStatus,
    Happened,
    Item,
    JobLife,
    JobReport,
    Page,
    Pagination,
    ShortReport,
)
from engine.server.errors import RefusedError, faulty, refused
from engine.server.journal import Entry, Snapshot
from engine.server.reports import (
    attempt_report,
    job_id,
    job_life,
    job_report,
    recent_call,
    series_of,
    unknown_ids,
    unknown_phones,
)
from engine.server.requests import (
    AddPhone,
    AddPhones,
    AttemptReports,
    AttemptsByDate,
    Cancel,
    Control,
    DescribeCampaign,
    InjectRedial,
    JobReports,
    JobsByDate,
    OfCampaign,
    Request,
    Span,
)
from engine.server.strict import strict_faults
from engine.server.tokens import masked

CHANGES = (AddPhones, AddPhone, Cancel, Control, InjectRedial)
"""The requests that change a campaign: these are kept."""
LAST_CALLS = 20
EVER = ALWAYS, NEVER
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in CHANGES}

T = TypeVar("T")

log = logging.getLogger(__name__)


class Prepared(NamedTuple):
    """A request that changes a campaign, with what was read of it; it can be kept and carried out."""

    request: Request[Any]
    campaign: int
    content: bytes
    """The request as the journal keeps it."""
    numbers: NumberList | None = None

    def entry(self, instant: int) -> Entry:
        """The entry of the journal."""
        return Entry(instant, self.campaign, type(self.request).__name__, self.content)


class _Answered(NamedTuple):
    """An answer that is given again to the same idempotence key for 24 hours."""

    instant: int
    answer: Any


class _Kept(msgspec.Struct, frozen=True):
    """What a snapshot of a campaign holds."""

    dialer: bytes
    answers: list[tuple[str, str, int, Any]]


class Campaign:
    """A campaign with its dialer. It changes only by `play` and `carry_out`: the same ones lead to the same state."""

    def __init__(
        self,
        number: int,
        token: str,
        scenario: Scenario,
        *,
        strict: bool = False,
        progress: Progress = unseen,
        dialer: LiveDialer | None = None,
    ) -> None:
        self.number = number
        """From 0."""
        self.token = token
        self.scenario = scenario
        self.strict = strict
        self.kept_until = 0
        """The last entry of the journal that is in its state from the beginning."""
        self._dialer = dialer or LiveDialer(scenario, progress=progress)
        self._answers: OrderedDict[tuple[str, str], _Answered] = OrderedDict()

    @property
    def name(self) -> str:
        """Its scenario's name."""
        return self.scenario.document.name or f"Campaign {self.number + 1}"

    def anew(self) -> "Campaign":
        """The same campaign at its start; InputError if its list has changed since."""
        return Campaign(self.number, self.token, self.scenario, strict=self.strict)

    # Snapshots, and the journal

    def snapshot(self) -> bytes:
        """Its whole state."""
        answers = [(kind, key, *answered) for (kind, key), answered in self._answers.items()]
        return msgspec.msgpack.encode(_Kept(self._dialer.snapshot(), answers))

    @classmethod
    def restored(cls, number: int, token: str, scenario: Scenario, snapshot: Snapshot) -> Self:
        """The campaign in the state of a snapshot; InputError if that is not one of this scenario and this version."""
        try:
            kept = msgspec.msgpack.decode(snapshot.content, type=_Kept)
        except msgspec.DecodeError as error:
            raise InputError([Fault((), f"a snapshot that cannot be read ({error})", "one of this version")]) from None
        campaign = cls(number, token, scenario, dialer=LiveDialer.restored(scenario, kept.dialer))
        for kind, key, instant, answer in kept.answers:
            campaign._answers[kind, key] = _Answered(instant, answer)
        campaign.kept_until = snapshot.journal
        return campaign

    def repeat(self, position: int, entry: Entry) -> None:
        """Carry out an entry of the journal, unless its state has it already; it ends as it did before."""
        if position <= self.kept_until:
            return
        self.play(entry.instant)
        try:
            self.carry_out(self.prepare(msgspec.msgpack.decode(entry.content, type=_KINDS[entry.kind])))
        except RefusedError:
            pass  # as it was then
        except Exception:
            log.exception("request %d could not be carried out, as before", position)

    # Time

    def play(self, instant: int) -> None:
        """Play every second before an instant."""
        if instant > self._dialer.now:
            self._dialer.run_until(instant)

    @property
    def status(self) -> CampaignStatus:
        """Where it stands."""
        if self._is_over:
            return "finished"
        if self._dialer.paused:
            return "paused"
        return "inProcess" if self._dialer.now > self.scenario.document.start else "planned"

    @property
    def _is_over(self) -> bool:
        return self._dialer.stopped_at is not None or self._dialer.now >= self._dialer.finish

    # Requests that change it

    def prepare(self, request: Request[Any]) -> Prepared:
        """Read a request that changes the campaign, and check all that later requests cannot change; RefusedError."""
        content = msgspec.msgpack.encode(request, enc_hook=str)  # a phone is text with a type of its own
        numbers = None if self._answered(request) else self._read(request)
        return Prepared(request, self.number, content, numbers)

    def _read(self, request: Request[Any]) -> NumberList | None:
        match request:
            case AddPhones():
                self._refuse_if_over()
                return self._read_body(request.body)
            case AddPhone():
                self._refuse_if_over()
                return self._read_number(request.number)
            case Cancel():
                self._chosen(request.phones, request.ids)
            case Control():
                self._refuse_if_over()
            case InjectRedial():
                self._series([request.job])
        return None

    def carry_out(self, prepared: Prepared) -> Any:
        """Change the campaign, and return the answer; RefusedError if earlier requests do not allow it."""
        request = prepared.request
        answered = self._answered(request)
        if answered:
            return answered.answer
        answer = self._carry_out(request, prepared.numbers)
        if key := getattr(request, "key", None):
            self._answers[type(request).__name__, key] = _Answered(self._dialer.now, answer)
        return answer

    def _answered(self, request: Request[Any]) -> _Answered | None:
        """What was answered to the same idempotence key within 24 hours."""
        while self._answers and self._dialer.now - next(iter(self._answers.values())).instant >= DAY:
            self._answers.popitem(last=False)
        key = getattr(request, "key", None)
        return None if key is None else self._answers.get((type(request).__name__, key))

    def _carry_out(self, request: Request[Any], numbers: NumberList | None) -> Any:
        match request:
            case AddPhones():
                self._refuse_if_over()
                jobs = self._dialer.take(numbers or self._read_body(request.body))
                return [job_id(self.number, job) for job in jobs if job is not None]
            case AddPhone():
                self._refuse_if_over()
                numbers = numbers or self._read_number(request.number)
                [job] = self._dialer.take(numbers, repeats=request.test or request.key is not None)
                if job is None:
                    phone = str(request.number["phone"])
                    raise refused(
                        400,
                        "phone.duplicated",
                        f"{phone} was added with the same payload less than 24 hours ago; an Idempotence-Key of its "
                        "own adds it again",
                        phones_duplicates=[phone],
                    )
                return job_id(self.number, job)
            case Cancel():
                chosen = self._chosen(request.phones, request.ids)
                running = {series.job: series.redial for series in chosen if series.stands != "ended"}
                return [job_id(self.number, job, running[job]) for job in self._dialer.cancel(running)]
            case Control():
                return self._control(request.action)
            case InjectRedial():
                return self._redial(request)
        raise TypeError(f"{type(request).__name__} changes nothing")

    def _read_body(self, body: bytes) -> NumberList:
        faults: Sequence[Fault]
        try:
            numbers = self._dialer.read(body)
            if not self.strict:
                return numbers
            numbers_given = enumerate(_values(body))
            faults = [fault.under(index) for index, number in numbers_given for fault in strict_faults(number)]
            if not faults:
                return numbers
        except InputError as error:
            faults = error.faults
        raise faulty(faults, _values(body), brief=self.strict)

    def _read_number(self, number: dict[str, Any]) -> NumberList:
        try:
            return self._dialer.read(msgspec.json.encode([number]))
        except InputError as error:
            faults = [msgspec.structs.replace(fault, path=fault.path[1:]) for fault in error.faults]
            raise faulty(faults, number, brief=self.strict) from None

    def _control(self, action: str) -> None:
        self._refuse_if_over()
        if action == "stop":
            self._dialer.stop()
        elif action == "pause":
            self._dialer.pause()
        else:
            self._dialer.resume()

    def _redial(self, request: InjectRedial) -> JobLife:
        [series] = self._series([request.job])
        try:
            self._dialer.redial(series.job, request.fields)
        except InputError as error:
            raise faulty([fault.under("fields") for fault in error.faults], request.fields) from None
        except ValueError as error:
            raise refused(400, "invalid.field", f"job: {error}", path="job") from None
        return self._life(self._dialer.series(series.job)[-1])

    def _refuse_if_over(self) -> None:
        if self._is_over:
            raise refused(
                400,
                "invalid.call.task.state",
                f"the campaign is {self.status}: it takes no numbers and no commands any more; "
                "POST /simulation/reset begins anew",
                state=self.status,
            )

    # Requests that read it

    def answer(self, request: OfCampaign[Any]) -> Any:
        """Answer a request that changes nothing; RefusedError."""
        match request:
            case JobReports():
                return [job_report(self.number, series) for series in self._chosen(request.phones, request.ids)]
            case AttemptReports():
                chosen = self._chosen(request.phones, request.ids)
                return [report for series in chosen for report in self._attempts(series)]
            case JobsByDate():
                return self._jobs_by_date(request)
            case AttemptsByDate():
                return self._attempts_by_date(request)
            case DescribeCampaign():
                return self._report()
        raise TypeError(f"{type(request).__name__} is not answered by a campaign")

    def find(self, text: str) -> Iterator[JobLife]:
        """The jobs with this id or of this phone, the last one first."""
        named = series_of(text)
        if named is not None and named[0] == self.number and 0 <= named[1] < len(self._dialer):
            jobs = [named[1]]
        else:
            jobs = self._dialer.jobs_of(text)
        for job in reversed(jobs):
            yield from (self._life(series) for series in reversed(self._dialer.series(job)))

    def happened(self) -> Happened:
        """What has happened since its start."""
        counts = self._dialer.counts()
        return Happened(
            campaign=self.number + 1,
            name=self.name,
            begun=self._dialer.begun,
            outcomes=counts.calls,
            ended=counts.ended,
            reached=counts.reached,
        )

    def state(self) -> CampaignState:
        """What the dashboard shows of it."""
        dialer, document = self._dialer, self.scenario.document
        counts = dialer.counts()
        return CampaignState(
            number=self.number + 1,
            name=self.name,
            token=masked(self.token),
            start=utc_text(document.start),
            finish=utc_text(document.finish),
            zone=str(document.campaign.zone_name),
            status=self.status,
            lines=dialer.lines,
            lines_in_use=counts.in_call,
            jobs=len(dialer),
            coming=dialer.coming,
            waiting=list(counts.waiting),
            eligible=list(counts.eligible),
            begun=dialer.begun,
            outcomes=counts.calls,
            ended=counts.ended,
            reached=counts.reached,
            last_calls=[recent_call(self.number, call) for call in dialer.calls_begun()[-LAST_CALLS:][::-1]],
        )

    def _report(self) -> CampaignReport:
        dialer, document = self._dialer, self.scenario.document
        counts = dialer.counts()
        return CampaignReport(
            id=str(self.number + 1),
            name=self.name,
            start_time=document.start * 1000,
            end_time=document.finish * 1000,
            status=self.status,
            max_simultaneous_calls=dialer.lines,
            short_report=ShortReport(
                total_numbers=len(dialer),
                processed_numbers=sum(counts.ended.values()),
                used_talking_time=counts.talk_seconds,
                in_process_calls=counts.in_call,
                retry_calls=counts.retrying,
            ),
        )

    def _jobs_by_date(self, request: JobsByDate) -> Page[JobReport]:
        dialer, created, finished = self._dialer, _instants(request.created), _instants(request.finished)
        if request.unfinished:
            found: Iterable[SeriesState] = [] if finished else dialer.series_unfinished(*(created or EVER))
        elif finished is None:
            found = dialer.series_created(*(created or EVER))
        elif created is None:
            found = dialer.series_ended(*finished)
        else:
            by_creation, by_end = dialer.series_created(*created), dialer.series_ended(*finished)
            if len(by_creation) <= len(by_end):
                found = (each for each in by_creation if each.ended_at is not None and _within(each.ended_at, finished))
            else:
                found = sorted(
                    (each for each in by_end if _within(each.created, created)),
                    key=lambda each: (each.created, each.redial > 0, each.job),
                )
        return _page(request, found, lambda series: job_report(self.number, series))

    def _attempts_by_date(self, request: AttemptsByDate) -> Page[AttemptReport]:
        started, finished = _instants(request.started) or EVER, _instants(request.finished)
        if finished is None:
            found: Iterable[CallState] = self._dialer.calls_begun(*started)
        else:  # a call lasts a day at most (rules 6)
            first, last = max(started[0], finished[0] - DAY), min(started[1], finished[1])
            began = self._dialer.calls_begun(first, last)
            found = (call for call in began if call.ended_at is not None and _within(call.ended_at, finished))
        return _page(request, found, self._attempt)

    def _attempt(self, call: CallState) -> AttemptReport:
        return attempt_report(self.number, call, self._dialer.series(call.job)[call.redial])

    def _attempts(self, series: SeriesState) -> list[AttemptReport]:
        calls = self._dialer.calls(series.job)
        return [attempt_report(self.number, call, series) for call in calls if call.redial == series.redial]

    def _life(self, series: SeriesState) -> JobLife:
        return job_life(self.number, series, self._dialer.state(series.job), self._attempts(series))

    def _chosen(self, phones: Sequence[str], ids: Sequence[str]) -> list[SeriesState]:
        """The series with these ids and all of these phones, each once; RefusedError if one is not there."""
        chosen = self._series(ids)
        unknown = [phone for phone in phones if not self._dialer.jobs_of(phone)]
        bad = next((phone for phone in unknown if phone_code(phone) is None), None)
        if bad is not None:
            raise refused(400, "phone.bad.format", f"found {shown(bad)}; allowed: {PHONE_FORM}", phone=shown(bad))
        if unknown:
            raise unknown_phones(unknown)
        jobs = dict.fromkeys(job for phone in phones for job in self._dialer.jobs_of(phone))
        chosen += [series for job in jobs for series in self._dialer.series(job)]
        return list({(series.job, series.redial): series for series in chosen}.values())

    def _series(self, ids: Sequence[str]) -> list[SeriesState]:
        """The series with these ids; RefusedError if one is not there."""
        chosen: list[SeriesState] = []
        unknown = []
        for text in ids:
            campaign, job, redial = series_of(text) or (-1, 0, 0)
            known = self._dialer.series(job) if campaign == self.number and job < len(self._dialer) else []
            if redial < len(known):
                chosen.append(known[redial])
            else:
                unknown.append(text)
        if unknown:
            raise unknown_ids(unknown)
        return chosen


def campaign_of_job(campaigns: Sequence[Campaign], text: str) -> Campaign:
    """The campaign of a job's id; RefusedError if there is none."""
    named = series_of(text)
    if named is None or named[0] >= len(campaigns):
        raise unknown_ids([text])
    return campaigns[named[0]]


def happened_since(before: Happened, now: Happened) -> Happened:
    """What happened between two instants."""
    return Happened(
        campaign=now.campaign,
        name=now.name,
        begun=now.begun - before.begun,
        outcomes={outcome: count - before.outcomes[outcome] for outcome, count in now.outcomes.items()},
        ended={ending: count - before.ended[ending] for ending, count in now.ended.items()},
        reached=now.reached - before.reached,
    )


def _instants(span: Span) -> tuple[int, int] | None:
    """A span in milliseconds as whole seconds `[first, last)`; None without limits."""
    if span == Span():
        return None
    first = EVER[0] if span.first is None else -(-span.first // 1000)
    return first, EVER[1] if span.last is None else span.last // 1000 + 1


def _within(instant: int, span: tuple[int, int]) -> bool:
    return span[0] <= instant < span[1]


def _page(request: JobsByDate | AttemptsByDate, found: Iterable[T], report: Callable[[T], Item]) -> Page[Item]:
    """A page of what was found; rows that are made when they are asked for are made for the page only."""
    first, last = request.page * request.page_size, (request.page + 1) * request.page_size
    rows = found[first:last] if isinstance(found, Sequence) else islice(found, first, last)
    return Page([report(each) for each in rows], Pagination(request.page, request.page_size))


def _values(body: bytes) -> Any:
    """The plain values of a body that may be faulty, for the error to repeat."""
    try:
        return any_json_value(body)
    except (NotJsonError, UnicodeDecodeError, RecursionError):
        return None
