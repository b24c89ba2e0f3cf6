"""The command `dialer run`."""

import re
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.ending import FAULTS
from engine.commands.options import (
    MOST_REPLICATIONS,
    AsJson,
    Changes,
    FaultsFile,
    Force,
    Out,
    RunsFolder,
    ScenarioFile,
    Seed,
    Svg,
    Waiting,
    assignments,
    changes_named,
    need_out,
)
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import deliver, faults_told, say, unfinished_told

if TYPE_CHECKING:
    from engine.scenario.scenario import Scenario
    from engine.whatif.replications import Band


class Engine(StrEnum):
    """The engines of `--engine`."""

    auto = "auto"
    reference = "reference"
    compiled = "compiled"


def run(
    scenario: ScenarioFile,
    as_json: AsJson = False,
    engine: Annotated[Engine, typer.Option(help="What plays it; the answer is the same.")] = Engine.auto,
    seed: Seed = None,
    changes: Changes = None,
    faults_file: FaultsFile = None,
    out: Out = None,
    calls: Annotated[bool, typer.Option("--calls", help="With --out: write each call, too.")] = False,
    waiting: Waiting = False,
    force: Force = False,
    svg: Svg = None,
    replications: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=MOST_REPLICATIONS,
            help="With --out: N seeds draw the band of the reached in the report.",
        ),
    ] = 1,
    runs_folder: RunsFolder = None,
    checkpoint: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the run here again and again.")] = None,
    every: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="With --checkpoint: how often, in simulated time: 90min, 6h, 2d; as a rule, 1d."
        ),
    ] = None,
    resume: Annotated[Path | None, typer.Option(metavar="FILE", help="Go on from a saved run.")] = None,
) -> None:
    """Play a scenario and show what came of it."""
    if engine == Engine.reference and (checkpoint or resume):
        raise typer.BadParameter("only the compiled engine has checkpoints", param_hint="--engine")
    if every is not None and checkpoint is None:
        raise typer.BadParameter("add --checkpoint FILE, the file in which the run is saved", param_hint="--every")
    need_out(out, calls=calls, replications=replications > 1)
    outputs = Outputs(force, out, svg=svg, faults=faults_file, checkpoint=checkpoint)
    need_out(outputs.any, force=force)
    every_seconds = _simulated_time(every or "1d")
    with faults_told(as_json, faults_file) as read, outputs.held(scenario, resume):
        from engine.dialing.simulation import Checkpoints
        from engine.results.folder import CALLS_NAME, begun_file
        from engine.results.lock import broken_lock, lock_text
        from engine.results.result import simulate
        from engine.scenario.scenario import Scenario
        from engine.wording.runs import run_document

        with progress_shown() as progress, changes_named(seed=seed):
            loaded = Scenario.load(scenario, assignments(changes, seed), progress)
        outputs.check(read)
        if out is not None:
            lock_text(loaded, 0, out)  # a scenario without a possible lock is reported before the run
        with begun_file(out, CALLS_NAME) if out is not None and calls else nullcontext() as calls_file:
            with progress_shown() as progress:
                result = simulate(
                    loaded,
                    engine.value,
                    calls_file=calls_file,
                    waiting=waiting,
                    progress=progress,
                    checkpoints=Checkpoints(checkpoint, every_seconds) if checkpoint else None,
                    resume=resume,
                )
            document = run_document(result)
            if out is not None:
                from engine.report.run import run_page
                from engine.report.workbook import run_workbook

                band = _band(loaded, replications, runs_folder) if replications > 1 else None
                page, workbook = run_page(result, band), run_workbook(result)
                result.write(out, force=force, report=page, workbook=workbook, summary=document)
        from engine.terminal.run import run_report  # loads what a terminal shows

        title = f"dialer run {scenario.name}"
        deliver(run_report(result), document, result.warnings, outputs, title, as_json=as_json)
        if broken := broken_lock(loaded, result.digest):
            say(f"{scenario}: {broken}", err=True)
            raise typer.Exit(FAULTS)


def _band(scenario: "Scenario", replications: int, runs_folder: Path | None) -> "Band":
    """The share reached over time, with other luck."""
    from engine.whatif.replications import open_runs, reached_band, seeds_of
    from engine.whatif.workers import play_replications

    with unfinished_told(), progress_shown() as progress:
        [played] = play_replications(
            [scenario], seeds_of(scenario, replications), open_runs(runs_folder), progress=progress
        )
    return reached_band(scenario, played)


def _simulated_time(text: str) -> int:
    """The seconds of `90min`, `6h` or `2d`; wrong usage if the text is not such a time."""
    match = re.fullmatch(r"([1-9][0-9]{0,6})(s|min|h|d)", text)
    if not match:
        raise typer.BadParameter(f"{text!r} is not a time such as 90min, 6h or 2d", param_hint="--every")
    return int(match[1]) * {"s": 1, "min": 60, "h": 3_600, "d": 86_400}[match[2]]
