"""Fixed offsets: zones that never change, such as -05:00, by which people are called whose clocks do change."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from engine.auditing.calls import Calls
from engine.auditing.groups import Group, without
from engine.auditing.judging import in_force
from engine.calling.instants import DAY, HOUR, utc_text
from engine.calling.rule_hours import closed_at, open_at
from engine.calling.rule_sets import NamedRules
from engine.calling.windows import open_windows
from engine.calling.zones import changing_zone_there, local_seconds, named_zone, next_difference
from engine.scenario.document import ScenarioDocument


class Fixed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A zone that never changes, where people's clocks do."""

    zone: str
    meant: str
    """The zone of most people whose clocks show this offset for a part of the year."""
    change: int
    """The next instant, from the first call or the simulation's start on, from which the two differ."""
    numbers: int
    numbers_outside: int

    @property
    def document(self) -> dict[str, Any]:
        """The same as plain values."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields | {"change": utc_text(self.change)}


class FixedOffset(Fixed, frozen=True, kw_only=True, rename="camel"):
    """A fixed offset of calls that were made. `numbers_outside` are those of `calls_outside`."""

    calls: int
    calls_outside: int
    """Calls that a rule set allows by the fixed offset, and forbids by the other clock."""


def fixed_offsets(calls: Calls, rules: list[NamedRules]) -> list[FixedOffset]:
    """The fixed offsets among the zones of calls, with the calls that they lead astray."""
    found = []
    for index, name in enumerate(calls.zones if calls.zone is not None else ()):
        meant = changing_zone_there(name)
        rows = np.flatnonzero(calls.zone == index) if meant is not None else np.zeros(0, np.int64)
        if meant is None or not len(rows):
            continue
        change = next_difference(name, meant, int(calls.start[rows].min()))
        if change is None:
            continue
        local, other = calls.local[rows], local_seconds(calls.start[rows], meant)
        astray = np.zeros(len(rows), np.bool_)
        for each in rules:
            hours = each.rules.hours
            fine = open_at(hours, local) & ~closed_at(hours, local)
            wrong = ~open_at(hours, other) | closed_at(hours, other)
            astray |= fine & wrong & in_force(other // DAY, each)
        found.append(
            FixedOffset(
                zone=name,
                meant=meant,
                change=change,
                calls=len(rows),
                numbers=len(np.unique(calls.number[rows])),
                calls_outside=int(astray.sum()),
                numbers_outside=len(np.unique(calls.number[rows[astray]])),
            )
        )
    return found


class FixedNumbers(Fixed, frozen=True, kw_only=True, rename="camel"):
    """A fixed offset of numbers that are planned.

    `numbers_outside` have open hours that are outside their hours by the other clock, in the four weeks after the
    change.
    """

    hours_outside: float
    """Such hours of one number in these weeks, on average over `numbers_outside`."""


def fixed_numbers(document: ScenarioDocument, groups: Iterable[Group]) -> Iterator[FixedNumbers]:
    """Fixed offsets among the zones of a list, and the hours that go astray when the clocks that are meant change."""
    by_zone: dict[str, list[Group]] = {}
    for group in groups:
        if group.redial is None and len(group.added):
            by_zone.setdefault(group.policy.zone_name, []).append(group)
    for zone, alike in by_zone.items():
        meant = changing_zone_there(zone)
        change = None if meant is None else next_difference(zone, meant, int(document.start))
        if meant is None or change is None:
            continue
        outside, lost = 0, 0.0
        for group in alike:
            until = change + 4 * 7 * DAY
            by_offset = open_windows(group.policy.week, named_zone(zone), change, until)
            by_clock = open_windows(group.policy.week, named_zone(meant), change, until)
            astray = without(by_offset, by_clock, change, until)
            seconds = int((astray.ends - astray.starts).sum())
            if seconds:
                outside += len(group.added)
                lost += seconds / HOUR * len(group.added)
        numbers = sum(len(group.added) for group in alike)
        yield FixedNumbers(
            zone=str(zone),  # without the type of a field of a scenario
            meant=meant,
            change=change,
            numbers=numbers,
            numbers_outside=outside,
            hours_outside=lost / outside if outside else 0.0,
        )
