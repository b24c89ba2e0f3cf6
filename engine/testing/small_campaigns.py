"""Strategies for small campaigns, each about a few of the rules, in which what happens falls together.

A scheduler that leaves the rules is found out where two things meet in one second: a call ends as a window does, a
number is due as its finish comes, two numbers are due at once. So few numbers wait for a line or two, and instants,
edges of hours, intervals and calls are mostly whole multiples of some minutes. Each campaign has a few of the features
alone: it is then played fast, and the feature in which a bug lies is not hidden behind the others.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from hypothesis import strategies as st

from engine.calling.instants import DAY, HOUR, MINUTE, utc_text
from engine.calling.spoken import WEEKDAYS
from engine.calling.zones import clock_changes, offset_at, parse_zone
from engine.scenario.scenario import Scenario
from engine.testing.campaigns import PACES
from engine.testing.clocks import ZONES, Fields
from engine.testing.policies import without_crossed_dates

FEATURES = (
    "redials", "retries", "caps", "outcomeCaps", "closedDates", "rules", "shifts", "pace", "windowClosing",
    "maxTotalAttempts", "shortCalls", "hours", "dates", "zones", "priorities", "duplicates", "lateNumbers", "segments",
)  # fmt: skip
"""What a scheduler may do; campaigns are drawn without what it does not."""
OF_NUMBERS = ("hours", "dates", "zones", "priorities", "retries", "duplicates", "lateNumbers")
"""Those that numbers have, whatever their campaign."""
_PARTNERS = {
    "redials": ("priorities",),
    "retries": ("dates",),
    "caps": ("retries", "zones"),
    "outcomeCaps": ("retries", "zones"),
    "maxTotalAttempts": ("retries",),
    "shortCalls": ("retries",),
    "windowClosing": ("hours",),
    "zones": ("hours",),
    "dates": ("retries",),
}
"""Without these a feature hardly shows: nobody is called twice, comes before another or waits for a window."""
_BY_DATE = {"caps", "outcomeCaps", "closedDates", "rules"}
"""What may end at midnight."""
_SINCE, _UNTIL = 1_772_323_200, 1_798_761_600
"""March to December 2026, in which clocks change once or twice."""
_MONDAY = 1_772_409_600
"""2026-03-02T00:00:00Z."""
_FIRST_PHONE = 16505550000

_SOMETIMES = st.booleans()
_OFTEN = st.sampled_from([False, True, True, True])
_ZONES = st.sampled_from(ZONES) | st.sampled_from(
    [zone for zone in ZONES if clock_changes(parse_zone(zone), _SINCE, _UNTIL)]
)
_LEADS = st.builds(
    lambda minutes, seconds: minutes * MINUTE + seconds,
    st.sampled_from([10, 5, 30, 60, 0]),
    st.sampled_from([0, 0, 0, 0, 1, 30]),
)
"""Seconds from the start to what the campaign lies near."""
_SPANS = st.sampled_from([120, 30, 60, 180])
"""Minutes."""
_MINUTES = st.sampled_from([0, 10, 5, 15, 10, 5, 20, 30, 60, 90])
_EDGES = st.sampled_from([0, 10, 5, 20, 30, 60, 90, 120, -10, -30, -60])
_EDGE_LISTS = st.lists(_EDGES, min_size=2, max_size=4, unique=True)
_INSTANTS = st.builds(
    lambda minutes, seconds: minutes * MINUTE + seconds, _MINUTES, st.sampled_from([0, 0, 0, 0, 0, 1, -1])
)
_DAYS_OFF = st.sampled_from([0, 1, -1, 2])
_CALL_SECONDS: st.SearchStrategy[Any] = st.sampled_from(
    [
        300,
        600,
        300,
        600,
        300,
        60,
        1,
        59,
        {"quantiles": {"0": 60, "1": 600}},
        {"quantiles": {"0": 300, "0.5": 300, "0.5001": 600, "1": 600}},
    ]
)
_RETRIES = st.sampled_from([5, 10, 5, 10, 15, 30, 1])
_COUNTS = {4: st.sampled_from([1, 2, 3, 4, 2, 3, 4]), 2: st.sampled_from([1, 2]), 1: st.just(1)}
_TIERS = st.sampled_from([{"tier": 1}, {"tier": 1}, {"tier": 1}, {"tier": 2}, {"tier": "1"}])


class _Around(NamedTuple):
    """When and where a campaign is played, and what it is about."""

    start: int
    """Unix seconds."""
    minutes: int
    zones: tuple[str, ...]
    """Those of its numbers; its own comes first."""
    features: frozenset[str]

    def instant(self, seconds: int) -> str:
        return utc_text(self.start + seconds)

    def local(self, zone: str) -> datetime:
        """The wall clock at the start."""
        return datetime.fromtimestamp(self.start, UTC).astimezone(parse_zone(zone))


@st.composite
def small_campaigns(draw: st.DrawFn, features: Collection[str] = FEATURES) -> Fields:
    """A scenario of one to five numbers and some hours that has a few of these features, as plain values.

    >>> from hypothesis import find
    >>> smallest = find(small_campaigns(), lambda scenario: True)
    >>> smallest["numbers"], smallest["outcomes"]
    ([{'addPhones': [{'phone': 16505550000}]}], {'answered': {'share': 1, 'seconds': 300}})
    """
    chosen = draw(_some_of(tuple(name for name in FEATURES if name in features), most=6))
    around = draw(_times(chosen))
    campaign = draw(_campaigns(around))
    outcomes = draw(_outcomes(around))
    _give_caps(draw, chosen, campaign, outcomes)
    scenario: Fields = {
        "start": around.instant(0),
        "finish": around.instant(around.minutes * MINUTE),
        "seed": draw(st.integers(0, 15)),
        "campaign": campaign,
        "numbers": draw(_lists(around, campaign)),
        "outcomes": outcomes,
    }
    if "segments" in chosen:
        scenario["segments"] = draw(_segments(around, campaign))
    return scenario


@st.composite
def small_lists(draw: st.DrawFn, scenario: Scenario, document: Fields, features: Collection[str] = FEATURES) -> Fields:
    """`document`, the plain values of `scenario`, with a list of one to five numbers that have a few of these features.

    It is played for some hours: its finish is earlier, if need be.
    """
    chosen = draw(_some_of(tuple(name for name in OF_NUMBERS if name in features), most=4))
    campaign, start = scenario.document.campaign, int(scenario.document.start)
    minutes = draw(_SPANS)
    if "duplicates" in chosen and draw(_SOMETIMES):
        minutes = 3 * DAY // MINUTE
    minutes = min(minutes, (scenario.document.finish - start) // MINUTE)
    own = "Z" if campaign.tells_zones_by_phone else str(campaign.zone_name)
    others = draw(st.lists(_ZONES, max_size=2)) if "zones" in chosen else []
    around = _Around(start, minutes, (own, *others), chosen)
    dates = {"startDateTime": campaign.start_date_time, "finishDateTime": campaign.finish_date_time}
    above: Fields = {"gmtZone": own} | {name: utc_text(at) for name, at in dates.items() if at is not None}
    finish = around.instant(minutes * MINUTE)
    return document | {"finish": finish, "numbers": draw(_lists(around, above))}


@st.composite
def _some_of(draw: st.DrawFn, features: tuple[str, ...], most: int) -> frozenset[str]:
    """Some of the features, and often what makes them matter."""
    if not features:
        return frozenset()
    chosen = draw(st.lists(st.sampled_from(features), unique=True, max_size=most))
    partners = [name for each in chosen for name in _PARTNERS.get(each, ()) if name in features]
    return frozenset(chosen).union(name for name in partners if draw(_OFTEN))


@st.composite
def _times(draw: st.DrawFn, features: frozenset[str]) -> _Around:
    zones = ["Z"]
    if "zones" in features:
        zones = [draw(_ZONES), *draw(st.lists(_ZONES, min_size=1, max_size=2))]
    moments = _moments(zones[0])
    at_midnight = draw(_OFTEN) if features.intersection(_BY_DATE) else False
    start = draw(st.sampled_from(moments[1:3] if at_midnight else moments)) - draw(_LEADS)
    minutes = draw(_SPANS)
    if "duplicates" in features and draw(_SOMETIMES):
        minutes = 3 * DAY // MINUTE
    return _Around(start, minutes, (*zones,), features)


@cache
def _moments(zone: str) -> tuple[int, ...]:
    """A morning, two midnights and changes of a zone's clock, as Unix seconds."""
    where = parse_zone(zone)
    ahead = offset_at(where, _MONDAY)
    midnights = [_MONDAY - ahead + days * DAY for days in (1, 5)]
    changes = clock_changes(where, _SINCE, _UNTIL)[:2]
    return (_MONDAY + 10 * HOUR, *midnights, *changes, *changes)


