"""Logged calls: the calls of any dialer, or of a run, as columns beside the list of a scenario."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.auditing.calls import NOBODY, codes_of, phones_of
from engine.auditing.simulated import CALLS, NUMBERS, is_run
from engine.calling.instants import EARLIEST, LATEST
from engine.calling.sorting import rows_by
from engine.logs.call_log import read_call_log
from engine.logs.forms import AS_IT_IS, LogForm
from engine.logs.needs import Needs
from engine.logs.phones import one_spelling
from engine.logs.starts import written_starts
from engine.numbers.phonebook import Phonebook
from engine.reading.faults import Fault, InputError, shown
from engine.reading.json_values import any_json_value
from engine.results.result import Result

Integers = NDArray[np.int64]
Log = pl.DataFrame | pl.LazyFrame | str | Path | Result
NOT_KNOWN = -1
NONE, UNSAID = -1, -2
"""Of the redial that a call brings: there is none, or the log does not say which."""
_NEEDED = ("phone", "start")
_PHONE = "a phone of 5 to 15 digits"
_PLAIN = 100_000, 2 * 10**15 - 1
"""The least code of a phone that is written as its digits alone, and the largest."""
_START = "an instant with an offset, or Unix seconds, from 1970 to 2200"
_OURS = ("phone", "number", "attempt", "start", "seconds", "outcome", "redial")
_NEEDS = Needs(
    fields=("phone", "start"),
    fewest_calls=0,
    purpose="to check",
    other_fields=("outcome", "seconds", "attempt", "redial", "brings"),
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
    seed: int | None
    """The seed whose luck the calls have (rules 7), which tells the redials that they bring; None if none is known."""


def logged_calls(
    log: Log,
    book: Phonebook,
    outcomes: tuple[str, ...],
    *,
    form: LogForm = AS_IT_IS,
    numbers: pl.DataFrame | pl.LazyFrame | None = None,
    seed: int | None = None,
) -> LoggedCalls:
    """The calls of a log, found in the list; InputError if the log cannot be read."""
    frame, found, own_seed = _table_of(log, form)
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        allowed = f"a log with this column; this one has {', '.join(frame.columns) or 'none'}"
        raise InputError([Fault((name,), "no such column", allowed) for name in missing])
    start = _instants(frame["start"])
    order = np.argsort(start, kind="stable")
    code = _codes(frame["phone"])[order]
    start = start[order]
    attempt = _whole(frame, "attempt")[order]
    said, stranger = np.zeros(len(code), np.bool_), np.zeros(len(code), np.bool_)
    number = np.full(len(code), NOT_KNOWN)
    if "number" in frame.columns:
        given, said = _whole(frame, "number")[order], frame["number"].is_not_null().to_numpy()[order]
        right = (given >= 0) & (given < len(book))
        right[right] = book.phone_codes[given[right]] == code[right]
        number, stranger = np.where(right, given, NOT_KNOWN), ~right
    if not said.all():
        by_phone, nobody = _found(code, attempt, start, book)
        number, stranger = np.where(said, number, by_phone), np.where(said, stranger, nobody)
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
        numbers=_endings(found if numbers is None else numbers, book),
        seed=own_seed if seed is None else seed,
    )


def _table_of(log: object, form: LogForm) -> tuple[pl.DataFrame, pl.DataFrame | None, int | None]:
    """The calls of a log; of a run also its numbers and its seed. InputError for what is no log."""
    if isinstance(log, Result):
        return log.calls, log.numbers, log.document.seed
    if isinstance(log, pl.DataFrame | pl.LazyFrame):
        return log.lazy().collect(), None, None
    if isinstance(log, str | Path):
        return _read(Path(log), form)
    allowed = "a polars frame, such as polars.DataFrame(rows) makes of rows; a path of a file or folder; or a result"
    raise InputError([Fault(("log",), f"a {type(log).__name__}", allowed)])


def _read(path: Path, form: LogForm) -> tuple[pl.DataFrame, pl.DataFrame | None, int | None]:
    """The calls of a file or folder; if a run wrote them, the numbers beside them and its seed."""
    try:
        if is_run(path):
            folder = path if path.is_dir() else path.parent
            calls, numbers = (pl.read_parquet(folder / name) for name in (CALLS, NUMBERS))
            return calls, numbers, any_json_value((folder / "summary.json").read_bytes())["seed"]
        if {".ndjson", ".jsonl"} & {*path.suffixes}:
            return pl.read_ndjson(path), None, None
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            if all(name in frame.columns for name in _OURS):
                return frame, None, None
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
    return log.details.with_columns(**{name: pl.Series(name, column) for name, column in columns.items()}), None, None


def _instants(column: pl.Series) -> Integers:
    """Unix seconds; fractions are cut off. InputError for times without a zone, and for what is no instant."""
    if column.dtype.is_numeric():
        starts = column.cast(pl.Int64, strict=False)
    else:
        text = column if isinstance(column.dtype, pl.Datetime) else column.cast(pl.String)
        written = written_starts(column, text, None)
        starts = written.wall - written.offset
    _refuse("start", column, ~starts.is_between(EARLIEST, LATEST).fill_null(value=False), _START)
    return starts.to_numpy()


def _codes(phones: pl.Series) -> Integers:
    """The code of each phone, however it is spelled; InputError for what is none."""
    if phones.dtype.is_float():
        phones = phones.cast(pl.Int64, strict=False)
    text = phones.cast(pl.String)
    plain = ("1" + text).cast(pl.Int64, strict=False)  # the 1 keeps the zeros before the digits
    codes = plain.fill_null(NOBODY).to_numpy(writable=True)
    others = np.flatnonzero(~plain.is_between(*_PLAIN).fill_null(value=False))
    if len(others):
        distinct, which = phones_of(text.gather(others))
        codes[others] = codes_of(one_spelling(distinct.fill_null("")))[which]
        _refuse("phone", phones, pl.Series(codes == NOBODY), _PHONE)
    return codes


def _refuse(name: str, column: pl.Series, odd: pl.Series, allowed: str) -> None:
    if odd.any():
        row = int(odd.arg_true()[0])
        found = f"{shown(column[row])} in row {row:,}"
        more = int(odd.sum()) - 1
        raise InputError([Fault((name,), f"{found} and {more:,} more" if more else found, allowed)])


def _endings(numbers: pl.DataFrame | pl.LazyFrame | None, book: Phonebook) -> pl.DataFrame | None:
    """The endings of the list's numbers; InputError for a table of others."""
    if numbers is None:
        return None
    if not isinstance(numbers, pl.DataFrame | pl.LazyFrame):
        raise InputError([Fault(("numbers",), f"a {type(numbers).__name__}", "a polars frame")])
    numbers = numbers.lazy().collect()
    dtype = numbers.schema.get("ended_at")
    if len(numbers) != len(book) or "ending" not in numbers.columns or not isinstance(dtype, pl.Datetime):
        allowed = f"a row with `ending` and `ended_at`, an instant, for each of the {len(book):,} numbers of the list"
        raise InputError([Fault(("numbers",), f"{len(numbers):,} rows of {', '.join(numbers.columns)}", allowed)])
    return numbers


