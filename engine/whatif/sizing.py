"""Sizing: what a search for the smallest capacity, or for the earliest date, found."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from engine.calling.instants import Instant
from engine.certainty import Estimate, estimate, wilson
from engine.reading.faults import Fault
from engine.reading.notes import Note
from engine.scenario.document import Goal, ScenarioError
from engine.scenario.scenario import Scenario
from engine.whatif.capacity import Lines, Pace
from engine.whatif.hindrances import Hindrance
from engine.whatif.replications import Replication
from engine.whatif.setting import Setting

Size = Lines | Pace | Instant
"""A size: lines, a pace, or the instant before which the goal is reached."""
Sought = Literal["lines", "callsPerSecond", "finish"]


NEAR = 2
"""Sizes that are at most so many times the answer, or the answer so many times them, are near it."""


class SizePoint(msgspec.Struct, frozen=True):
    """A size that was tried."""

    value: Size
    met: int
    """Replications that met the goal, of those that were played."""
    replications: int
    """Replications that were played."""
    low: float | None
    """Wilson's 95 % interval of the share that met it, from `low` to `high`; None if not all replications were played.

    When to stop depends on how many met the goal, so that an interval of those that were played would be wrong.
    """
    high: float | None
    planned: int = 0
    """Replications of each size; fewer are played where they settle whether a size is enough."""
    reached: Estimate | None = None
    """The share of the list that was reached in time, over the replications that were played; None for dates."""

    @property
    def stopped(self) -> bool:
        """Whether its replications settled whether it is enough before all were played."""
        return self.replications < self.planned

    @property
    def share(self) -> float:
        """The share of the replications played that met the goal."""
        return self.met / self.replications


class Unreachable(msgspec.Struct, frozen=True):
    """Why a goal cannot be reached."""

    reached_share: float
    """The share of the list that is reached in time without a limit to the capacity; the mean over the replications."""
    hindrances: tuple[Hindrance, ...]
    dead_share: float
    """The share of the list that is in segments that never answer."""
    other_limit: Literal["lines", "callsPerSecond"] | None = None
    """The field of the campaign without whose limit the goal would be reached."""
    met: int = 0
    """Replications that met the goal, of those that were played without a limit."""
    replications: int = 0
    """Replications that were played without a limit."""


class Sizing(msgspec.Struct, frozen=True):
    """What a search for the smallest capacity found."""

    name: str
    goal: Goal
    by: Sought
    answer: Size | None
    """The smallest size that reaches the goal; None if none does."""
    points: tuple[SizePoint, ...]
    """All sizes that were tried, by value."""
    at_least: Size | None = None
    """The lower end: by 95 % intervals, less is not enough; None if there is no answer."""
    surely: Size | None = None
    """The upper end: by 95 % intervals, this is enough; None if it takes more replications to say."""
    changes: dict[str, Any] = {}
    """The fields of the campaign with the answer."""
    unreachable: Unreachable | None = None
    """Why there is no answer."""
    hindrances: tuple[Hindrance, ...] = ()
    """Why numbers are not reached in time with the answer."""
    unlimited_share: float | None = None
    """The share of the list that is reached in time without a limit to the capacity, if that misses the goal: more
    than the answer then does harm, for calls come at hours at which fewer are answered."""
    played: int = 0
    """The runs that the search asked for."""
    planned: int = 0
    """The runs that it would have asked for without stopping early."""
    setting: Setting | None = None
    """What is sized."""
    warnings: tuple[Note, ...] = ()
    """What to know of the input before the answer is believed."""

    @property
    def point(self) -> SizePoint | None:
        """The point of the answer; None if there is no answer."""
        return next((point for point in self.points if point.value == self.answer), None)

    def around(self) -> tuple[SizePoint, ...]:
        """The points around the answer: all where things change, and those near it.

        They begin with the last below the answer that no replication met, and end with the first above it that all
        met. All points if there is no answer.
        """
        answer = next((row for row, point in enumerate(self.points) if point.value == self.answer), None)
        if answer is None:
            return self.points
        first = last = answer
        while first > 0 and (self.points[first].met or self._within(self.points[first - 1])):
            first -= 1
        while last < len(self.points) - 1 and (self.points[last].share < 1 or self._within(self.points[last + 1])):
            last += 1
        return self.points[first : last + 1]

    def _within(self, point: SizePoint) -> bool:
        """Whether a point is near the answer, or between the ends of what it may be with other luck."""
        answer, value = self.answer or 0, point.value
        between = (self.at_least or answer) <= value <= (self.surely or answer)
        return between or (self.by != "finish" and answer <= NEAR * value and value <= NEAR * answer)

    def points_of(self, most: int) -> tuple[SizePoint, ...]:
        """About `most` of the points around the answer, evenly chosen, with the answer and those next to it."""
        points = self.around()
        last = len(points) - 1
        chosen = {round(step * last / (most - 3)) for step in range(most - 2)} if last >= most else set(range(last + 1))
        answer = next((row for row, point in enumerate(points) if point.value == self.answer), 0)
        chosen |= {answer - 1, answer, answer + 1}  # what is next to it says most
        return tuple(point for row, point in enumerate(points) if row in chosen)


def goal_of(scenario: Scenario) -> Goal:
    """The goal of a scenario; ScenarioError if it has none."""
    if scenario.document.goal is None:
        allowed = "a goal such as {reached: 0.6, by: 2026-03-10T00:00:00Z}, or --set goal.reached=0.6"
        raise ScenarioError([Fault(("goal",), "nothing", allowed)])
    return scenario.document.goal


def size_point(value: Size, met: int, planned: int, played: Sequence[Replication] = ()) -> SizePoint:
    """A size of which `met` replications met the goal; `played` are those whose share reached in time counts."""
    replications = len(played) or planned
    low, high = wilson(met, planned) if replications == planned else (None, None)
    shares = np.array([each.figures["goal.reached_share"] or 0.0 for each in played])
    return SizePoint(
        value, met, replications, low, high, planned, estimate(shares, bounds=(0.0, 1.0)) if len(shares) else None
    )
