"""`python -m benchmarks.serving`: a server of the Calls API, with everything that it answers on disk.

It measures numbers added in large bodies beside SQLite alone, a week played by `advance`, a restart after a month, and
how long many clients at once wait. Every server has a process and a database of its own. The exit status is 1 if a
number is missing or is there twice.
"""

import json
import platform
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import held_memory
from benchmarks.reading import number, policies
from engine.calling.instants import DAY
from engine.reading.document import read_document

ROOT = Path(__file__).parent.parent
SPRING_PROMO = ROOT / "scenarios/spring_promo.yaml"
TOKEN = "8231.7056.1b131df1"  # noqa: S105 (the documentation's)
CALLS = f"/api/calls/campaign/{TOKEN}"
START = "2026-03-02T00:00:00Z"
MONTH = 30 * DAY
LONGEST = 3_600.0
"""Seconds after which an answer that has not come is given up."""


class Server(NamedTuple):
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    started: float
    """Seconds from the process's start until it answers."""

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer to one request, from JSON to JSON."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)) as connection:
            return asked(connection, method, path, None if body is None else json.dumps(body).encode())

    def end(self, sent: signal.Signals) -> None:
        """End it, and wait until it has ended."""
        self.process.send_signal(sent)
        self.process.wait()


@contextmanager
def served(database: Path, *options: str | Path) -> Iterator[Server]:
    """A server with this database and these options while the context lasts."""
    given = map(str, ("serve", "--db", database, "--port", "0", *options))
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "engine", *given], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            told = re.search(r"http://[^:]+:(\d+)/", process.stdout.readline())
            if told is None:
                raise RuntimeError("the server did not start")
            yield Server(process, int(told[1]), time.perf_counter() - began)
        finally:
            process.terminate()


def asked(connection: HTTPConnection, method: str, path: str, body: bytes | None) -> Any:
    """The answer over a connection that stays open; RuntimeError if it is a refusal."""
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered {answer.status}: {content.decode()}")
    return json.loads(content)


def bodies(numbers: int, size: int, first: int = 0) -> Iterator[list[str]]:
    """The numbers of each body of so many numbers, as JSON."""
    texts = policies()
    for start in range(first, first + numbers, size):
        yield [number(place, texts) for place in range(start, min(start + size, first + numbers))]


def whole(body: Sequence[str]) -> bytes:
    """A body."""
    return f"[{','.join(body)}]".encode()


