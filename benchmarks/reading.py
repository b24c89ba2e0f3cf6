"""`python -m benchmarks.reading`: lists read and checked, compared with a library that only reads them.

Every measurement has a process of its own; ours and the library's take turns on the same file. The fullest sheet of
Excel is read by `dialer check` on a terminal, so that its progress is drawn.
"""

import json
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import highest_memory

if TYPE_CHECKING:
    import polars as pl

ROOT = Path(__file__).parent.parent
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "-05:00", "UTC+1", "Z")
HOURS = (("10:00", "11:30"), ("13:00", "14:30"))
MOST_ROWS = 1_048_575
"""The most rows that a sheet of Excel holds below its header."""
DRAWN = b"\x1b[2K"
"""A terminal is told so to clear the line before progress is drawn on it."""
SCENARIO = {
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-06T00:00:00Z",
    "campaign": {"lines": 100},
    "outcomes": {"answered": {"share": 1, "seconds": 60}},
}


def policies() -> list[str]:
    """84 call policies in the shape of the documentation's example, JSON text without its brackets."""
    texts = []
    for zone, attempts, retry, day in product(ZONES, (0, 1, 3), (60, 120), ("mon", "fri")):
        hours = [{"localTimeFrom": start, "localTimeTo": end} for start, end in HOURS]
        allowed = {day: hours, "default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
        fields = {"allowedTime": allowed, "retryIntervalInMinutes": retry, "maxAttempts": attempts, "gmtZone": zone}
        texts.append(json.dumps(fields)[1:-1])
    return texts


def write_json(numbers: int, file: Path) -> None:
    """An `addPhones` body whose payloads are all different."""
    texts = policies()
    with file.open("w") as body:
        body.write("[")
        for place in range(numbers):
            body.write(("" if place == 0 else ",\n") + number(place, texts))
        body.write("]")


def number(place: int, texts: list[str]) -> str:
    """The JSON text of a number of a list; its policy is one of `texts`."""
    payload = f'{{"name": "Customer {place}", "age": {20 + place % 60}, "contract": "C-{place * 7919 % 999_983:06}"}}'
    return f'{{"phone": {16_500_000_000 + place}, "payload": {payload}, {texts[place % len(texts)]}}}'


def rows_of_numbers(rows: int) -> "pl.DataFrame":
    """Numbers with four policy columns, of 84 policies, and a payload column."""
    import numpy as np
    import polars as pl

    place = np.arange(rows)
    words = pl.Series(ZONES)
    return pl.DataFrame(
        {
            "phone": 16_500_000_000 + place,
            "gmtZone": words.gather(place % 7),
            "allowedTime": pl.Series(["10:00-18:00", "09:00-12:00, 14:00-20:00"]).gather(place // 7 % 2),
            "maxAttempts": pl.Series([0, 1, 3]).gather(place // 14 % 3),
            "retryIntervalInMinutes": pl.Series([60, 120]).gather(place // 42 % 2),
            "payload.contract": pl.Series("contract", place * 7919 % 999_983).cast(pl.String),
        }
    )


def write_excel(rows: int, file: Path) -> None:
    """Numbers with three policy columns, of 42 policies, and a payload column."""
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("phone", "gmtZone", "allowedTime", "maxAttempts", "payload.contract"))
        for row in range(rows):
            hours = ("10:00-18:00", "09:00-12:00, 14:00-20:00")[row // 7 % 2]
            contract = f"C-{row * 7919 % 999_983:06}"
            sheet.write_row(
                row + 1, 0, (16_500_000_000 + row, ZONES[row % 7], hours, (0, 1, 3)[row // 14 % 3], contract)
            )


class Reading(NamedTuple):
    """One reading in a process of its own."""

    seconds: float
    peak: int
    """Peak memory in bytes, with the interpreter and all libraries."""


def by_us(numbers: object) -> None:
    """Read a part of a list until it is ready for an engine."""
    from engine import Scenario

    Scenario.from_document({**SCENARIO, "numbers": [numbers]}, ROOT)


def by_json(file: str) -> None:
    """Read JSON with the standard library alone."""
    json.loads(Path(file).read_bytes())


def by_polars(file: str) -> None:
    """Read Parquet with polars alone."""
    import polars as pl

    pl.read_parquet(file)


def by_check(file: str) -> None:
    """Read a list as the command `dialer check` does, its start included."""
    from engine.cli import app

    app(["check", file], standalone_mode=False)


def by_polars_of_csv(file: str) -> None:
    """Read CSV with polars alone, with text in every cell."""
    import polars as pl

    pl.read_csv(file, infer_schema=False)


READERS: dict[str, Callable[[str], None]] = {
    "ours": lambda file: by_us({"file": file}),
    "check": by_check,
    "json.loads": by_json,
    "polars.read_csv": by_polars_of_csv,
    "polars.read_parquet": by_polars,
    "generated": lambda count: by_us(
        {
            "generate": {
                "count": int(count),
                "gmtZone": {
                    "America/New_York": 47,
                    "America/Chicago": 29,
                    "America/Denver": 7,
                    "America/Los_Angeles": 17,
                },
                "dialerPriority": {"1": 5, "3": 25, "5": 70},
            }
        }
    ),
}


def measured(reader: str, argument: str) -> Reading:
    """Let a fresh process read."""
    command = [sys.executable, "-m", "benchmarks.reading", "one", reader, argument]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Reading(*json.loads(done.stdout))


def checked_on_a_terminal(file: Path) -> tuple[Reading, int]:
    """Let `dialer check` read in a fresh process, and count how often it draws its progress."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "benchmarks.reading", "one", "check", str(file)]
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        printed = running.communicate()[0].splitlines()
    os.close(ours)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command, stderr=shown.decode())
    return Reading(*json.loads(printed[-1])), shown.count(DRAWN + b"reading")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""


app = typer.Typer(add_completion=False)


@app.command(hidden=True)
def one(reader: str, argument: str) -> None:
    """Read once, and print seconds and peak."""
    if reader in ("ours", "generated"):
        by_us({"addPhones": [{"phone": "16500000000"}]})  # libraries are loaded before the clock starts
    elif reader.startswith("polars."):
        import polars  # noqa: F401
    began = time.perf_counter()
    READERS[reader](argument)
    print(json.dumps([time.perf_counter() - began, highest_memory()]))


@app.command()
def compare(
    numbers: Annotated[
        int, typer.Option(min=1, help="Objects of the JSON file, and rows of the CSV file.")
    ] = 1_000_000,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the Parquet file, and numbers made up.")] = 10_000_000,
    sheet_rows: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Rows of the Excel file.")] = MOST_ROWS,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each.")] = 3,
) -> None:
    """Measure how long lists take until they are ready for an engine."""
    table = Table(title="Reading lists; python -m benchmarks.reading")
    for column in ("what", "seconds", "beside", "seconds", "ours of that", "our peak, of the file"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as folder:
        body, texts, columns = (Path(folder) / f"numbers.{ending}" for ending in ("json", "csv", "parquet"))
        typer.echo("writing the files", err=True)
        write_json(numbers, body)
        rows_of_numbers(numbers).write_csv(texts)
        rows_of_numbers(rows).write_parquet(columns)
        for what, file, library in (
            (f"{numbers:,} objects of JSON, {body.stat().st_size / 1e6:,.0f} MB", body, "json.loads"),
            (f"{numbers:,} rows of CSV, {texts.stat().st_size / 1e6:,.0f} MB", texts, "polars.read_csv"),
            (f"{rows:,} rows of Parquet, {columns.stat().st_size / 1e6:,.0f} MB", columns, "polars.read_parquet"),
        ):
            turns = []
            for turn in range(rounds):
                typer.echo(f"{what}: turn {turn + 1}", err=True)
                turns.append((measured("ours", str(file)), measured(library, str(file))))
            ours, theirs = [own.seconds for own, _ in turns], [other.seconds for _, other in turns]
            ratios = [own.seconds / other.seconds for own, other in turns]
            peak = max(own.peak for own, _ in turns) / file.stat().st_size
            table.add_row(what, spread(ours), library, spread(theirs), spread(ratios), f"{peak:.2f} times")
        made_up = [measured("generated", str(rows)).seconds for _ in range(rounds)]
        table.add_row(f"{rows:,} numbers made up", spread(made_up), "", "", "", "")
        sheets = Table(title=f"dialer check of a sheet of {sheet_rows:,} rows, the whole command on a terminal")
        for column in ("megabytes", "seconds", "peak memory in MB", "progress drawn, times"):
            sheets.add_column(column)
        workbook = Path(folder) / "numbers.xlsx"
        typer.echo("writing the sheet", err=True)
        write_excel(sheet_rows, workbook)
        checks = [checked_on_a_terminal(workbook) for _ in range(rounds)]
        sheets.add_row(
            f"{workbook.stat().st_size / 1e6:,.0f}",
            spread([reading.seconds for reading, _ in checks]),
            f"{max(reading.peak for reading, _ in checks) / 1e6:,.0f}",
            f"{min(drawn for _, drawn in checks)} or more",
        )
    console = Console(width=150)
    console.print(table)
    console.print(sheets)


def spread(values: list[float]) -> str:
    """The median, and the least and most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    app()
