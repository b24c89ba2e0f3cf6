"""The command `dialer compare`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.commands.completing import assignments_from, figures_from
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
    Waiting,
    assignments,
    changes_named,
    need_out,
)
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import deliver, faults_told, print_json, say, unfinished_told

LIST = "list"
"""The name of a figure that shows them all."""
Grids = Annotated[
    list[str] | None,
    typer.Option(
        "--grid",
        metavar="PATH=VALUES",
        autocompletion=assignments_from,
        help="Compare these values instead of the file's whatIf: campaign.lines=200,300. Repeated, every combination.",
    ),
]


def compare(
    scenario: ScenarioFile,
    replications: Replications = 20,
    grids: Grids = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE",
            autocompletion=figures_from,
            help="Sort by this figure of the summary, the largest first.",
        ),
    ] = None,
    figures: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            metavar="FIGURE",
            autocompletion=figures_from,
            help="Show this figure, such as calls.total; or list, to see them all. May be repeated.",
        ),
    ] = None,
    waiting: Waiting = False,
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
    """Compare a scenario with its variants, played with the same seeds."""
    outputs = Outputs(force, out, svg=svg, faults=faults_file)
    need_out(outputs.any, force=force)
    with faults_told(as_json, faults_file) as read, outputs.held(scenario), unfinished_told():
        from engine.terminal.comparison import comparison_report
        from engine.whatif.comparing import compare as hold_against_each_other
        from engine.whatif.comparing import figures_measured, refuse_unknown_figures
        from engine.whatif.replications import open_runs
        from engine.whatif.variants import grid_of, load_variants
        from engine.whatif.workers import Workers
        from engine.wording.comparisons import comparison_document, headline_figure, main_figures

        runs, workers = open_runs(runs_folder), Workers(jobs, dask)
        with progress_shown() as progress, changes_named(seed=seed):
            variants = load_variants(scenario, assignments(changes, seed), grid_of(grids or ()), progress)
        outputs.check(read)
        if figures or sort:
            known = figures_measured(variants[0], runs, waiting=waiting)
            if figures and LIST in figures:
                _show_figures(known, as_json=as_json)
                return
            refuse_unknown_figures(known, {"--figure": figures or (), "--sort": [sort] if sort else ()})
        with progress_shown() as progress:
            compared = hold_against_each_other(variants, replications, runs, workers, progress, waiting=waiting)
        comparison = compared.comparison
        first = sort or headline_figure(comparison)
        zone_name = variants[0].scenario.document.campaign.zone_name
        shown = list(dict.fromkeys((first, *figures))) if figures else main_figures(comparison, first)
        if out is not None:
            from engine.report.folders import write_comparison  # loads what draws the page

            write_comparison(compared, variants[0].scenario, out, first, force=force)
        report = comparison_report(comparison, zone_name, shown, first)
        document, title = comparison_document(comparison, first, zone_name), f"dialer compare {scenario.name}"
        deliver(report, document, comparison.warnings, outputs, title, as_json=as_json, width=92)


def _show_figures(names: Sequence[str], *, as_json: bool) -> None:
    """Show the figures of a scenario's summary, each with its title."""
    from engine.wording.figures import figure_title

    titles = {name: figure_title(name) for name in names}
    if as_json:
        print_json(titles)
    else:
        width = max(map(len, titles))
        for name, title in titles.items():
            say(f"{name:<{width}}  {title}")
