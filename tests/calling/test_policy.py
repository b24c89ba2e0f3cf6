"""A call policy is what section 2 of the rules says, at three levels, and every fault in it is named."""

import json
import tracemalloc
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calling.instants import ALWAYS, NEVER
from engine.calling.policy import CallPolicy, DialerPriority, PolicyError
from engine.calling.windows import SEASONS
from engine.reading.faults import path_text
from engine.reading.typed import json_schema
from tests.calling.policies import Fields, fields, seconds_near
from tests.calling.wall_clock import DAY, EPOCH, MOMENTS, Moment, instant, open_steps, runs, wall_clock

MORNING = {"default": [{"localTimeFrom": "08:00", "localTimeTo": "12:00"}]}
EVENING = {"mon": [{"localTimeFrom": "18:00", "localTimeTo": "21:00"}]}
FULL: Fields = {
    "startDateTime": "2026-03-02T09:00:00Z",
    "finishDateTime": "2026-03-16T09:00:00Z",
    "allowedDays": ["mon", "tue"],
    "allowedTime": MORNING,
    "retryIntervalInMinutes": 120,
    "maxAttempts": 2,
    "gmtZone": "America/New_York",
    "dialerPriority": 1,
}


def faults_of(policy: Fields) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        CallPolicy.from_json(policy)
    return [str(fault) for fault in caught.value.faults]


def test_a_full_policy_says_what_it_was_given() -> None:
    policy = CallPolicy.from_json(FULL)

    assert policy.starts == instant("2026-03-02T09:00:00Z")
    assert policy.finishes == instant("2026-03-16T09:00:00Z")
    assert policy.week == ((28_800, 43_200), (DAY + 28_800, DAY + 43_200))
    assert (policy.retry_seconds, policy.attempts) == (7_200, 2)
    assert (policy.zone_name, policy.priority) == ("America/New_York", 1)


def test_an_empty_policy_has_the_defaults_of_the_rules() -> None:
    policy = CallPolicy.from_json({})

    assert (policy.starts, policy.finishes, policy.week) == (ALWAYS, NEVER, ((0, 7 * DAY),))
    assert (policy.retry_seconds, policy.attempts, policy.zone_name, policy.priority) == (3_600, 1, "Z", 5)


@pytest.mark.parametrize("name", FULL)
def test_null_means_left_out(name: str) -> None:
    assert CallPolicy.from_json({name: None}) == CallPolicy()


def test_an_empty_allowed_days_means_left_out() -> None:
    assert CallPolicy.from_json({"allowedDays": []}) == CallPolicy()


def test_an_empty_allowed_time_means_never() -> None:
    policy = CallPolicy.from_json({"allowedTime": {}})

    assert policy.week == ()
    assert policy.next_allowed(0) is None


@pytest.mark.parametrize("name", FULL)
def test_a_field_left_out_is_taken_from_the_level_above(name: str) -> None:
    number = CallPolicy.from_json({key: value for key, value in FULL.items() if key != name})
    campaign = CallPolicy.from_json({name: FULL[name]})

    assert number.under(campaign) == CallPolicy.from_json(FULL)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("startDateTime", "2026-03-03T09:00:00Z"),
        ("finishDateTime", "2026-03-15T09:00:00Z"),
        ("allowedDays", ["fri"]),
        ("allowedTime", EVENING),
        ("allowedTime", {}),
        ("retryIntervalInMinutes", 1),
        ("maxAttempts", 0),
        ("gmtZone", "Z"),
        ("dialerPriority", 5),
        ("dialerPriority", "urgent"),
    ],
)
def test_a_field_that_is_given_replaces_the_one_above_whole(name: str, own: object) -> None:
    policy = CallPolicy.from_json({name: own}).under(CallPolicy.from_json(FULL))

    assert policy == CallPolicy.from_json({**FULL, name: own})


@pytest.mark.parametrize(("name", "own"), [("allowedDays", []), *((name, None) for name in FULL)])
def test_what_means_left_out_is_taken_from_the_level_above(name: str, own: object) -> None:
    policy = CallPolicy.from_json({name: own}).under(CallPolicy.from_json(FULL))

    assert policy == CallPolicy.from_json(FULL)


