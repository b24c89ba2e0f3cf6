"""Strategies for bodies of `addPhones`, right and faulty ones, and for lists over time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from engine.calling.zones import FROM_PHONE
from engine.reading.faults import path_text
from engine.testing.clocks import MONDAY, Fields, Strategy, instants, text_of
from engine.testing.policies import policies, without_crossed_dates

PHONES: tuple[object, ...] = (
    *range(16505550000, 16505550008),
    "16505550000",
    "+16505550000",
    "016505550000",
    "12345",
    "+999999999999999",
)
PAYLOADS: tuple[object, ...] = (
    None,
    {},
    {"tier": 1},
    {"tier": 1.0},
    {"tier": "1"},
    {"tier": True},
    {"a": 1, "tier": 1},
)


def phones() -> st.SearchStrategy[Any]:
    """Phones as a body spells them: few, so that some come again, the same one as a number and as text."""
    return st.sampled_from(PHONES)


def numbers(start: datetime = MONDAY, campaign: Fields | None = None) -> Strategy:
    """A number: its phone, perhaps a payload, and a call policy whose dates agree with those of the `campaign`.

    >>> from hypothesis import find
    >>> find(numbers(), lambda number: True)
    {'phone': 16505550000}
    """
    return _numbers(st.just({}) | policies(start), campaign)


def _numbers(own: Strategy, campaign: Fields | None) -> Strategy:
    return st.builds(
        lambda phone, payload, policy: {"phone": phone, **payload, **without_crossed_dates(policy, campaign)},
        phones(),
        st.fixed_dictionaries({}, optional={"payload": st.sampled_from(PAYLOADS)}),
        own,
    )


@st.composite
def bodies(
    draw: st.DrawFn, start: datetime = MONDAY, campaign: Fields | None = None, least: int = 1, most: int = 10
) -> list[Fields]:
    """A body without fault, of `least` to `most` numbers that share phones, payloads and policies.

    So some are duplicates of others. The dates of each number agree with those of the `campaign`.
    """
    own = st.sampled_from([{}, *draw(st.lists(policies(start), max_size=3))])
    return draw(st.lists(_numbers(own, campaign), min_size=least, max_size=most))


class Planted(NamedTuple):
    """A fault that a body has."""

    place: str
    """Where it is, as a message shows it: `[0].allowedTime.mon[0].localTimeTo`."""
    kind: str
    """The type with which the Calls API refuses a body whose first fault it is, one of KINDS."""
    what: str
    """What is wrong, in words."""


_PHONE, _ZONE, _TIME, _FIELD = KINDS = (
    "phone.bad.format",
    "phone.gmtZone.bad.format",
    "invalid.call.allowed.time",
    "invalid.field",
)
NOTHING: Final = object()
"""Stands for a field that is taken away."""
_Path = tuple[str | int, ...]


class _Flaw(NamedTuple):
    """How a number is made faulty."""

    what: str
    kind: str
    path: _Path
    """The path of the fault in the number; its first field is the one that is changed."""
    fields: Mapping[str, object]


def _flaw(what: str, kind: str, value: object, *path: str | int, **others: object) -> _Flaw:
    return _Flaw(what, kind, path, {str(path[0]): value, **others})


def _hours(*times: str) -> dict[str, str]:
    return dict(zip(("localTimeFrom", "localTimeTo"), times, strict=False))


_NOON = "2026-03-02T12:00:00Z"
_FLAWS = (
    _flaw("a phone of four digits", _PHONE, "1234", "phone"),
    _flaw("a phone of sixteen digits", _PHONE, 1234567890123456, "phone"),
    _flaw("a phone with blanks", _PHONE, "1 650 555 0000", "phone"),
    _flaw("an empty phone", _PHONE, "", "phone"),
    _flaw("a phone that is null", _PHONE, None, "phone"),
    _flaw("a phone that is true", _PHONE, True, "phone"),
    _flaw("no phone", _PHONE, NOTHING, "phone"),
    _flaw("a zone that there is not", _ZONE, "Mars/Olympus", "gmtZone"),
    _flaw("a zone in small letters", _ZONE, "america/new_york", "gmtZone"),
    _flaw("an offset beyond 18:00", _ZONE, "+18:01", "gmtZone"),
    _flaw("a zone that is a number", _ZONE, 5, "gmtZone"),
    _flaw("the campaign's zone by phone", _ZONE, FROM_PHONE, "gmtZone"),
    _flaw("a day that there is not", _TIME, ["mon", "funday"], "allowedDays", 1),
    _flaw("days that are text", _TIME, "mon", "allowedDays"),
    _flaw("hours for a day that there is not", _TIME, {"funday": []}, "allowedTime", "funday"),
    _flaw("hours that are text", _TIME, "9-18", "allowedTime"),
    _flaw("hours from and to the same time", _TIME, {"mon": [_hours("09:00", "09:00")]}, "allowedTime", "mon", 0),
    _flaw("24:00", _TIME, {"mon": [_hours("09:00", "24:00")]}, "allowedTime", "mon", 0, "localTimeTo"),
    _flaw("an hour of one digit", _TIME, {"mon": [_hours("9:00", "10:00")]}, "allowedTime", "mon", 0, "localTimeFrom"),
    _flaw("hours without an end", _TIME, {"default": [_hours("09:00")]}, "allowedTime", "default", 0, "localTimeTo"),
    _flaw(
        "hours of one day that overlap",
        _TIME,
        {"default": [_hours("09:00", "12:00"), _hours("11:59", "18:00")]},
        *("allowedTime", "default", 1),
    ),
    _flaw("51 attempts", _FIELD, 51, "maxAttempts"),
    _flaw("-1 attempts", _FIELD, -1, "maxAttempts"),
    _flaw("attempts that are text", _FIELD, "3", "maxAttempts"),
    _flaw("half an attempt", _FIELD, 1.5, "maxAttempts"),
    _flaw("a retry at once", _FIELD, 0, "retryIntervalInMinutes"),
    _flaw("a retry after more than a year", _FIELD, 525_601, "retryIntervalInMinutes"),
    _flaw("an instant without an offset", _FIELD, "2026-03-02T12:00:00", "startDateTime"),
    _flaw("a date that there is not", _FIELD, "2026-02-30T12:00:00Z", "startDateTime"),
    _flaw("a finish at the start", _FIELD, _NOON, "finishDateTime", startDateTime=_NOON),
    _flaw("a payload that is a list", _FIELD, [], "payload"),
    _flaw("a payload that is text", _FIELD, "tier 1", "payload"),
    _flaw("an unknown field", _FIELD, 1, "colour"),
    _flaw("a field in small letters", _FIELD, 3, "maxattempts"),
)
_NO_OBJECTS: tuple[object, ...] = (None, 16505550000, "16505550000", [], True)


@st.composite
def faulty_bodies(
    draw: st.DrawFn, start: datetime = MONDAY, campaign: Fields | None = None
) -> tuple[list[Any], list[Planted]]:
    """A body with one to three faulty numbers among others, and all of its faults, which must be reported.

    Whoever reads the body should name just these faults and add none of its numbers. Those of one body lie in
    different fields, first in the order of its numbers.

    >>> from hypothesis import find
    >>> body, faults = find(faulty_bodies(), lambda pair: True)
    >>> len(body), len(faults)
    (1, 1)
    """
    body: list[Any] = draw(bodies(start, campaign))
    flaws = st.lists(st.sampled_from(_FLAWS), min_size=1, max_size=3, unique_by=lambda flaw: _changed(flaw.path))
    rows = draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=3, unique=True))
    planted: list[Planted] = []
    for row in sorted(rows):
        if draw(st.integers(0, 9)) == 9:
            body[row] = draw(st.sampled_from(_NO_OBJECTS))
            planted.append(Planted(path_text((row,)), _FIELD, "a number that is not an object"))
            continue
        for flaw in draw(flaws):
            changed = {**body[row], **flaw.fields}
            body[row] = {name: value for name, value in changed.items() if value is not NOTHING}
            planted.append(Planted(path_text((row, *flaw.path)), flaw.kind, flaw.what))
    return body, planted


def _changed(path: _Path) -> str | int:
    """What a flaw changes: both dates are one, for the finish is judged by the start."""
    return "dates" if path[0] in ("startDateTime", "finishDateTime") else path[0]


@st.composite
def additions(draw: st.DrawFn, start: datetime = MONDAY, minutes: int = 120) -> Any:
    """When a part of the list is added (`added`): an instant, or a span with arrivals, within so many minutes."""
    at = draw(instants(start, 0, minutes - 1))
    if not draw(st.booleans()):
        return at
    since = datetime.fromisoformat(at)
    until = draw(st.integers(1, int((start + timedelta(minutes=minutes) - since).total_seconds())))
    span = {"from": at, "to": text_of(since + timedelta(seconds=until))}
    return {**span, **draw(st.sampled_from([{}, {"arrivals": "evenly"}, {"arrivals": "poisson"}]))}


@st.composite
def parts(
    draw: st.DrawFn, start: datetime = MONDAY, minutes: int = 120, campaign: Fields | None = None
) -> list[Fields]:
    """A list over time (`numbers`): one or two parts, each there from the start or added later, within `minutes`.

    Their numbers share phones, payloads and policies, so that some are duplicates.

    >>> from hypothesis import find
    >>> find(parts(), lambda parts: "added" in parts[0])
    [{'addPhones': [{'phone': 16505550000}], 'added': '2026-03-02T10:00:00Z'}]
    """
    own = st.sampled_from([{}, *draw(st.lists(policies(start), max_size=3))])
    made = []
    for _ in range(draw(st.integers(1, 2))):
        part: Fields = {"addPhones": draw(st.lists(_numbers(own, campaign), min_size=1, max_size=10))}
        if draw(st.booleans()):
            part["added"] = draw(additions(start, minutes))
        made.append(part)
    return made
