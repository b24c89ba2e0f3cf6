"""Rule texts: the rules of a set in words."""

from engine.calling.caps import Cap
from engine.calling.closed_dates import ClosedDates, Holidays
from engine.calling.hours import Interval, interval_text
from engine.calling.rule_hours import RuleTime
from engine.calling.spoken import CLOSED, WEEKDAYS
from engine.words import counted


def cap_text(cap: Cap) -> str:
    """A cap in words.

    >>> cap_text(Cap(at_most=3, hours=24)), cap_text(Cap(at_most=2, days=7, outcomes=("answered",)))
    ('at most 3 calls in 24 hours', 'no call after 2 answered in 7 days')
    """
    length = counted(cap.hours, "hour") if cap.hours is not None else counted(cap.days or 0, "day")
    shared = "" if cap.per.field is None else f" for each {cap.per.field}"
    if cap.outcomes is not None:
        return f"no call after {cap.at_most:,} {' or '.join(cap.outcomes)} in {length}{shared}"
    return f"at most {counted(cap.at_most, 'call')} in {length}{shared}"


def hours_texts(time: RuleTime | None) -> dict[str, str]:
    """Hours in words, by days: `{"mon-fri": "09:00-20:00", "sat": "09:00-17:00", "sun": "closed"}`."""
    if time is None:
        return {}

    def text(own: tuple[Interval, ...]) -> str:
        return ", ".join(map(interval_text, own)) or CLOSED

    texts: dict[str, str] = {}
    first = 0
    for day in range(1, 8) if time.weekdays is not None else ():
        assert time.weekdays is not None  # noqa: S101 (asked above)
        if day == 7 or time.weekdays[day] != time.weekdays[first]:
            days = WEEKDAYS[first] if day - first == 1 else f"{WEEKDAYS[first]}-{WEEKDAYS[day - 1]}"
            texts["every day" if days == "mon-sun" else days] = text(time.weekdays[first])
            first = day
    special = (("holidays", time.holiday), ("days before holidays", time.day_before))
    return texts | {name: text(hours[0]) for name, hours in special if hours is not None}


def dates_text(dates: ClosedDates) -> str:
    """Closed dates in words: `holidays of FR, 2026-12-24`."""
    return ", ".join(
        f"holidays of {each.holidays}{'' if each.subdivision is None else '-' + each.subdivision}"
        if isinstance(each, Holidays)
        else each.to_json()
        for each in dates
    )
