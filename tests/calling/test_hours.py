"""`allowedTime` and `allowedDays` mean the hours of section 2 of the rules, and every fault in them is named."""

import re
from typing import Any

import pytest

from engine.calling.hours import (
    AllowedTime,
    ClockTime,
    Interval,
    Weekdays,
    interval_text,
    runs_into_a_closed_day,
    week_of,
)
from engine.calling.spoken import WEEKDAYS
from engine.calling.windows import WHOLE_WEEK
from engine.reading.faults import InputError, path_text

H, M, DAY = 3_600, 60, 86_400


def hours(*texts: str) -> list[dict[str, str]]:
    return [dict(zip(("localTimeFrom", "localTimeTo"), text.split("-"), strict=True)) for text in texts]


def fault_paths(value: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        AllowedTime.read(value)
    return [path_text(fault.path) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        (["mon"], (0,)),
        (["sun", "mon"], (0, 6)),
        (["fri", "mon", "fri", "fri"], (0, 4)),
        (list(reversed(WEEKDAYS)), tuple(range(7))),
    ],
)
def test_weekdays_come_in_order_and_once(words: list[str], days: tuple[int, ...]) -> None:
    assert Weekdays.read(words) == days


def test_an_empty_list_of_weekdays_is_left_out() -> None:
    assert Weekdays.read([]) is None


@pytest.mark.parametrize(
    "value", [None, "mon", 1, True, {"mon": True}, ["Mon"], ["monday"], [0], [None], [["mon"]], [""], ["mon "]]
)
def test_no_other_word_is_a_weekday(value: object) -> None:
    with pytest.raises(InputError, match=r"allowed: .*mon tue wed thu fri sat sun"):
        Weekdays.read(value)


def test_every_word_that_is_no_weekday_is_named() -> None:
    with pytest.raises(InputError) as caught:
        Weekdays.read(["mon", "tuesday", "wed", 4, "day"])

    assert [str(fault) for fault in caught.value.faults] == [
        '[1]: found "tuesday"; allowed: mon tue wed thu fri sat sun; write tue',
        "[3]: found 4; allowed: mon tue wed thu fri sat sun",
        '[4]: found "day"; allowed: mon tue wed thu fri sat sun',
    ]


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00", 0), ("00:01", M), ("09:30", 9 * H + 30 * M), ("23:59", DAY - M)]
)
def test_a_clock_time_is_hours_and_minutes(text: str, seconds: int) -> None:
    assert ClockTime.read(text) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *["24:00", "23:60", "9:30", "09:3", "0930", "09:30:00", "09.30", "9am", "", " 09:30", "09:30 ", "09:30\n"],
        *["-1:00", "99:99", "\u0660\u0669:\u0663\u0660", None, 930, 9.5, True, ["09:30"], {}],
    ],
)
def test_nothing_else_is_a_clock_time(value: object) -> None:
    with pytest.raises(InputError, match="allowed: a time HH:mm from 00:00 to 23:59"):
        ClockTime.read(value)


def test_a_clock_time_has_the_same_form_in_its_schema() -> None:
    pattern = re.compile(ClockTime.json_schema["pattern"])

    assert all(pattern.search(text) for text in ("00:00", "19:59", "23:59"))
    assert not any(pattern.search(text) for text in ("24:00", "9:30", "009:30", "09:300"))


def test_hours_are_kept_by_weekday_with_those_of_default_where_a_day_has_no_list() -> None:
    value = AllowedTime.read({"default": hours("10:00-18:00"), "mon": [], "sun": hours("22:00-02:00", "08:00-09:00")})

    default, sunday = (Interval(10 * H, 18 * H),), (Interval(8 * H, 9 * H), Interval(22 * H, 26 * H))
    assert value == ((), *[default] * 5, sunday)


