"""Logged calls: the calls of any dialer, or of a run, as columns beside the list of a scenario."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.auditing.calls import codes_of, phones_of
from engine.auditing.simulated import CALLS, NUMBERS, is_run
from engine.logs.call_log import read_call_log
from engine.logs.forms import AS_IT_IS, LogForm
from engine.logs.needs import Needs
from engine.numbers.phonebook import Phonebook
from engine.reading.faults import Fault, InputError
from engine.results.result import Result

Integers = NDArray[np.int64]
Log = pl.DataFrame | str | Path | Result
NOT_KNOWN = -1
NONE, UNSAID = -1, -2
"""Of the redial that a call brings: there is none, or the log does not say which."""
_NEEDED = ("phone", "start")
_OURS = ("phone", "number", "attempt", "start", "seconds", "outcome", "redial")
_NEEDS = Needs(
    fields=("phone", "start"),
    fewest_calls=0,
    purpose="to check",
    other_fields=("outcome", "seconds", "attempt", "redial"),
    outcomes="any",
)


class LoggedCalls(NamedTuple):
    """Calls in the order in which they began: those of one second as they stand in the log."""

    code: Integers
    """[call]: its phone, a 1 and its digits."""
    number: Integers
    """[call]: the row of the list, NOT_KNOWN if the list has none for it, or several and the log does not say which."""
    start: Integers
    """[call]: Unix seconds."""
    seconds: Integers
    """[call]: how long it held its line; NOT_KNOWN where the log does not say."""
    outcome: Integers
    """[call]: an index in the names of the scenario's outcomes, NOT_KNOWN for any other."""
    attempt: Integers
    """[call]: how many calls the number had with it; NOT_KNOWN where the log does not say."""
    redial: NDArray[np.int8]
    """[call]: whether it is of the series of a redial, 0 or 1; NOT_KNOWN where the log does not say."""
    brings: Integers
    """[call]: which redial of its outcome it brings, from 0; NONE; or UNSAID where the log does not say."""
    row: Integers
    """[call]: its row in the log, from 0."""
    stranger: NDArray[np.bool_]
    """[call]: whether it is to none of the numbers of the list."""
    numbers: pl.DataFrame | None
    """`ending` and `ended_at` of each number of the list, if the log comes with them."""
    same_luck: bool
    """Whether the calls have the scenario's own luck (rules 7), which tells the redials that they bring."""


def logged_calls(
    log: Log,
    book: Phonebook,
    outcomes: tuple[str, ...],
    *,
    form: LogForm = AS_IT_IS,
    numbers: pl.DataFrame | None = None,
    same_luck: bool | None = None,
) -> LoggedCalls:
    """The calls of a log, found in the list; InputError if the log cannot be read."""
    ours = isinstance(log, Result)
    if isinstance(log, Result):
        frame, numbers = log.calls, log.numbers if numbers is None else numbers
    elif isinstance(log, pl.DataFrame):
        frame = log
    else:
        frame, found, ours = _read(Path(log), form)
        numbers = found if numbers is None else numbers
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise InputError([Fault((name,), "no such column", "a column of the log") for name in missing])
    if same_luck is None:
        same_luck = ours or all(name in frame.columns for name in _OURS)
    start = _instants(frame["start"])
    order = np.argsort(start, kind="stable")
    distinct, which = phones_of(frame["phone"].cast(pl.String))
    code = codes_of(distinct)[which][order]
    start = start[order]
    attempt = _whole(frame, "attempt")[order]
    given = _whole(frame, "number")[order] if "number" in frame.columns else None
    number, stranger = _found(code, given, attempt, start, book)
    return LoggedCalls(
        code=code,
        number=number,
        start=start,
        seconds=_whole(frame, "seconds")[order],
        outcome=_outcomes(frame, outcomes)[order],
        attempt=attempt,
        redial=_redials(frame)[order],
        brings=_brings(frame)[order],
        row=order,
        stranger=stranger,
        numbers=numbers,
        same_luck=same_luck,
    )


def _read(path: Path, form: LogForm) -> tuple[pl.DataFrame, pl.DataFrame | None, bool]:
    """The calls of a file or folder, the numbers beside them, and whether a run wrote them."""
    try:
        if is_run(path):
            folder = path if path.is_dir() else path.parent
            calls, numbers = (pl.read_parquet(folder / name) for name in (CALLS, NUMBERS))
            return calls, numbers, True
        if path.suffix in (".ndjson", ".jsonl"):
            return pl.read_ndjson(path), None, False
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            if all(name in frame.columns for name in _OURS):
                return frame, None, False
    except (OSError, pl.exceptions.PolarsError) as error:
        allowed = "a call log in CSV, Excel, Parquet or NDJSON, or the folder of a run with its calls"
        raise InputError([Fault((), f"no table ({error})", allowed, str(path))]) from None
    log = read_call_log(path, form, _NEEDS)
    assert log.details is not None  # noqa: S101 (these needs ask for them)
    if not log.details["in_utc"].all():
        allowed = "starts with an offset, or the zone of the log's clock"
        raise InputError([Fault(("start",), "starts without an offset", allowed, str(path))])
    names = pl.Series([*log.names, None], dtype=pl.String)
    words = names.gather(pl.Series(np.where(log.outcome < 0, len(log.names), log.outcome).astype(np.uint32)))
    seconds = np.where(np.isnan(log.seconds), NOT_KNOWN, np.nan_to_num(log.seconds))
    columns: dict[str, pl.Series | Integers] = {"outcome": words, "seconds": seconds.astype(np.int64)}
    if log.attempt is not None:
        columns["attempt"] = log.attempt
    return log.details.with_columns(**{name: pl.Series(name, column) for name, column in columns.items()}), None, False


