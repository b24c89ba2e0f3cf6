"""Parsed phones: a column of digits read as the library `phonenumbers` reads each phone, by its metadata.

The library takes some 30 microseconds for a phone, and a list has millions. Its steps (`parse`, then
`is_possible_number_with_reason`) are done here for whole columns, each of them by the expressions of its metadata.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import polars as pl
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    REGION_CODE_FOR_NON_GEO_ENTITY,
    PhoneMetadata,
    country_code_for_region,
)

_CODE = rf"\A({'|'.join(map(str, COUNTRY_CODE_TO_REGION_CODE))})"
"""A country code at the beginning: none of them begins another."""


def parsed_phones(column: pl.Series, country: str) -> pl.Series:
    """The digits of each phone with its country code; null where no such number is possible, or without area code.

    Phones are digits, some with a `+` before a country code. `country` is that of the people who wrote them, two
    letters (ISO 3166); ValueError if the library does not know it. O(n), some microseconds for each phone.
    """
    plan = _plan(country, country_code_for_region(country))
    rows = pl.DataFrame({"phone": column}).with_row_index("row")
    phones = rows.drop_nulls("phone").with_columns(behind_plus=pl.col("phone").str.strip_prefix("+"))
    phones = phones.with_columns(
        has_plus=pl.col("behind_plus") != pl.col("phone"),
        behind_prefix=pl.col("behind_plus").str.replace(rf"\A(?:{plan.abroad})", ""),
    )
    has_prefix = (pl.col("behind_prefix") != pl.col("behind_plus")) & ~pl.col("behind_prefix").str.starts_with("0")
    phones = phones.with_columns(
        behind=pl.when("has_plus", pl.col("behind_plus").str.contains(_CODE))
        .then("behind_plus")
        .when(has_prefix)  # also behind a plus, as in +011 44 …
        .then("behind_prefix")
        .when("has_plus")
        .then("behind_plus")
    )
    abroad = pl.col("behind").is_not_null()
    within = phones.filter(~abroad)
    within = within.select("row", parsed=_within(within["phone"], plan))
    parsed = pl.concat([within, *_from_abroad(phones.filter(abroad))])
    return rows.join(parsed, on="row", how="left", maintain_order="left")["parsed"]


class _Plan(NamedTuple):
    """What the library knows of the phones of a region."""

    code: str
    """The country code."""
    abroad: str
    """An expression for the prefixes of calls abroad."""
    trunk: str
    """An expression for the prefixes of calls within the country; empty if there are none."""
    instead: str
    """What stands in place of such a prefix whose last group is there; empty if the prefix is dropped all the same."""
    groups: int
    """How many groups the expression for prefixes has."""
    national: str
    """An expression for all national numbers."""
    lengths: tuple[int, ...]
    """How many digits a national number may have, area code included; ascending."""


@cache
def _plan(region: str, code: int) -> _Plan:
    worldwide = region == REGION_CODE_FOR_NON_GEO_ENTITY
    found = PhoneMetadata.metadata_for_nongeo_region(code) if worldwide else PhoneMetadata.metadata_for_region(region)
    if found is None or found.general_desc is None:
        raise ValueError(f"no country {region}")
    trunk = found.national_prefix_for_parsing or ""
    return _Plan(
        code=str(code),
        abroad=found.international_prefix or "[^0-9]",
        trunk=trunk,
        instead=re.sub(r"\\(\d)", r"${\1}", found.national_prefix_transform_rule or ""),
        groups=re.compile(trunk).groups,
        national=found.general_desc.national_number_pattern or "",
        lengths=tuple(found.general_desc.possible_length),
    )


def _main_plan(code: str) -> _Plan:
    """The plan by which the library judges all phones of a country code."""
    return _plan(COUNTRY_CODE_TO_REGION_CODE[int(code)][0], int(code))


def _within(phone: pl.Series, plan: _Plan) -> pl.Series:
    """The phones of calls within the country: they may have its code, too."""
    behind_code = _without_trunk(phone.str.strip_prefix(plan.code), plan)
    only_behind_code = ~_fits(phone, plan) & _fits(behind_code, plan)
    has_code = phone.str.starts_with(plan.code) & (only_behind_code | (phone.str.len_bytes() > plan.lengths[-1]))
    main = _main_plan(plan.code)
    return _possible(_national(behind_code, main).zip_with(has_code, _national(phone, plan)), main)


def _from_abroad(phones: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The phones that begin with a country code, behind `+` or a prefix, by the plans of these codes."""
    phones = phones.with_columns(code=pl.col("behind").str.extract(_CODE))
    for (code,), own in phones.partition_by("code", as_dict=True).items():
        if code is None:
            yield own.select("row", parsed=pl.lit(None, pl.String))
        else:
            plan = _main_plan(code)
            national = _national(own["behind"].str.strip_prefix(code), plan)
            yield own.select("row", parsed=_possible(national, plan))


def _national(number: pl.Series, plan: _Plan) -> pl.Series:
    """A number without its trunk prefix, unless that leaves too few digits, or a number that lacks its area code."""
    bare = _without_trunk(number, plan)
    length = bare.str.len_bytes()
    return bare.zip_with(length.is_in(plan.lengths) | (length > plan.lengths[-1]), number)


def _without_trunk(number: pl.Series, plan: _Plan) -> pl.Series:
    """A number without its trunk prefix, unless it is one of the plan with that prefix alone."""
    if not plan.trunk:
        return number
    trunk = rf"\A(?:{plan.trunk})"
    bare = number.str.replace(trunk, "")
    if plan.instead:
        rewritten = number.str.replace(trunk, plan.instead)
        bare = bare.zip_with(number.str.extract(trunk, plan.groups).is_null(), rewritten)
    return number.zip_with(_fits(number, plan) & ~_fits(bare, plan), bare)


def _fits(number: pl.Series, plan: _Plan) -> pl.Series:
    return number.str.contains(rf"\A(?:{plan.national})\z")


def _possible(national: pl.Series, plan: _Plan) -> pl.Series:
    possible = national.str.len_bytes().is_in(plan.lengths)
    return (plan.code + national).set(~possible, None)
