"""Seconds: how long calls lasted, read from what logs write of it."""

from typing import NamedTuple

import polars as pl

from engine.calling.instants import HOUR
from engine.logs.forms import LogForm

_CLOCK = r"^(?:(?<hours>[0-9]{1,2}):)?(?<minutes>[0-9]{1,2}):(?<seconds>[0-9]{2}(?:\.[0-9]+)?)$"
_THOUSANDS = {mark: rf"^-?[0-9]{{1,3}}(?:\{mark}[0-9]{{3}})+(?:[,.][0-9]+)?$" for mark in ",."}


class WrittenSeconds(NamedTuple):
    """Seconds as a log writes them."""

    values: pl.Series
    """Null where they cannot be read."""
    ambiguous: pl.Series
    """Which of them could mean two things, for their comma or point."""


def written_seconds(text: pl.Series, form: LogForm, separator: str | None) -> WrittenSeconds:
    """The seconds of a column's cells; `separator` stands between the cells of the log."""
    plain, ambiguous = _with_points(text, form.decimal, separator)
    values = plain.cast(pl.Float64, strict=False)
    if form.milliseconds:
        values = values / 1000
    if values.null_count() > text.null_count():
        clock = text.str.extract_groups(_CLOCK).struct.unnest().cast(pl.Float64, strict=False)
        values = values.fill_null(clock["hours"].fill_null(0) * HOUR + clock["minutes"] * 60 + clock["seconds"])
    return WrittenSeconds(values.alias("seconds"), ambiguous)


def meanings_of(cell: str) -> str:
    """What an ambiguous cell may mean, as what a user may write."""
    meant = {mark: _with_decimal(pl.Series([cell]), mark).cast(pl.Float64, strict=False)[0] for mark in ".,"}
    return " and ".join(
        f"--decimal {mark} if {cell} is {value:g}" for mark, value in meant.items() if value is not None
    )


def _with_points(text: pl.Series, decimal: str | None, separator: str | None) -> tuple[pl.Series, pl.Series]:
    """The numbers with decimal points and nothing between thousands; and which of them could mean two things."""
    none = pl.Series([False]).new_from_index(0, len(text))
    if decimal is not None:
        return _with_decimal(text, decimal), none
    commas = text.str.contains(",", literal=True).fill_null(value=False)
    if not commas.any():
        return text, none
    numbers = text.str.contains(r"^-?[0-9][0-9.,]*$").fill_null(value=False)
    decimals = text.str.contains(r"^-?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})$").fill_null(value=False)
    good = decimals if separator in (";", "\t", "|") else none
    if good.any():  # where commas stand before decimals, points stand between thousands, perhaps
        commas |= text.str.contains(_THOUSANDS["."]).fill_null(value=False)
    return text.str.replace(",", ".", literal=True), commas & numbers & ~good


def _with_decimal(text: pl.Series, decimal: str) -> pl.Series:
    """The numbers with decimal points and nothing between thousands; null where marks stand elsewhere."""
    between = "," if decimal == "." else "."
    thousands = text.str.contains(_THOUSANDS[between]).fill_null(value=False)
    twice = text.str.contains(rf"\{decimal}.*\{decimal}").fill_null(value=False)
    wrong = (text.str.contains(between, literal=True).fill_null(value=False) & ~thousands) | twice
    plain = text.str.replace_all(between, "", literal=True).str.replace(decimal, ".", literal=True)
    return plain.set(wrong, None)
