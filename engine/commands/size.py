"""The command `dialer size`."""

from enum import StrEnum
from typing import Annotated

import typer

from engine.commands.options import (
    AsJson,
    Changes,
    Dask,
    FaultsFile,
    Force,
    Jobs,
    Out,
    Replications,
    RunsFolder,
    ScenarioFile,
    Seed,
    Svg,
    assignments,
    changes_named,
    need_out,
)
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import deliver, faults_told, unfinished_told


class Capacities(StrEnum):
    """What `--by` looks for."""

    lines = "lines"
    callsPerSecond = "callsPerSecond"  # noqa: N815 (the field of the scenario file)


def size(
    scenario: ScenarioFile,
    by: Annotated[
        Capacities | None, typer.Option(help="The fewest lines, or the slowest pace.", show_default="lines")
    ] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="The earliest date for the lines that there are, whatever the goal's by.")
    ] = False,
    replications: Replications = 40,
    changes: Changes = None,
    seed: Seed = None,
    jobs: Jobs = None,
    dask: Dask = None,
    runs_folder: RunsFolder = None,
    out: Out = None,
    force: Force = False,
    svg: Svg = None,
    faults_file: FaultsFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the fewest lines with which a scenario reaches its goal."""
    outputs = Outputs(force, out, svg=svg, faults=faults_file)
    need_out(outputs.any, force=force)
    if finish and by is not None:
        raise typer.BadParameter("--finish asks for a date, --by for a capacity", param_hint="--finish")
    with faults_told(as_json, faults_file) as read, outputs.held(scenario), unfinished_told():
        from engine.scenario.scenario import Scenario
        from engine.terminal.sizing import sizing_report
        from engine.whatif.replications import open_runs
        from engine.whatif.search import earliest_date, smallest_capacity
        from engine.whatif.tries import Sizer
        from engine.whatif.workers import Workers
        from engine.wording.sizings import sizing_document

        runs = open_runs(runs_folder)
        with progress_shown() as progress, changes_named(seed=seed):
            loaded = Scenario.load(scenario, assignments(changes, seed), progress)
        outputs.check(read)
        with progress_shown() as progress:
            sizer = Sizer(replications, runs, Workers(jobs, dask), progress)
            sizing = (
                earliest_date(loaded, sizer)
                if finish
                else smallest_capacity(loaded, (by or Capacities.lines).value, sizer)
            )
        zone_name = loaded.document.campaign.zone_name
        if out is not None:
            from engine.report.folders import write_sizing  # loads what draws the page

            write_sizing(sizing, out, zone_name, force=force)
        report, document = sizing_report(sizing, zone_name), sizing_document(sizing, zone_name)
        deliver(report, document, sizing.warnings, outputs, f"dialer size {scenario.name}", as_json=as_json)
