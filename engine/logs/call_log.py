"""Call logs: calls that were made, read from CSV or Parquet into columns."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.hours import WEEKDAYS
from engine.calling.instants import DAY, HOUR
from engine.calling.zones import ZoneName, local_seconds
from engine.customers.durations import LONGEST_CALL
from engine.customers.outcomes import ANSWERED
from engine.reading.contents import stored_bytes, uncompressed
from engine.reading.faults import Fault, InputError, shown
from engine.reading.tables import TableForm, csv_table, parquet_table

FIELDS = ("outcome", "seconds", "phone", "number", "start", "zone", "attempt", "weekday", "hour")
"""What a log may say of a call; the first two are needed. `number` distinguishes entries of one phone."""
NEEDED = FIELDS[:2]
FEWEST_CALLS = 100
"""The fewest calls to which a model can be fitted."""
VOICEMAIL, BUSY, NO_ANSWER, INVALID = "voicemail", "busy", "noAnswer", "invalid"
SPELLINGS = {
    ANSWERED: "answered answer connected human live completed",
    VOICEMAIL: "voicemail vm machine answeringmachine amd",
    BUSY: "busy userbusy linebusy",
    NO_ANSWER: "noanswer notanswered unanswered noreply",
    INVALID: "invalid invalidnumber unallocated unallocatednumber unobtainable nosuchnumber",
}
"""The words that are understood for an outcome; case, blanks, underscores and dashes do not count."""
_OUTCOMES = {word: name for name, words in SPELLINGS.items() for word in words.split()}
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_WORDS = {
    word: day for day, name in enumerate(_DAY_NAMES) for word in (name, name[:2], name[:3], name[:4], f"{day + 1}")
}
_MOMENT = (
    r"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?"
    r"(?:[.,][0-9]+)? ?(?<offset>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)
_UNIX = r"^[0-9]{9,10}$"
_CLOCK = r"^(?:(?<hours>[0-9]{1,2}):)?(?<minutes>[0-9]{1,2}):(?<seconds>[0-9]{2})$"
_SHOWN_LINES = 5
_MOST_SHOWN = 300

Integers = NDArray[np.int64]


class CallLog(NamedTuple):
    """Calls as columns of equal length; a column is None if the log does not have it."""

    file: str
    names: tuple[str, ...]
    """The outcomes that occur."""
    outcome: Integers
    """The index of the outcome in `names`."""
    seconds: NDArray[np.float64]
    """How long the call lasted; NaN where the log does not say."""
    attempt: Integers | None
    """How many calls to the number there were so far, this one included."""
    weekday: Integers | None
    """The weekday on the customer's own clock, 0 for Monday."""
    hour: Integers | None
    """The hour on the customer's own clock, 0 to 23."""
    number: Integers | None
    """Equal for calls to the same number."""
    local_start: Integers | None = None
    """When the call began, in seconds of the customer's own wall clock since 1970-01-01."""
    notes: tuple[str, ...] = ()
    """What the user should know about how the log was read."""

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which calls reached a customer."""
        answered = self.names.index(ANSWERED) if ANSWERED in self.names else -1
        return np.asarray(self.outcome == answered)

    @property
    def calls(self) -> int:
        """How many calls there are."""
        return len(self.outcome)


def read_call_log(
    path: Path,
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    *,
    zone: str | None = None,
    encoding: str | None = None,
) -> CallLog:
    """Read a log of calls; compressed files are read as well.

    `columns` maps fields to the names of their columns, where these differ; `outcomes` maps words of the log to
    outcomes. `zone` is the zone of the customers' clocks: instants with an offset are converted to it, local times stay
    as they are. `encoding` is the encoding of a CSV file that is not UTF-8. Raises InputError with every fault.
    """
    name = str(path)
    table, lines = _table(path, name, columns or {}, encoding)
    return _Reader(_named(table, name, columns or {}), name, outcomes or {}, zone, lines=lines).read()


def _table(path: Path, name: str, columns: Mapping[str, str], encoding: str | None) -> tuple[pl.DataFrame, bool]:
    """The table of the file, and whether its row i is on line i + 2."""
    data = uncompressed(stored_bytes(path, name), name)
    if data.startswith(b"PAR1"):
        return parquet_table(data, name), False
    looked_for = {*FIELDS, *columns.values()}
    form = TableForm(encoding=encoding)
    read = csv_table(data, name, lambda titles: sum(title in looked_for for title in titles), form)
    if read.faulty:
        raise InputError(row.fault for row in read.faulty)
    return read.frame, True


def _named(table: pl.DataFrame, file: str, columns: Mapping[str, str]) -> pl.DataFrame:
    """The columns that are used, named as the fields."""
    there = _cut(", ".join(table.columns))
    faults = [
        Fault((f"--column {field}",), "an unknown field", ", ".join(FIELDS)) for field in columns if field not in FIELDS
    ]
    faults += [
        Fault((f"--column {field}",), f"no column {shown(name)}", there, file)
        for field, name in columns.items()
        if field in FIELDS and name not in table.columns
    ]
    for field in NEEDED:
        if field not in columns and field not in table.columns:
            allowed = f"--column {field}=NAME with one of: {there}"
            faults.append(Fault((field,), "no such column", allowed, file))
    if faults:
        raise InputError(faults)
    own = {field: field for field in FIELDS if field in table.columns}
    named = table.select(pl.col(name).alias(field) for field, name in (own | dict(columns)).items())
    nested = [name for name, kind in named.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    if nested:
        raise InputError(Fault((name,), f"cells of {named.schema[name]}", "text or numbers", file) for name in nested)
    return named.with_columns(pl.selectors.duration().dt.total_microseconds() / 1e6)


class _Reader:
    """Reads the columns of one log, and keeps their faults."""

    def __init__(
        self, table: pl.DataFrame, file: str, outcomes: Mapping[str, str], zone: str | None, *, lines: bool
    ) -> None:
        self._table = table
        self._file = file
        self._own = dict(outcomes)
        self._zone = zone
        self._lines = lines
        self._faults: list[Fault] = []
        self._notes: list[str] = []

    def read(self) -> CallLog:
        height = self._table.height
        if height < FEWEST_CALLS:
            calls = "1 call" if height == 1 else f"{height:,} calls"
            self._faults.append(Fault((), calls, f"at least {FEWEST_CALLS} calls to fit a model to", self._file))
        names, outcome = self._outcomes()
        seconds = self._seconds()
        hour, weekday = self._hours(), self._weekdays()
        moments = self._moments()
        number = self._numbers()
        attempt = self._attempts(number, moments.instant if moments else None)
        if self._faults:
            raise InputError(self._faults)
        if moments is not None:
            hour = moments.local // HOUR % 24 if hour is None else hour
            # 1970-01-01 was a Thursday
            weekday = (moments.local // DAY + 3) % 7 if weekday is None else weekday
        start = None if moments is None else moments.local
        return CallLog(self._file, names, outcome, seconds, attempt, weekday, hour, number, start, tuple(self._notes))

    def _text(self, field: str) -> pl.Series | None:
        """The cells as text without blanks around, null if empty; None if there is no such column."""
        if field not in self._table.columns:
            return None
        column = self._table[field]
        text = column if column.dtype == pl.String else column.cast(pl.String, strict=False)
        text = text.str.strip_chars()
        return text.set(text == "", None)

    def _refuse(self, wrong: pl.Series, cells: pl.Series, what: str, allowed: str) -> None:
        """Add one fault for all rows in which `wrong` is true."""
        rows = np.flatnonzero(wrong.fill_null(value=False).to_numpy())
        if not len(rows):
            return
        first = [cells[int(row)] for row in rows[:1]]
        numbers = ", ".join(f"{row + (2 if self._lines else 1):,}" for row in rows[:_SHOWN_LINES])
        more = ", …" if len(rows) > _SHOWN_LINES else ""
        kind = "line" if self._lines else "row"
        where = f"{kind}{'s' if len(rows) > 1 else ''} {numbers}{more}"
        found = f"{what} in {len(rows):,} call{'s' if len(rows) > 1 else ''} ({where}), such as {shown(first[0])}"
        line = int(rows[0]) + 2 if self._lines else None
        self._faults.append(Fault((cells.name,), found, allowed, self._file, line))

    def _outcomes(self) -> tuple[tuple[str, ...], Integers]:
        text = self._text("outcome")
        assert text is not None  # noqa: S101 (_named made sure)
        self._refuse(text.is_null(), text, "no outcome", "a word for what the call came to")
        counts = {word: count for word, count in text.value_counts(sort=True).iter_rows() if word is not None}
        meant = {word: self._own.get(word) or _OUTCOMES.get(_plain(word)) for word in counts}
        unknown = [f"{shown(word)} {counts[word]:,} times" for word, name in meant.items() if name is None]
        if unknown:
            found = f"unknown outcome{'s' if len(unknown) > 1 else ''}: " + ", ".join(unknown[:20])
            found += f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
            allowed = f"--outcome WORD=NAME for each, where NAME is such as {', '.join(SPELLINGS)}"
            self._faults.append(Fault(("outcome",), found, allowed, self._file))
        for word in self._own:
            if word not in counts:
                there = ", ".join(list(counts)[:20])
                self._faults.append(
                    Fault((f"--outcome {word}",), "a word that the log does not hold", there, self._file)
                )
        used = {name for name in meant.values() if name}
        names = (*(name for name in SPELLINGS if name in used), *sorted(used - SPELLINGS.keys()))
        codes_of = {word: names.index(name) for word, name in meant.items() if name}
        codes = (
            text.replace_strict(codes_of, default=-1, return_dtype=pl.Int64)
            if codes_of
            else pl.Series([-1] * len(text))
        )
        return names, codes.fill_null(-1).to_numpy()

    def _seconds(self) -> NDArray[np.float64]:
        text = self._text("seconds")
        assert text is not None  # noqa: S101 (_named made sure)
        values = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        clock = text.str.extract_groups(_CLOCK).struct.unnest().cast(pl.Int64, strict=False)
        spoken = clock["hours"].fill_null(0) * HOUR + clock["minutes"] * 60 + clock["seconds"]
        values = values.fill_null(spoken.cast(pl.Float64))
        form = f"seconds from 0 to {LONGEST_CALL:,}, such as 180 or 12.5; or 0:03:00"
        values = values.alias("seconds")
        unreadable = text.is_not_null() & (values.is_null() | values.is_nan())
        self._refuse(unreadable, text, "no number", form)
        self._refuse(values < 0, text, "negative seconds", form)
        self._refuse(values > LONGEST_CALL, text, "more than a day", form)
        return values.fill_null(float("nan")).to_numpy()

    def _hours(self) -> Integers | None:
        text = self._text("hour")
        if text is None:
            return None
        values = text.str.extract(r"^([0-9]{1,2})(?:\.0|:[0-9]{2}(?::[0-9]{2})?)?$").cast(pl.Int64, strict=False)
        self._refuse(~values.is_between(0, 23).fill_null(value=False), text, "no hour", "an hour from 0 to 23")
        return values.fill_null(0).to_numpy()

    def _weekdays(self) -> Integers | None:
        text = self._text("weekday")
        if text is None:
            return None
        words = text.str.to_lowercase().str.strip_suffix(".0")
        values = words.replace_strict(_DAY_WORDS, default=None, return_dtype=pl.Int64)
        allowed = f"{' '.join(WEEKDAYS)}, Monday to Sunday, or 1 for Monday to 7 for Sunday"
        self._refuse(values.is_null(), text, "no weekday", allowed)
        return values.fill_null(0).to_numpy()

    def _moments(self) -> "_Moments | None":
        zones = self._zones()
        if "start" not in self._table.columns:
            return None
        column = self._table["start"]
        if isinstance(column.dtype, pl.Datetime):
            wall = (
                column.dt.epoch("s")
                if column.dtype.time_zone is None
                else column.dt.convert_time_zone("UTC").dt.epoch("s")
            )
            offset = pl.Series([None if column.dtype.time_zone is None else 0], dtype=pl.Int64).new_from_index(
                0, len(wall)
            )
        else:
            wall, offset = self._parsed_moments()
        self._refuse(
            wall.is_null(), column.cast(pl.String, strict=False), "no instant", f"an instant such as {_MOMENT_FORMS}"
        )
        if self._faults:
            return None
        local, has_offset = wall.to_numpy().copy(), offset.is_not_null().to_numpy()
        instant = local - offset.fill_null(0).to_numpy()
        if zones is None:
            if has_offset.any() and not (offset != 0).any():
                self._notes.append(
                    "hours and weekdays are those of UTC; --zone or a column zone gives the customers' own"
                )
            return _Moments(instant, local)
        for zone, of_zone in zones.items():
            rows = has_offset & of_zone
            local[rows] = local_seconds(instant[rows], zone)
        return _Moments(instant, local)

    def _parsed_moments(self) -> tuple[pl.Series, pl.Series]:
        """The wall-clock time of each text in seconds, and its offset from UTC; null where there is none."""
        text = self._text("start")
        assert text is not None  # noqa: S101 (the caller looked)
        parts = text.str.extract_groups(_MOMENT).struct.unnest()
        moment = parts["day"] + " " + parts["hour"] + ":" + parts["minute"] + ":" + parts["second"].fill_null("00")
        wall = moment.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).dt.epoch("s")
        sign = parts["offset"].str.slice(0, 1).replace_strict({"+": 1, "-": -1}, default=0, return_dtype=pl.Int64)
        digits = parts["offset"].str.replace_all(r"[^0-9]", "")
        hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
        minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
        offset = (sign * (hours * HOUR + minutes * 60)).set(parts["offset"].is_null(), None)
        unix = text.str.extract(f"({_UNIX[1:-1]})").set(~text.str.contains(_UNIX), None).cast(pl.Int64, strict=False)
        return wall.fill_null(unix), offset.fill_null(unix * 0)

    def _zones(self) -> dict[str, NDArray[np.bool_]] | None:
        """The calls of each zone, by its name; None if no zone is given."""
        text = self._text("zone")
        if text is None and self._zone is None:
            return None
        cells = pl.Series("zone", [self._zone]) if text is None else text
        if self._zone is not None:
            cells = cells.fill_null(self._zone)
        known: dict[str | None, str] = {}
        for cell in cells.unique(maintain_order=True):
            try:
                known[cell] = ZoneName.read(cell)
            except InputError as error:
                allowed = error.faults[0].allowed
        if text is None and not known:
            self._faults.append(Fault(("--zone",), shown(self._zone), allowed))
        elif text is not None:
            wrong = ~cells.is_in(list(known), nulls_equal=True)
            self._refuse(wrong, cells, "no zone", "a TZDB id such as America/New_York, Z or +05:30; or --zone for all")
        return {name: (cells == cell).fill_null(value=False).to_numpy() for cell, name in known.items()}

    def _numbers(self) -> Integers | None:
        fields = [field for field in ("phone", "number") if field in self._table.columns]
        if not fields:
            return None
        text = self._text(fields[0])
        assert text is not None  # noqa: S101 (the column is there)
        self._refuse(text.is_null(), text, f"no {fields[0]}", "a value that identifies the number")
        cells = self._table.select(fields)
        return cells.select(pl.struct(fields).rank("dense").cast(pl.Int64)).to_series().to_numpy()

    def _attempts(self, number: Integers | None, instant: Integers | None) -> Integers | None:
        """The attempts of the log; without them, the calls to each number counted in order of time."""
        text = self._text("attempt")
        if text is not None:
            values = text.str.extract(r"^([0-9]{1,9})(?:\.0)?$").cast(pl.Int64, strict=False)
            self._refuse(~(values >= 1).fill_null(value=False), text, "no attempt", "an integer of at least 1")
            return values.fill_null(1).to_numpy()
        if number is None or self._faults:
            return None
        if instant is None:
            self._notes.append(
                "phones without start: attempts are not known, and the never-answering are not estimated"
            )
            return None
        order = np.lexsort((instant, number))
        firsts = np.flatnonzero(np.diff(number[order], prepend=number[order[0]] - 1))
        attempt = np.empty(len(number), np.int64)
        attempt[order] = np.arange(len(number)) - np.repeat(firsts, np.diff(firsts, append=len(number))) + 1
        return attempt


_MOMENT_FORMS = "2026-03-02T09:00:00Z, 2026-03-02T09:00:00-05:00, a local 2026-03-02 09:00, or Unix seconds"


class _Moments(NamedTuple):
    """When calls began: in Unix seconds, and in seconds of the customer's own wall clock since 1970-01-01."""

    instant: Integers
    local: Integers


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "", word).lower()
