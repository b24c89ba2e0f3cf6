"""A gmtZone text is a zone or a fault, and a zone's offsets are those of the TZDB."""

import struct
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from engine.calling.zones import OffsetSpan, ZoneName, local_seconds, offset_at, offset_spans, parse_zone, zone_ids
from engine.reading.faults import InputError
from tests.calling.wall_clock import DAY, EPOCH, instant, tzdb_zone

H, M = 3_600, 60
NO_TIME, SECOND = timedelta(), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        *[(text, 0) for text in ("Z", "UTC", "GMT", "UT")],
        ("+5", 5 * H),
        ("-8", -8 * H),
        ("+05", 5 * H),
        ("+10", 10 * H),
        ("+0530", 5 * H + 30 * M),
        ("-03:30", -3 * H - 30 * M),
        ("-033030", -3 * H - 30 * M - 30),
        ("+05:30:15", 5 * H + 30 * M + 15),
        ("UTC+5", 5 * H),
        ("UTC+05:30", 5 * H + 30 * M),
        ("GMT-0800", -8 * H),
        ("UT+1", H),
        ("UT-01:00:01", -H - 1),
        ("+00:00", 0),
        ("-00:00", 0),
        ("UTC+0", 0),
        ("-00:00:01", -1),
        ("+00:59:59", 59 * M + 59),
        *[(text, 18 * H) for text in ("+18", "+1800", "+18:00", "+180000", "+18:00:00", "UTC+18:00")],
        *[(text, -18 * H) for text in ("-18", "-18:00", "GMT-18:00:00")],
        ("Asia/Kolkata", 5 * H + 30 * M),
        ("Etc/GMT+5", -5 * H),
        ("Etc/UTC", 0),
        ("EST", -5 * H),
        ("GMT0", 0),
        ("America/Argentina/Buenos_Aires", -3 * H),
    ],
)
def test_a_zone_is_utc_or_an_offset_or_an_id(text: str, offset: int) -> None:
    zone = parse_zone(text)

    assert datetime(2021, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(seconds=offset)


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "+", "-", "5", "05:30", "UTC5", "UTC+", "Z+1", "ZZ", "+-5", "UTCGMT+5", "+05:30+05:30"],
        *["+1:30", "UTC+5:30", "+130", "+01:3", "+01:30:5", "+13015", "+0130:00", "+01:3000", "+1234567", "+05.30"],
        *[" UTC", "UTC ", "UTC +5", "+05:30 ", "+05:30\n", "+05: 30", "America/New_York ", "America/New York"],
        *["z", "utc", "gmt", "Utc", "utc+5", "america/new_york", "America/new_York", "AMERICA/NEW_YORK"],
        *["+18:00:01", "-18:00:01", "+18:01", "+1801", "-18:30", "+19", "-19", "+24:00", "+99:59:59"],
        *["+0160", "+01:60", "+01:00:60", "+010060", "-00:60"],
        *["PDT", "BST", "IST", "CEST", "AEST", "X"],
        *["America", "America/", "/America/New_York", "Mars/Olympus", "New_York"],
        *["../../etc/passwd", "/etc/passwd", "..", ".", "America/../Asia/Tokyo", "America\\New_York"],
        *["fromPhone", "America/Chicago&America/New_York", "Z&Z", "&"],
        *["zone.tab", "tzdata.zi", "leapseconds", "__init__.py", "Europe/__init__.py"],
        *["+\u0660\u0665", "+\u0660\u0665:\u0663\u0660", "\u221205:00", "\uff0b05", "+\u00b2", "\x00", "UTC\x00"],
    ],
)
def test_nothing_else_is_a_zone(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_zone(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+18:30", "more than 18:00 from UTC"),
        ("+01:60", "more than 59 minutes"),
        ("Pacific/Atlantis", "is not a zone; allowed: Z, an offset such as"),
    ],
)
def test_a_refused_zone_comes_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_zone(text)


