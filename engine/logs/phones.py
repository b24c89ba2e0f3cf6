"""Phones: the numbers that a log's calls went to, each one however it is written."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.numbers.phonebook import phone_code, phone_text

_DIGITS = r"^[0-9]{5,15}$"
LOST_DIGITS = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+$"
"""What a spreadsheet makes of a phone that it takes for a number."""
_BETWEEN = r"[\s().\-/\x{00A0}\x{2009}\x{202F}]"
_WHOLE = r"^(\+?[0-9]{5,})\.0+$"
"""A phone that a spreadsheet made a number; in 1.650.555.0000 the zeros are digits of the phone."""


def one_spelling(text: pl.Series) -> pl.Series:
    """Phones as their digits alone, as lists have them (rules 2); any other text as it stands.

    A leading +, blanks, dashes, dots, slashes and brackets do not count, nor does the `.0` of a number.
    """
    digits = text.str.strip_prefix("+")
    others = (~digits.str.contains(_DIGITS)).fill_null(value=False)
    if not others.any():
        return digits
    spellings = text.filter(others).unique()
    plain = spellings.str.replace(_WHOLE, "$1").str.replace_all(_BETWEEN, "")
    codes = [phone_code(each) for each in plain]
    one = {
        spelling: spelling if code is None else phone_text(code)
        for spelling, code in zip(spellings, codes, strict=True)
    }
    return digits.scatter(others.arg_true(), text.filter(others).replace_strict(one, return_dtype=pl.String))


def numbered(cells: pl.DataFrame) -> NDArray[np.int64]:
    """[row]: an integer of at most the number of rows, equal where all cells of the row are."""
    if cells.width == 1:
        codes = ("1" + cells.to_series()).cast(pl.Int64, strict=False)  # a 1 keeps the zeros before the digits
        if not codes.has_nulls():  # integers are ranked in a fifth of the time
            return codes.rank("dense").cast(pl.Int64).to_numpy()
    return cells.select(pl.struct(cells.columns).rank("dense").cast(pl.Int64)).to_series().to_numpy()
