"""Strategies for zones, for instants near clock changes, and for hours and days by a zone's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

from hypothesis import strategies as st

from engine.calling.instants import utc_text
from engine.calling.spoken import WEEKDAYS
from engine.calling.zones import clock_changes, parse_zone

Fields = dict[str, Any]
"""Plain values by their names, as a scenario file or a body of `addPhones` has them."""
Strategy = st.SearchStrategy[Fields]

MOMENTS = (
    "2026-03-02T10:00:00+00:00",  # a Monday
    "2026-03-06T23:20:00+00:00",  # midnight, and the weekend
    "2026-03-08T06:30:00+00:00",  # New York's clock skips an hour at 07:00 UTC
    "2026-11-01T05:10:00+00:00",  # and repeats one from 05:00 UTC on
    "2026-10-25T00:30:00+00:00",  # London's repeats one at 01:00 UTC, Troll's two
    "2026-04-04T14:30:00+00:00",  # Lord Howe's repeats half an hour at 15:00 UTC
)
MONDAY = datetime.fromisoformat(MOMENTS[0])
"""The start for which policies, hours and campaigns are drawn if none is given: 2026-03-02T10:00Z."""
ZONES = (
    "Z",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "UTC",
    "+05:30",
    "GMT-3",
    "-0930",
    "+01:02:03",
    "UT-00:00:30",
    "+18",
    "Asia/Kathmandu",
    "Antarctica/Troll",
)
_SINCE, _UNTIL = 1_767_225_600, 1_830_297_600
"""2026 and 2027, in which changes of clocks are looked for."""
_Arguments = ParamSpec("_Arguments")
_Made = TypeVar("_Made")


def kept(function: Callable[_Arguments, _Made]) -> Callable[_Arguments, _Made]:
    """The function, which makes the strategies of the same arguments once: Hypothesis looks into each new one."""
    return cast(Callable[_Arguments, _Made], lru_cache(4096)(function))


@kept
def zones() -> st.SearchStrategy[str]:
    """Zones as `gmtZone` spells them, most of them odd.

    UTC; clocks that skip and repeat an hour, half an hour or two; the first to see a day; offsets of half and quarter
    hours, of seconds, and the largest there is.

    >>> from hypothesis import find
    >>> find(zones(), lambda zone: zone != "Z")
    'America/New_York'
    """
    return st.sampled_from(ZONES)


def instants_near_changes(zone: str = "America/New_York") -> st.SearchStrategy[str]:
    """Instants within two hours of a change of the zone's clock in 2026 or 2027, often at the very second.

    Of a clock that never changes: instants around its midnights of a week. They are ISO 8601 text in UTC. ValueError
    if there is no such zone.

    >>> from hypothesis import find
    >>> find(instants_near_changes("Europe/London"), lambda instant: True)
    '2026-03-29T01:00:00Z'
    """
    where = parse_zone(zone)
    midnights = [datetime(2026, 3, 2 + day, tzinfo=where) for day in range(7)]
    moments = clock_changes(where, _SINCE, _UNTIL) or [int(midnight.timestamp()) for midnight in midnights]
    around = st.sampled_from([0, -1, 1, 60, -60, 1800, -1800, 3600, -3600]) | st.integers(-7200, 7200)
    return st.builds(lambda moment, seconds: utc_text(moment + seconds), st.sampled_from(moments), around)


def text_of(at: datetime) -> str:
    """An instant as the documents have it."""
    return at.isoformat().replace("+00:00", "Z")


@st.composite
def beginnings(draw: st.DrawFn) -> datetime:
    """The start of a simulation, in UTC to the second: on a Monday, before a midnight, or before a clock changes."""
    moment = datetime.fromisoformat(draw(st.sampled_from(MOMENTS)))
    return moment + timedelta(seconds=draw(st.sampled_from([0, 1, 299, 1234])))


@kept
def instants(start: datetime = MONDAY, first: int = 0, last: int = 120) -> st.SearchStrategy[str]:
    """Instants from minute `first` to minute `last` of a simulation, some of them not on a whole second."""
    seconds = st.integers(first, last).map(lambda minute: minute * 60) | st.integers(first * 60, last * 60)
    return st.builds(
        lambda second, fraction: text_of(start.astimezone(UTC) + timedelta(seconds=second, microseconds=fraction)),
        seconds,
        st.sampled_from([0, 0, 0, 500_000]),
    )


@kept
def clock_times(start: datetime = MONDAY, zone: str = "Z") -> st.SearchStrategy[str]:
    """Times of day, `HH:mm`, from half an hour before a simulation's start on, by the clock that a zone has then."""
    local = start.astimezone(parse_zone(zone))
    return st.integers(-30, 150).map(lambda minute: f"{local + timedelta(minutes=minute):%H:%M}")


@kept
def _edges(start: datetime, zone: str) -> st.SearchStrategy[list[str]]:
    return st.lists(clock_times(start, zone), min_size=2, max_size=4, unique=True)


@kept
@st.composite
def hours(draw: st.DrawFn, start: datetime = MONDAY, zone: str = "Z") -> list[Fields]:
    """Up to two intervals of one day that do not overlap; the last may go on over midnight.

    >>> from hypothesis import find
    >>> find(hours(), lambda intervals: len(intervals) == 1)
    [{'localTimeFrom': '10:00', 'localTimeTo': '10:01'}]
    """
    edges = sorted(draw(_edges(start, zone)))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):
        edges = [*edges[1:], edges[0]]
    return [
        {"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in zip(edges[::2], edges[1::2], strict=True)
    ]


@kept
@st.composite
def allowed_times(draw: st.DrawFn, start: datetime = MONDAY, zone: str = "Z") -> Fields:
    """An `allowedTime` of the days around a simulation's first; a day's list may be empty, and `default` missing."""
    others, default = _days(start, zone)
    days = draw(others)
    return {**draw(default), **days}


@kept
def _days(start: datetime, zone: str) -> tuple[Strategy, Strategy]:
    """The hours of some weekdays, and those of the default."""
    today = start.astimezone(parse_zone(zone)).weekday()
    days = st.sampled_from([WEEKDAYS[today], WEEKDAYS[today - 6], WEEKDAYS[today - 1]])
    lists = hours(start, zone)
    some = st.dictionaries(days, lists | lists | st.just([]), max_size=2)
    return some, st.fixed_dictionaries({}, optional={"default": lists}) | lists.map(every_day)


def every_day(intervals: list[Fields]) -> Fields:
    """An `allowedTime` that is the same each day."""
    return {"default": intervals}


@kept
def allowed_days(start: datetime = MONDAY) -> st.SearchStrategy[list[str]]:
    """An `allowedDays`, mostly of some days around a simulation's first; it may be empty, or the whole week."""
    today = start.weekday()
    near = st.sampled_from([WEEKDAYS[(today + step) % 7] for step in (0, 0, 1, -1)])
    return st.lists(near, max_size=3) | st.builds(list, st.just(WEEKDAYS))