def test_every_id_of_the_tzdb_is_a_zone() -> None:
    offsets = {offset_at(parse_zone(name), 0) for name in zone_ids()}

    assert len(zone_ids()) > 500
    assert -12 * H <= min(offsets) <= max(offsets) <= 14 * H


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[(text, "Z") for text in ("Z", "UTC", "GMT", "UT", "+00:00", "-0", "UTC+0", "GMT-00:00:00")],
        *[(text, "+05:30") for text in ("+0530", "UTC+05:30", "GMT+053000", "UT+05:30:00")],
        *[(text, "-08:00") for text in ("-8", "-08", "UTC-8", "GMT-0800")],
        ("-033030", "-03:30:30"),
        ("+000001", "+00:00:01"),
        ("America/New_York", "America/New_York"),
        ("Etc/GMT-3", "Etc/GMT-3"),
    ],
)
def test_one_offset_has_one_name_however_it_is_spelt(text: str, name: str) -> None:
    assert ZoneName.read(text) == name


@pytest.mark.parametrize("value", [None, 5, 5.5, True, [], {}, "+1:30"])
def test_a_zone_that_is_none_names_what_is_allowed(value: object) -> None:
    with pytest.raises(InputError, match=r"allowed: Z, an offset such as .* or a TZDB id such as"):
        ZoneName.read(value)


def test_an_offset_without_quotes_is_a_number_and_told_so() -> None:
    with pytest.raises(InputError, match=r"found 5; allowed: .*; in YAML, put the offset in quotes"):
        ZoneName.read(5)


@pytest.mark.parametrize(
    ("zone", "at", "offset"),
    [
        ("America/New_York", "2021-03-14T06:59:59Z", -5 * H),
        ("America/New_York", "2021-03-14T07:00:00Z", -4 * H),
        ("Africa/Monrovia", "1960-01-01T00:00:00Z", -(44 * M + 30)),
        ("America/Juneau", "1867-10-19T00:31:12Z", 15 * H + 2 * M + 19),
    ],
)
def test_an_offset_is_exact_to_the_second(zone: str, at: str, offset: int) -> None:
    assert offset_at(parse_zone(zone), instant(at)) == offset


class Change(NamedTuple):
    """A change of a zone's offset, in Unix seconds and seconds."""

    at: int
    before: int
    after: int


def changes_of(data: bytes) -> list[Change]:
    """Every change of offset in the table of a TZif file."""
    return [entry for entry in table_of(data) if entry.before != entry.after]


@cache
def table_of(data: bytes) -> tuple[Change, ...]:
    """The table of a TZif file, by RFC 8536 alone; some entries change no offset, but a name."""
    old = _counts(data, 0)
    header = 44 + old.times * 5 + old.types * 6 + old.characters + old.leaps * 8 + old.standards + old.universals
    counts = _counts(data, header)
    at = header + 44
    times = struct.unpack_from(f">{counts.times}q", data, at)
    kinds = struct.unpack_from(f">{counts.times}B", data, at + counts.times * 8)
    types = at + counts.times * 9
    offsets = [struct.unpack_from(">i", data, types + 6 * kind)[0] for kind in (0, *kinds)]
    return tuple(Change(time, *pair) for time, pair in zip(times, pairwise(offsets), strict=True))


class _Counts(NamedTuple):
    universals: int
    standards: int
    leaps: int
    times: int
    types: int
    characters: int


def _counts(data: bytes, header: int) -> _Counts:
    assert data[header : header + 4] == b"TZif"
    return _Counts(*struct.unpack_from(">6l", data, header + 20))


@cache
def zone_files() -> dict[bytes, str]:
    """The files of all zones, each with the first of its ids: links share a file."""
    files: dict[bytes, str] = {}
    for name in resources.files("tzdata").joinpath("zones").read_text().split():
        files.setdefault(resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes(), name)
    return files


def test_no_zone_has_ever_changed_its_offset_twice_within_two_days() -> None:
    hasty = [
        (name, first, second)
        for data, name in zone_files().items()
        for first, second in pairwise(changes_of(data))
        if second.at - first.at <= 2 * DAY
    ]

    assert hasty == []


def test_no_zone_does_so_by_its_rule_for_the_years_after_its_table() -> None:
    ruled = {_rule(data): (name, table_of(data)) for data, name in zone_files().items() if b"," in _rule(data)}
    hasty = []
    for name, table in ruled.values():
        since = table[-1].at
        changes = [since, *(span.start for span in scanned_spans(name, since, since + 730 * DAY)[1:])]
        assert len(changes) >= 4
        hasty += [(name, first, second) for first, second in pairwise(changes) if second - first <= 2 * DAY]

    assert hasty == []


def _rule(data: bytes) -> bytes:
    """The last line of a TZif file: how the zone goes on."""
    return data.rsplit(b"\n", 2)[1]


