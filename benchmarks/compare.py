"""`python -m benchmarks.compare`: our engines and their peers do the same work side by side in one run.

Candidates take turns at each size, and ratios are formed for each turn, because machines are shared and noisy. Every
peer that can follow the rules must have the same digest. Tables go to the terminal and to `performance.md`, the picture
goes to `performance.svg`.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import copied_bytes_a_second, peak, starts
from benchmarks.peers import ciw_dialer, cpp, plain, simpy_dialer
from benchmarks.workload import workload_scenario, workload_with_everything
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import EngineName, play
from engine.results.result import simulate
from engine.scenario.scenario import Scenario

OURS = "compiled engine"
BYTES_A_CALL = 100
"""Bytes that a call of the workload reads or writes.

The record of a retried call, 32 bytes, is written and read twice; a result of 20 bytes is written; a first call reads
20 bytes of the list. A number has 2.3 calls, of which 1.3 are retries.
"""


class Turn(NamedTuple):
    """What a candidate did in one turn; `digest` is None if it cannot follow the rules."""

    calls: int
    digest: int | None
    seconds: float


class Candidate(NamedTuple):
    """A program that plays the workload, and the largest list that it gets."""

    name: str
    most: int
    play: Callable[[Scenario], Turn]


class Row(NamedTuple):
    """A candidate at a size: its calls a second, and our speed divided by its speed, for each turn."""

    numbers: int
    classes: int
    name: str
    rates: list[float]
    ratios: list[float]
    digests: set[int | None]


def engine(name: EngineName, *, calls: bool = False) -> Callable[[Scenario], Turn]:
    """One of our engines, timed from the list to the record."""

    def turn(scenario: Scenario) -> Turn:
        began = time.perf_counter()
        record = play(scenario, Rulebook(scenario.document), name, keep_calls=calls)
        return Turn(int(record.quarters.begun.sum()), record.digest, time.perf_counter() - began)

    return turn


def to_a_file(file: Path) -> Callable[[Scenario], Turn]:
    """The compiled engine that writes each call to a file while it plays, timed from the list to the whole file."""

    def turn(scenario: Scenario) -> Turn:
        began = time.perf_counter()
        result = simulate(scenario, "compiled", calls_file=file)
        seconds = time.perf_counter() - began
        return Turn(int(result.record.quarters.begun.sum()), result.digest, seconds)

    return turn


def python_peer(peer: Callable[[Scenario], int | tuple[int, int]]) -> Callable[[Scenario], Turn]:
    """A peer in Python, timed as a whole."""

    def turn(scenario: Scenario) -> Turn:
        began = time.perf_counter()
        played = peer(scenario)
        calls, digest = played if isinstance(played, tuple) else (played, None)
        return Turn(calls, digest, time.perf_counter() - began)

    return turn


def in_cimba(scenario: Scenario) -> int:
    """The peer in cimba. Raises ImportError where there is no cimba."""
    from benchmarks.peers import cimba_dialer  # its classes are those of a library that may be missing

    return cimba_dialer.play(scenario)


def candidates(folder: Path) -> list[Candidate]:
    """The candidates that are installed; others are named on standard error."""
    found = [
        Candidate(OURS, 1_000_000_000, engine("compiled")),
        Candidate(f"{OURS}, with the call log", 10_000_000, engine("compiled", calls=True)),
        Candidate(f"{OURS}, with the call log in a file", 10_000_000, to_a_file(folder / "calls.parquet")),
        Candidate("reference engine", 1_000_000, engine("reference")),
        Candidate("plain Python, heapq", 1_000_000, python_peer(plain.play)),
    ]
    if cpp.compiler():
        program, limit = cpp.build(folder), cpp.build(folder, cpp.LIMIT)

        def in_cpp(_: Scenario) -> Turn:
            return Turn(*cpp.play(program, folder / "input")[:3])

        def at_the_limit(_: Scenario) -> Turn:
            played = cpp.play(limit, folder / "input")
            return Turn(played.calls, None, played.seconds)

        found.insert(1, Candidate("C++ -O3, three priority_queues", 1_000_000_000, in_cpp))
        found.insert(2, Candidate("the limit: C -O3, one queue, no rules", 1_000_000_000, at_the_limit))
    else:
        typer.echo("no C++ compiler: that peer is left out", err=True)
    for name, most, peer in (
        ("cimba, a process a number", 10_000, in_cimba),
        ("SimPy, a process a number", 10_000, simpy_dialer.play),
        ("Ciw, each number once, no windows", 10_000, ciw_dialer.play),
    ):
        try:
            peer(workload_scenario(100, 10))
        except ImportError as error:
            typer.echo(f"{error.name} is not installed: that peer is left out", err=True)
        else:
            found.append(Candidate(name, most, python_peer(peer)))
    return found


def compare(numbers: int, classes: int, rounds: int, everyone: list[Candidate], folder: Path) -> list[Row]:
    """Let all candidates that can play a list of this size, in turns."""
    scenario = workload_scenario(numbers, classes)
    if cpp.compiler():
        cpp.write_input(scenario, folder / "input")
    able = [candidate for candidate in everyone if numbers <= candidate.most]
    turns: dict[str, list[Turn]] = {candidate.name: [] for candidate in able}
    for number in range(rounds):
        for candidate in able:
            typer.echo(f"{numbers:,} numbers, {classes} classes, turn {number + 1}: {candidate.name}", err=True)
            turns[candidate.name].append(candidate.play(scenario))
    ours = [turn.calls / turn.seconds for turn in turns[OURS]]
    rows = []
    for name, played in turns.items():
        rates = [turn.calls / turn.seconds for turn in played]
        ratios = [our / rate for our, rate in zip(ours, rates, strict=True)]
        rows.append(Row(numbers, classes, name, rates, ratios, {turn.digest for turn in played}))
    digests = set().union(*(row.digests for row in rows)) - {None}
    if len(digests) != 1:
        raise AssertionError(f"candidates decided differently at {numbers:,} numbers: {digests}")
    return rows


def cost_of_everything(numbers: int, rounds: int) -> list[float]:
    """The cost of a call with redials, shifts, pacing, factors and segments over one without, turn by turn."""
    turn = engine("compiled")
    without, with_all = workload_scenario(numbers, 10), Scenario.from_document(workload_with_everything(numbers))
    ratios = []
    for _ in range(rounds):
        plainly, fully = turn(without), turn(with_all)
        ratios.append((fully.seconds / fully.calls) / (plainly.seconds / plainly.calls))
    return ratios


def spread(values: list[float], form: str = ",.1f") -> str:
    """The median, and the least and most."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def count(text: str) -> int:
    """The number that `10k`, `1M` or `500` means."""
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isdecimal() or int(digits) < 1:
        raise typer.BadParameter(f"{text!r} is not a size such as 10k or 1M", param_hint="--sizes")
    return int(digits) * factor


