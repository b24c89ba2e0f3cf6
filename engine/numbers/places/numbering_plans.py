"""Numbering plans: ranges of phones that the library `phonenumbers` treats alike.

The library finds a number's kind by regular expressions of digits, and its zones by the longest prefix that it knows.
Both are the same for long runs of numbers. So a plan is cut into such runs once, and millions of numbers are found in
them by binary search. The cut is exact: the expressions are followed digit by digit, those of a country's regions side
by side, and a run is split as long as its numbers may still differ.

A phone is a country code and a national number. The prefix that some people write between the two, as in
`+44 (0)20 …`, is not part of the number, and a phone with it is in no range.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, reduce
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    REGION_CODE_FOR_NON_GEO_ENTITY,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    PhoneNumberType,
    is_number_type_geographical,
)
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from engine.calling.zones import zone_ids

MOST_DIGITS = 15
"""The most digits of a phone, its country code included."""
DIGITS = "0123456789"

INVALID: Final = 0
"""A number that the plan does not assign."""
FIXED: Final = 1
"""A number whose zones follow from its prefix: a fixed line and, in some countries, a mobile."""
MOBILE: Final = 2
"""A mobile with the zones of its country."""
SERVICE: Final = 3
"""A number that is not a customer's: toll-free, premium rate, voicemail, …; it has the zones of its country."""


