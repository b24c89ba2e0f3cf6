"""A sizing in words: its headline, its sizes, its document."""

import math
from typing import Any

import msgspec

from engine.calling.instants import MINUTE, Instant
from engine.results.reasons import Cause
from engine.whatif.capacity import Lines, Pace
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought, Unreachable
from engine.wording.headlines import Headline, name_text
from engine.wording.reasons import CAUSE_WORDS, reason_text
from engine.words import moment_text, percent

SOUGHT_WORDS: dict[Sought, str] = {"lines": "lines", "callsPerSecond": "calls a second", "finish": "reached before"}
"""The heading of the sizes that were tried."""
_ASKED: dict[Sought, str] = {
    "lines": "the fewest lines that reach the goal",
    "callsPerSecond": "the slowest pace that reaches the goal",
    "finish": "the earliest date that reaches the goal",
}


def sizing_headline(sizing: Sizing, zone_name: str) -> Headline:
    """The headline of a sizing: what is needed and how sure that is, or why the goal cannot be reached."""
    answer, *more = (
        _why_not(sizing, sizing.unreachable, zone_name) if sizing.unreachable else _what_will_do(sizing, zone_name)
    )
    return Headline(name_text(sizing.name), (_ASKED[sizing.by],), answer, tuple(more), tuple(map(str, sizing.warnings)))


def size_text(size: Size, zone_name: str) -> str:
    """A size with its unit, or a date."""
    match size:
        case Lines():
            return f"{size:,} line" + ("s" if size != 1 else "")
        case Pace():
            return f"{size:g} calls a second"
        case _:
            return size_value_text(size, zone_name)


def size_value_text(size: Size, zone_name: str) -> str:
    """A size without its unit; a date is rounded up to the minute."""
    if isinstance(size, Instant):
        return moment_text(math.ceil(size / MINUTE) * MINUTE, zone_name)
    return f"{size:,.10g}"


def met_text(point: SizePoint) -> str:
    """How many of the replications met the goal."""
    return f"{point.met:,} of {point.replications:,}"


def hindrance_rows(why: Unreachable) -> list[tuple[str, float]]:
    """The share of the list that is reached in time, then the share for each reason why not; with words."""
    hindered = ((reason_text(each.reason), each.share) for each in why.hindrances)
    return [("reached in time", why.reached_share), *hindered]


HINDRANCES_CAPTION = "Who is reached in time, or why not"


def _what_will_do(sizing: Sizing, zone_name: str) -> tuple[str, ...]:
    point, goal = sizing.point, sizing.goal
    if point is None:
        return ("Nothing was tried.",)
    by = "" if sizing.by == "finish" or goal.by is None else f" by {moment_text(goal.by, zone_name)}"
    size = size_text(point.value, zone_name)
    who = f"By {size} the lines that there are" if sizing.by == "finish" else size
    busiest = " at the busiest hour" if "shifts" in sizing.changes else ""
    reach = "reaches" if point.value == 1 and isinstance(point.value, Lines) else "reach"
    return (
        f"{who}{busiest} {reach} {percent(goal.reached)} of the list{by} in {met_text(point)} replications "
        f"({percent(goal.confidence)} wanted).",
        _how_sure(sizing, zone_name),
    )


def _how_sure(sizing: Sizing, zone_name: str) -> str:
    least, most = (None if size is None else size_text(size, zone_name) for size in (sizing.at_least, sizing.surely))
    may, more = ("may be", "later") if sizing.by == "finish" else ("may take", "more")
    if most is None:
        return f"With other luck it {may} {least} or {more}: more replications can say how much."
    if sizing.at_least == sizing.surely:
        return "Other luck would not change that (95 % confidence)."
    return f"With other luck it {may} from {least} to {most} (95 % confidence)."


def _why_not(sizing: Sizing, why: Unreachable, zone_name: str) -> tuple[str, ...]:
    goal, reached = sizing.goal, percent(why.reached_share)
    wanted = f"{percent(goal.reached)} wanted"
    if sizing.by == "finish":
        start = f"The goal is not reached before the simulation ends often enough: {reached} are reached, {wanted}."
    else:
        what = "number of lines" if sizing.by == "lines" else "pace"
        by = "" if goal.by is None else f" by {moment_text(goal.by, zone_name)}"
        start = f"No {what} reaches the goal: without a limit {reached} are reached{by}, {wanted}."
    if why.other_limit == "callsPerSecond":
        return start, "The pace is what limits it: without callsPerSecond there would be enough lines."
    if why.other_limit == "lines":
        return start, "The lines are what limits it: dialer size SCENARIO finds how many it takes."
    reasons = ", ".join(f"{percent(share)} {CAUSE_WORDS[cause]}" for cause, share in _by_cause(why))
    blame = "It is not the capacity" if sizing.by != "finish" else "Not reached"
    dead = (f"{percent(why.dead_share)} of the list never answer.",) if why.dead_share else ()
    return start, f"{blame}: of the list {reasons}.", *dead


def _by_cause(why: Unreachable) -> list[tuple[Cause, float]]:
    """The shares of the list that each cause keeps from being reached, the largest first."""
    shares = {cause: sum(each.share for each in why.hindrances if each.cause == cause) for cause in CAUSE_WORDS}
    return sorted(((cause, share) for cause, share in shares.items() if share), key=lambda pair: -pair[1])


def sizing_document(sizing: Sizing, zone_name: str) -> dict[str, Any]:
    """The sizing as plain values, with its sentence: what `dialer size --json` prints. Instants are Unix seconds."""
    document: dict[str, Any] = msgspec.to_builtins(sizing, enc_hook=_plain)
    name, goal, by, answer = (document.pop(key) for key in ("name", "goal", "by", "answer"))
    if sizing.unreachable is not None:
        document["unreachable"]["hindrances"] = [
            {"reason": each.reason, "text": reason_text(each.reason), "cause": each.cause, "share": each.share}
            for each in sizing.unreachable.hindrances
        ]
    return {
        "name": name,
        "by": by,
        "answer": answer,
        "confidence": sizing.goal.confidence,
        "sentence": sizing_headline(sizing, zone_name).text,
        "goal": goal,
        **document,
    }


def _plain(size: object) -> float:
    if isinstance(size, Pace):
        return float(size)
    if isinstance(size, Lines | Instant):
        return int(size)
    raise NotImplementedError(type(size).__name__)
