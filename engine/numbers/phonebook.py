"""The phonebook: the numbers of a scenario as columns, their call policies interned."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.policy import CallPolicy, DialerPriority, PolicyError
from engine.customers.luck import MOST_OCCURRENCES, OCCURRENCE_BIT
from engine.customers.outcomes import Segment
from engine.numbers.duplicates import accepted, occurrences
from engine.reading.faults import Fault, Path, shown

_PHONE = re.compile(r"\+?([0-9]{5,15})")
_PHONE_FORM = "5 to 15 digits with an optional leading +"


class Phonebook(NamedTuple):
    """The numbers to call, in the order in which they are added; one row each."""

    identities: NDArray[np.uint64]
    """A phone's code in the lower 51 bits (its digits behind a 1: leading zeros count), its occurrence above."""
    policies: NDArray[np.int32]
    """The place of its own call policy in `distinct`."""
    segments: NDArray[np.int16]
    """1 + the place of the scenario's segment that its payload chose, or 0."""
    added: NDArray[np.int64]
    """The instant at which it is added, Unix seconds."""
    distinct: tuple[CallPolicy, ...]
    """Every call policy of a number, once, at the number's level: fields that it leaves out are None."""
    duplicates: int = 0
    """How many additions were ignored as duplicates (rules 4)."""
    changed_priorities: int = 0
    """How many additions came with a dialerPriority that counts as 5 (rules 2)."""

    def __len__(self) -> int:
        return len(self.identities)

    def warnings(self) -> list[str]:
        """What was changed or ignored without being a fault."""
        counts = {
            "dialerPriority that is not 1 to 5 counts as 5": self.changed_priorities,
            "duplicates within 24 hours are ignored": self.duplicates,
        }
        return [f"{what}: {count:,} of the numbers" for what, count in counts.items() if count]

    @property
    def phone_codes(self) -> NDArray[np.int64]:
        """The code of each phone: its digits behind a 1."""
        return (self.identities & np.uint64((1 << OCCURRENCE_BIT) - 1)).astype(np.int64)


