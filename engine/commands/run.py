"""The command `dialer run`."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, Changes, FaultsFile, Force, Out, ScenarioFile, Seed, Svg, assignments
from engine.commands.progress import playing, reading_files
from engine.commands.telling import FAULTS, draw, faults_told, input_warnings, print_json, show, warn


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
    force: Force = False,
    svg: Svg = None,
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
    with faults_told(as_json, faults_file):
        from engine.answers.folder import check_folder
        from engine.answers.lock import broken_lock, lock_notes, lock_text
        from engine.answers.results import simulate
        from engine.dialing.simulation import Checkpoints
        from engine.scenario import Scenario

        if out is not None:
            check_folder(out, force=force)
        with reading_files() as reading:
            loaded = Scenario.load(scenario, assignments(changes, seed), reading)
        warn([*input_warnings(loaded), *lock_notes(loaded)])
        if out is not None:
            lock_text(loaded, 0, out)  # whether there can be one is told before the run
        with playing(loaded) as progress:
            result = simulate(
                loaded,
                engine.value,
                calls=calls,
                progress=progress,
                checkpoints=Checkpoints(checkpoint, every_seconds) if checkpoint else None,
                resume=resume,
            )
        from engine.terminal import run_report

        if as_json:
            print_json(result.summary_document)
        else:
            show(run_report(result))
        if out is not None:
            from engine.report.run import run_page

            result.write(out, force=force, report=run_page(result))
        if svg is not None:
            draw(run_report(result), svg, f"dialer run {scenario.name}")
        if out is not None:
            typer.echo(f"results are in {out}", err=True)
        if broken := broken_lock(loaded, result.digest):
            typer.echo(f"{scenario}: {broken}", err=True)
            raise typer.Exit(FAULTS)


def _simulated_time(text: str) -> int:
    """The seconds of `90min`, `6h` or `2d`; wrong usage if it is no such time."""
    match = re.fullmatch(r"([1-9][0-9]{0,6})(s|min|h|d)", text)
    if not match:
        raise typer.BadParameter(f"{text!r} is no time such as 90min, 6h or 2d", param_hint="--every")
    return int(match[1]) * {"s": 1, "min": 60, "h": 3_600, "d": 86_400}[match[2]]
