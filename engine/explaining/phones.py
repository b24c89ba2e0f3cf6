"""Phones as people write them, found on a list."""

import re

import numpy as np
from numpy.typing import NDArray

from engine.numbers.phonebook import Phonebook, phone_code, phone_text
from engine.reading.faults import Fault, InputError, shown

LEAST_SHARED = 7
"""Phones are spellings of one if they end in so many same digits: a country code or a trunk prefix is missing."""
LONGEST = 15
"""The digits of a phone at most (rules 2)."""
MOST_TOLD = 3


def rows_of(phonebook: Phonebook, phone: str | int) -> list[int]:
    """The rows of a phone, ascending; blanks, dashes, dots, slashes and brackets in it do not count.

    InputError, with the nearest phones of the list, if it is not there. O(numbers).
    """
    digits = re.sub(r"[-\s+()./\u2010-\u2015]", "", str(phone))
    code, codes = phone_code(digits), phonebook.phone_codes
    rows: list[int] = [] if code is None else np.flatnonzero(codes == code).tolist()
    if rows:
        return rows
    near = [f"+{phone_text(each)}" for each in nearest(np.unique(codes), digits)]
    allowed = f"a phone of the list; the nearest: {', '.join(near)}" if near else "a phone of the list"
    found = "which is not on the list" if code is not None else "which is not a phone"
    raise InputError([Fault(("PHONE",), f"{shown(str(phone))}, {found}", allowed)])


def nearest(codes: NDArray[np.int64], digits: str) -> list[int]:
    """The codes of phones that end as the digits do, or that differ from them in one or two places; at most a few."""
    if not digits.isdecimal() or not digits.isascii():
        return []
    for shared in range(min(len(digits), LONGEST), LEAST_SHARED - 1, -1):
        alike = codes[codes % 10**shared == int(digits[-shared:])]
        alike = alike[alike >= 10**shared]
        if len(alike):
            return [int(code) for code in alike[:MOST_TOLD]]
    if len(digits) > LONGEST:
        return []
    same_length = codes[(codes >= 10 ** len(digits)) & (codes < 2 * 10 ** len(digits))]
    differing = np.zeros(len(same_length), np.int64)
    for place, digit in enumerate(reversed(digits)):
        differing += same_length // 10**place % 10 != int(digit)
    order = np.argsort(differing, kind="stable")[:MOST_TOLD]
    return [int(same_length[place]) for place in order.tolist() if differing[place] <= 2]
