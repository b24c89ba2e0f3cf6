"""The command `dialer`."""

import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.dialing.simulation import Progress
    from engine.reading.document import Document
    from engine.reading.faults import Fault
    from engine.scenario import Scenario

# Commands import what they need when they run: `dialer --help` must not wait for numpy, polars and rich.

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Plays weeks of outbound dialling in seconds: who is reached, when, and on how many lines.",
)

FAULTS, USAGE, INTERRUPTED = 1, 2, 130


class Engine(StrEnum):
    """The engines of `--engine`."""

    auto = "auto"
    reference = "reference"
    compiled = "compiled"


AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML or JSON.")],
    as_json: AsJson = False,
    engine: Annotated[Engine, typer.Option(help="What plays it; the answer is the same.")] = Engine.auto,
    seed: Annotated[int | None, typer.Option(min=0, help="Play with the luck of this seed.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario: campaign.lines=400. May be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables, the summary and the lock into this folder.")
    ] = None,
    calls: Annotated[bool, typer.Option("--calls", help="With --out: write each call, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --out: replace the results in the folder.")] = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write what is shown as a picture.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the run here again and again.")] = None,
    every: Annotated[str, typer.Option(metavar="TIME", help="How often, in simulated time: 90min, 6h, 2d.")] = "1d",
    resume: Annotated[Path | None, typer.Option(metavar="FILE", help="Go on from a saved run.")] = None,
) -> None:
    """Play a scenario and show what came of it."""
    if engine == Engine.reference and (checkpoint or resume):
        raise typer.BadParameter("checkpoints are those of the compiled engine", param_hint="--engine")
    if out is None and (calls or force):
        raise typer.BadParameter("add --out DIR, where the results go", param_hint="--calls" if calls else "--force")
    every_seconds = _simulated_time(every)
    with _faults_told(as_json):
        from engine.answers.folder import check_folder
        from engine.answers.lock import broken_lock, lock_notes, lock_text
        from engine.answers.results import simulate
        from engine.dialing.simulation import Checkpoints
        from engine.scenario import Scenario, assignment

        if out is not None:
            check_folder(out, force=force)
        values = dict(assignment(change) for change in changes or ())
        loaded = Scenario.load(scenario, values if seed is None else {**values, "seed": seed})
        _warn([*_warnings(loaded), *lock_notes(loaded)])
        if out is not None:
            lock_text(loaded, 0, out)  # whether there can be one is told before the run
        with _progress(loaded) as progress:
            result = simulate(
                loaded,
                engine.value,
                calls=calls,
                progress=progress,
                checkpoints=Checkpoints(checkpoint, every_seconds) if checkpoint else None,
                resume=resume,
            )
        from rich.console import Console

        from engine.terminal import run_report, write_svg

        if as_json:
            _print_json(result.summary_document)
        else:
            Console(highlight=False).print(run_report(result))
        if out is not None:
            result.write(out, force=force)
        if svg is not None:
            with Path(os.devnull).open("w") as nowhere:
                recording = Console(record=True, width=84, highlight=False, file=nowhere)
                recording.print(run_report(result))
            write_svg(recording, svg, f"dialer run {scenario.name}")
        if out is not None:
            typer.echo(f"results are in {out}", err=True)
        if broken := broken_lock(loaded, result.digest):
            typer.echo(f"{scenario}: {broken}", err=True)
            raise typer.Exit(FAULTS)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE …", help="Scenarios, or bodies of addPhones (JSON).")],
    as_json: AsJson = False,
) -> None:
    """Find every fault in scenarios and number files, each with its place."""
    from engine.reading.document import read_document
    from engine.reading.faults import InputError

    reports: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for file in files:
        try:
            document = read_document(file)
            reports.append({"file": str(file), **_checked(document, file)})
        except InputError as error:
            faults += error.faults
    if as_json:
        _print_json({"files": reports, "faults": [_fault_json(fault) for fault in faults]})
    else:
        for report in reports:
            typer.echo(f"{report['file']}: good: {report['holds']}")
            _warn(f"{report['file']}: {warning}" for warning in report["warnings"])
        _tell(faults)
    if faults:
        raise typer.Exit(FAULTS)


