"""Sizing: what a search for the smallest capacity, or for the earliest date, found."""

from typing import Any, Literal

import msgspec

from engine.calling.instants import Instant
from engine.certainty import wilson
from engine.reading.faults import Fault
from engine.reading.notes import Note
from engine.scenario.document import Goal, ScenarioError
from engine.scenario.scenario import Scenario
from engine.whatif.capacity import Lines, Pace
from engine.whatif.hindrances import Hindrance

Size = Lines | Pace | Instant
"""A size: lines, a pace, or the instant before which the goal is reached."""
Sought = Literal["lines", "callsPerSecond", "finish"]


class SizePoint(msgspec.Struct, frozen=True):
    """A size that was tried."""

    value: Size
    met: int
    """Replications that met the goal."""
    replications: int
    low: float
    """Wilson's 95 % interval of the share that met it, from `low` to `high`."""
    high: float


class Unreachable(msgspec.Struct, frozen=True):
    """Why a goal cannot be reached."""

    reached_share: float
    """The share of the list that is reached in time without a limit to the capacity; the mean over the replications."""
    hindrances: tuple[Hindrance, ...]
    dead_share: float
    """The share of the list that is in segments that never answer."""
    other_limit: Literal["lines", "callsPerSecond"] | None = None
    """The field of the campaign without whose limit the goal would be reached."""


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
    warnings: tuple[Note, ...] = ()
    """What to know of the input before the answer is believed."""

    @property
    def point(self) -> SizePoint | None:
        """The point of the answer; None if there is no answer."""
        return next((point for point in self.points if point.value == self.answer), None)

    def points_of(self, most: int) -> tuple[SizePoint, ...]:
        """About `most` of the points, evenly chosen, with the answer and those next to it."""
        last = len(self.points) - 1
        chosen = {round(step * last / (most - 3)) for step in range(most - 2)} if last >= most else set(range(last + 1))
        answer = next((row for row, point in enumerate(self.points) if point.value == self.answer), 0)
        chosen |= {answer - 1, answer, answer + 1}  # what is next to it says most
        return tuple(point for row, point in enumerate(self.points) if row in chosen)


def goal_of(scenario: Scenario) -> Goal:
    """The goal of a scenario; ScenarioError if it has none."""
    if scenario.document.goal is None:
        allowed = "a goal such as {reached: 0.6, by: 2026-03-10T00:00:00Z}, or --set goal.reached=0.6"
        raise ScenarioError([Fault(("goal",), "nothing", allowed)])
    return scenario.document.goal


def size_point(value: Size, met: int, replications: int) -> SizePoint:
    """A size with Wilson's interval around its share of replications that met the goal."""
    return SizePoint(value, met, replications, *wilson(met, replications))
