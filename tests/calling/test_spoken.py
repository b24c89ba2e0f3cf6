"""Hours and days as people write them are those of the API, or nothing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calling.hours import AllowedTime, Weekdays, interval_text
from engine.calling.spoken import spoken_days, spoken_hours, spoken_time
from tests.oracle import WEEKDAYS

MINUTES = st.integers(0, 24 * 60 - 1)


@given(MINUTES, MINUTES, st.sampled_from(["-", " - ", "\u2013"]), st.booleans(), st.booleans())
def test_any_hours_are_read_however_they_are_spelled(
    opens: int, closes: int, dash: str, zero: bool, brief: bool
) -> None:
    if opens == closes or (brief and opens % 60 == closes % 60 == 0 and 0 < closes < opens <= 12 * 60):
        return  # 9-5 may mean 9-17

    def spelled(minute: int) -> str:
        hours, minutes = divmod(minute, 60)
        return f"{hours:02}" if brief and not minutes else f"{hours:0{2 if zero else 1}}:{minutes:02}"

    [interval] = spoken_hours(spelled(opens) + dash + spelled(closes)) or []
    assert interval == {
        "localTimeFrom": f"{opens // 60:02}:{opens % 60:02}",
        "localTimeTo": f"{closes // 60:02}:{closes % 60:02}",
    }


@given(st.sampled_from(WEEKDAYS), st.sampled_from(WEEKDAYS))
def test_days_from_one_to_another_are_all_days_between(first: str, last: str) -> None:
    days = spoken_days(f"{first.upper()}-{last}")
    assert days is not None
    assert (days[0], days[-1]) == (first, last)
    for day, after in pairwise(days):
        assert (WEEKDAYS.index(after) - WEEKDAYS.index(day)) % 7 == 1
    assert len(Weekdays.read(days) or ()) == len(days)


def test_a_whole_day_and_none_can_be_said() -> None:
    assert [sum(end - start for start, end in day) for day in AllowedTime.read(spoken_time("0-24:00"))] == [86_400] * 7
    assert AllowedTime.read(spoken_time({"default": "closed", "sat": "10-14"}))[5] == ((36_000, 50_400),)
    [interval] = AllowedTime.read(spoken_time({"mon": "22-24:00"}))[0]
    assert interval_text(interval) == "22:00-00:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "9-",
        "-18",
        "9-18-20",
        "9 to 18",
        "25-26:00x",
        "9:00 AM-6:00 PM",
        "24-3",
        "9-5",
        "12-1",
        "n/a",
        "\uff19-18",
    ],
)
def test_what_is_no_hours_is_none(text: str) -> None:
    assert spoken_hours(text) is None


@pytest.mark.parametrize("text", ["", "mo", "mon-", "-fri", "mon-fri-sun", "weekdays", "mon,,x"])
def test_what_is_no_days_is_none(text: str) -> None:
    assert spoken_days(text) is None
