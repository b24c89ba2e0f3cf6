"""Spoken hours and days: `9-18, 20:00-24:00` and `mon-fri` made into the full form that the Calls API takes."""

import re
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The words of the Calls API, Monday first."""
CLOSED = "closed"
HOURS_FORM = "hours such as 10:00-18:00 or 9-18, several with commas between, or closed for none"
TIME_FORM = "a time such as 9, 9:00 or 09:30; 24:00 as an end"
DAYS_FORM = "days such as mon, Tuesday or mon-fri, with blanks or commas between"
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_NAMES = {word: day for day, name in zip(WEEKDAYS, _NAMES, strict=True) for word in (day, name)}
"""Each word for a weekday, in lower case, with the API's."""
DASH = re.compile(r"\s*[-\u2012-\u2015]\s*")
_TIME = re.compile(r"(\d{1,2})(?::(\d{2})(?::00)?)?", re.ASCII)
_HOURS = re.compile(f"{_TIME.pattern}-{_TIME.pattern}", re.ASCII)
_BETWEEN = re.compile(r"[\s,;]+")


def spoken_hours(text: str) -> list[dict[str, str]] | None:
    """The intervals of a text such as `9-12, 14:00-18:00`, as `allowedTime` lists them; None if it is none.

    `24:00` is an end, and `closed` has no interval. `9-5` is none: it may mean 9-17 or the night (`is_half_day`).

    >>> spoken_hours("9-12:30, 22:00-24:00")
    [{'localTimeFrom': '09:00', 'localTimeTo': '12:30'}, {'localTimeFrom': '22:00', 'localTimeTo': '00:00'}]
    """
    text = DASH.sub("-", text.strip())
    if text.lower() == CLOSED:
        return []
    intervals: list[tuple[str, str]] = []
    for part in _BETWEEN.split(text):
        match = _HOURS.fullmatch(part)
        if match is None or is_half_day(part):
            return None
        opens, closes = (_clock(match[place], match[place + 1]) for place in (1, 3))
        if opens == "24:00":
            return None
        if (opens, closes) == ("00:00", "24:00"):  # the form of the API has no interval of a whole day
            intervals += [("00:00", "12:00"), ("12:00", "00:00")]
        else:
            intervals.append((opens, "00:00" if closes == "24:00" else closes))
    return [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in intervals]


def is_half_day(text: str) -> bool:
    """Whether hours such as `9-5` are said in whole hours of half a day, so that they may end before they begin.

    >>> is_half_day("9-5"), is_half_day("9-17"), is_half_day("22-6"), is_half_day("9:00-5:00")
    (True, False, False, False)
    """
    match = _HOURS.fullmatch(text)
    whole_hours = match is not None and match[2] is None and match[4] is None
    return match is not None and whole_hours and 0 < int(match[3]) < int(match[1]) <= 12


def spoken_clock(value: object) -> str | None:
    """A time of day such as `9`, `9:00` or `24:00`, with hours and minutes of two digits; None if it is none.

    >>> spoken_clock("9:00"), spoken_clock(18), spoken_clock("24:00"), spoken_clock("9am")
    ('09:00', '18:00', '24:00', None)
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    match = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    return _clock(match[1], match[2]) if match else None


def spoken_days(text: str) -> list[str] | None:
    """The weekdays of a text such as `mon-thu, Sat`, as `allowedDays` lists them; None if it is none.

    >>> spoken_days("Monday-Wednesday, sat"), spoken_days("sat-mon")
    (['mon', 'tue', 'wed', 'sat'], ['sat', 'sun', 'mon'])
    """
    days: list[str] = []
    for part in _BETWEEN.split(DASH.sub("-", text.strip())):
        first, dash, last = part.lower().partition("-")
        if first not in DAY_NAMES or (dash and last not in DAY_NAMES):
            return None
        place = WEEKDAYS.index(DAY_NAMES[first])
        count = (WEEKDAYS.index(DAY_NAMES[last]) - place) % 7 + 1 if dash else 1
        days += [WEEKDAYS[(place + step) % 7] for step in range(count)]
    return days


def spoken_time(value: object) -> Any:
    """An `allowedTime` in full: hours for every day, or hours by days; what is in full already stays as it is."""
    if isinstance(value, str):
        hours = spoken_hours(value)
        return value if hours is None else {"default": hours}
    if not isinstance(value, dict):
        return value
    full: dict[Any, Any] = {}
    for key, own in value.items():
        days = spoken_days(key) if isinstance(key, str) and key not in WEEKDAYS else None
        hours = spoken_hours(own) if isinstance(own, str) else None
        for day in days or [key]:
            if day in full:  # a day that is named twice: both stay, and the reader names the one that is no day
                full[key] = own
            else:
                full[day] = own if hours is None else hours
    return full


def _clock(hours: str, minutes: str | None) -> str:
    return f"{int(hours):02}:{minutes or '00'}"
