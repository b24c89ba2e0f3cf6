"""The command `dialer check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, FaultsFile, mapping
from engine.commands.progress import progress_shown
from engine.commands.telling import FAULTS, faults_json, input_warnings, print_json, tell, warn, write_faults

if TYPE_CHECKING:
    from engine.progress import Progress
    from engine.reading.faults import Fault


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE …", help="Scenarios, or numbers in any format; - is standard input."),
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="FIELD=NAME", help="The column of a field that has another name: phone=MSISDN."
        ),
    ] = None,
    as_json: AsJson = False,
    faults_file: FaultsFile = None,
) -> None:
    """Find every fault in scenarios and number files, each with its line and path."""
    from engine.reading.faults import InputError

    mapped = dict(mapping(column) for column in columns or ())
    reports: list[dict[str, Any]] = []
    faults: list[Fault] = []
    with progress_shown() as progress:
        for file in files:
            try:
                reports.append({"file": str(file), **_checked(file, mapped, progress)})
            except InputError as error:
                faults += error.faults
    if as_json:
        print_json({"files": reports, **faults_json(faults)})
    else:
        for report in reports:
            typer.echo(f"{report['file']}: good: {report['holds']}")
            warn(f"{report['file']}: {warning}" for warning in report["warnings"])
        tell(faults)
    if faults_file:
        write_faults(faults, faults_file)
    if faults:
        raise typer.Exit(FAULTS)


def _checked(file: Path, columns: dict[str, str], progress: "Progress") -> dict[str, Any]:
    """What a good file holds; InputError if it has faults."""
    from engine.numbers.formats.files import holds_numbers, read_numbers
    from engine.numbers.intake import Intake
    from engine.reading.faults import InputError
    from engine.scenario.scenario import Scenario

    if holds_numbers(file):
        import numpy as np

        intake = Intake()
        numbers, _ = read_numbers(file, intake, columns, progress)
        if numbers.faulty:
            raise InputError(fault for number in numbers.faulty for fault in number.faults)
        intake.add(numbers, np.broadcast_to(np.int64(0), numbers.given))
        book = intake.phonebook()
        return {"holds": f"numbers {len(book):,}, call policies {len(book.distinct):,}", "warnings": book.warnings()}
    scenario = Scenario.load(file, progress=progress)
    book = scenario.phonebook
    holds = f"a scenario; numbers {len(book):,}, call policies {len(book.distinct):,}"
    return {"holds": holds, "warnings": input_warnings(scenario)}
