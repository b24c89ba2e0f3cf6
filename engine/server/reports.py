"""Reports: jobs and calls of a live dialer in the words of the Calls API."""

from engine.calling.instants import utc_text
from engine.customers.outcomes import ANSWERED
from engine.dialing.reports import CallState, JobState, SeriesState
from engine.server.answers import AttemptReport, JobLife, JobReport, JobStatus, RecentCall
from engine.server.errors import RefusedError, refused

NONEXISTENT = frozenset(
    {"nonexistentNumber", "invalid", "invalidNumber", "wrongNumber", "noSuchNumber", "disconnected", "unallocated"}
)
"""Names of final outcomes that say that nobody has the number: scenarios name their outcomes as they like."""
TECHNICAL = frozenset({"technicalError", "error", "failed"})
"""Names of outcomes that say that a call failed on our side."""


def job_id(campaign: int, job: int, redial: int = 0) -> str:
    """The id of a series: the campaign's number from 1, the job of the dialer, and the redial if it is one."""
    return f"{campaign + 1}-{job}" if not redial else f"{campaign + 1}-{job}-{redial}"


def series_of(text: str) -> tuple[int, int, int] | None:
    """The campaign (from 0), the job and the redial of an id; None if it is not written as one."""
    parts = text.split("-")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in parts):
        return None
    campaign, job, redial = (*map(int, parts), 0)[:3]
    same = campaign > 0 and job_id(campaign - 1, job, redial) == text
    return (campaign - 1, job, redial) if same else None


def job_status(series: SeriesState) -> JobStatus:
    """The status of a job: where it stands, or how it ended."""
    if series.stands == "in_call":
        return "inProcess"
    if series.stands == "waiting":
        return "onRetry" if series.attempts else "planned"
    if series.ending == "cancelled":
        return "canceled"
    if series.ending in ("expired", "stopped") or series.last_outcome is None:
        return "notDone"
    if series.last_outcome in TECHNICAL:
        return "technicalError"
    if series.ending == "exhausted":
        return "longCallWithNoResult" if series.answered else "noAnswer"
    if series.last_outcome == ANSWERED:
        return "longCallWithResult"
    return "nonexistentNumber" if series.last_outcome in NONEXISTENT else "longCallWithNoResult"


def job_report(campaign: int, series: SeriesState) -> JobReport:
    """The report on a job."""
    return JobReport(
        call_job_id=job_id(campaign, series.job, series.redial),
        redial_number=series.redial or None,
        phone=series.phone,
        attempts_count=series.attempts,
        job_status=job_status(series),
        created_at=_milliseconds(series.created),
        finished_at=_known(series.ended_at),
        call_duration=series.last_seconds,
    )


def attempt_report(campaign: int, call: CallState, series: SeriesState) -> AttemptReport:
    """The report on a call of a job."""
    return AttemptReport(
        call_job_id=job_id(campaign, call.job, call.redial),
        redial_number=call.redial or None,
        phone=call.phone,
        attempt_number=call.attempt,
        job_status=job_status(series),
        call_result=call.outcome,
        call_duration=call.seconds,
        started_at=_milliseconds(call.start),
        finished_at=_known(call.ended_at),
    )


def job_life(campaign: int, series: SeriesState, state: JobState, calls: list[AttemptReport]) -> JobLife:
    """A job with its calls; `state` is that of its number at present."""
    return JobLife(
        campaign=campaign + 1,
        report=job_report(campaign, series),
        priority=state.priority,
        attempts_left=state.attempts_left if series.stands != "ended" else 0,
        due=_text(series.due),
        next_allowed=_text(series.next_allowed),
        calls=calls,
    )


def recent_call(campaign: int, call: CallState) -> RecentCall:
    """A call, as the dashboard lists it."""
    return RecentCall(
        job=job_id(campaign, call.job, call.redial),
        phone=call.phone,
        attempt=call.attempt,
        begun=utc_text(call.start),
        outcome=call.outcome,
        seconds=call.seconds,
    )


def unknown_ids(ids: list[str]) -> RefusedError:
    """The refusal of ids that no job of the campaign has."""
    return refused(400, "id.not.found", f"no job of this campaign has the id {', '.join(ids[:5])}", ids=ids[:100])


def unknown_phones(phones: list[str]) -> RefusedError:
    """The refusal of phones that were never added to the campaign."""
    return refused(
        400, "phone.not.found", f"{', '.join(phones[:5])}: never added to this campaign", phones=phones[:100]
    )


def _milliseconds(instant: int) -> int:
    return instant * 1000


def _known(instant: int | None) -> int | None:
    return None if instant is None else _milliseconds(instant)


def _text(instant: int | None) -> str | None:
    return None if instant is None else utc_text(instant)
