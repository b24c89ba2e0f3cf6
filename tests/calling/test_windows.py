"""Open windows are the open seconds of section 3 of the rules."""

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, NEVER
from engine.calling.policy import CallPolicy
from engine.calling.windows import (
    WHOLE_WEEK,
    Week,
    Windows,
    intersection,
    joined,
    last_close,
    next_open,
    open_dates,
    open_windows,
    whole_windows,
)
from engine.calling.zones import ZoneName, named_zone, offset_spans, parse_zone
from tests.calling.policies import WHOLE_DAY, days_near, fields, seconds_near
from tests.calling.wall_clock import DAY, MOMENTS, WEEK, Moment, WallClock, instant, open_steps, runs, wall_clock

LONG_MOMENTS = tuple(moment for moment in MOMENTS if moment.grain >= 15)
"""Those whose clock shows whole quarters of a minute, so that four weeks on either side need few steps."""
FAR = 4 * WEEK

at_each_moment = pytest.mark.parametrize("moment", MOMENTS, ids=str)
at_each_long_moment = pytest.mark.parametrize("moment", LONG_MOMENTS, ids=str)


def week_of(policy: dict[str, Any]) -> Week:
    return CallPolicy.from_json(policy).week


def pairs(windows: Windows) -> list[tuple[int, int]]:
    return list(zip(windows.starts.tolist(), windows.ends.tolist(), strict=True))


def windows_of(policy: dict[str, Any], zone: str, start: str, finish: str) -> list[tuple[int, int]]:
    return pairs(open_windows(week_of(policy), parse_zone(zone), instant(start), instant(finish)))


def spans(*texts: tuple[str, str]) -> list[tuple[int, int]]:
    return [(instant(start), instant(end)) for start, end in texts]


def hours(*texts: str) -> list[dict[str, str]]:
    return [dict(zip(("localTimeFrom", "localTimeTo"), text.split("-"), strict=True)) for text in texts]


@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment.fixed is None], ids=str)
def test_every_moment_of_these_tests_is_one_at_which_a_clock_jumps(moment: Moment) -> None:
    before, after = moment.sides

    assert before.utcoffset() != after.utcoffset()


@at_each_moment
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_windows_are_the_runs_of_open_seconds_whatever_the_clock_does(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment), "policy")
    start, finish = sorted(data.draw(st.tuples(*[seconds_near(moment, 2 * DAY)] * 2), "horizon"))
    clock = wall_clock(moment, 2 * DAY).cut(start, finish)

    windows = open_windows(week_of(policy), parse_zone(moment.gmt_zone), start, finish)

    assert pairs(windows) == runs(open_steps(policy, clock), clock)


@at_each_long_moment
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_windows_of_many_weeks_are_the_runs_of_open_seconds(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment), "policy")
    clock = wall_clock(moment, FAR, moment.grain)

    windows = open_windows(week_of(policy), parse_zone(moment.gmt_zone), moment.instant - FAR, moment.instant + FAR)

    assert pairs(windows) == runs(open_steps(policy, clock), clock)


@at_each_long_moment
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_whole_windows_are_those_that_meet_the_horizon_uncut(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment), "policy")
    start, last = sorted(data.draw(st.tuples(*[seconds_near(moment, WEEK)] * 2), "first and last second"))
    clock = wall_clock(moment, FAR, moment.grain)
    is_open = open_steps(policy, clock)
    expected = [(since, until) for since, until in runs(is_open, clock) if since <= last and until > start]

    windows = whole_windows(week_of(policy), parse_zone(moment.gmt_zone), start, last + 1)

    assert pairs(windows) == ([(ALWAYS, NEVER)] if is_open.all() else expected)


