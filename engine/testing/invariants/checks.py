"""Checks: all invariants together."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from engine.logs.forms import AS_IT_IS, LogForm
from engine.scenario.scenario import Scenario
from engine.testing.invariants.breach import Finding, Findings
from engine.testing.invariants.capacity import lines, pace
from engine.testing.invariants.following import attempts, caps, duplicates, series, spacing
from engine.testing.invariants.logged import Log
from engine.testing.invariants.moments import closed_dates, finishes, starts, windows
from engine.testing.invariants.played import Played
from engine.testing.invariants.turns import lost, order

INVARIANTS: tuple[Callable[[Played], Finding], ...] = (
    windows, starts, finishes, closed_dates, lines, pace, order, spacing, attempts, series, caps, duplicates, lost,
)  # fmt: skip
"""All invariants."""


def broken(
    log: Log,
    scenario: Scenario | str | Path,
    *,
    form: LogForm = AS_IT_IS,
    numbers: pl.DataFrame | pl.LazyFrame | None = None,
    same_luck: bool = False,
) -> Findings:
    """Hold a call log against every invariant; `Played` says what a log may be, and what the options mean.

    O(n log n): a million calls take some seconds. A campaign that users paused, or in which they cancelled or redialled
    numbers, may break `lost`, `attempts` and `series`, for a log does not tell their commands.
    """
    played = Played(log, scenario, form=form, numbers=numbers, same_luck=same_luck)
    return Findings(tuple(each(played) for each in INVARIANTS))
