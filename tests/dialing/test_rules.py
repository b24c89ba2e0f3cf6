"""The rules by example: one line, calls of a minute, and who is called when, worked out by hand."""

from typing import Any

import pytest

from engine import Result, Scenario, simulate
from engine.dialing.record import CANCELLED
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import EngineName
from tests.oracle import instant

START = instant("2026-03-02T00:00:00Z")  # a Monday
A, B, C = "16505550001", "16505550002", "16505550003"
both_engines = pytest.mark.parametrize("engine", ["reference", "compiled"])
AT_NIGHT = {"default": [{"localTimeFrom": "00:00", "localTimeTo": "00:30"}]}


def scenario(*numbers: dict[str, Any], outcome: dict[str, Any] | None = None, **campaign: Any) -> Scenario:
    """Two hours from START; nobody answers, unless `outcome` says otherwise.

    A number's `added` is when it is added, START if it says nothing; its `seconds` are what its calls last.
    """
    answered: dict[str, Any] = {"share": 1, "seconds": 60}
    line: dict[str, Any] = {"lines": 1}
    lengths = {number["seconds"] for number in numbers if "seconds" in number}
    return Scenario.from_document(
        {
            "start": "2026-03-02T00:00:00Z",
            "finish": "2026-03-02T02:00:00Z",
            "campaign": line | campaign,
            "numbers": [part(**number) for number in numbers],
            "outcomes": {"answered": answered | (outcome or {"retry": True})},
            "segments": [
                {"name": str(length), "payload": {"seconds": length}, "outcomes": {"answered": {"seconds": length}}}
                for length in lengths
            ],
        }
    )


def part(*, added: str | None = None, seconds: int | None = None, **number: Any) -> dict[str, Any]:
    """A list of one number."""
    payload = {} if seconds is None else {"payload": {"seconds": seconds}}
    return {"addPhones": [number | payload], "added": added}


def called(result: Result) -> list[tuple[str, int]]:
    """Each call's phone and its start in seconds from START."""
    starts = result.calls["start"].dt.epoch("s") - START
    return list(zip(result.calls["phone"].to_list(), starts.to_list(), strict=True))


def calls(*numbers: dict[str, Any], **given: Any) -> list[tuple[str, int]]:
    return called(simulate(scenario(*numbers, **given), calls=True))


def endings(*numbers: dict[str, Any], **given: Any) -> list[tuple[str, int | None]]:
    """Each number's ending and its instant in seconds from START."""
    return ended(simulate(scenario(*numbers, **given)))


def ended(result: Result) -> list[tuple[str, int | None]]:
    ends = result.numbers
    return list(zip(ends["ending"].to_list(), (ends["ended_at"].dt.epoch("s") - START).to_list(), strict=True))


def between(opens: str, closes: str) -> dict[str, Any]:
    return {"allowedTime": {"default": [{"localTimeFrom": opens, "localTimeTo": closes}]}}


def after(minutes: int) -> dict[str, Any]:
    return {"startDateTime": f"2026-03-02T00:{minutes:02}:00Z"}


def added(minutes: int, **number: Any) -> dict[str, Any]:
    return {**number, "added": f"2026-03-02T00:{minutes:02}:00Z"}


# Closed dates (rules 3)

ALL_NIGHT = between("22:00", "06:00")


@both_engines
def test_nobody_is_called_on_a_date_that_is_closed_by_their_own_clock(engine: EngineName) -> None:
    """In New York it is Sunday still."""
    numbers = [{"phone": A}, {"phone": B, "gmtZone": "America/New_York"}]

    assert played_by(engine, *numbers, closedDates=["2026-03-02"]) == [(B, 0)]
    assert played_by(engine, *numbers, closedDates=["2026-03-01"]) == [(A, 0)]
    assert played_by(engine, *numbers, closedDates=["2026-03-01", "2026-03-02", "2026-03-02"]) == []


@both_engines
def test_hours_that_began_on_a_closed_date_are_open_from_midnight(engine: EngineName) -> None:
    """And those that began the evening before a closed date end at midnight."""
    numbers = [{"phone": A, **ALL_NIGHT}, {"phone": B, "gmtZone": "-01:00", **ALL_NIGHT}]

    assert played_by(engine, *numbers, closedDates=["2026-03-01"]) == [(A, 0), (B, 3600)]
    assert played_by(engine, *numbers, closedDates=["2026-03-02"]) == [(B, 0)]


