"""Wording: what the terminal and the report say of a run in the same words."""

from typing import NamedTuple

from engine.calling.instants import DAY, HOUR, MINUTE, in_zone, unix_seconds
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import parse_zone
from engine.results.result import Result

ENDING_WORDS = {
    "completed": "completed by a final outcome",
    "exhausted": "no attempts left",
    "expired": "finish date or last window passed",
    "cancelled": "cancelled",
    "pending_never_called": "pending, never called",
    "pending_callback": "pending, waiting for a callback",
    "pending_in_call": "pending, in a call",
}
REASON_WORDS = {
    "never_opens": "its policy never opens",
    "closed_until_finish_date": "no open hour before its finish date",
    "expired_never_called": "no line was free before its finish date",
    "expired": "called in vain until its finish date",
    "closed_until_simulation_ends": "no open hour before the simulation ends",
    "exhausted": "called in vain, no attempts left",
    "cancelled": "cancelled",
    "pending_never_called": "no line was free before the simulation ends",
    "pending_callback": "waiting for a callback",
    "pending_in_call": "in a call when the simulation ends",
}


class Headline(NamedTuple):
    """The answer of a run, in sentences."""

    name: str
    span: str
    """The simulated time, on the clock of the campaign's zone."""
    size: str
    answer: str
    """The one sentence: how many were reached, by when."""
    more: tuple[str, ...]
    """Whether the list was done, whether the goal was met."""


def headline(result: Result) -> Headline:
    """What a planner asks first of a run."""
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    start, finish = (moment_text(instant, zone_name) for instant in (document.start, document.finish))
    if figures.last_reached_at is None:
        answer = "Nobody was reached."
    else:
        share, count = percent(figures.numbers.reached_share), figures.numbers.reached
        last = moment_text(whole_minute(figures.last_reached_at), zone_name)
        answer = f"{share} were reached ({count:,}), the last of them on {last}."
    return Headline(
        name=document.name or "A campaign",
        span=f"{start} to {finish} ({zone_text(zone_name)})",
        size=f"numbers {figures.numbers.total:,}, seed {document.seed}",
        answer=answer,
        more=tuple(_more(result)),
    )


def _more(result: Result) -> list[str]:
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    if figures.done_at is not None:
        sentences = [f"The list was done on {moment_text(whole_minute(figures.done_at), zone_name)}."]
    else:
        pending = sum(count for ending, count in figures.numbers.ending.items() if ending.startswith("pending"))
        sentences = [f"The list was not done: {pending:,} of the numbers are pending."]
    if document.goal is not None and figures.goal is not None:
        by = "" if document.goal.by is None else f" by {moment_text(document.goal.by, zone_name)}"
        met, share = "met" if figures.goal.met else "missed", percent(figures.goal.reached_share)
        sentences.append(f"Goal {met}: {share} reached{by}, {percent(document.goal.reached)} wanted.")
    return sentences


def reason_text(reason: str) -> str:
    """Why numbers were not reached, by the name that the summary gives it."""
    return REASON_WORDS.get(reason) or f"ended by {reason.removeprefix('completed_')}"


def whole_minute(text: str) -> int:
    """The Unix seconds of an instant of the summary, cut to the minute."""
    return unix_seconds(text) // MINUTE * MINUTE


def moment_text(instant: int, zone_name: str) -> str:
    """The instant on the wall clock of a zone, to the minute, or to the second if it is not a whole minute."""
    local = in_zone(instant, parse_zone(zone_name))
    return local.strftime("%a %Y-%m-%d %H:%M" if not local.second else "%a %Y-%m-%d %H:%M:%S")


def zone_text(zone_name: str) -> str:
    """A zone by its name, UTC as people write it."""
    return "UTC" if zone_name == DEFAULT_ZONE else zone_name


def span_text(seconds: float) -> str:
    """A length of time as people say it: `42 s`, `7 min 5 s`, `3 h 20 min`, `2 d 4 h`."""
    for unit, size, below, below_size in (("d", DAY, "h", HOUR), ("h", HOUR, "min", MINUTE), ("min", MINUTE, "s", 1)):
        if seconds >= size:
            rest = int(seconds % size // below_size)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{seconds:.0f} s"


def percent(share: float | None) -> str:
    """A share of 0 to 1 as a percentage; `-` where there is none."""
    return "-" if share is None else f"{share * 100:.1f} %"
