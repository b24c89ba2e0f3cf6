"""Call logs: calls that were made, read from CSV, Excel or Parquet into columns."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import HOUR
from engine.calling.spoken import WEEKDAYS
from engine.calling.zones import ZoneName, local_seconds
from engine.customers.durations import LONGEST_CALL
from engine.customers.outcomes import ANSWERED
from engine.logs.columns import CALL_ID, CORRECTION, FIELDS, read_table
from engine.logs.faulty_calls import FaultyCalls, LogError
from engine.logs.forms import AS_IT_IS, LogForm
from engine.logs.layouts import EMPTY, FILLED, Layout, layout_named
from engine.logs.legs import folded, overlapping
from engine.logs.needs import FOR_A_FIT, Needs
from engine.logs.phones import LOST_DIGITS, numbered, one_spelling
from engine.logs.seconds import meanings_of, written_seconds
from engine.logs.starts import FORMS, WrittenStarts, hours_of, weekdays_of, written_starts
from engine.logs.words import DAY_WORDS, NAMES, NOTHING, OUTCOMES, SPELLINGS, VOICEMAIL, plain_word
from engine.reading.faults import Fault, InputError, shown
from engine.reading.tables import Table
from engine.words import counted

SURELY_LONG, MOST_LONG = HOUR, 0.1
"""Where more than MOST_LONG of the calls that lasted are longer than SURELY_LONG, seconds look like milliseconds."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class CallLog(NamedTuple):
    """Calls as columns of equal length; a column is None if the log does not have it."""

    file: str
    names: tuple[str, ...]
    """The outcomes that occur."""
    outcome: Integers
    """The index of the outcome in `names`; -1 where the log does not say, which a fit never meets."""
    seconds: Floats
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
    left_out: tuple[Fault, ...] = ()
    """The faults of calls that were left out because the user says so."""
    details: pl.DataFrame | None = None
    """A row for each call of a log that was read for an audit; None of any other.

    `phone` in one spelling, `start` in Unix seconds, or in those of its wall clock if no offset and no zone is known,
    which `in_utc` says, `zone` (its name, or null), and the other columns that are needed for an audit as text.
    """
    unknown_words: tuple[str, ...] = ()
    """The words for outcomes that stand for themselves because they are not known, the most frequent first."""

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which calls reached a customer."""
        answered = self.names.index(ANSWERED) if ANSWERED in self.names else -1
        return np.asarray(self.outcome == answered)

    @property
    def calls(self) -> int:
        """How many calls there are."""
        return len(self.outcome)


def read_call_log(path: Path, form: LogForm = AS_IT_IS, needs: Needs = FOR_A_FIT) -> CallLog:
    """Read a log of calls for what is to be done with it; compressed files are read as well.

    Raises InputError with every fault: a LogError if calls are faulty and `form` does not leave them out.
    """
    name = str(path)
    layout = None if form.layout is None else layout_named(form.layout)
    return _Reader(read_table(path, name, form, layout, needs), name, form, layout, needs).read()


class _Rows(NamedTuple):
    """What the rows of a log say; values of faulty rows have no meaning."""

    names: tuple[str, ...]
    outcome: Integers
    seconds: Floats
    hour: Integers | None
    weekday: Integers | None
    starts: "_Starts | None"
    number: Integers | None
    attempt: Integers | None
    call: Integers | None
    """Equal for the legs of one call."""
    row: Integers
    """The row of the table."""

    def of(self, rows: NDArray[np.bool_] | Integers) -> "_Rows":
        """These rows alone."""
        if rows.dtype == np.bool_ and rows.all():
            return self
        starts = None if self.starts is None else self.starts.of(rows)
        columns: dict[str, Any] = {
            name: part[rows] for name, part in self._asdict().items() if isinstance(part, np.ndarray)
        }
        return self._replace(starts=starts, **columns)


class _Starts(NamedTuple):
    """When calls began: in Unix seconds, and in seconds of the customer's own wall clock since 1970-01-01."""

    instant: Integers
    """Seconds of the wall clock where neither an offset nor a zone is known."""
    local: Integers
    in_utc: NDArray[np.bool_]
    """Whether the instant is known."""

    def of(self, rows: NDArray[np.bool_] | Integers) -> "_Starts":
        """Those of these rows alone."""
        return _Starts(self.instant[rows], self.local[rows], self.in_utc[rows])


