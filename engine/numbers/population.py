"""Population: made-up lists, drawn from stated mixes."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.calling.policy import POLICY_FIELDS, CallPolicy, PolicyError
from engine.luck import mixed
from engine.memory import limit_below, size_text
from engine.numbers.intake import UNPLACED, FaultyNumber, Intake, NumberList
from engine.numbers.payloads import payload_ids
from engine.numbers.phonebook import phone_text
from engine.numbers.places.zone_phones import ZonePhones, phones_of
from engine.reading.document import parse_value
from engine.reading.faults import Fault, InputError, Path, shown
from engine.reading.typed import read

FIRST_PHONE = 12_000_000_000
"""Made-up phones count up from this one, over all parts of the list, so that no two are the same."""
FIRST_CODE = FIRST_PHONE + 10 ** len(str(FIRST_PHONE))
MOST_NUMBERS = 1_000_000_000
BLOCK_ROWS = 1 << 18
"""Numbers that are made up at a time, so that memory stays small."""
BYTES_A_NUMBER = 40
"""The least memory in which a number is made up."""
MOST_COMBINATIONS = 100_000
"""The most call policies, or payloads, that the mixes of one list may combine to."""
OWN_ZONE = "gmtZone"
"""The value of `phones` for phones in the zone of each number's own `gmtZone`."""
_WEIGHTED: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"value": {}, "weight": {"type": "number", "minimum": 0}},
        "required": ["value", "weight"],
        "additionalProperties": False,
    },
    "minItems": 1,
}


class _Weighted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: Any
    weight: Annotated[float, Meta(ge=0, lt=1e15, description="a weight of at least 0")]


class Mix(tuple[tuple[Any, float, Path], ...]):
    """Values with their weights, each with its path in the mix.

    It is read from one value, from a mapping of values to weights such as `{1: 5, 3: 25, 5: 70}`, or from a list of
    `{value, weight}`.
    """

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}, "minProperties": 1},
            _WEIGHTED,
        ],
        "description": "a value, a mapping of values to weights, or a list of {value, weight}",
    }
    weighs_mappings: ClassVar[bool] = True
    """Whether a mapping is one of values to weights, and not a value itself."""

    @classmethod
    def read(cls, value: object) -> Self:
        """The mix; InputError for weights that are negative or sum to 0."""
        if _is_weighted_list(value):
            rows, faults = read(value, tuple[_Weighted, ...])
            values: list[tuple[Any, float, Path]] = [
                (row.value, row.weight, (index, "value")) for index, row in enumerate(rows or ())
            ]
        elif isinstance(value, dict) and cls.weighs_mappings:
            faults = [
                Fault((key,), shown(weight), "a weight of at least 0")
                for key, weight in value.items()
                if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight < 1e15
            ]
            weights = {} if faults else value
            values = [(parse_value(key) if key.strip() else key, float(weights[key]), ()) for key in weights]
        else:
            return cls(((value, 1.0, ()),))
        if not faults and not sum(weight for _, weight, _ in values):
            faults = [Fault((), shown(value), "weights that sum to more than 0")]
        if faults:
            raise InputError(faults)
        return cls(values)


