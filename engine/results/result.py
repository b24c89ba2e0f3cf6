"""Results: the tables and the figures of a run."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import HOUR, NEVER, in_zone, utc_text
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import parse_zone
from engine.dialing.compiling import compiling_told
from engine.dialing.record import ENDINGS, NO_INSTANT, NO_TIME, PRIORITIES, QUARTER, REACHED, Record
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import Checkpoints, EngineName, play
from engine.dialing.waits import WAIT_REASONS
from engine.numbers.intake import FaultyNumber
from engine.numbers.phonebook import Phonebook
from engine.progress import Progress, unseen
from engine.reading.document import json_text
from engine.reading.faults import path_text
from engine.reading.names import visible_json
from engine.reading.notes import Note
from engine.results.calls_file import calls_written
from engine.results.folder import CALLS_NAME, REPORT_NAME, Writer, table_file, text_file, write_folder
from engine.results.lock import LOCK_NAME, lock_text
from engine.results.notes import run_notes
from engine.results.summary import Summary, figures_by_name, summarize
from engine.scenario.document import ScenarioDocument
from engine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import polars as pl

# Tables load polars when they are made: a run that only tells its figures does without.

BLOCK_ROWS = 1 << 18
"""Rows of a table that are made and written at a time; a row group of its file."""


def simulate(
    scenario: Scenario,
    engine: EngineName = "auto",
    *,
    calls: bool = False,
    calls_file: Path | None = None,
    waiting: bool = False,
    progress: Progress = unseen,
    checkpoints: Checkpoints | None = None,
    resume: Path | None = None,
) -> "Result":
    """Play a scenario from start to finish.

    `engine` is `reference`, `compiled`, or `auto` for the faster one at this size; they agree. With `calls`, each call
    is kept for `result.calls`; with `calls_file`, that table is written into this file instead, as Parquet and while
    the run goes on, so memory does not grow with it. With `waiting`, what numbers wait for is counted for
    `result.waiting`. `progress` is called at the end of each simulated day. With `checkpoints` the compiled engine
    saves the run repeatedly. With `resume`, a file that was saved so, it goes on from there, to the same digest.
    """
    rulebook = Rulebook(scenario.document)
    names, start = rulebook.model.names, rulebook.start
    written = calls_written(calls_file, scenario.phonebook, names, start) if calls_file else nullcontext()
    with compiling_told(progress), written as calls_to:
        record = play(
            scenario,
            rulebook,
            engine,
            keep_calls=calls,
            calls_to=calls_to,
            count_waits=waiting,
            progress=progress,
            checkpoints=checkpoints,
            resume=resume,
        )
    return Result(scenario, rulebook, record, calls_file)


class Result:
    """What came of a scenario. Instants in its tables are UTC; each table is made when it is first used."""

    def __init__(self, scenario: Scenario, rulebook: Rulebook, record: Record, calls_file: Path | None = None) -> None:
        self.scenario = scenario
        self.document: ScenarioDocument = scenario.document
        self.phonebook: Phonebook = scenario.phonebook
        self.record = record
        self.digest: int = record.digest
        """A 64-bit hash over every call and every number's end (rules 9): equal digests, equal runs."""
        self.rulebook = rulebook
        """The scenario compiled, as it was played."""
        self._calls_file = calls_file

    @cached_property
    def warnings(self) -> tuple[Note, ...]:
        """What was changed, left out or guessed in the input, and who can never be called: a note for each kind."""
        return run_notes(self.scenario, self.rulebook)

    @cached_property
    def numbers(self) -> "pl.DataFrame":
        """A row for each number, in the order in which they were added.

        `waited` is seconds from `first_allowed`, the first instant at which it could be called, to `first_call`;
        `reached_at` is the start of the first answered call; `ending` says how it ended, or that it is pending.
        """
        return self._numbers_at(slice(None))

    def _numbers_at(self, rows: slice) -> "pl.DataFrame":
        import polars as pl

        book = self.phonebook
        columns = self.record.numbers._replace(words=self.record.numbers.words[rows])
        priorities, zones = self._by_policy
        policies = book.policies[rows]
        names = self.rulebook.model.names
        segments = ["", *(segment.name for segment in self.document.segments)]
        first_allowed = _instants(self._first_allowed[rows], NEVER)
        first_call = _instants(columns.first_call)
        return pl.DataFrame(
            {
                "phone": self._phones(rows),
                "priority": priorities[policies],
                "zone": _words(zones, policies),
                "segment": _words(segments, self._segments[rows]),
                "added": _instants(book.added[rows]),
                "first_allowed": first_allowed,
                "first_call": first_call,
                "waited": (first_call - first_allowed).dt.total_seconds(),
                "attempts": columns.attempts,
                "last_call": _instants(columns.last_call),
                "last_outcome": _words([*names, None], columns.last_outcome % (len(names) + 1)),
                "reached_at": _instants(columns.reached_at),
                "ended_at": _instants(columns.ended_at),
                "ending": _words(list(ENDINGS), columns.ending),
            }
        )

    def _phones(self, rows: slice | NDArray[np.uint32]) -> "pl.Series":
        import polars as pl

        book = self.phonebook
        some = Phonebook(book.identities[rows], book.policies, book.segments, book.added, book.distinct)
        return pl.Series(some.phone_codes).cast(pl.String).str.slice(1)

    @cached_property
    def _by_policy(self) -> tuple[NDArray[np.int8], list[str]]:
        """The priority and the zone of each distinct policy."""
        policies, above = self.phonebook.distinct, self.document.campaign.gmt_zone or DEFAULT_ZONE
        terms = self.rulebook.terms_of_all(policies)
        zones = [policy.gmt_zone or above for policy in policies.undated]
        return self.rulebook.terms.columns.priority[terms], [zones[own] for own in policies.of_undated.tolist()]

    @cached_property
    def _first_allowed(self) -> NDArray[np.int64]:
        return self.rulebook.first_allowed(self.phonebook)

    @cached_property
    def _segments(self) -> NDArray[np.int16]:
        return self.rulebook.segments_of(self.phonebook)

    @cached_property
    def timeline(self) -> "pl.DataFrame":
        """A row for each quarter-hour of UTC, which begins at `time`.

        `calls_…` are the calls begun, by outcome. `lines_in_use` and `lines` are averages over the simulated part of
        the quarter-hour, `lines_in_use_most` is the most at any second. `waiting_N` are the numbers of priority N that
        waited for a call at its last second, `eligible_N` those of them that a free line could call. `ended_…` are the
        numbers that ended in it, `reached` those whose first answered call that was not too short began in it.
        """
        import polars as pl

        quarters = self.record.quarters
        start, finish = self.rulebook.start, self.rulebook.finish
        times = (start // QUARTER + np.arange(len(quarters.peak))) * QUARTER
        seconds = np.minimum(times + QUARTER, finish) - np.maximum(times, start)
        begun = {f"calls_{name}": quarters.begun[:, index] for index, name in enumerate(self.rulebook.model.names)}
        waiting = {
            f"{name}_{priority + 1}": column[:, priority]
            for name, column in (("eligible", quarters.eligible), ("waiting", quarters.waiting))
            for priority in range(PRIORITIES)
        }
        ended = {f"ended_{ENDINGS[ending]}": quarters.ended[:, ending] for ending in range(4)}
        return pl.DataFrame(
            {
                "time": _instants(times),
                "calls": quarters.begun.sum(axis=1),
                **begun,
                "lines_in_use": quarters.line_seconds / seconds,
                "lines_in_use_most": quarters.peak,
                "lines": self.rulebook.line_seconds(np.maximum(times, start), np.minimum(times + QUARTER, finish))
                / seconds,
                **waiting,
                **ended,
                "reached": self._reached_by_quarter,
            }
        )

    @property
    def _reached_by_quarter(self) -> NDArray[np.int64]:
        start, quarters = self.rulebook.start, len(self.record.quarters.peak)
        words = self.record.numbers.words[:, REACHED]
        reached = np.zeros(quarters, np.int64)
        for first in range(0, len(words), BLOCK_ROWS):
            times = words[first : first + BLOCK_ROWS].astype(np.int64)
            rows = (times[times != NO_TIME] + start % QUARTER) // QUARTER
            reached += np.bincount(rows, minlength=quarters)
        return reached

    @cached_property
    def calls(self) -> "pl.DataFrame":
        """A row for each call, in the order in which they began; ValueError if the calls were not kept."""
        import polars as pl

        if self.record.calls is None:
            raise ValueError("the calls were not kept; simulate(scenario, calls=True) keeps them")
        calls = self.record.calls
        return pl.DataFrame(
            {
                "phone": self._phones(calls.number),
                "number": calls.number.astype(np.int64),
                "attempt": calls.attempt.astype(np.int32),
                "start": _instants(calls.time.astype(np.int64) + self.rulebook.start),
                "seconds": calls.seconds.astype(np.int32),
                "outcome": _words(list(self.rulebook.model.names), calls.outcome),
                "redial": calls.redial,
            }
        )

    @cached_property
    def waiting(self) -> "pl.DataFrame":
        """How long numbers waited, and for what: a row for each day, priority and reason that has any second.

        `day` is a date of the campaign's own clock, to which a quarter-hour belongs whole, by its start. `priority` is
        that of the series; before numbers are added, and once they have ended, that with which they were added.
        `reason` is one of rules 6, and `number_seconds` are summed over the numbers, so that all of them make the
        length of the simulation times the numbers. ValueError if waits were not counted.
        """
        import polars as pl

        if self.record.waits is None:
            raise ValueError("what numbers wait for was not counted; simulate(scenario, waiting=True) counts it")
        waits = self.record.waits
        first, zone = self.rulebook.start // QUARTER * QUARTER, parse_zone(self.document.campaign.zone_name)
        times = pl.Series(first + QUARTER * np.arange(len(waits)), dtype=pl.Int64).to_list()
        days = [in_zone(instant, zone).date() for instant in times]
        starts = [place for place, day in enumerate(days) if not place or day != days[place - 1]]
        by_day = np.add.reduceat(waits, starts)
        places = np.argwhere(by_day.transpose(0, 2, 1))
        return pl.DataFrame(
            {
                "day": [days[starts[day]] for day in places[:, 0].tolist()],
                "priority": places[:, 1].astype(np.int8) + 1,
                "reason": _words([reason.name for reason in WAIT_REASONS], places[:, 2]),
                "number_seconds": by_day[places[:, 0], places[:, 2], places[:, 1]],
            },
            schema={"day": pl.Date, "priority": pl.Int8, "reason": None, "number_seconds": pl.Int64},
        )

    @cached_property
    def local_hours(self) -> "pl.DataFrame":
        """Calls begun, by outcome, in each `hour` of the customers' own wall clocks that has any."""
        import polars as pl

        names = self.rulebook.model.names
        rows = [(hour * HOUR, sum(counts), *counts) for hour, counts in sorted(self.record.local_hours.items())]
        columns = {"hour": pl.Int64, "calls": pl.Int64} | {f"calls_{name}": pl.Int64 for name in names}
        frame = pl.DataFrame(rows, schema=columns, orient="row")
        return frame.with_columns((pl.col("hour") * 1_000_000).cast(pl.Datetime("us")))

    @cached_property
    def figures(self) -> Summary:
        """The figures of the run, grouped."""
        return summarize(self.document.goal, self.rulebook, self.phonebook, self.record, self.scenario.placing)

    @cached_property
    def summary(self) -> "pl.DataFrame":
        """The figures of the run, one in each row: `figure` is its dotted name, `value` its value.

        Values are counts, shares from 0 to 1, seconds, or instants in Unix seconds; null if not measured.
        """
        import polars as pl

        rows = list(figures_by_name(self.figures).items())
        return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64}, orient="row")

    @cached_property
    def summary_document(self) -> dict[str, Any]:
        """The figures as plain values, with what was played and the notes."""
        document = self.document
        span = {"start": utc_text(document.start), "finish": utc_text(document.finish), "seed": document.seed}
        notes = msgspec.to_builtins(list(self.warnings))
        return {"name": document.name, **span, "warnings": notes, **msgspec.to_builtins(self.figures)}

    def write(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        report: str | None = None,
        workbook: bytes | None = None,
        summary: dict[str, Any] | None = None,
    ) -> None:
        """Write the tables (Parquet), the summary (JSON) and the lock into a folder: all of them, or nothing.

        `calls.parquet` is written if the calls were kept, or moved here if a file has them; `waiting.parquet` is
        written if waits were counted, `faulty.ndjson` if numbers were left out for their faults, and the lock unless
        the result is that of a live dialer. `report`, a
        page that `engine.report.run.run_page` makes, is written as `report.html`, and `workbook`, which
        `engine.report.workbook.run_workbook` makes, as `summary.xlsx`. `summary`, which
        `engine.wording.runs.run_document` makes, is written in place of `summary_document`. Tables are made in blocks
        of rows: a list of millions is never in memory as a table.
        Raises InputError if results are there already and `force` is not given, or if the scenario is too long for a
        lock, and OSError if something cannot be written.
        """
        folder = Path(folder)
        files: dict[str, Writer] = {
            "numbers.parquet": table_file(lambda file: _write_blocks(self._numbers_at, len(self.phonebook), file)),
            "timeline.parquet": table_file(self.timeline.write_parquet),
        }
        if self._calls_file is not None:
            files[CALLS_NAME] = self._calls_file.rename
        elif self.record.calls is not None:
            files[CALLS_NAME] = self._write_calls
        if self.record.waits is not None:
            files["waiting.parquet"] = table_file(self.waiting.write_parquet)
        if self.scenario.faulty:
            lines = b"".join(map(_faulty_json, self.scenario.faulty))
            files["faulty.ndjson"] = lambda file: file.write_bytes(lines)
        if report is not None:
            files[REPORT_NAME] = text_file(report)
        if workbook is not None:
            files["summary.xlsx"] = lambda file: file.write_bytes(workbook)
        files["summary.json"] = text_file(json_text(self.summary_document if summary is None else summary) + "\n")
        if self.scenario.replayable:
            files[LOCK_NAME] = text_file(lock_text(self.scenario, self.digest, folder))
        inputs = [Path(file.file) for file in self.scenario.inputs]
        write_folder(folder, files, force=force, inputs=inputs)

    def _write_calls(self, file: Path) -> None:
        calls, model = self.record.calls, self.rulebook.model
        assert calls is not None  # noqa: S101 (they were kept)
        with calls_written(file, self.phonebook, model.names, self.rulebook.start) as take:
            take(calls)


