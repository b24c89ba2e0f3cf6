"""The 24-hour rule beside a plain dictionary, and by example."""

import json
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Scenario
from engine.numbers.duplicates import accepted, occurrences, repeated
from engine.testing.strategies import PAYLOADS, PHONES, Fields, policies, text_of
from tests import oracle
from tests.dice import dice_of

HOUR, DAY = 3_600, 86_400
START = datetime.fromisoformat("2026-03-02T00:00:00+00:00")

moments = st.sampled_from([0, 1, DAY - 1, DAY, DAY + 1, 2 * DAY, 3 * DAY])
rows = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1), st.integers(0, 1), moments), min_size=1).map(
    lambda each: sorted(each, key=lambda row: row[3])
)


@given(rows)
def test_an_addition_is_accepted_as_a_dictionary_of_the_last_accepted_says(
    additions: list[tuple[int, int, int, int]],
) -> None:
    last: dict[tuple[int, ...], int] = {}
    expected = []
    for *number, added in additions:
        key = tuple(number)
        kept = key not in last or added - last[key] >= DAY
        expected.append(kept)
        if kept:
            last[key] = added

    phones, policies_, payloads, added_ = (np.array(column, np.int64) for column in zip(*additions, strict=True))
    assert accepted(phones, policies_.astype(np.int32), payloads, added_).tolist() == expected


@given(st.lists(st.integers(1, 6)))
def test_a_phone_is_repeated_if_it_stands_anywhere_else(phones: list[int]) -> None:
    assert repeated(np.array(phones, np.int64)).tolist() == [phones.count(phone) > 1 for phone in phones]


@given(st.lists(st.integers(1, 4)))
def test_occurrences_count_how_often_a_phone_stood_before(phones: list[int]) -> None:
    seen: Counter[int] = Counter()
    expected = []
    for phone in phones:
        expected.append(seen[phone])
        seen[phone] += 1
    assert occurrences(np.array(phones, np.int64)).tolist() == expected


@st.composite
def lists_over_days(draw: st.DrawFn) -> Fields:
    """Parts added up to four days apart whose numbers are often the same."""
    kinds = [{}, *draw(st.lists(policies(START), max_size=2))]
    numbers = st.builds(
        lambda phone, payload, kind: {"phone": phone, **payload, **kind},
        st.sampled_from(PHONES[-6:]),
        st.fixed_dictionaries({}, optional={"payload": st.sampled_from(PAYLOADS)}),
        st.sampled_from(kinds),
    )
    seconds = st.sampled_from([0, DAY - 1, DAY, DAY + 1, 2 * DAY - 1, 2 * DAY, 3 * DAY])
    part = st.builds(
        lambda body, added: {"addPhones": body, "added": text_of(START + timedelta(seconds=added))},
        st.lists(numbers, min_size=1, max_size=5),
        seconds,
    )
    return document(*draw(st.lists(part, min_size=1, max_size=5)))


def document(*parts: Fields) -> Fields:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-07T00:00:00Z",
        "campaign": {"lines": 1},
        "numbers": list(parts),
        "outcomes": {"busy": {"share": 1, "seconds": 1}},
        "segments": [{"name": "one", "payload": {"tier": 1}}, {"name": "some", "share": 0.5}],
    }


@given(lists_over_days())
def test_the_phonebook_holds_what_the_oracle_accepts(days: Fields) -> None:
    scenario = Scenario.from_document(days)
    book = scenario.phonebook
    expected = oracle.listed(days, dice_of(scenario))
    codes = [int("1" + number.phone) | number.occurrence << 51 for number in expected]
    assert book.identities.tolist() == codes
    assert book.added.tolist() == [number.added for number in expected]
    assert book.duplicates == sum(len(part["addPhones"]) for part in days["numbers"]) - len(expected)
    attempts = [book.distinct[policy].attempts for policy in book.policies.tolist()]
    assert attempts == [number.own.attempts for number in expected]


def respelt(value: Any) -> Any:
    """The same payload with its keys the other way round, and whole numbers as floats."""
    if isinstance(value, dict):
        return {key: respelt(value[key]) for key in reversed(value)}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@settings(deadline=None)
@given(lists_over_days(), st.data())
def test_the_phonebook_of_files_holds_what_the_oracle_accepts(days: Fields, data: st.DataObject) -> None:
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for place, part in enumerate(days["numbers"]):
            written = [
                {**number, "payload": respelt(number["payload"])} if "payload" in number and each % 2 else number
                for each, number in enumerate(part["addPhones"], data.draw(st.integers(0, 1)))
            ]
            name = f"{place}.{data.draw(st.sampled_from(['json', 'ndjson']))}"
            lines = "\n".join(json.dumps(number) for number in written)
            text = json.dumps(written, indent=place % 2) if name.endswith(".json") else lines
            (Path(folder) / name).write_text(text)
            parts.append({"file": name, "added": part["added"]})
        scenario = Scenario.from_document({**days, "numbers": parts}, folder)
    expected = oracle.listed(days, dice_of(scenario))
    assert scenario.phonebook.identities.tolist() == [
        int("1" + number.phone) | number.occurrence << 51 for number in expected
    ]
    assert scenario.phonebook.added.tolist() == [number.added for number in expected]


