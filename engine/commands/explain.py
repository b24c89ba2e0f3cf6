"""The command `dialer explain`."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import (
    AsJson,
    Changes,
    FaultsFile,
    Force,
    ScenarioFile,
    Seed,
    Svg,
    assignments,
    changes_named,
    need_out,
)
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import deliver, faults_told


def explain(
    scenario: ScenarioFile,
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="A phone of its list, such as +16505550123.")],
    as_json: AsJson = False,
    seed: Seed = None,
    changes: Changes = None,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE", help="Write an HTML page here, too.")] = None,
    force: Force = False,
    svg: Svg = None,
    faults_file: FaultsFile = None,
) -> None:
    """Show what a number did and waited for, second by second: why it was not called."""
    outputs = Outputs(force, page=page, svg=svg, faults=faults_file)
    need_out(outputs.any, force=force)
    with faults_told(as_json, faults_file) as read, outputs.held(scenario):
        from engine.explaining.lives import lives_of
        from engine.scenario.scenario import Scenario
        from engine.terminal.explanation import lives_report
        from engine.wording.explanations import lives_document

        with progress_shown() as progress, changes_named(seed=seed):
            loaded = Scenario.load(scenario, assignments(changes, seed), progress)
        outputs.check(read)
        with progress_shown() as progress:
            lives = lives_of(loaded, phone, progress)
        if page is not None:
            from engine.report.explanation import lives_page  # loads what draws the page
            from engine.writing import write_text

            write_text(page, lives_page(lives))
        title = f"dialer explain {scenario.name} {lives.phone}"
        deliver(lives_report(lives), lives_document(lives), (), outputs, title, as_json=as_json, width=110)
