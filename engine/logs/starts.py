"""Starts: when calls began, read from what logs write of it."""

import re
import warnings
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import DAY, HOUR
from engine.reading.faults import Fault, InputError, shown

FORMS = (
    "2026-03-02T09:00:00Z, 2026-03-02T09:00:00-05:00, a local 2026-03-02 09:00, Mon, 02 Mar 2026 09:00:00 +0000, or "
    "Unix seconds; or --start-format, such as '%m/%d/%Y %I:%M %p'"
)
_ISO = (
    r"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?"
    r"(?:[.,][0-9]+)? ?(?<offset>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)
_ISO_OF_SECONDS = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2} ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
"""What _ISO takes most often: its parts have their places."""
_RFC_2822 = (
    r"^(?:[A-Za-z]{3}, *)?(?<day>[0-9]{1,2}) +(?<month>[A-Za-z]{3}) +(?<year>[0-9]{4}) +(?<hour>[0-9]{2})"
    r":(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))? *(?<offset>[+-][0-9]{4}|GMT|UTC|UT|Z)$"
)
"""RFC 2822, section 3.3: the weekday and the seconds may be missing, the offset may not."""
_ALL_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTHS = {month: f"{place // 3 + 1:02}" for place in range(0, 36, 3) for month in [_ALL_MONTHS[place : place + 3]]}
_UNIX = r"^([0-9]{9,10})(?:\.0*)?$"
_PROBE = datetime(2026, 11, 23, 21, tzinfo=UTC)

Integers = NDArray[np.int64]


class WrittenStarts(NamedTuple):
    """Starts as a log writes them."""

    wall: pl.Series
    """The clock that is written, in seconds since 1970-01-01 of that clock; null if it is no instant."""
    offset: pl.Series
    """Its offset from UTC in seconds; null if none is written."""


def written_starts(column: pl.Series, text: pl.Series, start_format: str | None) -> WrittenStarts:
    """The starts of a column; `text` holds its cells as text, null if empty. Raises InputError for a faulty format."""
    if isinstance(column.dtype, pl.Datetime):
        aware = column.dtype.time_zone is not None
        wall = (column.dt.convert_time_zone("UTC") if aware else column).dt.epoch("s")
        return WrittenStarts(wall, pl.Series([0 if aware else None], dtype=pl.Int64).new_from_index(0, len(wall)))
    if start_format is not None:
        return _formatted(text, start_format)
    iso = _iso(text)
    if not (iso.wall.is_null() & text.is_not_null()).any():
        return iso
    mail = _rfc_2822(text)
    unix = text.str.extract(_UNIX).cast(pl.Int64, strict=False)
    wall = iso.wall.fill_null(mail.wall).fill_null(unix)
    offset = iso.offset.fill_null(mail.offset).fill_null(unix * 0)
    return WrittenStarts(wall, offset.set(wall.is_null(), None))


def _iso(text: pl.Series) -> WrittenStarts:
    if text.str.contains(_ISO_OF_SECONDS).all():
        moment, offset = text.str.slice(0, 19).str.replace("T", " ", literal=True), text.str.slice(19).str.strip_chars()
        return WrittenStarts(_seconds(moment), _offset(offset.set(offset == "", None)))
    parts = text.str.extract_groups(_ISO).struct.unnest()
    moment = parts["day"] + " " + parts["hour"] + ":" + parts["minute"] + ":" + parts["second"].fill_null("00")
    return WrittenStarts(_seconds(moment), _offset(parts["offset"]))


def _rfc_2822(text: pl.Series) -> WrittenStarts:
    parts = text.str.extract_groups(_RFC_2822).struct.unnest()
    month = parts["month"].str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.String)
    date = parts["year"] + "-" + month + "-" + parts["day"].str.zfill(2)
    moment = date + " " + parts["hour"] + ":" + parts["minute"] + ":" + parts["second"].fill_null("00")
    return WrittenStarts(_seconds(moment), _offset(parts["offset"]))


def _seconds(moment: pl.Series) -> pl.Series:
    return moment.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.epoch("s")


def _offset(text: pl.Series) -> pl.Series:
    written = text.unique().drop_nulls()
    sign = written.str.slice(0, 1).replace_strict({"+": 1, "-": -1}, default=0, return_dtype=pl.Int64)
    digits = written.str.replace_all(r"[^0-9]", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    return text.replace_strict(written, sign * (hours * HOUR + minutes * 60), default=None, return_dtype=pl.Int64)


def _formatted(text: pl.Series, start_format: str) -> WrittenStarts:
    """The starts in a user's format, each distinct text read once."""
    _check(start_format)
    walls: dict[str, int | None] = {}
    offsets: dict[str, int | None] = {}
    for each in text.unique().drop_nulls():
        try:
            moment = datetime.strptime(each, start_format)
        except ValueError:
            walls[each] = offsets[each] = None
            continue
        offset = moment.utcoffset()
        walls[each] = (moment.replace(tzinfo=None) - datetime(1970, 1, 1)) // _SECOND
        offsets[each] = None if offset is None else offset // _SECOND
    return WrittenStarts(
        text.replace_strict(walls, default=None, return_dtype=pl.Int64),
        text.replace_strict(offsets, default=None, return_dtype=pl.Int64),
    )


_SECOND = datetime(1970, 1, 1, 0, 0, 1) - datetime(1970, 1, 1)


def _check(start_format: str) -> None:
    """InputError unless a format gives back the date and the hour that it writes."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of a day without a year, which is refused below
            again = datetime.strptime(_PROBE.strftime(start_format), start_format).replace(tzinfo=UTC)
    except (ValueError, re.error):  # strptime makes a regular expression of it, in which each directive stands once
        again = None
    if again != _PROBE:
        allowed = "a format with a date and an hour in the directives of strptime, such as '%m/%d/%Y %I:%M %p'"
        raise InputError([Fault(("--start-format",), shown(start_format), allowed)])


def weekdays_of(wall: Integers) -> Integers:
    """The weekday of each clock, 0 for Monday; 1970-01-01 was a Thursday."""
    return np.asarray((wall // DAY + 3) % 7)


def hours_of(wall: Integers) -> Integers:
    """The hour of each clock, 0 to 23."""
    return np.asarray(wall // HOUR % 24)