def _faulty_json(number: FaultyNumber) -> bytes:
    """A number that was left out, as a line of JSON: where it is, what was given, and its faults."""
    try:
        msgspec.json.decode(number.number)
        given: object = msgspec.Raw(msgspec.json.format(number.number, indent=-1))
    except (msgspec.DecodeError, RecursionError):
        given = number.number.decode("utf-8", "replace")
    faults = [
        {
            "line": fault.line,
            "path": path_text(fault.path),
            "found": fault.found,
            "allowed": fault.allowed,
        }
        for fault in number.faults
    ]
    row = {"file": number.file, "position": number.position, "number": given, "faults": _in_utf_8(faults)}
    return visible_json(msgspec.json.encode(row).decode()).encode() + b"\n"


def _in_utf_8(faults: object) -> msgspec.Raw:
    """Plain values as JSON text; half of a surrogate pair is written as an escape."""
    return msgspec.Raw(json.dumps(faults, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def _write_blocks(table: "Callable[[slice], pl.DataFrame]", height: int, file: BinaryIO) -> None:
    """Write a table in blocks; `table` makes any rows of it."""
    from polars.io.plugins import register_io_source

    def blocks(*_: object) -> "Iterator[pl.DataFrame]":
        return (table(slice(first, first + BLOCK_ROWS)) for first in range(0, height, BLOCK_ROWS))

    rows = register_io_source(blocks, schema=table(slice(0)).schema)
    rows.sink_parquet(file, row_group_size=BLOCK_ROWS)


def _instants(seconds: NDArray[np.int64], missing: int = NO_INSTANT) -> "pl.Series":
    import polars as pl

    values = pl.Series(seconds, dtype=pl.Int64)
    known = values.set(values == missing, None)
    return (known * 1_000_000).cast(pl.Datetime("us", "UTC"))


def _words(words: Sequence[str | None], indices: NDArray[np.integer]) -> "pl.Series":
    import polars as pl

    return pl.Series(words, dtype=pl.String).gather(pl.Series(indices.astype(np.uint32)))