@both_engines
def test_a_number_in_several_zones_is_called_on_a_date_that_is_closed_in_none(engine: EngineName) -> None:
    """A toll-free number may be anywhere from Guam, where it is Monday, to Hawaii, where it is Sunday."""
    number = {"phone": "18005550001"}

    def played(*closed: str) -> list[tuple[str, int]]:
        return played_by(engine, number, gmtZone="fromPhone", closedDates=closed)

    assert [played(), played("2026-03-01"), played("2026-03-02")] == [[("18005550001", 0)], [], []]


@both_engines
def test_a_redial_is_not_made_on_a_closed_date_whatever_hours_it_brings(engine: EngineName) -> None:
    redial = {"share": 1, "startAfterMinutes": 1, "gmtZone": "Z", **between("00:00", "23:59")}
    number = {"phone": A, "gmtZone": "-01:00"}

    def played(*closed: str) -> list[tuple[str, int]]:
        return played_by(engine, number, outcome={"redials": [redial]}, maxTotalAttempts=2, closedDates=closed)

    assert [played(), played("2026-03-02")] == [[(A, 0), (A, 120)], [(A, 0)]]


@both_engines
def test_a_window_closes_where_a_closed_date_begins(engine: EngineName) -> None:
    """So of numbers that are always open, the one whose closed date comes first is the first to close."""
    numbers = [{"phone": A}, {"phone": B, "gmtZone": "+14:00"}]

    def played(*closed: str) -> list[tuple[str, int]]:
        return played_by(engine, *numbers, order="windowClosing", closedDates=closed)

    assert [played(), played("2026-03-03"), played("2032-06-01")] == [
        [(A, 0), (B, 60)],
        [(B, 0), (A, 60)],
        [(B, 0), (A, 60)],
    ]


@both_engines
def test_a_number_expires_when_the_rest_of_its_time_lies_on_closed_dates(engine: EngineName) -> None:
    """The line is busy with A until the last window of B closes; C has an open second years from now."""
    numbers: list[dict[str, Any]] = [
        {"phone": A, "seconds": 7200, "dialerPriority": 1},
        {"phone": B, "gmtZone": "-01:00", "finishDateTime": "2026-03-03T00:00:00Z"},
        {"phone": C, "gmtZone": "-01:00", "finishDateTime": "2029-03-03T00:00:00Z"},
    ]
    closed = ["2026-03-02"]
    ends = simulate(scenario(*numbers, gmtZone="-02:00", closedDates=closed), engine).numbers

    assert ends["ending"].to_list() == ["pending_in_call", "expired", "pending_never_called"]
    assert ends["ended_at"].dt.epoch("s").to_list()[1] == START + 3600


@both_engines
def test_a_campaign_that_is_closed_on_all_its_dates_calls_nobody_and_says_why(engine: EngineName) -> None:
    numbers: list[dict[str, Any]] = [{"phone": A}, {"phone": B, "finishDateTime": "2026-03-02T01:00:00Z"}]
    result = simulate(scenario(*numbers, closedDates=["2026-03-02"]), engine)

    assert result.figures.numbers.not_reached == {"closed_until_finish_date": 1, "closed_until_simulation_ends": 1}
    assert result.numbers["first_allowed"].to_list() == [None, None]


# Who is called next (rules 5)


def test_numbers_of_a_list_are_called_in_list_order() -> None:
    assert calls({"phone": B}, {"phone": A}) == [(B, 0), (A, 60)]


def test_a_lower_dialer_priority_is_called_first() -> None:
    assert calls({"phone": A}, {"phone": B, "dialerPriority": 4}, {"phone": C, "dialerPriority": "1"})[:2] == [
        (B, 0),
        (A, 60),
    ]


def test_a_number_counts_from_when_its_window_opened_and_not_from_when_it_fell_due() -> None:
    early = {"phone": A, **between("00:02", "01:00")}  # due at once, allowed after two minutes
    late = {"phone": B, **after(1)}
    assert calls({"phone": C, "dialerPriority": 1}, early, late, outcome={"seconds": 300})[1:] == [(B, 300), (A, 600)]


