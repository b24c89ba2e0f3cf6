"""`python -m benchmarks.sizing`: how many runs a search for the fewest lines spares by stopping sizes early.

Each question is asked twice: by `size`, which plays of each size only what the search must know, and by the same
search over sizes that are all played in full. What both find must be the same; the exit status is 1 if it is not.
"""

import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from engine.certainty import wilson
from engine.scenario.scenario import Scenario
from engine.whatif.capacity import By, capacity
from engine.whatif.replications import Replication, Runs, seeds_of
from engine.whatif.search import NEIGHBOURS, first_index, smallest_capacity
from engine.whatif.sizing import Sizing, goal_of
from engine.whatif.tries import Sizer
from engine.whatif.workers import Workers, play_replications

CONFIDENCES = (0.5, 0.75, 0.9, 0.95)


def campaign(numbers: int, confidence: float) -> Scenario:
    """A day's list, half of which is to be reached by noon; it takes about a line for 50 numbers."""
    return Scenario.from_document(
        {
            "start": "2026-03-02T09:00:00Z",
            "finish": "2026-03-02T18:00:00Z",
            "campaign": {"lines": 10, "maxAttempts": 3, "retryIntervalInMinutes": 30},
            "numbers": [{"generate": {"count": numbers}}],
            "outcomes": {
                "answered": {"share": 0.3, "seconds": {"exponential": 300}},
                "noAnswer": {"share": 0.7, "seconds": 25, "retry": True},
            },
            "goal": {"reached": 0.5, "by": "2026-03-02T12:00:00Z", "confidence": confidence},
        }
    )


class Found(NamedTuple):
    """What a search finds: indices among the values of the capacity."""

    answer: int | None
    at_least: int | None
    surely: int | None
    runs: int
    """The runs that it asked for."""


def found_in_full(scenario: Scenario, by: By, replications: int, runs: Runs, workers: Workers) -> Found:
    """What `smallest_capacity` looks for, with every replication of every size that is asked about."""
    ladder, confidence, seeds = capacity(scenario, by), goal_of(scenario).confidence, seeds_of(scenario, replications)

    @cache
    def played(fields: tuple[tuple[str, float | None], ...]) -> list[Replication]:
        [replicated] = play_replications([ladder.with_fields(dict(fields))], seeds, runs, workers)
        return replicated

    def counted(index: int) -> int:
        return _met(played(tuple(ladder.fields(ladder.at(index)).items())))

    def found(answer: int | None = None, at_least: int | None = None, surely: int | None = None) -> Found:
        return Found(answer, at_least, surely, replications * played.cache_info().currsize)

    needed = -(-round(confidence * 1_000_000) * replications // 1_000_000)
    unlimited = played(tuple(ladder.unlimited().items()))
    start, top = ladder.start, len(ladder.values) - 1
    if _met(unlimited) < needed:
        answering = scenario.document.answering
        doubled = range((top + 1).bit_length() + 1) if answering.local_hours or answering.weekdays else ()
        some = [index for power in doubled if counted(index := min(2**power - 1, top)) >= needed]
        if not some:
            return found()
        start = top = some[0]
    elif by == "lines":
        top = min(top, round(max(each.figures["lines.most_in_use"] or 1 for each in unlimited)) - 1)
    answer = first_index(lambda index: counted(index) >= needed, start, top, NEIGHBOURS)
    if answer is None:
        return found()
    at_least = first_index(lambda index: wilson(counted(index), replications)[1] >= confidence, answer, top)
    surely = first_index(lambda index: wilson(counted(index), replications)[0] >= confidence, answer, top)
    return found(answer, at_least, surely)


def _met(played: list[Replication]) -> int:
    return sum(each.figures["goal.met"] == 1 for each in played)


def same(sizing: Sizing, found: Found, scenario: Scenario) -> bool:
    """Whether both searches found the same."""
    ladder = capacity(scenario, "lines" if sizing.by == "lines" else "callsPerSecond")
    in_full = [None if index is None else ladder.at(index) for index in found[:3]]
    return in_full == [sizing.answer, sizing.at_least, sizing.surely]


def main(
    numbers: Annotated[int, typer.Option(help="Numbers of the list.", min=20)] = 500,
    replications: Annotated[int, typer.Option(help="Replications of each size.", min=1)] = 100,
) -> None:
    """Print the runs that stopping early spares, and whether the answers are the same."""
    table = Table("confidence", "answer", "from", "to", box=None, padding=(0, 2, 0, 0))
    for column in ("runs in full", "runs played", "spared", "seconds in full", "seconds"):
        table.add_column(column, justify="right")
    all_same, total, total_played = True, 0, 0
    for confidence in CONFIDENCES:
        scenario = campaign(numbers, confidence)
        with TemporaryDirectory() as folder, TemporaryDirectory() as other:
            began = time.perf_counter()
            sizing = smallest_capacity(scenario, "lines", Sizer(replications, Runs(Path(folder))))
            took = time.perf_counter() - began
            began = time.perf_counter()
            in_full = found_in_full(scenario, "lines", replications, Runs(Path(other)), Workers())
            took_in_full = time.perf_counter() - began
        all_same = all_same and same(sizing, in_full, scenario)
        total, total_played = total + in_full.runs, total_played + sizing.played
        ends = (f"{size}" if size is not None else "-" for size in (sizing.answer, sizing.at_least, sizing.surely))
        runs = (f"{in_full.runs:,}", f"{sizing.played:,}", f"{1 - sizing.played / in_full.runs:.1%}")
        table.add_row(f"{confidence:.0%}", *ends, *runs, f"{took_in_full:.1f}", f"{took:.1f}")
    console = Console(width=100)
    console.print(f"the fewest lines for {numbers:,} numbers, replications {replications}")
    console.print(table)
    console.print(f"{total - total_played:,} of {total:,} runs were spared ({1 - total_played / total:.1%})")
    console.print(f"the same answers with the same ends as in full: {'yes' if all_same else 'NO'}")
    if not all_same:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
