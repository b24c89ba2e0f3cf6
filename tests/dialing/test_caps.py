"""Caps by example: when the next call may start, worked out by hand (rules 6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import Result, Scenario, simulate
from engine.dialing.simulation import EngineName

Fields = dict[str, Any]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
both_engines = pytest.mark.parametrize("engine", ["reference", "compiled"])


def played(engine: EngineName, caps: list[Fields], *numbers: Fields, days: int = 4, **campaign: Any) -> Result:
    """Some days from Monday; nobody answers, calls last a minute and are retried after 20, and there is one line."""
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": f"{MONDAY + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
        "campaign": {"lines": 1, "maxAttempts": 50, "retryIntervalInMinutes": 19, "caps": caps, **campaign},
        "numbers": [
            {"addPhones": [{name: value for name, value in number.items() if name != "added"}], "added": added}
            for number in numbers or ({"phone": "16505550001"},)
            for added in [number.get("added")]
        ],
        "outcomes": {
            "answered": {"share": 0, "seconds": 60},
            "busy": {"share": 1, "seconds": 60, "retry": True},
        },
    }
    return simulate(Scenario.from_document(document), engine, calls=True)


def starts(result: Result, phone: str | None = None) -> list[str]:
    """The starts of calls: the day of the simulation, from 0, and the time in UTC."""
    calls = result.calls.rows(named=True)
    return [
        f"{(call['start'] - MONDAY).days} {call['start']:%H:%M:%S}"
        for call in calls
        if phone is None or call["phone"] == phone
    ]


@both_engines
def test_a_call_may_start_in_the_second_in_which_an_earlier_one_has_left_the_hours(engine: EngineName) -> None:
    assert starts(played(engine, [{"atMost": 3, "hours": 24}]))[:7] == [
        *("0 00:00:00", "0 00:20:00", "0 00:40:00"),
        *("1 00:00:00", "1 00:20:00", "1 00:40:00", "2 00:00:00"),
    ]


@both_engines
def test_days_are_dates_of_the_customers_clock(engine: EngineName) -> None:
    result = played(engine, [{"atMost": 2, "days": 1}], days=2, gmtZone="America/New_York")

    assert starts(result) == ["0 00:00:00", "0 00:20:00", "0 05:00:00", "0 05:20:00", "1 05:00:00", "1 05:20:00"]


@both_engines
def test_a_date_that_counts_calls_of_several_days_counts_itself(engine: EngineName) -> None:
    assert starts(played(engine, [{"atMost": 1, "days": 3}], days=7)) == ["0 00:00:00", "3 00:00:00", "6 00:00:00"]


@both_engines
def test_the_strictest_of_several_caps_holds(engine: EngineName) -> None:
    caps = [{"atMost": 2, "hours": 1}, {"atMost": 3, "days": 1}]

    assert starts(played(engine, caps, days=2)) == [
        *("0 00:00:00", "0 00:20:00", "0 01:00:00"),
        *("1 00:00:00", "1 00:20:00", "1 01:00:00"),
    ]


@both_engines
@pytest.mark.parametrize(("most", "held"), [(3, 1), (4, 0), (5, 0)])
def test_a_cap_holds_where_a_number_may_get_more_calls_than_it_allows(engine: EngineName, most: int, held: int) -> None:
    result = played(engine, [{"atMost": most, "hours": 24}], maxAttempts=4)

    assert len(starts(result)) == 4
    assert result.figures.numbers.held_back == held


@both_engines
def test_only_calls_with_the_named_outcomes_count(engine: EngineName) -> None:
    result = played(engine, [{"atMost": 1, "days": 1, "outcomes": ["answered"]}], days=1)

    assert len(starts(result)) == 50
    assert result.figures.numbers.held_back == 0


@both_engines
def test_numbers_with_one_phone_share_a_cap_by_phone(engine: EngineName) -> None:
    twice = [{"phone": "16505550001", "payload": {"debt": debt}} for debt in (1, 2)]

    result = played(engine, [{"atMost": 2, "days": 1}], *twice, days=2)

    assert starts(result) == ["0 00:00:00", "0 00:01:00", "1 00:00:00", "1 00:01:00"]
    assert result.figures.numbers.held_back == 2


@both_engines
def test_phones_with_one_debt_share_a_cap_by_debt_and_those_without_one_do_not(engine: EngineName) -> None:
    numbers: list[Fields] = [
        {"phone": "16505550001", "payload": {"debt": 7}},
        {"phone": "16505550002", "payload": {"debt": 7.0}},
        {"phone": "16505550003", "payload": {"debt": "7"}},
        {"phone": "16505550004", "payload": {"debt": None}},
        {"phone": "16505550005"},
    ]

    result = played(engine, [{"atMost": 1, "days": 1, "per": "payload.debt"}], *numbers, days=1)

    assert {phone: len(starts(result, phone)) for phone in sorted({*result.calls["phone"]})} == {
        "16505550001": 1,
        "16505550003": 1,
        "16505550004": 1,
        "16505550005": 1,
    }


@both_engines
def test_a_number_whose_turn_comes_when_a_cap_forbids_it_takes_no_line(engine: EngineName) -> None:
    """All are due at once: the second shares a debt with the first, the third is called in its place."""
    numbers = [
        {"phone": f"1650555000{place}", "payload": {"debt": debt}, "maxAttempts": 1}
        for place, debt in enumerate((7, 7, 8))
    ]

    result = played(engine, [{"atMost": 1, "hours": 1, "per": "payload.debt"}], *numbers, days=1)

    assert result.calls["phone"].to_list() == ["16505550000", "16505550002", "16505550001"]
    assert starts(result) == ["0 00:00:00", "0 00:01:00", "0 01:00:00"]
    assert result.figures.numbers.held_back == 1


@both_engines
def test_of_two_that_share_a_cap_one_is_called_though_there_are_lines_for_both(engine: EngineName) -> None:
    twice = [{"phone": "16505550001", "payload": {"debt": debt}, "maxAttempts": 1} for debt in (1, 2)]

    result = played(engine, [{"atMost": 1, "hours": 1}], *twice, days=1, lines=2)

    assert starts(result) == ["0 00:00:00", "0 01:00:00"]


@both_engines
def test_a_number_that_a_cap_puts_off_when_its_turn_comes_goes_on_counting_its_attempts(engine: EngineName) -> None:
    """When the first number is due again, at 00:20, the second has been called since."""
    twice = [{"phone": "16505550001", "payload": {"debt": debt}} for debt in (1, 2)]

    result = played(engine, [{"atMost": 2, "hours": 1}], *twice, days=1, maxAttempts=2)

    assert starts(result) == ["0 00:00:00", "0 00:01:00", "0 01:00:00", "0 01:01:00"]
    assert result.calls.select("number", "attempt").rows() == [(0, 1), (1, 1), (1, 2), (0, 2)]
    assert result.figures.numbers.held_back == 2


@both_engines
def test_a_number_that_is_added_while_a_cap_forbids_it_waits_for_the_cap(engine: EngineName) -> None:
    numbers: list[Fields] = [
        {"phone": "16505550001", "maxAttempts": 1},
        {"phone": "16505550001", "maxAttempts": 2, "added": "2026-03-02T05:00:00Z"},
    ]

    result = played(engine, [{"atMost": 1, "days": 1}], *numbers, days=3)

    assert starts(result) == ["0 00:00:00", "1 00:00:00", "2 00:00:00"]


@both_engines
def test_a_number_that_a_cap_holds_until_its_finish_date_expires_at_once_and_says_so(engine: EngineName) -> None:
    number = {"phone": "16505550001", "finishDateTime": "2026-03-02T20:00:00Z"}

    result = played(engine, [{"atMost": 2, "days": 1}], number)

    assert result.numbers["ending"].to_list() == ["expired"]
    assert result.numbers["ended_at"].to_list() == [MONDAY + timedelta(minutes=21)]
    assert result.figures.numbers.not_reached == {"expired_held_back": 1}


@both_engines
def test_a_number_that_a_cap_holds_until_the_simulation_ends_is_pending_and_says_so(engine: EngineName) -> None:
    result = played(engine, [{"atMost": 2, "days": 1}], days=1)

    assert result.figures.numbers.not_reached == {"pending_held_back": 1}
    assert result.figures.numbers.held_back == 1


def redialled(engine: EngineName, redials: str, *numbers: Fields) -> Result:
    """A day of answers, each with a redial an hour after it began, four calls in all; and a cap of one in 5 hours."""
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1, "maxTotalAttempts": 4, "caps": [{"atMost": 1, "hours": 5, "redials": redials}]},
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}, *numbers],
        "outcomes": {"answered": {"share": 1, "seconds": 60, "redials": [{"share": 1, "startAfterMinutes": 59}]}},
    }
    return simulate(Scenario.from_document(document), engine, calls=True)


@both_engines
def test_redials_that_are_exempt_are_not_held_back(engine: EngineName) -> None:
    assert starts(redialled(engine, "exempt")) == ["0 00:00:00", "0 01:00:00", "0 02:00:00", "0 03:00:00"]
    assert starts(redialled(engine, "counted")) == ["0 00:00:00", "0 05:00:00", "0 10:00:00", "0 15:00:00"]


@both_engines
def test_redials_that_are_exempt_are_not_counted_for_others_who_share_the_cap(engine: EngineName) -> None:
    """Of the second number with this phone, the first call waits for that of the first number alone."""
    second = {"addPhones": [{"phone": "16505550001", "payload": {"debt": 2}}], "added": "2026-03-02T03:30:00Z"}

    result = redialled(engine, "exempt", second)

    times = [f"{start:%H:%M}" for start in result.calls.filter(number=1)["start"]]
    assert times == ["05:00", "06:00", "07:00", "08:00"]
    assert result.figures.numbers.held_back == 1


@both_engines
def test_a_date_lasts_as_long_as_the_clock_shows_it(engine: EngineName) -> None:
    """Clocks of the Azores go back from 01:00 to 00:00 on 2026-10-25, so that its first hour comes twice."""
    document = {
        "start": "2026-10-24T00:00:00Z",
        "finish": "2026-10-27T00:00:00Z",
        "campaign": {
            "lines": 1,
            "gmtZone": "Atlantic/Azores",
            "maxAttempts": 50,
            "caps": [{"atMost": 1, "days": 1}],
        },
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"answered": {"share": 0, "seconds": 60}, "busy": {"share": 1, "seconds": 60, "retry": True}},
    }

    result = simulate(Scenario.from_document(document), engine, calls=True)

    assert [f"{start:%d %H:%M}" for start in result.calls["start"]] == ["24 00:00", "25 00:00", "26 01:00"]


def test_an_outcome_that_the_scenario_does_not_have_is_a_fault_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"campaign\.caps\[0\]\.outcomes\[0\].*answered, perhaps"):
        played("reference", [{"atMost": 1, "days": 1, "outcomes": ["anwsered"]}])


def in_zone(engine: EngineName, start: str, finish: str, zone: str, *caps: Fields, **campaign: Any) -> list[str]:
    """The starts of calls to one number of a zone, which nobody ever answers, in UTC."""
    result = played_in_zone(engine, start, finish, zone, *caps, **campaign)
    return [f"{start:%d %H:%M}" for start in result.calls["start"]]


def played_in_zone(engine: EngineName, start: str, finish: str, zone: str, *caps: Fields, **campaign: Any) -> Result:
    document = {
        "start": start,
        "finish": finish,
        "campaign": {
            "lines": 1,
            "gmtZone": zone,
            "maxAttempts": 50,
            "retryIntervalInMinutes": 1,
            "caps": caps,
            **campaign,
        },
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"answered": {"share": 0, "seconds": 60}, "busy": {"share": 1, "seconds": 60, "retry": True}},
    }
    return simulate(Scenario.from_document(document), engine, calls=True)


@both_engines
def test_a_date_begins_when_its_midnight_comes_for_good(engine: EngineName) -> None:
    """Clocks of Beirut go back from 00:00 to 23:00 at the end of 2026-10-24, at 21:00 UTC."""
    span = "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z"

    assert in_zone(engine, *span, "Asia/Beirut", {"atMost": 1, "days": 1}) == ["24 00:00", "24 22:00", "25 22:00"]


NEWFOUNDLAND = "2010-11-06T12:00:00Z", "2010-11-08T12:00:00Z", "America/St_Johns"
"""Clocks of Newfoundland went back from 00:01 on 2010-11-07 to 23:01 on the day before, at 02:31 UTC."""


@both_engines
def test_an_hour_of_a_date_that_comes_twice_is_not_the_next_date(engine: EngineName) -> None:
    caps = {"atMost": 1, "days": 1}, {"atMost": 1, "hours": 15}

    assert in_zone(engine, *NEWFOUNDLAND, *caps) == ["06 12:00", "07 03:30", "08 03:30"]


@both_engines
def test_a_number_that_its_caps_hold_beyond_its_finish_date_only_together_expires_at_once(engine: EngineName) -> None:
    """At 03:00, when 15 hours have passed, the clock shows the date of the call again, until 03:30."""
    caps = {"atMost": 1, "days": 1}, {"atMost": 1, "hours": 15}

    result = played_in_zone(engine, *NEWFOUNDLAND, *caps, finishDateTime="2010-11-07T03:20:00Z")

    assert [f"{ended:%d %H:%M}" for ended in result.numbers["ended_at"]] == ["06 12:01"]
    assert result.figures.numbers.not_reached == {"expired_held_back": 1}


@both_engines
def test_a_cap_is_asked_again_on_the_date_on_which_a_window_opens(engine: EngineName) -> None:
    hours = {"default": [{"localTimeFrom": "23:20", "localTimeTo": "23:50"}]}

    starts_then = in_zone(engine, *NEWFOUNDLAND, {"atMost": 1, "days": 1}, allowedTime=hours)

    assert starts_then == ["07 01:50", "08 02:50"]


@both_engines
def test_a_call_by_a_clock_further_east_counts_by_its_own_date(engine: EngineName) -> None:
    """A date later in Auckland: its calls count in New York, too; those of New York leave its count a day earlier."""
    numbers: list[Fields] = [
        {"phone": "16505550001", "payload": {"debt": 7}, "gmtZone": "Pacific/Auckland"},
        {"phone": "16505550002", "payload": {"debt": 7}, "gmtZone": "America/New_York"},
    ]

    cap = {"atMost": 2, "days": 1, "per": "payload.debt"}
    result = played(engine, [cap], *numbers, days=2, retryIntervalInMinutes=59)

    assert starts(result, "16505550001") == [
        *("0 00:00:00", "0 01:00:00", "0 11:00:00", "0 12:00:00"),
        *("1 11:00:00", "1 12:00:00"),
    ]
    assert starts(result, "16505550002") == ["0 00:01:00"]