def campaign(numbers: int, folder: Path) -> Path:
    """A scenario without numbers, for a month, with lines enough to call so many."""
    scenario = {
        "name": "A month",
        "start": START,
        "finish": "2026-04-06T00:00:00Z",
        "campaign": {"lines": max(2, numbers // 2_000)},
        "numbers": [],
        "outcomes": read_document(SPRING_PROMO).value["outcomes"],
    }
    file = folder / "month.json"
    file.write_text(json.dumps(scenario))
    return file


# Numbers in large bodies


class Adding(NamedTuple):
    """Numbers added once."""

    seconds: float
    sqlite: float
    """Seconds in which SQLite alone writes the same journal."""
    rows: float
    """Seconds in which SQLite alone writes a row for each number."""
    memory: float
    """Bytes that the server holds for a number."""


def adding(numbers: int, size: int, folder: Path) -> Adding:
    """Add numbers to a new server over one connection, then write the same with SQLite alone."""
    database = folder / "server.db"
    with served(database, "--scenario", campaign(numbers, folder), "--token", TOKEN, "--paused") as server:
        before = held_memory(server.process.pid)
        seconds = send(server, numbers, size)
        check(server, numbers)
        memory = (held_memory(server.process.pid) - before) / numbers
        server.end(signal.SIGKILL)
    return Adding(seconds, journal_alone(database, folder), rows_alone(numbers, size, folder), memory)


def send(server: Server, numbers: int, size: int) -> float:
    """Seconds in which a server answers bodies of numbers, one after the other over one connection."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=LONGEST)) as connection:
        parts = map(whole, bodies(numbers, size))
        return sum(timed(asked, connection, "POST", f"{CALLS}/addPhones", body) for body in parts)


def journal_alone(source: Path, folder: Path) -> float:
    """Seconds in which SQLite alone writes the journal of a server, with a transaction for each of its rows."""
    with bare(source) as server, bare(folder / "journal.db") as database:
        database.execute("CREATE TABLE server (instant INTEGER, last BLOB)")
        database.execute("INSERT INTO server VALUES (0, x'')")
        database.execute("CREATE TABLE journal (id INTEGER PRIMARY KEY, instant, campaign, kind, content, checksum)")

        def write(row: tuple[Any, ...]) -> None:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", row)
            database.execute("UPDATE server SET instant = ?, last = ?", (row[1], row[5]))
            database.execute("COMMIT")

        return sum(timed(write, row) for row in server.execute("SELECT * FROM journal ORDER BY id"))


def rows_alone(numbers: int, size: int, folder: Path) -> float:
    """Seconds in which SQLite alone writes a row for each number, with a transaction for each body."""
    with bare(folder / "rows.db") as database:
        database.execute("CREATE TABLE number (id INTEGER PRIMARY KEY, content TEXT)")

        def write(body: list[tuple[str]]) -> None:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO number (content) VALUES (?)", body)
            database.execute("COMMIT")

        parts = ([(text,) for text in body] for body in bodies(numbers, size))
        return sum(timed(write, body) for body in parts)


@contextmanager
def bare(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that writes through to the disk as a server's does."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            database.execute(f"PRAGMA {pragma}")
        yield database


# A week, and a month


def week(numbers: int, folder: Path) -> float:
    """Seconds in which `advance` plays a week of a list of so many numbers, of the README's campaign."""
    source = read_document(SPRING_PROMO).value
    source["numbers"], source["finish"] = source["numbers"][:1], "2026-03-09T00:00:00Z"
    source["numbers"][0]["generate"]["count"] = numbers
    del source["goal"]
    file = folder / "week.json"
    file.write_text(json.dumps(source))
    with served(folder / "server.db", "--scenario", file, "--token", TOKEN, "--paused") as server:
        seconds = timed(server.ask, "POST", "/simulation/advance", {"to": source["finish"]})
        check(server, numbers)
    return seconds


class Month(NamedTuple):
    """A month that was played, and what it takes to go on from there; seconds."""

    calls: int
    played: float
    after_kill: float
    after_end: float
    size: int
    """Bytes of the database after an orderly end."""


def month(numbers: int, size: int, folder: Path) -> Month:
    """Add numbers, play a month, and start the server again after `kill -9`, and after an orderly end."""
    database = folder / "server.db"
    with served(database, "--scenario", campaign(numbers, folder), "--token", TOKEN, "--paused") as server:
        send(server, numbers, size)
        began = time.perf_counter()
        [happened] = server.ask("POST", "/simulation/advance", {"by": MONTH})["campaigns"]
        played = time.perf_counter() - began
        server.end(signal.SIGKILL)
    with served(database) as server:
        after_kill = server.started
        check(server, numbers, happened["begun"])
        server.end(signal.SIGTERM)
    held = database.stat().st_size
    with served(database) as server:
        check(server, numbers, happened["begun"])
        return Month(happened["begun"], played, after_kill, server.started, held)


# Many clients


class Waiting(NamedTuple):
    """How long clients waited for their answers."""

    requests: int
    seconds: float
    p50: float
    p99: float
    longest: float


def crowd(clients: int, each: int, size: int, folder: Path) -> Waiting:
    """Let clients add so many numbers each at the same time, in bodies of a size, while the clock runs."""
    options = ("--scenario", campaign(clients * each, folder), "--token", TOKEN, "--speed", "600")
    with served(folder / "server.db", *options) as server:

        def work(client: int) -> list[float]:
            with closing(HTTPConnection("127.0.0.1", server.port, timeout=LONGEST)) as connection:
                large = map(whole, bodies(each, size, client * each))
                return [timed(asked, connection, "POST", f"{CALLS}/addPhones", body) for body in large]

        with ThreadPoolExecutor(clients) as threads:
            began = time.perf_counter()
            waits = [wait for client in threads.map(work, range(clients)) for wait in client]
            seconds = time.perf_counter() - began
        check(server, clients * each)
    marks = quantiles(waits, n=100, method="inclusive")
    return Waiting(len(waits), seconds, marks[49], marks[98], max(waits))


# What is shown


def timed(work: Callable[..., object], *arguments: object) -> float:
    """The seconds that something takes."""
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def check(server: Server, numbers: int, calls: int | None = None) -> None:
    """Exit with 1 unless the campaign has so many numbers, and so many calls."""
    [state] = server.ask("GET", "/simulation/state")["campaigns"]
    found = state["jobs"] + state["coming"], state["begun"]
    if found != (numbers, found[1] if calls is None else calls):
        typer.echo(f"{numbers:,} numbers were added, {calls} calls made; there are {found}", err=True)
        raise typer.Exit(1)


def spread(values: Sequence[float], decimals: int = 2) -> str:
    """The median, and the least and most."""
    return " ".join(
        (f"{median(values):,.{decimals}f}", f"({min(values):,.{decimals}f} to {max(values):,.{decimals}f})")
    )


def main(
    numbers: Annotated[int, typer.Option(help="Numbers that are added in large bodies.", min=1)] = 1_000_000,
    size: Annotated[int, typer.Option(help="Numbers of a large body.", min=1)] = 10_000,
    of_week: Annotated[int, typer.Option(help="Numbers of the week.", min=1)] = 10_000,
    of_month: Annotated[int, typer.Option(help="Numbers of the month.", min=1)] = 1_000_000,
    clients: Annotated[int, typer.Option(help="Clients at once.", min=1)] = 50,
    each: Annotated[int, typer.Option(help="Numbers that each client adds.", min=1)] = 1_000,
    rounds: Annotated[int, typer.Option(help="Turns of all but the month; medians are shown.", min=1)] = 3,
) -> None:
    """Measure a server of the Calls API."""
    table = Table(title=f"Python {platform.python_version()} on {platform.machine()}; python -m benchmarks.serving")
    for column in ("what", "", "median (least to most)"):
        table.add_column(column, justify="right" if column.startswith("median") else "left")

    def turns(what: str, work: Callable[[Path], Any]) -> list[Any]:
        done = []
        for turn in range(rounds):
            typer.echo(f"{what}: turn {turn + 1}", err=True)
            with tempfile.TemporaryDirectory() as folder:
                done.append(work(Path(folder)))
        return done

    added = turns("adding numbers", partial(adding, numbers, size))
    in_bodies = f"{numbers:,} numbers in bodies of {size:,}"
    rows = (
        ("numbers a second, on disk and answered", [numbers / turn.seconds for turn in added], 0),
        ("the same journal by SQLite alone", [numbers / turn.sqlite for turn in added], 0),
        ("a row for each by SQLite alone", [numbers / turn.rows for turn in added], 0),
        ("our seconds, of those of a row for each", [turn.seconds / turn.rows for turn in added], 1),
        ("bytes that the server holds for a number", [turn.memory for turn in added], 0),
    )
    for place, (what, values, decimals) in enumerate(rows):
        table.add_row("" if place else in_bodies, what, spread(values, decimals))
    weeks = turns("a week", partial(week, of_week))
    table.add_row(f"a week of {of_week:,} numbers", "seconds, by one advance", spread(weeks))
    for body, what in ((1, "each alone"), (50, "in bodies of 50")):
        waits = turns(f"clients, {what}", partial(crowd, clients, each, body))
        table.add_row(
            f"{clients} clients, {each:,} numbers each, {what}",
            "requests a second",
            spread([turn.requests / turn.seconds for turn in waits], 0),
        )
        for name in ("p50", "p99", "longest"):
            table.add_row("", f"{name} of the wait, ms", spread([1_000 * getattr(turn, name) for turn in waits], 0))
    typer.echo("a month", err=True)
    with tempfile.TemporaryDirectory() as folder:
        played = month(of_month, size, Path(folder))
    table.add_row(f"a month of {of_month:,} numbers", f"seconds, {played.calls:,} calls", f"{played.played:,.1f}")
    table.add_row("", "seconds of a restart after kill -9", f"{played.after_kill:,.1f}")
    table.add_row("", "seconds of a restart after an orderly end", f"{played.after_end:,.1f}")
    table.add_row("", "MB of the database", f"{played.size / 1e6:,.0f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    typer.run(main)