def test_a_number_due_within_its_window_counts_from_then() -> None:
    open_before = {"phone": A, **between("00:01", "01:00"), **after(3)}
    assert calls({"phone": C, "dialerPriority": 1}, open_before, {"phone": B, **after(2)}, outcome={"seconds": 300})[
        1:
    ] == [(B, 300), (A, 600)]


def test_of_two_allowed_at_once_the_one_that_was_due_before_is_called() -> None:
    hours = between("00:05", "01:00")
    assert calls({"phone": A, **hours, **after(2)}, {"phone": B, **hours}) == [(B, 300), (A, 360)]


def test_the_window_that_closes_first_is_served_first_if_the_campaign_says_so() -> None:
    numbers = [{"phone": A}, {"phone": B, **between("00:00", "01:00")}, {"phone": C, **between("00:00", "00:30")}]
    assert calls(*numbers, order="windowClosing") == [(C, 0), (B, 60), (A, 120)]
    assert calls(*numbers) == [(A, 0), (B, 60), (C, 120)]


def test_a_window_that_reaches_midnight_and_goes_on_is_one_window() -> None:
    there = {"gmtZone": "-00:30"}  # where it is Sunday 23:30
    numbers = [{"phone": A, **there, **between("23:00", "01:30")}, {"phone": B, **there, **between("23:00", "00:45")}]
    assert calls(*numbers, order="windowClosing") == [(B, 0), (A, 60)]


def test_a_number_whose_window_closes_before_a_line_is_free_waits_for_the_next() -> None:
    hours = {"default": [{"localTimeFrom": f"0{hour}:00", "localTimeTo": f"0{hour}:01"} for hour in (0, 1)]}
    assert calls({"phone": A}, {"phone": B, "allowedTime": hours}) == [(A, 0), (B, 3600)]


# A call and what follows (rules 6)


def test_a_series_has_as_many_calls_as_max_attempts_says() -> None:
    assert calls({"phone": A}, maxAttempts=3, retryIntervalInMinutes=10) == [(A, 0), (A, 660), (A, 1320)]


def test_no_attempts_count_as_one() -> None:
    assert calls({"phone": A, "maxAttempts": 0}, maxAttempts=3) == [(A, 0)]


def test_a_retry_comes_an_hour_after_the_call_where_nothing_else_is_said() -> None:
    assert calls({"phone": A}, maxAttempts=2) == [(A, 0), (A, 3660)]


def test_an_outcome_may_bring_a_retry_interval_of_its_own() -> None:
    outcome = {"retry": True, "retryIntervalInMinutes": 5}
    assert calls({"phone": A}, maxAttempts=2, retryIntervalInMinutes=10, outcome=outcome) == [(A, 0), (A, 360)]


def test_of_two_due_at_once_the_one_that_was_scheduled_before_is_called() -> None:
    numbers = [{"phone": A}, {"phone": B, **after(15)}]
    assert calls(*numbers, maxAttempts=2, retryIntervalInMinutes=14)[:3] == [(A, 0), (B, 900), (A, 960)]


def test_a_pace_of_less_than_one_call_a_second_spreads_calls() -> None:
    numbers = [{"phone": str(16505550000 + place)} for place in range(4)]
    starts = [start for _, start in calls(*numbers, lines=9, callsPerSecond=0.3)]
    assert starts == [0, 3, 6, 10]  # before them the allowance holds 1.299, 1.199, 1.099, and 1.299 again


def test_a_pace_of_several_calls_a_second_lets_so_many_begin_at_once() -> None:
    numbers = [{"phone": str(16505550000 + place)} for place in range(8)]
    starts = [start for _, start in calls(*numbers, lines=9, callsPerSecond=2.5)]
    assert starts == [0, 0, 0, 1, 1, 2, 2, 2]  # what is left of a second is kept


@both_engines
@pytest.mark.parametrize(
    ("pace", "begun"), [(0.3, 180), (0.9, 540), (1.5, 900), (1.9, 1140), (2.5, 1500), (2.999, 1799)]
)
def test_where_calls_wait_as_many_begin_as_the_pace_says(engine: EngineName, pace: float, begun: int) -> None:
    numbers = [{"phone": 16505550000 + place} for place in range(2_000)]
    result = simulate(scenario(*numbers, lines=2_000, callsPerSecond=pace), engine, calls=True)
    assert sum(start < 600 for _, start in called(result)) == pytest.approx(begun, abs=1)


