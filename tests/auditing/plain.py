"""A plain, slow judge of calls: it walks through the calls one by one, and shares no code with the audit."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class PlainCall(NamedTuple):
    """A call as a person would note it."""

    phone: str
    start: int
    """Unix seconds."""
    zones: tuple[str, ...]
    outcome: str = ""
    debt: str | None = None
    redial: bool = False

    def clock(self, zone: str) -> datetime:
        """The wall clock in a zone."""
        return datetime.fromtimestamp(self.start, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    @property
    def day(self) -> date:
        """The date of the call's own clock, that of the first zone by name."""
        return self.clock(min(self.zones)).date()


class PlainCap(NamedTuple):
    """A cap."""

    at_most: int
    hours: int | None = None
    days: int | None = None
    outcomes: tuple[str, ...] | None = None
    per_debt: bool = False
    exempt: bool = False


def capped(calls: Sequence[PlainCall], cap: PlainCap) -> list[int]:
    """The calls, by their place, that a cap forbids."""
    found = []
    of_key: dict[tuple[str, str], list[int]] = {}
    for place, call in enumerate(calls):
        if not (cap.exempt and call.redial):
            of_key.setdefault(key(call, cap), []).append(place)
    for places in of_key.values():
        for place in places:
            call = calls[place]
            earlier = [
                calls[other]
                for other in places
                if (calls[other].start, other) < (call.start, place)
                and (cap.outcomes is None or calls[other].outcome in cap.outcomes)
            ]
            if cap.hours is not None:
                near = [other for other in earlier if call.start - other.start < cap.hours * 3600]
            else:
                first = call.day - timedelta(days=(cap.days or 1) - 1)
                near = [other for other in earlier if other.day >= first]
            if len(near) >= cap.at_most:
                found.append(place)
    return sorted(found)


def key(call: PlainCall, cap: PlainCap) -> tuple[str, str]:
    """What shares a cap."""
    return ("debt", call.debt) if cap.per_debt and call.debt is not None else ("phone", call.phone)
