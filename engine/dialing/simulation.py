"""Simulation: a scenario played from start to finish by an engine."""

from collections.abc import Callable
from typing import Literal

from engine.calling.instants import DAY
from engine.dialing.record import Record
from engine.dialing.reference import Dialer
from engine.dialing.tables import Tables
from engine.scenario import Scenario

EngineName = Literal["auto", "reference"]
Progress = Callable[[int, int], None]
"""Called with the instant reached and the calls begun, at the end of each simulated day."""


def play(
    scenario: Scenario,
    tables: Tables,
    engine: EngineName = "auto",
    *,
    keep_calls: bool = False,
    progress: Progress | None = None,
) -> Record:
    """Play the scenario whole. Every engine gives the same record; `auto` chooses the one that is fast at its size."""
    if engine not in ("auto", "reference"):
        raise ValueError(f"no engine is named {engine!r}; allowed: auto, reference")
    dialer = Dialer(tables, keep_calls=keep_calls)
    dialer.add(scenario.phonebook)
    while dialer.now < tables.finish:
        dialer.advance(dialer.now + DAY)
        if progress:
            progress(dialer.now, dialer.begun)
    return dialer.record()
