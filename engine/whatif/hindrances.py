"""Hindrances: what keeps the numbers of a list from being reached in time, whatever the capacity."""

from collections.abc import Sequence

import msgspec
import numpy as np

from engine.dialing.rulebook import Rulebook
from engine.results.reasons import REACHED_LATE, Cause, reason_named
from engine.scenario.scenario import Scenario
from engine.whatif.replications import Replication

_NOT_REACHED = "numbers.not_reached."


class Hindrance(msgspec.Struct, frozen=True):
    """Numbers that were not reached in time for one reason."""

    reason: str
    """Its name in the table of reasons."""
    cause: Cause
    share: float
    """The share of the list; the mean over the replications."""


def hindrances(replications: Sequence[Replication], in_time: str) -> tuple[Hindrance, ...]:
    """Why numbers were not reached in time, the most frequent reason first.

    `in_time` is the name of the figure with the share that was reached in time.
    """
    totals: dict[str, float] = {}
    for each in replications:
        figures = {name: value or 0.0 for name, value in each.figures.items()}
        total = max(figures["numbers.total"], 1.0)
        for name, value in figures.items():
            if name.startswith(_NOT_REACHED):
                reason = name.removeprefix(_NOT_REACHED)
                totals[reason] = totals.get(reason, 0.0) + value / total
        late = figures["numbers.reached_share"] - figures[in_time]
        totals[REACHED_LATE.name] = totals.get(REACHED_LATE.name, 0.0) + late
    found = [
        Hindrance(reason, reason_named(reason).cause, share / len(replications))
        for reason, share in totals.items()
        if share
    ]
    return tuple(sorted(found, key=lambda hindrance: -hindrance.share))


def dead_share(scenario: Scenario) -> float:
    """The share of the list that is in segments that never answer."""
    rulebook = Rulebook(scenario.document)
    model = rulebook.model
    if model.answered < 0:
        return 1.0
    above = model.thresholds[..., model.answered].astype(np.int64)
    below = model.thresholds[..., model.answered - 1].astype(np.int64) if model.answered else 0
    never = ((above - below) == 0).all(axis=(1, 2))
    segments = rulebook.segments_of(scenario.phonebook)
    return float(never[segments].mean()) if len(segments) else 0.0
