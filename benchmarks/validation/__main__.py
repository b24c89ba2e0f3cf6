"""`python -m benchmarks.validation`: the engine beside closed forms, and a page that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.validation import attempts, hours, makespan, queues
from benchmarks.validation.evidence import FULL, QUICK, Section, Sizes, verdict
from benchmarks.validation.page import draw, page, summary


def steps(sizes: Sizes) -> int:
    """How often the sections tick."""
    kinds = (queues.ERLANG, queues.ONE_LINE, queues.COBHAM, queues.LITTLE)
    played = sum(len(kind[: sizes.cases]) for kind in kinds) * sizes.replications
    lists = len(makespan.LISTS) * len(makespan.LINES)
    return played + len(attempts.CASES) + lists + len(hours.CASES[: sizes.cases])


def evidence(sizes: Sizes, seed: int, tick: Callable[[str], None]) -> tuple[list[Section], list[queues.Curve]]:
    """Every section of the page, and the curves of the picture."""
    waiting, curves = queues.waiting(sizes, seed, tick)
    sections = [
        waiting,
        queues.one_line(sizes, seed, tick),
        queues.priorities(sizes, seed, tick),
        *queues.little(sizes, seed, tick),
        attempts.attempts(sizes, seed, tick),
        makespan.makespans(sizes, seed, tick),
        *hours.opening(sizes, seed, tick),
    ]
    return sections, curves


def run(
    out: Annotated[Path, typer.Option(help="The page; its picture lies beside it.")] = Path("docs/validation.md"),
    quick: Annotated[bool, typer.Option("--quick", help="Play little: intervals are wide.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=10**9, help="The luck to play with.")] = 1,
) -> None:
    """Compare the engine with theory, and write the page; exit with 1 if a figure lies outside."""
    sizes = QUICK if quick else FULL
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=steps(sizes))
        sections, curves = evidence(
            sizes, seed, lambda what: progress.update(task, advance=1, description=what[:40].ljust(40))
        )
    found = verdict(sections)
    options = [*(["--quick"] if quick else []), *([f"--seed {seed}"] if seed != 1 else [])]
    out.parent.mkdir(parents=True, exist_ok=True)
    picture = out.with_suffix(".svg")
    beside = [out.with_name(f".part-{file.name}") for file in (out, picture)]
    drawn = draw(curves, found.misses, beside[1])
    if not drawn:
        typer.echo("matplotlib is not installed: the picture is left out", err=True)
    command = " ".join(["python -m benchmarks.validation", *options])
    text = page(sections, found, command, picture.name, sizes)
    beside[0].write_text(text, encoding="utf-8")
    for part, file in zip(beside, (out, picture), strict=True):
        if part.exists():
            part.replace(file)
    typer.echo(summary(found).replace("**", ""))
    raise typer.Exit(1 if found.outside else 0)


if __name__ == "__main__":
    typer.run(run)
