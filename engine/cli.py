"""The command `dialer`."""

import json
import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.dialing.simulation import Progress
    from engine.numbers.files import Progress as Reading
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
SHOWN_FAULTS = 20


class Engine(StrEnum):
    """The engines of `--engine`."""

    auto = "auto"
    reference = "reference"
    compiled = "compiled"


FaultsFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="Write every fault of the input here, one JSON object a line."),
]
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
    faults_file: FaultsFile = None,
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
    with _faults_told(as_json, faults_file):
        from engine.answers.folder import check_folder
        from engine.answers.lock import broken_lock, lock_notes, lock_text
        from engine.answers.results import simulate
        from engine.dialing.simulation import Checkpoints
        from engine.scenario import Scenario, assignment

        if out is not None:
            check_folder(out, force=force)
        values = dict(assignment(change) for change in changes or ())
        with _reading() as reading:
            loaded = Scenario.load(scenario, values if seed is None else {**values, "seed": seed}, reading)
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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE …", help="Scenarios, or numbers in any format; - is standard input."),
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FIELD=NAME", help="A field that number files call otherwise: phone=MSISDN."),
    ] = None,
    as_json: AsJson = False,
    faults_file: FaultsFile = None,
) -> None:
    """Find every fault in scenarios and number files, each with its place."""
    from engine.reading.faults import InputError

    mapped = dict(_column(column) for column in columns or ())
    reports: list[dict[str, Any]] = []
    faults: list[Fault] = []
    with _reading() as reading:
        for file in files:
            try:
                reports.append({"file": str(file), **_checked(file, mapped, reading)})
            except InputError as error:
                faults += error.faults
    if as_json:
        _print_json({"files": reports, **_faults_json(faults)})
    else:
        for report in reports:
            typer.echo(f"{report['file']}: good: {report['holds']}")
            _warn(f"{report['file']}: {warning}" for warning in report["warnings"])
        _tell(faults)
    if faults_file:
        _write_faults(faults, faults_file)
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


def _column(text: str) -> tuple[str, str]:
    """The field and the name of `phone=MSISDN`; wrong usage if it is no such thing."""
    field, equals, name = text.partition("=")
    if not (field and equals and name):
        raise typer.BadParameter(f"{text!r} is no mapping such as phone=MSISDN", param_hint="--column")
    return field, name


def _checked(file: Path, columns: dict[str, str], reading: "Reading") -> dict[str, Any]:
    """What a good file holds; InputError if it is not good."""
    from engine.numbers.files import holds_numbers, read_numbers
    from engine.numbers.intake import Intake
    from engine.reading.faults import InputError
    from engine.scenario import Scenario

    if holds_numbers(file):
        import numpy as np

        intake = Intake()
        numbers, _ = read_numbers(file, intake, columns, reading)
        if numbers.faulty:
            raise InputError(fault for number in numbers.faulty for fault in number.faults)
        intake.add(numbers, np.broadcast_to(np.int64(0), numbers.given))
        book = intake.phonebook()
        return {"holds": f"numbers {len(book):,}, call policies {len(book.distinct):,}", "warnings": book.warnings()}
    scenario = Scenario.load(file, progress=reading)
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
def _reading() -> "Iterator[Reading]":
    """Which file is read and how far, on standard error, where that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _file, _count: None
        return
    with console.status("reading") as status:
        yield lambda file, count: status.update(f"reading {file}" + (f": {count:,} numbers" if count else ""))


@contextmanager
def _faults_told(as_json: bool, faults_file: Path | None = None) -> Iterator[None]:
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
            _print_json(_faults_json(error.faults))
        else:
            _tell(error.faults)
        if faults_file:
            _write_faults(error.faults, faults_file)
        raise typer.Exit(FAULTS) from None
    except OSError as error:
        typer.echo(f"{error.filename or 'a file'}: {error.strerror or error}", err=True)
        raise typer.Exit(FAULTS) from None


def _tell_interrupt(reached: str = "") -> None:
    typer.echo(f"interrupted: {reached}no result was written", err=True)


def _tell(faults: "Sequence[Fault]") -> None:
    """The first faults, and of many how many there are of each kind."""
    for fault in faults[:SHOWN_FAULTS]:
        typer.echo(str(fault), err=True)
    if len(faults) > 1:
        typer.echo(f"{len(faults):,} faults", err=True)
    if len(faults) > SHOWN_FAULTS:
        from engine.reading.faults import by_kind

        kinds = by_kind(faults)
        for kind, count in list(kinds.items())[:SHOWN_FAULTS]:
            typer.echo(f"{count:>11,}  {kind}", err=True)
        if len(kinds) > SHOWN_FAULTS:
            typer.echo(f"and {len(kinds) - SHOWN_FAULTS:,} kinds more", err=True)
        typer.echo(f"the first {SHOWN_FAULTS} are shown; --faults FILE writes them all, --json prints them", err=True)


def _write_faults(faults: "Iterable[Fault]", file: Path) -> None:
    """Write every fault, one JSON object a line; whole, or not at all."""
    beside = file.with_name(f".{file.name}.part")
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace") as lines:
            lines.writelines(json.dumps(_fault_json(fault), ensure_ascii=False) + "\n" for fault in faults)
        beside.replace(file)
    except OSError as error:
        typer.echo(f"{file}: {error.strerror or error}", err=True)
        raise typer.Exit(FAULTS) from None


def _faults_json(faults: "Sequence[Fault]") -> dict[str, Any]:
    from engine.reading.faults import by_kind

    return {"faults": [_fault_json(fault) for fault in faults], "kinds": by_kind(faults)}


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