def test_of_three_levels_the_lowest_that_gives_a_field_decides() -> None:
    campaign = CallPolicy.from_json({"maxAttempts": 3, "retryIntervalInMinutes": 30, "gmtZone": "-08:00"})
    number = CallPolicy.from_json({"maxAttempts": 4, "retryIntervalInMinutes": 40})
    redial = CallPolicy.from_json({"maxAttempts": 5})

    policy = redial.under(number).under(campaign)

    assert (policy.attempts, policy.retry_seconds, policy.zone_name) == (5, 2_400, "-08:00")
    assert policy == redial.under(number.under(campaign))


@pytest.mark.parametrize(("given", "calls"), [(0, 1), (1, 1), (2, 2), (50, 50)])
def test_max_attempts_counts_calls_and_is_at_least_one(given: int, calls: int) -> None:
    assert CallPolicy.from_json({"maxAttempts": given}).attempts == calls


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5])
def test_a_priority_from_1_to_5_stands_for_itself(value: int) -> None:
    assert CallPolicy.from_json({"dialerPriority": value}).priority == value
    assert DialerPriority.is_one(value)


@pytest.mark.parametrize("value", [0, 6, -1, 10**400, 6.0, 2.5, "1", "high", "", True, False, [], [1], {}, {"a": 1}])
def test_any_other_priority_counts_as_5_and_is_no_fault(value: object) -> None:
    assert CallPolicy.from_json({"dialerPriority": value}).priority == 5
    assert not DialerPriority.is_one(value)


def test_a_priority_of_null_is_left_out() -> None:
    assert DialerPriority.read(None) is None


INSTANT = "an instant with its offset, such as 2026-03-02T09:00:00Z or 2026-03-02T09:00:00-05:00"
NO_OFFSET = "; write the offset of its zone behind it, and T between date and time"
DAYS_ALLOWED = "a list of mon tue wed thu fri sat sun"
ZONES_ALLOWED = "Z, an offset such as +05:30, UTC+5 or GMT-0800 of at most 18:00, or a TZDB id such as America/New_York"
HOURS_ALLOWED = "a mapping of weekdays or default to lists of {localTimeFrom, localTimeTo}"
RETRY_ALLOWED = "an integer from 1 to 525,600"
WRONG: list[tuple[str, str, list[object]]] = [
    ("startDateTime", INSTANT, [5, 1.5, True, "", "2026-03-02T9", [], {}]),
    ("startDateTime", f"{INSTANT}{NO_OFFSET}", ["2026-03-02T09:00:00"]),
    ("finishDateTime", INSTANT, [5, 1.5, True, "tomorrow", "2026-02-30T09:00:00Z", [], {}]),
    ("allowedDays", DAYS_ALLOWED, [5, 1.5, True, "m", {}, {"mon": True}]),
    ("allowedTime", HOURS_ALLOWED, [5, 1.5, True, "10:00", [], [{}]]),
    ("retryIntervalInMinutes", RETRY_ALLOWED, [0, -1, 525_601, 10**30, 1.5, 60.5, True, "60", [], {}]),
    ("maxAttempts", "an integer from 0 to 50", [-1, 51, 1.5, 2.5, True, "2", [], {}]),
    ("gmtZone", ZONES_ALLOWED, [1.5, "", "xyz", "+1:30", [], {}]),
]


@pytest.mark.parametrize(
    ("name", "allowed", "value"), [(name, allowed, value) for name, allowed, values in WRONG for value in values]
)
def test_a_field_of_a_wrong_type_or_size_is_a_fault(name: str, allowed: str, value: object) -> None:
    assert faults_of({name: value}) == [f"{name}: found {json.dumps(value)}; allowed: {allowed}"]


