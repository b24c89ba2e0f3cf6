"""Near zones: the zone that a text which names none may mean, or one that never changes."""

import difflib
from collections.abc import Collection
from functools import cache

ABBREVIATIONS = {
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "MDT": "America/Denver",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "EDT": "America/New_York",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
}
"""What abbreviations that are no ids most often mean; several of them mean other zones elsewhere."""
CHANGING = {
    "-09:00": "America/Anchorage",
    "-08:00": "America/Los_Angeles",
    "-07:00": "America/Denver",
    "-06:00": "America/Chicago",
    "-05:00": "America/New_York",
    "-04:00": "America/Halifax",
    "-03:30": "America/St_Johns",
    "+01:00": "Europe/Berlin",
    "+02:00": "Europe/Athens",
    "+09:30": "Australia/Adelaide",
    "+10:00": "Australia/Sydney",
    "+12:00": "Pacific/Auckland",
}
"""Offsets of places where most people's clocks change, with the zone of most of them; by standard time."""
SUMMER_OF_LONDON = "Europe/London"
"""The zone of +01:00 in summer; in winter, people who write +00:00 mean UTC as often."""
LONGEST = 60


def near_zone(text: str, ids: Collection[str]) -> str | None:
    """The id among `ids` that a text most likely means: spelled otherwise, by its city, a name of Windows, or near it.

    The names of Windows are those of CLDR's table.

    >>> ids = ["America/Los_Angeles", "America/New_York", "Europe/Berlin"]
    >>> [near_zone(text, ids) for text in ("america/new york", "Eastern Standard Time", "Berlin", "PST")]
    ['America/New_York', 'America/New_York', 'Europe/Berlin', 'America/Los_Angeles']
    """
    if not text or len(text) > LONGEST:
        return None
    plain = text.strip().casefold().replace(" ", "_")
    spelled, windows, cities, by_letter = _names(frozenset(ids))
    known = spelled.get(plain) or windows.get(plain) or ABBREVIATIONS.get(text.strip().upper()) or cities.get(plain)
    if known is not None:
        return known
    names = by_letter.get(_city(plain)[:1], {})
    close = difflib.get_close_matches(plain, names, 5, 0.8)
    return next((names[each] for each in close if _likeness_of_cities(plain, each) >= 0.7), None)


@cache
def _names(ids: frozenset[str]) -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, dict[str, str]]]:
    """These ids, the names of Windows and the cities, each in lower case with its id.

    And ids and names of Windows by the first letter of their cities: few of them are compared with a text.
    """
    from tzlocal.windows_tz import win_tz

    spelled = {each.casefold(): each for each in sorted(ids)}
    windows = {name.casefold().replace(" ", "_"): each for name, each in win_tz.items()}
    by_letter: dict[str, dict[str, str]] = {}
    for name, each in (spelled | windows).items():
        by_letter.setdefault(_city(name)[:1], {})[name] = each
    return spelled, windows, {_city(each): name for each, name in spelled.items() if "/" in each}, by_letter


def _city(name: str) -> str:
    """A zone without its continent, which many cities share."""
    return name.rpartition("/")[2]


def _likeness_of_cities(text: str, other: str) -> float:
    """How alike the cities of two ids are, from 0 to 1."""
    return difflib.SequenceMatcher(None, _city(text), _city(other)).ratio()
