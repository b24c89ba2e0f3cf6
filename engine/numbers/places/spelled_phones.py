"""Spelled phones: phones as people of a country write them, made into digits with the country's code (rules 4)."""

from typing import NamedTuple

import phonenumbers
import polars as pl

from engine.numbers.places.parsed_phones import parsed_phones

_INTERNATIONAL = r"\A\+[0-9]{5,15}\z"
_WHOLE_FLOAT = r"\A(\+?[0-9]+)\.0+\z"
_BETWEEN = r"[\s\x{00a0}().\-/\x{2010}-\x{2015}]"
_EXTENSION = r"(?i)[\s,;]*(?:x|ext\.?|extension)\s*[0-9]{1,7}\z"
_SPELLED = r"\A\+?[0-9]{4,17}\z"
_BLOCK = 1 << 19
"""Phones that are read at a time, so that memory stays small."""

MOST_JUDGED = 10_000
"""Of the phones of a block that got the country's code once more, so many different ones are judged by themselves."""


class Spelled(NamedTuple):
    """Phones of a column, made into digits with a country's code."""

    phones: pl.Series
    """The digits; null where a cell is no phone of the country."""
    extensions: int
    """How many had an extension, which was dropped."""
    doubled: int
    """How many begin with the country's code, would be phones by it alone, and got it once more for want of a `+`.

    At least so many, if there are more than MOST_JUDGED.
    """


def countries() -> frozenset[str]:
    """The countries whose phones can be read: two letters each (ISO 3166)."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def spelled_phones(column: pl.Series, country: str) -> Spelled:
    """The phones of a column of text as people of a country write them, each with its country code.

    Blanks, dashes, dots, slashes and brackets do not count, an extension is dropped, `+` or the country's prefix for
    calls abroad comes before other countries' codes, and its trunk prefix is dropped. A phone without its area code is
    none. Digits after a `+` alone are the number. O(n), 1 to 2 seconds for a million phones.

    >>> spelled_phones(pl.Series(["(650) 555-0101", "+44 20 7946 0018", "1.650.555.0102 x12"]), "US").phones.to_list()
    ['16505550101', '442079460018', '16505550102']
    """
    text = column.cast(pl.String)
    read = [_block(text[first : first + _BLOCK], country) for first in range(0, len(text), _BLOCK)]
    phones = pl.concat([pl.Series(dtype=pl.String), *(block.phones for block in read)])
    extensions, doubled = sum(block.extensions for block in read), sum(block.doubled for block in read)
    return Spelled(phones.alias(column.name), extensions, doubled)


def _block(column: pl.Series, country: str) -> Spelled:
    text = column.str.strip_chars().str.replace(_WHOLE_FLOAT, "${1}")
    bare = text.str.replace(_EXTENSION, "")
    plain = bare.str.replace_all(_BETWEEN, "")
    phones = plain.str.strip_prefix("+").set(~bare.str.contains(_INTERNATIONAL), None)
    left = plain.set(~plain.str.contains(_SPELLED) | phones.is_not_null(), None)
    phones = phones.fill_null(parsed_phones(left, country))
    return Spelled(phones, int(((bare != text) & phones.is_not_null()).sum()), _doubled(left, phones, country))


def _doubled(plain: pl.Series, phones: pl.Series, country: str) -> int:
    """How many phones got the country's code though they begin with it and are valid with a `+` before them."""
    code = str(phonenumbers.country_code_for_region(country))
    again = plain.filter((plain.str.starts_with(code) & (phones == code + plain)).fill_null(value=False))
    twice = [
        phone for phone in again.unique()[:MOST_JUDGED] if phonenumbers.is_valid_number(phonenumbers.parse(f"+{phone}"))
    ]
    return int(again.is_in(twice).sum()) if twice else 0