def test_an_integer_of_thousands_of_digits_is_named_by_its_type() -> None:
    assert faults_of({"maxAttempts": 10**5_000}) == [
        "maxAttempts: found a value of type int; allowed: an integer from 0 to 50"
    ]


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("alowedTime", "allowedTime"),
        ("allowed_days", "allowedDays"),
        ("gmtzone", "gmtZone"),
        ("maxAttempt", "maxAttempts"),
        ("dialerPriorty", "dialerPriority"),
        ("finishDatetime", "finishDateTime"),
    ],
)
def test_an_unknown_field_comes_with_a_suggestion(name: str, suggested: str) -> None:
    assert faults_of({name: 1}) == [f"{name}: found an unknown field; allowed: {suggested}, perhaps"]


@pytest.mark.parametrize("name", ["phone", "payload", "zzz", ""])
def test_an_unknown_field_like_no_other_comes_with_the_fields_there_are(name: str) -> None:
    (fault,) = faults_of({name: 1})

    assert fault.endswith("found an unknown field; allowed: " + ", ".join(FULL))


@pytest.mark.parametrize(
    ("start", "finish"),
    [
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:00Z", "2026-03-02T08:59:59Z"),
        ("2026-03-02T09:00:00-05:00", "2026-03-02T13:00:00Z"),
        ("2026-03-02T08:59:59.1Z", "2026-03-02T09:00:00Z"),
    ],
)
def test_a_start_that_is_not_before_the_finish_is_a_fault(start: str, finish: str) -> None:
    (fault,) = faults_of({"startDateTime": start, "finishDateTime": finish})

    assert fault.startswith("finishDateTime: found 2026-03-02T")
    assert "; allowed: an instant after startDateTime, 2026-03-02T" in fault


def test_a_start_a_second_before_the_finish_is_fine() -> None:
    policy = CallPolicy.from_json({"startDateTime": "2026-03-02T09:00:00Z", "finishDateTime": "2026-03-02T09:00:01Z"})

    assert policy.finishes - policy.starts == 1


def test_all_faults_are_named_at_once_each_with_its_path() -> None:
    with pytest.raises(PolicyError) as caught:
        CallPolicy.from_json(
            {
                "startDateTime": "2026-03-02",
                "finishDateTime": "2026-03-02T09:00:00Z",
                "allowedDays": ["mon", "tues"],
                "allowedTime": {
                    "mon": [
                        {"localTimeFrom": "10:00", "localTimeTo": "10:00"},
                        {"localTimeFrom": "1:00", "localTimeTo": "25:00"},
                    ],
                    "dflt": [],
                },
                "retryIntervalInMinutes": 0,
                "maxAttempts": 51,
                "gmtZone": "+1:30",
                "dialerPriority": "any",
                "phone": "1",
            }
        )

    assert sorted(path_text(fault.path) for fault in caught.value.faults) == [
        "allowedDays[1]",
        "allowedTime.dflt",
        "allowedTime.mon[0]",
        "allowedTime.mon[1].localTimeFrom",
        "allowedTime.mon[1].localTimeTo",
        "gmtZone",
        "maxAttempts",
        "phone",
        "retryIntervalInMinutes",
        "startDateTime",
    ]


def test_dates_in_the_wrong_order_are_named_beside_other_faults() -> None:
    faults = faults_of(
        {"maxAttempts": 99, "startDateTime": "2026-03-02T09:00:00Z", "finishDateTime": "2026-03-01T09:00:00Z"}
    )

    assert [fault.split(":")[0] for fault in faults] == ["maxAttempts", "finishDateTime"]


@pytest.mark.parametrize("value", [None, [], "policy", 5, [FULL]])
def test_what_is_no_object_is_no_policy(value: object) -> None:
    with pytest.raises(PolicyError, match="allowed: a mapping of startDateTime, finishDateTime, allowedDays"):
        CallPolicy.from_json(cast(Fields, value))


