"""Phones of a log: one number however it is written."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.logs.phones import one_spelling
from engine.numbers.phonebook import phone_code, phone_text


@pytest.mark.parametrize(
    "text",
    [
        "+16505550102",
        "16505550102.0",
        "1 650 555 0102",
        "+1 (650) 555-0102",
        "1.650.555.0102",
        "1\u00a0650\u00a05550102",
    ],
)
def test_signs_between_digits_do_not_make_another_phone(text: str) -> None:
    assert one_spelling(pl.Series([text])).to_list() == ["16505550102"]


def test_zeros_behind_the_last_dot_are_digits_of_a_phone() -> None:
    assert one_spelling(pl.Series(["1.650.555.0000", "650.555.0000"])).to_list() == ["16505550000", "6505550000"]


@given(st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True))
def test_a_phone_is_what_a_list_takes_it_for(text: str) -> None:
    code = phone_code(text)

    assert code is not None
    assert one_spelling(pl.Series([text])).to_list() == [phone_text(code)]


@given(st.lists(st.one_of(st.none(), st.text(alphabet="ab-/x", min_size=1, max_size=6)), min_size=1))
def test_what_is_no_phone_identifies_a_number_as_it_stands(texts: list[str | None]) -> None:
    assert one_spelling(pl.Series(texts, dtype=pl.String)).to_list() == texts