@st.composite
def _policies(draw: st.DrawFn, around: _Around, above: Fields | None = None, most_attempts: int = 4) -> Fields:
    """Some fields of a call policy of the features that the campaign is about."""
    made: Fields = {}
    features = around.features
    zone = (above or {}).get("gmtZone")
    zone = zone if zone in around.zones else around.zones[0]
    if "zones" in features and draw(_SOMETIMES):
        zone = made["gmtZone"] = draw(st.sampled_from(around.zones))
    if "priorities" in features and draw(_OFTEN):
        made["dialerPriority"] = draw(st.integers(1, 5))
    if "retries" in features and draw(_SOMETIMES):
        made["maxAttempts"] = draw(st.integers(2, most_attempts))
        made["retryIntervalInMinutes"] = draw(_RETRIES)
    if "hours" in features and draw(_SOMETIMES):
        made["allowedTime"] = draw(_allowed_times(around, zone))
    if "hours" in features and draw(st.integers(0, 3)) == 3:
        made["allowedDays"] = draw(st.lists(_weekdays(around, zone), max_size=3))
    if "dates" in features and draw(_SOMETIMES):
        made["startDateTime"] = around.instant(draw(_INSTANTS))
    if "dates" in features and draw(_SOMETIMES):
        made["finishDateTime"] = around.instant(draw(_INSTANTS))
    return without_crossed_dates(made, above)


