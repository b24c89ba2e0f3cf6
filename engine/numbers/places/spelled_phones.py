"""Spelled phones: phones as people of a country write them, made into digits with the country's code (rules 2).

The library `phonenumbers` reads them. Digits that begin neither with the country's own code nor with a prefix of its
numbering plan get the code without it, for the library would say the same: a list has millions of those.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
import polars as pl

_INTERNATIONAL = r"\A\+[0-9]{5,15}\z"
_BETWEEN = r"[\s\x{00a0}().\-/\x{2010}-\x{2015}]"
_EXTENSION = r"(?i)[\s,;]*(?:x|ext\.?|extension)\s*[0-9]{1,7}\z"
_SPELLED = r"\A\+?[0-9]{4,17}\z"
_WHOLE = r"\A(\+?[0-9]{5,})\.0+\z"
"""A phone that a spreadsheet made a number; in 0221.4567.00 the zeros are digits of the phone."""
_PLAIN_PREFIXES = re.compile(r"[0-9]+(?:\|[0-9]+)*")


class Spelled(NamedTuple):
    """Phones of a column, made into digits with a country's code."""

    phones: pl.Series
    """The digits; null where a cell is no phone of the country."""
    extensions: int
    """How many had an extension, which was dropped."""
    doubled: int
    """How many begin with the country's code, would be phones by it alone, and got it once more for want of a `+`."""


def countries() -> frozenset[str]:
    """The countries whose phones can be read: two letters each (ISO 3166)."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def spelled_phones(column: pl.Series, country: str) -> Spelled:
    """The phones of a column of text as people of a country write them, each with its country code.

    Blanks, dashes, dots, slashes and brackets do not count, an extension is dropped, `+` or the country's prefix for
    calls abroad comes before other countries' codes, and its trunk prefix is dropped.

    >>> spelled_phones(pl.Series(["(650) 555-0101", "+44 20 7946 0018", "1.650.555.0102 x12"]), "US").phones.to_list()
    ['16505550101', '442079460018', '16505550102']
    """
    text = column.cast(pl.String).str.strip_chars().str.replace(_WHOLE, "$1")
    bare = text.str.replace(_EXTENSION, "")
    plain = bare.str.replace_all(_BETWEEN, "")
    lengths, begins = _as_they_are(country)
    own = plain.str.contains(rf"\A[0-9]{{{min(lengths)},{max(lengths)}}}\z") & plain.str.len_bytes().is_in(lengths)
    own &= ~plain.str.slice(0, 1).is_in(begins)
    done = plain.str.strip_prefix("+").set(~bare.str.contains(_INTERNATIONAL), None)
    done = done.fill_null((str(phonenumbers.country_code_for_region(country)) + plain).set(~own, None))
    left = bare.set(~plain.str.contains(_SPELLED) | done.is_not_null(), None)
    read = {phone: _read(phone, country) for phone in left.unique().drop_nulls()}
    twice = [phone for phone, digits in read.items() if _is_doubled(phone, digits, country)]
    done = done.fill_null(left.replace_strict(read, return_dtype=pl.String, default=None))
    dropped = (bare != text) & done.is_not_null()
    return Spelled(done.alias(column.name), int(dropped.sum()), int(left.is_in(twice).sum()) if twice else 0)


@cache
def _as_they_are(country: str) -> tuple[list[int], list[str]]:
    """The lengths of a country's numbers, and the digits with which others than such a number may begin.

    All digits where the prefixes of its plan are not listed one by one.
    """
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if plan is None or plan.general_desc is None:
        raise ValueError(f"no country {country}")
    prefixes = [plan.international_prefix, plan.national_prefix_for_parsing, str(plan.country_code)]
    listed = [prefix for prefix in prefixes if prefix]
    plain = all(_PLAIN_PREFIXES.fullmatch(prefix) for prefix in listed)
    begins = {each[0] for prefix in listed for each in prefix.split("|")} if plain else set("0123456789")
    return list(plan.general_desc.possible_length), sorted(begins)


def _read(text: str, country: str) -> str | None:
    """The digits of a phone as the library reads it, with the country code; None if it is none."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:  # a number without its area code is possible there alone
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def _is_doubled(text: str, digits: str | None, country: str) -> bool:
    """Whether a phone got the country's code though it begins with it and would be a phone with a `+` before it."""
    code = str(phonenumbers.country_code_for_region(country))
    plain = re.sub(r"[^0-9]", "", text)
    if digits != code + plain or not plain.startswith(code):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+{plain}"))
