"""Section 3 of the rules said once more: what every second of a wall clock allows, by means that no engine shares."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from math import gcd
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY, WEEK = 86_400, 604_800
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """Unix seconds of an ISO 8601 text."""
    return round((datetime.fromisoformat(text) - EPOCH) / timedelta(seconds=1))


def tzdb_zone(name: str) -> ZoneInfo:
    """The zone of a TZDB id, read by the standard library from the files of the package `tzdata`."""
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


class Moment(NamedTuple):
    """An instant at which a zone changes its offset, or any instant of a fixed offset."""

    gmt_zone: str
    at: str
    fixed: timedelta | None = None

    def __str__(self) -> str:
        return f"{self.gmt_zone} {self.at}"

    @property
    def instant(self) -> int:
        """Unix seconds of the first second with the new offset."""
        return instant(self.at)

    @property
    def zone(self) -> tzinfo:
        """The zone, by the standard library alone."""
        if self.fixed is not None:
            return timezone(self.fixed)
        return tzdb_zone(self.gmt_zone)

    @property
    def sides(self) -> tuple[datetime, datetime]:
        """The wall clock in the second before the change, and in the second of the change."""
        after = EPOCH + timedelta(seconds=self.instant)
        return (after - timedelta(seconds=1)).astimezone(self.zone), after.astimezone(self.zone)

    @property
    def grain(self) -> int:
        """The longest step, in seconds, at whose ends alone a policy in whole minutes can open or close."""
        offsets = [side.utcoffset() or timedelta() for side in self.sides]
        return gcd(60, self.instant, *(offset // timedelta(seconds=1) for offset in offsets))


MOMENTS = (
    Moment("America/New_York", "2021-03-14T07:00Z"),
    Moment("America/New_York", "2021-11-07T06:00Z"),
    Moment("America/New_York", "2087-03-09T07:00Z"),  # by the rule for years to come, not by a table
    Moment("Europe/London", "2021-03-28T01:00Z"),
    Moment("Europe/London", "2021-10-31T01:00Z"),
    Moment("Australia/Lord_Howe", "2021-04-03T15:00Z"),  # half an hour
    Moment("Australia/Lord_Howe", "2021-10-02T15:30Z"),
    Moment("Pacific/Apia", "2011-12-30T10:00Z"),  # no 30 December
    Moment("Pacific/Kwajalein", "1993-08-21T12:00Z"),  # no 21 August
    Moment("Asia/Manila", "1844-12-31T15:56:08Z"),  # no 31 December, and seconds
    Moment("America/Juneau", "1867-10-19T00:31:13Z"),  # a day twice, and seconds
    Moment("Africa/Casablanca", "2021-04-11T02:00Z"),  # Ramadan, with two changes within five weeks
    Moment("Africa/Casablanca", "2021-05-16T02:00Z"),
    Moment("America/Sao_Paulo", "2018-02-18T02:00Z"),  # midnight twice
    Moment("America/Sao_Paulo", "2018-11-04T03:00Z"),  # no midnight
    Moment("America/Havana", "2021-03-14T05:00Z"),
    Moment("America/Havana", "2021-11-07T05:00Z"),
    Moment("Asia/Beirut", "2021-03-27T22:00Z"),
    Moment("Asia/Beirut", "2021-10-30T21:00Z"),
    Moment("America/St_Johns", "2010-03-14T03:31Z"),  # at 00:01
    Moment("America/St_Johns", "2010-11-07T02:31Z"),  # back into the day before
    Moment("Pacific/Chatham", "2021-04-03T14:00Z"),
    Moment("Pacific/Chatham", "2021-09-25T14:00Z"),
    Moment("Antarctica/Troll", "2021-03-28T01:00Z"),  # two hours
    Moment("Antarctica/Troll", "2021-10-31T01:00Z"),
    Moment("Asia/Pyongyang", "2015-08-14T15:00Z"),  # half an hour, for good
    Moment("Africa/Monrovia", "1972-01-07T00:44:30Z"),  # off by 44 minutes and 30 seconds until then
    Moment("+05:30:15", "2021-03-14T07:00Z", timedelta(hours=5, minutes=30, seconds=15)),
    Moment("-18:00", "2021-12-31T23:59Z", timedelta(hours=-18)),
    Moment("Z", "1970-01-01T00:00Z", timedelta()),
)


class WallClock(NamedTuple):
    """What a clock on a wall shows: at `first`, and at every `grain` seconds from then on."""

    first: int
    grain: int
    day: NDArray[np.int32]
    """The date that it shows, in days since 1970-01-01."""
    weekday: NDArray[np.int32]
    second: NDArray[np.int32]
    """Seconds since midnight, as the clock shows them."""

    def cut(self, start: int, finish: int) -> "WallClock":
        """The part of the clock from `start` to before `finish`."""
        chosen = slice((start - self.first) // self.grain, (finish - self.first) // self.grain)
        return WallClock(start, self.grain, self.day[chosen], self.weekday[chosen], self.second[chosen])


@cache
def wall_clock(moment: Moment, around: int, grain: int = 1) -> WallClock:
    """The clock from `around` seconds before the moment to as many after it, asked at each single step."""
    zone, first = moment.zone, moment.instant - around

    def shown() -> Iterator[int]:
        utc, step = (EPOCH + timedelta(seconds=first)).replace(tzinfo=zone), timedelta(seconds=grain)
        for _ in range(2 * around // grain):
            local = zone.fromutc(utc)
            day = local.toordinal() - EPOCH.toordinal()
            yield day * DAY + local.hour * 3_600 + local.minute * 60 + local.second
            utc += step

    day, second = (each.astype(np.int32) for each in np.divmod(np.fromiter(shown(), np.int64), DAY))
    return WallClock(first, grain, day, (day + 3) % 7, second)  # 1970-01-01 was a Thursday


def open_steps(fields: dict[str, Any], clock: WallClock, closed: tuple[int, ...] = ()) -> NDArray[np.bool_]:
    """At which steps of the clock the fields of a policy allow a call to start, word by word as section 3 says.

    `closed` are closed dates, as days since 1970-01-01.
    """
    is_open = np.zeros(len(clock.weekday), np.bool_)
    d, w = clock.weekday, clock.second
    for weekday, name in enumerate(DAYS):
        for start, end in _intervals(fields, name):
            if start < end:
                is_open |= (d == weekday) & (start <= w) & (w < end)
            else:
                is_open |= (d == weekday) & (w >= start)
                is_open |= (d == (weekday + 1) % 7) & (w < end)
    for day in closed:
        is_open &= clock.day != day
    return is_open


def _intervals(fields: dict[str, Any], weekday: str) -> list[tuple[int, int]]:
    if fields.get("allowedDays") and weekday not in fields["allowedDays"]:
        return []
    hours = fields.get("allowedTime")
    if hours is None:
        return [(0, DAY)]
    listed = hours[weekday] if weekday in hours else hours.get("default", [])
    return [(_seconds(each["localTimeFrom"]), _seconds(each["localTimeTo"])) for each in listed]


def _seconds(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3_600 + int(minutes) * 60


def runs(is_open: NDArray[np.bool_], clock: WallClock) -> list[tuple[int, int]]:
    """The maximal runs of open steps, `[start, end)` in Unix seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_open, [False])).astype(np.int8)))
    instants = (clock.first + clock.grain * edges).tolist()
    return list(zip(instants[::2], instants[1::2], strict=True))