def test_a_drop_of_lines_cuts_nobody_off() -> None:
    shifts = [{"lines": 2, "from": "23:00", "to": "00:01"}, {"lines": 1}]
    numbers = [{"phone": str(16505550000 + place)} for place in range(5)]
    starts = [start for _, start in calls(*numbers, lines=None, shifts=shifts, outcome={"seconds": 100})]
    assert starts == [0, 0, 0, 100, 200]


def test_a_redial_starts_a_series_of_at_most_five_calls() -> None:
    redial = {"share": 1, "startAfterMinutes": 10, "maxAttempts": 9, "retryIntervalInMinutes": 1}
    outcomes = {"redials": [redial], "retry": True}
    assert len(calls({"phone": A}, maxTotalAttempts=6, outcome=outcomes)) == 6


def test_the_calls_of_a_redial_count_from_its_first() -> None:
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-04T00:00:00Z",
        "campaign": {"lines": 1, "maxAttempts": 50, "retryIntervalInMinutes": 1},
        "numbers": [{"addPhones": [{"phone": A}]}],
        "outcomes": {
            "answered": {"share": 0.5, "seconds": 1, "redials": [{"share": 1, "startAfterMinutes": 1}]},
            "noAnswer": {"share": 0.5, "seconds": 1, "retry": True},
        },
        "answering": {"attempts": [0, 2, 0]},
    }
    result = simulate(Scenario.from_document(document), calls=True)
    outcomes = result.calls["outcome"].to_list()
    assert outcomes == ["noAnswer", "answered", *["noAnswer"] * 5]
    assert result.numbers["ending"].to_list() == ["exhausted"]


def test_a_redial_without_a_priority_has_the_one_first_set_for_the_number() -> None:
    first = {"share": 1, "startAfterMinutes": 1, "dialerPriority": 1}
    numbers = [{"phone": A, "dialerPriority": 4}, {"phone": B, "dialerPriority": 3, **after(2)}]
    assert calls(*numbers, maxTotalAttempts=2, outcome={"redials": [first]})[:2] == [(A, 0), (A, 120)]
    unset = {"share": 1, "startAfterMinutes": 1}
    assert calls(*numbers, maxTotalAttempts=2, outcome={"redials": [unset]})[:2] == [(A, 0), (B, 120)]


def test_a_redial_at_an_instant_that_has_passed_is_due_at_once() -> None:
    redial = {"share": 1, "startDateTime": "2026-03-01T00:00:00Z"}
    assert calls({"phone": A}, maxTotalAttempts=2, outcome={"redials": [redial]}) == [(A, 0), (A, 60)]


def test_a_redial_that_no_window_is_left_for_expires() -> None:
    redial = {"share": 1, "startDateTime": "2026-03-02T01:00:00Z"}
    assert endings({"phone": A, "finishDateTime": "2026-03-02T01:00:00Z"}, outcome={"redials": [redial]}) == [
        ("expired", 60)
    ]


def test_a_redial_with_a_later_finish_outlives_that_of_the_number() -> None:
    number = {"phone": A, "finishDateTime": "2026-03-02T00:30:00Z"}
    redial = {"share": 1, "startAfterMinutes": 60, "finishDateTime": "2026-03-02T01:30:00Z"}
    given: dict[str, Any] = {"maxTotalAttempts": 2, "outcome": {"redials": [redial]}}
    assert calls(number, **given) == [(A, 0), (A, 3660)]


def test_the_redial_of_a_redial_goes_over_the_policy_of_the_number() -> None:
    redials = [{"share": 1, "startAfterMinutes": 1, **between("00:01", "00:05")}]
    number = {"phone": A, **between("00:00", "01:00")}
    assert calls(number, maxTotalAttempts=9, outcome={"redials": redials}) == [(A, 0), (A, 120), (A, 240)]
    assert endings(number, maxTotalAttempts=9, outcome={"redials": redials}) == [("pending_callback", None)]


