"""How far a command is, shown on standard error if that is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.progress import Progress, Step


@contextmanager
def progress_shown() -> "Iterator[Progress]":
    """What is being done, and how much of it."""
    from rich.console import Console

    from engine.progress import unseen
    from engine.reading.names import visible

    console = Console(stderr=True)
    if not console.is_terminal:
        yield unseen
        return
    from rich import progress as rich

    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.TextColumn("{task.fields[counted]}"),
        rich.TimeRemainingColumn(),
    )
    # what a command prints meanwhile stays on standard output
    with rich.Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        bar.add_task("", total=None, counted="")

        def show(step: "Step") -> None:
            [task] = bar.tasks
            if step.of != task.total:  # other work needs a new task: a task cannot lose its total, nor forget its pace
                bar.remove_task(task.id)
                bar.add_task(visible(step.what), total=step.of, completed=step.done, counted=_counted(step))
            else:
                bar.update(task.id, description=visible(step.what), completed=step.done, counted=_counted(step))

        yield show


def _counted(step: "Step") -> str:
    if step.of is None:
        return f"{step.done:,} {step.unit}" if step.done else ""
    return f"{step.done:,} of {step.of:,} {step.unit}"