@pytest.mark.parametrize(
    ("start", "finish", "met"),
    [
        ("2021-03-08T18:00:00Z", "2021-03-09T10:00:00Z", []),
        ("2021-03-08T17:59:59Z", "2021-03-09T10:00:00Z", [8]),
        ("2021-03-08T18:00:00Z", "2021-03-09T10:00:01Z", [9]),
        ("2021-03-08T17:59:59Z", "2021-03-09T10:00:01Z", [8, 9]),
        ("2021-03-08T12:00:00Z", "2021-03-08T12:00:01Z", [8]),
    ],
)
def test_a_window_is_whole_as_soon_as_one_of_its_seconds_is_in_the_horizon(
    start: str, finish: str, met: list[int]
) -> None:
    office = week_of({"allowedTime": {"default": hours("10:00-18:00")}})

    windows = whole_windows(office, parse_zone("Z"), instant(start), instant(finish))

    assert pairs(windows) == spans(*((f"2021-03-0{day}T10:00Z", f"2021-03-0{day}T18:00Z") for day in met))


@at_each_long_moment
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_next_open_second_is_the_first_that_allows_a_call(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment), "policy")
    since = data.draw(seconds_near(moment, WEEK), "since")
    clock = wall_clock(moment, FAR, moment.grain)
    expected = [max(start, since) for start, end in runs(open_steps(policy, clock), clock) if end > since]

    second = next_open(week_of(policy), parse_zone(moment.gmt_zone), since)

    assert second == next(iter(expected), None)


@at_each_long_moment
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_last_close_follows_the_last_open_second_before_the_finish(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment), "policy")
    finish = data.draw(seconds_near(moment, WEEK), "finish")
    clock = wall_clock(moment, FAR, moment.grain)
    expected = [min(end, finish) for start, end in runs(open_steps(policy, clock), clock) if start < finish]

    close = last_close(week_of(policy), parse_zone(moment.gmt_zone), finish)

    assert close == (expected[-1] if expected else ALWAYS)


def test_a_window_that_spring_skips_never_opens() -> None:
    night = {"allowedTime": {"default": hours("02:00-03:00")}}

    windows = windows_of(night, "America/New_York", "2021-03-13T12:00-05:00", "2021-03-15T12:00-04:00")

    assert windows == spans(("2021-03-15T02:00-04:00", "2021-03-15T03:00-04:00"))


def test_a_window_that_autumn_repeats_opens_twice() -> None:
    night = {"allowedTime": {"default": hours("01:15-01:45")}}

    windows = windows_of(night, "America/New_York", "2021-11-07T00:00-04:00", "2021-11-08T00:00-05:00")

    assert windows == spans(
        ("2021-11-07T01:15-04:00", "2021-11-07T01:45-04:00"), ("2021-11-07T01:15-05:00", "2021-11-07T01:45-05:00")
    )


def test_a_window_that_autumn_makes_longer_is_still_one() -> None:
    night = {"allowedTime": {"default": hours("01:00-02:00")}}

    windows = windows_of(night, "America/New_York", "2021-11-07T00:00-04:00", "2021-11-08T00:00-05:00")

    assert windows == spans(("2021-11-07T01:00-04:00", "2021-11-07T02:00-05:00"))


def test_whole_days_in_a_row_are_one_window() -> None:
    workdays = {"allowedDays": ["mon", "tue", "wed", "thu", "fri"]}

    windows = windows_of(workdays, "America/New_York", "2021-03-06T00:00-05:00", "2021-03-21T00:00-04:00")

    assert windows == spans(
        ("2021-03-08T00:00-05:00", "2021-03-13T00:00-05:00"), ("2021-03-15T00:00-04:00", "2021-03-20T00:00-04:00")
    )


def test_a_window_goes_on_from_sunday_to_monday() -> None:
    weekend = {"allowedDays": ["sun", "mon"]}

    windows = windows_of(weekend, "Z", "2021-03-10T00:00Z", "2021-03-17T00:00Z")

    assert windows == spans(("2021-03-14T00:00Z", "2021-03-16T00:00Z"))


def test_a_window_lasts_two_weeks_where_its_closed_day_was_skipped() -> None:
    but_friday = {"allowedDays": ["sat", "sun", "mon", "tue", "wed", "thu"]}
    noon = instant("2011-12-28T12:00-10:00")

    windows = whole_windows(week_of(but_friday), parse_zone("Pacific/Apia"), noon, noon + 1)

    assert pairs(windows) == spans(("2011-12-24T00:00-10:00", "2012-01-06T00:00+14:00"))