class NestedMix(Mix):
    """A mix of a field such as `allowedTime` or `allowedDays`, whose single value is itself a mapping or a list."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [_WEIGHTED, {"type": ["array", "object", "null"]}],
        "description": "a value, or a list of {value, weight}",
    }
    weighs_mappings = False


_NOTHING = Mix()


def _is_weighted_list(value: object) -> bool:
    return isinstance(value, list) and any(
        isinstance(each, dict) and each.keys() & {"value", "weight"} for each in value
    )


class MadeUp(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A made-up list: how many numbers, with which phones, payloads and call policies."""

    count: Annotated[int, Meta(ge=1, le=MOST_NUMBERS)]
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    phones: Mix | None = None
    payload: dict[str, Mix] | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Values that a call policy does not allow, a start that is not before its finish, zones without phones."""
        mixes = _policy_mixes(fields)
        faults = [fault for name, mix in mixes.items() for fault in _value_faults(name, mix)]
        yield from faults or (*_crossed_dates(mixes), *_phone_faults(fields.get("phones"), mixes))
        for what, combined in (("policies", mixes.values()), ("payloads", (fields.get("payload") or {}).values())):
            if (count := prod(map(len, combined))) > MOST_COMBINATIONS:
                yield Fault((), f"{count:,} {what} as combinations of values", f"at most {MOST_COMBINATIONS:,}")


if TYPE_CHECKING:
    Generate = MadeUp
else:
    Generate = msgspec.defstruct(
        "Generate",
        [
            (field.attribute, (NestedMix if field.form in ("array", "object") else Mix) | None, None)
            for field in POLICY_FIELDS
        ],
        bases=(MadeUp,),
        module=__name__,
        namespace={"__doc__": MadeUp.__doc__},
        frozen=True,
        kw_only=True,
        rename="camel",
        forbid_unknown_fields=True,
    )
    """A made-up list in a scenario file: the fields of MadeUp, and a mix for each field of the call policy."""


def _value_faults(name: str, mix: Mix) -> Iterator[Fault]:
    for value, _, within in mix:
        for fault in _faults_of({name: value}):
            yield Fault((name, *within, *fault.path[1:]), fault.found, fault.allowed)


def _faults_of(fields: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        CallPolicy.from_json(fields)
    except PolicyError as error:
        return error.faults
    return ()


def _crossed_dates(mixes: Mapping[str, Mix]) -> Iterator[Fault]:
    starts, finishes = mixes.get("startDateTime", _NOTHING), mixes.get("finishDateTime", _NOTHING)
    for (start, _, _), (finish, _, within) in product(starts, finishes):
        for fault in _faults_of({"startDateTime": start, "finishDateTime": finish}):
            yield Fault((*fault.path, *within), fault.found, fault.allowed)


def _phone_faults(phones: Mix | None, mixes: Mapping[str, Mix]) -> Iterator[Fault]:
    zones, name = _zones_of_phones(phones, mixes)
    if phones and not zones:
        yield Fault(
            ("phones",),
            "gmtZone, but the numbers have none",
            "zones; or gmtZone, with the zones of the numbers in gmtZone",
        )
    for zone, _, within in zones:
        if not isinstance(zone, str) or not phones_of(zone).count:
            allowed = "a zone to which phones belong, as a TZDB id such as America/New_York"
            yield Fault((name, *within), f"{shown(zone)}, to which no phone belongs alone", allowed)


def _zones_of_phones(phones: Mix | None, mixes: Mapping[str, Mix]) -> tuple[Mix, str]:
    """The zones of the phones (none if phones count up), and the field that names them."""
    if phones is None:
        return _NOTHING, "phones"
    if [value for value, _, _ in phones] == [OWN_ZONE]:
        return mixes.get("gmtZone", _NOTHING), "gmtZone"
    return phones, "phones"


def _policy_mixes(fields: Mapping[str, Any]) -> dict[str, Mix]:
    """The mixes of policy fields that are given, by their names in a file; in the order in which they are drawn."""
    names = {field.attribute: field.name for field in POLICY_FIELDS}
    # The first versions mixed only these four. They are drawn first, so that older lists stay as they are.
    first = ("retry_interval_in_minutes", "max_attempts", "gmt_zone", "dialer_priority")
    order = (*first, *(name for name in names if name not in first))
    return {names[name]: fields[name] for name in order if fields.get(name) is not None}


class Population:
    """Makes up the numbers of a scenario's lists, part after part; no phone occurs twice."""

    def __init__(self, parts: Iterable[Generate], intake: Intake) -> None:
        self._intake = intake
        self._made = 0
        self._handed_out: dict[ZonePhones, int] = {}
        counted_up = made = 0
        for part in parts:
            made += part.count
            counted_up = counted_up if part.phones else made
        self._counted_up = FIRST_CODE, FIRST_CODE + counted_up

    def make(self, wanted: Generate, path: Path = ()) -> NumberList:
        """Make up the numbers of the next part; `path` leads to `wanted`.

        Each number draws its value of each mix on its own, by a hash of its index among all made-up numbers and of the
        list's own seed; the scenario's seed changes luck and not the list. A number is faulty if the zone of its phone
        is needed and not known.

        Raises InputError for zones with too few phones and for more numbers than memory holds, PolicyError for dates
        that do not agree with the campaign's.
        """
        needed = wanted.count * BYTES_A_NUMBER
        if limit := limit_below(needed):
            found = f"{wanted.count:,} numbers, which need about {size_text(needed)} of memory to be made up"
            raise InputError([Fault((*path, "count"), found, f"what fits in {limit}")])
        mixes = _policy_mixes(msgspec.structs.asdict(wanted))
        payload = wanted.payload or {}
        drawn = [*mixes.values(), wanted.phones or _NOTHING, *payload.values()]
        zones, zones_field = _zones_of_phones(wanted.phones, mixes)
        zones_stream = list(mixes).index(zones_field) if zones_field in mixes else len(mixes)
        of_policies = self._policies(mixes)
        payloads_made = [dict(zip(payload, values, strict=True)) for values in _combinations(payload.values())]
        of_segments = np.array([self._intake.segments.of(each) for each in payloads_made], np.int16)

        phones = np.arange(FIRST_CODE + self._made, FIRST_CODE + self._made + wanted.count, dtype=np.int64)
        policies = np.empty(wanted.count, np.int32)
        payloads = _column(np.arange(len(payloads_made), dtype=np.int32), wanted.count)
        segments = _column(of_segments, wanted.count)
        self._made += wanted.count
        for start in range(0, wanted.count, BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            chosen = [_choices(mix, phones[rows], wanted.seed, stream) for stream, mix in enumerate(drawn)]
            policies[rows] = of_policies[_combined(mixes.values(), chosen[: len(mixes)])]
            if len(payloads_made) > 1:
                combined = _combined(payload.values(), chosen[len(mixes) + 1 :])
                payloads[rows] = combined
                segments[rows] = of_segments[combined]
            for index, (zone, _, _) in enumerate(zones):
                here = np.flatnonzero(chosen[zones_stream] == index)
                phones[rows][here] = self._hand_out(zone, len(here))
        faults = [fault.under(*path, zones_field) for fault in self._too_few(zones)]
        if faults:
            raise InputError(faults)
        positions, faulty = np.arange(0), []  # positions are used only where a number is faulty
        phone_zones = self._intake.zones_of_phones(phones, policies, segments)
        if phone_zones is not None and (unplaced := phone_zones == UNPLACED).any():
            positions = np.flatnonzero(~unplaced)
            faulty = [_unplaced(index, int(phones[index]), path) for index in np.flatnonzero(unplaced).tolist()]
            phones, policies, segments = phones[positions], policies[positions], segments[positions]
            payloads, phone_zones = payloads[positions], phone_zones[positions]
        return NumberList(
            given=wanted.count,
            positions=positions,
            phones=phones,
            policies=policies,
            segments=segments,
            payload_ids=lambda asked, field=None: payload_ids(payloads_made, field)[payloads[asked]],
            faulty=faulty,
            phone_zones=phone_zones,
        )

    def _policies(self, mixes: Mapping[str, Mix]) -> NDArray[np.int32]:
        """The index in the intake of the policy of every combination of values."""
        return np.array(
            [self._intake.policy(dict(zip(mixes, values, strict=True))) for values in _combinations(mixes.values())],
            np.int32,
        )

    def _hand_out(self, zone: str, count: int) -> NDArray[np.int64] | int:
        phones = phones_of(zone, self._counted_up)
        first = self._handed_out.get(phones, 0)
        self._handed_out[phones] = first + count
        return phones.codes(first, count) if first + count <= phones.count else 0

    def _too_few(self, zones: Mix) -> Iterator[Fault]:
        for zone, _, within in zones:
            phones = phones_of(zone, self._counted_up)
            if (count := self._handed_out.get(phones, 0)) > phones.count:
                yield Fault(within, f"{count:,} phones in {zone}", f"at most {phones.count:,}, as many as belong there")


def _unplaced(index: int, code: int, path: Path) -> FaultyNumber:
    """A made-up number that is faulty because the zone of its phone is not known."""
    phone = phone_text(code)
    allowed = "phones: with zones; or gmtZone; or zoneIfUnknown in the campaign"
    fault = Fault((*path, index, "phone"), f"{shown(phone)}, whose zone is not known", allowed)
    return FaultyNumber(None, index, msgspec.json.encode({"phone": phone}), (fault,))


def _combinations(mixes: Iterable[Mix]) -> Iterator[tuple[Any, ...]]:
    return product(*([value for value, _, _ in mix] for mix in mixes))


def _column(table: NDArray[Any], count: int) -> NDArray[Any]:
    """A column to fill from a table; if the table has one value, a column of that."""
    return np.broadcast_to(table[0], count) if len(table) == 1 else np.empty(count, table.dtype)


def _choices(mix: Mix, keys: NDArray[np.int64], seed: int, stream: int) -> NDArray[np.int64]:
    """The index of the value that each number draws."""
    if len(mix) < 2:
        return np.broadcast_to(np.int64(0), len(keys))
    weights = np.array([weight for _, weight, _ in mix])
    draws = mixed(keys.astype(np.uint64) ^ np.uint64(mixed(seed * 16 + stream + 1)))
    indices = np.searchsorted(np.cumsum(weights) / weights.sum(), draws / 2.0**64, side="right")
    return np.minimum(indices, len(mix) - 1)


def _combined(mixes: Iterable[Mix], choices: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The index of each number's combination of values among all combinations."""
    indices = np.zeros(1, np.int64)
    for mix, chosen in zip(mixes, choices, strict=True):
        indices = indices * len(mix) + chosen
    return indices
