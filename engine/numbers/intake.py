"""The intake: it takes in the numbers of all lists, and reads each distinct call policy once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.hours import AllowedTime
from engine.calling.instants import ALWAYS, NEVER, instant_of_json, utc_text
from engine.calling.policies import KnownPolicies, Policies
from engine.calling.policy import (
    POLICY_FIELDS,
    CallPolicy,
    DialerPriority,
    PolicyError,
    read_field,
)
from engine.customers.outcomes import Segment
from engine.luck import MOST_OCCURRENCES, OCCURRENCE_BIT
from engine.numbers.duplicates import accepted, occurrences, repeated
from engine.numbers.payloads import PayloadSegments, payload_id
from engine.numbers.phonebook import OTHERS, Phonebook, phone_code, phone_form
from engine.numbers.places.placing import NOT_KNOWN, WITHOUT_CODE, Places, plan_of
from engine.reading.faults import NAMELESS, Fault, Path, shown
from engine.reading.json_values import MOST_DEPTH, NotJsonError, json_value, values_nested_too_deep
from engine.reading.notes import Note
from engine.reading.typed import near

K = TypeVar("K")
V = TypeVar("V")
Rows = NDArray[np.int64]


class PayloadIds(Protocol):
    """The ids of the payloads of some rows (payloads.payload_id), or of a field in them (payloads.value_id).

    Those of payloads are asked only for phones that occur more than once, those of fields only if caps are shared by
    them.
    """

    def __call__(self, rows: Rows, field: str | None = None, /) -> Rows:
        """The id of each row, int64."""


PhoneZones = NDArray[np.int16]
"""Indices in `Places.names` of the zones that numbering plans give for phones."""
PLACED_FORM = (
    "a phone whose zone is known, country code first; or country: US beside a file, for phones without one; "
    "or gmtZone beside it; or zoneIfUnknown in the campaign"
)
UNPLACED = -1
"""In place of the zone of a faulty number: the zone of its phone is not known, and no level names one."""


class FaultyNumber(NamedTuple):
    """A number that cannot be called, for its faults."""

    file: str | None
    position: int
    """Its position in its list, from 0."""
    number: bytes
    """What was given: JSON text, if it is valid JSON."""
    faults: tuple[Fault, ...]


MOST_CHANGED = 1_000
"""So many different priorities that count as 5 are told apart; all others are counted together."""
MOST_TEXTS = 10_000
"""So many texts of a field are remembered at a time."""
_ATTRIBUTES = tuple(field.attribute for field in POLICY_FIELDS)
_START, _FINISH = _ATTRIBUTES.index("start_date_time"), _ATTRIBUTES.index("finish_date_time")
_HOURS = _ATTRIBUTES.index("allowed_time")
_SHARED = frozenset((_ATTRIBUTES.index("allowed_days"), _HOURS))
MOST_REFUSED = 1_000
"""So many faulty call policies are remembered: a list repeats a few, and a server is sent new ones for months."""


class NumberList(NamedTuple):
    """The numbers of one list, with the faulty ones apart."""

    given: int
    """How many numbers the list holds, faulty ones included."""
    positions: Rows
    """[row]: the position in the list of each number without fault."""
    phones: Rows
    """[row]: phone codes."""
    policies: NDArray[np.int32]
    segments: NDArray[np.int16]
    payload_ids: PayloadIds
    faulty: Sequence[FaultyNumber] = ()
    changed_priorities: Mapping[str, int] = MappingProxyType({})
    """How many numbers without fault have which dialerPriority that is not 1 to 5, and so counts as 5."""
    phone_zones: PhoneZones | None = None
    """[row]: see `Intake.zones_of_phones`."""
    notes: tuple[Note, ...] = ()
    """What was left out of the list without being a fault."""


class Additions(NamedTuple):
    """Numbers in the order in which they are added, duplicates included; one row each."""

    phones: Rows
    """Phone codes."""
    policies: NDArray[np.int32]
    """Indices in the intake's `distinct`."""
    segments: NDArray[np.int16]
    added: Rows
    """Unix seconds, ascending."""
    payloads: Rows
    """Payload ids."""
    phone_zones: PhoneZones | None
    """See `Intake.zones_of_phones`; None unless zones are found by phone."""
    shared: Rows
    """[row, field]: as in `Phonebook.shared`."""

    def some(self, rows: slice | NDArray[np.bool_] | Rows) -> "Additions":
        """The additions in these rows."""
        return Additions(
            self.phones[rows],
            self.policies[rows],
            self.segments[rows],
            self.added[rows],
            self.payloads[rows],
            None if self.phone_zones is None else self.phone_zones[rows],
            self.shared[rows],
        )