def test_an_overnight_window_reaches_into_a_day_that_is_not_allowed() -> None:
    friday_night = {"allowedDays": ["fri"], "allowedTime": {"fri": hours("22:00-02:00"), "sat": hours("08:00-09:00")}}

    windows = windows_of(friday_night, "Z", "2021-03-08T00:00Z", "2021-03-15T00:00Z")

    assert windows == spans(("2021-03-12T22:00Z", "2021-03-13T02:00Z"))


def test_an_overnight_window_of_a_day_that_was_skipped_still_opens_the_morning_after() -> None:
    friday_night = {"allowedDays": ["fri"], "allowedTime": {"default": hours("22:00-02:00")}}

    windows = windows_of(friday_night, "Pacific/Apia", "2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00")

    assert windows == spans(("2011-12-31T00:00+14:00", "2011-12-31T02:00+14:00"))


def test_windows_are_cut_to_the_horizon() -> None:
    day = {"allowedTime": {"default": hours("10:00-18:00")}}

    windows = windows_of(day, "Z", "2021-03-08T12:00Z", "2021-03-09T11:00:01Z")

    assert windows == spans(("2021-03-08T12:00Z", "2021-03-08T18:00Z"), ("2021-03-09T10:00Z", "2021-03-09T11:00:01Z"))


def test_windows_of_forty_years_are_in_order_and_never_touch() -> None:
    fields_ = {"allowedTime": {"default": hours("00:30-02:15", "22:00-00:30"), "sun": WHOLE_DAY}}
    zone = parse_zone("America/Havana")

    starts, ends = open_windows(week_of(fields_), zone, instant("1990-01-01T00:00Z"), instant("2030-01-01T00:00Z"))

    assert (starts < ends).all()
    assert (ends[:-1] < starts[1:]).all()


@pytest.mark.parametrize("length", [0, -1, -WEEK])
def test_a_horizon_without_a_second_has_no_window(length: int) -> None:
    windows = open_windows(WHOLE_WEEK, parse_zone("Z"), 0, length)

    assert pairs(windows) == []


@pytest.mark.parametrize("policy", [{}, {"allowedTime": {"default": WHOLE_DAY}}, {"allowedTime": {"default": []}}])
@pytest.mark.parametrize("zone", ["Z", "America/New_York"])
def test_the_limits_of_the_calendar_are_no_limits_of_a_policy(policy: dict[str, Any], zone: str) -> None:
    limitless = bool(week_of(policy))

    windows = open_windows(week_of(policy), parse_zone(zone), ALWAYS, NEVER)

    assert pairs(windows) == ([(ALWAYS, NEVER)] if limitless else [])


def test_a_policy_without_limits_is_one_window_without_ends() -> None:
    windows = whole_windows(WHOLE_WEEK, parse_zone("America/New_York"), 0, 1)

    assert pairs(windows) == [(ALWAYS, NEVER)]


def test_the_last_close_of_a_finish_that_never_comes_never_comes() -> None:
    mondays = week_of({"allowedDays": ["mon"]})

    assert last_close(mondays, parse_zone("America/New_York"), NEVER) == NEVER


@pytest.mark.parametrize("week", [WHOLE_WEEK, week_of({"allowedDays": ["mon"]})])
def test_after_the_calendars_end_nothing_opens(week: Week) -> None:
    assert next_open(week, parse_zone("Z"), instant("9999-12-29T00:00Z")) is None


# Closed dates


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@at_each_moment
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_second_of_a_closed_date_is_open_whatever_the_clock_does(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment) | st.just({}), "policy")
    closed = data.draw(days_near(moment, 2), "closed")
    start, finish = sorted(data.draw(st.tuples(*[seconds_near(moment, 2 * DAY)] * 2), "horizon"))
    clock = wall_clock(moment, 2 * DAY).cut(start, finish)

    windows = open_windows(week_of(policy), parse_zone(moment.gmt_zone), start, finish, closed)

    assert pairs(windows) == runs(open_steps(policy, clock, closed), clock)