def test_no_number_is_called_more_often_than_max_total_attempts_says() -> None:
    assert len(calls({"phone": A}, maxAttempts=9, retryIntervalInMinutes=1, maxTotalAttempts=3)) == 3
    assert endings({"phone": A}, maxAttempts=9, maxTotalAttempts=1) == [("exhausted", 60)]
    redial = {"share": 1, "startAfterMinutes": 1}
    assert endings({"phone": A}, maxTotalAttempts=1, outcome={"redials": [redial]}) == [("exhausted", 60)]


@pytest.mark.parametrize(("least", "starts"), [(60, [0]), (61, [0, 660])])
def test_an_answer_that_is_too_short_is_retried_as_if_there_was_none(least: int, starts: list[int]) -> None:
    redial = {"share": 1, "startDateTime": "2026-03-02T01:59:59Z"}
    for outcome in ({"retry": False}, {"redials": [redial]}):
        made = calls(
            {"phone": A}, retryIfShorterThanSeconds=least, maxAttempts=2, retryIntervalInMinutes=10, outcome=outcome
        )
        assert [start for _, start in made if start < 7199] == starts


@pytest.mark.parametrize(("least", "reached"), [(60, 1), (61, 0)])
def test_an_answer_that_is_too_short_reaches_nobody(least: int, reached: int) -> None:
    result = simulate(scenario({"phone": A}, retryIfShorterThanSeconds=least))
    assert result.numbers["reached_at"].count() == result.figures.numbers.reached == reached


# What happens in one second, in its order (rules 5 and 6)


def played_by(engine: EngineName, *numbers: dict[str, Any], **given: Any) -> list[tuple[str, int]]:
    return called(simulate(scenario(*numbers, **given), engine, calls=True))


@both_engines
def test_a_redial_due_at_once_was_scheduled_before_a_number_that_is_added_then(engine: EngineName) -> None:
    redial = {"share": 1, "startDateTime": "2026-03-01T00:00:00Z"}
    numbers = [{"phone": A}, {"phone": B, "added": "2026-03-02T00:01:00Z"}]
    made = played_by(engine, *numbers, maxTotalAttempts=2, outcome={"redials": [redial]})
    assert made[:3] == [(A, 0), (A, 60), (B, 120)]


@both_engines
@pytest.mark.parametrize(
    ("added", "then"), [("00:01:01", [(A, 660), (B, 660), (C, 720)]), ("00:00:59", [(C, 660), (A, 660), (B, 720)])]
)
def test_of_a_retry_and_a_number_that_starts_then_the_one_scheduled_first_is_called(
    engine: EngineName, added: str, then: list[tuple[str, int]]
) -> None:
    third = {"phone": C, "added": f"2026-03-02T{added}Z", **after(11)}
    made = played_by(engine, {"phone": A}, {"phone": B}, third, lines=2, maxAttempts=2, retryIntervalInMinutes=10)
    assert made[:5] == [(A, 0), (B, 0), *then]


@both_engines
@pytest.mark.parametrize("order", ["nextAllowedTime", "windowClosing"])
def test_the_whole_window_counts_also_where_the_simulation_cuts_it(engine: EngineName, order: str) -> None:
    """Before the start it makes no number earlier than another; behind the finish, the first to close comes first."""
    numbers = [{"phone": A, **between("22:00", "03:00")}, {"phone": B, **between("23:00", "02:30")}, {"phone": C}]
    closing = [(B, 0), (A, 60), (C, 120)]
    for listed in (numbers, numbers[::-1]):
        in_turn = [(number["phone"], 60 * place) for place, number in enumerate(listed)]
        assert played_by(engine, *listed, order=order) == (closing if order == "windowClosing" else in_turn)


@both_engines
def test_a_number_whose_window_opened_again_comes_before_those_that_fell_due_since(engine: EngineName) -> None:
    """The line is busy with C from before A falls due, in its first window, until B has."""
    hours = [{"localTimeFrom": opens, "localTimeTo": to} for opens, to in (("00:00", "00:03"), ("00:16", "02:00"))]
    again = {"phone": A, "allowedTime": {"default": hours}, **after(1)}
    made = played_by(engine, again, {"phone": B, **after(18)}, {"phone": C, "seconds": 1200})
    assert made == [(C, 0), (A, 1200), (B, 1260)]


