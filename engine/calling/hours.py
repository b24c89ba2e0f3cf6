"""Hours: `allowedTime` and `allowedDays`, the part of a call policy that repeats each week."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self

import msgspec

from engine.calling.instants import DAY, HOUR, MINUTE
from engine.calling.meant import LONGEST, means_nothing, meant_days, meant_hours, meant_time, names_days
from engine.calling.spoken import WEEKDAYS, spoken_hours
from engine.calling.windows import WHOLE_WEEK, Week, joined
from engine.reading.faults import Fault, InputError, shown

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_CLOCK_FORM = "a time HH:mm from 00:00 to 23:59"
_CLOCK_SCHEMA = {"type": "string", "pattern": f"^{_CLOCK.pattern}$", "description": _CLOCK_FORM}


MOST_DAYS, MOST_INTERVALS = 1_000, 1_440
"""A longer list of days repeats itself, and a day has no more minutes to begin at."""


def shown_list(value: object) -> str:
    """A value that is no list, or a list that is too long, for a message."""
    return f"{len(value):,} values" if isinstance(value, list) else shown(value)


class Weekdays(tuple[int, ...]):
    """Weekdays in order, Monday being 0."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "array",
        "items": {"enum": list(WEEKDAYS)},
        "description": "a list of " + " ".join(WEEKDAYS),
    }

    @classmethod
    def read(cls, value: object) -> Self | None:
        """The weekdays of a list, each once; None for an empty list, which means left out."""
        if not isinstance(value, list) or len(value) > MOST_DAYS:
            days = meant_days(value) if isinstance(value, str) else None
            allowed = cls.json_schema["description"] + (f"; write {shown(days)}" if days else "")
            raise InputError([Fault((), shown_list(value), allowed)])
        faults = [
            Fault((index,), shown(word), " ".join(WEEKDAYS) + _days_remedy(word))
            for index, word in enumerate(value)
            if not isinstance(word, str) or word not in WEEKDAYS
        ]
        if faults:
            raise InputError(faults)
        return cls(sorted({WEEKDAYS.index(word) for word in value})) if value else None

    def to_json(self) -> list[str]:
        """The plain value that reads as these weekdays."""
        return [WEEKDAYS[day] for day in self]


class ClockTime(int):
    """A time of day: seconds since midnight, read from `HH:mm`."""

    json_schema: ClassVar[dict[str, Any]] = _CLOCK_SCHEMA

    @classmethod
    def read(cls, value: object) -> Self:
        """The time of day; InputError on anything but `HH:mm` from 00:00 to 23:59."""
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if not match:
            raise InputError([Fault((), shown(value), _CLOCK_FORM + _remedy(value))])
        return cls(int(match[1]) * HOUR + int(match[2]) * MINUTE)


def _remedy(value: object) -> str:
    """How to write a time that people write otherwise."""
    time = meant_time(value) if isinstance(value, str) else None
    if time == "24:00":
        return "; write 00:00 for midnight, at which a day ends, too"
    return f"; write {time}" if time else ""


def _days_remedy(value: object) -> str:
    """How to write a weekday, or several, that people write otherwise."""
    days = meant_days(value) if isinstance(value, str) else None
    return f"; write {', '.join(days)}" if days else ""