@at_each_long_moment
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_what_follows_from_windows_follows_from_those_of_open_dates(moment: Moment, data: st.DataObject) -> None:
    policy = data.draw(fields(moment) | st.just({}), "policy")
    closed = data.draw(days_near(moment, 12), "closed")
    at = data.draw(seconds_near(moment, WEEK), "at")
    week, zone = week_of(policy), parse_zone(moment.gmt_zone)
    clock = wall_clock(moment, FAR, moment.grain)
    found = runs(open_steps(policy, clock, closed), clock)
    first, last = clock.first, clock.first + clock.grain * len(clock.day)
    whole = [(start, end) for start, end in found if start < at + DAY and end > at]
    if week == WHOLE_WEEK:  # then there is no end but closed dates
        whole = [(ALWAYS if start == first else start, NEVER if end == last else end) for start, end in whole]

    assert pairs(whole_windows(week, zone, at, at + DAY, closed)) == whole
    assert next_open(week, zone, at, closed) == next((max(start, at) for start, end in found if end > at), None)
    assert last_close(week, zone, at, closed=closed) == max(
        (min(end, at) for start, end in found if start < at), default=ALWAYS
    )


def test_hours_that_began_the_evening_before_end_where_a_closed_date_begins() -> None:
    night = week_of({"allowedTime": {"default": hours("22:00-06:00")}})
    closed = (day("2026-12-25"),)

    windows = open_windows(night, parse_zone("Z"), instant("2026-12-24T12:00Z"), instant("2026-12-26T12:00Z"), closed)

    assert pairs(windows) == spans(
        ("2026-12-24T22:00Z", "2026-12-25T00:00Z"),
        ("2026-12-26T00:00Z", "2026-12-26T06:00Z"),  # of Friday's hours, which are on Saturday by then
    )


def test_a_week_without_end_ends_where_a_closed_date_begins() -> None:
    closed, noon = (day("2026-12-25"),), instant("2026-03-02T12:00Z")
    christmas = instant("2026-12-25T00:00-05:00")

    windows = whole_windows(WHOLE_WEEK, parse_zone("America/New_York"), noon, noon + 1, closed)

    assert pairs(windows) == [(ALWAYS, christmas)]
    assert last_close(WHOLE_WEEK, parse_zone("America/New_York"), christmas + DAY, closed=closed) == christmas
    assert last_close(WHOLE_WEEK, parse_zone("America/New_York"), NEVER, closed=closed) == NEVER


@pytest.mark.parametrize("names", [("Z",), ("America/New_York", "America/Denver")])
def test_a_campaign_that_is_closed_for_months_has_a_next_window_and_a_last(names: tuple[str, ...]) -> None:
    mornings = week_of({"allowedDays": ["mon"], "allowedTime": {"default": hours("12:00-16:00")}})
    closed = tuple(range(day("2025-06-03"), day("2026-06-01")))  # from a Tuesday to a Sunday
    zones, asked = named_zone(ZoneName.joint(names)), instant("2026-03-02T12:00Z")

    opens, close = next_open(mornings, zones, asked, closed), last_close(mornings, zones, asked, closed=closed)

    first = "2026-06-01T12:00Z" if len(names) == 1 else "2026-06-01T18:00Z"  # noon in Denver
    last = "2025-06-02T16:00Z" if len(names) == 1 else "2025-06-02T20:00Z"  # four in New York
    assert (opens, close) == (instant(first), instant(last))
    assert not pairs(whole_windows(mornings, zones, asked, asked + 20 * DAY, closed))


def test_a_date_that_a_zone_skipped_closes_nothing() -> None:
    skipped = (day("2011-12-30"),)

    assert pairs(open_dates(skipped, parse_zone("Pacific/Apia"))) == [(ALWAYS, NEVER)]


def test_a_date_to_which_the_clock_goes_back_is_closed_twice() -> None:
    """At 00:01 of 7 November 2010 clocks in St John's went back by an hour."""
    starts, ends = open_dates((day("2010-11-06"),), parse_zone("America/St_Johns"))

    assert list(zip(ends[:-1], starts[1:], strict=True)) == spans(
        ("2010-11-06T00:00-02:30", "2010-11-07T00:00-02:30"), ("2010-11-06T23:01-03:30", "2010-11-07T00:00-03:30")
    )


