"""Sizing: the smallest capacity that reaches a scenario's goal."""

from typing import Literal

import msgspec


class SizePoint(msgspec.Struct, frozen=True):
    """A capacity that was tried."""

    value: float
    """Lines, calls a second, or an instant in Unix seconds."""
    met: int
    """Replications that met the goal."""
    replications: int
    low: float
    """Wilson's 95 % interval of the share that met it, from `low` to `high`."""
    high: float


class Sizing(msgspec.Struct, frozen=True):
    """What a search for the smallest capacity found."""

    name: str
    by: Literal["lines", "callsPerSecond", "finish"]
    answer: float | None
    confidence: float
    """The share of replications that must meet the goal."""
    sentence: str
    points: tuple[SizePoint, ...]
