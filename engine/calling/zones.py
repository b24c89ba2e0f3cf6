"""Zones: read from the text of a `gmtZone`, with their offsets from UTC.

Zones come from the `tzdata` package and never from the system, so that a result does not depend on the machine.
"""

import re
from collections.abc import Iterable
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY, FIRST_DATED, HOUR, LAST_DATED, MINUTE, in_zone
from engine.calling.near_zones import CHANGING, SUMMER_OF_LONDON, near_zone
from engine.reading.faults import Fault, InputError, shown

_OFFSET = re.compile(
    r"(?:UTC|GMT|UT)?([+-])(?:(\d{1,2})|(\d\d)(\d\d)|(\d\d):(\d\d)|(\d\d)(\d\d)(\d\d)|(\d\d):(\d\d):(\d\d))",
    re.ASCII,
)
_FORMS = "Z, an offset such as +05:30, UTC+5 or GMT-0800 of at most 18:00, or a TZDB id such as America/New_York"


A_YEAR = 366 * DAY
_JANUARY, _JULY = 1_767_225_600, 1_782_864_000
"""Instants of 2026 at which clocks that change show different offsets."""
FROM_PHONE: Final = "fromPhone"
"""The `gmtZone` of a campaign that finds the zone of a number by its phone (rules 2)."""

Zone = tzinfo | tuple[tzinfo, ...]
"""A zone; or, for a number that may be in any of several, all of them, at least two, sorted by name."""


class ZoneName(str):
    """The text of a `gmtZone`: a TZDB id as it stands, an offset as `±hh:mm` or `±hh:mm:ss`, UTC as `Z`.

    The name of several zones, for a phone that may be in any of them, holds all their ids, sorted and joined by `&`.
    A file cannot hold such a name: only `joint` makes it.
    """

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {"type": "string", "description": _FORMS}

    @classmethod
    def read(cls, value: object) -> Self:
        """The name of the zone that `value` means; InputError if it is not a zone."""
        try:
            return cls(_zone_name(parse_zone(value if isinstance(value, str) else "")))
        except ValueError:
            hint = "; in YAML, put the offset in quotes" if isinstance(value, int) else ""
            near = near_zone(value, zone_ids()) if isinstance(value, str) else None
            allowed = (f"{near}, perhaps; or " if near else "") + _FORMS + hint
            raise InputError([Fault((), shown(value), allowed)]) from None

    @classmethod
    def joint(cls, ids: Iterable[str]) -> Self:
        """The name of a zone or of several, given as TZDB ids."""
        return cls("&".join(sorted(ids)))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the zones that it names, sorted; mostly one."""
        return tuple(self.split("&"))


@cache
def named_zone(name: str) -> Zone:
    """The zone of a name, or all zones of a name of several."""
    zones = tuple(parse_zone(each) for each in ZoneName(name).ids)
    return zones if len(zones) > 1 else zones[0]


@cache
def parse_zone(text: str) -> tzinfo:
    """The zone that a `gmtZone` means (rules 2).

    >>> parse_zone("America/New_York"), parse_zone("UTC+5")
    (zoneinfo.ZoneInfo(key='America/New_York'), datetime.timezone(datetime.timedelta(seconds=18000)))

    Raises ValueError with a reason: for an offset beyond 18:00, a form such as `+1:30`, or an id that TZDB does not
    have in exactly this spelling.
    """
    if text in ("Z", "UTC", "GMT", "UT"):
        return UTC
    if match := _OFFSET.fullmatch(text):
        sign, *digits = (group for group in match.groups() if group is not None)
        hours, minutes, seconds = (*map(int, digits), 0, 0)[:3]
        if minutes > 59 or seconds > 59:
            raise ValueError(f"{text!r} has more than 59 minutes or seconds")
        offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if offset > timedelta(hours=18):
            raise ValueError(f"{text!r} is more than 18:00 from UTC")
        return timezone(-offset if sign == "-" else offset) if offset else UTC
    if text not in zone_ids():
        raise ValueError(f"{text!r} is not a zone; allowed: {_FORMS}")
    with resources.files("tzdata.zoneinfo").joinpath(*text.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=text)


@cache
def zone_ids() -> frozenset[str]:
    """Every id in the installed TZDB."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())


def _zone_name(zone: tzinfo) -> str:
    if isinstance(zone, ZoneInfo):
        return zone.key
    seconds = offset_at(zone, 0)
    if not seconds:
        return "Z"
    sign, size = ("-", -seconds) if seconds < 0 else ("+", seconds)
    tail = f":{size % MINUTE:02}" if size % MINUTE else ""
    return f"{sign}{size // HOUR:02}:{size % HOUR // MINUTE:02}{tail}"


