"""What rule sets forbid, by hand and against a plain judge."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.auditing.judging import breaches, over_cap
from engine.calling.caps import Cap, SharedBy
from engine.calling.rule_sets import NamedRules, built_in
from tests.auditing.made import columns_of
from tests.auditing.plain import PlainCall, PlainCap, capped

ZONES = [
    ("America/New_York",),
    ("America/Los_Angeles",),
    ("Europe/Paris",),
    ("Pacific/Kiritimati",),
    ("Pacific/Pago_Pago", "Pacific/Kiritimati"),
    ("America/Havana",),  # clocks go back from 01:00 to 00:00: the hour repeats, the date does not
    ("America/Asuncion",),
    ("Atlantic/Azores",),
]
CHANGE = 1_772_953_200
"""2026-03-08T07:00:00Z, at which clocks in New York are put forward."""
FALL = 1_793_512_800
"""2026-11-01T06:00:00Z, at which they are put back."""
DAY = 86_400
MIDNIGHT = 1_772_928_000
"""2026-03-08T00:00:00Z."""
instants = st.builds(
    lambda days, seconds: MIDNIGHT + days * DAY + seconds,
    st.integers(0, 3),
    st.sampled_from([-1, 0, 1, 3_599, 3_600, CHANGE - MIDNIGHT, 18_000, 82_800, 82_801]) | st.integers(0, DAY),
)
plain_calls = st.builds(
    PlainCall,
    phone=st.sampled_from(["100000", "100000", "100000", "100001"]),
    start=instants,
    zones=st.sampled_from(ZONES),
    outcome=st.sampled_from(["answered", "answered", "busy", "refusal", ""]),
    debt=st.sampled_from(["a", "a", "b", None]),
    redial=st.sampled_from([False, False, True]),
)
plain_caps = st.builds(
    PlainCap,
    at_most=st.sampled_from([1, 2, 2, 3, 4]),
    hours=st.none(),
    days=st.none(),
    outcomes=st.sampled_from([None, None, ("answered",), ("answered", "refusal")]),
    per_debt=st.booleans(),
    exempt=st.booleans(),
)
lengths = st.sampled_from(
    [{"hours": 1}, {"hours": 23}, {"hours": 24}, {"hours": 25}, {"days": 1}, {"days": 2}, {"days": 3}]
)


@settings(max_examples=500)
@given(st.lists(plain_calls, min_size=3, max_size=20), plain_caps, lengths)
def test_a_cap_forbids_what_the_plain_judge_forbids(
    calls: list[PlainCall], plain: PlainCap, length: dict[str, Any]
) -> None:
    plain = plain._replace(**length)
    cap = Cap(
        at_most=plain.at_most,
        hours=plain.hours,
        days=plain.days,
        outcomes=plain.outcomes,
        per=SharedBy("payload.debt" if plain.per_debt else "phone"),
        redials="exempt" if plain.exempt else "counted",
    )

    assert np.flatnonzero(over_cap(columns_of(calls), cap)).tolist() == capped(calls, plain)


def at(text: str, zone: str) -> int:
    """The Unix seconds at which clocks of a zone show a date and a time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def found(name: str, zone: str, *calls: str | tuple[str, str], phone: str = "100000") -> list[tuple[str, str]]:
    """What a built-in set finds among calls at local times, some with an outcome: the kind and the local time."""
    given = [each if isinstance(each, tuple) else (each, "busy") for each in calls]
    columns = columns_of([PlainCall(phone, at(text, zone), (zone,), outcome) for text, outcome in given])
    rules = NamedRules(name, built_in(name))
    return [
        (breach.kind, datetime.fromtimestamp(int(columns.local[row]), UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        for breach in breaches(columns, rules)
        for row in breach.calls.tolist()
    ]


NEW_YORK = "America/New_York"
HOURS = [
    # set, zone, allowed, not allowed
    ("us-tcpa", NEW_YORK, "2026-03-02T08:00:00", "2026-03-02T07:59:59"),
    ("us-tcpa", NEW_YORK, "2026-03-01T20:59:59", "2026-03-01T21:00:00"),
    ("us-fl", NEW_YORK, "2026-03-02T19:59:59", "2026-03-02T20:00:00"),
    ("us-fl", "America/Chicago", "2026-03-02T19:59:59", "2026-03-02T20:00:00"),
    ("us-ok", "America/Chicago", "2026-03-02T08:00:00", "2026-03-02T20:00:00"),
    ("us-wa", "America/Los_Angeles", "2026-03-02T08:00:00", "2026-03-02T20:00:00"),
    ("fr", "Europe/Paris", "2026-03-02T10:00:00", "2026-03-02T09:59:59"),
    ("fr", "Europe/Paris", "2026-03-02T12:59:59", "2026-03-02T13:00:00"),
    ("fr", "Europe/Paris", "2026-03-02T14:00:00", "2026-03-02T20:00:00"),
    ("fr", "Europe/Paris", "2026-03-06T14:00:00", "2026-03-07T14:00:00"),
    ("au", "Australia/Sydney", "2026-03-02T09:00:00", "2026-03-02T20:00:00"),
    ("au", "Australia/Sydney", "2026-03-07T16:59:59", "2026-03-07T17:00:00"),
    ("au", "Australia/Perth", "2026-03-07T09:00:00", "2026-03-08T12:00:00"),
    ("ru-debt", "Europe/Moscow", "2026-03-02T08:00:00", "2026-03-02T22:00:00"),
    ("ru-debt", "Europe/Moscow", "2026-03-07T09:00:00", "2026-03-07T08:59:59"),
    ("ru-debt", "Europe/Moscow", "2026-06-11T21:59:59", "2026-06-12T20:00:00"),  # Russia Day, a Friday
    ("ru-debt", "Europe/Moscow", "2026-06-12T09:00:00", "2026-06-12T08:30:00"),
    ("it-code", "Europe/Rome", "2026-03-02T09:00:00", "2026-03-02T20:00:00"),
    ("it-code", "Europe/Rome", "2026-03-07T10:00:00", "2026-03-07T19:00:00"),
    ("it-code", "Europe/Rome", "2026-03-09T12:00:00", "2026-03-08T12:00:00"),
    ("it-code", "Europe/Rome", "2026-06-01T10:00:00", "2026-06-01T09:30:00"),  # the Monday before 2 June
    ("it-code", "Europe/Rome", "2026-06-01T18:59:59", "2026-06-01T19:00:00"),
    ("it-code", "Europe/Rome", "2026-06-03T09:00:00", "2026-06-02T12:00:00"),
    ("it-code", "Europe/Rome", "2026-04-07T09:00:00", "2026-04-05T12:00:00"),  # the Sunday before Easter Monday
    ("es", "Europe/Madrid", "2026-03-02T09:00:00", "2026-03-02T21:00:00"),
    ("es", "Europe/Madrid", "2026-03-06T20:59:59", "2026-03-07T12:00:00"),
]


@pytest.mark.parametrize(("name", "zone", "allowed", "forbidden"), HOURS)
def test_a_built_in_set_keeps_its_hours(name: str, zone: str, allowed: str, forbidden: str) -> None:
    assert found(name, zone, allowed, forbidden) == [("hours", forbidden)]


@pytest.mark.parametrize(
    ("name", "zone", "holiday"),
    [
        ("fr", "Europe/Paris", "2026-07-14T11:00:00"),
        ("au", "Australia/Sydney", "2026-04-03T11:00:00"),  # Good Friday
        ("es", "Europe/Madrid", "2026-10-12T11:00:00"),
    ],
)
def test_nobody_is_called_on_a_holiday_that_closes_a_day(name: str, zone: str, holiday: str) -> None:
    assert found(name, zone, holiday) == [("closedDates", holiday)]


def test_a_call_on_a_closed_date_is_not_found_again_for_its_hours() -> None:
    assert found("fr", "Europe/Paris", "2026-07-14T23:00:00") == [("closedDates", "2026-07-14T23:00:00")]


def test_florida_forbids_the_fourth_call_a_second_before_24_hours_and_not_at_24_hours() -> None:
    three = ["2026-03-02T10:00:00", "2026-03-02T11:00:00", "2026-03-02T12:00:00"]

    assert found("us-fl", NEW_YORK, *three, "2026-03-03T09:59:59") == [("caps", "2026-03-03T09:59:59")]
    assert found("us-fl", NEW_YORK, *three, "2026-03-03T10:00:00") == []


def test_florida_counts_24_hours_and_not_a_day_where_clocks_change() -> None:
    three = ["2026-03-07T10:00:00", "2026-03-07T11:00:00", "2026-03-07T12:00:00"]

    assert found("us-fl", NEW_YORK, *three, "2026-03-08T10:59:59") == [("caps", "2026-03-08T10:59:59")]
    assert found("us-fl", NEW_YORK, *three, "2026-03-08T11:00:00") == []


def test_regulation_f_forbids_the_eighth_call_in_seven_days() -> None:
    seven = [f"2026-03-0{day}T10:00:00" for day in range(1, 8)]

    assert found("us-reg-f", NEW_YORK, *seven, "2026-03-07T18:00:00") == [("caps", "2026-03-07T18:00:00")]
    assert found("us-reg-f", NEW_YORK, *seven, "2026-03-08T00:00:00") == []


def test_regulation_f_frees_the_eighth_day_of_a_conversation_and_not_the_seventh() -> None:
    conversation = ("2026-03-02T10:00:00", "answered")

    assert found("us-reg-f", NEW_YORK, conversation, "2026-03-08T23:59:59") == [("caps", "2026-03-08T23:59:59")]
    assert found("us-reg-f", NEW_YORK, conversation, "2026-03-09T00:00:00") == []


def test_regulation_f_counts_for_each_debt_and_exempts_redials() -> None:
    start = at("2026-03-02T10:00:00", NEW_YORK)
    calls = [
        PlainCall("100000", start, (NEW_YORK,), "answered", debt="a"),
        PlainCall("100000", start + 60, (NEW_YORK,), "busy", debt="b"),
        PlainCall("100001", start + 120, (NEW_YORK,), "busy", debt="a"),
        PlainCall("100000", start + 180, (NEW_YORK,), "busy", debt="a", redial=True),
    ]

    judged = breaches(columns_of(calls), NamedRules("us-reg-f", built_in("us-reg-f")))

    assert [breach.calls.tolist() for breach in judged] == [[], [2]]


def test_france_forbids_the_fifth_call_in_thirty_days() -> None:
    four = ["2026-03-02T10:00:00", "2026-03-03T10:00:00", "2026-03-04T10:00:00", "2026-03-05T10:00:00"]

    assert found("fr", "Europe/Paris", *four, "2026-03-31T10:00:00") == [("caps", "2026-03-31T10:00:00")]
    assert found("fr", "Europe/Paris", *four, "2026-04-01T10:00:00") == []


def test_france_frees_the_61st_day_after_a_refusal_and_not_the_60th() -> None:
    def after(refused: str) -> list[tuple[str, str]]:
        return found("fr", "Europe/Paris", (f"{refused}T10:00:00", "refusal"), "2026-05-04T10:00:00")

    assert after("2026-03-05") == [("caps", "2026-05-04T10:00:00")]  # the 60th day after it
    assert after("2026-03-04") == []


def test_russian_debts_allow_one_conversation_a_day_two_a_week_and_eight_a_month() -> None:
    def answered(*texts: str) -> list[tuple[str, str]]:
        return [(text, "answered") for text in texts]

    a_day = answered("2026-03-02T10:00:00")
    a_week = answered("2026-03-02T10:00:00", "2026-03-04T10:00:00")
    a_month = answered(*(f"2026-03-{day:02}T10:00:00" for day in (2, 6, 10, 13, 17, 20, 24, 27)))

    assert found("ru-debt", "Europe/Moscow", *a_day, "2026-03-02T19:59:59") == [("caps", "2026-03-02T19:59:59")]
    assert found("ru-debt", "Europe/Moscow", *a_day, "2026-03-03T10:00:00") == []
    assert found("ru-debt", "Europe/Moscow", *a_week, "2026-03-08T10:00:00") == [("caps", "2026-03-08T10:00:00")]
    assert found("ru-debt", "Europe/Moscow", *a_week, "2026-03-09T10:00:00") == []
    assert found("ru-debt", "Europe/Moscow", *a_month, "2026-03-31T10:00:00") == [("caps", "2026-03-31T10:00:00")]
    assert found("ru-debt", "Europe/Moscow", *a_month, "2026-04-01T10:00:00") == []


def test_a_rule_is_judged_at_the_date_of_the_call() -> None:
    night = ["2021-06-30T23:00:00", "2021-07-01T23:00:00"]

    assert found("us-fl", NEW_YORK, *night) == [("hours", "2021-07-01T23:00:00")]


def test_a_number_in_several_zones_has_to_be_allowed_in_all_of_them() -> None:
    both = ("America/Los_Angeles", "America/New_York")
    times = ("2026-03-02T10:59:00", "2026-03-02T11:00:00", "2026-03-03T19:59:00", "2026-03-03T20:00:00")
    calls = [PlainCall("100000", at(text, NEW_YORK), both) for text in times]

    judged = breaches(columns_of(calls), NamedRules("us-fl", built_in("us-fl")))

    assert judged[0].calls.tolist() == [0, 3]


def test_the_latest_dates_count_and_not_the_latest_calls() -> None:
    noon = at("2026-03-02T12:00:00", "UTC")
    east, west = ("Pacific/Kiritimati",), ("Pacific/Pago_Pago",)  # where it is 3 March, and still 2 March
    zones = (east, west, west, east)
    calls = [PlainCall("100000", noon + second, zone) for second, zone in enumerate(zones)]

    over = over_cap(columns_of(calls), Cap(at_most=2, days=1))

    assert np.flatnonzero(over).tolist() == capped(calls, PlainCap(2, days=1)) == [2]
