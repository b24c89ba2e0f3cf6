"""What the server can be asked: a frozen value for each request, as the clerk takes it."""

from typing import Any, Generic, Literal, TypeVar

import msgspec

from engine.server.answers import (
    Advanced,
    AttemptReport,
    CampaignReport,
    Clock,
    JobLife,
    JobReport,
    Page,
    State,
)

Answer_co = TypeVar("Answer_co", covariant=True)


class Request(msgspec.Struct, Generic[Answer_co], frozen=True, kw_only=True):
    """A request; the type of its answer stands in brackets."""


class OfCampaign(Request[Answer_co], Generic[Answer_co], frozen=True, kw_only=True):
    """A request to one campaign, whose number (from 0) its token tells."""

    campaign: int


class AddPhones(OfCampaign[list[str]], frozen=True, kw_only=True):
    """Add the numbers of a body of `addPhones`: its JSON text. Answers with the ids of the jobs created."""

    body: bytes
    key: str | None = None
    """The idempotence key, if the client gave one."""


class AddPhone(OfCampaign[str], frozen=True, kw_only=True):
    """Add one number: `phone`, `gmtZone` and `payload`, as plain values. Answers with its job's id."""

    number: dict[str, Any]
    key: str | None = None
    test: bool = False
    """Whether the duplicate rule does not apply."""


class Cancel(OfCampaign[list[str]], frozen=True, kw_only=True):
    """Cancel jobs by id and all jobs of phones. Answers with the ids of those that were still to end."""

    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    key: str | None = None


class JobReports(OfCampaign[list[JobReport]], frozen=True, kw_only=True):
    """Report on jobs by id, and on all jobs of phones."""

    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


class AttemptReports(OfCampaign[list[AttemptReport]], frozen=True, kw_only=True):
    """Report on the calls of jobs by id, and of all jobs of phones."""

    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


class Span(msgspec.Struct, frozen=True):
    """Instants from `first` to `last`, both included, in Unix milliseconds; None for no limit."""

    first: int | None = None
    last: int | None = None


class JobsByDate(OfCampaign[Page[JobReport]], frozen=True, kw_only=True):
    """A page of jobs that were created and ended within spans, in the order of their ends if these are asked for."""

    created: Span = Span()
    finished: Span = Span()
    page: int = 0
    page_size: int = 20
    unfinished: bool = False
    """Only jobs that have not ended (`getUnfinished`)."""


class AttemptsByDate(OfCampaign[Page[AttemptReport]], frozen=True, kw_only=True):
    """A page of calls that began and ended within spans, in the order of their ends if these are asked for."""

    started: Span = Span()
    finished: Span = Span()
    page: int = 0
    page_size: int = 20


class DescribeCampaign(OfCampaign[CampaignReport], frozen=True, kw_only=True):
    """Describe the campaign, with its status."""


class Control(OfCampaign[None], frozen=True, kw_only=True):
    """Pause, resume or stop the campaign."""

    action: Literal["pause", "resume", "stop"]


class ReadClock(Request[Clock], frozen=True, kw_only=True):
    """Read the clock."""


class SetClock(Request[Clock], frozen=True, kw_only=True):
    """Change the clock's speed, pause it, let it run; None leaves as it is. `instant` must not be in the past."""

    instant: str | None = None
    speed: float | None = None
    paused: bool | None = None


class Advance(Request[Advanced], frozen=True, kw_only=True):
    """Play up to an instant (`to`, ISO 8601) or for some simulated seconds (`by`); exactly one of them is given."""

    to: str | None = None
    by: int | None = None


class Reset(Request[Clock], frozen=True, kw_only=True):
    """Go back to the start: all additions and all that happened are forgotten."""


class InjectRedial(Request[JobLife], frozen=True, kw_only=True):
    """Let the running or last call of a job bring a redial, as `$dialer.redial` in a script would."""

    job: str
    fields: dict[str, Any]


class ReadState(Request[State], frozen=True, kw_only=True):
    """Read what the dashboard shows."""


class FindJobs(Request[list[JobLife]], frozen=True, kw_only=True):
    """Find jobs by id or phone, in all campaigns or in one (by its number from 1)."""

    text: str
    campaign: int | None = None