def tables_of(rows: list[Row], everything: list[float], largest: int) -> list[Table]:
    """What was measured, for the terminal and for Markdown."""
    speed = Table(title="Calls a second")
    for column in ("numbers", "classes", "candidate", "calls a second", "the compiled engine is so many times as fast"):
        speed.add_column(column)
    for row in rows:
        ratio = "" if row.name == OURS else spread(row.ratios)
        speed.add_row(f"{row.numbers:,}", str(row.classes), row.name, spread(row.rates, ",.0f"), ratio)

    growth = Table(title="The compiled engine as lists grow (10 classes, a process each)")
    for column in (
        "numbers",
        "bytes a number at the peak",
        "nanoseconds a call",
        "share of the time that copying would take",
    ):
        growth.add_column(column)
    copying = copied_bytes_a_second()
    for numbers in sorted({row.numbers for row in rows} | {largest}):
        typer.echo(f"{numbers:,} numbers in a process of their own", err=True)
        run = peak(numbers)
        cost = run.seconds / run.calls
        limit = BYTES_A_CALL / copying / cost
        growth.add_row(f"{numbers:,}", f"{run.bytes_a_number:,.1f}", f"{cost * 1e9:,.0f}", f"{limit:.1%}")

    other = Table(title="What else counts")
    other.add_column("what")
    other.add_column("measured")
    cold, warm = starts()
    other.add_row("a call with redials, shifts, pacing, factors, segments, over one without", spread(everything, ".2f"))
    other.add_row("first compiled run after installation, process as a whole", f"{cold:.1f} s")
    other.add_row("the same again", f"{warm:.1f} s")
    other.add_row("memory copied on this machine", f"{copying / 1e9:.1f} GB a second, read and written")
    return [speed, growth, other]


