"""Capacity: lines and pace (rules 6)."""

import numpy as np

from engine.testing.invariants.breach import Finding
from engine.testing.invariants.played import Played
from engine.testing.invariants.wording import of_calls


def lines(played: Played) -> Finding:
    """No more calls are in progress than there are lines when a call starts (rules 6); O(n log n)."""
    calls = played.calls
    over = played.excess
    there = played.capacity.lines[
        np.maximum(np.searchsorted(played.capacity.instants, calls.start, side="right") - 1, 0)
    ]
    known = np.full(len(calls.start), bool((calls.seconds >= 0).all()))
    inside = (calls.start >= played.start) & (calls.start < played.finish)
    return of_calls(
        played,
        "lines",
        6,
        over.no_line & inside,
        known,
        lambda call: (f"at most {there[call]:,} calls at once", f"{over.in_use[call] + 1:,}"),
        "how long every call lasted",
    )


def pace(played: Played) -> Finding:
    """Each call finds an allowance of `callsPerSecond`, counted in exact thousandths (rules 6); O(n)."""
    no_pace = played.excess.no_pace
    thousandths = played.document.campaign.pace
    return of_calls(
        played,
        "pace",
        6,
        no_pace,
        np.ones(len(no_pace), np.bool_),
        lambda _: (f"an allowance of a call, at {thousandths / 1000:g} calls per second", "less than one"),
        "",
    )
