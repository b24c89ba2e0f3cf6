"""`python -m benchmarks.policies`: lists in which many numbers have a call policy of their own, beside one policy.

The same rows are checked and run three times: with one start, finish and hours; with a start and a finish of each
number's own and 4,200 hours, as appointments have them; and with hours that no other number has, too. Every command
has a process of its own, and the lists take turns. Times are processor time of the whole command, the start of the
interpreter included.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import highest_memory

ROOT = Path(__file__).parent.parent
COMMANDS = ("check", "run")
SCENARIO = """\
start: 2026-03-02T00:00:00Z
finish: 2026-03-09T00:00:00Z
campaign: {lines: 500}
numbers: [{file: %s}]
outcomes:
  answered: {share: 0.5, seconds: 60}
  noAnswer: {share: 0.5, seconds: 20, retry: true}
"""
START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES, LENGTHS, SHUFFLED = 600, 7, 7_919
"""Hours begin in one of so many minutes, and have so many lengths; numbers come to them in a shuffled order."""


class Own(NamedTuple):
    """What a number has of its own."""

    starts: datetime
    finishes: datetime
    opens: int
    """The minute of the day at which its hours begin."""
    closes: int


def one(_: int) -> Own:
    """The same for all numbers."""
    return Own(START, START + timedelta(days=6), 480, 1_020)


def dates(place: int) -> Own:
    """A start and a finish of its own, and one of 4,200 hours."""
    starts = START + timedelta(seconds=place)
    opens = 420 + place * SHUFFLED % MINUTES
    return Own(starts, starts + timedelta(days=4, minutes=place % 1_000), opens, opens + 240 + place % LENGTHS)


def everything(place: int) -> Own:
    """Hours of its own, too: no two of 360,000 numbers have the same."""
    starts, finishes, *_ = dates(place)
    length, opens = divmod(place * SHUFFLED % 360_007, MINUTES)
    return Own(starts, finishes, 420 + opens, 420 + opens + 60 + length)


LISTS: dict[str, Callable[[int], Own]] = {
    "one policy": one,
    "a start and a finish each": dates,
    "hours each, too": everything,
}


def row(place: int, own: Own) -> str:
    """The line of a number in the list; it has the same length whatever its policy says."""
    hours = [{"localTimeFrom": _clock(own.opens), "localTimeTo": _clock(own.closes)}]
    fields = {
        "phone": str(16_500_000_000 + place),
        "startDateTime": f"{own.starts:%Y-%m-%dT%H:%M:%SZ}",
        "finishDateTime": f"{own.finishes:%Y-%m-%dT%H:%M:%SZ}",
        "allowedTime": {"default": hours},
    }
    return json.dumps(fields) + "\n"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def write_list(numbers: int, of: Callable[[int], Own], file: Path) -> Path:
    """A scenario with the list beside it; returns the scenario's file."""
    with file.with_suffix(".ndjson").open("w") as lines:
        lines.writelines(row(place, of(place)) for place in range(numbers))
    file.write_text(SCENARIO % file.with_suffix(".ndjson").name)
    return file


class Run(NamedTuple):
    """A command in a process of its own."""

    seconds: float
    """Processor time."""
    peak: int
    """Peak memory in bytes."""


def measured(command: str, scenario: Path) -> Run:
    """Let a fresh process execute the command."""
    arguments = [sys.executable, "-m", "benchmarks.policies", "one", command, str(scenario)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    return Run(*json.loads(done.stdout.splitlines()[-1]))


app = typer.Typer(add_completion=False)


@app.command(hidden=True, name="one")
def execute(command: str, scenario: Path) -> None:
    """Execute once, and print seconds and peak."""
    from engine.cli import app as dialer  # its start is measured, too

    dialer([command, str(scenario)], standalone_mode=False)
    print(json.dumps([time.process_time(), highest_memory()]))


@app.command()
def compare(
    numbers: Annotated[int, typer.Option(min=1, help="Numbers of each list.")] = 200_000,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each.")] = 3,
) -> None:
    """Measure what call policies of the numbers' own cost."""
    table = Table(title=f"{numbers:,} numbers; python -m benchmarks.policies")
    for column in ("command", "list", "processor seconds", "of one policy", "peak, MB", "of one policy"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as folder:
        typer.echo("writing the lists", err=True)
        files = {
            name: write_list(numbers, of, Path(folder) / f"list_{place}.yaml")
            for place, (name, of) in enumerate(LISTS.items())
        }
        measured("run", files["one policy"])  # so that no turn compiles
        for command in COMMANDS:
            turns = []
            for turn in range(rounds):
                typer.echo(f"{command}: turn {turn + 1}", err=True)
                turns.append({name: measured(command, file) for name, file in files.items()})
            for name in LISTS:
                seconds = [turn[name].seconds for turn in turns]
                ratios = [turn[name].seconds / turn["one policy"].seconds for turn in turns]
                peak = statistics.median(turn[name].peak for turn in turns)
                times = peak / statistics.median(turn["one policy"].peak for turn in turns)
                table.add_row(command, name, spread(seconds), spread(ratios), f"{peak / 1e6:,.0f}", f"{times:.2f}")
    Console(width=150).print(table)


def spread(values: list[float]) -> str:
    """The median, and the least and most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    app()