def test_closed_dates_of_all_times_are_found_at_once() -> None:
    """Nobody asks for the clock's changes of the centuries between them."""
    dates = open_dates((day("0001-01-01"), day("2026-03-02"), day("9999-12-31")), parse_zone("America/New_York"))

    assert (len(dates.starts), int(dates.starts[2])) == (4, instant("2026-03-03T00:00-05:00"))


@given(st.lists(st.integers(20_000, 20_200), unique=True).map(lambda days: tuple(sorted(days))))
def test_open_dates_are_maximal_runs(closed: tuple[int, ...]) -> None:
    dates = pairs(open_dates(closed, parse_zone("Europe/London")))

    assert (dates[0][0], dates[-1][1]) == (ALWAYS, NEVER)
    assert all(end < start for (_, end), (start, _) in pairwise(dates))


# Several zones


SHARED = (
    ("America/Chicago", "America/New_York"),
    ("America/Adak", "America/New_York", "Pacific/Guam"),  # from one side of the date line to the other
    ("America/Phoenix", "America/Denver"),  # an hour apart in summer only
    ("Europe/London", "America/New_York"),  # an hour less for some weeks in spring and a week in autumn
    ("Australia/Lord_Howe", "Australia/Sydney"),  # half an hour apart, or not at all
    ("Africa/Casablanca", "Europe/Madrid"),
    ("Pacific/Apia", "Pacific/Pago_Pago"),  # a day apart since 2011
)
of_several = pytest.mark.parametrize("names", SHARED, ids="&".join)


def named(*names: str) -> tuple[tzinfo, ...]:
    zones = named_zone(ZoneName.joint(names))
    assert isinstance(zones, tuple)
    return zones


@cache
def moments_of(names: tuple[str, ...]) -> tuple[Moment, ...]:
    """Instants about 2011 and 2021 at which one of the zones changes its offset."""
    spans = (
        (name, span.start)
        for name in names
        for year in (2011, 2021)
        for span in offset_spans(
            parse_zone(name), instant(f"{year}-01-02T00:00Z"), instant(f"{year + 1}-01-02T00:00Z")
        )[1:]
    )
    return tuple(Moment(name, datetime.fromtimestamp(start, UTC).isoformat()) for name, start in spans)


