"""The register: the list of a running dialer, which grows while it plays."""

from array import array
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.policies import Policies
from engine.luck import GOLDEN, MIX_A, MIX_B, MOST_OCCURRENCES, OCCURRENCE_BIT, mixed
from engine.numbers.duplicates import accepted, occurrences, repeated
from engine.numbers.intake import Additions, Intake, Rows
from engine.numbers.lookup import Lookup
from engine.numbers.phonebook import NO_SHARED, Phonebook

Duplicates = Literal["ignored", "accepted", "exempt"]
"""What becomes of an addition that is a duplicate (rules 4): it is ignored; or it is accepted, and what comes after it
may be its duplicate; or the rule does not hold for it at all, and nothing becomes its duplicate."""


class Accepted(NamedTuple):
    """Which additions were accepted, as a mask and as numbers."""

    mask: NDArray[np.bool_]
    """[addition]: whether it was accepted; false for an ignored duplicate."""
    phonebook: Phonebook
    """The numbers that were accepted, with the call policies of these only."""


class _Columns(NamedTuple):
    """The numbers that were accepted, as columns that grow; a row each."""

    identities: "array[int]"
    policies: "array[int]"
    """Indices in the intake's `distinct`."""
    segments: "array[int]"
    added: "array[int]"
    payloads: "array[int]"
    phone_zones: "array[int]"
    """Empty unless zones are found by phone."""
    shared: "array[int]"
    """As in `Phonebook.shared`, row after row."""


class Register:
    """Accepts additions in the order in which they are made, as if they were one list (rules 4).

    It does what `Intake.phonebook` does for a list that is known as a whole, in O(log² n) for each addition.
    """

    def __init__(self, intake: Intake) -> None:
        self.duplicates = 0
        """How many additions were ignored so far."""
        self._intake = intake
        self._columns = _Columns(*(array(code) for code in "Qihqqhq"))
        self._by_phone = Lookup()
        self._by_settings = Lookup()
        self._exempt = array("I")  # rows for which the rule about duplicates does not hold: not by settings

    def __len__(self) -> int:
        """How many numbers were accepted so far."""
        return len(self._columns.identities)

    def rows_of(self, phone: int) -> list[int]:
        """The rows of the phone with this code among the numbers that were accepted, ascending."""
        return self._by_phone.rows(phone)

    def accept(self, additions: Additions, duplicates: Duplicates = "ignored") -> Accepted:
        """Accept or ignore additions; none may be made before one of an earlier call."""
        keys = _settings_keys(additions.phones, additions.policies, additions.payloads)
        mask = self._are_new(additions, keys) if duplicates == "ignored" else np.ones(len(keys), np.bool_)
        kept = additions.some(mask)
        self.duplicates += len(mask) - len(kept.phones)
        rows = np.arange(len(self), len(self) + len(kept.phones))
        identities = kept.phones.view(np.uint64) | self._earlier(kept.phones) << np.uint64(OCCURRENCE_BIT)
        phone_zones = np.zeros(0, np.int16) if kept.phone_zones is None else kept.phone_zones
        new = (identities, kept.policies, kept.segments, kept.added, kept.payloads, phone_zones, kept.shared)
        for column, values in zip(self._columns, new, strict=True):
            column.frombytes(np.ascontiguousarray(values).tobytes())
        self._by_phone.add(kept.phones, rows)
        if duplicates == "exempt":
            self._exempt.frombytes(rows.astype(np.uint32).tobytes())
        else:
            self._by_settings.add(keys[mask], rows)
        policies, distinct = self._own_policies(kept.policies)
        book = Phonebook(
            identities=identities,
            policies=policies,
            segments=kept.segments,
            added=kept.added,
            distinct=distinct,
            phone_zones=kept.phone_zones,
            shared=kept.shared,
        )
        return Accepted(mask, book)

    def _are_new(self, additions: Additions, keys: Rows) -> NDArray[np.bool_]:
        """Which additions are not ignored as duplicates (rules 4)."""
        before = self._by_settings.last(keys)
        mask = np.ones(len(keys), np.bool_)
        asked = np.flatnonzero((before >= 0) | repeated(keys))
        if len(asked):
            # the numbers that were accepted before come first, as additions of their own
            _, firsts = np.unique(before[asked], return_index=True)
            firsts = asked[firsts][before[asked][firsts] >= 0]
            rows = np.concatenate((firsts, asked))
            added = np.concatenate((np.asarray(self._columns.added)[before[firsts]], additions.added[asked]))
            columns = (additions.phones[rows], additions.policies[rows], additions.payloads[rows])
            mask[asked] = accepted(*columns, added)[len(firsts) :]
        return mask

    def _earlier(self, phones: Rows) -> NDArray[np.uint64]:
        """How often each phone occurs before in the list, modulo MOST_OCCURRENCES."""
        before = occurrences(phones)
        last = self._by_phone.last(phones)
        there = last >= 0
        identities = np.asarray(self._columns.identities)[last[there]]
        before[there] += 1 + (identities >> np.uint64(OCCURRENCE_BIT)).astype(np.int64)
        return (before % MOST_OCCURRENCES).astype(np.uint64)

    def phonebook(self) -> Phonebook:
        """All numbers that were accepted so far, in this order."""
        columns = [np.array(column) for column in self._columns]
        identities, own, segments, added, _, phone_zones, shared = columns
        policies, distinct = self._own_policies(own)
        fields = self._intake.shared_fields
        return Phonebook(
            identities=identities,
            policies=policies,
            segments=segments,
            added=added,
            distinct=distinct,
            duplicates=self.duplicates,
            changed_priorities=dict(self._intake.changed_priorities),
            phone_zones=None if self._intake.places is None else phone_zones,
            shared=shared.reshape(-1, len(fields)) if (fields := self._intake.shared_fields) else NO_SHARED,
        )

    # Snapshots

    def columns(self) -> dict[str, NDArray[Any]]:
        """All that it keeps, as columns that change no more."""
        columns = {name: np.array(column) for name, column in self._columns._asdict().items()}
        return columns | {"duplicates": np.array(self.duplicates), "exempt": np.array(self._exempt)}

    def put_back(self, columns: dict[str, NDArray[Any]]) -> None:
        """Keep again, in an empty register, what `columns` of another gave."""
        for name, column in self._columns._asdict().items():
            column.frombytes(columns[name].tobytes())
        self.duplicates = int(columns["duplicates"])
        self._exempt.frombytes(columns["exempt"].tobytes())
        phones = (columns["identities"] & np.uint64((1 << OCCURRENCE_BIT) - 1)).view(np.int64)
        rows = np.arange(len(phones))
        self._by_phone.add(phones, rows)
        keys = _settings_keys(phones, columns["policies"], columns["payloads"])
        ruled = np.delete(rows, columns["exempt"])
        self._by_settings.add(keys[ruled], ruled)

    def _own_policies(self, policies: NDArray[np.int32]) -> tuple[NDArray[np.int32], Policies]:
        """Indices among the intake's call policies as indices among those that occur, and these."""
        own, indices = np.unique(policies, return_inverse=True)
        return indices.astype(np.int32), self._intake.distinct.some(own.tolist())


def _settings_keys(phones: Rows, policies: NDArray[np.int32], payloads: Rows) -> Rows:
    """A hash of the phone, the policy and the payload of each addition, by which they are compared."""
    words = phones.view(np.uint64) * np.uint64(GOLDEN)
    words += policies.astype(np.uint64) * np.uint64(MIX_A)
    words += payloads.view(np.uint64) * np.uint64(MIX_B)
    return mixed(words).view(np.int64)
