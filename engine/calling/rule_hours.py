"""Rule hours: when a rule set lets calls start, by weekday, on holidays, on the days before, and never on closed dates.

What is narrower holds: on a holiday the hours of its weekday and those of holidays, on the day before one the hours of
its weekday and those of such days. So a set can take hours away from a date and never adds any.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.closed_dates import ClosedDates, closed_around, closed_days
from engine.calling.hours import AllowedTime, Interval, Weekdays, week_of
from engine.calling.instants import DAY, WEEK
from engine.calling.spoken import HOURS_FORM, spoken_time
from engine.calling.windows import FIRST_MONDAY, WHOLE_WEEK, Days, Week, Windows, intersection, open_windows
from engine.calling.zones import Zone, offset_spans
from engine.reading.faults import Fault, InputError

HOLIDAY, DAY_BEFORE = "holiday", "dayBeforeHoliday"
"""The keys of hours, beside weekdays, for dates that a set counts as holidays and for the days before these."""


class RuleTime(msgspec.Struct, frozen=True):
    """The `allowedTime` of a rule set: that of a scenario, with hours for holidays and for the days before them."""

    weekdays: AllowedTime | None
    """Hours of weekdays; None if the set has hours for holidays alone."""
    holiday: AllowedTime | None = None
    """Hours to which those of the weekday are narrowed on a holiday, the same every day."""
    day_before: AllowedTime | None = None
    """Hours to which they are narrowed on the day before a holiday."""
    json_schema: ClassVar[dict[str, Any]] = {
        "type": ["string", "object"],
        "description": f"{HOURS_FORM}; or a mapping of weekdays, default, {HOLIDAY} and {DAY_BEFORE} to such hours",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The hours of an `allowedTime`, short forms included; InputError with every fault in it."""
        full = spoken_time(value)
        own: dict[str, AllowedTime | None] = {HOLIDAY: None, DAY_BEFORE: None}
        faults: list[Fault] = []
        if isinstance(full, dict):
            for key in own:
                if key in full:
                    try:
                        own[key] = AllowedTime.read({"default": full.pop(key)})
                    except InputError as error:
                        faults += [Fault((key, *each.path[1:]), each.found, each.allowed) for each in error.faults]
        weekdays = None
        try:
            if full or not any(each is not None for each in own.values()):
                weekdays = AllowedTime.read(full)
        except InputError as error:
            faults += [
                msgspec.structs.replace(each, allowed=f"{each.allowed} {HOLIDAY} {DAY_BEFORE}")
                if each.found == "an unknown day"
                else each
                for each in error.faults
            ]
        if faults:
            raise InputError(faults)
        return cls(weekdays, own[HOLIDAY], own[DAY_BEFORE])

    def to_json(self) -> dict[str, Any]:
        """The plain value that reads as these hours."""
        special = ((HOLIDAY, self.holiday), (DAY_BEFORE, self.day_before))
        own = {} if self.weekdays is None else self.weekdays.to_json()
        return {**own, **{key: hours.to_json()["default"] for key, hours in special if hours is not None}}


class RuleHours(NamedTuple):
    """When a rule set lets calls start, on the customer's own wall clock."""

    week: Week = WHOLE_WEEK
    on_holidays: Week = WHOLE_WEEK
    before_holidays: Week = WHOLE_WEEK
    holidays: ClosedDates = ClosedDates()
    closed: ClosedDates = ClosedDates()

    @property
    def limits(self) -> bool:
        """Whether they forbid anything."""
        return self != RuleHours()


def rule_hours(time: RuleTime | None, holidays: ClosedDates, closed: ClosedDates) -> RuleHours:
    """The hours of a set's fields."""
    if time is None:
        return RuleHours(closed=closed)
    week, on_holidays, before = (week_of(None, own) for own in (time.weekdays, time.holiday, time.day_before))
    return RuleHours(week, on_holidays, before, holidays, closed)


