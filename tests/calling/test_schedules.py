"""Windows of many policies, found together, are those that are found for each alone."""

import json
from copy import deepcopy
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.calling.hours import AllowedTime, Weekdays
from engine.calling.instants import NEVER
from engine.calling.policy import CallPolicy
from engine.calling.rule_hours import in_both
from engine.calling.schedules import BLOCK, Hours, KnownWeeks, last_closes, many_whole_windows, schedules_of
from engine.calling.windows import WHOLE_WEEK, Week, joined, last_close, whole_windows
from engine.calling.zones import Zone, ZoneName, named_zone
from tests.calling.policies import Fields, days_near, fields, seconds_near
from tests.calling.wall_clock import MOMENTS, WEEK, Moment

SEVERAL = str(ZoneName.joint(["America/New_York", "Asia/Tokyo"]))
ZONES = ["Z", "+05:30", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York", SEVERAL]
moments = st.sampled_from(MOMENTS)


Situation = tuple[list[CallPolicy], list[str], Moment]


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Some policies with their zones, near a moment at which the clocks of one of them may jump."""
    moment = draw(moments)
    policies = draw(st.lists(fields(moment).map(CallPolicy.from_json), max_size=6))
    zones = st.sampled_from([*ZONES, moment.gmt_zone])
    return policies, [draw(zones) for _ in policies], moment


weeks: st.SearchStrategy[Week] = st.just(WHOLE_WEEK) | st.lists(
    st.tuples(st.integers(0, WEEK - 1), st.integers(1, WEEK // 2)), max_size=4
).map(lambda intervals: joined([(start, start + length) for start, length in intervals]))


def zones_once(names: list[str]) -> tuple[list[Zone], NDArray[np.int32]]:
    """The zones with these names, each once, and the index of each."""
    once = sorted(set(names))
    return [named_zone(name) for name in once], np.array([once.index(name) for name in names], np.int32)


def hours_of(policies: list[CallPolicy]) -> Hours:
    return Hours([policy.allowed_days for policy in policies], [policy.allowed_time for policy in policies])


@settings(deadline=None)
@given(situations())
def test_the_weeks_of_many_policies_are_those_of_each(situation: Situation) -> None:
    policies, _, _ = situation
    schedules = schedules_of(hours_of(policies))

    assert [schedules.week(place) for place in range(len(schedules))] == [policy.week for policy in policies]


@settings(deadline=None)
@given(situations(), st.data())
def test_the_windows_of_many_policies_are_those_of_each(situation: Situation, data: st.DataObject) -> None:
    policies, zone_names, moment = situation
    start, finish = sorted(data.draw(st.lists(seconds_near(moment, WEEK), min_size=2, max_size=2, unique=True)))
    names = sorted(set(zone_names))
    zones, of_zone = (
        [named_zone(name) for name in names],
        np.array([names.index(name) for name in zone_names], np.int32),
    )

    closed = data.draw(days_near(moment, 10), "closed")

    known = KnownWeeks()
    of_week = known.places_of(hours_of(policies))

    found = list(many_whole_windows(known.schedules, of_week, zones, of_zone, start, finish, closed))

    expected = [
        whole_windows(policy.week, named_zone(name), start, finish, closed)
        for policy, name in zip(policies, zone_names, strict=True)
    ]
    assert [count for block in found for count in block.counts.tolist()] == [len(each.starts) for each in expected]
    assert [each for block in found for each in block.starts.tolist()] == [t for each in expected for t in each.starts]
    assert [each for block in found for each in block.ends.tolist()] == [t for each in expected for t in each.ends]


@settings(deadline=None)
@given(situations(), st.data())
def test_the_last_closes_of_many_policies_are_those_of_each(situation: Situation, data: st.DataObject) -> None:
    policies, zone_names, moment = situation
    finishes = [data.draw(seconds_near(moment, 2 * WEEK) | st.just(NEVER)) for _ in policies]
    names = sorted(set(zone_names))
    zones, of_zone = (
        [named_zone(name) for name in names],
        np.array([names.index(name) for name in zone_names], np.int32),
    )
    played = moment.instant - WEEK, moment.instant + WEEK
    closed = data.draw(days_near(moment, 20), "closed")
    known = KnownWeeks()
    of_week = known.places_of(hours_of(policies))

    found = last_closes(known.schedules, of_week, zones, of_zone, np.array(finishes, np.int64), played, closed)

    assert found.tolist() == [
        last_close(policy.week, named_zone(name), finish, played, closed)
        for policy, name, finish in zip(policies, zone_names, finishes, strict=True)
    ]


@settings(deadline=None)
@given(situations(), situations(), weeks)
def test_weeks_are_known_once_and_narrowed(one: Situation, other: Situation, within: Week) -> None:
    """Also those that come later, and whatever their hours are like."""
    known = KnownWeeks(within)
    first = known.places_of(hours_of(one[0]))
    copy = known.copy()
    places = [*first.tolist(), *known.places_of(hours_of(other[0])).tolist()]

    expected = [in_both(policy.week, within) for policy in [*one[0], *other[0]]]
    assert [known.schedules.week(place) for place in places] == expected
    assert len(known.schedules) == len(set(expected))
    assert len(copy.schedules) == len(set(expected[: len(first)]))
    assert copy.places_of(hours_of(one[0])).tolist() == first.tolist()


def test_more_rows_than_one_block_holds_are_found_in_their_order() -> None:
    nine, ten = (hours(f"{hour:02}:00") for hour in (9, 10))
    count = BLOCK + 2
    monday = 1_772_409_600  # 2026-03-02T00:00:00Z
    known = KnownWeeks()
    of_week = known.places_of(Hours([Weekdays.read(["mon"])] * count, [nine] * (count - 1) + [ten]))

    found = list(
        many_whole_windows(
            known.schedules, of_week, [named_zone("Z")], np.zeros(count, np.int32), monday, monday + 52 * WEEK
        )
    )

    starts = np.concatenate([block.starts for block in found]).reshape(count, 52)
    first = [monday + 9 * 3_600] * (count - 1) + [monday + 10 * 3_600]
    assert len(found) > 1
    assert (starts == np.array(first)[:, None] + np.arange(52) * WEEK).all()


def hours(since: str) -> AllowedTime:
    return AllowedTime.read({"default": [{"localTimeFrom": since, "localTimeTo": "12:00"}]})


# Hours read from their text at once

broken: st.SearchStrategy[Any] = st.sampled_from(["9:00", "24:00", "09:00", "ab:cd", 9, None])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The text of an `allowedTime`, often with a fault."""
    written: Fields = deepcopy(draw(moments.flatmap(fields)).get("allowedTime", {}))
    for intervals in written.values():
        if intervals and draw(st.integers(0, 5)) == 0:
            intervals[0][draw(st.sampled_from(["localTimeFrom", "localTimeTo", "until"]))] = draw(broken)
    text = json.dumps(written, separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])))
    if draw(st.integers(0, 5)) == 0:
        text = text[:-1] + ("," if written else "") + '"default":[]}'
    return text


@settings(deadline=None)
@given(texts())
def test_hours_that_are_read_from_text_are_those_of_its_value(text: str) -> None:
    found = AllowedTime.read_text(text.encode())

    if found is not None:
        pairs: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=list)
        assert len({day for day, _ in pairs}) == len(pairs)
        assert found == AllowedTime.read(json.loads(text))
