"""The intake: numbers of all lists taken in, each distinct call policy read once."""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import utc_text
from engine.calling.policy import CallPolicy, DialerPriority, PolicyError
from engine.customers.outcomes import Segment
from engine.luck import MOST_OCCURRENCES, OCCURRENCE_BIT
from engine.numbers.duplicates import accepted, occurrences, repeated
from engine.numbers.payloads import PayloadSegments, payload_id
from engine.numbers.phonebook import PHONE_FORM, Phonebook, phone_code
from engine.numbers.places.placing import NOT_TOLD, Places
from engine.reading.faults import Fault, Path, shown
from engine.reading.json_values import MOST_DEPTH

Rows = NDArray[np.int64]
PayloadIds = Callable[[Rows], Rows]
"""The ids (payloads.payload_id) of the payloads of some rows; asked only for phones that stand more than once."""


Told = NDArray[np.int16]
"""The places, in `Places.names`, of the zones that phones tell."""
UNPLACED = -1
"""Stands for the zone of a number that has none: its phone tells none, and neither it nor the campaign names one."""
UNPLACED_FORM = (
    "a phone that tells its zone, country code first; or gmtZone beside it; or zoneIfUnknown in the campaign"
)


class FaultyNumber(NamedTuple):
    """A number that cannot be called as it is given."""

    file: str | None
    position: int
    """In its list, from 0."""
    number: bytes
    """What was given, JSON text as far as it is any."""
    faults: tuple[Fault, ...]


class NumberList(NamedTuple):
    """The numbers of one list, those with faults set apart."""

    given: int
    """How many numbers the list holds, faulty ones included."""
    positions: Rows
    """[row]: the place in the list of each number without fault."""
    phones: Rows
    """[row]: phone codes."""
    policies: NDArray[np.int32]
    segments: NDArray[np.int16]
    payload_ids: PayloadIds
    faulty: Sequence[FaultyNumber] = ()
    changed_priorities: int = 0
    """Numbers without fault whose dialerPriority counts as 5 though it is not."""
    told: Told | None = None
    """[row]: what `Intake.told_zones` says of it."""


class Additions(NamedTuple):
    """Numbers in the order in which they are added, duplicates among them; one row each."""

    phones: Rows
    """Phone codes."""
    policies: NDArray[np.int32]
    """Places in the intake's `distinct`."""
    segments: NDArray[np.int16]
    added: Rows
    """Unix seconds, ascending."""
    payloads: Rows
    """Payload ids."""
    told: Told | None
    """What `Intake.told_zones` says; None unless phones are to tell zones."""

    def some(self, rows: slice | NDArray[np.bool_] | Rows) -> "Additions":
        """These rows of them."""
        return Additions(
            self.phones[rows],
            self.policies[rows],
            self.segments[rows],
            self.added[rows],
            self.payloads[rows],
            None if self.told is None else self.told[rows],
        )


class _Part(NamedTuple):
    phones: Rows
    policies: NDArray[np.int32]
    segments: NDArray[np.int16]
    added: Rows
    payload_ids: PayloadIds
    told: Told | None


class Number(NamedTuple):
    """One number as it was read."""

    phone: int
    policy: int
    segment: int
    payload: int
    changed_priority: bool


