"""`python -m benchmarks.pairing`: how much the same luck on both sides of a comparison saves.

`scenarios/spring_promo.yaml` is played with 300 and with 310 lines. With shared luck both have the same seed, with
independent luck each has its own. The variance of the difference says how many replications a comparison needs: a
tenth of the variance is a tenth of the runs.

The file's own list hardly needs 300 lines, and its pace allows fewer calls than they could take. So the same is played
with a list that does: so many times the numbers, at so many times the pace. There some figures keep more than a tenth:
with more lines, customers are called at other hours, at which the file's `answering` lets another share of them answer.
Without `answering` the same customers are reached by as many calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from scipy import stats

from engine.reading.document import read_document
from engine.results.result import simulate
from engine.results.summary import figures_by_name
from engine.scenario.scenario import Scenario

SPRING_PROMO = Path(__file__).parent.parent / "scenarios/spring_promo.yaml"
LINES = (300, 310)
FIGURES = {
    "numbers.reached_share": "share reached",
    "goal.reached_share": "share reached by the goal's date",
    "calls.total": "calls",
    "lines.occupancy": "occupancy",
    "lines.occupancy_while_calling": "occupancy while calling",
    "waiting.1.mean": "mean wait of priority 1, s",
    "waiting.3.mean": "mean wait of priority 3, s",
    "waiting.5.mean": "mean wait of priority 5, s",
    "lines.most_in_use": "most lines in use",
}
WANTED = 0.1
"""At most this share of the variance with independent luck is left with shared luck."""
RESAMPLES = 4_000

Runs = NDArray[np.float64]
"""[replication, lines]: a figure."""


class Row(NamedTuple):
    """A figure: its mean difference, and the variances of the difference of one pair of runs."""

    name: str
    difference: float
    shared: float
    independent: float
    ratio: float
    """The ratio of the two variances; NaN if no run differs from any other."""
    low: float
    high: float
    """The 95 % interval of the ratio."""


def document(times: int) -> dict[str, Any]:
    """The scenario without its shifts, with so many times its numbers at so many times its pace."""
    read: dict[str, Any] = read_document(SPRING_PROMO).value
    del read["campaign"]["shifts"]
    read["campaign"]["callsPerSecond"] *= times
    for part in read["numbers"]:
        part["generate"]["count"] *= times
    return read


def played(times: int, replications: int, first_seed: int, tick: Callable[[], None]) -> dict[str, Runs]:
    """Each figure of each run: a replication has one seed for both numbers of lines."""
    base = document(times) | {"seed": first_seed}
    base["campaign"]["lines"] = LINES[0]
    scenario = Scenario.from_document(base)

    def runs() -> Iterator[list[dict[str, float | None]]]:
        for seed in range(first_seed, first_seed + replications):
            pair = []
            for lines in LINES:
                variant = {**base, "seed": seed, "campaign": base["campaign"] | {"lines": lines}}
                result = simulate(scenario.varied(variant), "compiled")
                pair.append(figures_by_name(result.figures))
                tick()
            yield pair

    pairs = list(runs())
    return {
        name: np.array([[run.get(name) for run in pair] for pair in pairs], np.float64).round(9) for name in FIGURES
    }


def variances(runs: Mapping[str, Runs]) -> list[Row]:
    """Both variances of the difference, and their ratio.

    With independent luck, the variance is the sum of the variances of both sides. The interval of the ratio is a
    percentile bootstrap over replications (Efron and Tibshirani, "An Introduction to the Bootstrap", chapter 13).
    """
    rows = []
    for name, values in runs.items():
        few, many = values.T
        low, high = np.nan, np.nan
        if ratio_of(few, many) > 0:
            resampled = stats.bootstrap(
                (few, many),
                ratio_of,
                n_resamples=RESAMPLES,
                vectorized=True,
                paired=True,
                method="percentile",
                rng=np.random.default_rng(0),
            )
            low, high = resampled.confidence_interval
        independent = few.var(ddof=1) + many.var(ddof=1)
        shared = (many - few).var(ddof=1)
        ratio = float(ratio_of(few, many))
        rows.append(Row(name, float((many - few).mean()), float(shared), float(independent), ratio, low, high))
    return rows


def ratio_of(few: Runs, many: Runs, axis: int = -1) -> Any:
    """The variance of the difference with shared luck over that with independent luck; nan where nothing varies."""
    independent = few.var(axis=axis, ddof=1) + many.var(axis=axis, ddof=1)
    shared = (many - few).var(axis=axis, ddof=1)
    least = 1e-20 * (few**2).mean(axis=axis)  # the variance that rounding leaves for equal figures
    return np.divide(shared, independent, out=np.full(np.shape(shared), np.nan), where=independent > least)


def table_of(title: str, rows: Sequence[Row]) -> Table:
    """What was measured, for the terminal."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure", no_wrap=True)
    columns = ("difference", "variance, shared luck", "variance, independent luck", "ratio", "95 % interval")
    for column in columns:
        table.add_column(column, justify="right")
    table.add_column("at most a tenth")
    for row in rows:
        if np.isnan(row.ratio):
            ratio, interval, enough = "", "", "varies in no run"
        elif row.ratio == 0:
            ratio, interval, enough = "0", "", "yes, no run differs"
        else:
            ratio, interval = f"{row.ratio:.4f}", f"{row.low:.4f} to {row.high:.4f}"
            enough = "yes" if row.ratio <= WANTED else "no"
        values = (f"{row.difference:+.4g}", f"{row.shared:.3g}", f"{row.independent:.3g}")
        table.add_row(FIGURES[row.name], *values, ratio, interval, enough)
    return table


def title_of(times: int, replications: int) -> str:
    """What exactly is played."""
    made = document(times)
    numbers = sum(part["generate"]["count"] for part in made["numbers"])
    pace = made["campaign"]["callsPerSecond"]
    return (
        f"{LINES[1]} lines against {LINES[0]}: spring_promo without its shifts, {numbers:,} numbers, "
        f"{pace:g} calls a second, {replications} replications"
    )


def run(
    replications: Annotated[int, typer.Option(min=3, help="Seeds.")] = 60,
    times: Annotated[int, typer.Option(min=1, max=200, help="How many times as long the second list is.")] = 15,
    seed: Annotated[int, typer.Option(min=0, max=2**62, help="The first seed.")] = 1,
) -> None:
    """Measure the variance of a difference with shared and with independent luck."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    asked = list(dict.fromkeys((1, times)))
    tables = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for each in asked:
            task = progress.add_task(f"{each} times the list", total=replications * len(LINES))
            runs = played(each, replications, seed, lambda task=task: progress.advance(task))  # type: ignore[misc]
            tables.append(table_of(title_of(each, replications), variances(runs)))
    console = Console(width=160)
    for table in tables:
        console.print(table)


if __name__ == "__main__":
    typer.run(run)
