"""Hours, days and times that people say in other forms are suggested only in a form that is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calling.hours import AllowedTime, ClockTime, Weekdays
from engine.calling.meant import means_nothing, meant_days, meant_hours, meant_time
from engine.calling.spoken import spoken_time

TEXTS = st.text(st.sampled_from("0123456789:.-hapm ,to"), max_size=20) | st.text(max_size=8)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9:00 AM-6:00 PM", "09:00-18:00"),
        ("9 AM \u2013 12 PM, 1 pm - 5 pm", "09:00 \u2013 12:00, 13:00 - 17:00"),
        ("10.00-12.00", "10:00-12:00"),
        ("9h-18h30", "09:00-18:30"),
        ("9 to 18", "09:00-18:00"),
        ("9am-12am", "09:00-00:00"),
        ("24h", "0-24"),
        ("24/7", "0-24"),
        ("Off", "closed"),
        ("9-5pm", None),
        ("9 - 5", "09:00-17:00"),
        ("13pm-2pm", None),
        ("9-25", None),
        ("n/a", None),
        ("-", None),
    ],
)
def test_hours_of_other_forms_are_those_that_were_meant(text: str, meant: str | None) -> None:
    assert meant_hours(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mo-Fr", ["mon", "tue", "wed", "thu", "fri"]),
        ("Tues, Thurs.", ["tue", "thu"]),
        ("mon to wed", ["mon", "tue", "wed"]),
        ("Weekdays", ["mon", "tue", "wed", "thu", "fri"]),
        ("t", None),
        ("mon-frei", None),
        ("n/a", None),
    ],
)
def test_days_of_other_forms_are_those_that_were_meant(text: str, meant: list[str] | None) -> None:
    assert meant_days(text) == meant


@given(TEXTS)
def test_what_is_suggested_is_read(text: str) -> None:
    if hours := meant_hours(text):
        AllowedTime.read(spoken_time(hours))
    if days := meant_days(text):
        assert Weekdays.read(days)
    if (time := meant_time(text)) and time != "24:00":
        ClockTime.read(time)


@pytest.mark.parametrize("text", ["-", " n/a ", "NULL", "\u2014"])
def test_a_word_for_an_empty_cell_means_nothing(text: str) -> None:
    assert means_nothing(text)
    assert meant_hours(text) is None