class _Reader:
    """Reads the columns of one log, and keeps their faults and notes."""

    def __init__(self, read: Table, file: str, form: LogForm, layout: Layout | None, needs: Needs) -> None:
        self._frame = read.frame
        self._separator = read.separator
        self._file = file
        self._form = form
        self._layout = layout
        self._needs = needs
        self._phones: pl.Series | None = None
        """The phones in one spelling."""
        self._zone_of: pl.Series | None = None
        """The zone of each row by its name."""
        self._unknown_words: tuple[str, ...] = ()
        self._calls = FaultyCalls(file, self._frame.height, read.lines, read.faulty)
        self._faults: list[Fault] = []
        """Faults that are not those of a call."""
        self._notes: list[str] = []
        self._silent: dict[str, int] = {}
        """By field: how many cells have a word for nothing."""

    def read(self) -> CallLog:
        rows = self._rows()
        if self._faults or (self._calls.count and not self._form.skip_faulty):
            self._few(self._frame.height)
            faulty = int(self._calls.faulty.sum())
            raise LogError(self._faults, self._calls.by_kind(), self._calls.each(), self._frame.height - faulty)
        if self._silent:
            counts = ", ".join(f"{field} {count:,}" for field, count in self._silent.items())
            self._notes.append(f"cells that say NULL or the like count as empty: {counts}")
        good = ~self._calls.faulty
        if self._calls.count:
            self._notes.append(self._calls.note())
        placed = ~self._calls.faulty_in("phone", "number", "start")
        rows, good = self._folded(rows.of(placed), good[placed])
        attempt = self._attempts(rows)
        self._note_overlaps(rows.of(good))
        self._few(int(good.sum()))
        if self._faults:
            raise LogError(self._faults, self._calls.by_kind(), self._calls.each())
        kept = rows.of(good)
        names, outcome = _only_used(kept.names, kept.outcome)
        self._note_milliseconds(kept.seconds)
        local = None if kept.starts is None else kept.starts.local
        return CallLog(
            file=self._file,
            names=names,
            outcome=outcome,
            seconds=self._completed(names, outcome, kept.seconds),
            attempt=None if attempt is None else attempt[good],
            weekday=weekdays_of(local) if kept.weekday is None and local is not None else kept.weekday,
            hour=hours_of(local) if kept.hour is None and local is not None else kept.hour,
            number=kept.number,
            local_start=local,
            notes=tuple(self._notes),
            left_out=tuple(self._calls.each()),
            details=self._details(kept) if self._needs.other_fields else None,
            unknown_words=self._unknown_words,
        )

    def _details(self, kept: _Rows) -> pl.DataFrame:
        assert kept.starts is not None  # noqa: S101 (an audit needs them)
        rows = pl.Series(kept.row)
        columns = {"phone": self._phones, "zone": self._zone_of}
        columns |= {name: self._text(name) for name in self._frame.columns if name not in FIELDS}
        frame = pl.DataFrame({name: column.gather(rows) for name, column in columns.items() if column is not None})
        return frame.with_columns(
            pl.Series("start", kept.starts.instant, pl.Int64), pl.Series("in_utc", kept.starts.in_utc, pl.Boolean)
        )

    def _few(self, height: int) -> None:
        fewest = self._needs.fewest_calls
        if height < fewest:
            allowed = f"at least {counted(fewest, 'call')} {self._needs.purpose}"
            self._faults.insert(0, Fault((), counted(height, "call"), allowed, self._file))

    def _rows(self) -> _Rows:
        names, outcome = self._outcomes()
        seconds = self._seconds()
        hour, weekday = self._hours(), self._weekdays()
        starts = self._starts()
        return _Rows(
            names=names,
            outcome=outcome,
            seconds=seconds,
            hour=hour,
            weekday=weekday,
            starts=starts,
            number=self._numbers(),
            attempt=self._given_attempts(),
            call=self._call_ids(),
            row=np.arange(self._frame.height),
        )

    def _text(self, field: str) -> pl.Series | None:
        """The cells as text without blanks around, null if empty; None if there is no such column."""
        if field not in self._frame.columns:
            return None
        column = self._frame[field]
        if column.dtype.is_float():
            whole = column.cast(pl.Int64, strict=False)
            if (column == whole).fill_null(value=True).all():
                column = whole
        text = column if column.dtype == pl.String else column.cast(pl.String, strict=False)
        text = text.str.strip_chars()
        text = text.set(text == "", None)
        meant = [word.lower() for word in self._form.outcomes] if field == "outcome" else []
        nothing = [word for word in NOTHING if word not in meant]
        short = (text.str.len_chars() <= max(map(len, nothing), default=0)).fill_null(value=False)
        if not short.any():
            return text
        silent = text.str.contains(f"(?i)^(?:{'|'.join(map(re.escape, nothing))})$").fill_null(value=False)
        if silent.any():
            self._silent[field] = int(silent.sum())
            text = text.set(silent, None)
        return text

    def _outcomes(self) -> tuple[tuple[str, ...], Integers]:
        text = self._text("outcome")
        if text is None:
            return (), np.full(self._frame.height, -1)
        if "outcome" in self._needs.fields:
            self._calls.add(text.is_null(), text, "no outcome", "a word for what the call came to")
        counts = {word: count for word, count in text.value_counts(sort=True).iter_rows() if word is not None}
        meant = {word: self._meaning(word) for word in counts}
        unknown = [word for word, name in meant.items() if name is None]
        if unknown and self._needs.outcomes == "any":
            self._unknown_words = tuple(unknown)
            meant |= {word: word for word in unknown}
        elif unknown:
            self._unknown(unknown, text, counts)
        for word in self._form.outcomes:
            if word not in counts:
                name = self._form.outcomes[word]
                swapped = (
                    f"--outcome {shown(f'{name}={word}')}, perhaps: the word comes first" if name in counts else ""
                )
                there = swapped or ", ".join(list(counts)[:20])
                self._faults.append(
                    Fault((f"--outcome {word}",), "a word that the log does not hold", there, self._file)
                )
        used = {name for name in meant.values() if name}
        used |= {name for correction in self._corrections() for name in correction[1].values()}
        names = (*(name for name in SPELLINGS if name in used), *sorted(used - SPELLINGS.keys()))
        codes_of = {word: names.index(name) for word, name in meant.items() if name}
        codes = (
            text.replace_strict(codes_of, default=-1, return_dtype=pl.Int64)
            if codes_of
            else pl.Series([-1] * len(text), dtype=pl.Int64)
        )
        return names, self._corrected(names, codes.fill_null(-1).to_numpy().copy())

    def _meaning(self, word: str) -> str | None:
        of_layout = self._layout.outcomes if self._layout else {}
        plain = {plain_word(each): name for each, name in of_layout.items()}
        if name := self._form.outcomes.get(word):
            return _named(name)
        return plain.get(plain_word(word)) or OUTCOMES.get(plain_word(word))

    def _unknown(self, words: list[str], text: pl.Series, counts: dict[str, int]) -> None:
        told = [f"{shown(word)} {counts[word]:,} times" for word in words]
        what = f"unknown outcome{'s' if len(words) > 1 else ''}"
        allowed = f"--outcome WORD=NAME for each, where NAME is such as {', '.join(SPELLINGS)}"
        if self._form.skip_faulty:
            self._calls.add(text.is_in(words), text, what, allowed)
            return
        found = f"{what}: " + ", ".join(told[:20]) + (f" and {len(told) - 20} more" if len(told) > 20 else "")
        self._faults.append(Fault(("outcome",), found, allowed, self._file))

    def _corrections(self) -> list[tuple[pl.Series, dict[str, str], str | None]]:
        """The cells, the words and the corrected outcome of the layout's corrections whose column there is."""
        listed = []
        for place, correction in enumerate(self._layout.corrections if self._layout else ()):
            text = self._text(CORRECTION.format(place))
            if text is not None:
                listed.append((text, correction.words, correction.of))
        return listed

    def _corrected(self, names: tuple[str, ...], codes: Integers) -> Integers:
        for text, words, of in self._corrections():
            plain = {plain_word(word): name for word, name in words.items() if word not in (EMPTY, FILLED)}
            meant_by = {cell: plain.get(plain_word(cell)) for cell in text.unique().drop_nulls()}
            meant = text.replace_strict(meant_by, default=None, return_dtype=pl.String)
            if FILLED in words:
                meant = meant.fill_null(pl.select(pl.when(text.is_not_null()).then(pl.lit(words[FILLED]))).to_series())
            if EMPTY in words:
                meant = meant.set(text.is_null(), words[EMPTY])
            new = (
                meant.replace_strict(
                    {name: place for place, name in enumerate(names)}, default=-1, return_dtype=pl.Int64
                )
                .fill_null(-1)
                .to_numpy()
            )
            changed = (new >= 0) & (codes >= 0)
            if of is not None:
                changed &= codes == (names.index(of) if of in names else -2)
            codes[changed] = new[changed]
        return codes

    def _seconds(self) -> Floats:
        text = self._text("seconds")
        if text is None:
            return np.full(self._frame.height, np.nan)
        values, ambiguous = written_seconds(text, self._form, self._separator)
        form = f"seconds from 0 to {LONGEST_CALL:,}, such as 180 or 12.5; or 0:03:00"
        unreadable = text.is_not_null() & (values.is_null() | values.is_nan()) & ~ambiguous
        if ambiguous.any():
            cell = text.filter(ambiguous)[0]
            self._calls.add(ambiguous, text, f"an ambiguous {'comma' if ',' in cell else 'point'}", meanings_of(cell))
        self._calls.add(unreadable, text, "no number", form)
        self._calls.add(values < 0, text, "negative seconds", form)
        self._calls.add(values > LONGEST_CALL, text, "more than a day", f"{form}; or --milliseconds")
        return values.fill_null(float("nan")).to_numpy()

    def _hours(self) -> Integers | None:
        text = self._text("hour")
        if text is None:
            return None
        values = text.str.extract(r"^([0-9]{1,2})(?:\.0|:[0-9]{2}(?::[0-9]{2})?)?$").cast(pl.Int64, strict=False)
        self._calls.add(~values.is_between(0, 23).fill_null(value=False), text, "no hour", "an hour from 0 to 23")
        return values.fill_null(0).to_numpy()

    def _weekdays(self) -> Integers | None:
        text = self._text("weekday")
        if text is None:
            return None
        words = text.str.to_lowercase().str.strip_suffix(".0")
        values = words.replace_strict(DAY_WORDS, default=None, return_dtype=pl.Int64)
        allowed = f"{' '.join(WEEKDAYS)}, Monday to Sunday, or 1 for Monday to 7 for Sunday"
        self._calls.add(values.is_null(), text, "no weekday", allowed)
        return values.fill_null(0).to_numpy()

    def _starts(self) -> _Starts | None:
        zones = self._zones()
        text = self._text("start")
        if text is None:
            return None
        written = written_starts(self._frame["start"], text, self._form.start_format)
        allowed = f"an instant such as {FORMS}"
        if self._form.start_format is not None:
            allowed = f"an instant in the format {shown(self._form.start_format)}"
        self._calls.add(written.wall.is_null(), text, "no instant", allowed)
        self._note_offsets(written, zones is not None)
        local, has_offset = written.wall.fill_null(0).to_numpy().copy(), written.offset.is_not_null().to_numpy()
        instant = local - written.offset.fill_null(0).to_numpy()
        there = written.wall.is_not_null().to_numpy()
        in_utc = has_offset.copy()
        for zone, of_zone in (zones or {}).items():
            rows = has_offset & of_zone & there
            local[rows] = local_seconds(instant[rows], zone)
            if has_offset.any() or "start" in self._needs.fields:  # the others are put in order with these
                rows = ~has_offset & of_zone & there
                instant[rows] = _instants_of(local[rows], zone)
                in_utc[rows] = True
        return _Starts(instant, local, in_utc)

    def _note_offsets(self, written: WrittenStarts, in_zones: bool) -> None:
        there = written.wall.is_not_null()
        offset = written.offset.filter(there)
        count = int(offset.is_not_null().sum())
        if 0 < count < len(offset):
            self._notes.append(
                f"starts with an offset: {count:,}, without one: {len(offset) - count:,}; the latter are taken for the "
                "customers' own clock"
            )
        if not in_zones and count and not (offset.drop_nulls() != 0).any():
            self._notes.append("hours and weekdays are those of UTC; --zone or a column zone gives the customers' own")

    def _zones(self) -> dict[str, NDArray[np.bool_]] | None:
        """The calls of each zone, by its name; None if no zone is given."""
        text, given = self._text("zone"), self._form.zone
        if text is None and given is None:
            return None
        cells = pl.Series("zone", [given]) if text is None else text
        if given is not None:
            cells = cells.fill_null(given)
        known: dict[str | None, str] = {}
        for cell in cells.unique(maintain_order=True):
            try:
                known[cell] = ZoneName.read(cell)
            except InputError as error:
                allowed = error.faults[0].allowed
        if text is None and not known:
            self._faults.append(Fault(("--zone",), shown(given), allowed))
        elif text is not None:
            wrong = ~cells.is_in(list(known), nulls_equal=True)
            self._calls.add(
                wrong, cells, "no zone", "a TZDB id such as America/New_York, Z or +05:30; or --zone for all"
            )
        names = cells.replace_strict(known, default=None, return_dtype=pl.String)
        self._zone_of = names if text is not None else names.new_from_index(0, self._frame.height)
        return {name: (names == name).fill_null(value=False).to_numpy() for name in dict.fromkeys(known.values())}

    def _numbers(self) -> Integers | None:
        fields = [field for field in ("phone", "number") if field in self._frame.columns]
        columns = []
        for field in fields:
            text = self._text(field)
            assert text is not None  # noqa: S101 (the column is there)
            if field == fields[0]:
                self._calls.add(text.is_null(), text, f"no {field}", "a value that identifies the number")
            if field == "phone":
                lost = text.str.contains(LOST_DIGITS).fill_null(value=False)
                allowed = "the phone as text: digits are lost; format the column as text and export it again"
                self._calls.add(lost, text, "a phone in scientific notation", allowed)
                text = self._phones = one_spelling(text)
            columns.append(text.alias(field))
        return numbered(pl.DataFrame(columns)) if columns else None

    def _given_attempts(self) -> Integers | None:
        text = self._text("attempt")
        if text is None:
            return None
        values = text.str.extract(r"^([0-9]{1,9})(?:\.0)?$").cast(pl.Int64, strict=False)
        self._calls.add(~(values >= 1).fill_null(value=False), text, "no attempt", "an integer of at least 1")
        return values.fill_null(1).to_numpy()

    def _call_ids(self) -> Integers | None:
        text = self._text(CALL_ID)
        if text is None:
            return None
        ids = numbered(pl.DataFrame([text.alias(CALL_ID)])).copy()
        without = text.is_null().to_numpy()
        ids[without] = int(ids.max(initial=0)) + 1 + np.arange(int(without.sum()))
        return ids

    def _folded(self, rows: _Rows, good: NDArray[np.bool_]) -> tuple[_Rows, NDArray[np.bool_]]:
        """One row for each call: of its good legs, or a faulty one if it has none."""
        if rows.call is None or not len(rows.call):
            return rows, good
        has_good = np.zeros(int(rows.call.max()) + 1, np.bool_)
        has_good[rows.call[good]] = True
        legs = good | ~has_good[rows.call]
        rows, good = rows.of(legs), good[legs]
        assert rows.call is not None  # noqa: S101 (it was not None above)
        ranks = np.array(
            [*((ANSWERED, VOICEMAIL).index(name) if name in (ANSWERED, VOICEMAIL) else 2 for name in rows.names), 3]
        )
        instant = None if rows.starts is None else rows.starts.instant
        calls = folded(rows.call, instant, rows.seconds, rows.outcome, ranks)
        if len(calls.first) < len(good):
            several = int((np.bincount(rows.call) > 1).sum())
            legs_folded = len(good) - len(calls.first) + several
            self._notes.append(f"legs folded into calls: {legs_folded:,} legs of {several:,} calls")
        folded_rows = rows.of(calls.first)._replace(outcome=calls.outcome, seconds=calls.seconds)
        if rows.attempt is not None:
            least = np.full(int(rows.call.max()) + 1, np.iinfo(np.int64).max)
            np.minimum.at(least, rows.call, rows.attempt)
            folded_rows = folded_rows._replace(attempt=least[rows.call[calls.first]])
        return folded_rows, good[calls.first]

    def _attempts(self, rows: _Rows) -> Integers | None:
        """The attempts of the log; without them, the calls to each number counted in order of time.

        Calls that are faulty in other fields are counted, too: they were made.
        """
        if rows.attempt is not None or rows.number is None:
            return rows.attempt
        if rows.starts is None:
            self._notes.append(
                "phones without start: attempts are not known, and the never-answering are not estimated"
            )
            return None
        order = np.lexsort((rows.starts.instant, rows.number))
        firsts = np.flatnonzero(np.diff(rows.number[order], prepend=rows.number[order[:1]] - 1))
        attempt = np.empty(len(order), np.int64)
        attempt[order] = np.arange(len(order)) - np.repeat(firsts, np.diff(firsts, append=len(order))) + 1
        return attempt

    def _note_overlaps(self, rows: _Rows) -> None:
        if rows.number is None or rows.starts is None or not len(rows.number):
            return
        if count := overlapping(rows.number, rows.starts.instant, rows.seconds):
            remedy = "" if rows.call is not None else "; if they are legs of one call, --call-id COLUMN folds them"
            self._notes.append(f"calls that begin while another to their number lasts: {count:,}{remedy}")

    def _note_milliseconds(self, seconds: Floats) -> None:
        lasted = seconds[seconds > 0]
        long = int((lasted > SURELY_LONG).sum())
        if long > MOST_LONG * max(len(lasted), 1):
            self._notes.append(
                f"seconds that look like milliseconds: {long:,} calls lasted more than an hour; --milliseconds reads "
                "them as such"
            )

    def _completed(self, names: tuple[str, ...], outcome: Integers, seconds: Floats) -> Floats:
        """The seconds, with those that a user gives where the log does not say."""
        seconds = seconds.copy()
        for given, value in self._form.seconds.items():
            name = _named(given)
            if name in names:
                seconds[np.isnan(seconds) & (outcome == names.index(name))] = value
        return seconds


def _instants_of(local: Integers, zone: str) -> Integers:
    """Instants at which clocks of a zone say these; one of two where clocks are put back."""
    instant = local - (local_seconds(local, zone) - local)
    return np.asarray(local - (local_seconds(instant, zone) - instant))


def _named(given: str) -> str:
    """The outcome of a name that a user gives: case, blanks, underscores and dashes of the usual ones do not count."""
    return NAMES.get(plain_word(given), given)


def _only_used(names: tuple[str, ...], outcome: Integers) -> tuple[tuple[str, ...], Integers]:
    """The outcomes that occur, and each call's index among them."""
    used = [place for place in range(len(names)) if (outcome == place).any()]
    places = np.full(len(names) + 1, -1)  # the last one for calls without an outcome
    places[used] = np.arange(len(used))
    return tuple(names[place] for place in used), places[outcome]
