"""The hours of rule sets: as windows, as what is asked of a call, and as what they take from a number's own hours."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calling.closed_dates import ClosedDates
from engine.calling.hours import AllowedTime, week_of
from engine.calling.instants import DAY, WEEK
from engine.calling.rule_hours import (
    RuleTime,
    closed_at,
    closed_times,
    in_both,
    narrowed,
    open_at,
    rule_hours,
    rule_windows,
)
from engine.calling.schedules import Hours, KnownWeeks
from engine.calling.windows import WHOLE_WEEK, intersection, open_windows
from engine.calling.zones import local_seconds, parse_zone
from engine.reading.faults import InputError

START = 1_772_582_400
"""2026-03-04T00:00:00Z, four days before clocks in New York are put forward."""
FINISH = START + 9 * DAY
ZONES = ("America/New_York", "Z", "Australia/Lord_Howe", "Pacific/Apia")

hours_of_a_day = st.sampled_from(["closed", "9-17", "0-24", "8-12, 13-21:30", "22-6", "20-24", "0-3"])
times = st.dictionaries(
    st.sampled_from(["default", "mon-fri", "sat", "sun", "holiday", "dayBeforeHoliday"]), hours_of_a_day, max_size=5
).map(RuleTime.read)
dates = st.lists(st.integers(3, 13).map(lambda day: f"2026-03-{day:02}"), max_size=3).map(ClosedDates.read)


@given(times, dates, dates, st.sampled_from(ZONES))
def test_windows_are_the_seconds_that_are_open_and_on_no_closed_date(
    time: RuleTime, holidays: ClosedDates, closed: ClosedDates, zone: str
) -> None:
    hours = rule_hours(time, holidays, closed)
    instants = np.arange(START, FINISH, 900)
    local = local_seconds(instants, zone)

    windows = rule_windows(hours, parse_zone(zone), START, FINISH)

    place = np.searchsorted(windows.starts, instants, side="right") - 1
    within = (place >= 0) & (instants < np.append(windows.ends, 0)[place])
    assert (within == (open_at(hours, local) & ~closed_at(hours, local))).all()
    assert (windows.starts[1:] > windows.ends[:-1]).all()


@given(times, dates, dates, st.sampled_from(ZONES), hours_of_a_day)
def test_what_is_left_of_hours_is_what_they_have_in_common_with_those_of_the_set(
    time: RuleTime, holidays: ClosedDates, closed: ClosedDates, zone_name: str, own: str
) -> None:
    hours, zone = rule_hours(time, holidays, closed), parse_zone(zone_name)
    mine = RuleTime.read(own).weekdays
    away = closed_times(ClosedDates(), [hours], START // DAY, FINISH // DAY)

    week = week_of(None, narrowed(None, mine, hours.week))
    many = KnownWeeks(hours.week)
    [place] = many.places_of(Hours([None], [mine])).tolist()
    left = open_windows(week, zone, START, FINISH, away)

    common = intersection(
        open_windows(week_of(None, mine), zone, START, FINISH), rule_windows(hours, zone, START, FINISH)
    )
    assert many.schedules.week(place) == week
    assert left.starts.tolist() == common.starts.tolist()
    assert left.ends.tolist() == common.ends.tolist()


@given(times, times)
def test_what_is_in_both_weeks_is_in_each(one: RuleTime, other: RuleTime) -> None:
    first, second = (week_of(None, time.weekdays) for time in (one, other))

    def seconds(week: Any) -> set[int]:
        return {second for start, end in week for second in range(start, end, 900)}

    assert seconds(in_both(first, second)) == seconds(first) & seconds(second)
    assert in_both(first, WHOLE_WEEK) == first == in_both(WHOLE_WEEK, first)
    assert all(0 <= start < end <= WEEK for start, end in in_both(first, second))


def test_hours_of_holidays_only_take_away() -> None:
    time = RuleTime.read({"mon-fri": "9-12", "holiday": "8-20"})
    hours = rule_hours(time, ClosedDates.read(["2026-03-04"]), ClosedDates())
    wednesday = 20_516 * DAY

    asked = np.array([wednesday + hour * 3600 for hour in (8, 9, 11, 12, 19)])

    assert open_at(hours, asked).tolist() == [False, True, True, False, False]


def test_a_set_with_hours_of_holidays_alone_leaves_other_days_open() -> None:
    time = RuleTime.read({"holiday": "closed"})

    assert time.weekdays is None
    assert time.to_json() == {"holiday": []}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"holidays": "9-10"}, "holidays: found an unknown day; allowed: mon tue wed thu fri sat sun default holiday "),
        ({"holiday": "25-26"}, 'holiday[0].localTimeFrom: found "25:00"'),
        ({"dayBeforeHoliday": [{}]}, "dayBeforeHoliday[0].localTimeFrom: found nothing"),
        ("always", 'found "always"'),
    ],
)
def test_a_fault_in_the_hours_of_a_set_is_named(value: object, fault: str) -> None:
    with pytest.raises(InputError) as refused:
        RuleTime.read(value)

    assert str(refused.value).startswith(fault)


def test_hours_read_back_as_they_were_written() -> None:
    time = RuleTime.read({"mon-fri": "9-20", "sat": "10-19", "holiday": "closed", "dayBeforeHoliday": "10-19"})

    assert RuleTime.read(time.to_json()) == time
    assert isinstance(time.weekdays, AllowedTime)
