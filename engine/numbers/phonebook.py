"""The phonebook: the numbers of a scenario as columns, with each distinct call policy once."""

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.policies import Policies
from engine.luck import OCCURRENCE_BIT
from engine.numbers.payloads import NO_PAYLOAD
from engine.reading.faults import shown
from engine.reading.notes import Note

_PHONE = re.compile(r"\+?([0-9]{5,15})")
_LOST = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
"""A number as spreadsheets show one that is too long for its cell."""
_SPOKEN = re.compile(r"[+(]?[0-9][0-9 ()./\u00a0\u2010-\u2015-]{4,}(?:\s*(?:x|ext\.?)\s*[0-9]+)?", re.IGNORECASE)
_LONGEST_SPOKEN = 40
"""Of a longer text nothing is told but that it is no phone."""
OTHERS = "others"
"""Stands for all priorities that are not told apart."""
COUNTS_AS_5 = "dialerPriority that is not 1 to 5 counts as 5"
MOST_TOLD = 8
"""So many priorities that count as 5 are told one by one."""
PHONE_FORM = "5 to 15 digits with an optional leading +"


NO_SHARED = np.zeros((0, 0), np.int64)
"""Where no cap is shared by a field of payloads."""


class Phonebook(NamedTuple):
    """The numbers to call, in the order in which they are added; one row each."""

    identities: NDArray[np.uint64]
    """A phone's code in the lower 51 bits (a 1 and its digits: leading zeros count), its occurrence above."""
    policies: NDArray[np.int32]
    """The index in `distinct` of its own call policy."""
    segments: NDArray[np.int16]
    """1 + the index of the scenario's segment that its payload chose, or 0."""
    added: NDArray[np.int64]
    """The instant at which it is added, Unix seconds."""
    distinct: Policies
    """Every distinct call policy, at the number's level: fields that it leaves out are None."""
    duplicates: int = 0
    """How many additions were ignored as duplicates (rules 4)."""
    changed_priorities: Mapping[str, int] = MappingProxyType({})
    """How many additions had which dialerPriority that is not 1 to 5, and so counts as 5 (rules 2)."""
    phone_zones: NDArray[np.int16] | None = None
    """The index in `Places.names` of the zone of its phone (places.placing); None unless zones are found by phone."""
    shared: NDArray[np.int64] = NO_SHARED
    """[row, field]: the id of the value in each field of payloads by which caps are shared (payloads.value_id)."""

    def __len__(self) -> int:
        return len(self.identities)

    def warnings(self) -> list[Note]:
        """What was changed or ignored without being a fault."""
        notes = []
        if changed := sum(self.changed_priorities.values()):
            named = Counter(self.changed_priorities)
            others = named.pop(OTHERS, 0) + named.total()
            told = dict(named.most_common(MOST_TOLD))
            if others := others - sum(told.values()):
                told[OTHERS] = others
            values = ", ".join(f"{priority}: {count:,}" for priority, count in told.items())
            notes.append(Note("priority", f"{COUNTS_AS_5}: {changed:,} of the numbers ({values})", changed))
        if self.duplicates:
            text = f"duplicates within 24 hours are ignored: {self.duplicates:,} of the numbers"
            notes.append(Note("duplicates", text, self.duplicates))
        return notes

    @property
    def phone_codes(self) -> NDArray[np.int64]:
        """The code of each phone: a 1 and its digits."""
        return phone_codes(self.identities)

    @property
    def has_phones_twice(self) -> bool:
        """Whether a phone occurs more than once."""
        return bool((self.identities >> np.uint64(OCCURRENCE_BIT)).any())

    def shared_by(self, place: int) -> NDArray[np.uint64]:
        """What each number shares a cap by, equal for those that share it: 0 stands for its phone, 1 + i for field i.

        A number whose payload lacks the field shares what its phone does (rules 6).
        """
        phones = self.phone_codes.view(np.uint64)
        if not place:
            return phones
        values = self.shared[:, place - 1].view(np.uint64)
        return np.where(values == NO_PAYLOAD, phones, values | np.uint64(1 << 63))


def phone_codes(identities: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The code of each phone in identities: a 1 and its digits."""
    return (identities & np.uint64((1 << OCCURRENCE_BIT) - 1)).view(np.int64)


def phone_code(value: object) -> int | None:
    """The code of a phone given as text or integer (a 1 and its digits), or None if it is not a phone (rules 2)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 < value < 10**15 else ""
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return int("1" + match[1]) if match else None


def phone_form(value: object, country: str | None = None, *, of_file: bool = True) -> str:
    """What a phone may be, and what to do about a value that is none.

    `country` is that of the people as whose phones a list was read; None if it was read as it stands. `of_file` says
    whether the number is one of a file, beside which a country may be named.
    """
    form, remedy = PHONE_FORM, ""
    if country is not None:
        form = f"a phone as people in {country} write it, with its area code, or with + and a country code"
    if isinstance(value, str) and len(value) <= _LONGEST_SPOKEN:
        if _LOST.fullmatch(value.strip()):
            remedy = "; digits are lost: format the column as text where the file is made"
        elif value.isdigit() and not value.isascii():
            remedy = "; with the digits 0 to 9"
        elif beside := _beside(value):
            remedy = f"; without {' and '.join(map(shown, beside))} beside it"
        elif country is None and of_file and _SPOKEN.fullmatch(value):
            remedy = "; country: US beside the file (--country US) reads phones as people there write them"
    return form + remedy


def _beside(text: str) -> list[str]:
    """What stands before and behind the only phone of a text; nothing if that has digits, or parts cells."""
    match = _SPOKEN.search(text)
    if match is None or sum(map(str.isdigit, match[0])) < 5:
        return []
    end = match.start() + len(match[0].rstrip(" \u00a0(./-"))
    beside = [each for each in (text[: match.start()], text[end:]) if each]
    return [] if any(each.isdigit() or each in ",;|" for each in "".join(beside)) else beside


def phone_text(code: int) -> str:
    """The digits of the phone with this code."""
    return str(code)[1:]


def phone_of(identity: int) -> int:
    """The code of the phone in an identity."""
    return identity & ((1 << OCCURRENCE_BIT) - 1)
