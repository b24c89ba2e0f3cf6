"""How far a command is, on standard error where that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.dialing.simulation import Progress
    from engine.numbers.formats.files import Progress as Reading
    from engine.scenario.scenario import Scenario


@contextmanager
def working(first: str) -> "Iterator[Callable[[str], None]]":
    """What is being done, on standard error, where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(first) as status:
        yield lambda what: status.update(what)


@contextmanager
def reading_files() -> "Iterator[Reading]":
    """Which file is read and how far, on standard error, where that is a terminal."""
    with working("reading") as told:
        yield lambda file, count: told(f"reading {file}" + (f": {count:,} numbers" if count else ""))


@contextmanager
def playing(scenario: "Scenario") -> "Iterator[Progress]":
    """Progress by simulated day, on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from engine.calling.instants import DAY

    start, finish = scenario.document.start, scenario.document.finish
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[calls]:,} calls"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("day 0", total=finish - start, calls=0)

        def show(now: int, calls: int) -> None:
            day = f"day {-(-(now - start) // DAY)} of {-(-(finish - start) // DAY)}"
            bar.update(task, completed=now - start, description=day, calls=calls)

        yield show


@contextmanager
def replicating() -> "Iterator[Callable[[str, int, int], None]]":
    """What is played and how many of its runs are done, on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda label, done, wanted: bar.update(task, description=label, completed=done, total=wanted)
