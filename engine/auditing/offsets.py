"""Fixed offsets: zones that never change, such as -05:00, by which people are called whose clocks do change."""

from typing import NamedTuple

import numpy as np

from engine.auditing.calls import Calls
from engine.auditing.judging import in_force
from engine.calling.instants import DAY
from engine.calling.rule_hours import closed_at, open_at
from engine.calling.rule_sets import NamedRules
from engine.calling.zones import A_YEAR, changing_zone_there, local_seconds, offset_spans, parse_zone


class FixedOffset(NamedTuple):
    """A zone that never changes, and what its calls would be by the clock that people there go by."""

    zone: str
    meant: str
    """The zone of most people whose clocks show this offset for a part of the year."""
    change: int
    """The next instant from the first call on from which the two differ."""
    calls: int
    numbers: int
    calls_outside: int
    """Calls that a rule set allows by the fixed offset, and forbids by the other clock."""
    numbers_outside: int


def next_difference(zone: str, meant: str, start: int) -> int | None:
    """The first instant from `start` on, within a year, at which a fixed offset is not what the clocks meant show."""
    fixed = offset_spans(parse_zone(zone), start, start + 1)[0].offset
    spans = offset_spans(parse_zone(meant), start, start + A_YEAR)
    return next((span.start for span in spans if span.offset != fixed), None)


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