def _hours_remedy(value: object, form: str) -> str:
    """How to write hours that are said in words, in this form with `%s` for the intervals."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return ""
    if means_nothing(value):
        return "; leave it out to say nothing"
    if names_days(value):
        return (
            '; hours of some days stand under each of them: {"mon": [{"localTimeFrom": "09:00", "localTimeTo": …}], …}'
        )
    meant = meant_hours(value)
    return "" if meant is None else f"; write {form % json.dumps(spoken_hours(meant))[1:-1]}"


class Interval(NamedTuple):
    """Hours of one day's list: seconds since that day's midnight; `end` is above DAY if it lies on the next day."""

    start: int
    end: int


class AllowedTime(tuple[tuple[Interval, ...], ...]):
    """The intervals of each weekday from Monday: its own list, else that of `default`, else none (rules 3).

    Intervals that touch are one, so hours that mean the same are equal (rules 4).
    """

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            day: {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"localTimeFrom": _CLOCK_SCHEMA, "localTimeTo": _CLOCK_SCHEMA},
                    "required": ["localTimeFrom", "localTimeTo"],
                    "additionalProperties": False,
                },
            }
            for day in (*WEEKDAYS, "default")
        },
        "additionalProperties": False,
        "description": "a mapping of weekdays or default to lists of {localTimeFrom, localTimeTo}",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The intervals of an `allowedTime` (rules 2); InputError with every fault in it."""
        if not isinstance(value, dict):
            allowed = cls.json_schema["description"] + _hours_remedy(value, '{"default": [%s]}')
            raise InputError([Fault((), shown(value), allowed)])
        faults: list[Fault] = []
        days: dict[str, list[Interval]] = {}
        for day, intervals in value.items():
            if day not in cls.json_schema["properties"]:
                faults.append(Fault((day,), "an unknown day", " ".join((*WEEKDAYS, "default")) + _days_remedy(day)))
            elif not isinstance(intervals, list) or len(intervals) > MOST_INTERVALS:
                allowed = "a list of {localTimeFrom, localTimeTo}" + _hours_remedy(intervals, "[%s]")
                faults.append(Fault((day,), shown_list(intervals), allowed))
            else:
                days[day] = _intervals(day, intervals, faults)
        if faults:
            raise InputError(faults)
        default = days.get("default", [])
        return cls(_touching_joined(days.get(day, default)) for day in WEEKDAYS)

    @classmethod
    def read_text(cls, text: bytes) -> Self | None:
        """The same of JSON text, if it is written plainly and has no fault; None for all else, which `read` judges.

        It takes a tenth of the time, for lists in which each number has hours of its own.
        """
        if one := _ONE_INTERVAL(text):
            start, end = _TIMES.get(one[1]), _TIMES.get(one[2])
            if start is None or end is None or start == end:
                return None
            return cls(((Interval(start, end if start < end else end + DAY),),) * 7)
        try:
            written = msgspec.structs.astuple(_decode(text))
        except (msgspec.DecodeError, RecursionError):
            return None
        days, colons = [], 0
        for listed in written:
            intervals = None if listed is None else _plainly_written(listed)
            if listed is not None:
                if intervals is None:
                    return None
                colons += 1 + 4 * len(listed)
            days.append(intervals)
        if text.count(b":") != colons or b"\\" in text:  # a key given twice, or null
            return None
        default = days.pop() or ()
        return cls([default if own is None else own for own in days])

    def to_json(self) -> dict[str, list[dict[str, str]]]:
        """The plain value that reads as these hours; the hours of most days are the `default`."""
        usual = max(self, key=self.count)
        listed = {"default": usual} | {day: own for day, own in zip(WEEKDAYS, self, strict=True) if own != usual}
        return {
            day: [
                dict(zip(("localTimeFrom", "localTimeTo"), interval_text(piece).split("-"), strict=True))
                for interval in own
                for piece in _in_pieces(interval)
            ]
            for day, own in listed.items()
        }


