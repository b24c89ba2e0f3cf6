"""`python -m benchmarks.replications`: how many runs a second replications make on one processor and on all.

Each round plays the same runs in one process and in as many processes as there are processors: first with processes
that must start, then with processes that run already, as for the second variant of a comparison. The digests of the
runs must be the same everywhere, on a Dask cluster of two workers, too; the exit status is 1 if they are not.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import joblib
import typer
from rich.console import Console
from rich.table import Table

from engine.reading.document import read_document
from engine.scenario.scenario import Scenario
from engine.whatif.replications import Replication, Runs
from engine.whatif.workers import Workers, play_replications

SPRING_PROMO = Path(__file__).parent.parent / "scenarios/spring_promo.yaml"
OWN_NUMBERS = 20_000
OWN_LINES = 26


def scaled(numbers: int) -> Scenario:
    """The scenario of the README with so many numbers, lines at all hours and a pace in proportion."""
    times = numbers / OWN_NUMBERS
    source = read_document(SPRING_PROMO).value
    for part in source["numbers"]:
        part["generate"]["count"] = round(part["generate"]["count"] * times)
    del source["campaign"]["shifts"]
    source["campaign"] |= {"lines": round(OWN_LINES * times), "callsPerSecond": round(2 * times, 3)}
    return Scenario.from_document(source)


def played(scenario: Scenario, runs: int, workers: Workers) -> tuple[float, list[Replication]]:
    """The seconds that so many runs take, none of them kept from before, and the runs."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        [replications] = play_replications([scenario], range(runs), Runs(Path(folder)), workers)
        return time.perf_counter() - began, replications


def main(
    numbers: Annotated[int, typer.Option(help="Numbers of the list.", min=20)] = 100_000,
    runs: Annotated[int, typer.Option(help="Runs of a round.", min=2)] = 64,
    rounds: Annotated[int, typer.Option(help="Rounds; the median of each figure counts.", min=1)] = 5,
) -> None:
    """Print the runs a second, and whether all digests are the same."""
    processors, scenario = joblib.cpu_count(), scaled(numbers)
    _, first = played(scenario, runs, Workers(jobs=1))  # loads the engine
    started, several = played(scenario, runs, Workers(jobs=processors))
    same = several == first
    times = []
    for _ in range(rounds):
        alone, one = played(scenario, runs, Workers(jobs=1))
        together, several = played(scenario, runs, Workers(jobs=processors))
        by_default, chosen = played(scenario, runs, Workers())
        times.append((alone, together, by_default))
        same = same and one == several == chosen == first
    one_process, warm, chosen_took = (median(column) for column in zip(*times, strict=True))
    table = Table("", "seconds", "runs a second", "times one process", box=None, padding=(0, 2, 0, 0))
    rows = {
        "one process": one_process,
        f"{processors} processes that have to start": started,
        f"{processors} processes that are there": warm,
        "as compare chooses by itself": chosen_took,
    }
    for words, took in rows.items():
        table.add_row(words, f"{took:.2f}", f"{runs / took:.1f}", f"{one_process / took:.2f}")
    console = Console()
    console.print(f"{runs} runs of {numbers:,} numbers, processors {processors}, median of {rounds} rounds")
    console.print(table)
    for place, words in ((1, f"{processors} that are there"), (2, "what compare chooses")):
        ratios = ", ".join(f"{each[0] / each[place]:.2f}" for each in times)
        console.print(f"one process divided by {words}, round by round: {ratios}")
    on_dask = _on_dask(scenario, runs)
    console.print(f"digests of all runs the same in one process and in several: {'yes' if same else 'NO'}")
    console.print(f"and on a Dask cluster of two workers: {'yes' if on_dask == first else 'NO'}")
    if not same or on_dask != first:
        raise typer.Exit(1)


def _on_dask(scenario: Scenario, runs: int) -> list[Replication]:
    from distributed import LocalCluster  # heavy

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call]
        return played(scenario, runs, Workers(dask=cluster.scheduler_address))[1]


if __name__ == "__main__":
    typer.run(main)
