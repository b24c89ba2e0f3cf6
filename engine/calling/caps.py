"""Caps: how many calls a phone, or whatever numbers share, may get in some hours or on some days (rules 6)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec
from msgspec import Meta

from engine.reading.faults import Fault, InputError, shown

PER_PHONE = "phone"
_PAYLOAD = "payload."


class SharedBy(str):
    """What numbers have to share to share a cap: `phone`, or `payload.NAME` for a field of the payload."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "pattern": "^(phone|payload\\..+)$",
        "description": "phone, or payload.NAME for what has the same value in a field of the payload",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """`phone` or `payload.NAME`; InputError for anything else."""
        if isinstance(value, str) and (value == PER_PHONE or value.removeprefix(_PAYLOAD) not in ("", value)):
            return cls(value)
        raise InputError([Fault((), shown(value), cls.json_schema["description"])])

    @property
    def field(self) -> str | None:
        """The field of the payload; None for `phone`."""
        return None if self == PER_PHONE else self.removeprefix(_PAYLOAD)


class Cap(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """At most so many calls in some hours, or on some local dates, to what shares a phone or a field of the payload."""

    at_most: Annotated[int, Meta(ge=1, le=1000)]
    hours: Annotated[int, Meta(ge=1, le=8_784)] | None = None
    """A call may start at t if fewer than `at_most` counted calls started in (t - hours, t]."""
    days: Annotated[int, Meta(ge=1, le=366)] | None = None
    """A call may start on a local date if fewer started on it and the `days - 1` dates before it."""
    outcomes: Annotated[tuple[str, ...], Meta(min_length=1, description="a list of outcomes")] | None = None
    """Only calls with these outcomes count; all do if it is left out."""
    per: SharedBy = msgspec.field(default_factory=lambda: SharedBy(PER_PHONE))
    redials: Literal["counted", "exempt"] = "counted"
    """Whether calls of a redial's series are held back and counted as others are, or neither."""

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of hours and days."""
        if {"hours", "days"} <= fields.keys():
            if fields["hours"] is None and fields["days"] is None:
                yield Fault(("hours",), "nothing", "hours, or days")
            elif fields["hours"] is not None and fields["days"] is not None:
                yield Fault(("days",), "hours as well", "one of hours and days; write two caps for both")


def payload_fields(caps: Iterable[Cap]) -> tuple[str, ...]:
    """The fields of payloads by which caps are shared, each once."""
    return tuple(dict.fromkeys(cap.per.field for cap in caps if cap.per.field is not None))
