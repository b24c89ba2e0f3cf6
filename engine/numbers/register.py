"""The register: the list of a running dialer, which grows while it plays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY
from engine.calling.policy import CallPolicy
from engine.luck import MOST_OCCURRENCES, OCCURRENCE_BIT
from engine.numbers.intake import Additions, Intake
from engine.numbers.phonebook import Phonebook

_NO_NUMBERS = Phonebook(
    identities=np.zeros(0, np.uint64),
    policies=np.zeros(0, np.int32),
    segments=np.zeros(0, np.int16),
    added=np.zeros(0, np.int64),
    distinct=(),
    phone_zones=np.zeros(0, np.int16),
)


class Accepted(NamedTuple):
    """Which additions were accepted, as a mask and as numbers."""

    mask: NDArray[np.bool_]
    """[addition]: whether it was accepted; false for an ignored duplicate."""
    phonebook: Phonebook
    """The numbers that were accepted, with the call policies of these only."""


class Register:
    """Accepts additions in the order in which they are made, as if they were one list (rules 4).

    It does what `Intake.phonebook` does for a list that is known as a whole, in O(1) for each addition.
    """

    def __init__(self, intake: Intake) -> None:
        self.duplicates = 0
        """How many additions were ignored so far."""
        self._intake = intake
        self._accepted_at: dict[tuple[int, int, int], int] = {}
        self._occurrences: dict[int, int] = {}
        self._books: list[Phonebook] = []

    def accept(self, additions: Additions, *, repeats: bool = False) -> Accepted:
        """Accept or ignore additions; none may be made before one of an earlier call.

        With `repeats` all are accepted, and none makes a later addition a duplicate.
        """
        mask = np.ones(len(additions.phones), np.bool_)
        earlier = []
        keys = zip(additions.phones.tolist(), additions.policies.tolist(), additions.payloads.tolist(), strict=True)
        for row, (key, added) in enumerate(zip(keys, additions.added.tolist(), strict=True)):
            if not repeats:
                since = self._accepted_at.get(key)
                if since is not None and added - since < DAY:
                    mask[row] = False
                    continue
                self._accepted_at[key] = added
            before = self._occurrences.get(key[0], 0)
            self._occurrences[key[0]] = before + 1
            earlier.append(before % MOST_OCCURRENCES)
        self.duplicates += len(mask) - len(earlier)
        kept = additions.some(mask)
        identities = kept.phones.view(np.uint64) | np.array(earlier, np.uint64) << np.uint64(OCCURRENCE_BIT)
        self._books.append(
            Phonebook(identities, kept.policies, kept.segments, kept.added, (), phone_zones=kept.phone_zones)
        )
        policies, distinct = self._own_policies(kept.policies)
        return Accepted(
            mask, Phonebook(identities, policies, kept.segments, kept.added, distinct, phone_zones=kept.phone_zones)
        )

    def phonebook(self) -> Phonebook:
        """All numbers that were accepted so far, in this order."""
        books = self._books or [_NO_NUMBERS]
        phone_zones = [book.phone_zones for book in books if book.phone_zones is not None]
        policies, distinct = self._own_policies(np.concatenate([book.policies for book in books]))
        return Phonebook(
            identities=np.concatenate([book.identities for book in books]),
            policies=policies,
            segments=np.concatenate([book.segments for book in books]),
            added=np.concatenate([book.added for book in books]),
            distinct=distinct,
            duplicates=self.duplicates,
            changed_priorities=self._intake.changed_priorities,
            phone_zones=np.concatenate(phone_zones) if phone_zones else None,
        )

    def _own_policies(self, policies: NDArray[np.int32]) -> tuple[NDArray[np.int32], tuple[CallPolicy, ...]]:
        """Indices among the intake's call policies as indices among those that occur, and these."""
        own, indices = np.unique(policies, return_inverse=True)
        return indices.astype(np.int32), tuple(self._intake.distinct[index] for index in own.tolist())