@pytest.mark.parametrize("text", ["10:00-18:00", "22:00-02:30", "00:00-23:59", "23:59-00:00"])
def test_an_interval_reads_as_it_was_written(text: str) -> None:
    value = AllowedTime.read({"mon": hours(text)})

    assert [interval_text(interval) for interval in value[0]] == [text]


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["08:00-10:00", "10:00-12:00"], [(8, 12)]),
        (["10:00-12:00", "08:00-10:00"], [(8, 12)]),
        (["08:00-22:00", "22:00-08:00"], [(8, 32)]),
        (["22:00-08:00", "00:00-07:00"], [(0, 7), (22, 32)]),  # both in one morning, but on different days' axes
        (["00:00-12:00", "12:00-00:00"], [(0, 24)]),
        (["00:00-01:00", "23:00-00:00", "01:00-23:00"], [(0, 24)]),
    ],
)
def test_intervals_of_a_day_that_touch_are_one(texts: list[str], whole: list[tuple[int, int]]) -> None:
    value = AllowedTime.read({"default": hours(*texts)})

    assert value[0] == tuple(Interval(start * H, end * H) for start, end in whole)


@pytest.mark.parametrize(
    ("texts", "overlapping"),
    [
        (["08:00-10:00", "09:59-12:00"], ["mon[1]"]),
        (["09:59-12:00", "08:00-10:00"], ["mon[0]"]),
        (["08:00-10:00", "08:00-10:00"], ["mon[1]"]),
        (["08:00-18:00", "10:00-11:00"], ["mon[1]"]),
        (["08:00-18:00", "10:00-11:00", "12:00-13:00"], ["mon[1]", "mon[2]"]),
        (["08:00-18:00", "10:00-11:00", "18:00-19:00"], ["mon[1]"]),
        (["22:00-02:00", "23:00-23:30"], ["mon[1]"]),
        (["22:00-02:00", "23:59-00:00"], ["mon[1]"]),
        (["20:00-22:01", "22:00-02:00"], ["mon[1]"]),
        (["12:00-11:00", "13:00-10:00"], ["mon[1]"]),
    ],
)
def test_intervals_of_a_day_must_not_overlap(texts: list[str], overlapping: list[str]) -> None:
    assert fault_paths({"mon": hours(*texts)}) == overlapping


def test_an_overlap_names_both_intervals() -> None:
    with pytest.raises(InputError, match=r"mon\[1\]: found 23:00-23:30, which overlaps 22:00-02:00; allowed: inter"):
        AllowedTime.read({"mon": hours("22:00-02:00", "23:00-23:30")})


def test_intervals_of_different_days_may_overlap() -> None:
    value = AllowedTime.read({"mon": hours("20:00-04:00"), "tue": hours("02:00-06:00")})

    assert week_of(None, value) == ((20 * H, 30 * H),)


@pytest.mark.parametrize("text", ["00:00-00:00", "10:00-10:00", "23:59-23:59"])
def test_an_interval_from_a_time_to_itself_means_nothing_and_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=rf"mon\[0\]: found localTimeFrom and localTimeTo both {text[:5]}; allowed: "):
        AllowedTime.read({"mon": hours(text)})


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (None, [""]),
        ([], [""]),
        ("10:00-18:00", [""]),
        (True, [""]),
        ({"monday": []}, ["monday"]),
        ({"Mon": []}, ["Mon"]),
        ({"mon": None}, ["mon"]),
        ({"mon": {}}, ["mon"]),
        ({"default": "10:00-18:00"}, ["default"]),
        ({"mon": ["10:00-18:00"]}, ["mon[0]"]),
        ({"mon": [["10:00", "18:00"]]}, ["mon[0]"]),
        ({"mon": [{}]}, ["mon[0].localTimeFrom", "mon[0].localTimeTo"]),
        ({"mon": [{"localTimeFrom": "10:00"}]}, ["mon[0].localTimeTo"]),
        ({"mon": [{"localTimeFrom": "10:00", "localTimeTo": "24:00"}]}, ["mon[0].localTimeTo"]),
        ({"mon": [{"localTimeFrom": 600, "localTimeTo": None}]}, ["mon[0].localTimeFrom", "mon[0].localTimeTo"]),
        ({"mon": [{"localTimeFrom": "10:00", "localTimeTo": "11:00", "zone": "Z"}]}, ["mon[0].zone"]),
    ],
)
def test_hours_of_another_shape_are_refused_where_they_differ(value: object, paths: list[str]) -> None:
    assert fault_paths(value) == paths


