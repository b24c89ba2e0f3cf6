"""An instant is ISO 8601 text with an offset, in whole seconds."""

from datetime import UTC, datetime

import pytest

from engine.calling.instants import FIRST_DATED, LAST_DATED, NEVER, Instant, in_zone, unix_seconds, utc_text
from engine.calling.zones import parse_zone, zone_ids
from engine.reading.faults import InputError

NINE = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-03-02T09:00:00Z", NINE),
        ("2026-03-02T09:00Z", NINE),
        ("2026-03-02T09:00:00+00:00", NINE),
        ("2026-03-02T09:00:00-00:00", NINE),
        ("2026-03-02T04:00:00-05:00", NINE),
        ("2026-03-02T14:30:00+05:30", NINE),
        ("2026-03-03T03:00:00+18:00", NINE),
        ("2026-03-01T15:00:00-18:00", NINE),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59Z", -1),
        ("2024-02-29T00:00:00Z", 1_709_164_800),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("9999-12-31T23:59:59-18:00", 253_402_300_799 + 64_800),
        ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("0001-01-01T00:00:00+18:00", -62_135_596_800 - 64_800),
    ],
)
def test_an_instant_counts_the_seconds_from_1970_in_utc(text: str, seconds: int) -> None:
    assert unix_seconds(text) == seconds


@pytest.mark.parametrize(
    ("fraction", "more"),
    [
        (".0", 0),
        (".000000000000", 0),
        (".5", 1),
        (",5", 1),
        (".001", 1),
        (".999999", 1),
        (".0000001", 1),
        (".0000000001", 1),
        (".9999999999", 1),
    ],
)
def test_a_fraction_of_a_second_rounds_up(fraction: str, more: int) -> None:
    assert unix_seconds(f"2026-03-02T09:00:00{fraction}Z") == NINE + more
    assert unix_seconds(f"2026-03-02T08:59:59{fraction}Z") == NINE - 1 + more


def test_a_fraction_before_1970_rounds_up_too() -> None:
    assert unix_seconds("1969-12-31T23:59:58.5Z") == -1


@pytest.mark.parametrize(
    "value",
    [
        *["2026-03-02T09:00:00", "2026-03-02", "2026-03-02T09:00", "2026-03-02T09:00:00.5"],  # no offset
        *["2026-02-29T09:00:00Z", "2026-13-01T09:00:00Z", "2026-00-01T09:00:00Z", "2026-04-31T09:00:00Z"],
        *["2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z", "2026-03-02T09:00:60Z", "0000-01-01T00:00:00Z"],
        *["2026-03-02T09:00:00+18:01", "2026-03-02T09:00:00-19:00", "2026-03-02T09:00:00+05:60"],
        *["2026-03-02T09:00:00+05", "2026-03-02T09:00:00+0530", "2026-03-02T09:00:00+5:30"],
        *["2026-03-02T09:00:00+05:30:15", "2026-03-02T09:00:00 America/New_York", "2026-03-02T09:00:00UTC"],
        *["2026-03-02 09:00:00Z", "2026-03-02t09:00:00Z", "2026-03-02T09:00:00z", "2026-03-02T9:00:00Z"],
        *["26-03-02T09:00:00Z", "12026-03-02T09:00:00Z", "+2026-03-02T09:00:00Z", "20260302T090000Z"],
        *["2026-W10-1T09:00:00Z", "2026-061T09:00:00Z", "2026-03-02T09:00:00.Z", "2026-03-02T09Z"],
        *[" 2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z ", "2026-03-02T09:00:00Z\n", "", "now"],
        *["\u0662\u0660\u0662\u0666-03-02T09:00:00Z", "2026-03-02T09:00:00\u221205:00"],
        *[None, 0, 1_772_442_000, 1.5, True, [], {}, datetime(2026, 3, 2, 9, tzinfo=UTC)],
    ],
)
def test_anything_else_is_no_instant(value: object) -> None:
    with pytest.raises(InputError, match="allowed: an instant with its offset, such as 2026-03-02T09:00:00Z"):
        Instant.read(value)


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("2026-03-02 09:00:00", "; write the offset of its zone behind it, and T between date and time"),
        ("2026-03-02T09:00", "; write the offset of its zone behind it, and T between date and time"),
        ("2026-03-02", "; write the offset of its zone behind it, and T between date and time"),
        ("2026-03-02 09:00 -05:00", "; write T between date and time, no blanks, and a colon in the offset"),
        ("2026-03-02T09:00-0500", "; write T between date and time, no blanks, and a colon in the offset"),
        ("2026-02-30T09:00:00Z", ""),
        ("02.03.2026", ""),
        (5, ""),
    ],
)
def test_what_is_nearly_an_instant_is_told_what_it_lacks(written: object, remedy: str) -> None:
    with pytest.raises(InputError) as error:
        Instant.read(written)

    assert error.value.faults[0].allowed == f"{Instant.json_schema['description']}{remedy}"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (NINE, "2026-03-02T09:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (FIRST_DATED, "0001-01-03T00:00:00Z"),
    ],
)
def test_an_instant_is_written_in_utc(instant: int, text: str) -> None:
    assert utc_text(instant) == text
    assert unix_seconds(text) == instant


@pytest.mark.parametrize(("instant", "end"), [(NEVER, LAST_DATED), (LAST_DATED + 1, LAST_DATED), (-NEVER, FIRST_DATED)])
def test_an_instant_beyond_the_calendar_is_written_as_its_end(instant: int, end: int) -> None:
    assert utc_text(instant) == utc_text(end)


@pytest.mark.parametrize("instant", [FIRST_DATED, LAST_DATED])
def test_the_calendars_ends_are_dates_in_every_zone(instant: int) -> None:
    zones = [parse_zone(name) for name in (*zone_ids(), "+18:00", "-18:00")]

    assert {in_zone(instant, zone).year for zone in zones} <= {1, 9999}