def scanned_spans(name: str, start: int, finish: int) -> list[OffsetSpan]:
    """The spans of `[start, finish)`: the standard library is asked every hour, then every second of an unlike hour."""
    zone = tzdb_zone(name)

    def offset_of(second: int) -> timedelta:
        return (EPOCH + second * SECOND).astimezone(zone).utcoffset() or NO_TIME

    since, offset = start, offset_of(start)
    spans = []
    for hour in range(start, finish, H):
        last = min(hour + H, finish - 1)
        if offset_of(last) != offset:
            change = next(second for second in range(hour, last + 1) if offset_of(second) != offset)
            spans.append(OffsetSpan(since, change, offset // SECOND))
            since, offset = change, offset_of(last)
    return [*spans, OffsetSpan(since, finish, offset // SECOND)]


def test_the_spans_of_every_zone_in_a_season_are_found() -> None:
    start, finish = instant("2011-09-15T12:34:56Z"), instant("2012-01-01T00:00Z")

    found = {name: list(offset_spans(parse_zone(name), start, finish)) for name in zone_files().values()}

    assert found == {name: scanned_spans(name, start, finish) for name in found}


@pytest.mark.parametrize(
    "name",
    ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Gaza", "Antarctica/Troll"],
)
def test_the_spans_of_many_years_are_found(name: str) -> None:
    start, finish = instant("2004-01-01T00:00Z"), instant("2017-01-01T00:00Z")

    assert list(offset_spans(parse_zone(name), start, finish)) == scanned_spans(name, start, finish)


@pytest.mark.parametrize(
    "name", ["America/Juneau", "Asia/Manila", "Africa/Monrovia", "America/Boa_Vista", "Africa/Casablanca", "Asia/Gaza"]
)
def test_every_change_of_a_zones_table_begins_a_span(name: str) -> None:
    table = changes_of(resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes())
    start, finish = table[0].at - 1, table[-1].at + 1

    _, *spans = offset_spans(parse_zone(name), start, finish)

    assert [(span.start, span.offset) for span in spans] == [(change.at, change.after) for change in table]


SPRING = instant("2021-03-14T07:00Z")


@pytest.mark.parametrize(
    ("start", "finish", "spans"),
    [
        (SPRING - 5, SPRING, [OffsetSpan(SPRING - 5, SPRING, -5 * H)]),
        (SPRING - 1, SPRING + 1, [OffsetSpan(SPRING - 1, SPRING, -5 * H), OffsetSpan(SPRING, SPRING + 1, -4 * H)]),
        (SPRING, SPRING + 1, [OffsetSpan(SPRING, SPRING + 1, -4 * H)]),
        (
            SPRING - DAY,
            SPRING + 1,
            [OffsetSpan(SPRING - DAY, SPRING, -5 * H), OffsetSpan(SPRING, SPRING + 1, -4 * H)],
        ),
        (
            SPRING - 2 * DAY,
            SPRING + DAY,
            [OffsetSpan(SPRING - 2 * DAY, SPRING, -5 * H), OffsetSpan(SPRING, SPRING + DAY, -4 * H)],
        ),
    ],
)
def test_a_change_at_an_end_of_the_horizon_is_on_its_right_side(
    start: int, finish: int, spans: list[OffsetSpan]
) -> None:
    assert offset_spans(parse_zone("America/New_York"), start, finish) == tuple(spans)


def test_an_offset_is_one_span_however_long() -> None:
    far = 1 << 62

    assert offset_spans(parse_zone("-03:30"), -far, far) == (OffsetSpan(-far, far, -3 * H - 30 * M),)


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Lord_Howe", "-03:30", "Z"])
def test_wall_clocks_of_instants_in_any_order_are_those_of_the_standard_library(name: str) -> None:
    instants = np.random.default_rng(1).integers(instant("2020-01-01T00:00:00Z"), instant("2030-01-01T00:00:00Z"), 500)

    shown = local_seconds(instants, name)

    zone = timezone(-timedelta(hours=3, minutes=30)) if name[0] == "-" else UTC if name == "Z" else tzdb_zone(name)
    clocks = [(EPOCH + timedelta(seconds=each)).astimezone(zone).replace(tzinfo=UTC) for each in instants.tolist()]
    assert shown.tolist() == [(clock - EPOCH) // SECOND for clock in clocks]


def test_no_instants_have_no_wall_clocks() -> None:
    assert not len(local_seconds(np.array([], np.int64), "Asia/Kolkata"))
