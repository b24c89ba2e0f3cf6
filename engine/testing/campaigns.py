"""Strategies for campaigns: the policy at the top, shifts, pace, order, caps, closed dates and rule sets."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from engine.testing.clocks import MONDAY, Fields, Strategy, allowed_days, allowed_times, clock_times
from engine.testing.policies import policies

PACES = (1, 0.3, 0.9, 1.9, 2.5, 0.01, 0.001)
HOLIDAYS = (
    {"holidays": "AU", "subdivision": "WA"},  # 2 March 2026
    {"holidays": "AU", "subdivision": "NSW"},  # 4 and 5 April
    {"holidays": "NZ"},  # 26 October
    {"holidays": "FR"},  # 1 November
    {"holidays": "US", "observed": False},  # none near
)
"""Holidays of the moments at which simulations begin."""


def shifts(start: datetime = MONDAY, zone: str = "Z") -> Strategy:
    """A shift of one to three lines; the whole day, or hours near `start` that may go over midnight.

    >>> from hypothesis import find
    >>> find(shifts(), lambda shift: "from" in shift)
    {'lines': 1, 'from': '10:00', 'to': '10:01'}
    """
    hours = st.lists(clock_times(start, zone), min_size=2, max_size=2, unique=True)
    return st.builds(
        lambda lines, between, days: {
            "lines": lines,
            **({"from": between[0], "to": between[1]} if between else {}),
            **({"days": days} if days is not None else {}),
        },
        st.integers(1, 3),
        st.none() | hours,
        st.none() | allowed_days(start),
    )


def paces() -> st.SearchStrategy[float]:
    """A `callsPerSecond`; most are not whole numbers, and some leave minutes between two calls."""
    return st.sampled_from(PACES)


@st.composite
def closed_dates(draw: st.DrawFn, start: datetime = MONDAY) -> list[Any]:
    """One to four `closedDates`: dates near `start` by clocks of any zone, and holidays.

    >>> from hypothesis import find
    >>> find(closed_dates(), lambda dates: True)
    ['2026-03-02']
    """
    days = st.sampled_from((0, 0, 1, -1, 0, 1, -1, 2, -2, 16, 40))
    named = days.map(lambda days: f"{start + timedelta(days=days):%Y-%m-%d}")
    dates: st.SearchStrategy[Any] = named | st.sampled_from(HOLIDAYS)
    return draw(st.lists(dates, min_size=1, max_size=4))


@st.composite
def closings(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """The closed dates of a campaign, or mostly none."""
    return {} if draw(st.integers(0, 2)) < 2 else {"closedDates": draw(closed_dates(start))}


def caps() -> Strategy:
    """A cap that is reached within a simulation; every scenario here has the outcome that it may name.

    >>> from hypothesis import find
    >>> find(caps(), lambda cap: True)
    {'atMost': 1, 'hours': 1}
    """
    most = st.fixed_dictionaries({"atMost": st.sampled_from([1, 1, 2, 3, 5])})
    how_long = st.sampled_from([{"hours": 1}, {"hours": 1}, {"hours": 2}, {"days": 1}, {"days": 2}])
    more = st.fixed_dictionaries(
        {},
        optional={
            "outcomes": st.just(["answered"]),
            "per": st.sampled_from(["phone", "payload.tier"]),
            "redials": st.sampled_from(["exempt", "counted"]),
        },
    )
    return st.builds(lambda *parts: {**parts[0], **parts[1], **parts[2]}, most, how_long, more)


@st.composite
def rule_sets(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """A rule set that matters in a simulation of two hours, in full.

    >>> from hypothesis import find
    >>> sorted(find(rule_sets(), lambda rules: rules["caps"]))
    ['allowedTime', 'caps', 'closedDates', 'source', 'sure', 'title']
    """
    dates = st.integers(-1, 1).map(lambda days: f"{start + timedelta(days=days):%Y-%m-%d}")
    time = draw(allowed_times(start, draw(st.sampled_from(["Z", "America/New_York"]))))
    found: Fields = {"title": "drawn", "source": "luck", "sure": "not at all", "allowedTime": time}
    special = draw(st.sampled_from([(), ("holiday",), ("dayBeforeHoliday",), ("holiday", "dayBeforeHoliday")]))
    for key in special:
        hours = draw(allowed_times(start, "Z")).get("default", [])
        found["allowedTime"] = {**found["allowedTime"], key: hours}
    if special:
        found["holidays"] = draw(st.lists(dates, min_size=1, max_size=2))
    found["caps"] = draw(st.lists(caps(), max_size=2))
    found["closedDates"] = draw(st.sampled_from([[], [], draw(st.lists(dates, max_size=1))]))
    return found


@st.composite
def rules(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """The rule sets that a campaign keeps to, or mostly none."""
    return {"rules": draw(st.lists(rule_sets(start), min_size=1, max_size=2))} if not draw(st.integers(0, 3)) else {}


def campaign_options() -> Strategy:
    """The fields of a campaign beside policy, lines and closed dates: pace, order, caps and bounds of calls."""
    return st.fixed_dictionaries(
        {},
        optional={
            "callsPerSecond": paces(),
            "order": st.sampled_from(["nextAllowedTime", "windowClosing"]),
            "maxTotalAttempts": st.integers(1, 5),
            "retryIfShorterThanSeconds": st.sampled_from([0, 60, 61, 300]),
            "caps": st.lists(caps(), max_size=3),
        },
    )


@st.composite
def campaigns(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """A campaign: policy, lines or shifts, and any of pace, order, caps, bounds of calls, closed dates and rule sets.

    >>> from hypothesis import find
    >>> find(campaigns(), lambda campaign: "shifts" in campaign)
    {'shifts': [{'lines': 1}]}
    """
    policy = draw(policies(start))
    if draw(st.integers(0, 2)) < 2:
        capacity: Fields = {"lines": draw(st.integers(1, 3))}
    else:
        zone = policy.get("gmtZone", "Z")
        capacity = {"shifts": draw(st.lists(shifts(start, zone), min_size=1, max_size=3))}
    return {**policy, **capacity, **draw(campaign_options()), **draw(closings(start)), **draw(rules(start))}