class Ranges(NamedTuple):
    """Ranges of phones of the same kind and zones, one in each row, ascending by code (a 1 and the digits)."""

    firsts: NDArray[np.int64]
    """The code of the first phone of each range."""
    lasts: NDArray[np.int64]
    """The code of the last phone of each range."""
    kinds: NDArray[np.int8]
    """FIXED, MOBILE or SERVICE."""
    zones: NDArray[np.int16]
    """The index of its zones in `zone_sets`."""
    zone_sets: tuple[tuple[str, ...], ...]
    """TZDB ids, sorted; empty for phones whose zone the library does not know."""

    def sets_of(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The index in `zone_sets` of each phone's zones; -1 for phones in no range."""
        if not len(self.firsts):
            return np.full(len(codes), -1)
        rows = np.maximum(np.searchsorted(self.firsts, codes, side="right") - 1, 0)
        inside = (self.firsts[rows] <= codes) & (codes <= self.lasts[rows])
        return np.where(inside, self.zones[rows], -1)


@cache
def ranges_of(calling_code: int) -> Ranges:
    """The ranges of a country code: every phone that the library finds valid is in exactly one of them.

    The first call for a country takes up to some tenths of a second, most for North America.
    """
    rows: list[tuple[int, int, int, int]] = []
    sets: dict[tuple[str, ...], int] = {}
    plan = _Plan(calling_code)
    for digits, more, kind in plan.runs():
        size = 10**more
        first = int(f"1{calling_code}{digits}") * size
        index = sets.setdefault(plan.zones(digits + "0" * more, kind), len(sets))
        if rows and rows[-1][1:] == (first - 1, kind, index):
            rows[-1] = (rows[-1][0], first + size - 1, kind, index)
        else:
            rows.append((first, first + size - 1, kind, index))
    firsts, lasts, kinds, zones = np.array(rows, np.int64).reshape(-1, 4).T
    return Ranges(firsts, lasts, kinds.astype(np.int8), zones.astype(np.int16), tuple(sets))


def joined_ranges(plans: Iterable[Ranges]) -> Ranges:
    """The ranges of several country codes as one."""
    sets: dict[tuple[str, ...], int] = {}
    columns = []
    for plan in plans:
        indices = np.array([sets.setdefault(zones, len(sets)) for zones in plan.zone_sets], np.int16)
        columns.append((plan.firsts, plan.lasts, plan.kinds, indices[plan.zones]))
    if not columns:
        nothing = np.empty(0, np.int64)
        return Ranges(nothing, nothing, nothing.astype(np.int8), nothing.astype(np.int16), ())
    firsts, lasts, kinds, zones = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.argsort(firsts)
    return Ranges(firsts[order], lasts[order], kinds[order], zones[order], tuple(sets))


@cache
def calling_codes() -> frozenset[int]:
    """The country codes that belong to countries; those of worldwide services have no zone."""
    worldwide = (REGION_CODE_FOR_NON_GEO_ENTITY,)
    return frozenset(code for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions != worldwide)


@dataclass(frozen=True, eq=False)
class _Step:
    """A position in an expression: it matches one of `digits`, and any step of `after` may follow."""

    digits: str
    after: "_Steps"
    lengths: int
    """Bit n is set if a text of n digits can match from here on."""


_Steps = frozenset[_Step]
_Expression = Callable[[_Steps], _Steps]
"""From the steps that follow an expression, the steps with which a text may begin to match it."""
_NOWHERE: _Steps = frozenset()
_END = _Step("", _NOWHERE, 1)
_TOKEN = re.compile(r"\\d|\[[0-9-]+\]|[0-9]|\(\?:|\)|\||\{(\d+)(?:,(\d+))?\}|\?")


@cache
def _matches(pattern: str) -> _Steps:
    """The steps with which a text may begin to match the whole pattern; ValueError for unknown syntax."""
    tokens = list(_TOKEN.finditer(pattern))[::-1]
    if "".join(token[0] for token in tokens[::-1]) != pattern:
        raise ValueError(f"phonenumbers holds an expression of a new form: {pattern}")
    return _alternatives(tokens)(frozenset([_END]))


def _alternatives(tokens: list[re.Match[str]]) -> _Expression:
    """The expression of tokens (in reverse order) up to the end or to a closing bracket."""
    branches: list[list[_Expression]] = [[]]
    while tokens and tokens[-1][0] != ")":
        token = tokens.pop()
        match token[0]:
            case "|":
                branches.append([])
            case "(?:":
                branches[-1].append(_alternatives(tokens))
                tokens.pop()
            case "?":
                branches[-1].append(_repeated(branches[-1].pop(), 0, 1))
            case text if text.startswith("{"):
                branches[-1].append(_repeated(branches[-1].pop(), int(token[1]), int(token[2] or token[1])))
            case text:
                branches[-1].append(_digit("".join(digit for digit in DIGITS if re.fullmatch(text, digit))))
    return lambda after: frozenset().union(*(_in_turn(branch, after) for branch in branches))


def _in_turn(expressions: list[_Expression], after: _Steps) -> _Steps:
    return reduce(lambda following, expression: expression(following), reversed(expressions), after)


def _repeated(expression: _Expression, least: int, most: int) -> _Expression:
    def entries(after: _Steps) -> _Steps:
        following = after
        for _ in range(most - least):
            following = expression(following) | after
        return _in_turn([expression] * least, following)

    return entries


def _digit(digits: str) -> _Expression:
    return lambda after: frozenset([_step(digits, after)])


@cache
def _step(digits: str, after: _Steps) -> _Step:
    """A step, made once: expressions with the same end share its steps, so there are few states."""
    lengths = 0
    for step in after:
        lengths |= step.lengths << 1
    return _Step(digits, after, lengths)


class _Region(NamedTuple):
    """The steps that are possible in the expressions of a region after some digits of a number."""

    leading: _Steps | None
    """A region with leading digits owns all numbers that begin so; None for a region that owns what it assigns."""
    general: _Steps
    service: _Steps
    fixed: _Steps
    mobile: _Steps

    def after(self, digit: str, more: int) -> "_Region":
        """The steps after one more digit, with `more` digits to come."""
        leading, *others = self
        return _Region(
            None if leading is None else _taken(leading, digit, more),
            *(_taken(steps, digit, more) for steps in others),
        )

    @property
    def is_possible(self) -> bool:
        """Whether the number may still be one of the region, assigned or not."""
        return bool(self.leading or self.general)

    @property
    def kind(self) -> int:
        """The kind of a number after its last digit; see `number_type` of the library."""
        if _END not in self.general:
            return INVALID
        kinds = ((self.service, SERVICE), (self.fixed, FIXED), (self.mobile, MOBILE))
        return next((kind for steps, kind in kinds if _END in steps), INVALID)


def _taken(steps: _Steps, digit: str, more: int) -> _Steps:
    return frozenset(
        next_step for step in steps if digit in step.digits for next_step in step.after if next_step.lengths >> more & 1
    )


def _region(metadata: PhoneMetadata, length: int, *, mobiles_are_geographical: bool) -> _Region:
    """The region before the first digit of a national number of this length."""

    def whole(*descriptions: PhoneNumberDesc | None) -> _Steps:
        return frozenset(
            step
            for each in descriptions
            if each and each.national_number_pattern and (not each.possible_length or length in each.possible_length)
            for step in _matches(each.national_number_pattern)
            if step.lengths >> length & 1
        )

    services = (
        *(metadata.premium_rate, metadata.toll_free, metadata.shared_cost, metadata.voip),
        *(metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail),
    )
    leading = None if metadata.leading_digits is None else _matches(rf"(?:{metadata.leading_digits})\d{{0,14}}")
    fixed, mobile = [metadata.fixed_line], [metadata.mobile]
    if metadata.same_mobile_and_fixed_line_pattern or mobiles_are_geographical:
        fixed, mobile = fixed + mobile, []
    return _Region(leading, whole(metadata.general_desc), whole(*services), whole(*fixed), whole(*mobile))


_State = tuple[_Region, ...]
"""The regions of a country code in the library's order, without those that the number can no longer be in."""


class _Plan:
    """The numbering plan of a country code."""

    def __init__(self, calling_code: int) -> None:
        self._code = calling_code
        regions = COUNTRY_CODE_TO_REGION_CODE[calling_code]
        self._regions = [each for each in map(PhoneMetadata.metadata_for_region, regions) if each is not None]
        self._mobiles_are_geographical = is_number_type_geographical(PhoneNumberType.MOBILE, calling_code)
        self._split_prefixes = {key[:length] for key in TIMEZONE_DATA for length in range(len(key))}
        self._country_zones: tuple[str, ...] = ()
        self._followers: dict[tuple[_Region, str, int], _Region | None] = {}
        self._kinds: dict[tuple[_State, int], frozenset[int]] = {}

    def runs(self) -> Iterator[tuple[str, int, int]]:
        """Runs of national numbers: their first digits, how many more digits they have, and their kind; ascending."""
        for length in range(1, MOST_DIGITS + 1 - len(str(self._code))):
            regions = (
                _region(each, length, mobiles_are_geographical=self._mobiles_are_geographical) for each in self._regions
            )
            yield from self._runs("", length, tuple(region for region in regions if region.is_possible))

    def _runs(self, digits: str, more: int, state: _State) -> Iterator[tuple[str, int, int]]:
        kinds = self._kinds_of(state, more)
        if kinds == {INVALID}:
            return
        if len(kinds) == 1 and (FIXED not in kinds or f"{self._code}{digits}" not in self._split_prefixes or not more):
            yield digits, more, min(kinds)
            return
        for digit in DIGITS:
            yield from self._runs(digits + digit, more - 1, self._after(state, digit, more - 1))

    def _kinds_of(self, state: _State, more: int) -> frozenset[int]:
        """The kinds of all numbers that have `more` digits to come."""
        if not state:
            return frozenset([INVALID])
        if not more:
            return frozenset([_kind(state)])
        kinds = self._kinds.get((state, more))
        if kinds is None:
            followers = {self._after(state, digit, more - 1) for digit in DIGITS}
            kinds = frozenset().union(*(self._kinds_of(follower, more - 1) for follower in followers))
            self._kinds[state, more] = kinds
        return kinds

    def _after(self, state: _State, digit: str, more: int) -> _State:
        followers = []
        for region in state:
            key = region, digit, more
            if key not in self._followers:
                after = region.after(digit, more)
                self._followers[key] = after if after.is_possible else None
            if (follower := self._followers[key]) is not None:
                followers.append(follower)
        return tuple(followers)

    def zones(self, digits: str, kind: int) -> tuple[str, ...]:
        """The zones of a national number of this kind, sorted; empty if the library or TZDB does not know them."""
        zeros = len(digits[:-1]) - len(digits[:-1].lstrip("0"))
        number = PhoneNumber(
            self._code, int(digits), italian_leading_zero=zeros > 0, number_of_leading_zeros=zeros or None
        )
        if kind == FIXED:
            names = time_zones_for_geographical_number(number)
        else:
            names = self._country_zones = self._country_zones or time_zones_for_number(number)
        return tuple(sorted(names)) if zone_ids().issuperset(names) else ()


def _kind(state: _State) -> int:
    """The kind of a number in the first region that owns it."""
    for region in state:
        if region.leading is None:
            if region.kind != INVALID:
                return region.kind
        elif _END in region.leading:
            return region.kind
    return INVALID