class _Part(NamedTuple):
    phones: Rows
    policies: NDArray[np.int32]
    segments: NDArray[np.int16]
    added: Rows
    payload_ids: PayloadIds
    phone_zones: PhoneZones | None


class Number(NamedTuple):
    """One number as it was read."""

    phone: int
    policy: int
    segment: int
    payload: int
    changed_priority: int
    """See `Intake.changed_priority`."""


class _Lately(dict[K, V]):
    """What came lately: all of it is forgotten when MOST_TEXTS came, for these may be each number's own."""

    def keep(self, key: K, value: V) -> V:
        """The value of a key: this one, unless there is one already."""
        if len(self) == MOST_TEXTS:
            self.clear()
        return self.setdefault(key, value)


class Intake:
    """Takes numbers in, list after list, and keeps each distinct call policy once.

    `above` is the policy of the campaign: the dates of each number must agree with it, unless a segment gives a date
    in between. With `places`, a number without a zone of its own, or of its segment, gets the zone of its phone; it is
    a fault if that is not known (rules 2). By `shared_fields` of payloads caps are shared.
    """

    def __init__(
        self,
        segments: Sequence[Segment] = (),
        above: CallPolicy | None = None,
        places: Places | None = None,
        shared_fields: Sequence[str] = (),
    ) -> None:
        self.segments = PayloadSegments(segments)
        self.places = places
        self.shared_fields = shared_fields
        in_between = any((segment.start_date_time, segment.finish_date_time) != (None, None) for segment in segments)
        self._above = None if in_between else above
        self.distinct = KnownPolicies()
        """Every distinct call policy so far."""
        self._one: _Lately[Any, Any] = _Lately()
        """Days and hours: those that are equal are held once."""
        self._undated: _Lately[tuple[tuple[int, bytes], ...], tuple[int, int]] = _Lately()
        """The index in `distinct.undated` of texts that came again, and what `changed_priority` says of them."""
        self._texts: tuple[_Lately[bytes, tuple[Any, int]], ...] = tuple(_Lately() for _ in POLICY_FIELDS)
        """[field]: values by their JSON texts, and for each what `changed_priority` says of it."""
        self._read: dict[str, int] = {}
        self._refused: dict[str, tuple[Fault, ...]] = {}
        self._parts: list[_Part] = []
        self.changed_priorities: Counter[str] = Counter()
        """How many additions so far had which dialerPriority that is not 1 to 5, and so counts as 5 (rules 2)."""
        self._changed: dict[str, int] = {}
        """These priorities as a message shows them, counted from 1."""

    def policy(self, fields: dict[str, Any]) -> int:
        """The index in `distinct` of a policy given as plain values; PolicyError with every fault."""
        key = json.dumps(fields, default=repr)
        if key in self._refused:
            raise PolicyError(self._refused[key])
        index = self._read.get(key)
        if index is None:
            try:
                policy = CallPolicy.from_json(fields)
                self._check_dates(policy)
            except PolicyError as error:
                if len(self._refused) < MOST_REFUSED:
                    self._refused[key] = error.faults
                raise
            index = self._read[key] = self._index_of(policy)
        return index

    def policy_of_texts(self, texts: Iterable[tuple[int, bytes]]) -> tuple[int, int] | None:
        """The policy of the texts of its fields, by their places in POLICY_FIELDS; others are left out.

        Returns its index in `distinct`, and what `changed_priority` says of its priority; None if it has a fault, if a
        text is no JSON, or if one is to be read with more care. A text that repeats is read once.
        """
        start, finish = ALWAYS, NEVER
        key: tuple[tuple[int, bytes], ...] = ()
        for given in texts:
            if given[0] > _FINISH:
                key += (given,)
            elif (instant := instant_of_json(given[1])) is None:
                return None
            elif given[0] == _START:
                start = instant
            else:
                finish = instant
        known = self._undated.get(key) or self._undated_of(key)
        if known is None or self._disagreement(start, finish):
            return None
        undated, changed = known
        return self.distinct.index_of_dated(undated, start, finish), changed

    def _undated_of(self, texts: tuple[tuple[int, bytes], ...]) -> tuple[int, int] | None:
        """The index of what these texts say, and what `changed_priority` says of them; None as above."""
        values: dict[str, Any] = {}
        changed = 0
        for place, text in texts:
            read = self._texts[place].get(text) or self._value_of(place, text)
            if read is None:
                return None
            values[_ATTRIBUTES[place]] = read[0]
            changed = read[1] or changed
        before = len(self.distinct.undated)
        known = self.distinct.undated_index_of(CallPolicy(**values)), changed
        return self._undated.keep(texts, known) if known[0] < before else known

    def changed_priority(self, priority: object) -> int:
        """Which of the priorities that count as 5 this one is, from 1; 0 if it is one from 1 to 5, or left out."""
        if priority is None or DialerPriority.is_one(priority):
            return 0
        text = shown(priority)
        if text not in self._changed and len(self._changed) >= MOST_CHANGED:
            text = OTHERS
        return self._changed.setdefault(text, len(self._changed) + 1)

    def changed_counts(self, changed: Rows) -> dict[str, int]:
        """How many numbers had which priority that counts as 5; `changed` has for each what `changed_priority` says."""
        counts = np.bincount(changed, minlength=len(self._changed) + 1).tolist()
        return {priority: counts[place] for priority, place in self._changed.items() if counts[place]}

    def _value_of(self, place: int, text: bytes) -> tuple[Any, int] | None:
        """The value of the JSON text of a field; None if it has a fault or is nested deep."""
        if len(text) > 2 * MOST_DEPTH:
            return None
        if place == _HOURS and (hours := AllowedTime.read_text(text)) is not None:
            return self._remembered(place, text, hours, 0)
        try:
            value = json_value(text.decode())
        except (NotJsonError, RecursionError):
            return None
        field = POLICY_FIELDS[place]
        read, faults = read_field(field, value)
        if faults:
            return None
        changed = self.changed_priority(value) if field.name == "dialerPriority" else 0
        if field.name == "maxAttempts":
            read = 1 if read == 0 else read  # rules 2
        return self._remembered(place, text, read, changed)

    def _remembered(self, place: int, text: bytes, value: Any, changed: int) -> tuple[Any, int]:
        return self._texts[place].keep(text, ((self._one.keep(value, value) if place in _SHARED else value), changed))

    def _index_of(self, policy: CallPolicy) -> int:
        """The index of a policy, which is new if none was equal to it."""
        days, hours = (
            each if each is None else self._one.keep(each, each) for each in (policy.allowed_days, policy.allowed_time)
        )
        if days is not policy.allowed_days or hours is not policy.allowed_time:
            policy = msgspec.structs.replace(policy, allowed_days=days, allowed_time=hours)
        return self.distinct.index_of(policy)

    @contextmanager
    def provisional(self) -> Iterator[None]:
        """Forget, if what is done within fails, the policies that it read for the first time."""
        read, policies = len(self._read), (len(self.distinct), len(self.distinct.undated))
        try:
            yield
        except BaseException:
            self.distinct.forget(*policies)
            self._undated.clear()
            while len(self._read) > read:
                self._read.popitem()
            raise

    def _check_dates(self, policy: CallPolicy) -> None:
        fault = self._disagreement(policy.starts, policy.finishes)
        if fault is not None:
            raise PolicyError([fault])

    def _disagreement(self, start: int, finish: int) -> Fault | None:
        """The fault of a policy whose start is not before its finish, with those of the campaign filled in."""
        if self._above is not None and (start != ALWAYS or finish != NEVER):  # the campaign's own agree
            start = self._above.starts if start == ALWAYS else start
            finish = self._above.finishes if finish == NEVER else finish
        if start < finish:
            return None
        found = f"{utc_text(finish)}, once the campaign's fields are filled in"
        return Fault(("finishDateTime",), found, f"an instant after startDateTime, {utc_text(start)}")

    def zones_of_phones(
        self, phones: Rows, policies: NDArray[np.int32], segments: NDArray[np.integer]
    ) -> PhoneZones | None:
        """The zone of each phone, as an index in `Places.names`; UNPLACED where it is a fault that it is not known.

        None unless zones are found by phone. `policies` are indices in `distinct`, `segments` those of the payloads.
        """
        if self.places is None:
            return None
        phone_zones = self.places.of(phones)
        if self.places.if_unknown is None:
            rows = np.flatnonzero(phone_zones == NOT_KNOWN)
            own, which = np.unique(policies[rows], return_inverse=True)
            undated = (self.distinct.undated[self.distinct.of_undated[index]] for index in own.tolist())
            without_zone = np.array([policy.gmt_zone is None for policy in undated], np.bool_)
            phone_zones[rows[without_zone[which] & ~self.segments.with_zone[segments[rows]]]] = UNPLACED
        return phone_zones

    def number(self, number: object, path: Path, file: str | None) -> Number | tuple[Fault, ...]:
        """A number of the body of `addPhones`, given as plain values; or all its faults, with paths from `path` on."""
        if values_nested_too_deep(number):
            return (Fault(path, "values nested too deep", f"values nested at most {MOST_DEPTH} deep", file),)
        return self._number(number, path, file)

    def _number(self, number: object, path: Path, file: str | None) -> Number | tuple[Fault, ...]:
        if not isinstance(number, dict):
            return (Fault(path, shown(number), "an object with a phone", file),)
        faults: list[Fault] = []
        code = phone_code(number["phone"]) if "phone" in number else None
        if code is None:
            found = shown(number["phone"]) if "phone" in number else "nothing"
            faults.append(
                Fault((*path, "phone"), found, phone_form(number.get("phone"), of_file=file is not None), file)
            )
        payload = number.get("payload")
        if payload is not None and not isinstance(payload, dict):
            faults.append(Fault((*path, "payload"), shown(payload), "an object", file))
            payload = None
        fields = {name: value for name, value in number.items() if name not in ("phone", "payload")}
        policy = 0
        try:
            policy = self.policy(fields)
        except PolicyError as error:
            own = (_meant(fault) for fault in error.faults)
            faults += [msgspec.structs.replace(fault, path=(*path, *fault.path), file=file) for fault in own]
        segment = self.segments.of(payload)
        without_zone = fields.get("gmtZone") is None and not self.segments.with_zone[segment]
        if code is not None and without_zone and self._needs_zone_of(code):
            faults.append(Fault((*path, "phone"), self._not_placed(number["phone"], code), PLACED_FORM, file))
        if faults or code is None:
            return tuple(faults)
        changed = self.changed_priority(fields.get("dialerPriority"))
        return Number(code, policy, segment, payload_id(payload), changed)

    def _needs_zone_of(self, code: int) -> bool:
        """Whether a number without a `gmtZone` is faulty because the zone of its phone is not known."""
        return self.places is not None and self.places.if_unknown is None and not self.places.knows(code)

    def _not_placed(self, phone: object, code: int) -> str:
        """A phone whose zone is not known, for a message; it is counted."""
        plan = plan_of(code)
        if self.places is not None:
            self.places.refused[plan] += 1
        if plan == WITHOUT_CODE:
            return f"{shown(phone)}, which begins with no country code"
        return f"{shown(phone)}, which the numbering plan of {plan} does not place"

    def add(self, numbers: NumberList, added: Rows) -> None:
        """Take in a list; `added` is the instant at which each of its rows is added, int64 Unix seconds."""
        columns = numbers.phones, numbers.policies, numbers.segments, added
        self._parts.append(_Part(*columns, numbers.payload_ids, numbers.phone_zones))
        self.changed_priorities.update(numbers.changed_priorities)

    def put_back(self, distinct: Sequence[CallPolicy], changed_priorities: Mapping[str, int]) -> None:
        """Know, in an intake that took nothing in, the policies that another one knew, with the same indices."""
        self.distinct = KnownPolicies()
        for policy in distinct:
            self._index_of(policy)
        self.changed_priorities = Counter(changed_priorities)

    def take_additions(self) -> Additions:
        """The numbers taken in since the last call of this, for a list that grows (numbers.register)."""
        phones, policies, segments, added, phone_zones = self._columns()
        rows = np.arange(len(phones))
        payloads, shared = self._payload_ids(rows), self._shared(rows)
        self._parts = []
        order = np.argsort(added, kind="stable")
        return Additions(phones, policies, segments, added, payloads, phone_zones, shared).some(order)

    def _columns(self) -> tuple[Rows, NDArray[np.int32], NDArray[np.int16], Rows, PhoneZones | None]:
        """The columns of all lists, one after the other as they were taken in."""
        parts = self._parts or [_NO_PART]
        return (
            _joined([part.phones for part in parts]),
            _joined([part.policies for part in parts]),
            _joined([part.segments for part in parts]),
            _joined([part.added for part in parts]),
            None
            if self.places is None
            else _joined([part.phone_zones for part in parts if part.phone_zones is not None]),
        )

    def phonebook(self) -> Phonebook:
        """All numbers that were taken in, in the order of addition, without duplicates (rules 4)."""
        phones, policies, segments, added, phone_zones = self._columns()
        given = len(phones)
        order = None if _ascends(added, strictly=False) else np.argsort(added, kind="stable")
        earlier: NDArray[np.uint64] | None = None
        if not _ascends(phones, strictly=True):  # phones of a made-up list ascend: none occurs twice
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
            phone_zones = None if phone_zones is None else phone_zones[order]
        policies, distinct = _in_use(policies, self.distinct.so_far())
        return Phonebook(
            identities=phones.view(np.uint64) if earlier is None else phones.view(np.uint64) | earlier,
            policies=policies,
            segments=segments,
            added=added,
            distinct=distinct,
            duplicates=given - len(phones),
            changed_priorities=dict(self.changed_priorities),
            phone_zones=phone_zones,
            shared=self._shared(np.arange(given) if order is None else order),
        )

    def forget_lists(self) -> None:
        """Let go of the lists that were taken in: their texts, which payloads are read from, are much of the memory."""
        self._parts = []

    def _shared(self, rows: Rows) -> Rows:
        """[row, field]: the ids of the values in the fields by which caps are shared, of rows counted likewise."""
        shared = np.zeros((len(rows), len(self.shared_fields)), np.int64)
        for place, field in enumerate(self.shared_fields):
            shared[:, place] = self._payload_ids(rows, field)
        return shared

    def _payload_ids(self, rows: Rows, field: str | None = None) -> Rows:
        """The ids of payloads, or of a field in them, of these rows, counted over all lists."""
        ids = np.zeros(len(rows), np.int64)
        first = 0
        for part in self._parts:
            within = (rows >= first) & (rows < first + len(part.phones))
            ids[within] = part.payload_ids(rows[within] - first, field)
            first += len(part.phones)
        return ids


