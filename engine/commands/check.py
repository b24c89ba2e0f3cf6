"""The command `dialer check`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.ending import FAULTS
from engine.commands.options import (
    AsJson,
    Columns,
    Country,
    Encoding,
    FaultsFile,
    Force,
    Header,
    OtherColumnsOption,
    Sheet,
    file_form,
)
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import faults_json, faults_told, print_json, say, show, tell, write_faults

if TYPE_CHECKING:
    from engine.numbers.formats.forms import FileForm
    from engine.progress import Progress
    from engine.reading.faults import Fault
    from engine.scenario.document import ScenarioDocument


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE …", help="Scenarios, or numbers in any format; - is standard input."),
    ],
    columns: Columns = None,
    other_columns: Annotated[
        OtherColumnsOption | None,
        typer.Option("--other-columns", help="What becomes of columns that are no field."),
    ] = None,
    header: Header = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    country: Country = None,
    as_json: AsJson = False,
    faults_file: FaultsFile = None,
    force: Force = False,
) -> None:
    """Find every fault in scenarios and number files, each with its line and path."""
    from engine.reading.faults import InputError

    outputs = Outputs(force, faults=faults_file)
    if force and outputs.any is None:
        raise typer.BadParameter("add --faults FILE, the file to replace", param_hint="--force")
    with faults_told(as_json) as read, outputs.held(*files):
        reports: list[dict[str, Any]] = []
        faults: list[Fault] = []
        form = None
        try:
            form = file_form(columns, other_columns, header, sheet, encoding, country)
        except InputError as error:
            faults += error.faults
        with progress_shown() as progress:
            for file in files:
                if form is None:
                    break
                try:
                    reports.append({"file": str(file), **_checked(file, form, progress)})
                except InputError as error:
                    faults += error.faults
        if as_json:
            import msgspec

            print_json({"files": msgspec.to_builtins(reports), **faults_json(faults)})
        else:
            told = show if sys.stdout.isatty() else say  # a terminal would break it amid a figure
            for report in reports:
                told(f"{report['file']}: good: {report['holds']}")
                for note in report["warnings"]:
                    told(f"note: {report['file']}: {note}")
            tell(faults)
        if faults_file:
            write_faults(faults, faults_file, read)
        if faults:
            raise typer.Exit(FAULTS)


def _checked(file: Path, form: "FileForm", progress: "Progress") -> dict[str, Any]:
    """What a good file holds; InputError if it has faults."""
    from engine.dialing.simulation import memory_fault
    from engine.numbers.formats.files import holds_numbers, read_numbers
    from engine.numbers.intake import Intake
    from engine.numbers.notes import list_notes
    from engine.reading.faults import InputError
    from engine.reading.notes import Note
    from engine.results.expectations import check_expectations
    from engine.results.notes import run_notes
    from engine.scenario.scenario import Scenario

    if holds_numbers(file):
        import numpy as np

        intake = Intake()
        numbers, _ = read_numbers(file, intake, form, progress)
        if numbers.faulty:
            raise InputError(fault for number in numbers.faulty for fault in number.faults)
        intake.add(numbers, np.broadcast_to(np.int64(0), numbers.given))
        book = intake.phonebook()
        return {
            "holds": f"numbers {len(book):,}, call policies {len(book.distinct):,}",
            "warnings": [*book.warnings(), *list_notes(book), *numbers.notes],
        }
    scenario = Scenario.load(file, progress=progress)
    book, what_if = scenario.phonebook, scenario.document.what_if
    holds = f"a scenario; numbers {len(book):,}, call policies {len(book.distinct):,}"
    documents: dict[tuple[str | int, ...], ScenarioDocument] = {(): scenario.document}
    if what_if is not None and (what_if.variants or what_if.grid):
        from engine.whatif.notes import variants_notes
        from engine.whatif.variants import variants_in

        variants = variants_in(file, scenario, progress=progress)
        holds += f", variants {len(variants) - 1:,}"
        notes = variants_notes(variants)
        documents |= {("whatIf", "variants", each.name): each.scenario.document for each in variants[1:]}
    else:
        notes = run_notes(scenario)
    check_expectations(file, documents)
    short = memory_fault(len(book))
    to_play = [Note("memory", f"found {short.found}; here it takes {short.allowed}")] if short else []
    return {"holds": holds, "warnings": [*notes, *to_play]}
