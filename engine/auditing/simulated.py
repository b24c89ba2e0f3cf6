"""Simulated calls: those of a run, made ready for an audit."""

from pathlib import Path

import numpy as np
import polars as pl

from engine.auditing.calls import NOT_KNOWN, Calls, in_zones, indexed, phones_of
from engine.calling.caps import payload_fields
from engine.numbers.payloads import NO_PAYLOAD
from engine.reading.faults import Fault, InputError
from engine.results.result import Result

CALLS, NUMBERS = "calls.parquet", "numbers.parquet"
COLUMNS = ("phone", "number", "start", "outcome", "redial")
"""What a table of a run's calls has to have."""


def is_run(path: Path) -> bool:
    """Whether a path is that of a run's results: their folder, or the table of calls in it."""
    return path.is_dir() or (path.name == CALLS and path.with_name(NUMBERS).is_file())


def calls_of_folder(path: Path) -> Calls:
    """The calls of the results in a folder; InputError if there are none."""
    folder = path if path.is_dir() else path.parent
    tables = []
    for name, columns in ((CALLS, COLUMNS), (NUMBERS, ("zone",))):
        file = folder / name
        if not file.is_file():
            allowed = "the folder of a run's results, written by dialer run --calls --out DIR"
            raise InputError([Fault((), f"no {name}", allowed, str(folder))])
        try:
            table = pl.read_parquet(file.read_bytes())
        except pl.exceptions.PolarsError as error:
            raise InputError([Fault((), f"no table ({error})", "a Parquet file of a run", str(file))]) from None
        missing = [each for each in columns if each not in table.columns]
        if missing:
            raise InputError([Fault((each,), "no such column", "a table of a run", str(file)) for each in missing])
        tables.append(table)
    return simulated_calls(*tables)


def calls_of_result(result: Result) -> Calls:
    """The calls of a run that kept them; caps count for each field of payloads by which its campaign shares caps."""
    calls = simulated_calls(result.calls, result.numbers)
    number, shared = result.calls["number"].to_numpy(), {}
    for place, field in enumerate(payload_fields(result.document.campaign.every_cap)):
        ids = result.phonebook.shared[:, place]
        known, which = np.unique(ids, return_inverse=True)
        own = np.where(known == NO_PAYLOAD, NOT_KNOWN, np.arange(len(known)))[which]
        shared[field] = own[number]
    return calls._replace(shared=shared)


def simulated_calls(calls: pl.DataFrame, numbers: pl.DataFrame) -> Calls:
    """The calls of a run: `result.calls`, with the zones that `result.numbers` has.

    A call is judged by its number's zone, also one of a redial with a zone of its own. Numbers of one phone count as
    one for caps. Calls of a redial's series are those that the customer asked for.
    """
    phones, number = phones_of(calls["phone"])
    names, of_number = indexed(numbers["zone"])
    zone = of_number[calls["number"].to_numpy()].astype(np.int32)
    start = calls["start"].dt.epoch("s").to_numpy()
    outcomes, outcome = indexed(calls["outcome"])
    return Calls(
        phones=phones,
        number=number,
        start=start,
        local=in_zones(start, names, zone),
        outcomes=outcomes,
        outcome=outcome,
        zones=names,
        zone=zone,
        redial=calls["redial"].to_numpy(),
    )
