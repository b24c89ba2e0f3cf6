"""Meant: hours, days and times that a text may mean which says them in no form that is read, for messages."""

import re

from engine.calling.spoken import CLOSED, DASH, DAY_NAMES, is_half_day, spoken_days, spoken_hours

LONGEST = 100
"""Nothing is guessed of a longer text."""
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::00)?|h)?\s*(?:([ap])\.?m\b\.?)?", re.ASCII)
_TO = re.compile(r"\s*\b(?:to|until|till|through)\b\s*")
_WORD = re.compile(r"[a-z]+")
_TIMES = {"noon": "12:00", "midnight": "00:00"}
_WHOLE_DAY = frozenset(("24h", "24 h", "24hrs", "24 hrs", "24 hours", "24/7", "24x7", "all day", "always", "any time"))
_CLOSED = frozenset((CLOSED, "off", "no calls", "do not call", "holiday", "never"))
_NOTHING = frozenset(("-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null", "nil", "?", "x", "tbd"))
_DAYS = {
    "weekdays": "mon-fri",
    "workdays": "mon-fri",
    "working days": "mon-fri",
    "business days": "mon-fri",
    "weekend": "sat-sun",
    "weekends": "sat-sun",
    "daily": "mon-sun",
    "every day": "mon-sun",
    "all": "mon-sun",
}


def meant_time(text: str) -> str | None:
    """The time `HH:mm` that a text means, `24:00` for the end of a day; None if it means none.

    >>> meant_time("9am"), meant_time("6:30 p.m."), meant_time("9.15"), meant_time("24:00"), meant_time("25:00")
    ('09:00', '18:30', '09:15', '24:00', None)
    """
    plain = text.strip().lower()
    match = _TIME.fullmatch(plain) if len(plain) <= LONGEST else None
    clock = _TIMES.get(plain) or (_clock(match) if match else "")
    return clock if "00:00" <= clock <= "24:00" and clock[-2:] < "60" else None


def meant_hours(text: str) -> str | None:
    """The hours that a text means, in the form that `spoken_hours` reads; None if it means none.

    >>> meant_hours("9:00 AM-6:00 PM"), meant_hours("10.00-12.00"), meant_hours("24h"), meant_hours("9-5")
    ('09:00-18:00', '10:00-12:00', '0-24', '09:00-17:00')
    """
    plain = _TO.sub("-", text.strip().lower())
    if plain in _WHOLE_DAY:
        return "0-24"
    if plain in _CLOSED:
        return CLOSED
    halves = {bool(match[3]) for match in _TIME.finditer(plain)} if len(plain) <= LONGEST else set()
    if len(halves) != 1:  # 9-5pm: whether 9 is in the morning is not said
        return None
    dashed = DASH.sub("-", plain)
    if is_half_day(dashed):
        opens, closes = map(int, dashed.split("-"))
        return f"{opens:02}:00-{closes + 12:02}:00"
    hours = _TIME.sub(_clock, plain)
    intervals = spoken_hours(hours) or []
    good = intervals and all(each["localTimeFrom"] != each["localTimeTo"] for each in intervals)
    return hours if good and all(meant_time(time) for each in intervals for time in each.values()) else None


def meant_days(text: str) -> list[str] | None:
    """The weekdays that a text means, as `allowedDays` lists them; None if it means none.

    >>> meant_days("mon-fri"), meant_days("Sat."), meant_days("weekend"), meant_days("holidays")
    (['mon', 'tue', 'wed', 'thu', 'fri'], ['sat'], ['sat', 'sun'], None)
    """
    plain = _TO.sub("-", text.strip().lower())
    if len(plain) > LONGEST:
        return None
    return spoken_days(_DAYS.get(plain) or _WORD.sub(_day, plain.replace(".", "")))


def names_days(text: str) -> bool:
    """Whether a text names weekdays, as `mon-fri 9-18` does."""
    return len(text) <= LONGEST and any(word in DAY_NAMES for word in _WORD.findall(text.lower()))


def means_nothing(text: str) -> bool:
    """Whether a text stands where people leave a cell empty, such as `-` or `n/a`."""
    return text.strip().lower() in _NOTHING


def _clock(match: re.Match[str]) -> str:
    hour, half = int(match[1]), match[3]
    if half and not 1 <= hour <= 12:
        return match[0]
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return f"{hour:02}:{match[2] or '00'}"


def _day(match: re.Match[str]) -> str:
    """The weekday that only one word begins with, such as `tu` or `thurs`; a word that says none stays."""
    days = {day for name, day in DAY_NAMES.items() if len(match[0]) > 1 and name.startswith(match[0].removesuffix("s"))}
    return days.pop() if len(days) == 1 else match[0]
