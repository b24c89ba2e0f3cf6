"""The command `dialer fit`."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, FaultsFile, mapping
from engine.commands.progress import progress_shown
from engine.commands.telling import faults_told, print_json, show, warn


def fit(
    calls: Annotated[Path, typer.Argument(metavar="CALLS", help="A call log, CSV or Parquet, also compressed.")],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="FIELD=NAME", help="The column of a field that has another name: seconds=Duration."
        ),
    ] = None,
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="WORD=NAME", help="What a word of the log means: yes=answered."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of the customers' clocks: America/New_York.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="The encoding of a CSV file that is not UTF-8: latin-1.")
    ] = None,
    minimum: Annotated[
        int, typer.Option(metavar="N", min=1, help="An hour, weekday or attempt has a factor from N calls on.")
    ] = 500,
    check: Annotated[bool, typer.Option("--check", help="Play the model back and compare it with the log.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --check: play with the luck of this seed.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what was fitted here, as YAML.")] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="SCENARIO", help="With --out: write this scenario with what was fitted in it."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="With --out: replace the file.")] = False,
    faults_file: FaultsFile = None,
    as_json: AsJson = False,
) -> None:
    """Fit outcomes, factors and the never-answering to a call log."""
    if out is None and (force or into is not None):
        raise typer.BadParameter("add --out FILE, the file to write", param_hint="--into" if into else "--force")
    mapped = dict(mapping(column, "--column", "seconds=Duration") for column in columns or ())
    words = dict(mapping(outcome, "--outcome", "yes=answered") for outcome in outcomes or ())
    with faults_told(as_json, faults_file):
        from engine.fitting.fit import fit as fitted_to
        from engine.fitting.playback import play_back
        from engine.fitting.scenario_text import check_file, parts_text, scenario_text
        from engine.logs.call_log import read_call_log
        from engine.progress import Step
        from engine.terminal.fit import fit_report
        from engine.writing import write_text

        if out is not None:
            check_file(out, into, force=force)
        with progress_shown() as progress:
            progress(Step(f"reading {calls}"))
            log = read_call_log(calls, mapped, words, zone=zone, encoding=encoding)
            fitted = fitted_to(log, minimum, progress)
            text = None
            if out is not None:
                text = scenario_text(fitted, calls.name, into, out) if into else parts_text(fitted, calls.name)
            playback = play_back(log, fitted, seed, progress=progress) if check else None
        warn(fitted.notes)
        if as_json:
            import msgspec

            print_json(msgspec.to_builtins({"fit": fitted, "parts": fitted.parts, "playback": playback}))
        else:
            show(fit_report(fitted, calls.name, playback))
        if out is not None and text is not None:
            write_text(out, text)
            typer.echo(f"{'the scenario' if into else 'what was fitted'} is in {out}", err=True)