class _Written(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    localTimeFrom: str  # noqa: N815 (as the API writes it)
    localTimeTo: str  # noqa: N815


_Days = msgspec.defstruct(
    "_Days",
    [(day, list[_Written] | None, None) for day in (*WEEKDAYS, "default")],
    forbid_unknown_fields=True,
    gc=False,
)
_decode = msgspec.json.Decoder(_Days).decode
_TIMES = {b"%02d:%02d" % divmod(minute, 60): minute * MINUTE for minute in range(DAY // MINUTE)}
_ONE_INTERVAL = re.compile(
    rb'\{\s*"default"\s*:\s*\[\s*\{\s*"localTimeFrom"\s*:\s*"([0-9:]{5})"\s*,'
    rb'\s*"localTimeTo"\s*:\s*"([0-9:]{5})"\s*\}\s*\]\s*\}'.replace(rb"\s", rb"[ \t\n\r]")
).fullmatch
"""The same hours every day, which is what most numbers with hours of their own have."""


def _plainly_written(listed: list[_Written]) -> tuple[Interval, ...] | None:
    """The intervals of a day as `_touching_joined` gives them; None if they have a fault."""
    intervals = []
    for each in listed:
        start, end = _TIMES.get(each.localTimeFrom.encode()), _TIMES.get(each.localTimeTo.encode())
        if start is None or end is None or start == end:
            return None
        intervals.append(Interval(start, end if start < end else end + DAY))
    if len(intervals) < 2:
        return tuple(intervals)
    intervals.sort()
    if any(first.end > second.start for first, second in pairwise(intervals)):
        return None
    return _touching_joined(intervals)


def _in_pieces(interval: Interval) -> list[Interval]:
    """The interval as a file can write it: a day or more in two pieces, both of which begin on the same day."""
    if interval.end - interval.start < DAY:
        return [interval]
    middle = max(interval.start, interval.end - DAY) + MINUTE
    return [Interval(interval.start, middle), Interval(middle, interval.end)]


def _touching_joined(intervals: list[Interval]) -> tuple[Interval, ...]:
    whole: list[Interval] = []
    for interval in sorted(intervals):
        if whole and whole[-1].end == interval.start:
            interval = Interval(whole.pop().start, interval.end)
        whole.append(interval)
    return tuple(whole)


def _intervals(day: str, values: list[object], faults: list[Fault]) -> list[Interval]:
    read = {
        index: interval for index, value in enumerate(values) if (interval := _interval((day, index), value, faults))
    }
    longest = Interval(0, 0)  # the interval so far that ends last
    for index, interval in sorted(read.items(), key=lambda item: (item[1], item[0])):
        if interval.start < longest.end:
            found = f"{interval_text(interval)}, which overlaps {interval_text(longest)}"
            faults.append(Fault((day, index), found, "intervals of one day that do not overlap"))
        longest = max(longest, interval, key=lambda each: each.end)
    return list(read.values())


def _interval(path: tuple[str, int], value: object, faults: list[Fault]) -> Interval | None:
    names = ("localTimeFrom", "localTimeTo")
    if not isinstance(value, dict):
        faults.append(Fault(path, shown(value), "{localTimeFrom, localTimeTo}" + _hours_remedy(value, "%s")))
        return None
    before = len(faults)
    faults.extend(Fault((*path, key), "an unknown field", " and ".join(names)) for key in value if key not in names)
    times = []
    for name in names:
        if name not in value:
            faults.append(Fault((*path, name), "nothing", _CLOCK_FORM))
            continue
        try:
            times.append(ClockTime.read(value[name]))
        except InputError as error:
            faults.extend(fault.under(*path, name) for fault in error.faults)
    if len(faults) > before:
        return None
    start, end = times
    if start == end:
        allowed = "two different times; leave allowedTime out for the whole day, or give [] for none of it"
        faults.append(Fault(path, f"localTimeFrom and localTimeTo both {value['localTimeFrom']}", allowed))
        return None
    return Interval(start, end if start < end else end + DAY)


def interval_text(interval: Interval) -> str:
    """The interval as people write it: `10:00-18:00`."""
    return "-".join(f"{time % DAY // HOUR:02}:{time % HOUR // MINUTE:02}" for time in interval)


@cache
def week_of(days: Weekdays | None, hours: AllowedTime | None) -> Week:
    """The local seconds of the week at which calls may start (rules 3)."""
    if days is None and hours is None:
        return WHOLE_WEEK
    return joined([(day * DAY + start, day * DAY + end) for day, start, end in _week_intervals(days, hours)])


def ends_a_minute_early(hours: AllowedTime) -> bool:
    """Whether hours end at 23:59, which leaves the last minute of that day out."""
    days = hours[:1] if hours.count(hours[0]) == len(hours) else hours
    return any(interval.end == DAY - MINUTE for intervals in days for interval in intervals)


@cache
def runs_into_a_closed_day(days: Weekdays | None, hours: AllowedTime | None) -> bool:
    """Whether hours of one of these days run past midnight into a day that is not one of them (rules 3)."""
    listed = _week_intervals(days, hours) if days is not None else ()
    return any(end > DAY and (day + 1) % 7 not in (days or ()) for day, _, end in listed)


def _week_intervals(days: Weekdays | None, hours: AllowedTime | None) -> Iterator[tuple[int, int, int]]:
    for day in range(7) if days is None else days:
        if hours is None:
            yield day, 0, DAY
        else:
            for start, end in hours[day]:
                yield day, start, end