@both_engines
def test_shifts_hold_in_the_zone_of_the_campaign_and_not_of_a_number(engine: EngineName) -> None:
    shift = {"days": ["sun"], "from": "19:30", "to": "20:00", "lines": 1}  # where it is Sunday 19:00
    made = played_by(engine, {"phone": A, "gmtZone": "Z"}, lines=None, shifts=[shift], gmtZone="America/New_York")
    assert made == [(A, 1800)]


@both_engines
def test_a_line_is_used_from_the_second_in_which_its_shift_begins(engine: EngineName) -> None:
    shifts = [{"lines": 1, "from": "00:10", "to": "00:20"}, {"lines": 1, "from": "00:11", "to": "00:20"}]
    numbers = [{"phone": phone} for phone in (A, B, C)]
    made = played_by(engine, *numbers, lines=None, shifts=shifts, outcome={"seconds": 300})
    assert made == [(A, 600), (B, 660), (C, 900)]


@both_engines
def test_lines_that_come_together_go_to_a_number_that_started_before_one_that_was_added_later(
    engine: EngineName,
) -> None:
    numbers = {"phone": A}, {"phone": B, **after(3)}, {"phone": C, "added": "2026-03-02T00:05:00Z"}
    made = played_by(engine, *numbers, lines=None, shifts=[{"lines": 2, "from": "00:10", "to": "02:00"}])
    assert made == [(A, 600), (B, 600), (C, 660)]


FROM_TEN_PAST = between("00:10", "02:00")
THREE_TIMES = [("00:00", "00:05"), ("00:10", "00:15"), ("00:20", "02:00")]
THRICE = {"allowedTime": {"default": [{"localTimeFrom": opens, "localTimeTo": to} for opens, to in THREE_TIMES]}}


@both_engines
@pytest.mark.parametrize(
    "numbers",
    [
        [{"phone": B, **between("00:02", "02:00")}, added(1, phone=A), added(3, phone=C)],
        [{"phone": A, **FROM_TEN_PAST}, {"phone": B, **FROM_TEN_PAST, **after(1)}, added(2, phone=C, **FROM_TEN_PAST)],
        [
            {"phone": A, **FROM_TEN_PAST, **after(1)},
            {"phone": C, **FROM_TEN_PAST, **after(3)},
            added(2, phone=B, **FROM_TEN_PAST),
        ],
        [
            {"phone": A, **FROM_TEN_PAST, **after(1)},
            {"phone": B, **between("00:10", "01:00"), **after(2)},
            {"phone": C, **FROM_TEN_PAST, **after(3)},
        ],
        [{"phone": A, **THRICE, **after(1)}, {"phone": B, **THRICE, **after(7)}, {"phone": C, **THRICE, **after(12)}],
    ],
    ids=[
        "of another window",
        "that starts later",
        "that is added later",
        "of another window that starts later",
        "that starts between windows",
    ],
)
def test_of_lines_that_come_together_each_goes_to_who_comes_next_wherever_they_wait(
    engine: EngineName, numbers: list[dict[str, Any]]
) -> None:
    """B comes between A and C, which have the same hours, so the two would be called together were B not there."""
    shift = {"lines": 2, "from": "00:30", "to": "02:00"}

    made = played_by(engine, *numbers, lines=None, shifts=[shift], maxAttempts=1)

    assert made == [(A, 1800), (B, 1800), (C, 1860)]


@both_engines
def test_calls_that_end_together_end_in_the_order_in_which_they_began(engine: EngineName) -> None:
    later = {"phone": B, "seconds": 30, "startDateTime": "2026-03-02T00:00:30Z"}
    made = played_by(engine, later, {"phone": A}, lines=2, maxAttempts=2, retryIntervalInMinutes=10)
    assert made == [(A, 0), (B, 30), (A, 660), (B, 660)]


# Endings


def test_a_final_outcome_completes_a_number_at_the_end_of_its_call() -> None:
    assert endings({"phone": A}, outcome={"retry": False}) == [("completed", 60)]


def test_a_number_without_calls_left_is_exhausted() -> None:
    assert endings({"phone": A}) == [("exhausted", 60)]