def _meant(fault: Fault) -> Fault:
    """A fault of a policy; if its field is unknown there, it may be one of the number itself."""
    unknown = fault.found == NAMELESS[0] and len(fault.path) == 1
    meant = near(str(fault.path[0]), ("phone", "payload")) if unknown else None
    return msgspec.structs.replace(fault, allowed=meant) if meant else fault


_NO_PART = _Part(
    phones=np.zeros(0, np.int64),
    policies=np.zeros(0, np.int32),
    segments=np.zeros(0, np.int16),
    added=np.zeros(0, np.int64),
    payload_ids=lambda rows, _=None: rows,
    phone_zones=np.zeros(0, np.int16),
)


def no_payloads(rows: Rows, field: str | None = None) -> Rows:  # noqa: ARG001 (as PayloadIds has it)
    """The ids of payloads, or of a field in them, of numbers without payloads."""
    return np.zeros(len(rows), np.int64)


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The columns one after the other; a broadcast value that is the same in all of them stays one."""
    first = columns[0]
    if len(columns) == 1:
        return first
    if all(column.strides == (0,) and len(column) and column[0] == first[0] for column in columns):
        return np.broadcast_to(first[0], sum(map(len, columns)))
    return np.concatenate(columns)


def _in_use(policies: NDArray[np.int32], distinct: Policies) -> tuple[NDArray[np.int32], Policies]:
    """The policies of rows among those alone that a row has: made-up lists combine values that no number may draw."""
    if len(distinct) < 2:
        return policies, distinct
    used = np.flatnonzero(np.bincount(policies, minlength=len(distinct)))
    if len(used) == len(distinct):
        return policies, distinct
    places = np.zeros(len(distinct), np.int32)
    places[used] = np.arange(len(used))
    return places[policies], distinct.some(used).in_order()


def _ascends(column: Rows, *, strictly: bool) -> bool:
    if column.strides == (0,):
        return not strictly or len(column) < 2
    return bool((column[1:] > column[:-1] if strictly else column[1:] >= column[:-1]).all())
