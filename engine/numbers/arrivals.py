"""Arrivals: the instants at which the numbers of a list part are added."""

from typing import Any, ClassVar, Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import Instant
from engine.luck import GOLDEN, mixed
from engine.reading.faults import Fault, InputError
from engine.reading.typed import filled, read


class _Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    from_: Instant = msgspec.field(name="from")
    to: Instant
    arrivals: Literal["evenly", "poisson"] = "evenly"


class Added(tuple[int, int, str]):
    """When numbers arrive: from and to, in Unix seconds, and how (at once, evenly, or as a Poisson process)."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            Instant.json_schema,
            {
                "type": "object",
                "properties": {
                    "from": Instant.json_schema,
                    "to": Instant.json_schema,
                    "arrivals": {"enum": ["evenly", "poisson"]},
                },
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        ],
        "description": "an instant, or {from, to} with arrivals: evenly or poisson",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The instant, or the span in which numbers arrive; InputError with every fault."""
        if not isinstance(value, dict):
            instant = Instant.read(value)
            return cls((instant, instant, "evenly"))
        span, faults = read(value, _Span)
        if span is not None and span.from_ >= span.to:
            faults.append(Fault(("to",), str(value["to"]), "an instant after from"))
        if span is None or faults:
            raise InputError(faults)
        return cls((span.from_, span.to, span.arrivals))

    @classmethod
    def filled(cls, value: Any) -> Any:
        """The plain value, with `arrivals` filled in where it is a span."""
        return filled(value, _Span) if isinstance(value, dict) else value

    def instants(self, count: int) -> NDArray[np.int64]:
        """The instants of `count` numbers, ascending, int64 Unix seconds in `[from, to)`.

        The instants of a Poisson process whose count is known are that many uniform draws, sorted (Ross, "Introduction
        to Probability Models", section 5.3.5). They belong to the list and not to luck: no seed changes them.
        """
        start, finish, arrivals = self
        if start == finish:
            return np.broadcast_to(np.int64(start), count)
        order = np.arange(count, dtype=np.uint64)
        if arrivals == "poisson":
            draws = mixed(order * np.uint64(GOLDEN) ^ np.uint64(start)) >> np.uint64(32)
            offsets = np.sort(draws * np.uint64(finish - start) >> np.uint64(32))
        else:
            offsets = order * np.uint64(finish - start) // np.uint64(max(count, 1))
        return start + offsets.astype(np.int64)