def test_numbers_that_have_not_ended_are_pending_each_in_its_way() -> None:
    numbers: list[dict[str, Any]] = [
        {"phone": A},
        {"phone": B, "maxAttempts": 2},
        {"phone": C, "startDateTime": "2026-03-02T02:00:00Z"},
    ]
    assert endings(*numbers, outcome={"seconds": 3600, "retry": True}, retryIntervalInMinutes=61) == [
        ("exhausted", 3600),
        ("pending_in_call", None),
        ("pending_never_called", None),
    ]
    assert endings({"phone": B, "maxAttempts": 2, "retryIntervalInMinutes": 119}) == [("pending_callback", None)]


def test_a_number_expires_when_its_last_window_closes() -> None:
    finish = "2026-03-02T20:00:00Z"  # of which the window at night is the last before
    numbers = [{"phone": A}, {"phone": B}]
    assert endings(*numbers, allowedTime=AT_NIGHT, finishDateTime=finish, outcome={"seconds": 3600}) == [
        ("completed", 3600),
        ("expired", 1800),
    ]


def test_a_number_in_a_call_when_its_last_window_closes_does_not_expire_then() -> None:
    given: dict[str, Any] = {"allowedTime": AT_NIGHT, "finishDateTime": "2026-03-02T20:00:00Z", "maxAttempts": 2}
    assert endings({"phone": A}, outcome={"seconds": 3600, "retry": True}, **given) == [("expired", 3600)]


@pytest.mark.parametrize(("minutes", "ended_at"), [(28, 1800), (29, 60), (30, 60)])
def test_a_retry_due_when_the_last_window_has_closed_expires_at_once(minutes: int, ended_at: int) -> None:
    first = {"phone": B, "dialerPriority": 1, **after(20), "maxAttempts": 1}
    given: dict[str, Any] = {"finishDateTime": "2026-03-02T00:30:00Z", "maxAttempts": 2}
    ends = endings({"phone": A}, first, retryIntervalInMinutes=minutes, **given)
    assert ends[0] == ("expired" if minutes > 28 else "exhausted", ended_at)


@both_engines
def test_a_retry_that_waits_for_a_line_is_not_called_after_its_finish_date(engine: EngineName) -> None:
    waiting = {"phone": A, "maxAttempts": 2, "retryIntervalInMinutes": 1, "finishDateTime": "2026-03-02T00:10:00Z"}
    long = {"phone": B, "maxAttempts": 1, "seconds": 1200}

    result = simulate(scenario(waiting, long), engine, calls=True)

    assert called(result) == [(A, 0), (B, 60)]
    assert ended(result)[0] == ("expired", 600)


@both_engines
def test_a_number_that_has_expired_is_eligible_in_no_later_window(engine: EngineName) -> None:
    hours = [{"localTimeFrom": f"0{hour}:00", "localTimeTo": f"0{hour}:30"} for hour in (0, 1)]
    long = {"phone": C, "dialerPriority": 1, "seconds": 7200}
    numbers: list[dict[str, Any]] = [long, {"phone": A, "finishDateTime": "2026-03-02T00:20:00Z"}, {"phone": B}]

    result = simulate(scenario(*numbers, allowedTime={"default": hours}), engine)

    assert result.record.quarters.eligible[:, -1].tolist() == [2, 1, 0, 0, 1, 1, 0, 0]


@both_engines
def test_a_number_that_has_expired_is_passed_over_by_those_that_are_called_together(engine: EngineName) -> None:
    numbers = {"phone": A}, {"phone": B, "finishDateTime": "2026-03-02T00:20:00Z"}, {"phone": C}
    shift = {"lines": 3, "from": "00:30", "to": "02:00"}

    made = played_by(engine, *numbers, lines=None, shifts=[shift], maxAttempts=1)

    assert made == [(A, 1800), (C, 1800)]