@of_several
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_windows_of_several_zones_are_the_runs_of_seconds_that_are_open_in_all(
    names: tuple[str, ...], data: st.DataObject
) -> None:
    moment = data.draw(st.sampled_from(moments_of(names)), "moment")
    policy = data.draw(fields(moment), "policy")
    closed = data.draw(days_near(moment, 7), "closed")
    start, finish = sorted(data.draw(st.tuples(*[st.integers(-WEEK // 60, WEEK // 60)] * 2), "minutes"))
    start, finish = moment.instant + 60 * start, moment.instant + 60 * finish
    is_open, clock = open_in_all(names, policy, moment, WEEK, closed)
    open_then = is_open[(start - clock.first) // 60 : (finish - clock.first) // 60]

    windows = open_windows(week_of(policy), named(*names), start, finish, closed)

    assert pairs(windows) == runs(open_then, clock.cut(start, finish))


def open_in_all(
    names: tuple[str, ...], policy: dict[str, Any], moment: Moment, around: int, closed: tuple[int, ...] = ()
) -> tuple[NDArray[np.bool_], WallClock]:
    clocks = [wall_clock(Moment(name, moment.at), around, 60) for name in names]
    return np.logical_and.reduce([open_steps(policy, clock, closed) for clock in clocks]), clocks[0]


@of_several
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_what_follows_from_windows_follows_from_those_of_several_zones(
    names: tuple[str, ...], data: st.DataObject
) -> None:
    moment = data.draw(st.sampled_from(moments_of(names)), "moment")
    policy = data.draw(fields(moment), "policy")
    at = moment.instant + 60 * data.draw(st.integers(-DAY // 60, DAY // 60), "minute")
    closed = data.draw(days_near(moment, 12), "closed")
    week, zones = week_of(policy), named(*names)
    is_open, clock = open_in_all(names, policy, moment, FAR, closed)
    found = runs(is_open, clock)
    assume(week != WHOLE_WEEK)

    assert pairs(whole_windows(week, zones, at, at + DAY, closed)) == [
        (start, end) for start, end in found if start < at + DAY and end > at
    ]
    after = [max(start, at) for start, end in found if end > at]
    before = [min(end, at) for start, end in found if start < at]
    if after:
        assert next_open(week, zones, at, closed) == after[0]
    if before:
        assert last_close(week, zones, at, closed=closed) == before[-1]


def test_hours_that_several_zones_never_share_never_open() -> None:
    office = week_of({"allowedTime": {"default": hours("10:00-12:00")}})
    zones = named("Pacific/Guam", "America/Denver", "America/New_York", "Pacific/Pago_Pago")

    assert last_close(office, zones, NEVER) == ALWAYS
    assert last_close(office, zones, instant("2026-03-02T00:00Z")) == ALWAYS
    assert next_open(office, zones, instant("2026-03-02T00:00Z")) is None
    assert not pairs(whole_windows(office, zones, instant("2026-03-02T00:00Z"), instant("2027-03-02T00:00Z")))


def test_hours_that_two_zones_share_in_winter_alone_open_again_next_winter() -> None:
    """Denver and Phoenix have the same clock in winter, and are an hour apart in summer."""
    hour = week_of({"allowedTime": {"default": hours("10:00-11:00")}})
    zones = named("America/Denver", "America/Phoenix")

    assert next_open(hour, zones, instant("2026-04-01T00:00Z")) == instant("2026-11-01T17:00Z")
    assert last_close(hour, zones, instant("2026-09-01T00:00Z")) == instant("2026-03-07T18:00Z")
    assert last_close(hour, zones, NEVER) == NEVER


def test_hours_that_two_zones_share_no_more_are_over() -> None:
    """Apia went over the date line in 2011; until then its Saturdays were those of Pago Pago."""
    saturdays = week_of({"allowedDays": ["sat"], "allowedTime": {"default": hours("10:00-18:00")}})
    played = instant("2009-01-01T00:00Z"), instant("2012-06-01T00:00Z")

    close = last_close(saturdays, named("Pacific/Apia", "Pacific/Pago_Pago"), NEVER, played)

    assert close == instant("2011-12-25T04:00Z")


def test_the_whole_week_is_open_in_several_zones_too() -> None:
    zones = named("America/Denver", "Pacific/Guam")

    assert pairs(whole_windows(WHOLE_WEEK, zones, 0, 1)) == [(ALWAYS, NEVER)]
    assert last_close(WHOLE_WEEK, zones, NEVER) == NEVER


disjoint = (
    st.lists(st.integers(0, 60), unique=True, max_size=12).map(sorted).map(lambda edges: edges[: len(edges) // 2 * 2])
)


@given(disjoint, disjoint)
def test_an_intersection_holds_the_seconds_that_both_hold(one: list[int], other: list[int]) -> None:
    def windows(edges: list[int]) -> Windows:
        return Windows(np.array(edges[::2], np.int64), np.array(edges[1::2], np.int64))

    def seconds(windows: Windows) -> list[int]:
        return [second for start, end in pairs(windows) for second in range(start, end)]

    common = intersection(windows(one), windows(other))

    assert seconds(common) == sorted({*seconds(windows(one))} & {*seconds(windows(other))})
    assert all(end < start for (_, end), (start, _) in pairwise(pairs(common)))


@pytest.mark.parametrize(
    ("intervals", "union"),
    [
        ([], ()),
        ([(5, 9), (0, 3)], ((0, 3), (5, 9))),
        ([(0, 3), (3, 9)], ((0, 9),)),
        ([(0, 9), (2, 4), (8, 12)], ((0, 12),)),
        ([(WEEK - 5, WEEK)], ((WEEK - 5, WEEK),)),
        ([(WEEK - 5, WEEK + 7)], ((0, 7), (WEEK - 5, WEEK))),
        ([(WEEK - 5, WEEK + 7), (3, 20)], ((0, 20), (WEEK - 5, WEEK))),
        ([(day * DAY, day * DAY + DAY) for day in range(7)], WHOLE_WEEK),
    ],
)
def test_intervals_join_where_they_meet_and_wrap_at_the_weeks_end(
    intervals: list[tuple[int, int]], union: Week
) -> None:
    assert joined(intervals) == union
