"""Population: made-up lists of a stated mix."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Annotated, Any, ClassVar, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.calling.policy import CallPolicy, PolicyError
from engine.customers.luck import mixed
from engine.numbers.intake import Intake, NumberList, no_payloads
from engine.reading.document import parse_value
from engine.reading.faults import Fault, InputError, shown

FIRST_PHONE = 12_000_000_000
"""Made-up phones count up from here, over all list parts, so that no two are the same."""
MOST_NUMBERS = 1_000_000_000
BLOCK_ROWS = 1 << 18
"""Numbers that are made up at a time."""


class Mix(tuple[tuple[Any, float], ...]):
    """Values with their weights: one value, or a mapping of values to weights such as `{1: 5, 3: 25, 5: 70}`."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"type": ["string", "integer"]},
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}, "minProperties": 1},
        ],
        "description": "a value, or a mapping of values to weights",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The mix; InputError for weights that are negative or sum to nothing."""
        if not isinstance(value, dict):
            return cls(((value, 1.0),))
        faults = [
            Fault((key,), shown(weight), "a weight of at least 0")
            for key, weight in value.items()
            if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight < 1e15
        ]
        if not faults and not sum(value.values()):
            faults = [Fault((), shown(value), "weights that sum to more than 0")]
        if faults:
            raise InputError(faults)
        return cls((parse_value(key) if key.strip() else key, float(weight)) for key, weight in value.items())


class Generate(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A made-up list: how many numbers, with which call policies."""

    count: Annotated[int, Meta(ge=1, le=MOST_NUMBERS)]
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    start_date_time: str | None = None
    finish_date_time: str | None = None
    allowed_days: Any = None
    allowed_time: Any = None
    retry_interval_in_minutes: Mix | None = None
    max_attempts: Mix | None = None
    gmt_zone: Mix | None = None
    dialer_priority: Mix | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Values that are no values of their field of a call policy."""
        names = {field.name: field.encode_name for field in msgspec.structs.fields(CallPolicy)}
        mixes = {name: value for name in names if isinstance(value := fields.get(name), Mix)}
        plain = {encoded: fields.get(name) for name, encoded in names.items() if name not in mixes}
        for policy in (plain, *({names[name]: value} for name, mix in mixes.items() for value, _ in mix)):
            try:
                CallPolicy.from_json(policy)
            except PolicyError as error:
                yield from error.faults


def generate(wanted: Generate, first: int, added: NDArray[np.int64], intake: Intake) -> None:
    """Make up the numbers and take them in; `first` is how many were made up before.

    Each number draws its value of each mix by itself, from its phone and the list's own seed: the scenario's seed
    moves luck and not the list. Raises PolicyError for dates that do not agree with the campaign's.
    """
    fields = {field.name: field.encode_name for field in msgspec.structs.fields(CallPolicy)}
    given = {name: getattr(wanted, name) for name in fields}
    mixes = {name: value for name, value in given.items() if isinstance(value, Mix)}
    plain = {fields[name]: value for name, value in given.items() if not isinstance(value, Mix)}
    first_code = FIRST_PHONE + first + 10 ** len(str(FIRST_PHONE))
    phones = np.arange(first_code, first_code + wanted.count, dtype=np.int64)
    policies = []
    for values in product(*([value for value, _ in mix] for mix in mixes.values())):
        mixed_fields = {fields[name]: value for name, value in zip(mixes, values, strict=True)}
        policies.append(intake.policy({**plain, **mixed_fields}))
    places = np.array(policies, np.int32)
    columns = np.empty(wanted.count, np.int32)
    for start in range(0, wanted.count, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        columns[rows] = places[_choices(list(mixes.values()), phones[rows], wanted.seed)]
    nothing = np.broadcast_to(np.int16(0), wanted.count)
    intake.add(NumberList(wanted.count, np.arange(0), phones, columns, nothing, no_payloads), added)


def _choices(mixes: list[Mix], phones: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The place of each phone's combination of values among the product of the mixes."""
    chosen = np.zeros(len(phones), np.int64)
    for stream, mix in enumerate(mixes):
        weights = np.array([weight for _, weight in mix])
        draws = mixed(phones.astype(np.uint64) ^ np.uint64(mixed(seed * 16 + stream + 1)))
        places = np.searchsorted(np.cumsum(weights) / weights.sum(), draws / 2.0**64, side="right")
        chosen = chosen * len(mix) + np.minimum(places, len(mix) - 1)
    return chosen
