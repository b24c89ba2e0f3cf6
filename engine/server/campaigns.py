"""Campaigns: live dialers that carry out the requests of the Calls API."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import msgspec

from engine.calling.instants import DAY, utc_text
from engine.dialing.live import LiveDialer
from engine.numbers.formats.bodies import MOST_FAULTY, FaultyBodyError
from engine.numbers.intake import NumberList
from engine.numbers.register import Duplicates
from engine.progress import Progress, unseen
from engine.reading.faults import Fault, InputError
from engine.reading.json_values import NotJsonError, any_json_value, array_items
from engine.scenario.scenario import Scenario
from engine.server.answers import (
    CampaignReport,
    CampaignState,
    CampaignStatus,
    Happened,
    JobLife,
    ShortReport,
)
from engine.server.errors import RefusedError, faulty, invalid_field, refused
from engine.server.jobs import Jobs
from engine.server.journal import Entry, Snapshot
from engine.server.reports import (
    job_id,
    job_report,
    recent_call,
    series_of,
    unknown_ids,
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
)
from engine.server.strict import strict_faults
from engine.server.tokens import masked

CHANGES = (AddPhones, AddPhone, Cancel, Control, InjectRedial)
"""The requests that change a campaign: these are kept."""
LAST_CALLS = 20
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in CHANGES}

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
        self.jobs = Jobs(number, self._dialer)
        self._answers: OrderedDict[tuple[str, str], _Answered] = OrderedDict()

    @property
    def name(self) -> str:
        """Its scenario's name."""
        return self.scenario.document.name or f"Campaign {self.number + 1}"

    def anew(self) -> "Campaign":
        """The same campaign at its start; RefusedError if its number files are not as they were."""
        try:
            return Campaign(self.number, self.token, self.scenario, strict=self.strict)
        except InputError as error:
            message = (
                f"{self.name} cannot begin anew: {error}; bring its files back as they were, or start the server again"
            )
            raise refused(409, "list.changed", message) from None

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
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
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
        if self.is_over:
            return "finished"
        if self._dialer.paused:
            return "paused"
        return "inProcess" if self._dialer.now > self.scenario.document.start else "planned"

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen in it any more but the ends of calls in progress."""
        return self._dialer.stopped_at is not None or self._dialer.now >= self._dialer.finish

    # Requests that change it

    def prepare(self, request: Request[Any]) -> Prepared:
        """Read a request that changes the campaign, and check all that later requests cannot change; RefusedError."""
        numbers = None if self._answered(request) else self._read(request)
        content = msgspec.msgpack.encode(request, enc_hook=str)  # a phone is text with a type of its own
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
                self.jobs.chosen(request.phones, request.ids)
            case Control():
                self._refuse_if_over()
            case InjectRedial():
                self.jobs.with_ids([request.job])
        return None

    def carry_out(self, prepared: Prepared) -> Any:
        """Change the campaign, and return the answer; RefusedError if earlier requests do not allow it."""
        request = prepared.request
        answered = self._answered(request)
        if answered:
            return answered.answer
        answer = self._carry_out(request, prepared.numbers)
        if key := getattr(request, "key", None):
            self._answers[_method(request), key] = _Answered(int(self._dialer.now), answer)
        return answer

    def _answered(self, request: Request[Any]) -> _Answered | None:
        """What was answered to the same idempotence key within 24 hours."""
        while self._answers and self._dialer.now - next(iter(self._answers.values())).instant >= DAY:
            self._answers.popitem(last=False)
        key = getattr(request, "key", None)
        return None if key is None else self._answers.get((_method(request), key))

    def _carry_out(self, request: Request[Any], numbers: NumberList | None) -> Any:
        match request:
            case AddPhones():
                self._refuse_if_over()
                jobs = self._dialer.take(_read_before(numbers))
                return [job_id(self.number, job) for job in jobs if job is not None]
            case AddPhone():
                self._refuse_if_over()
                duplicates: Duplicates = "exempt" if request.test else "accepted" if request.key else "ignored"
                [job] = self._dialer.take(_read_before(numbers), duplicates)
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
                chosen = self.jobs.chosen(request.phones, request.ids)
                running = {series.job: series.redial for series in chosen if series.stands != "ended"}
                return [job_id(self.number, job, running[job]) for job in self._dialer.cancel(running)]
            case Control():
                return self._control(request.action)
            case InjectRedial():
                return self._redial(request)
        raise TypeError(f"{type(request).__name__} changes nothing")

    def _read_body(self, body: bytes) -> NumberList:
        try:
            with self._dialer.provisional():
                numbers = self._dialer.read(body)
                if self.strict:
                    _check_strictly(body)
                return numbers
        except FaultyBodyError as error:
            raise faulty(error.faults, _value(error.number), brief=self.strict) from None
        except InputError as error:
            raise faulty(error.faults, brief=self.strict) from None

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
        [series] = self.jobs.with_ids([request.job])
        try:
            self._dialer.redial(series.job, request.fields)
        except InputError as error:
            raise faulty([fault.under("fields") for fault in error.faults], request.fields) from None
        except ValueError as error:
            raise invalid_field("job", f"job: {error}") from None
        return self.jobs.life(self._dialer.series(series.job)[-1])

    def _refuse_if_over(self) -> None:
        if self.is_over:
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
                return [job_report(self.number, series) for series in self.jobs.chosen(request.phones, request.ids)]
            case AttemptReports():
                chosen = self.jobs.chosen(request.phones, request.ids)
                return [report for series in chosen for report in self.jobs.attempts(series)]
            case JobsByDate():
                return self.jobs.by_date(request)
            case AttemptsByDate():
                return self.jobs.attempts_by_date(request)
            case DescribeCampaign():
                return self._report()
        raise TypeError(f"{type(request).__name__} is not answered by a campaign")

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


def _method(request: Request[Any]) -> str:
    """The method for which an idempotence key holds."""
    return f"{type(request).__name__}{'/test' if isinstance(request, AddPhone) and request.test else ''}"


def _read_before(numbers: NumberList | None) -> NumberList:
    """The numbers that `prepare` read: it reads those of every request whose answer is not known."""
    if numbers is None:
        raise TypeError("a request is prepared and carried out at the same instant")
    return numbers


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


def _check_strictly(body: bytes) -> None:
    """FaultyBodyError if the platform's own schema refuses any number of a body that has no fault here."""
    faults: list[Fault] = []
    first = b""
    for index, text in enumerate(array_items(body)):
        own = [fault.under(index) for fault in strict_faults(_value(text))]
        first = first if faults or not own else bytes(text)
        faults += own
        if len(faults) >= MOST_FAULTY:
            break
    if faults:
        raise FaultyBodyError(faults, first)


def _value(text: bytes | msgspec.Raw) -> Any:
    """The plain value of the text of a number that may be faulty."""
    try:
        return any_json_value(bytes(text))
    except (NotJsonError, UnicodeDecodeError, RecursionError):
        return None