def _weekdays(around: _Around, zone: str) -> st.SearchStrategy[str]:
    today = around.local(zone).weekday()
    return st.sampled_from([WEEKDAYS[(today + step) % 7] for step in (0, 1, -1)])


@st.composite
def _hours(draw: st.DrawFn, around: _Around, zone: str) -> list[Fields]:
    local = around.local(zone)
    edges = sorted(draw(_EDGE_LISTS))
    edges = edges[: len(edges) // 2 * 2]
    if draw(_SOMETIMES):
        edges = [*edges[1:], edges[0]]
    times = [f"{local + timedelta(minutes=minute):%H:%M}" for minute in edges]
    return [
        {"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in zip(times[::2], times[1::2], strict=True)
    ]


@st.composite
def _allowed_times(draw: st.DrawFn, around: _Around, zone: str) -> Fields:
    hours: Fields = {"default": draw(_hours(around, zone))}
    if draw(st.integers(0, 2)) == 2:
        hours[draw(_weekdays(around, zone))] = draw(_hours(around, zone)) if draw(_SOMETIMES) else []
    return hours


@st.composite
def _dates(draw: st.DrawFn, around: _Around) -> list[str]:
    """One or two local dates near the start."""
    local = around.local(around.zones[0])
    days = draw(st.lists(_DAYS_OFF, min_size=1, max_size=2, unique=True))
    return [f"{local + timedelta(days=each):%Y-%m-%d}" for each in days]


@st.composite
def _campaigns(draw: st.DrawFn, around: _Around) -> Fields:
    features = around.features
    made: Fields = {"lines": draw(st.sampled_from([1, 2, 1, 2, 1]))}
    if "zones" in features:
        made["gmtZone"] = around.zones[0]
    made |= draw(_policies(around))
    if "retries" in features:
        made.setdefault("maxAttempts", draw(st.integers(2, 4)))
        made.setdefault("retryIntervalInMinutes", draw(_RETRIES))
    if "shifts" in features:
        del made["lines"]
        made["shifts"] = draw(st.lists(_shifts(around, made.get("gmtZone", "Z")), min_size=1, max_size=2))
    if "pace" in features:
        made["callsPerSecond"] = draw(st.sampled_from(PACES))
    if "windowClosing" in features:
        made["order"] = "windowClosing"
    if "maxTotalAttempts" in features:
        made["maxTotalAttempts"] = draw(st.integers(1, 4))
    if "shortCalls" in features:
        made["retryIfShorterThanSeconds"] = draw(st.sampled_from([60, 61, 300]))
    if "closedDates" in features:
        made["closedDates"] = draw(_dates(around))
    if "rules" in features:
        made["rules"] = draw(st.lists(_rule_sets(around), min_size=1, max_size=2))
    return made


@st.composite
def _shifts(draw: st.DrawFn, around: _Around, zone: str) -> Fields:
    made: Fields = {"lines": draw(st.integers(1, 2))}
    if draw(_SOMETIMES):
        hours = draw(_hours(around, zone))[0]
        made |= {"from": hours["localTimeFrom"], "to": hours["localTimeTo"]}
    if draw(st.integers(0, 3)) == 3:
        made["days"] = draw(st.lists(_weekdays(around, zone), min_size=1, max_size=2, unique=True))
    return made


@st.composite
def _rule_sets(draw: st.DrawFn, around: _Around) -> Fields:
    zone = around.zones[0]
    hours = draw(_allowed_times(around, zone))
    made: Fields = {"title": "drawn", "source": "luck", "sure": "not at all", "allowedTime": hours}
    special = draw(st.sampled_from([(), ("holiday",), ("dayBeforeHoliday",), ("holiday", "dayBeforeHoliday")]))
    hours |= {name: draw(_hours(around, zone)) for name in special}
    if special:
        made["holidays"] = draw(_dates(around))
    if draw(st.integers(0, 3)) == 3:
        made["closedDates"] = draw(_dates(around))
    return made


def _give_caps(draw: st.DrawFn, features: frozenset[str], campaign: Fields, outcomes: Fields) -> None:
    """Caps of the campaign, or of its first rule set.

    A cap on outcomes is one by phone, where each phone is one number: that is not called again before the outcome of
    its call is told.
    """
    caps: list[Fields] = []
    for kind in [name for name in ("caps", "outcomeCaps") if name in features]:
        if kind == "outcomeCaps" and "duplicates" in features:
            continue
        cap: Fields = {"atMost": draw(st.sampled_from([1, 1, 1, 2, 3]))}
        cap |= draw(st.sampled_from([{"hours": 1}, {"days": 1}, {"days": 1}, {"days": 1}, {"hours": 2}, {"days": 2}]))
        if kind == "outcomeCaps":
            cap["outcomes"] = [draw(st.sampled_from([*outcomes]))]
        elif draw(_SOMETIMES):
            cap["per"] = "payload.tier"
        if "redials" in features and draw(_SOMETIMES):
            cap["redials"] = "exempt"
        caps.append(cap)
    if caps:
        holder = campaign["rules"][0] if "rules" in campaign and draw(_SOMETIMES) else campaign
        holder["caps"] = caps


@st.composite
def _outcomes(draw: st.DrawFn, around: _Around) -> Fields:
    features = around.features
    names = ["answered", "noAnswer"] if draw(_SOMETIMES) else ["answered"]
    made: Fields = {}
    for name in names:
        outcome: Fields = {"share": 1 / len(names) if len(names) > 1 else 1, "seconds": draw(_CALL_SECONDS)}
        if "retries" in features:
            outcome["retry"] = draw(st.sampled_from([True, True, False]))
            if draw(st.integers(0, 3)) == 3:
                outcome["retryIntervalInMinutes"] = draw(_RETRIES)
        if "redials" in features and draw(st.sampled_from([True, True, False])):
            rules = draw(st.lists(_redials(around), min_size=1, max_size=2))
            # Not all calls bring one, so that a number is not called without end.
            outcome["redials"] = [{"share": 0.8 / len(rules), **redial} for redial in rules]
        made[name] = outcome
    return made


@st.composite
def _redials(draw: st.DrawFn, around: _Around) -> Fields:
    policy = draw(_policies(around, most_attempts=7))
    if "startDateTime" in policy:
        policy.pop("finishDateTime", None)
    else:
        policy["startAfterMinutes"] = draw(st.sampled_from([0, 5, 10, 30]))
    return policy


@st.composite
def _segments(draw: st.DrawFn, around: _Around, campaign: Fields) -> list[Fields]:
    kinds: list[Fields] = [{"payload": {"tier": 1}}, {"payload": {"tier": 2}}, {"share": 0.5}]
    count = draw(st.sampled_from([1, 1, 2]))
    return [
        {"name": f"segment {place}", **draw(st.sampled_from(kinds)), **draw(_policies(around, campaign))}
        for place in range(count)
    ]


@st.composite
def _lists(draw: st.DrawFn, around: _Around, campaign: Fields) -> list[Fields]:
    """The numbers, some of them added later."""
    features = around.features
    of_numbers = bool(features.intersection(OF_NUMBERS))
    own = draw(st.lists(_policies(around, campaign), min_size=1, max_size=2)) if of_numbers else []
    shared = [{}, *own, *own]
    with_payloads = bool({"caps", "segments", "duplicates"} & features)
    unused = [*range(_FIRST_PHONE, _FIRST_PHONE + 8)]

    def body(most: int) -> list[Fields]:
        made = []
        for _ in range(draw(_COUNTS[most])):
            phone = draw(st.sampled_from(unused))
            if "duplicates" not in features:
                unused.remove(phone)
            number = {"phone": phone}
            if with_payloads and draw(_OFTEN):
                number["payload"] = draw(_TIERS)
            made.append(number | draw(st.sampled_from(shared)))
        return made

    if "duplicates" in features and around.minutes * MINUTE == 3 * DAY:
        number = body(1)
        hours = [0]
        for gap in draw(st.lists(st.sampled_from([12, 24, 23, 25, 1]), min_size=1, max_size=3)):
            hours.append(hours[-1] + gap)
        return [{"addPhones": number, "added": around.instant(each * HOUR)} for each in hours if each < 72]
    parts: list[Fields] = [{"addPhones": body(4)}]
    if "duplicates" in features or "lateNumbers" in features:
        late: Fields = {"addPhones": body(2)}
        if "lateNumbers" in features:
            late["added"] = around.instant(min(abs(draw(_INSTANTS)), around.minutes * MINUTE - 1))
        parts.append(late)
    return parts
