"""The output of commands: documents on standard output, faults and notes on standard error."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import typer

from engine.commands.ending import FAULTS, interrupted_status, tell_interrupt, was_told_to_end
from engine.reading.names import visible, visible_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from engine.commands.outputs import Outputs
    from engine.reading.faults import Fault
    from engine.reading.notes import Note

SHOWN_FAULTS = 20


def say(line: str, *, err: bool = False) -> None:
    """Print a line, in which what cannot be seen is an escape, on standard output or standard error."""
    typer.echo(visible(line), err=err)


@contextmanager
def faults_told(as_json: bool, faults_file: Path | None = None) -> Iterator[list[Path]]:
    """Report all faults of the input, and exit with status 1; the list holds the files that were read so far."""
    from engine.dialing.simulation import InterruptedRunError
    from engine.outputs import OutputError
    from engine.reading.contents import files_noted
    from engine.reading.faults import InputError

    read: list[Path] = []
    try:
        with files_noted() as read:
            yield read
    except InterruptedRunError as interrupted:
        from engine.calling.instants import utc_text

        reached = f"{utc_text(interrupted.now)} was reached, {interrupted.begun:,} calls had begun"
        tell_interrupt(f"{reached}; no result was written")
        raise typer.Exit(interrupted_status()) from None
    except InputError as error:
        if as_json:
            print_json(faults_json(error.faults))
        else:
            tell(error.faults)
        if faults_file and not isinstance(error, OutputError):
            write_faults(error.each, faults_file, read)
        raise typer.Exit(FAULTS) from None
    except OSError as error:
        say(f"{error.filename or 'a file'}: {error.strerror or error}", err=True)
        raise typer.Exit(FAULTS) from None


@contextmanager
def unfinished_told() -> Iterator[None]:
    """Report how many replications are kept if not all of them were played, and exit."""
    from engine.whatif.workers import UnfinishedError

    try:
        yield
    except UnfinishedError as unfinished:
        kept = f"{unfinished.done:,} of {unfinished.wanted:,} runs are kept; the same command goes on from there"
        reason = "" if was_told_to_end() else unfinished.reason  # a signal to a group ends its workers, too
        if reason:
            say(f"{reason}: {kept}", err=True)
            raise typer.Exit(FAULTS) from None
        tell_interrupt(kept)
        raise typer.Exit(interrupted_status()) from None


def tell(faults: "Sequence[Fault]") -> None:
    """Print the first faults; if there are many, also how many there are of each kind."""
    for fault in faults[:SHOWN_FAULTS]:
        say(str(fault), err=True)
    if len(faults) > 1:
        say(f"{len(faults):,} faults", err=True)
    if len(faults) > SHOWN_FAULTS:
        from engine.reading.faults import by_kind

        kinds = by_kind(faults)
        for kind, count in list(kinds.items())[:SHOWN_FAULTS]:
            say(f"{count:>11,}  {kind}", err=True)
        if len(kinds) > SHOWN_FAULTS:
            say(f"and {len(kinds) - SHOWN_FAULTS:,} more kinds", err=True)
        say(f"the first {SHOWN_FAULTS} are shown; --faults FILE writes them all, --json prints them", err=True)


def write_faults(faults: "Iterable[Fault]", file: Path, read: Iterable[Path] = ()) -> None:
    """Write every fault as a JSON object on a line of its own; the whole file, or none.

    `read` are files that were read: if the file is one of them, that is told, and it stays.
    """
    from engine.commands.outputs import is_faults
    from engine.outputs import Output, OutputError, refuse_inputs
    from engine.writing import whole_file

    try:
        refuse_inputs([Output("--faults", file, is_faults)], read)
    except OutputError as error:
        tell(error.faults)
        raise typer.Exit(FAULTS) from None
    lines = (visible_json(json.dumps(_fault_json(fault), ensure_ascii=False)) + "\n" for fault in faults)
    try:
        with whole_file(file) as written:
            written.writelines(line.encode() for line in lines)
    except OSError as error:
        say(f"{file}: {error.strerror or error}", err=True)
        raise typer.Exit(FAULTS) from None


def faults_json(faults: "Sequence[Fault]") -> dict[str, Any]:
    """Every fault as plain values, and how many there are of each kind."""
    from engine.reading.faults import by_kind

    return {"faults": [_fault_json(fault) for fault in faults], "kinds": by_kind(faults)}


def _fault_json(fault: "Fault") -> dict[str, Any]:
    from engine.reading.faults import path_text

    place = {"file": fault.file, "line": fault.line, "path": path_text(fault.path)}
    if fault.column is not None:
        place["column"] = fault.column
    return {**place, "found": fault.found, "allowed": fault.allowed}


def warn(notes: "Iterable[Note | str]", *, err: bool = True) -> None:
    """Print notes for the user, each on a line of its own."""
    for note in notes:
        say(f"note: {note}", err=err)


def warn_beside_json(notes: "Iterable[Note]") -> None:
    """Print the notes of a document on standard error, too, unless the user reads the document on the same terminal."""
    if not sys.stdout.isatty():
        warn(notes)


def print_json(value: object) -> None:
    """Print one JSON document."""
    from engine.reading.document import json_text

    typer.echo(json_text(value))


def print_list(first: dict[str, Any], name: str, items: Iterable[object]) -> None:
    """Print one JSON document whose last field is a list, which is printed as it is made: it may be of any length."""
    from engine.reading.document import json_text

    typer.echo(f"{json_text(first)[:-2]},\n  {json.dumps(name)}: [", nl=False)
    mark = "\n"
    for item in items:
        sys.stdout.write(mark + indent(json_text(item), "    "))
        mark = ",\n"
    typer.echo("]\n}" if mark == "\n" else "\n  ]\n}")


def deliver(
    report: "RenderableType",
    document: dict[str, Any],
    notes: "Iterable[Note]",
    outputs: "Outputs",
    title: str,
    *,
    as_json: bool,
    width: int = 84,
) -> None:
    """Show an answer, or print its document; draw it under a title, and tell of the folder of results, if asked."""
    if outputs.svg is not None:
        draw(report, outputs.svg, title, width)
    if as_json:
        warn_beside_json(notes)
        print_json(document)
    else:
        show(report)
    if outputs.out is not None:
        say(f"results are in {outputs.out}", err=True)


def show(report: "RenderableType") -> None:
    """Show a report on the terminal."""
    from engine.terminal.console import PlainConsole

    PlainConsole().print(report)


def draw(report: "RenderableType", file: Path, title: str, width: int = 84) -> None:
    """Write a report as a picture, as a terminal of this width would show it."""
    from engine.terminal.console import PlainConsole
    from engine.terminal.tables import write_svg

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        recording = PlainConsole(record=True, width=width, file=nowhere)
        recording.print(report)
    write_svg(recording, file, title)