def test_a_policy_error_is_a_value_error() -> None:
    assert issubclass(PolicyError, ValueError)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"allowedDays": ["mon", "fri"]}, {"allowedDays": ["fri", "mon", "fri"]}),
        ({"gmtZone": "UTC+1"}, {"gmtZone": "+01:00"}),
        ({"gmtZone": "GMT"}, {"gmtZone": "-00:00"}),
        ({"startDateTime": "2026-03-02T09:00:00Z"}, {"startDateTime": "2026-03-02T04:00:00-05:00"}),
        ({"startDateTime": "2026-03-02T09:00:00Z"}, {"startDateTime": "2026-03-02T08:59:59.2Z"}),
        ({"dialerPriority": "high"}, {"dialerPriority": 5}),
        ({"maxAttempts": None, "allowedDays": []}, {}),
        (
            {"allowedTime": {**EVENING, **MORNING}},
            {"allowedTime": {**MORNING, **EVENING}},
        ),
        (
            {"allowedTime": {"mon": MORNING["default"] + EVENING["mon"]}},
            {"allowedTime": {"mon": EVENING["mon"] + MORNING["default"]}},
        ),
    ],
)
def test_policies_that_mean_the_same_are_equal(one: Fields, other: Fields) -> None:
    policies = [CallPolicy.from_json(one), CallPolicy.from_json(other)]

    assert policies[0] == policies[1]
    assert hash(policies[0]) == hash(policies[1])


@pytest.mark.parametrize("name", FULL)
def test_policies_that_differ_in_a_field_are_not_equal(name: str) -> None:
    assert CallPolicy.from_json(FULL) != CallPolicy.from_json({**FULL, name: None})


@st.composite
def dated_policies(draw: st.DrawFn) -> tuple[Moment, Fields]:
    """A moment and a policy in its zone that may have a start and a finish near it."""
    moment = draw(st.sampled_from(MOMENTS))
    policy = {**draw(fields(moment)), "gmtZone": moment.gmt_zone}
    start, finish = sorted(draw(st.tuples(*[seconds_near(moment, DAY)] * 2)))
    dates = {"startDateTime": start, "finishDateTime": finish + 1}
    chosen = draw(st.sets(st.sampled_from(sorted(dates))))
    return moment, {**policy, **{name: (EPOCH + timedelta(seconds=dates[name])).isoformat() for name in chosen}}


def open_seconds(moment: Moment, policy: Fields) -> list[tuple[int, int]]:
    """The runs of open seconds in the two days on either side of the moment, the policy's own dates heeded."""
    clock = wall_clock(moment, 2 * DAY)
    is_open = open_steps(policy, clock)
    if "startDateTime" in policy:
        is_open[: max(instant(policy["startDateTime"]) - clock.first, 0)] = False
    if "finishDateTime" in policy:
        is_open[max(instant(policy["finishDateTime"]) - clock.first, 0) :] = False
    return runs(is_open, clock)


@settings(max_examples=150, deadline=None)
@given(case=dated_policies(), data=st.data())
def test_a_policy_is_open_at_its_hours_between_its_dates(case: tuple[Moment, Fields], data: st.DataObject) -> None:
    moment, policy = case
    start, finish = sorted(data.draw(st.tuples(*[seconds_near(moment, 2 * DAY)] * 2), "horizon"))
    cut = [(max(since, start), min(until, finish)) for since, until in open_seconds(moment, policy)]

    windows = CallPolicy.from_json(policy).open_windows(start, finish)

    assert windows == [(since, until) for since, until in cut if since < until]


@settings(max_examples=50, deadline=None)
@given(case=dated_policies(), data=st.data())
def test_windows_in_turn_are_the_open_windows_also_where_the_years_meet(
    case: tuple[Moment, Fields], data: st.DataObject
) -> None:
    moment, policy = case
    start = data.draw(seconds_near(moment, 2 * DAY), "start") - data.draw(st.integers(0, 2), "seams") * SEASONS
    finish = start + data.draw(st.integers(0, 3 * SEASONS), "length")
    read = CallPolicy.from_json(policy)

    assert list(read.windows_in_turn(start, finish)) == read.open_windows(start, finish)