def markdown(tables: list[Table], command: str) -> str:
    """The page: the picture, each table, and how to measure again."""
    parts = [
        "# Performance",
        "",
        "Engines and peers play the same list with the same windows, priorities, retries and outcomes, in turns in",
        "one run. Every candidate but cimba, SimPy and Ciw makes the same calls, which a digest over all of them",
        "proves; what those can follow is said in `benchmarks/peers`. Figures are medians, followed by the least and",
        "the most.",
        "",
        f"Measured by `{command}` on {os.cpu_count()} cores ({processor()}), Python {platform.python_version()}.",
        "",
        "![calls a second against numbers](performance.svg)",
    ]
    for table in tables:
        cells = [list(column.cells) for column in table.columns]
        headers = [str(column.header) for column in table.columns]
        rows = [headers, ["---"] * len(headers), *map(list, zip(*cells, strict=True))]
        parts += ["", f"## {table.title}", "", *("| " + " | ".join(map(str, row)) + " |" for row in rows)]
    return "\n".join(parts) + "\n"


def processor() -> str:
    """The model of this machine's processor, if it is known."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def draw(rows: list[Row], file: Path) -> None:
    """Calls a second against numbers, both logarithmic, for 10 window classes."""
    try:
        import matplotlib.pyplot as plt  # takes a second to load, and only this needs it
    except ImportError:
        typer.echo("matplotlib is not installed: the picture is left out", err=True)
        return
    plt.rcParams["svg.hashsalt"] = "performance"
    figure, axes = plt.subplots(figsize=(8, 5), facecolor="white")
    for name in dict.fromkeys(row.name for row in rows):
        points = [(row.numbers, statistics.median(row.rates)) for row in rows if row.name == name and row.classes == 10]
        axes.plot(*zip(*points, strict=True), marker="o", label=name, linewidth=2.5 if name == OURS else 1.2)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="numbers in the list",
        ylabel="calls a second",
        title="Calls a second against numbers",
    )
    axes.grid(visible=True, which="major", alpha=0.4)
    axes.legend(fontsize=8)
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def run(
    sizes: Annotated[str, typer.Option(help="Numbers in the lists.")] = "10k,100k,1M",
    full: Annotated[bool, typer.Option("--full", help="To 10 M numbers.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each candidate at each size.")] = 3,
    out: Annotated[Path, typer.Option(help="The folder that gets performance.md and performance.svg.")] = Path("docs"),
) -> None:
    """Measure our engines against their peers."""
    asked = [count(size) for size in ("10k,100k,1M,10M" if full else sizes).split(",")]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        everyone = candidates(folder)
        engine("compiled")(workload_scenario(1_000, 10))  # so that no turn compiles
        rows = [
            row
            for numbers in asked
            for classes in (10, 500)
            for row in compare(numbers, classes, rounds, everyone if classes == 10 else everyone[:2], folder)
        ]
    everything = cost_of_everything(min(max(asked), 1_000_000), max(rounds, 3))
    tables = tables_of(rows, everything, max(asked))
    console = Console(width=160)
    for table in tables:
        console.print(table)
    page = markdown(tables, " ".join(["python -m benchmarks.compare", *sys.argv[1:]]))
    for name, write in (
        ("performance.md", lambda file: file.write_text(page, encoding="utf-8")),
        ("performance.svg", lambda file: draw(rows, file)),
    ):
        beside = out / f".part-{name}"
        write(beside)
        if beside.exists():
            beside.replace(out / name)


if __name__ == "__main__":
    typer.run(run)
