"""Hours: the share of time in which a policy allows calls, counted minute by minute on the customers' wall clocks."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmarks.validation.evidence import Fact, Figure, Fit, Section, Sizes, figure, percent, share
from benchmarks.validation.queues import Tick
from engine.calling.instants import DAY, MINUTE, unix_seconds, utc_text
from engine.calling.policy import CallPolicy
from engine.results.result import simulate
from engine.scenario.scenario import Scenario

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hours(start: str, end: str) -> list[dict[str, str]]:
    """One interval, as a policy gives it."""
    return [{"localTimeFrom": start, "localTimeTo": end}]


class Policy(NamedTuple):
    """Hours that allow calls; each `allowedTime` has an entry for every day on which it opens."""

    name: str
    allowed: Mapping[str, list[dict[str, str]]]


OFFICE = Policy("Mon to Fri 10:00-18:00", {day: hours("10:00", "18:00") for day in WEEKDAYS[:5]})
NIGHT = Policy("every day 22:00-06:00", {day: hours("22:00", "06:00") for day in WEEKDAYS})
SUNDAY = Policy("Sat and Sun 00:00-04:30", {day: hours("00:00", "04:30") for day in WEEKDAYS[5:]})


class Case(NamedTuple):
    """A policy in a zone over a span."""

    policy: Policy
    zone: str
    span: str
    start: str
    days: int


YEAR = ("2026", "2026-01-01T00:00:00Z", 365)
CASES = (
    Case(SUNDAY, "America/New_York", "a week", "2026-02-02T00:00:00Z", 7),
    Case(SUNDAY, "America/New_York", "the week in which clocks go forward", "2026-03-05T00:00:00Z", 7),
    Case(SUNDAY, "Australia/Lord_Howe", "the week in which clocks go back", "2026-04-02T00:00:00Z", 7),
    Case(SUNDAY, "America/New_York", "the week in which clocks go back", "2026-10-29T00:00:00Z", 7),
    Case(SUNDAY, "Australia/Lord_Howe", "the week in which clocks go forward", "2026-10-01T00:00:00Z", 7),
    Case(OFFICE, "America/New_York", *YEAR),
    Case(NIGHT, "Europe/Berlin", *YEAR),
    Case(SUNDAY, "Australia/Lord_Howe", *YEAR),
    Case(NIGHT, "Africa/Casablanca", *YEAR),
    Case(OFFICE, "Asia/Kolkata", *YEAR),
)


def opening(sizes: Sizes, seed: int, tick: Tick) -> list[Section]:
    """The hours themselves, and the calls made in them."""
    facts: list[Figure | Fit | Fact] = []
    figures: list[Figure | Fit | Fact] = []
    for case in CASES[: sizes.cases]:
        minutes = open_minutes(case)
        walked = int(minutes.sum())
        start = unix_seconds(case.start)
        policy = CallPolicy.from_json({"allowedTime": case.policy.allowed, "gmtZone": case.zone})
        windows = policy.open_windows(start, start + case.days * DAY)
        by_engine = sum(closes - opens for opens, closes in windows)
        begun, at_once = calls_in(case, sizes.numbers // 4, seed)
        outside = int((~minutes[(begun - start) // MINUTE]).sum())
        tick(case.zone)
        label = (case.policy.name, case.zone, case.span)
        open_share = walked / len(minutes)
        cells = (
            *label,
            figure(weekly_hours(case.policy) * case.days / 7),
            figure(walked / 60),
            figure(by_engine / 3600),
            percent(open_share, 4),
            f"{outside:,} of {len(begun):,}",
        )
        facts.append(Fact(cells, by_engine == walked * MINUTE and outside == 0))
        called = share(at_once, sizes.numbers // 4, open_share)
        figures.append(Figure((*label,), open_share, called))
    columns = (
        *("hours", "zone", "span", "weekly hours x weeks", "minute by minute, h", "engine, h", "share of time"),
        "calls outside",
    )
    facts_text = """\
Each minute of the span is looked up on the wall clock of its zone, by the standard library alone, and counted if the
policy allows it. The engine's windows must come to the same to the second, and no call may begin in a minute that was
not counted. Weekly hours times weeks differ where clocks change and where the span begins or ends within a week."""
    figures_text = f"""\
{sizes.numbers // 4:,} numbers are added at random instants of the span. Those that are called in the second in which
they are added are the share of time that is open."""
    return [
        Section("Hours: the share of time that is open", facts_text, columns, facts),
        Section("Hours: who is called at once", figures_text, ("hours", "zone", "span"), figures),
    ]


def open_minutes(case: Case) -> NDArray[np.bool_]:
    """Whether each minute of the span is open, by its wall clock."""
    with resources.files("tzdata.zoneinfo").joinpath(*case.zone.split("/")).open("rb") as file:
        zone = ZoneInfo.from_file(file, key=case.zone)
    week = week_minutes(case.policy)
    instant = EPOCH + timedelta(seconds=unix_seconds(case.start))
    is_open = []
    for _ in range(case.days * 1_440):
        local = instant.astimezone(zone)
        is_open.append(week[local.weekday()][local.hour * 60 + local.minute])
        instant += timedelta(minutes=1)
    return np.array(is_open)


def week_minutes(policy: Policy) -> list[list[bool]]:
    """Whether each minute of each weekday is open; hours that pass midnight go on in the next day."""
    week = [[False] * 1_440 for _ in WEEKDAYS]
    for day, intervals in policy.allowed.items():
        for each in intervals:
            start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (each["localTimeFrom"], each["localTimeTo"]))
            for minute in range(start, end if start < end else end + 1_440):
                week[(WEEKDAYS.index(day) + minute // 1_440) % 7][minute % 1_440] = True
    return week


def weekly_hours(policy: Policy) -> float:
    """The hours of a week in which no clock changes."""
    return sum(map(sum, week_minutes(policy))) / 60


def calls_in(case: Case, numbers: int, seed: int) -> tuple[NDArray[np.int64], int]:
    """The starts of the calls to numbers added at random instants, and how many were called when they were added."""
    start = unix_seconds(case.start)
    span = {"from": utc_text(start), "to": utc_text(start + case.days * DAY), "arrivals": "poisson"}
    campaign: dict[str, Any] = {"lines": 1_000_000, "allowedTime": case.policy.allowed, "gmtZone": case.zone}
    result = simulate(
        Scenario.from_document(
            {
                "start": utc_text(start),
                "finish": utc_text(start + case.days * DAY),
                "seed": seed,
                "campaign": campaign,
                "numbers": [{"generate": {"count": numbers}, "added": span}],
                "outcomes": {"answered": {"share": 1, "seconds": 1}},
            }
        ),
        "compiled",
        calls=True,
    )
    at_once = int((result.numbers["first_call"] == result.numbers["added"]).sum())
    return result.calls["start"].dt.epoch("s").to_numpy(), at_once