def test_more_windows_than_a_list_should_hold_are_refused_before_they_are_found() -> None:
    policy = CallPolicy.from_json({"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}})
    start, finish = instant("2026-03-02T00:00:00Z"), instant("9999-01-01T00:00:00Z")

    with pytest.raises(
        ValueError, match=r"about 2,912,\d{3} windows; at most 1,000,000; windows_in_turn gives any number"
    ):
        policy.open_windows(start, finish)

    assert next(policy.windows_in_turn(start, finish)) == (start + 10 * 3_600, start + 11 * 3_600)


def test_windows_in_turn_take_little_memory_however_many_there_are() -> None:
    start, years = instant("2026-03-02T00:00:00Z"), 100
    policy = CallPolicy.from_json({"allowedTime": MORNING, "gmtZone": "America/New_York"})
    tracemalloc.start()
    try:
        count = sum(1 for _ in policy.windows_in_turn(start, start + years * 365 * DAY))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 365 * years
    assert peak < 2_000_000


@settings(max_examples=150, deadline=None)
@given(case=dated_policies(), data=st.data())
def test_a_policy_is_next_allowed_at_the_first_of_its_open_seconds(
    case: tuple[Moment, Fields], data: st.DataObject
) -> None:
    moment, policy = case
    horizon = moment.instant + 2 * DAY
    since = data.draw(seconds_near(moment, 2 * DAY), "since")
    expected = [max(start, since) for start, end in open_seconds(moment, policy) if end > since]

    second = CallPolicy.from_json(policy).next_allowed(since)

    assert (second if second is not None and second < horizon else None) == next(iter(expected), None)


def test_a_policy_is_never_allowed_at_or_after_its_finish() -> None:
    policy = CallPolicy.from_json({"finishDateTime": "2026-03-02T09:00:00Z", "gmtZone": "Asia/Tokyo"})
    finish = instant("2026-03-02T09:00:00Z")

    assert policy.next_allowed(finish - 1) == finish - 1
    assert policy.next_allowed(finish) is None


def test_a_policy_whose_hours_come_only_after_its_finish_is_never_allowed() -> None:
    policy = CallPolicy.from_json({"finishDateTime": "2026-03-02T08:00:00Z", "allowedTime": MORNING})

    assert policy.next_allowed(instant("2026-03-01T12:00Z")) is None


def test_a_policy_is_allowed_from_its_start_however_early_one_asks() -> None:
    policy = CallPolicy.from_json({"startDateTime": "2026-03-02T09:30:00Z", "allowedTime": MORNING})

    assert policy.next_allowed(ALWAYS) == instant("2026-03-02T09:30Z")


def test_a_policy_is_not_open_on_closed_dates_of_its_campaign() -> None:
    policy = CallPolicy.from_json({"gmtZone": "America/New_York", "allowedTime": MORNING})
    start, finish = instant("2026-12-24T00:00-05:00"), instant("2026-12-27T00:00-05:00")
    closed = ["2026-12-24", {"holidays": "US"}]

    windows = policy.open_windows(start, finish, closed)

    assert windows == policy.open_windows(start + 2 * DAY, finish)
    assert windows == list(policy.windows_in_turn(start, finish, closed))
    assert policy.next_allowed(start, closed) == windows[0][0]
    assert policy.next_allowed(start, [{"holidays": "US"}]) == policy.next_allowed(start)


def test_closed_dates_that_are_none_are_faults_of_a_policy() -> None:
    with pytest.raises(PolicyError, match=r'closedDates\[0\]\.holidays: found "UK"; allowed: GB, perhaps'):
        CallPolicy().open_windows(0, 60, [{"holidays": "UK"}])
    with pytest.raises(PolicyError, match=r"closedDates: found .* a list of dates"):
        CallPolicy().next_allowed(0, "2026-12-25")


def test_windows_of_a_policy_are_plain_integers() -> None:
    ((start, end),) = CallPolicy().open_windows(0, 60)

    assert (type(start), type(end)) == (int, int)


def test_the_schema_of_a_policy_names_the_fields_of_the_api() -> None:
    schema = json.loads(json.dumps(json_schema(CallPolicy)))

    (definition,) = schema["$defs"].values()
    assert list(definition["properties"]) == list(FULL)
    assert definition["additionalProperties"] is False


@pytest.mark.parametrize(
    ("field", "value"), [("maxAttempts", 3), ("retryIntervalInMinutes", 120), ("dialerPriority", 2)]
)
def test_a_whole_float_is_an_integer(field: str, value: int) -> None:
    assert CallPolicy.from_json({field: float(value)}) == CallPolicy.from_json({field: value})


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("9:00", "write 09:00"),
        ("9", "write 09:00"),
        ("09.30", "write 09:30"),
        ("09:00:00", "write 09:00"),
        ("24:00", "write 00:00 for midnight, at which a day ends, too"),
        ("9am", "write 09:00"),
        ("12 PM", "write 12:00"),
        ("12:30 a.m.", "write 00:30"),
        ("9h30", "write 09:30"),
        ("noon", "write 12:00"),
        ("25:00", ""),
        ("13 PM", ""),
        ("9:75", ""),
        ("9" * 1000, ""),
    ],
)
def test_a_time_that_people_write_otherwise_is_refused_with_the_time_to_write(text: str, remedy: str) -> None:
    with pytest.raises(PolicyError) as error:
        CallPolicy.from_json({"allowedTime": {"mon": [{"localTimeFrom": "08:00", "localTimeTo": text}]}})
    allowed = error.value.faults[0].allowed
    assert allowed == "a time HH:mm from 00:00 to 23:59" + (f"; {remedy}" if remedy else "")