def kept(*additions: tuple[int, Fields]) -> list[int]:
    """The hours at which additions, made at these hours, are accepted; each is of the same phone unless it says."""
    parts = [
        {"addPhones": [{"phone": "16505550000", **number}], "added": text_of(START + timedelta(hours=hour))}
        for hour, number in additions
    ]
    book = Scenario.from_document(document(*parts)).phonebook
    return [(added - oracle.instant(text_of(START))) // HOUR for added in book.added.tolist()]


def test_within_a_day_an_addition_is_ignored_and_at_a_day_it_is_not() -> None:
    assert kept((0, {}), (23, {}), (24, {}), (47, {}), (48, {})) == [0, 24, 48]


def test_an_ignored_addition_does_not_renew_the_day() -> None:
    assert kept((0, {}), (13, {}), (26, {})) == [0, 26]


def clock_hours(**days: str) -> Fields:
    """An `allowedTime` of hours such as `10:00-12:00 14:00-18:00` by day."""

    def interval(text: str) -> Fields:
        start, end = text.split("-")
        return {"localTimeFrom": start, "localTimeTo": end}

    return {"allowedTime": {day: [interval(text) for text in texts.split()] for day, texts in days.items()}}


def test_additions_are_compared_in_the_order_of_time_and_not_of_the_file() -> None:
    assert kept((23, {}), (0, {})) == [0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "16505550000"}, {"phone": "+16505550000"}),
        ({"phone": "16505550000"}, {"phone": 16505550000}),
        ({}, {"payload": None}),
        ({}, {"payload": {}}),
        ({"payload": {"a": 1, "b": [2, {"c": 3}]}}, {"payload": {"b": [2.0, {"c": 3}], "a": 1.0}}),
        ({"payload": {"a": -0.0}}, {"payload": {"a": 0}}),
        ({"payload": {"a": 10**20}}, {"payload": {"a": 1e20}}),
        ({}, {"maxAttempts": None}),
        ({}, {"allowedDays": []}),
        ({"allowedDays": ["mon", "tue"]}, {"allowedDays": ["tue", "mon", "tue"]}),
        ({"gmtZone": "+05:30"}, {"gmtZone": "UTC+0530"}),
        ({"gmtZone": "Z"}, {"gmtZone": "GMT-0"}),
        ({"startDateTime": "2026-03-02T01:00:00Z"}, {"startDateTime": "2026-03-01T20:00:00-05:00"}),
        ({"startDateTime": "2026-03-02T01:00:00Z"}, {"startDateTime": "2026-03-02T00:59:59.001Z"}),
        ({"dialerPriority": 5}, {"dialerPriority": "high"}),
        ({"dialerPriority": 5}, {"dialerPriority": 7}),
        ({"maxAttempts": 0}, {"maxAttempts": 1}),
        (clock_hours(default="10:00-14:00"), clock_hours(default="10:00-12:00 12:00-14:00")),
        (clock_hours(default="10:00-11:00"), clock_hours(default="10:00-11:00", mon="10:00-11:00")),
        (clock_hours(mon="10:00-11:00"), clock_hours(mon="10:00-11:00", default="")),
        ({"maxAttempts": 2, "gmtZone": "Z"}, {"gmtZone": "Z", "maxAttempts": 2}),
        (
            {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}], "sat": []}},
            {"allowedTime": {"sat": [], "default": [{"localTimeTo": "11:00", "localTimeFrom": "10:00"}]}},
        ),
    ],
)
def test_the_same_in_another_spelling_is_a_duplicate(one: Fields, other: Fields) -> None:
    assert kept((0, one), (1, other)) == [0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"phone": "16505550001"}),
        ({"phone": "16505550000"}, {"phone": "016505550000"}),
        ({}, {"payload": {"a": None}}),
        ({"payload": {"a": 1}}, {"payload": {"a": "1"}}),
        ({"payload": {"a": 1}}, {"payload": {"a": True}}),
        ({"payload": {"a": "true"}}, {"payload": {"a": True}}),
        ({"payload": {"a": [1, 2]}}, {"payload": {"a": [2, 1]}}),
        ({"payload": {"a": {}}}, {"payload": {"a": []}}),
        ({"payload": {"a": 2**53}}, {"payload": {"a": 2**53 + 1}}),
        ({"payload": {"A": 1}}, {"payload": {"a": 1}}),
        ({}, {"maxAttempts": 1}),
        ({"maxAttempts": 2}, {"maxAttempts": 3}),
        ({"gmtZone": "America/New_York"}, {"gmtZone": "-05:00"}),
        ({}, {"dialerPriority": 5}),
        ({}, {"allowedTime": {}}),
        (clock_hours(mon="10:00-11:00"), clock_hours(tue="10:00-11:00")),
        (clock_hours(mon="22:00-02:00"), clock_hours(mon="22:00-00:00", tue="00:00-02:00")),  # by name of the day
    ],
)
def test_what_differs_is_no_duplicate(one: Fields, other: Fields) -> None:
    assert kept((0, one), (1, other)) == [0, 1]