@cache
def changing_zone_there(name: str, span: tuple[int, int] | None = None) -> str | None:
    """For a zone that never changes and is no place's, such as -05:00 or EST, the zone of people whose clocks do.

    With a span of Unix seconds `[start, finish)`, the zone of people whose clocks show that offset at its start and
    another one later; a name such as EST is that of one zone's standard time, which is wrong all summer, too. None for
    other zones, and for offsets at which few people's clocks change.

    >>> [changing_zone_there(name) for name in ("-05:00", "EST", "+05:30", "America/Phoenix", "EST5EDT")]
    ['America/New_York', 'America/New_York', None, None, None]
    >>> july, november, december = 1_782_864_000, 1_793_491_200, 1_796_083_200
    >>> [changing_zone_there(name, (july, november)) for name in ("-05:00", "EST")]
    [None, 'America/New_York']
    >>> [changing_zone_there(name, (november, december)) for name in ("-05:00", "-08:00")]
    ['America/Chicago', 'America/Anchorage']
    """
    zone = named_zone(name)
    of_a_place = isinstance(zone, ZoneInfo) and "/" in zone.key and not zone.key.startswith("Etc/")
    if isinstance(zone, tuple) or of_a_place or offset_at(zone, _JANUARY) != offset_at(zone, _JULY):
        return None
    if span is not None:
        span = span[0], min(span[1], span[0] + A_YEAR)  # clocks that change do so within a year
    offset = offset_at(zone, _JANUARY)
    by_standard_time = CHANGING.get(_zone_name(timezone(timedelta(seconds=offset))))
    if span is None or not offset:
        return by_standard_time
    if isinstance(zone, ZoneInfo) and "/" not in zone.key:
        there = () if by_standard_time is None else offset_spans(parse_zone(by_standard_time), *span)
        return by_standard_time if any(each.offset != offset for each in there) else None
    near = (each for each in (*CHANGING.values(), SUMMER_OF_LONDON) if offset_at(parse_zone(each), span[0]) == offset)
    return next((each for each in near if len(offset_spans(parse_zone(each), *span)) > 1), None)


def next_difference(zone: str, meant: str, start: int) -> int | None:
    """The first instant from `start` on, within a year, at which a fixed offset is not what the clocks meant show."""
    fixed = offset_spans(parse_zone(zone), start, start + 1)[0].offset
    spans = offset_spans(parse_zone(meant), start, start + A_YEAR)
    return next((span.start for span in spans if span.offset != fixed), None)


def offset_at(zone: tzinfo, instant: int) -> int:
    """Seconds to add to Unix time for the wall clock of `zone` at `instant`."""
    offset = in_zone(instant, zone).utcoffset()
    assert offset is not None  # noqa: S101 (every zone that parse_zone gives has one)
    return offset // timedelta(seconds=1)


class OffsetSpan(NamedTuple):
    """A run of instants `[start, end)`, in Unix seconds, at which a zone's offset is the same."""

    start: int
    end: int
    offset: int


@cache
def offset_spans(zone: tzinfo, start: int, finish: int) -> tuple[OffsetSpan, ...]:
    """The spans that make up `[start, finish)`, in order.

    The offset is looked up once a day. Between two days that differ, bisection finds the change: no TZDB zone has ever
    changed its offset twice within two days (a test checks all of them).
    """
    if isinstance(zone, timezone):
        return (OffsetSpan(start, finish, offset_at(zone, start)),)
    spans = []
    since, offset = start, offset_at(zone, start)
    for day in range(max(start, FIRST_DATED), min(finish, LAST_DATED), DAY):
        last = min(day + DAY, finish - 1)
        if offset_at(zone, last) != offset:
            change = _first_change(zone, day, last)
            spans.append(OffsetSpan(since, change, offset))
            since, offset = change, offset_at(zone, last)
    return (*spans, OffsetSpan(since, finish, offset))


def clock_changes(zone: tzinfo, start: int, finish: int) -> list[int]:
    """The instants within `(start, finish)`, in Unix seconds, from which on a zone's clock has another offset."""
    return [span.start for span in offset_spans(zone, start, finish)[1:]]


def _first_change(zone: tzinfo, before: int, after: int) -> int:
    offset = offset_at(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def local_seconds(instants: NDArray[np.int64], zone_name: str) -> NDArray[np.int64]:
    """What the wall clock of a zone shows at instants, in seconds since 1970-01-01T00:00 of that clock.

    `instants` are Unix seconds, int64, in any order; `zone_name` is the name of one zone. Raises ValueError if there
    is no such zone.
    """
    if not len(instants):
        return instants
    spans = offset_spans(parse_zone(zone_name), int(instants.min()), int(instants.max()) + 1)
    which = np.searchsorted([span.start for span in spans], instants, side="right") - 1
    return instants + np.array([span.offset for span in spans], np.int64)[which]