def test_every_fault_of_the_hours_is_named_at_once() -> None:
    value: dict[str, Any] = {
        "mon": [*hours("10:00-10:00", "11:00-12:00"), "x", *hours("11:30-25:00", "11:30-13:00")],
        "noday": [],
        "tue": 5,
        "default": hours("09:00-10:00"),
    }

    assert fault_paths(value) == ["mon[0]", "mon[2]", "mon[3].localTimeTo", "mon[4]", "noday", "tue"]


def test_hours_of_a_day_that_is_not_allowed_must_be_well_formed_and_are_ignored() -> None:
    value = AllowedTime.read({"mon": hours("10:00-11:00"), "tue": hours("10:00-11:00")})

    assert week_of(Weekdays.read(["mon"]), value) == ((10 * H, 11 * H),)


def test_a_day_with_an_empty_list_is_closed_whatever_the_default() -> None:
    week = week_of(None, AllowedTime.read({"default": hours("10:00-11:00"), "tue": []}))

    assert week == tuple((day * DAY + 10 * H, day * DAY + 11 * H) for day in (0, 2, 3, 4, 5, 6))


@pytest.mark.parametrize(
    ("days", "value", "week"),
    [
        (None, None, WHOLE_WEEK),
        (["mon", "tue", "sun"], None, ((0, 2 * DAY), (6 * DAY, 7 * DAY))),
        (None, {}, ()),
        (["mon"], {}, ()),
        (None, {"default": []}, ()),
        (["tue"], {"default": hours("10:00-11:00"), "tue": []}, ()),
        (["tue"], {"mon": hours("10:00-11:00")}, ()),
        (["mon"], {"default": hours("10:00-11:00"), "mon": hours("22:00-02:00")}, ((22 * H, 26 * H),)),
        (["sun"], {"default": hours("22:00-02:00")}, ((0, 2 * H), (6 * DAY + 22 * H, 7 * DAY))),
        (None, {"default": hours("00:00-12:00", "12:00-00:00")}, WHOLE_WEEK),
    ],
)
def test_a_week_is_the_allowed_days_and_their_hours(
    days: list[str] | None, value: dict[str, Any] | None, week: tuple[tuple[int, int], ...]
) -> None:
    allowed_days = None if days is None else Weekdays.read(days)
    allowed_time = None if value is None else AllowedTime.read(value)

    assert week_of(allowed_days, allowed_time) == week


@pytest.mark.parametrize(
    ("days", "value", "runs"),
    [
        (["mon"], {"default": hours("22:00-02:00")}, True),
        (["sun"], {"sun": hours("22:00-02:00")}, True),
        (["mon"], {"tue": hours("22:00-02:00")}, False),  # on a day that is not allowed nothing begins
        (["mon", "tue"], {"mon": hours("22:00-02:00")}, False),
        (["mon"], {"default": hours("22:00-00:00")}, False),  # up to midnight and no further
        (["mon"], {"default": hours("10:00-18:00")}, False),
        ([], {"default": hours("22:00-02:00")}, False),
        ([*WEEKDAYS], {"default": hours("22:00-02:00")}, False),
        (["mon"], None, False),
    ],
)
def test_hours_past_midnight_may_run_into_a_day_that_is_not_allowed(
    days: list[str], value: dict[str, Any] | None, *, runs: bool
) -> None:
    allowed = None if value is None else AllowedTime.read(value)
    assert runs_into_a_closed_day(Weekdays.read(days), allowed) is runs
