"""The command `dialer windows`."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson
from engine.commands.telling import faults_told, print_list, show, warn_beside_json

if TYPE_CHECKING:
    from engine.calling.closed_dates import ClosedDates
    from engine.reading.faults import Fault

MOST_SHOWN = 10_000
"""A table of more windows would take long to lay out, and nobody reads it."""


def windows(
    policy: Annotated[Path, typer.Option(metavar="FILE", help="A call policy, JSON or YAML: fields of addPhones.")],
    start: Annotated[str, typer.Option("--from", metavar="INSTANT", help="Such as 2026-03-02T00:00:00Z.")],
    finish: Annotated[str, typer.Option("--to", metavar="INSTANT", help="Such as 2026-03-09T00:00:00-05:00.")],
    closed_dates: Annotated[
        list[str] | None,
        typer.Option("--closed-dates", metavar="DATE,…", help="No calls on 2026-12-25. May be repeated."),
    ] = None,
    holidays: Annotated[
        list[str] | None,
        typer.Option("--holidays", metavar="US", help="Nor on holidays of a country, or of US-CA. May be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show when a call policy allows calls."""
    with faults_told(as_json):
        from engine.calling.instants import Instant, utc_text
        from engine.calling.policy import CallPolicy
        from engine.numbers.notes import holiday_notes, policy_notes
        from engine.reading.document import read_document
        from engine.reading.faults import Fault, InputError
        from engine.reading.typed import read

        faults: list[Fault] = []
        instants: list[int] = []
        for option, text in (("--from", start), ("--to", finish)):
            instant, found = read(text, Instant)
            faults += [fault.under(option) for fault in found]
            instants += [] if instant is None else [instant]
        if len(instants) == 2 and instants[0] >= instants[1]:
            faults.append(Fault(("--to",), finish, f"an instant after --from, {start}"))
        dates, found = _closed_dates(closed_dates, holidays)
        faults += found
        document = read_document(policy)
        read_policy, found = read(document.value, CallPolicy)
        faults += [document.located(fault) for fault in found]
        if read_policy is None or faults:
            raise InputError(faults)
        span = instants[0], instants[1]
        in_turn = read_policy.windows_in_turn(*span, dates)
        notes = [*policy_notes(read_policy, span), *holiday_notes(dates, span)]
        if as_json:
            import msgspec

            warn_beside_json(notes)
            texts = ({"opens": utc_text(opens), "closes": utc_text(closes)} for opens, closes in in_turn)
            print_list({"zone": read_policy.zone_name, "warnings": msgspec.to_builtins(notes)}, "windows", texts)
            return
        opened = list(islice(in_turn, MOST_SHOWN + 1))
        if len(opened) > MOST_SHOWN:
            allowed = f"an instant to which there are at most {MOST_SHOWN:,}; or --json, which prints any number"
            raise InputError([Fault(("--to",), f"{finish}, with more than {MOST_SHOWN:,} windows", allowed)])
        from engine.terminal.windows import windows_report

        show(windows_report(opened, span, read_policy.zone_name, notes))


def _closed_dates(dates: Sequence[str] | None, holidays: Sequence[str] | None) -> "tuple[ClosedDates, list[Fault]]":
    """The closed dates that two options name, and the faults in them."""
    from engine.calling.closed_dates import ClosedDates, Holidays, LocalDate
    from engine.reading.typed import read

    closed: list[LocalDate | Holidays] = []
    faults: list[Fault] = []
    for text in (each.strip() for given in dates or () for each in given.split(",")):
        date, found = read(text, LocalDate)
        closed += [] if date is None else [date]
        faults += [fault.under("--closed-dates") for fault in found]
    for text in (each.strip() for given in holidays or () for each in given.split(",")):
        country, dash, part = text.partition("-")
        of, found = read({"holidays": country.upper()} | ({"subdivision": part} if dash else {}), Holidays)
        closed += [] if of is None else [of]
        faults += [type(fault)(("--holidays",), fault.found, fault.allowed) for fault in found]
    return ClosedDates(closed), faults
