"""Expectations: what a run of a scenario has to come to, for a test of the scenario file."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec
from msgspec import Meta

from engine.calling.instants import Instant
from engine.reading.faults import Fault, InputError, shown

_DESCRIPTION = "a value, or a mapping of atLeast, atMost or both: numbers, true or false, or instants with an offset"
_VALUE: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "boolean"}, Instant.json_schema]}

BoundsKind = Literal["number", "instant", "yes-or-no"]
Invariant = Literal[
    "all", "windows", "starts", "finishes", "closed_dates", "lines", "pace", "order", "spacing", "attempts", "series",
    "caps", "duplicates", "lost",
]  # fmt: skip
"""The invariants of `engine.testing.invariants` by their names, and all of them."""

Digest = Annotated[
    str, Meta(pattern="^[0-9a-f]{16}$", description="the 16 digits of a digest, 0 to 9 and a to f, in quotes")
]


class Bounds(tuple[float | None, float | None]):
    """The least and the most that a figure may come to, both included; None where there is no bound.

    Numbers, or `Instant`s.
    """

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            *_VALUE["anyOf"],
            {
                "type": "object",
                "properties": {"atLeast": _VALUE, "atMost": _VALUE},
                "minProperties": 1,
                "additionalProperties": False,
            },
        ],
        "description": _DESCRIPTION,
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """A value alone is both bounds; InputError with every fault."""
        if not isinstance(value, Mapping):
            bound = _bound(value)
            return cls((bound, bound))
        faults = [Fault((name,), "an unknown field", "atLeast, atMost") for name in value if name not in _SIDES]
        bounds: dict[str, float] = {}
        for name in _SIDES:
            if value.get(name) is not None:
                try:
                    bounds[name] = _bound(value[name])
                except InputError as error:
                    faults += [fault.under(name) for fault in error.faults]
        if not faults and not bounds:
            faults.append(Fault((), "no bound", _DESCRIPTION))
        if len({_kind(bound) for bound in bounds.values()}) > 1:
            faults.append(Fault(("atMost",), shown(value["atMost"]), "a bound of the same kind as atLeast"))
        elif len(bounds) == len(_SIDES) and bounds["atLeast"] > bounds["atMost"]:
            faults.append(Fault(("atMost",), shown(value["atMost"]), f"atLeast, {value['atLeast']}, or more"))
        if faults:
            raise InputError(faults)
        return cls(bounds.get(name) for name in _SIDES)

    def hold(self, value: float) -> bool:
        """Whether a figure with this value keeps to them."""
        least, most = self
        return (least is None or least <= value) and (most is None or value <= most)

    @property
    def kind(self) -> BoundsKind:
        """What the figure must be."""
        return next(_kind(bound) for bound in self if bound is not None)


_SIDES = ("atLeast", "atMost")


def _kind(bound: float) -> BoundsKind:
    if isinstance(bound, Instant):
        return "instant"
    return "yes-or-no" if isinstance(bound, bool) else "number"


def _bound(value: object) -> float:
    """A number or, from ISO 8601 text, an Instant; InputError for anything else."""
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    try:
        return Instant.read(value)
    except InputError:
        raise InputError([Fault((), shown(value), _DESCRIPTION)]) from None


class Expectations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run of the scenario has to come to; `pytest --dialer-scenarios` tests it."""

    figures: dict[str, Bounds] = {}
    """By the dotted names of figures."""
    digest: Digest | None = None
    """That of the run."""
    invariants: Annotated[
        tuple[Invariant, ...], Meta(description="a list of invariants, such as [windows, caps]; [all] for all of them")
    ] = ()
    """The invariants that its calls must not break."""
