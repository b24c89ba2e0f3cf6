"""Phones as people of a country write them mean what the numbering plans say."""

import re

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
        ("FR", "01.23.45.67.00", "33123456700"),
        ("AR", "011 15 2345-6789", "5491123456789"),
        ("US", "+800 1234 5678", "80012345678"),
        ("US", "+011 44 20 7946 0018", "442079460018"),
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
KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)


@st.composite
def lists_of_a_country(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A country, and phones as people there might write them: theirs and abroad, with digits that are wrong."""
    country = draw(st.sampled_from(sorted(countries())))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    assert metadata is not None
    code = str(metadata.country_code)
    own = [phonenumbers.example_number_for_type(country, kind) for kind in KINDS]
    numbers = [phonenumbers.national_significant_number(each) for each in own if each]
    fore = [
        "",
        code,
        f"+{code}",
        f"+{code} 0",
        metadata.national_prefix or "",
        "00",
        "011",
        "+00",
        "+011",
        f"00{code}",
        f"{code}{code}",
        "15",
    ]

    def mutated(number: str) -> str:
        place = draw(st.integers(0, len(number)))
        return (
            number[:place]
            + draw(st.sampled_from(["", "0", "5", "15", "9"]))
            + number[place + draw(st.integers(0, 1)) :]
        )

    like_theirs = st.builds(
        lambda start, number: start + mutated(number), st.sampled_from(fore), st.sampled_from(numbers)
    )
    return country, draw(st.lists(SPELLED | like_theirs, min_size=1, max_size=20))


@settings(deadline=None)
@given(lists_of_a_country())
def test_phones_are_what_the_library_says_of_each(written: tuple[str, list[str]]) -> None:
    country, phones = written
    for phone, digits in zip(phones, read([*phones], country), strict=True):
        bare = re.sub(r"\A(\+?[0-9]+)\.0+\Z", r"\1", phone.strip())  # a whole float
        if bare.startswith("+") and bare[1:].isdigit() and 5 <= len(bare) - 1 <= 15:
            assert digits == bare[1:], "digits after + are the number"
            continue
        assert digits == expected(bare, country)


@pytest.mark.parametrize("country", sorted(countries()))
def test_the_library_s_examples_are_read_in_each_country(country: str) -> None:
    numbers = [phonenumbers.example_number_for_type(country, kind) for kind in KINDS]
    given_ones = [each for each in numbers if each]
    formats = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    written = [phonenumbers.format_number(each, form) for each in given_ones for form in formats]
    written += [phonenumbers.format_out_of_country_calling_number(each, "GB") for each in given_ones]
    digits = [phonenumbers.format_number(each, phonenumbers.PhoneNumberFormat.E164)[1:] for each in given_ones]
    there = 2 * len(given_ones)
    assert read([*written[:there]], country) == [each for each in digits for _ in formats]
    if country not in ("GB", "GG", "IM", "JE"):
        assert read([*written[there:]], "GB") == digits


def test_a_list_of_more_than_one_block_is_read_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.numbers.places.spelled_phones._BLOCK", 2)
    phones = ["650-555-0100", "abc", "+44 20 7946 0018", "650 555 0101", None]
    assert read([*phones], "US") == ["16505550100", None, "442079460018", "16505550101", None]
    assert read([], "US") == []


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
