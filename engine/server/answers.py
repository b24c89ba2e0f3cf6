"""The answers of the server, as they stand in JSON: reports, campaigns, the clock, what happened."""

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

Item = TypeVar("Item")

JobStatus = Literal[
    "planned",
    "inProcess",
    "onRetry",
    "longCallWithResult",
    "longCallWithNoResult",
    "noAnswer",
    "nonexistentNumber",
    "notDone",
    "canceled",
    "technicalError",
]
CampaignStatus = Literal["planned", "inProcess", "paused", "finished", "deleted"]
Milliseconds = Annotated[int, Meta(description="Unix time in milliseconds")]
Seconds = Annotated[int, Meta(description="a duration in seconds")]
InstantText = Annotated[
    str, Meta(description="an instant of the simulation, ISO 8601", examples=["2026-03-02T15:00:00Z"])
]


class JobReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A job: the calls to a number for one series, that is until it ends or a redial begins the next one."""

    call_job_id: str
    redial_number: int | None
    """None for the first series of a number, then 1, 2, …"""
    phone: str
    attempts_count: int
    job_status: JobStatus
    created_at: Milliseconds
    finished_at: Milliseconds | None
    call_duration: Seconds | None
    """Of its last call that has ended."""
    report_data: dict[str, Any] | None = None
    """What the script reported; none runs here, so it is null."""


class AttemptReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A call of a job."""

    call_job_id: str
    redial_number: int | None
    phone: str
    attempt_number: int
    """From 1, within the job."""
    job_status: JobStatus
    call_result: str | None
    """The outcome, as the scenario names it; null while the call goes on."""
    call_duration: Seconds | None
    started_at: Milliseconds
    finished_at: Milliseconds | None
    report_data: dict[str, Any] | None = None


class Pagination(msgspec.Struct, frozen=True, rename="camel"):
    """The page that was asked for."""

    page: int
    page_size: int


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """A page of reports."""

    items: list[Item]
    pagination: Pagination


class ShortReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A campaign in figures."""

    total_numbers: int
    processed_numbers: int
    """Jobs that have ended."""
    used_talking_time: Seconds
    """Of all calls that have ended."""
    in_process_calls: int
    retry_calls: int
    """Jobs that wait for another call."""


class CampaignReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A campaign."""

    id: str
    name: str
    start_time: Milliseconds
    end_time: Milliseconds
    status: CampaignStatus
    max_simultaneous_calls: int
    """The lines at present."""
    short_report: ShortReport


class Clock(msgspec.Struct, frozen=True):
    """The simulated clock."""

    instant: InstantText
    """The first instant that has not been played."""
    speed: float
    """Simulated seconds in a second."""
    paused: bool


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in one campaign while time went on."""

    campaign: int
    """The campaign's number, from 1."""
    name: str
    begun: int
    """Calls begun."""
    outcomes: dict[str, int]
    """Calls that ended, by outcome."""
    ended: dict[str, int]
    """Jobs that ended, by ending."""
    reached: int
    """Numbers reached."""


class Advanced(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Time that was played: every second from `from` to before `to`."""

    since: InstantText
    until: InstantText
    campaigns: list[Happened]


class RecentCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the last ones of a campaign."""

    job: str
    phone: str
    attempt: int
    begun: InstantText
    outcome: str | None
    """None while it goes on."""
    seconds: int | None


class CampaignState(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign at the present instant, for the dashboard."""

    number: int
    """From 1, in the order in which the scenarios were given."""
    name: str
    token: str
    """Its first characters: the server tells tokens in full only when it starts."""
    start: InstantText
    finish: InstantText
    zone: str
    """The campaign's zone, such as America/New_York, Z for UTC."""
    status: CampaignStatus
    lines: int
    lines_in_use: int
    jobs: int
    coming: int
    """Numbers of the scenario's own list that have not been added yet."""
    waiting: list[int]
    """Numbers that wait for a call, by priority from 1 to 5, eligible or not."""
    eligible: list[int]
    """Numbers that a free line could call now, by priority from 1 to 5."""
    begun: int
    outcomes: dict[str, int]
    """Calls that have ended, by outcome, in the scenario's order."""
    ended: dict[str, int]
    """Jobs that have ended, by ending."""
    reached: int
    last_calls: list[RecentCall]
    """The last calls, the latest first; at most 20."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The whole server at one instant: what the dashboard shows."""

    clock: Clock
    campaigns: list[CampaignState]


class JobLife(msgspec.Struct, frozen=True, kw_only=True):
    """A job with its calls so far, and what comes next."""

    campaign: int
    report: JobReport
    priority: int
    attempts_left: int
    due: InstantText | None
    """It is not called before; null unless it waits."""
    next_allowed: InstantText | None
    """The first instant at which its call policy allows a call; null unless it waits."""
    calls: list[AttemptReport]