def _whole(frame: pl.DataFrame, name: str) -> Integers:
    if name not in frame.columns:
        return np.full(frame.height, NOT_KNOWN)
    column = frame[name]
    if column.dtype == pl.Duration:
        column = column.dt.total_seconds()
    return column.cast(pl.Int64, strict=False).fill_null(NOT_KNOWN).to_numpy()


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
    return column.cast(pl.Int8, strict=False).fill_null(NOT_KNOWN).to_numpy()


def _brings(frame: pl.DataFrame) -> Integers:
    if "brings" not in frame.columns:
        return np.full(frame.height, UNSAID)
    given = frame["brings"].cast(pl.Int64, strict=False)
    odd = (given < 0) | (given.is_null() & frame["brings"].is_not_null())
    return given.fill_null(NONE).set(odd.fill_null(value=False), UNSAID).to_numpy()


def _found(code: Integers, attempt: Integers, start: Integers, book: Phonebook) -> tuple[Integers, NDArray[np.bool_]]:
    """The row of the list of each call by its phone, and which calls are to nobody on the list (rules 4).

    A phone that is accepted once has one number. Its second first call is a second life, which the list does not have;
    so is the n-th first call of a phone that is accepted less often then.
    """
    number, stranger = np.full(len(code), NOT_KNOWN), np.ones(len(code), np.bool_)
    if not len(book):
        return number, stranger
    by_phone = np.argsort(book.phone_codes, kind="stable")
    ranked = book.phone_codes[by_phone]
    firsts = np.flatnonzero(np.diff(ranked, prepend=NOT_KNOWN))
    times = np.diff(firsts, append=len(ranked))
    phones = ranked[firsts]
    phone = np.minimum(np.searchsorted(phones, code), len(phones) - 1)
    listed = np.flatnonzero(phones[phone] == code)
    phone = phone[listed]
    life = first_calls(phone, attempt[listed])
    accepted = by_phone[firsts[phone] + np.clip(life, 1, times[phone]) - 1]
    early = (life > 1) & (book.added[accepted] > start[listed])
    stranger[listed] = (life > times[phone]) | early
    number[listed] = np.where((times[phone] == 1) & ~stranger[listed], accepted, NOT_KNOWN)
    return number, stranger


def first_calls(phone: Integers, attempt: Integers) -> Integers:
    """How often the phone of each call has had a first attempt until then; 0 where the log has no attempts."""
    order = rows_by(phone)
    ranked = phone[order]
    firsts = np.cumsum(attempt[order] == 1)
    before = np.where(np.diff(ranked, prepend=NOT_KNOWN) != 0, np.concatenate(([0], firsts[:-1])), 0)
    found = np.empty(len(phone), np.int64)
    found[order] = firsts - np.maximum.accumulate(before)
    return found
