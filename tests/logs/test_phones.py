"""Phones of a log: one number however it is written."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.logs.phones import numbered, one_spelling
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


PHONES = st.one_of(
    st.none(),
    st.from_regex(r"\+?[0-9]{1,17}(\.0)?", fullmatch=True),
    st.sampled_from(["16505550102", "+16505550102", "1 650 555 0102", "016505550102", "private", "-", "1e5"]),
)


@given(st.lists(PHONES, min_size=1))
def test_a_phone_is_spelled_as_it_is_by_itself(texts: list[str | None]) -> None:
    alone = [one_spelling(pl.Series([text], dtype=pl.String))[0] for text in texts]

    assert one_spelling(pl.Series(texts, dtype=pl.String)).to_list() == alone


@example(["016505550102", "16505550102"])
@given(st.lists(PHONES, min_size=1))
def test_calls_have_the_same_number_where_their_texts_are_the_same(texts: list[str | None]) -> None:
    numbers = numbered(pl.DataFrame({"phone": pl.Series(texts, dtype=pl.String)})).tolist()

    assert [[one == other for other in numbers] for one in numbers] == [
        [one == other for other in texts] for one in texts
    ]
    assert max(numbers) <= len(texts)