def closed_at(hours: RuleHours, local: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each local second (since 1970-01-01 of the wall clock) lies on a closed date. O(n log dates)."""
    return _among(hours.closed, local // DAY)


def open_at(hours: RuleHours, local: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each local second is within the hours; closed dates are not asked. O(n log intervals)."""
    allowed = _within(hours.week, local)
    if not hours.holidays:
        return allowed
    day = local // DAY
    for week, shift in ((hours.on_holidays, 0), (hours.before_holidays, 1)):
        if week != WHOLE_WEEK:
            special = np.flatnonzero(_among(hours.holidays, day + shift))
            allowed[special] &= _within(week, local[special])
    return allowed


def rule_windows(hours: RuleHours, zone: Zone, start: int, finish: int) -> Windows:
    """The open windows of the hours in `[start, finish)`, in all zones of `zone`.

    Unix seconds; they are maximal but for the cut at both ends. A number's windows under a rule set are the
    intersection of its own windows with these.
    """
    found = Windows(np.array([start]), np.array([finish]))
    if start >= finish:
        return Windows(found.starts[:0], found.ends[:0])
    for each in zone if isinstance(zone, tuple) else (zone,):
        found = intersection(found, _windows_in(hours, each, start, finish))
    return found


@cache
def _windows_in(hours: RuleHours, zone: tzinfo, start: int, finish: int) -> Windows:
    found = open_windows(hours.week, zone, start, finish)
    found = intersection(found, _without(_windows_of_days(hours.closed, 0, zone, start, finish), start, finish))
    for week, shift in ((hours.on_holidays, 0), (hours.before_holidays, -1)):
        if week != WHOLE_WEEK and hours.holidays:
            days = _windows_of_days(hours.holidays, shift, zone, start, finish)
            closed = intersection(days, _without(open_windows(week, zone, start, finish), start, finish))
            found = intersection(found, _without(closed, start, finish))
    return found


def _windows_of_days(dates: ClosedDates, shift: int, zone: tzinfo, start: int, finish: int) -> Windows:
    """The seconds of local dates, each moved by some days; ascending, but they may touch."""
    starts, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for since, until, offset in offset_spans(zone, start, finish) if dates else ():
        first, last = (since + offset) // DAY, (until - 1 + offset) // DAY
        days = closed_days(dates, first - shift, last - shift) + shift
        starts.append(np.maximum(days * DAY - offset, since))
        ends.append(np.minimum((days + 1) * DAY - offset, until))
    return Windows(np.concatenate(starts), np.concatenate(ends))


def _without(windows: Windows, start: int, finish: int) -> Windows:
    """The seconds of `[start, finish)` that are in no window."""
    starts = np.concatenate(([start], windows.ends))
    ends = np.concatenate((windows.starts, [finish]))
    kept = starts < ends
    return Windows(starts[kept], ends[kept])


def in_both(one: Week, other: Week) -> Week:
    """The seconds of the week that are in both."""
    if WHOLE_WEEK in (one, other):
        return one if other == WHOLE_WEEK else other
    pieces = ((max(start, begin), min(end, finish)) for start, end in one for begin, finish in other)
    return tuple(sorted((start, end) for start, end in pieces if start < end))


@cache
def narrowed(days: Weekdays | None, hours: AllowedTime | None, week: Week) -> AllowedTime:
    """The hours of a number, all levels filled in, of which only those within a week are left; each day's by itself.

    >>> from engine.calling.hours import AllowedTime
    >>> night = AllowedTime.read({"fri": [{"localTimeFrom": "18:00", "localTimeTo": "02:00"}]})
    >>> narrowed(None, night, ((4 * 86_400, 5 * 86_400 + 3_600),))[4:6]
    ((Interval(start=64800, end=86400),), (Interval(start=0, end=3600),))
    """
    left = in_both(week_of(days, hours), week)
    return AllowedTime(
        tuple(
            Interval(max(start, day) - day, min(end, day + DAY) - day)
            for start, end in left
            if start < day + DAY and end > day
        )
        for day in range(0, WEEK, DAY)
    )


def closed_times(dates: ClosedDates, rules: Iterable[RuleHours], start: int, finish: int) -> Days:
    """What closed dates and rule sets close, beside the weeks of the sets, in a simulation from one day to another.

    That is: closed dates, and what holidays and the days before them lose of their hours. The years are those of
    `closed_around`.
    """
    closed: list[int | tuple[int, int]] = []
    each = list(rules)
    whole = ClosedDates([*dates, *(date for hours in each for date in hours.closed)])
    closed += closed_around(whole, start, finish)
    for hours in each:
        days = closed_around(hours.holidays, start, finish)
        closed += (part for day in days for part in _lost_on(day, hours.on_holidays))
        closed += (part for day in days for part in _lost_on(day - 1, hours.before_holidays))
    return tuple(sorted(closed, key=lambda part: part * DAY if isinstance(part, int) else part[0]))


def _lost_on(day: int, week: Week) -> Iterator[tuple[int, int]]:
    """The local seconds of a date that are not in a week."""
    first = (day * DAY - FIRST_MONDAY) % WEEK
    since = first
    for start, end in (*week, (WEEK, WEEK)):
        until = min(max(start, first), first + DAY)
        if since < until:
            yield since - first + day * DAY, until - first + day * DAY
        since = max(since, end)


def _within(week: Week, local: NDArray[np.int64]) -> NDArray[np.bool_]:
    if week == WHOLE_WEEK or not week:
        return np.full(len(local), bool(week))
    starts, ends = np.array(week, np.int64).T
    second = (local - FIRST_MONDAY) % WEEK
    row = np.searchsorted(starts, second, side="right") - 1
    return np.asarray((row >= 0) & (second < ends[row]))


def _among(dates: ClosedDates, day: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not dates or not len(day):
        return np.zeros(len(day), np.bool_)
    return np.isin(day, closed_days(dates, int(day.min()), int(day.max())))
