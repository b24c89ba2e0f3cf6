"""Invariants: what a call log breaks of the rules, whoever made the calls."""

from engine.testing.invariants.breach import Breach, Finding, Findings
from engine.testing.invariants.capacity import lines, pace
from engine.testing.invariants.checks import INVARIANTS, broken
from engine.testing.invariants.following import attempts, caps, duplicates, series, spacing
from engine.testing.invariants.moments import closed_dates, finishes, starts, windows
from engine.testing.invariants.played import Played
from engine.testing.invariants.turns import lost, order

__all__ = [
    "INVARIANTS",
    "Breach",
    "Finding",
    "Findings",
    "Played",
    "attempts",
    "broken",
    "caps",
    "closed_dates",
    "duplicates",
    "finishes",
    "lines",
    "lost",
    "order",
    "pace",
    "series",
    "spacing",
    "starts",
    "windows",
]
