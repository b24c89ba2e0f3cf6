"""The command `dialer audit`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.completing import rule_sets_from
from engine.commands.ending import FAULTS
from engine.commands.log_options import CallId, LogColumns, LogLayout, LogOutcomes, SkipFaultyCalls, StartFormat, pairs
from engine.commands.options import AsJson, Encoding, FaultsFile, Force, Header, Sheet, in_utf_8
from engine.commands.outputs import Outputs
from engine.commands.progress import progress_shown
from engine.commands.telling import (
    faults_told,
    print_json,
    print_list,
    say,
    show,
    warn_beside_json,
    write_faults,
)

if TYPE_CHECKING:
    from engine.auditing.audit import Audit
    from engine.auditing.planned import Plan
    from engine.calling.rule_sets import NamedRules
    from engine.logs.forms import LogForm
    from engine.progress import Progress

SCENARIOS = (".yaml", ".yml", ".json")
"""What the names of scenarios end in."""


def audit(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A scenario, the folder of a run with its calls, or a call log in CSV, Excel or Parquet.",
        ),
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            "--rules",
            metavar="NAME",
            autocompletion=rule_sets_from,
            callback=in_utf_8,
            help="A rule set: us-fl, or a file of your own. May be repeated.",
        ),
    ] = None,
    by_phone: Annotated[
        bool,
        typer.Option("--by-phone", help="Each set for the phones of its country or state alone: a guess."),
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show the built-in rule sets, and those of --rules.")] = False,
    outcomes: LogOutcomes = None,
    layout: LogLayout = None,
    columns: LogColumns = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            callback=in_utf_8,
            help="The zone of the customers' clocks, America/New_York; fromPhone guesses it.",
        ),
    ] = None,
    start_format: StartFormat = None,
    call_id: CallId = None,
    header: Header = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    skip_faulty: SkipFaultyCalls = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every finding here, as CSV.")] = None,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE", help="Write an HTML page here, too.")] = None,
    force: Force = False,
    faults_file: FaultsFile = None,
    as_json: AsJson = False,
) -> None:
    """Hold a scenario, a run or a call log against rules; the status is 1 if anything is found."""
    if listed:
        with faults_told(as_json):
            _show_rules(rules or [], as_json=as_json)
        return
    if source is None:
        raise typer.BadParameter("name a scenario, a run or a call log; or --list", param_hint="FILE")
    outputs = Outputs(force, file=out, page=page, faults=faults_file)
    if outputs.any is None and force:
        raise typer.BadParameter("add --out FILE or --page FILE, the file to write", param_hint="--force")
    of_log = {
        "--layout": layout,
        "--column": columns,
        "--zone": zone,
        "--start-format": start_format,
        "--call-id": call_id,
        "--header": header,
        "--sheet": sheet,
        "--encoding": encoding,
        "--skip-faulty": skip_faulty,
    }
    mapped, words = pairs(columns, "--column", "start=CallDate"), pairs(outcomes, "--outcome", "REFUSED=refusal")
    with faults_told(as_json, faults_file) as read, outputs.held(source):
        from engine.auditing.simulated import is_run
        from engine.calling.zones import FROM_PHONE

        is_scenario = source.suffix.lower() in SCENARIOS
        if is_scenario or is_run(source):
            given = next((option for option, value in of_log.items() if value), None)
            if given is not None:
                what = "a scenario" if is_scenario else "a run"
                raise typer.BadParameter(f"it is for a call log, and {source} is {what}", param_hint=given)
        sets = [] if is_scenario and not rules and not by_phone else _rules_named(rules or [], by_phone=by_phone)
        with progress_shown() as progress:
            if is_scenario:
                found: Audit | Plan = _planned(source, sets, words, progress, by_phone=by_phone)
            elif is_run(source):
                found = _simulated(source, sets, words, by_phone=by_phone)
            else:
                from engine.logs.forms import LogForm

                form = LogForm(
                    columns=mapped,
                    outcomes=words,
                    layout=layout,
                    zone=None if zone == FROM_PHONE else zone,
                    encoding=encoding,
                    header=tuple(title.strip() for title in header.split(",")) if header else (),
                    sheet=sheet,
                    start_format=start_format,
                    call_id=call_id,
                    skip_faulty=skip_faulty,
                )
                found = _logged(
                    source, form, sets, progress, faults_file, by_phone=by_phone, zones_by_phone=zone == FROM_PHONE
                )
        outputs.check(read)
        if out is not None:
            _write_findings(found, out)
        if page is not None:
            _write_page(found, source.name, page)
        _tell(found, source.name, as_json=as_json)
        if out is not None:
            say(f"the findings are in {out}", err=True)
        if page is not None:
            say(f"the page is in {page}", err=True)
        if found.found:
            raise typer.Exit(FAULTS)


def _rules_named(names: list[str], *, by_phone: bool) -> "list[NamedRules]":
    """The rule sets that are asked for; by phone, without a name, all that hold for everyone in a region."""
    from engine.calling.rule_sets import NamedRules, built_in, built_in_names, rules_named
    from engine.reading.faults import Fault, InputError

    if names:
        try:
            sets = rules_named(names)
        except InputError as error:
            raise InputError(
                fault.under("--rules") if fault.file is None else fault for fault in error.faults
            ) from None
        if by_phone and (without := next((each for each in sets if not each.rules.where), None)):
            allowed = "a list of countries, or of states of the US: where: [US-FL]"
            raise InputError([Fault(("where",), "nothing, and --by-phone", allowed, without.name)])
        return sets
    if by_phone:
        named = [NamedRules(name, built_in(name)) for name in built_in_names()]
        return [each for each in named if each.rules.where and not each.rules.only_if]
    raise typer.BadParameter("name a rule set, such as us-fl; or --by-phone; --list shows them", param_hint="--rules")


def _planned(
    file: Path, sets: "list[NamedRules]", words: Mapping[str, str], progress: "Progress", *, by_phone: bool
) -> "Plan":
    from engine.auditing.planned import planned
    from engine.scenario.scenario import Scenario

    scenario = Scenario.load(file, progress=progress)
    _check_outcomes(words, scenario.document.outcomes, str(file))
    kept = sets or scenario.document.campaign.rules or _rules_named([], by_phone=by_phone)
    return planned(scenario, kept, by_phone=by_phone, meaning=words)


def _simulated(folder: Path, sets: "list[NamedRules]", words: Mapping[str, str], *, by_phone: bool) -> "Audit":
    from engine.auditing.audit import audit as audited
    from engine.auditing.simulated import calls_of_folder

    calls = calls_of_folder(folder)
    _check_outcomes(words, calls.outcomes, str(folder))
    return audited(calls, sets, by_phone=by_phone, meaning=words)


def _check_outcomes(words: Mapping[str, str], known: object, file: str) -> None:
    """InputError if `--outcome` names an outcome that there is not."""
    from engine.reading.faults import Fault, InputError

    names = list(known)  # type: ignore[call-overload]  # a tuple, or the keys of a mapping
    faults = [
        Fault((f"--outcome {word}",), "an outcome that does not occur", ", ".join(names), file)
        for word in words
        if word not in names
    ]
    if faults:
        raise InputError(faults)


def _logged(
    file: Path,
    form: "LogForm",
    sets: "list[NamedRules]",
    progress: "Progress",
    faults_file: Path | None,
    *,
    by_phone: bool,
    zones_by_phone: bool,
) -> "Audit":
    from engine.auditing.audit import audit as audited
    from engine.auditing.logged import logged_calls
    from engine.logs.call_log import read_call_log
    from engine.logs.needs import FOR_AN_AUDIT
    from engine.progress import Step

    progress(Step(f"reading {file}"))
    log = read_call_log(file, form, FOR_AN_AUDIT)
    if faults_file is not None:
        write_faults(log.left_out, faults_file)
    calls, notes = logged_calls(log, zones_by_phone=zones_by_phone)
    return audited(calls, sets, by_phone=by_phone, unknown_words=log.unknown_words, notes=notes)


def _tell(found: "Audit | Plan", name: str, *, as_json: bool) -> None:
    from engine.auditing.audit import Audit

    if as_json:
        import msgspec

        warn_beside_json(found.notes)
        first = {"of": name, "warnings": msgspec.to_builtins(found.notes), **found.document}
        if isinstance(found, Audit):
            print_list(first, "findings", _rows(found))
        else:
            print_json(first)
        return
    from engine.terminal.audit import audit_report, plan_report

    show(audit_report(found, name) if isinstance(found, Audit) else plan_report(found, name))


def _rows(found: "Audit") -> Iterator[dict[str, Any]]:
    return found.findings().iter_rows(named=True)


def _write_findings(found: "Audit | Plan", file: Path) -> None:
    """Write every finding as a row of CSV; the whole file, or none."""
    from engine.writing import whole_file

    with whole_file(file) as written:
        written.write(found.findings().write_csv().encode())


def _write_page(found: "Audit | Plan", name: str, file: Path) -> None:
    from engine.auditing.audit import Audit
    from engine.report.audit import audit_page, plan_page  # loads what draws the page
    from engine.writing import write_text

    write_text(file, audit_page(found, name) if isinstance(found, Audit) else plan_page(found, name))


def _show_rules(names: list[str], *, as_json: bool) -> None:
    """Show every built-in rule set, and those of `names`."""
    from engine.calling.rule_sets import built_in_names, rules_named

    sets = rules_named([*built_in_names(), *names])
    if as_json:
        print_json({each.name: each.rules.to_json() for each in sets})
        return
    from engine.terminal.audit import rules_report

    show(rules_report(sets))
