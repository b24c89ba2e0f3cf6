"""Invariants: what a call log breaks of the rules, whoever made the calls."""

from engine.testing.invariants.breach import Breach, Finding, Findings
from engine.testing.invariants.checks import (
    INVARIANTS,
    attempts,
    broken,
    caps,
    closed_dates,
    duplicates,
    finishes,
    lines,
    lost,
    order,
    pace,
    series,
    spacing,
    starts,
    windows,
)
from engine.testing.invariants.played import Played

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
