"""Capacity: the values of lines or of pace with which a campaign may be played."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from engine.scenario.lines import MOST_LINES
from engine.scenario.scenario import Scenario

By = Literal["lines", "callsPerSecond"]

PACES = tuple(
    digits * 10**power / 1000
    for power in range(8)
    for digits in range(1 if power == 0 else 100, 1000)
    if digits * 10**power <= 1_000_000_000
)
"""The paces that are tried: calls a second, to three digits."""


class Lines(int):
    """Lines at the busiest hour."""


class Pace(float):
    """The most calls that begin in a second."""


class Capacity(NamedTuple):
    """Values of lines or of pace, ascending, with which a campaign may be played."""

    scenario: Scenario
    by: By
    values: Sequence[float]
    """Lines at the busiest hour, or calls a second."""
    start: int
    """The index in `values` of the scenario's own value, or of the nearest one."""

    def at(self, index: int) -> Lines | Pace:
        """The capacity at an index in `values`."""
        value = self.values[index]
        return Lines(value) if self.by == "lines" else Pace(value)

    def fields(self, value: float) -> dict[str, Any]:
        """The fields of the campaign that give it this capacity, as plain values.

        Shifts keep their shape: each has its part of the lines, rounded, and at least one.
        """
        if self.by == "callsPerSecond":
            return {"callsPerSecond": float(value)}
        campaign = self.scenario.document.campaign
        if campaign.shifts is None:
            return {"lines": int(value)}
        most = max(1, self.scenario.most_lines)
        shifts = self.scenario.source["campaign"]["shifts"]
        scaled = [max(1, round(shift.lines * value / most)) for shift in campaign.shifts]
        return {"shifts": [{**shift, "lines": lines} for shift, lines in zip(shifts, scaled, strict=True)]}

    def unlimited(self) -> dict[str, Any]:
        """The fields with which this capacity limits nothing."""
        return {"callsPerSecond": None} if self.by == "callsPerSecond" else self.fields(self.values[-1])

    def with_fields(self, fields: dict[str, Any]) -> Scenario:
        """The scenario with other fields of the campaign; the list is shared."""
        source = self.scenario.source
        return self.scenario.varied({**source, "campaign": {**source["campaign"], **fields}})


def capacity(scenario: Scenario, by: By) -> Capacity:
    """The values among which the search looks: no more lines than numbers, and paces to three digits."""
    campaign = scenario.document.campaign
    if by == "callsPerSecond":
        own = campaign.calls_per_second or 1.0
        return Capacity(scenario, by, PACES, min(range(len(PACES)), key=lambda index: abs(PACES[index] - own)))
    values = range(1, min(max(len(scenario.phonebook), 1), MOST_LINES) + 1)
    return Capacity(scenario, by, values, min(max(1, scenario.most_lines), len(values)) - 1)