@app.command()
def windows(
    policy: Annotated[Path, typer.Option(metavar="FILE", help="A call policy, JSON or YAML: fields of addPhones.")],
    start: Annotated[str, typer.Option("--from", metavar="INSTANT", help="Such as 2026-03-02T00:00:00Z.")],
    finish: Annotated[str, typer.Option("--to", metavar="INSTANT", help="Such as 2026-03-09T00:00:00-05:00.")],
    as_json: AsJson = False,
) -> None:
    """Show when a call policy allows calls."""
    with _faults_told(as_json):
        from engine.calling.instants import Instant, utc_text
        from engine.calling.policy import CallPolicy
        from engine.reading.document import read_document
        from engine.reading.faults import Fault, InputError
        from engine.reading.typed import read

        faults: list[Fault] = []
        instants: list[int] = []
        for option, text in (("--from", start), ("--to", finish)):
            instant, found = read(text, Instant)
            faults += [fault.under(option) for fault in found]
            instants += [] if instant is None else [instant]
        if len(instants) == 2 and instants[0] >= instants[1]:
            faults.append(Fault(("--to",), finish, f"an instant after --from, {start}"))
        document = read_document(policy)
        read_policy, found = read(document.value, CallPolicy)
        faults += [document.place(fault) for fault in found]
        if read_policy is None or faults:
            raise InputError(faults)
        opened = read_policy.open_windows(*instants)
        if as_json:
            texts = [{"opens": utc_text(opens), "closes": utc_text(closes)} for opens, closes in opened]
            _print_json({"zone": read_policy.zone_name, "windows": texts})
            return
        from rich.console import Console

        from engine.terminal import windows_report

        Console(highlight=False).print(windows_report(opened, (instants[0], instants[1]), read_policy.zone_name))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that check and complete while you write."""
    from engine.reading.typed import json_schema
    from engine.scenario import ScenarioDocument

    _print_json(json_schema(ScenarioDocument))


def main() -> None:
    """Run the command; an interrupt and a closed pipe end it without a traceback."""
    warnings.showwarning = lambda message, *_, **__: _warn([str(message)])
    try:
        app(prog_name="dialer", standalone_mode=True)
    except KeyboardInterrupt:
        _tell_interrupt()
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _simulated_time(text: str) -> int:
    """The seconds of `90min`, `6h` or `2d`; wrong usage if it is no such time."""
    match = re.fullmatch(r"([1-9][0-9]{0,6})(s|min|h|d)", text)
    if not match:
        raise typer.BadParameter(f"{text!r} is no time such as 90min, 6h or 2d", param_hint="--every")
    return int(match[1]) * {"s": 1, "min": 60, "h": 3_600, "d": 86_400}[match[2]]


def _checked(document: "Document", file: Path) -> dict[str, Any]:
    """What a good file holds; InputError if it is not good."""
    from engine.numbers.phonebook import Intake
    from engine.reading.faults import InputError
    from engine.scenario import Scenario

    if isinstance(document.value, list):
        intake = Intake()
        faults = intake.add_phones(document.value, 0)
        if faults:
            raise InputError(document.place(fault) for fault in faults)
        book = intake.phonebook()
        return {"holds": f"numbers {len(book):,}, call policies {len(book.distinct):,}", "warnings": book.warnings()}
    scenario = Scenario.load(file)
    book = scenario.phonebook
    holds = f"a scenario; numbers {len(book):,}, call policies {len(book.distinct):,}"
    return {"holds": holds, "warnings": _warnings(scenario)}


def _warnings(scenario: "Scenario") -> list[str]:
    """What the user should know of the input before it is played."""
    from engine.answers.summary import input_notes
    from engine.dialing.tables import Tables

    return input_notes(scenario, Tables(scenario.document))


@contextmanager
def _progress(scenario: "Scenario") -> "Iterator[Progress]":
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
def _faults_told(as_json: bool) -> Iterator[None]:
    """Tell the faults of the input, all at once, and exit with status 1."""
    from engine.dialing.simulation import InterruptedRunError
    from engine.reading.faults import InputError

    try:
        yield
    except InterruptedRunError as interrupted:
        from engine.calling.instants import utc_text

        reached = f"{utc_text(interrupted.now)} was reached, {interrupted.begun:,} calls had begun"
        _tell_interrupt(f"{reached}; ")
        raise typer.Exit(INTERRUPTED) from None
    except KeyboardInterrupt:
        _tell_interrupt()
        raise typer.Exit(INTERRUPTED) from None
    except InputError as error:
        if as_json:
            _print_json({"faults": [_fault_json(fault) for fault in error.faults]})
        else:
            _tell(error.faults)
        raise typer.Exit(FAULTS) from None
    except OSError as error:
        typer.echo(f"{error.filename or 'a file'}: {error.strerror or error}", err=True)
        raise typer.Exit(FAULTS) from None


def _tell_interrupt(reached: str = "") -> None:
    typer.echo(f"interrupted: {reached}no result was written", err=True)


def _tell(faults: "Iterable[Fault]") -> None:
    told = list(faults)
    for fault in told:
        typer.echo(str(fault), err=True)
    if len(told) > 1:
        typer.echo(f"{len(told):,} faults", err=True)


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        typer.echo(f"note: {warning}", err=True)


def _fault_json(fault: "Fault") -> dict[str, Any]:
    from engine.reading.faults import path_text

    place = {"file": fault.file, "line": fault.line, "path": path_text(fault.path)}
    return {**place, "found": fault.found, "allowed": fault.allowed}


def _print_json(value: object) -> None:
    from engine.reading.document import json_text

    typer.echo(json_text(value))


if __name__ == "__main__":
    main()
