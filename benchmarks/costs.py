"""What caps cost, and counting what numbers wait for: python -m benchmarks.costs [NUMBERS [ROUNDS]].

The compiled engine plays the workload, with up to 9 attempts, in turn without them and with each. Times are those of
the processor, so that other work on the machine counts less.
"""

import sys
from collections.abc import Mapping
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.workload import workload
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import play
from engine.scenario.scenario import Scenario

WITHOUT = "neither"


class Way(NamedTuple):
    """How the workload is played."""

    caps: tuple[Mapping[str, Any], ...] = ()
    count_waits: bool = False


WAYS = {
    WITHOUT: Way(),
    "two caps that seldom hold: 3 in 24 hours, 7 in 7 days": Way(
        ({"atMost": 3, "hours": 24}, {"atMost": 7, "days": 7})
    ),
    "two caps that often hold: 1 in 24 hours, 2 in 7 days": Way(({"atMost": 1, "hours": 24}, {"atMost": 2, "days": 7})),
    "what numbers wait for is counted": Way(count_waits=True),
}


def main(numbers: int = 1_000_000, rounds: int = 5) -> None:
    """Measure and print."""
    scenarios = {name: _scenario(numbers, way) for name, way in WAYS.items()}
    rulebooks = {name: Rulebook(scenario.document) for name, scenario in scenarios.items()}
    for way in WAYS.values():
        small = _scenario(1_000, way)
        play(small, Rulebook(small.document), "compiled", count_waits=way.count_waits)
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    calls: dict[str, int] = {}
    for turn in range(rounds):
        for name in WAYS if turn % 2 == 0 else reversed(WAYS):
            start = process_time()
            record = play(scenarios[name], rulebooks[name], "compiled", count_waits=WAYS[name].count_waits)
            seconds[name].append(process_time() - start)
            calls[name] = int(record.quarters.begun.sum())
            del record  # or the next would be played beside it
    table = Table(title=f"{numbers:,} numbers, medians of {rounds}; python -m benchmarks.costs {numbers} {rounds}")
    for column in ("with", "calls", "seconds", "ratio of pairs", "least", "most"):
        table.add_column(column, justify="left" if column == "with" else "right")
    for name, times in seconds.items():
        ratios = sorted(time / plain for time, plain in zip(times, seconds[WITHOUT], strict=True))
        figures = (f"{ratio:.2f}" for ratio in (median(ratios), ratios[0], ratios[-1]))
        table.add_row(name, f"{calls[name]:,}", f"{median(times):.2f}", *figures)
    Console(width=120).print(table)


def _scenario(numbers: int, way: Way) -> Scenario:
    document = workload(numbers)
    document["campaign"]["maxAttempts"] = 9  # with fewer, caps of 3 and 7 calls would be known to hold nobody back
    if way.caps:
        document["campaign"]["caps"] = list(way.caps)
    return Scenario.from_document(document)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
