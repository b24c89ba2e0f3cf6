"""`python -m benchmarks.classes`: small lists, many window classes, and a call policy for each number.

Each list is played by the compiled engine from the list to the record, in turns with the same number of numbers in ten
window classes, and with the C++ heap where it can follow. Nothing that a turn before made of a list is used again.
The heap is timed without what it is given ready-made: windows, terms and luck's tables. Times are processor time.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.peers import cpp
from benchmarks.workload import workload_scenario
from engine.calling.instants import DAY
from engine.calling.policies import Policies
from engine.calling.windows import Instants
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import play
from engine.numbers.phonebook import Phonebook
from engine.scenario.scenario import Scenario

COLUMNS = (
    "numbers",
    "list",
    "milliseconds, list to record",
    "so many times ten classes",
    "C++ heap takes so many times",
)


class Case(NamedTuple):
    """A list, and whether the heap can follow its policies."""

    name: str
    scenario: Scenario
    for_heap: bool = True


def afresh(scenario: Scenario) -> Scenario:
    """The same scenario, of whose list nothing has been compiled."""
    distinct = scenario.phonebook.distinct
    again = Policies(distinct.undated, distinct.of_undated, distinct.starts, distinct.finishes)
    return replace(scenario, phonebook=Phonebook(**{**scenario.phonebook._asdict(), "distinct": again}))


def with_dates(scenario: Scenario, of: Callable[[Instants], tuple[Instants, Instants]]) -> Scenario:
    """The scenario in which each number has a policy of its own: `of` says its start and finish by its row."""
    book, rows = scenario.phonebook, np.arange(len(scenario.phonebook))
    starts, finishes = of(rows)
    own = Policies(book.distinct.undated, book.distinct.of_undated[book.policies], starts, finishes)
    columns = {**book._asdict(), "policies": rows.astype(np.int32), "distinct": own}
    return replace(scenario, phonebook=Phonebook(**columns))


def cases(numbers: int, many: int) -> list[list[Case]]:
    """The lists, those of one size together; ten classes first."""
    small = [Case(f"{classes:,} classes", workload_scenario(numbers, classes)) for classes in (10, 500, 5_000)]
    ten = workload_scenario(many, 10)
    start, finish = int(ten.document.start), int(ten.document.finish)
    policies = [
        Case("10 classes", ten),
        Case("500 classes", workload_scenario(many, 500)),
        Case("5,000 classes", workload_scenario(many, 5_000)),
        Case(
            "a finish each, after the simulation",
            with_dates(ten, lambda rows: (np.full(len(rows), start), finish + 30 * DAY + rows)),
            for_heap=False,
        ),
        Case(
            "a start and a finish each, within it",
            with_dates(ten, lambda rows: (start + rows * 7_919 % DAY, finish - DAY + rows % DAY + rows // DAY)),
            for_heap=False,
        ),
    ]
    return [small, policies]


def measure(alike: list[Case], rounds: int, program: Path | None, folder: Path) -> list[tuple[str, ...]]:
    """Let the engine, and the heap where there is one, play lists of one size in turns; a row of the table for each."""
    inputs = {case.name: folder / f"input {place}" for place, case in enumerate(alike) if program and case.for_heap}
    for case in alike:
        if case.name in inputs:
            cpp.write_input(case.scenario, inputs[case.name])
    ours: dict[str, list[float]] = {case.name: [] for case in alike}
    heaps: dict[str, list[float]] = {case.name: [] for case in alike}
    for turn in range(rounds):
        for case in alike:
            typer.echo(f"{len(case.scenario.phonebook):,} numbers, {case.name}: turn {turn + 1}", err=True)
            scenario = afresh(case.scenario)
            began = time.process_time()
            record = play(scenario, Rulebook(scenario.document), "compiled")
            ours[case.name].append(time.process_time() - began)
            if program and case.name in inputs:
                played = cpp.play(program, inputs[case.name])
                assert played.digest == record.digest  # else another game was measured
                heaps[case.name].append(played.processor_seconds)
            del record  # or the next would be played beside it
    rows: list[tuple[str, ...]] = []
    for case in alike:
        own, ten, heap = ours[case.name], ours[alike[0].name], heaps[case.name]
        rows.append(
            (
                f"{len(case.scenario.phonebook):,}",
                case.name,
                spread([seconds * 1e3 for seconds in own]),
                spread([mine / its for mine, its in zip(own, ten, strict=True)]),
                spread([its / mine for mine, its in zip(own, heap, strict=True)]) if heap else "",
            )
        )
    return rows


def spread(values: list[float]) -> str:
    """The median, and the least and most."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def run(
    numbers: Annotated[int, typer.Option(min=1_000, help="Numbers of the small lists.")] = 10_000,
    many: Annotated[int, typer.Option(min=1_000, help="Numbers of the lists with a policy for each.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each.")] = 5,
) -> None:
    """Measure what window classes and call policies cost beside the calls."""
    play_before = workload_scenario(1_000, 10)
    play(play_before, Rulebook(play_before.document), "compiled")  # so that no turn compiles
    table = Table(title="Window classes and call policies; python -m benchmarks.classes")
    for column in COLUMNS:
        table.add_column(column)
    with tempfile.TemporaryDirectory() as folder:
        program = cpp.build(Path(folder)) if cpp.compiler() else None
        for alike in cases(numbers, many):
            for row in measure(alike, rounds, program, Path(folder)):
                table.add_row(*row)
    Console(width=160).print(table)


if __name__ == "__main__":
    typer.run(run)