HOURS = '{"localTimeFrom": "09:00", "localTimeTo": "18:00"}'


@pytest.mark.parametrize(
    ("fields", "where", "remedy"),
    [
        ({"allowedDays": "mon-fri"}, "allowedDays", 'write ["mon", "tue", "wed", "thu", "fri"]'),
        ({"allowedDays": ["Mon"]}, "allowedDays[0]", "write mon"),
        ({"allowedDays": ["sat", "mon-wed"]}, "allowedDays[1]", "write mon, tue, wed"),
        ({"allowedTime": "9-18"}, "allowedTime", f'write {{"default": [{HOURS}]}}'),
        ({"allowedTime": "9am to 6pm"}, "allowedTime", f'write {{"default": [{HOURS}]}}'),
        ({"allowedTime": "n/a"}, "allowedTime", "leave it out to say nothing"),
        ({"allowedTime": {"mon": "9-18"}}, "allowedTime.mon", f"write [{HOURS}]"),
        ({"allowedTime": {"mon": "closed"}}, "allowedTime.mon", "write []"),
        ({"allowedTime": {"mon": ["9-18"]}}, "allowedTime.mon[0]", f"write {HOURS}"),
        ({"allowedTime": {"Monday": []}}, "allowedTime.Monday", "write mon"),
        ({"allowedTime": {"mon-wed": []}}, "allowedTime.mon-wed", "write mon, tue, wed"),
    ],
)
def test_short_forms_are_refused_with_the_full_form_to_write(fields: dict[str, Any], where: str, remedy: str) -> None:
    [told] = faults_of(fields)
    assert told.startswith(f"{where}: ")
    assert told.endswith(f"; {remedy}")


@pytest.mark.parametrize("hours", ["9-25", "9-9", "9", "nine to five", "9-18," * 100])
def test_hours_that_mean_none_are_refused_without_a_guess(hours: str) -> None:
    assert faults_of({"allowedTime": hours})[0].endswith(HOURS_ALLOWED)


def test_of_thousands_of_faults_of_one_value_the_first_are_named_and_the_others_counted() -> None:
    fields: dict[str, Any] = {f"x{place}": 1 for place in range(10_000)}
    fields |= {"allowedDays": ["x"] * 10_000, "allowedTime": {"mon": [0] * 10_000}}
    with pytest.raises(PolicyError) as error:
        CallPolicy.from_json(fields)
    assert len(error.value.faults) == 103
    told = {fault.found for fault in error.value.faults}
    assert told == {"an unknown field", "9,900 more unknown fields", "10,000 values"}
