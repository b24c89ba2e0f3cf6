"""Call logs as they come: named otherwise, in other words, encodings and zones, and with faults."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from engine import Scenario, simulate
from engine.logs.call_log import CallLog, read_call_log
from engine.logs.forms import LogForm
from engine.reading.faults import InputError

Write = Callable[..., Path]
CALLS = 120


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(header: str, row: Callable[[int], str], name: str = "log.csv", encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.write_bytes("\n".join([header, *map(row, range(CALLS))]).encode(encoding))
        return file

    return write


def faults_of(file: Path, **how: object) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_call_log(file, LogForm(**how))  # type: ignore[arg-type]
    return [str(fault).removeprefix(str(file)) for fault in refused.value.faults]


def told(column: np.ndarray | None) -> list[int]:
    assert column is not None
    return [int(value) for value in column]


def test_our_own_calls_are_a_log_without_any_mapping(tmp_path: Path) -> None:
    result = simulate(Scenario.load("scenarios/call_log.yaml"), calls=True)
    result.calls.write_parquet(tmp_path / "calls.parquet")

    log = read_call_log(tmp_path / "calls.parquet", LogForm(zone="America/Chicago"))

    assert log.calls == len(result.calls)
    assert [log.names[place] for place in log.outcome] == result.calls["outcome"].to_list()
    assert log.seconds.tolist() == result.calls["seconds"].to_list()
    assert told(log.attempt) == result.calls["attempt"].to_list()
    local = result.calls["start"].dt.convert_time_zone("America/Chicago")
    assert told(log.hour) == local.dt.hour().to_list()
    assert told(log.weekday) == (local.dt.weekday() - 1).to_list()


def test_attempts_are_counted_where_a_log_tells_phones_and_starts() -> None:
    columns = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    log = read_call_log(Path("scenarios/call_log.csv"), LogForm(columns=columns))
    result = simulate(Scenario.load("scenarios/call_log.yaml"), calls=True)

    assert told(log.attempt) == result.calls["attempt"].to_list()


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ANSWERED", "answered"),
        ("NO ANSWER", "noAnswer"),
        ("no_answer", "noAnswer"),
        ("No-Answer", "noAnswer"),
        ("machine", "voicemail"),
        ("Busy", "busy"),
        ("INVALID NUMBER", "invalid"),
    ],
)
def test_usual_words_for_outcomes_are_understood(written: Write, word: str, name: str) -> None:
    log = read_call_log(written("outcome,seconds", lambda _: f"{word},3"))

    assert log.names == (name,)


def test_words_of_the_log_may_be_given_a_meaning(written: Write) -> None:
    file = written("sold;seconds", lambda place: ("yes", "no", "BUSY")[place % 3] + ";4")

    log = read_call_log(file, LogForm(columns={"outcome": "sold"}, outcomes={"yes": "answered", "no": "answered"}))

    assert log.names == ("answered", "busy")
    assert log.answered.sum() == CALLS * 2 / 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("180", 180), ("12.5", 12.5), ("12,5", 12.5), ("3:01", 181), ("1:00:01", 3_601), ("", None)]
)
def test_seconds_are_numbers_or_clocks(written: Write, text: str, seconds: float | None) -> None:
    log = read_call_log(written("outcome;seconds", lambda _: f"busy;{text}"))

    assert np.isnan(log.seconds[0]) if seconds is None else log.seconds[0] == seconds


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%S.5 +0000", "%s"])
def test_instants_are_brought_to_the_zone(written: Write, form: str) -> None:
    instants = [datetime(2026, 3, 1, 0, 30, tzinfo=UTC) + timedelta(hours=7 * place) for place in range(CALLS)]
    file = written(
        "outcome,seconds,start",
        lambda place: f"busy,4,{instants[place].strftime(form) if form != '%s' else int(instants[place].timestamp())}",
    )

    log = read_call_log(file, LogForm(zone="America/New_York"))

    local = [instant.astimezone(ZoneInfo("America/New_York")) for instant in instants]
    assert told(log.hour) == [moment.hour for moment in local]
    assert told(log.weekday) == [moment.weekday() for moment in local]


@pytest.mark.parametrize(("offset", "hour"), [("-05:00", 1), ("+0530", 14), ("+01", 19), ("Z", 20)])
def test_offsets_lie_between_the_clock_and_utc(written: Write, offset: str, hour: int) -> None:
    log = read_call_log(
        written("outcome,seconds,start", lambda _: f"busy,4,2026-03-02 20:00{offset}"), LogForm(zone="Z")
    )

    assert told(log.hour)[0] == hour


def test_without_a_zone_an_instant_tells_the_clock_that_it_is_written_by(written: Write) -> None:
    log = read_call_log(written("outcome,seconds,start", lambda _: "busy,4,2026-03-02T20:00:00-05:00"))

    assert told(log.hour)[0] == 20


def test_each_call_may_have_a_zone_of_its_own(written: Write) -> None:
    zones = ("Asia/Tokyo", "-03:00", "Z")
    log = read_call_log(
        written("outcome,seconds,start,zone", lambda place: f"busy,4,2026-03-02T23:30:00Z,{zones[place % 3]}")
    )

    assert told(log.hour)[:3] == [8, 20, 23]
    assert told(log.weekday)[:3] == [1, 0, 0]


def test_local_times_are_taken_as_they_stand(written: Write) -> None:
    file = written("outcome,seconds,start", lambda _: "busy,4,2026-03-02 23:30")

    log = read_call_log(file, LogForm(zone="Asia/Tokyo"))

    assert (told(log.hour)[0], told(log.weekday)[0]) == (23, 0)


@pytest.mark.parametrize(("word", "day"), [("mon", 0), ("Tuesday", 1), ("WED", 2), ("4", 3), ("7", 6)])
def test_weekdays_are_words_or_numbers_from_monday(written: Write, word: str, day: int) -> None:
    log = read_call_log(written("outcome,seconds,weekday,hour", lambda _: f"busy,4,{word},09:15"))

    assert (told(log.weekday)[0], told(log.hour)[0]) == (day, 9)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "outcome": ["busy"] * CALLS,
            "seconds": [timedelta(seconds=90)] * CALLS,
            "start": [datetime(2026, 3, 2, 9, tzinfo=UTC)] * CALLS,
            "attempt": [2.0] * CALLS,
        }
    )
    table.write_parquet(tmp_path / "log.parquet")

    log = read_call_log(tmp_path / "log.parquet")

    assert (log.seconds[0], told(log.hour)[0], told(log.attempt)[0]) == (90, 9, 2)


def test_a_log_in_another_encoding_is_read_when_it_is_told(written: Write) -> None:
    file = written("Länge;Ergebnis", lambda _: "4;besetzt", encoding="latin-1")

    log = read_call_log(
        file,
        LogForm(columns={"seconds": "Länge", "outcome": "Ergebnis"}, outcomes={"besetzt": "busy"}, encoding="latin-1"),
    )

    assert isinstance(log, CallLog)
    assert faults_of(file) == [
        ':1: found byte 0xE4, which is not UTF-8 ("Länge" in cp1252, perhaps); allowed: text in UTF-8; or name its '
        "encoding, such as encoding: cp1252 in a scenario and --encoding cp1252 of a command"
    ]


def test_an_unknown_encoding_is_told(written: Write) -> None:
    file = written("outcome,seconds", lambda _: "busy,4")

    assert faults_of(file, encoding="klingon") == [
        ': encoding: found "klingon"; allowed: an encoding such as utf-8, utf-16, cp1252 or latin-1'
    ]


@pytest.mark.parametrize("encoding", [None, "utf-16"])
def test_utf_16_is_read_by_its_byte_order_mark(written: Write, encoding: str | None) -> None:
    file = written("outcome\tseconds", lambda _: "busy\t4", encoding="utf-16")

    assert read_call_log(file, LogForm(encoding=encoding)).calls == CALLS


def test_a_log_of_one_row_is_too_few(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("outcome,seconds\nbusy,4\n")

    assert faults_of(file) == [": found 1 call; allowed: at least 100 calls to fit a model to"]


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("")

    assert faults_of(file) == [": found an empty file; allowed: a header and at least 100 calls"]


def test_unknown_outcomes_are_told_all_at_once_with_the_remedy(written: Write) -> None:
    file = written(
        "outcome,seconds", lambda place: ("answered", "FAILED", "xfer")[0 if place < 90 else place % 2 + 1] + ",4"
    )

    assert faults_of(file) == [
        ': outcome: found unknown outcomes: "FAILED" 15 times, "xfer" 15 times; allowed: --outcome WORD=NAME for each, '
        "where NAME is such as answered, voicemail, busy, noAnswer, invalid"
    ]


def test_negative_seconds_are_told_with_their_lines(written: Write) -> None:
    file = written("outcome,seconds", lambda place: f"busy,{-4 if place in (5, 7) else 4}")

    assert faults_of(file) == [
        ':7: seconds: found negative seconds in 2 calls (lines 7, 9), such as "-4"; '
        "allowed: seconds from 0 to 86,400, such as 180 or 12.5; or 0:03:00"
    ]


def test_every_kind_of_fault_is_told_at_once(written: Write) -> None:
    file = written(
        "outcome,seconds,start,attempt,hour,weekday,zone",
        lambda place: "x,1e9,yesterday,0,24,8,Mars" if place == 3 else "busy,4,2026-03-02T09:00:00Z,1,9,mon,Z",
    )

    found = faults_of(file)

    assert [fault.split(": ")[1] for fault in found] == [
        "outcome",
        "seconds",
        "hour",
        "weekday",
        "zone",
        "start",
        "attempt",
    ]
    assert all(fault.startswith(":5: ") for fault in found[1:])


def test_missing_columns_are_told_with_those_that_there_are(written: Write) -> None:
    file = written("Result,Duration", lambda _: "busy,4")

    assert faults_of(file) == [
        ": outcome: found no such column; allowed: --column outcome=NAME with one of: Result, Duration",
        ": seconds: found no such column; allowed: --column seconds=NAME with one of: Result, Duration",
    ]


def test_columns_that_are_mapped_wrongly_are_told(written: Write) -> None:
    file = written("outcome,seconds", lambda _: "busy,4")

    assert faults_of(file, columns={"colour": "x", "start": "Started"}) == [
        "--column colour: found an unknown field; "
        "allowed: outcome, seconds, phone, number, start, zone, attempt, weekday, hour",
        ': --column start: found no column "Started"; allowed: outcome, seconds',
    ]


def test_a_word_that_the_log_does_not_hold_is_told(written: Write) -> None:
    file = written("outcome,seconds", lambda _: "busy,4")

    assert faults_of(file, outcomes={"yes": "answered"}) == [
        ": --outcome yes: found a word that the log does not hold; allowed: busy"
    ]


def test_an_unknown_zone_is_told(written: Write) -> None:
    file = written("outcome,seconds,start", lambda _: "busy,4,2026-03-02T09:00:00Z")

    assert faults_of(file, zone="Mars")[0].startswith('--zone: found "Mars"; allowed: Z, an offset')


def test_a_column_of_lists_is_told(tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    pl.DataFrame({"outcome": [["busy"]] * CALLS, "seconds": [4] * CALLS}).write_parquet(file)

    assert faults_of(file) == [": outcome: found cells of List(String); allowed: text or numbers"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no readable file" in faults_of(tmp_path / "none.csv")[0]