class Intake:
    """Takes numbers in, list after list, and interns what they share.

    `above` is the policy at campaign level, with which the dates of each number's own must agree. With `places`,
    phones tell the zones of numbers that have none of their own; one that tells none is a fault (rules 2).
    """

    def __init__(
        self, segments: Sequence[Segment] = (), above: CallPolicy | None = None, places: Places | None = None
    ) -> None:
        self.segments = PayloadSegments(segments)
        self.places = places
        self._above = above
        self.distinct: list[CallPolicy] = []
        """Every call policy so far, once."""
        self._policies: dict[CallPolicy, int] = {}
        self._read: dict[str, int | tuple[Fault, ...]] = {}
        self._parts: list[_Part] = []
        self.changed_priorities = 0
        """Additions so far with a dialerPriority that counts as 5 (rules 2)."""

    def policy(self, fields: dict[str, Any]) -> int:
        """The place among the distinct policies of one given as plain values; PolicyError with every fault."""
        key = json.dumps(fields, default=repr)
        place = self._read.get(key)
        if place is None:
            try:
                policy = CallPolicy.from_json(fields)
                self._check_dates(policy)
                place = self._policies.setdefault(policy, len(self.distinct))
                if place == len(self.distinct):
                    self.distinct.append(policy)
            except PolicyError as error:
                place = error.faults
            self._read[key] = place
        if isinstance(place, tuple):
            raise PolicyError(place)
        return place

    def _check_dates(self, policy: CallPolicy) -> None:
        if self._above is None:
            return
        merged = policy.under(self._above)
        if merged.starts >= merged.finishes:
            found = f"{utc_text(merged.finishes)}, once the campaign's fields are filled in"
            allowed = f"an instant after startDateTime, {utc_text(merged.starts)}"
            raise PolicyError([Fault(("finishDateTime",), found, allowed)])

    def payload(self, payload: dict[str, Any] | None) -> tuple[int, int]:
        """The id of a payload, and the segment that it chooses."""
        return payload_id(payload), self.segments.of(payload)

    def told_zones(self, phones: Rows, policies: NDArray[np.int32]) -> Told | None:
        """The zone that each phone tells, as its place in `Places.names`; UNPLACED where that is a fault.

        None unless phones are to tell zones. `policies` are places among the distinct ones.
        """
        if self.places is None:
            return None
        told = self.places.of(phones)
        if self.places.if_unknown is None:
            rows = np.flatnonzero(told == NOT_TOLD)
            own, which = np.unique(policies[rows], return_inverse=True)
            without_zone = np.array([self.distinct[place].gmt_zone is None for place in own.tolist()], np.bool_)
            told[rows[without_zone[which]]] = UNPLACED
        return told

    def number(self, number: object, path: Path, file: str | None) -> Number | tuple[Fault, ...]:
        """One number of the body of `addPhones`, plain values; or all its faults, with paths that begin with `path`."""
        try:
            return self._number(number, path, file)
        except RecursionError:
            return (Fault(path, "values nested too deep", f"values nested at most {MOST_DEPTH} deep", file),)

    def _number(self, number: object, path: Path, file: str | None) -> Number | tuple[Fault, ...]:
        if not isinstance(number, dict):
            return (Fault(path, shown(number), "an object with a phone", file),)
        faults: list[Fault] = []
        code = phone_code(number["phone"]) if "phone" in number else None
        if code is None:
            found = shown(number["phone"]) if "phone" in number else "nothing"
            faults.append(Fault((*path, "phone"), found, PHONE_FORM, file))
        payload = number.get("payload")
        if payload is not None and not isinstance(payload, dict):
            faults.append(Fault((*path, "payload"), shown(payload), "an object", file))
            payload = None
        fields = {name: value for name, value in number.items() if name not in ("phone", "payload")}
        policy = 0
        try:
            policy = self.policy(fields)
        except PolicyError as error:
            faults += [msgspec.structs.replace(fault, path=(*path, *fault.path), file=file) for fault in error.faults]
        if code is not None and fields.get("gmtZone") is None and self._needs_zone_of(code):
            found = f"{shown(number['phone'])}, which tells no zone"
            faults.append(Fault((*path, "phone"), found, UNPLACED_FORM, file))
        if faults or code is None:
            return tuple(faults)
        priority = fields.get("dialerPriority")
        changed = priority is not None and not DialerPriority.is_one(priority)
        return Number(code, policy, self.segments.of(payload), payload_id(payload), changed)

    def _needs_zone_of(self, code: int) -> bool:
        """Whether a phone without a zone beside it would have to tell one, and does not."""
        return self.places is not None and self.places.if_unknown is None and not self.places.tells(code)

    def add(self, numbers: NumberList, added: Rows) -> None:
        """Take a list in; `added` is the instant at which each of its rows is added, int64 Unix seconds."""
        columns = numbers.phones, numbers.policies, numbers.segments, added
        self._parts.append(_Part(*columns, numbers.payload_ids, numbers.told))
        self.changed_priorities += numbers.changed_priorities

    def take_additions(self) -> Additions:
        """What was taken in since this was last asked, for a list that grows (numbers.register)."""
        phones, policies, segments, added, told = self._columns()
        payloads = self._payload_ids(np.arange(len(phones)))
        self._parts = []
        order = np.argsort(added, kind="stable")
        return Additions(phones, policies, segments, added, payloads, told).some(order)

    def _columns(self) -> tuple[Rows, NDArray[np.int32], NDArray[np.int16], Rows, Told | None]:
        """The columns of all parts together, in the order in which they were taken in."""
        parts = self._parts or [_NO_PART]
        return (
            _joined([part.phones for part in parts]),
            _joined([part.policies for part in parts]),
            _joined([part.segments for part in parts]),
            _joined([part.added for part in parts]),
            None if self.places is None else _joined([part.told for part in parts if part.told is not None]),
        )

    def phonebook(self) -> Phonebook:
        """All that was taken in, in the order of addition, without duplicates (rules 4)."""
        phones, policies, segments, added, told = self._columns()
        given = len(phones)
        order = None if _ascends(added, strictly=False) else np.argsort(added, kind="stable")
        earlier: NDArray[np.uint64] | None = None
        if not _ascends(phones, strictly=True):  # a made-up list needs no search for phones that stand twice
            rows = np.arange(given) if order is None else order
            again = rows[repeated(phones[rows])]
            if len(again):
                kept = np.ones(given, np.bool_)
                kept[again] = accepted(phones[again], policies[again], self._payload_ids(again), added[again])
                order = rows[kept[rows]]
                before = occurrences(phones[order]) % MOST_OCCURRENCES
                earlier = before.astype(np.uint64) << np.uint64(OCCURRENCE_BIT)
        if order is not None:
            phones, policies, segments, added = phones[order], policies[order], segments[order], added[order]
            told = None if told is None else told[order]
        return Phonebook(
            identities=phones.view(np.uint64) if earlier is None else phones.view(np.uint64) | earlier,
            policies=policies,
            segments=segments,
            added=added,
            distinct=tuple(self.distinct),
            duplicates=given - len(phones),
            changed_priorities=self.changed_priorities,
            told=told,
        )

    def _payload_ids(self, rows: Rows) -> Rows:
        """The ids of the payloads of these rows of all parts together."""
        ids = np.zeros(len(rows), np.int64)
        first = 0
        for part in self._parts:
            within = (rows >= first) & (rows < first + len(part.phones))
            ids[within] = part.payload_ids(rows[within] - first)
            first += len(part.phones)
        return ids


_NO_PART = _Part(
    phones=np.zeros(0, np.int64),
    policies=np.zeros(0, np.int32),
    segments=np.zeros(0, np.int16),
    added=np.zeros(0, np.int64),
    payload_ids=lambda rows: rows,
    told=np.zeros(0, np.int16),
)


def no_payloads(rows: Rows) -> Rows:
    """The payload ids of numbers without payloads."""
    return np.zeros(len(rows), np.int64)


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The columns one behind the other; a single value that holds for all stays one."""
    first = columns[0]
    if len(columns) == 1:
        return first
    if all(column.strides == (0,) and len(column) and column[0] == first[0] for column in columns):
        return np.broadcast_to(first[0], sum(map(len, columns)))
    return np.concatenate(columns)


def _ascends(column: Rows, *, strictly: bool) -> bool:
    if column.strides == (0,):
        return not strictly or len(column) < 2
    return bool((column[1:] > column[:-1] if strictly else column[1:] >= column[:-1]).all())