class Columns(NamedTuple):
    """Numbers of one list part in list order, before duplicates are ignored."""

    phones: NDArray[np.int64]
    policies: NDArray[np.int32]
    payloads: NDArray[np.int64]
    segments: NDArray[np.int16]
    added: NDArray[np.int64]

    def rows(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "Columns":
        """The numbers at these places."""
        return Columns(
            self.phones[places],
            self.policies[places],
            self.payloads[places],
            self.segments[places],
            self.added[places],
        )


class Intake:
    """Takes numbers in, part after part, and interns what they share."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._by_payload = [(place + 1, segment.payload) for place, segment in enumerate(segments) if segment.payload]
        self._policies: dict[CallPolicy, int] = {}
        self._places: list[tuple[str | None, Path]] = []
        self._read: dict[str, int | PolicyError] = {}
        self._payloads: dict[str, int] = {}
        self._parts: list[Columns] = []
        self._changed_priorities = 0

    def policy(self, policy: CallPolicy, file: str | None = None, path: Path = ()) -> int:
        """The place of a policy among the distinct ones; file and path are where it is first met."""
        place = self._policies.setdefault(policy, len(self._policies))
        if place == len(self._places):
            self._places.append((file, path))
        return place

    def first_places(self) -> list[tuple[CallPolicy, str | None, Path]]:
        """Every distinct policy with the file and path of the first number that has it."""
        return [(policy, *place) for policy, place in zip(self._policies, self._places, strict=True)]

    def payload(self, payload: dict[str, Any] | None) -> tuple[int, int]:
        """The place of a payload among those taken in, 0 for none, and the place of the segment that it chooses."""
        return self._payload(payload), self._segment(payload)

    def add(self, columns: Columns) -> None:
        """Take in numbers that are columns already, with policies and payloads of this intake."""
        self._parts.append(columns)

    def add_phones(
        self, body: object, added: NDArray[np.int64] | int, file: str | None = None, path: Path = ()
    ) -> list[Fault]:
        """Take in the body of `addPhones`, plain values; all its faults, and if there are any nothing is added.

        `added` is one instant for all or one for each; faults carry `file` and have their paths begin with `path`.
        """
        if not isinstance(body, list):
            return [Fault(path, shown(body), "an array of numbers, [{phone: …}, …]", file)]
        if not body:
            return [Fault(path, "an empty list", "at least one number", file)]
        faults: list[Fault] = []
        rows = [self._number(number, (*path, place), file, faults) for place, number in enumerate(body)]
        if not faults:
            phones, policies, payloads, segments = zip(*rows, strict=True)
            self.add(
                Columns(
                    np.array(phones, np.int64),
                    np.array(policies, np.int32),
                    np.array(payloads, np.int64),
                    np.array(segments, np.int16),
                    np.broadcast_to(np.asarray(added, np.int64), len(body)),
                )
            )
        return faults

    def _number(self, number: object, path: Path, file: str | None, faults: list[Fault]) -> tuple[int, int, int, int]:
        if not isinstance(number, dict):
            faults.append(Fault(path, shown(number), "an object with a phone", file))
            return 0, 0, 0, 0
        code = phone_code(number["phone"]) if "phone" in number else None
        if code is None:
            found = shown(number["phone"]) if "phone" in number else "nothing"
            faults.append(Fault((*path, "phone"), found, _PHONE_FORM, file))
        payload = number.get("payload")
        if payload is not None and not isinstance(payload, dict):
            faults.append(Fault((*path, "payload"), shown(payload), "an object", file))
            payload = None
        fields = {name: value for name, value in number.items() if name not in ("phone", "payload")}
        priority = fields.get("dialerPriority")
        self._changed_priorities += priority is not None and not DialerPriority.is_one(priority)
        key = json.dumps(fields)
        policy = self._read.get(key)
        if policy is None:
            try:
                policy = self.policy(CallPolicy.from_json(fields), file, path)
            except PolicyError as error:
                policy = error
            self._read[key] = policy
        if isinstance(policy, PolicyError):
            faults.extend(Fault((*path, *fault.path), fault.found, fault.allowed, file) for fault in policy.faults)
            policy = 0
        return code or 0, policy, self._payload(payload), self._segment(payload)

    def _payload(self, payload: dict[str, Any] | None) -> int:
        if not payload:
            return 0
        return self._payloads.setdefault(canonical_json(payload), len(self._payloads) + 1)

    def _segment(self, payload: dict[str, Any] | None) -> int:
        if payload:
            for place, wanted in self._by_payload:
                if all(
                    name in payload and canonical_json(payload[name]) == canonical_json(value)
                    for name, value in wanted.items()
                ):
                    return place
        return 0

    def phonebook(self) -> Phonebook:
        """All that was taken in, in the order of addition, without duplicates (rules 4)."""
        parts: Any = zip(*self._parts, strict=True)
        columns = Columns(*map(_joined, parts))
        given = len(columns.phones)
        if not _ascends(columns.added, strictly=False):
            order = np.argsort(columns.added, kind="stable")
            columns = columns.rows(order)
        earlier = None
        if not _all_differ(columns.phones):
            settings = columns.payloads * len(self._policies) + columns.policies
            kept = accepted(columns.phones, settings, columns.added)
            columns = columns.rows(kept)
            earlier = (occurrences(columns.phones) % MOST_OCCURRENCES).astype(np.uint64)
        identities = (
            columns.phones.view(np.uint64)
            if earlier is None
            else (columns.phones.astype(np.uint64) | earlier << np.uint64(OCCURRENCE_BIT))
        )
        return Phonebook(
            identities=identities,
            policies=columns.policies,
            segments=columns.segments,
            added=columns.added,
            distinct=tuple(self._policies),
            duplicates=given - len(identities),
            changed_priorities=self._changed_priorities,
        )


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The columns one behind the other; a single value that holds for all stays one."""
    first = columns[0]
    if len(columns) == 1:
        return first
    if all(column.strides == (0,) and len(column) and column[0] == first[0] for column in columns):
        return np.broadcast_to(first[0], sum(map(len, columns)))
    return np.concatenate(columns)


def _ascends(column: NDArray[np.int64], *, strictly: bool) -> bool:
    if column.strides == (0,):
        return not strictly or len(column) < 2
    return bool((column[1:] > column[:-1] if strictly else column[1:] >= column[:-1]).all())


def _all_differ(phones: NDArray[np.int64]) -> bool:
    """Whether no phone stands twice; a sort tells it sooner than a search for those that do."""
    return _ascends(phones, strictly=True) or _ascends(np.sort(phones), strictly=True)


def phone_code(value: object) -> int | None:
    """The code of a phone given as text or integer (its digits behind a 1), or None if it is no phone (rules 2)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 < value < 10**15 else ""
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return int("1" + match[1]) if match else None


def phone_text(code: int) -> str:
    """The digits of a phone of this code."""
    return str(code)[1:]


def canonical_json(value: object) -> str:
    """Text that is equal for equal JSON values: key order and number formats do not count; `1` and `"1"` differ."""
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
