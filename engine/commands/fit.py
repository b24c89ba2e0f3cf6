"""The command `dialer fit`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.ending import FAULTS
from engine.commands.log_options import CallId, LogColumns, LogLayout, LogOutcomes, SkipFaultyCalls, StartFormat, pairs
from engine.commands.options import AsJson, Encoding, FaultsFile, Force, Header, Sheet, in_utf_8
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import faults_told, print_json, say, show, warn, warn_beside_json, write_faults

if TYPE_CHECKING:
    from engine.logs.call_log import CallLog
    from engine.logs.forms import LogForm

LIST = "list"
"""The name of a layout that shows them all."""


def fit(
    calls: Annotated[
        Path | None, typer.Argument(metavar="CALLS", help="A call log, CSV, Excel or Parquet, also compressed.")
    ] = None,
    layout: LogLayout = None,
    columns: LogColumns = None,
    outcomes: LogOutcomes = None,
    seconds: Annotated[
        list[str] | None,
        typer.Option("--seconds", metavar="NAME=N", help="How long calls last of which the log does not say: busy=4."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", callback=in_utf_8, help="The zone of the customers' clocks: America/New_York."),
    ] = None,
    start_format: StartFormat = None,
    decimal: Annotated[
        str | None, typer.Option(metavar="MARK", help="The mark before decimals, . or ,; the other one is ignored.")
    ] = None,
    milliseconds: Annotated[bool, typer.Option("--milliseconds", help="The seconds are milliseconds.")] = False,
    call_id: CallId = None,
    header: Header = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    skip_faulty: SkipFaultyCalls = False,
    minimum: Annotated[
        int, typer.Option(metavar="N", min=1, help="An hour, weekday or attempt has a factor from N calls on.")
    ] = 500,
    check: Annotated[
        bool, typer.Option("--check", help="Play the model back; the status is 1 if it is off the log.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --check: play with the luck of this seed.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what was fitted here, as YAML.")] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="SCENARIO", help="With --out: write this scenario with what was fitted in it."),
    ] = None,
    force: Force = False,
    faults_file: FaultsFile = None,
    as_json: AsJson = False,
) -> None:
    """Fit outcomes, factors and the never-answering to a call log."""
    if layout == LIST:
        _show_layouts(as_json=as_json)
        return
    if calls is None:
        raise typer.BadParameter("name a call log; or --layout list, to see the layouts", param_hint="CALLS")
    outputs = Outputs(force, file=out, faults=faults_file)
    if (out is None and into is not None) or (outputs.any is None and force):
        raise typer.BadParameter("add --out FILE, the file to write", param_hint="--into" if into else "--force")
    if decimal not in (None, ",", "."):
        raise typer.BadParameter(f"{decimal!r} is neither . nor ,", param_hint="--decimal")
    mapped = pairs(columns, "--column", "seconds=Duration")
    words = pairs(outcomes, "--outcome", "yes=answered")
    lasting = {name: _seconds(value) for name, value in pairs(seconds, "--seconds", "busy=4").items()}
    with faults_told(as_json, faults_file) as read, outputs.held(calls, into):
        from engine.fitting.fit import fit as fitted_to
        from engine.fitting.playback import play_back
        from engine.fitting.scenario_text import parts_text, scenario_text
        from engine.fitting.unseen_hours import unseen_hours
        from engine.logs.forms import LogForm
        from engine.progress import Step
        from engine.reading.notes import Note
        from engine.terminal.fit import fit_report
        from engine.writing import write_text

        form = LogForm(
            columns=mapped,
            outcomes=words,
            layout=layout,
            zone=zone,
            encoding=encoding,
            header=tuple(title.strip() for title in header.split(",")) if header else (),
            sheet=sheet,
            decimal=decimal,  # type: ignore[arg-type]  # one of the two marks, as was checked
            milliseconds=milliseconds,
            seconds=lasting,
            start_format=start_format,
            call_id=call_id,
            skip_faulty=skip_faulty,
        )
        with progress_shown() as progress:
            progress(Step(f"reading {calls}"))
            log = _read(calls, form, faults_file)
            fitted = fitted_to(log, minimum, progress)
            text, unseen = None, None
            if out is not None:
                text = scenario_text(fitted, calls.name, into, out) if into else parts_text(fitted, calls.name)
                unseen = unseen_hours(log, into) if into else None
            playback = play_back(log, fitted, seed, progress=progress) if check else None
        outputs.check(read)
        notes = (Note("unseen_hours", unseen),) if unseen else ()
        off = playback is not None and not playback.is_close
        if out is not None and text is not None and not off:
            write_text(out, text)
        if as_json:
            import msgspec

            told = (*(Note("call_log", note) for note in fitted.notes), *notes)
            warn_beside_json(told)
            document = {"warnings": told, "fit": fitted, "parts": fitted.parts, "playback": playback}
            print_json(msgspec.to_builtins(document))
        else:
            show(fit_report(fitted, calls.name, playback, notes))
        if out is not None and not off:
            say(f"{'the scenario' if into else 'what was fitted'} is in {out}", err=True)
        if off:
            nothing = "; nothing was written" if out is not None else ""
            say(f"the model played back is off the log{nothing}", err=True)
            raise typer.Exit(FAULTS)


def _read(calls: Path, form: "LogForm", faults_file: Path | None) -> "CallLog":
    """The log; the faults of its calls are told of, and written to the file for faults, one by one."""
    from engine.logs.call_log import read_call_log
    from engine.logs.faulty_calls import LogError

    try:
        log = read_call_log(calls, form)
    except LogError as error:
        if error.calls and error.good and not form.skip_faulty:
            warn([f"--skip-faulty leaves faulty calls out and counts them: they have {len(error.calls):,} faults"])
        raise
    if faults_file is not None:
        write_faults(log.left_out, faults_file)
    return log


def _seconds(text: str) -> float:
    """The seconds of `busy=4`; wrong usage if they are none."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise typer.BadParameter(f"{text!r} is not a number from 0 to 86,400", param_hint="--seconds")
    return seconds


def _show_layouts(*, as_json: bool) -> None:
    """Show every layout: of which export it is, its columns and its words."""
    from engine.logs.layouts import LAYOUTS

    if as_json:
        told = ("system", "source", "columns", "outcomes", "call_id", "positions")
        print_json({name: {each: getattr(layout, each) for each in told} for name, layout in LAYOUTS.items()})
    else:
        from engine.terminal.layouts import layouts_report

        show(layouts_report(LAYOUTS.values()))
