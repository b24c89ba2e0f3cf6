"""Sizing: what a search for the smallest capacity found, in figures with a sentence."""

import math
from pathlib import Path
from typing import Any, Literal

import msgspec

from engine.calling.instants import MINUTE
from engine.certainty import wilson
from engine.reading.document import json_text
from engine.reading.faults import Fault
from engine.results.folder import REPORT_NAME, text_file, write_folder
from engine.results.reasons import Cause
from engine.scenario.document import Goal, ScenarioError
from engine.scenario.scenario import Scenario
from engine.whatif.hindrances import Hindrance
from engine.words import moment_text, percent

CAUSE_WORDS: dict[Cause, str] = {
    "attempts": "of the list are called in vain",
    "windows": "are not allowed to be called in time",
    "time": "are reached too late or are pending at the end",
}


class SizePoint(msgspec.Struct, frozen=True):
    """A capacity that was tried."""

    value: float
    """Lines, calls a second, or an instant in Unix seconds."""
    met: int
    """Replications that met the goal."""
    replications: int
    low: float
    """Wilson's 95 % interval of the share that met it, from `low` to `high`."""
    high: float


class Unreachable(msgspec.Struct, frozen=True):
    """Why a goal cannot be reached."""

    reached_share: float
    """Of the list, in time, with no limit to the capacity; the mean over the replications."""
    hindrances: tuple[Hindrance, ...]
    dead_share: float
    """Of the list, those in segments that never answer."""
    other_limit: Literal["lines", "callsPerSecond"] | None = None
    """The field of the campaign without whose limit the goal would be reached."""


class Sizing(msgspec.Struct, frozen=True):
    """What a search for the smallest capacity found."""

    name: str
    by: Literal["lines", "callsPerSecond", "finish"]
    answer: float | None
    """Lines at the busiest hour, calls a second, or the instant before which the goal is reached; None for none."""
    confidence: float
    """The share of replications that must meet the goal."""
    sentence: str
    """The answer, and how sure it is."""
    points: tuple[SizePoint, ...]
    """All that were tried, by value."""
    at_least: float | None = None
    """Less will not do, as sure as a 95 % interval is; None where there is no answer."""
    surely: float | None = None
    """This will do, as sure as a 95 % interval is; None if it takes more replications to say."""
    changes: dict[str, Any] = {}
    """The fields of the campaign that hold the answer."""
    unreachable: Unreachable | None = None
    """Why there is no answer."""


def goal_of(scenario: Scenario) -> Goal:
    """The goal of a scenario; ScenarioError if it has none."""
    if scenario.document.goal is None:
        allowed = "a goal such as {reached: 0.6, by: 2026-03-10T00:00:00Z}, or --set goal.reached=0.6"
        raise ScenarioError([Fault(("goal",), "nothing", allowed)])
    return scenario.document.goal


def size_point(value: float, met: int, replications: int) -> SizePoint:
    """A capacity with Wilson's interval around its share of replications that met the goal."""
    return SizePoint(value, met, replications, *wilson(met, replications))


def sizing_sentence(sizing: Sizing, scenario: Scenario) -> str:
    """The answer in words: what is needed and how sure that is, or what keeps the goal from being reached."""
    goal = goal_of(scenario)
    zone = scenario.document.campaign.zone_name
    if sizing.unreachable:
        return _why_not(sizing, sizing.unreachable, goal, zone)
    point = next(point for point in sizing.points if point.value == sizing.answer)
    by = "" if sizing.by == "finish" or goal.by is None else f" by {moment_text(goal.by, zone)}"
    reach = f"reach {percent(goal.reached)} of the list{by}"
    shown = value_text(sizing.by, point.value, zone)
    busiest = " at the busiest hour" if scenario.document.campaign.shifts else ""
    answer = {
        "lines": f"{shown}{busiest} {reach}",
        "callsPerSecond": f"{shown} {reach}",
        "finish": f"By {shown} the lines that there are {reach}",
    }[sizing.by]
    return (
        f"{answer} in {point.met} of {point.replications} replications ({percent(goal.confidence)} wanted). "
        f"{_how_sure(sizing, zone)}"
    )


def _how_sure(sizing: Sizing, zone_name: str) -> str:
    least, most = (
        None if value is None else value_text(sizing.by, value, zone_name) for value in (sizing.at_least, sizing.surely)
    )
    if most is None:
        return f"With other luck it may take {least} or more: more replications can say how much."
    if sizing.at_least == sizing.surely:
        return "Other luck would not change that (95 % confidence)."
    return f"With other luck it may take from {least} to {most} (95 % confidence)."


def value_text(by: str, value: float, zone_name: str) -> str:
    """A capacity with its unit, or a date."""
    if by == "finish":
        return moment_text(math.ceil(value / MINUTE) * MINUTE, zone_name)
    return f"{value:,.0f} lines" if by == "lines" else f"{value:g} calls a second"


def _why_not(sizing: Sizing, why: Unreachable, goal: Goal, zone_name: str) -> str:
    wanted = f"{percent(goal.reached)} wanted"
    if sizing.by == "finish":
        until = "before the simulation ends"
        start = f"The goal is not reached {until} often enough: {percent(why.reached_share)} are reached, {wanted}."
    else:
        what = "number of lines" if sizing.by == "lines" else "pace"
        by = "" if goal.by is None else f" by {moment_text(goal.by, zone_name)}"
        start = f"No {what} reaches the goal: without a limit {percent(why.reached_share)} are reached{by}, {wanted}."
    if why.other_limit == "callsPerSecond":
        return f"{start} It is the pace that holds it back: without callsPerSecond there would be enough lines."
    if why.other_limit == "lines":
        return f"{start} It is the lines that hold it back: dialer size SCENARIO tells how many it takes."
    shares = {cause: sum(each.share for each in why.hindrances if each.cause == cause) for cause in CAUSE_WORDS}
    reasons = ", ".join(f"{percent(share)} {CAUSE_WORDS[cause]}" for cause, share in _largest(shares))
    dead = f" {percent(why.dead_share)} of the list never answer." if why.dead_share else ""
    blame = "It is not the capacity" if sizing.by != "finish" else "Not reached"
    return f"{start} {blame}: {reasons}.{dead}"


def _largest(shares: dict[Cause, float]) -> list[tuple[Cause, float]]:
    return sorted(((cause, share) for cause, share in shares.items() if share), key=lambda pair: -pair[1])


def write_sizing(sizing: Sizing, folder: Path, *, force: bool = False, report: str | None = None) -> None:
    """Write the sizing (JSON), and its page beside it, into a folder: all of them whole, or nothing.

    Raises InputError if results are there already and `force` is not given, and OSError if something cannot be
    written.
    """
    files = {"sizing.json": text_file(json_text(msgspec.to_builtins(sizing)) + "\n")}
    if report is not None:
        files[REPORT_NAME] = text_file(report)
    write_folder(folder, files, force=force)
