"""Phones as people of a country write them mean what the numbering plans say."""

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.numbers.places.spelled_phones import countries, spelled_phones


def read(phones: list[str | None], country: str) -> list[str | None]:
    return spelled_phones(pl.Series("phone", phones, dtype=pl.String), country).phones.to_list()


@pytest.mark.parametrize(
    ("country", "phone", "digits"),
    [
        ("US", "+1 650-555-0100", "16505550100"),
        ("US", "(650) 555-0101", "16505550101"),
        ("US", "1.650.555.0102", "16505550102"),
        ("US", "16505550103 x12", "16505550103"),
        ("US", "650 555 0103 ext. 7", "16505550103"),
        ("US", "011 44 20 7946 0018", "442079460018"),
        ("US", "6505550104.0", "16505550104"),
        ("US", "650.555.0000", "16505550000"),
        ("DE", "0221.4567.00", "49221456700"),
        ("DE", "+49.221.4567.000", "492214567000"),
        ("US", "\u00a0650\u2011555\u20110100 ", "16505550100"),
        ("GB", "020 7946 0018", "442079460018"),
        ("GB", "+44 (0)20 7946 0018", "442079460018"),
        ("DE", "0171/1234567", "491711234567"),
        ("DE", "0049 171 1234567", "491711234567"),
        ("IT", "06 1234 5678", "390612345678"),
        ("RU", "8 (495) 123-45-67", "74951234567"),
        ("US", "+442079460018", "442079460018"),
    ],
)
def test_a_phone_is_read_as_people_there_write_it(country: str, phone: str, digits: str) -> None:
    assert read([phone], country) == [digits]


NONE = [
    "555",
    "555-0100",
    "5550100",
    "0016505550104",
    "abc",
    "'+16505550107",
    "tel:+16505550108",
    "",
    "1.65E+10",
    "650555010a",
    None,
]


@pytest.mark.parametrize("phone", NONE)
def test_what_is_no_phone_there_is_none(phone: str | None) -> None:
    assert read([phone, "6505550100"], "US") == [None, "16505550100"]


def test_extensions_that_are_dropped_are_counted() -> None:
    column = pl.Series("phone", ["6505550100 x1", "6505550101", "6505550102ext3", "abc x1"])
    assert spelled_phones(column, "US").extensions == 2


SPELLED = st.from_regex(r"\A[+0-9][0-9 ().-]{3,17}\Z") | st.from_regex(r"\A[0-9]{5,13}\Z")


@settings(deadline=None)
@given(st.sampled_from(sorted(countries())), st.lists(SPELLED, min_size=1, max_size=20))
def test_phones_are_what_the_library_says_of_each(country: str, phones: list[str]) -> None:
    for phone, digits in zip(phones, read(list(phones), country), strict=True):
        bare = phone.strip()
        if bare.startswith("+") and bare[1:].isdigit() and 5 <= len(bare) - 1 <= 15:
            assert digits == bare[1:], "digits after + are the number"
            continue
        assert digits == expected(bare, country)


def expected(phone: str, country: str) -> str | None:
    """The digits of a phone by the library alone."""
    plain = "".join(each for each in phone if each not in " ().-")
    if not 4 <= len(plain.removeprefix("+")) <= 17 or "+" in plain[1:]:
        return None
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:] if possible else None


def test_phones_that_get_the_code_with_which_they_begin_are_counted() -> None:
    phones = pl.Series(["491701234567", "491701234567", "+491701234567", "0491 701234", "0170 1234567", None])
    read = spelled_phones(phones, "DE")
    assert read.phones.to_list()[:2] == ["49491701234567"] * 2
    assert read.doubled == 2
    assert spelled_phones(pl.Series(["16505550100", "6505550100"]), "US").doubled == 0
    assert spelled_phones(pl.Series(["9198765432", "919876543210"]), "IN").doubled == 0