@both_engines
def test_so_is_one_that_has_expired_since_its_window_opened_again(engine: EngineName) -> None:
    hours = [
        {"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in (("00:00", "00:05"), ("00:30", "02:00"))
    ]
    numbers = {"phone": A}, {"phone": B, "finishDateTime": "2026-03-02T00:40:00Z"}, {"phone": C}
    shifts = [{"lines": 3, "from": "00:00", "to": "00:05"}, {"lines": 3, "from": "01:00", "to": "02:00"}]
    policy = {"allowedTime": {"default": hours}, "maxAttempts": 2, "retryIntervalInMinutes": 10}

    made = played_by(engine, *numbers, lines=None, shifts=shifts, **policy)

    assert made == [(A, 0), (B, 0), (C, 0), (A, 3600), (C, 3600)]


def test_no_call_starts_at_the_finish_date() -> None:
    number = {"phone": B, **after(1), "finishDateTime": "2026-03-02T00:01:01Z"}
    assert calls({"phone": A, "dialerPriority": 1}, number, outcome={"seconds": 60}) == [(A, 0), (B, 60)]
    assert calls({"phone": A, "dialerPriority": 1}, number, outcome={"seconds": 61}) == [(A, 0)]


def test_a_policy_that_never_opens_expires_when_it_is_added() -> None:
    assert endings({"phone": A, "allowedTime": {}}, {"phone": B, "allowedTime": {"mon": []}}) == [("expired", 0)] * 2


def test_without_a_finish_date_a_number_waits_for_a_window_to_come() -> None:
    assert endings({"phone": A, "allowedDays": ["sun"]}) == [("pending_never_called", None)]


def test_what_would_happen_at_the_finish_of_the_simulation_does_not() -> None:
    assert endings({"phone": A}, outcome={"seconds": 7200}) == [("pending_in_call", None)]
    number = {"phone": B, "finishDateTime": "2026-03-02T02:00:00Z"}
    assert endings({"phone": A}, number, outcome={"seconds": 7200})[1] == ("pending_never_called", None)


@both_engines
def test_nor_does_a_number_expire_then_that_waits_for_a_line_after_a_call(engine: EngineName) -> None:
    waiting = {"phone": A, "maxAttempts": 2, "retryIntervalInMinutes": 1, "finishDateTime": "2026-03-02T02:00:00Z"}

    result = simulate(scenario(waiting, {"phone": B, "seconds": 7200}), engine)

    assert ended(result) == [("pending_callback", None), ("pending_in_call", None)]


# What a user does meanwhile


def dialer_of(played: Scenario) -> ReferenceDialer:
    dialer = ReferenceDialer(Rulebook(played.document), keep_calls=True)
    dialer.add(played.phonebook)
    return dialer


def starts(dialer: ReferenceDialer) -> list[tuple[int, int]]:
    """Each call's number and its start in seconds from START."""
    made = dialer.record().calls
    assert made is not None
    return list(zip(made.number.tolist(), made.time.tolist(), strict=True))


def two_numbers() -> ReferenceDialer:
    return dialer_of(scenario({"phone": A}, {"phone": B}, maxAttempts=50, retryIntervalInMinutes=10))


def test_no_call_begins_in_a_pause_while_retries_go_on_falling_due() -> None:
    dialer = two_numbers()
    dialer.run_until(START + 30)
    dialer.pause()
    dialer.run_until(START + 1000)
    dialer.resume()
    dialer.run_until(START + 1100)
    assert starts(dialer) == [(0, 0), (1, 1000), (0, 1060)]


def test_a_cancelled_number_that_waits_ends_at_once() -> None:
    dialer = two_numbers()
    dialer.run_until(START + 30)
    assert dialer.cancel([1, 1]) == [1]
    dialer.run_until(START + 31)
    assert (dialer.numbers[1].ending, dialer.numbers[1].ended_at) == (CANCELLED, START + 30)


def test_a_cancelled_number_in_a_call_ends_after_it() -> None:
    dialer = two_numbers()
    dialer.run_until(START + 30)
    dialer.cancel([0])
    dialer.run_until(START + 61)
    assert (dialer.numbers[0].ending, dialer.numbers[0].ended_at) == (CANCELLED, START + 60)
    assert dialer.cancel([0]) == []


def test_when_the_first_of_those_that_wait_is_cancelled_the_next_is_called() -> None:
    dialer = dialer_of(scenario({"phone": A}, {"phone": B}, {"phone": C}))
    dialer.run_until(START + 30)
    dialer.cancel([1])
    dialer.run_until(START + 100)
    assert starts(dialer) == [(0, 0), (2, 60)]


def test_numbers_cannot_be_added_in_the_past() -> None:
    dialer = two_numbers()
    dialer.run_until(START + 1)
    with pytest.raises(ValueError, match="in the past"):
        dialer.add(scenario({"phone": C}).phonebook)