def _instants(column: pl.Series) -> Integers:
    """Unix seconds; fractions are cut off. InputError for times without a zone."""
    if column.dtype == pl.String:
        try:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC")
        except pl.exceptions.PolarsError as error:
            raise InputError([Fault(("start",), f"{error}", "instants with an offset")]) from None
    if isinstance(column.dtype, pl.Datetime):
        if column.dtype.time_zone is None:
            raise InputError([Fault(("start",), "times without a zone", "instants in UTC, or Unix seconds")])
        column = column.dt.epoch("s")
    if column.null_count():
        raise InputError([Fault(("start",), f"{column.null_count():,} empty cells", "an instant for each call")])
    return column.cast(pl.Int64).to_numpy()


def _whole(frame: pl.DataFrame, name: str) -> Integers:
    if name not in frame.columns:
        return np.full(frame.height, NOT_KNOWN)
    return frame[name].cast(pl.Int64, strict=False).fill_null(NOT_KNOWN).to_numpy()


def _outcomes(frame: pl.DataFrame, names: tuple[str, ...]) -> Integers:
    if "outcome" not in frame.columns:
        return np.full(frame.height, NOT_KNOWN)
    places = {name: place for place, name in enumerate(names)}
    words = frame["outcome"].cast(pl.String)
    return words.replace_strict(places, default=NOT_KNOWN, return_dtype=pl.Int64).fill_null(NOT_KNOWN).to_numpy()


def _redials(frame: pl.DataFrame) -> NDArray[np.int8]:
    if "redial" not in frame.columns:
        return np.full(frame.height, NOT_KNOWN, np.int8)
    column = frame["redial"]
    if column.dtype == pl.String:
        words = {"1": 1, "yes": 1, "y": 1, "true": 1, "t": 1, "0": 0, "no": 0, "n": 0, "false": 0, "f": 0}
        column = column.str.to_lowercase().replace_strict(words, default=NOT_KNOWN, return_dtype=pl.Int8)
    return column.cast(pl.Int8).fill_null(NOT_KNOWN).to_numpy()


def _brings(frame: pl.DataFrame) -> Integers:
    if "brings" not in frame.columns:
        return np.full(frame.height, UNSAID)
    return frame["brings"].cast(pl.Int64).fill_null(NONE).to_numpy()


def _found(
    code: Integers, given: Integers | None, attempt: Integers, start: Integers, book: Phonebook
) -> tuple[Integers, NDArray[np.bool_]]:
    """The row of the list of each call, and which calls are to nobody on the list (rules 4).

    Without the rows of numbers in the log, a phone that is accepted once has one number. Its second first call is a
    second life, which the list does not have; so has the n-th first call of a phone that is accepted less often then.
    """
    phones = book.phone_codes
    if given is not None:
        inside = (given >= 0) & (given < len(phones))
        same = inside.copy()
        same[inside] = phones[given[inside]] == code[inside]
        return np.where(same, given, NOT_KNOWN), ~same
    by_phone = np.argsort(phones, kind="stable")
    ranked = phones[by_phone]
    first, last = (np.searchsorted(ranked, code, side=side) for side in ("left", "right"))
    times = last - first
    life = lives_of(code, attempt)
    accepted = np.minimum(first + np.maximum(life, 1), len(ranked)) - 1
    early = np.zeros(len(code), np.bool_)
    if len(ranked):
        early = (life > 1) & (life <= times) & (book.added[by_phone[np.maximum(accepted, 0)]] > start)
    stranger = (times == 0) | (life > times) | early
    alone = (times == 1) & ~stranger
    number = np.full(len(code), NOT_KNOWN)
    number[alone] = by_phone[first[alone]]
    return number, stranger


def lives_of(code: Integers, attempt: Integers) -> Integers:
    """How often the phone of each call has had a first attempt until then; 0 where the log has no attempts."""
    order = np.argsort(code, kind="stable")
    firsts = np.cumsum(attempt[order] == 1)
    begins = np.searchsorted(code[order], code[order], side="left")
    before = np.concatenate(([0], firsts))[begins]
    found = np.zeros(len(code), np.int64)
    found[order] = firsts - before
    return found
