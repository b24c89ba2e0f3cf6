"""Results, comparisons and sizings to make pages of."""

import copy
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec

from engine import Result, Scenario, simulate
from engine.calling.caps import Cap
from engine.calling.closed_dates import ClosedDates
from engine.calling.hours import Weekdays
from engine.calling.instants import Instant
from engine.certainty import Estimate
from engine.scenario.campaign import Campaign
from engine.scenario.document import Goal
from engine.whatif.capacity import Lines, Pace
from engine.whatif.changes import Change
from engine.whatif.comparison import Comparison, Difference, VariantFigures
from engine.whatif.hindrances import Hindrance
from engine.whatif.replications import Band
from engine.whatif.setting import ListHours, Setting
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;`${alert(1)}{{7*7}}%{x}<b>\u2028 "
    "averylongwordwithoutanyplacetobreakit" * 2
)
"""A name that would do harm or show something else, wherever it is not taken as text."""

SETTING = Setting(
    start=1_772_409_600,
    finish=1_772_496_000,
    numbers=1_000,
    attempts=(1, 3),
    hours=(ListHours(Weekdays([0, 1]), None, 0.75), ListHours(None, None, 0.2)),
    other_hours=0.05,
    lines=8,
    shifts=True,
    calls_per_second=0.5,
    campaign=Campaign(lines=8, closed_dates=ClosedDates.read(["2026-12-25"]), caps=(Cap(at_most=3, hours=24),)),
)
"""What a sizing says of its scenario."""

FEW: dict[str, Any] = {
    "name": "A few",
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-05T00:00:00Z",
    "campaign": {
        "gmtZone": "America/New_York",
        "lines": 4,
        "maxAttempts": 3,
        "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
    },
    "numbers": [{"generate": {"count": 600, "dialerPriority": {"1": 1, "3": 2}}}],
    "outcomes": {
        "answered": {"share": 0.3, "seconds": 120},
        "noAnswer": {"share": 0.6, "seconds": 30, "retry": True},
        "invalid": {"share": 0.1, "seconds": 3},
    },
    "goal": {"reached": 0.5, "by": "2026-03-04T00:00:00Z"},
}


def few(**changes: Any) -> dict[str, Any]:
    """A scenario of a few numbers, with some of its top fields changed; those that are None are left out."""
    document = copy.deepcopy(FEW) | changes
    return {name: value for name, value in document.items() if value is not None}


def hostile() -> dict[str, Any]:
    """A scenario in which everything that has a name has a hostile one."""
    outcomes = FEW["outcomes"] | {HOSTILE: {"share": 0.2, "seconds": 5}, "noAnswer": {"share": 0.4, "seconds": 30}}
    segments = [{"name": HOSTILE, "share": 0.1, "outcomes": {"answered": {"share": 0}}}]
    return few(name=HOSTILE, outcomes=outcomes, segments=segments)


ODD: dict[str, dict[str, Any]] = {
    "no calls": few(campaign=FEW["campaign"] | {"startDateTime": "2026-06-01T00:00:00Z"}),
    "an empty list": few(numbers=[{"addPhones": [{"phone": "12"}], "skipFaulty": True}]),
    "no windows": few(campaign=FEW["campaign"] | {"allowedTime": {}}),
    "one second": few(finish="2026-03-02T00:00:01Z", goal=None),
    "one second with calls": few(finish="2026-03-02T00:00:01Z", goal=None, campaign={"lines": 4}),
    "done in days of five years": few(finish="2031-02-25T00:00:00Z"),
    "20 years of calls": few(
        finish="2046-02-25T00:00:00Z",
        numbers=[{"generate": {"count": 300}, "added": {"from": "2026-03-02T00:00:00Z", "to": "2046-01-01T00:00:00Z"}}],
    ),
    "the clock is put back": few(
        start="2026-10-24T00:00:00Z",
        finish="2026-10-27T00:00:00Z",
        goal=None,
        campaign={"gmtZone": "Europe/Berlin", "lines": 1, "maxAttempts": 50},
    ),
    "the clock is put forward": few(
        start="2026-03-28T00:00:00Z",
        finish="2026-03-31T00:00:00Z",
        goal=None,
        campaign={"gmtZone": "Europe/Berlin", "lines": 1, "maxAttempts": 50},
    ),
    "an odd offset": few(campaign=FEW["campaign"] | {"gmtZone": "+05:45"}),
    "many outcomes": few(
        outcomes={"answered": FEW["outcomes"]["answered"] | {"share": 0.2}}
        | {f"outcome {place}": {"share": 0.8 / 64, "seconds": 5, "retry": True} for place in range(64)}
    ),
    "no answered": few(outcomes={"machine": {"share": 1, "seconds": 5}}, goal=None),
    "zones by phones": few(campaign=FEW["campaign"] | {"gmtZone": "fromPhone", "zoneIfUnknown": "Asia/Tokyo"}),
    "hostile names": hostile(),
}
"""Scenarios at the edges of what there can be."""


def played(document: dict[str, Any]) -> Result:
    """What comes of a scenario."""
    return simulate(Scenario.from_document(document))


@cache
def result_of(case: str) -> Result:
    """What comes of an odd scenario."""
    return played(ODD[case])


@cache
def result_of_few() -> Result:
    """What comes of the few."""
    return played(few())


def band(share: float = 0.5, start: int = 1_772_409_600) -> Band:
    """The band of a share that is reached within three days."""
    times = tuple(range(start, start + 3 * 86_400, 900))
    mean = tuple(share * place / len(times) for place in range(len(times)))
    return Band(times, tuple(each * 0.9 for each in mean), mean, tuple(each * 1.1 for each in mean))


BASE = {
    "numbers.total": 600.0,
    "numbers.reached_share": 0.5,
    "numbers.not_reached.completed_invalid": 60.0,
    "calls.total": 1_200.0,
    "calls.per_number": 2.0,
    "lines.occupancy_while_calling": 0.9,
    "waiting.1.median": 600.0,
    "done_at": 1_772_600_000.0,
    "goal.met": 0.5,
}


GOAL = Goal(reached=0.55, by=Instant(1_772_600_000))
"""The goal of the base and its variants."""


def variant(
    name: str, gain: float, *, beyond_doubt: bool, changes: dict[str, Any] | None = None, goal: Goal | None = GOAL
) -> VariantFigures:
    """A variant whose every figure is larger than the base's by a share."""
    values = {figure: value * (1 + gain) for figure, value in BASE.items()}
    estimates = {figure: Estimate(value, value * 0.99, value * 1.01, 20) for figure, value in values.items()}
    differences = {
        figure: Difference(value * gain, value * (gain - 0.01), value * (gain + 0.01), beyond_doubt)
        for figure, value in BASE.items()
    }
    changed = tuple(Change(path, 4, value) for path, value in (changes or {}).items())
    reached = band(0.5 * (1 + gain))
    return VariantFigures(name, changes or {}, estimates, differences, reached, changed=changed, goal=goal)


def comparison(*variants: VariantFigures, name: str = "A few") -> Comparison:
    """Variants beside a base."""
    plain = variant("base", 0, beyond_doubt=False)
    base = VariantFigures("base", {}, plain.figures, {}, plain.reached, goal=plain.goal)
    most, least = (_furthest(base, variants, end) for end in (max, min))
    return Comparison(name, "base", 20, tuple(range(20)), (base, *variants), most, least)


def _furthest(
    base: VariantFigures, variants: Sequence[VariantFigures], end: Callable[..., VariantFigures]
) -> dict[str, tuple[str, ...]]:
    """The variants at one end of the figures, if they or all others differ from the base beyond doubt."""
    found = {figure: end(base, *variants, key=lambda each: each.figures[figure].mean) for figure in BASE}
    return {
        figure: (each.name,)
        for figure, each in found.items()
        if all(other.is_beyond_doubt(figure) for other in ([each] if each is not base else variants)) and variants
    }


def three_variants() -> Comparison:
    """A base, a variant that is better beyond doubt and one that may not be."""
    return comparison(
        variant("more lines", 0.2, beyond_doubt=True, changes={"campaign.lines": 8}),
        variant("fewer lines", -0.01, beyond_doubt=False, changes={"campaign.lines": 3}),
    )


def many_variants() -> Comparison:
    """A base and fifty variants of several changes each."""
    changes = [
        {"campaign.lines": lines, "campaign.allowedTime.default[0].localTimeFrom": f"{lines % 24:02}:00"}
        for lines in range(1, 51)
    ]
    return comparison(
        *(
            variant(f"lines={each['campaign.lines']} maxAttempts=3", place / 100, beyond_doubt=True, changes=each)
            for place, each in enumerate(changes)
        )
    )


def size(by: Sought, value: float) -> Size:
    """A value as what is looked for."""
    kinds: dict[Sought, Callable[[float], Size]] = {"lines": Lines, "callsPerSecond": Pace, "finish": Instant}
    return kinds[by](value)


def sizing(by: Sought = "lines", answer: float | None = 3, name: str = "A few", start: float = 0) -> Sizing:
    """A search that tried one to five, of which the fourth was stopped."""
    points = []
    for value in range(1, 6):
        reached = None if by == "finish" else Estimate(value / 10, value / 10 - 0.02, value / 10 + 0.02, 20)
        point = SizePoint(
            size(by, start + value), value * 4, 20, value / 5 - 0.1, value / 5, planned=20, reached=reached
        )
        points.append(point)
    points[3] = msgspec.structs.replace(points[3], met=12, replications=13, low=None, high=None)
    smallest = None if answer is None else size(by, answer)
    return Sizing(
        *(name, Goal(reached=0.5, confidence=0.6), by, smallest, tuple(points), smallest, smallest),
        hindrances=() if answer is None or by == "finish" else (Hindrance("exhausted", "attempts", 0.7),),
        played=93,
        planned=100,
        setting=SETTING,
    )
