"""Instants: ISO 8601 text with an offset, read into whole Unix seconds (rules 1)."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, ClassVar, Self

from engine.reading.faults import Fault, InputError, shown

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_DATED = 253_402_041_600
"""9999-12-29T00:00Z: the last instant that is a date in every zone."""
FIRST_DATED = -62_135_424_000
"""0001-01-03T00:00Z: the first instant that is a date in every zone."""
EARLIEST, LATEST = 0, 7_258_118_400
"""The first and the last instant of any simulation: 1970 and 2200 (rules 1)."""
NEVER = 1 << 62
"""Later than every instant: stands for the end of a window without an end."""
ALWAYS = -NEVER
"""Earlier than every instant: stands for the start of a window without a start."""

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?", re.ASCII)
_LOOSE = re.compile(_LOCAL.pattern + r" ?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_SECONDS = {b'%02dZ"' % second: second for second in range(60)}


class Instant(int):
    """An instant in whole seconds of Unix time, read from ISO 8601 text with an offset."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "format": "date-time",
        "description": "an instant with its offset, such as 2026-03-02T09:00:00Z or 2026-03-02T09:00:00-05:00",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The instant; fractions of a second round up. InputError for anything else."""
        try:
            return cls(unix_seconds(value))
        except ValueError:
            raise InputError([Fault((), shown(value), cls.json_schema["description"] + _remedy(value))]) from None

    def to_json(self) -> str:
        """The text that reads as this instant."""
        return utc_text(self)


def _remedy(value: object) -> str:
    """How to write an instant that people write otherwise; the same for all of a kind, so that they are counted."""
    text = value.strip() if isinstance(value, str) else ""
    if _LOCAL.fullmatch(text):
        return "; write the offset of its zone behind it, and T between date and time"
    if _LOOSE.fullmatch(text) and not _ISO.fullmatch(text):
        return "; write T between date and time, no blanks, and a colon in the offset"
    return ""


def unix_seconds(text: object) -> int:
    """The Unix seconds of an ISO 8601 instant with an offset (rules 1); ValueError for anything else."""
    match = _ISO.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError("not an instant with an offset")
    year, month, day, hour, minute = map(int, match.group(1, 2, 3, 4, 5))
    local = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=UTC)
    offset = 0
    if match[8]:
        hours, minutes = int(match[9]), int(match[10])
        if hours > 18 or minutes > 59 or (hours == 18 and minutes):
            raise ValueError("an offset beyond 18:00")
        offset = (hours * HOUR + minutes * MINUTE) * (-1 if match[8] == "-" else 1)
    rounded_up = 1 if match[7] and int(match[7]) else 0
    return (local - EPOCH) // timedelta(seconds=1) - offset + rounded_up


def instant_of_json(text: bytes) -> Instant | None:
    """The instant of a JSON text such as `"2026-03-02T09:00:00Z"`; None if it is none. It takes a fifth of the time."""
    try:
        if (second := _SECONDS.get(text[18:])) is not None:
            return Instant(_minute(text[:18]) + second)
        return Instant(unix_seconds(text[1:-1].decode("ascii"))) if text[:1] == b'"' else None
    except ValueError:
        return None


@lru_cache(1 << 14)
def _minute(text: bytes) -> int:
    """The Unix seconds of a minute, given as `"2026-03-02T09:00:`; lists name the same minutes often."""
    if text[:1] != b'"':
        raise ValueError("not text")
    return unix_seconds(text[1:].decode("ascii") + "00Z")


def utc_text(instant: int) -> str:
    """The instant as ISO 8601 in UTC, such as `2026-03-02T09:00:00Z`."""
    return in_zone(instant, UTC).replace(tzinfo=None).isoformat() + "Z"


def in_zone(instant: int, zone: tzinfo) -> datetime:
    """The date and wall-clock time in `zone`; an instant outside the years 1 to 9999 is moved into them."""
    dated = min(max(instant, FIRST_DATED), LAST_DATED)
    return (EPOCH + timedelta(seconds=dated)).astimezone(zone)
