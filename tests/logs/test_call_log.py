"""Call logs as they come: named otherwise, in other words, encodings and zones, and with faults."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from engine import Scenario, simulate
from engine.logs.call_log import CallLog, read_call_log
from engine.logs.faulty_calls import LogError
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


@pytest.mark.parametrize(
    ("given", "name"), [("Answered", "answered"), ("no answer", "noAnswer"), ("BUSY", "busy"), ("Sale", "Sale")]
)
def test_case_and_blanks_of_the_usual_outcomes_do_not_count_where_a_user_names_them(
    written: Write, given: str, name: str
) -> None:
    file = written("outcome,seconds", lambda _: "won,")

    log = read_call_log(file, LogForm(outcomes={"won": given}, seconds={given: 7}))

    assert (log.names, set(log.seconds)) == ((name,), {7})


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


@pytest.mark.parametrize("title", ["*", "^.*$"])
def test_a_title_that_would_stand_for_several_columns_is_that_of_one(written: Write, title: str) -> None:
    file = written(f"{title},seconds", lambda _: "busy,4")

    assert read_call_log(file, LogForm(columns={"outcome": title})).names == ("busy",)


def test_columns_that_are_mapped_wrongly_are_told(written: Write) -> None:
    file = written("outcome,seconds", lambda _: "busy,4")

    assert faults_of(file, columns={"colour": "x", "start": "Started"}) == [
        "--column colour: found an unknown field; "
        "allowed: outcome, seconds, phone, number, start, zone, attempt, weekday, hour",
        ': --column start: found no column "Started"; allowed: outcome, seconds',
    ]


@pytest.mark.parametrize("name", ["scenario.yaml", "calls.json", "calls.ndjson"])
def test_a_file_that_can_be_no_log_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("name: Spring\nstart: 2026-03-02T09:00:00Z\n")

    with pytest.raises(InputError, match="allowed: a call log in CSV, Excel or Parquet"):
        read_call_log(tmp_path / name)


def test_a_title_in_the_place_of_its_field_is_told(written: Write) -> None:
    file = written("outcome,seconds,Called", lambda _: "busy,4,16505550100")

    assert faults_of(file, columns={"Called": "phone"}) == [
        '--column Called: found an unknown field; allowed: --column "phone=Called", perhaps: the field comes first'
    ]


def test_a_column_that_is_mapped_to_two_fields_is_a_fault(written: Write) -> None:
    file = written("outcome,seconds,Called", lambda _: "busy,4,16505550100")

    assert faults_of(file, columns={"phone": "Called", "number": "called"}) == [
        ': --column number: found "called", which is the column of phone already; allowed: another column'
    ]


def test_a_word_that_the_log_does_not_hold_is_told(written: Write) -> None:
    file = written("outcome,seconds", lambda _: "busy,4")

    assert faults_of(file, outcomes={"yes": "answered"}) == [
        ": --outcome yes: found a word that the log does not hold; allowed: busy"
    ]
    assert faults_of(file, outcomes={"answered": "busy"}) == [
        ': --outcome answered: found a word that the log does not hold; allowed: --outcome "busy=answered", perhaps: '
        "the word comes first"
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


def test_a_phone_is_one_number_however_it_is_written(written: Write) -> None:
    spellings = ("16505550100", "+16505550100", "1 650 555 0100", "16505550100.0")
    file = written(
        "phone,start,seconds,outcome",
        lambda place: f"{spellings[place % 4]},{1_772_442_000 + 60 * place},4,busy",
    )

    log = read_call_log(file)

    assert told(log.attempt) == list(range(1, CALLS + 1))


def test_phones_that_parquet_keeps_as_numbers_are_phones(tmp_path: Path) -> None:
    file = tmp_path / "log.parquet"
    start = [datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=place) for place in range(CALLS)]
    table = {"phone": [16505550100.0] * CALLS, "start": start, "outcome": ["busy"] * CALLS, "seconds": [4] * CALLS}
    pl.DataFrame(table).write_parquet(file)

    assert told(read_call_log(file).attempt) == list(range(1, CALLS + 1))


def test_phones_whose_digits_are_lost_are_faults(written: Write) -> None:
    file = written("phone,seconds,outcome", lambda place: f"{'1.65E+10' if place == 2 else 16505550100 + place},4,busy")

    assert faults_of(file) == [
        ':4: phone: found a phone in scientific notation in 1 call (line 4), such as "1.65E+10"; '
        "allowed: the phone as text: digits are lost; format the column as text and export it again"
    ]


@pytest.mark.parametrize(
    ("separator", "cell", "decimal", "seconds"),
    [
        (";", "12,5", None, 12.5),
        ("\t", "0,25", None, 0.25),
        (";", "1234,5678", None, 1234.5678),
        (",", '"1,007"', ".", 1007),
        (",", '"1,007.5"', ".", 1007.5),
        (",", '"1,007"', ",", 1.007),
        (";", "1.007,5", ",", 1007.5),
        (";", "1.007", ",", 1007),
        (";", "86.399", ",", 86_399),
        (",", "12.345", None, 12.345),
    ],
)
def test_a_comma_in_seconds_is_read_where_it_means_one_thing(
    written: Write, separator: str, cell: str, decimal: Any, seconds: float
) -> None:
    log = read_call_log(
        written(f"outcome{separator}seconds", lambda _: f"busy{separator}{cell}"), LogForm(decimal=decimal)
    )

    assert log.seconds[0] == seconds


@pytest.mark.parametrize(
    ("separator", "cell"), [(",", '"1,007"'), (";", "1,007"), ("\t", "12,345,678"), (",", '"12,5"'), (";", "1.007,5")]
)
def test_a_comma_in_seconds_that_may_mean_two_things_is_a_fault(written: Write, separator: str, cell: str) -> None:
    file = written(f"outcome{separator}seconds", lambda place: f"busy{separator}{cell if place < 3 else 4}")

    (fault,) = faults_of(file)

    assert fault.startswith(":2: seconds: found an ambiguous comma in 3 calls (lines 2, 3, 4), such as")
    assert "allowed: --decimal " in fault


def test_a_point_beside_decimal_commas_is_not_taken_for_one_before_decimals(written: Write) -> None:
    file = written("outcome;seconds", lambda row: f"busy;{['12,5', '1.234'][row % 2]}")
    [fault] = faults_of(file)
    assert "seconds: found an ambiguous point in" in fault
    assert fault.endswith("allowed: --decimal . if 1.234 is 1.234 and --decimal , if 1.234 is 1234")
    assert read_call_log(file, LogForm(decimal=",")).seconds[:2].tolist() == [12.5, 1234]


def test_an_ambiguous_comma_is_told_with_both_meanings(written: Write) -> None:
    file = written("outcome,seconds", lambda _: 'busy,"1,007"')

    assert faults_of(file)[0].endswith("allowed: --decimal . if 1,007 is 1007 and --decimal , if 1,007 is 1.007")


@pytest.mark.parametrize(("cell", "decimal"), [('"12,5"', "."), ('"1,0075"', "."), ("12.5", ","), ("1.2.3", ".")])
def test_marks_where_the_decimal_mark_does_not_allow_them_are_faults(written: Write, cell: str, decimal: str) -> None:
    file = written("outcome,seconds", lambda _: f"busy,{cell}")

    assert "no number in 120 calls" in faults_of(file, decimal=decimal)[0]


def test_milliseconds_are_noted_and_read(written: Write) -> None:
    file = written("outcome,seconds", lambda place: f"busy,{20_000 + place}")

    noted, read = read_call_log(file), read_call_log(file, LogForm(milliseconds=True))

    assert noted.notes == (
        "seconds that look like milliseconds: 120 calls lasted more than an hour; --milliseconds reads them as such",
    )
    assert read.notes == ()
    assert read.seconds[:2].tolist() == [20.0, 20.001]


def test_long_calls_alone_are_not_taken_for_milliseconds(written: Write) -> None:
    file = written("outcome,seconds", lambda place: f"answered,{5_000 if place % 20 == 0 else 300}")

    assert read_call_log(file).notes == ()


def test_faulty_calls_are_left_out_and_counted_when_a_user_says_so(written: Write) -> None:
    cells = {3: ",4", 5: "busy,-1", 7: "gone,4", 8: "busy,4,4"}
    file = written("outcome,seconds", lambda place: cells.get(place, "busy,4"))

    log = read_call_log(file, LogForm(skip_faulty=True))

    assert log.calls == CALLS - 4
    assert log.notes == (
        "faulty calls left out: 4 (no outcome 1, unknown outcome 1, negative seconds 1, rows that are no calls 1)",
    )
    assert [fault.line for fault in log.left_out] == [5, 7, 9, 10]
    assert [fault.found for fault in log.left_out] == ["null", '"-1"', '"gone"', "3 cells"]


def test_every_faulty_call_is_told_though_rows_of_another_shape_are_among_them(written: Write) -> None:
    cells = {3: ",4", 5: "busy,-1", 8: "busy,4,4"}
    file = written("outcome,seconds", lambda place: cells.get(place, "busy,4"))

    with pytest.raises(LogError) as refused:
        read_call_log(file)

    assert [fault.line for fault in refused.value.faults] == [10, 5, 7]
    assert [fault.line for fault in refused.value.each] == [5, 7, 10]
    assert pickle.loads(pickle.dumps(refused.value)).each == refused.value.each  # noqa: S301 (our own bytes)


def test_a_faulty_call_still_counts_as_an_attempt(written: Write) -> None:
    file = written(
        "phone,start,seconds,outcome",
        lambda place: f"{16505550100 + place // 6},2026-03-0{place % 6 + 2} 09:00,4,{'' if place % 6 == 1 else 'busy'}",
    )

    log = read_call_log(file, LogForm(skip_faulty=True))

    assert told(log.attempt) == [1, 3, 4, 5, 6] * (CALLS // 6)


def test_a_call_that_was_made_nobody_knows_when_counts_as_none(written: Write) -> None:
    file = written(
        "phone,start,seconds,outcome",
        lambda place: (
            f"{16505550100 + place // 6},{'?' if place % 6 == 1 else f'2026-03-0{place % 6 + 2} 09:00'},4,busy"
        ),
    )

    log = read_call_log(file, LogForm(skip_faulty=True))

    assert told(log.attempt) == [1, 2, 3, 4, 5] * (CALLS // 6)


def test_too_few_calls_that_are_no_faults_are_told(written: Write) -> None:
    file = written("outcome,seconds", lambda place: f"busy,{'?' if place % 2 else 4}")

    assert ": found 60 calls; allowed: at least 100 calls to fit a model to" in faults_of(file, skip_faulty=True)


@pytest.mark.parametrize("cell", ["NULL", "null", "\\N", "(null)", "N/A", "-"])
def test_what_stands_for_nothing_is_an_empty_cell_and_counted(written: Write, cell: str) -> None:
    log = read_call_log(written("outcome,seconds", lambda place: f"busy,{cell if place % 2 else 4}"))

    assert np.isnan(log.seconds[1])
    assert log.notes == ("cells that say NULL or the like count as empty: seconds 60",)


def test_starts_with_and_without_an_offset_are_noted(written: Write) -> None:
    file = written(
        "outcome,seconds,start", lambda place: f"busy,4,2026-03-02T09:00:00{'-05:00' if place % 3 == 0 else ''}"
    )

    assert read_call_log(file).notes == (
        "starts with an offset: 40, without one: 80; the latter are taken for the customers' own clock",
    )


def test_calls_to_a_number_that_overlap_are_noted_with_the_remedy(written: Write) -> None:
    file = written(
        "phone,start,seconds,outcome",
        lambda place: f"{16505550100 + place // 2},2026-03-02 09:00:{place % 2 * 5:02},60,busy",
    )

    assert read_call_log(file).notes == (
        "calls that begin while another to their number lasts: 60; if they are legs of one call, --call-id COLUMN "
        "folds them",
    )


def test_legs_of_a_call_are_one_call(written: Write) -> None:
    file = written(
        "phone,start,seconds,outcome,id",
        lambda place: (
            f"{16505550000 + place},2026-03-02 09:00:{place % 2 * 5:02},{60 if place % 2 else 10},"
            f"{'answered' if place % 2 else 'busy'},{place // 2 if place < 20 else place}"
        ),
    )

    log = read_call_log(file, LogForm(call_id="ID"))

    assert log.calls == CALLS - 10
    assert log.notes == ("legs folded into calls: 20 legs of 10 calls",)
    assert (log.seconds[:10] == 65).all()
    assert log.answered[:10].all()
    assert told(log.attempt) == [1] * (CALLS - 10)


def test_a_faulty_leg_does_not_make_its_call_faulty(written: Write) -> None:
    file = written(
        "phone,start,seconds,outcome,id",
        lambda place: (
            f"16505550100,{1_772_442_000 + place},4,{'' if place < 10 and place % 2 else 'busy'},"
            f"{place // 2 if place < 10 else place}"
        ),
    )

    log = read_call_log(file, LogForm(call_id="id", skip_faulty=True))

    assert log.calls == CALLS - 5


def test_titles_are_found_whatever_their_case_and_blanks(written: Write) -> None:
    log = read_call_log(written(" Outcome ,SECONDS", lambda _: "busy,4"))

    assert log.calls == CALLS


def test_a_title_that_is_nearly_right_is_suggested(written: Write) -> None:
    file = written("Outcomes,Duration", lambda _: "busy,4")

    assert faults_of(file, columns={"seconds": "Durations"}) == [
        ': --column seconds: found no column "Durations"; allowed: "Duration", perhaps',
        ': outcome: found no such column; allowed: "Outcomes", perhaps: --column outcome=NAME with one of: '
        "Outcomes, Duration",
    ]


def test_a_log_without_a_header_is_told_what_can_read_it(written: Write) -> None:
    file = written("busy,4,16505550100", lambda _: "busy,4,16505550100")

    assert faults_of(file) == [
        ':1: found a first row that looks like data ("16505550100"); allowed: a header; or --header with the titles of '
        "its 3 columns"
    ]
    assert read_call_log(file, LogForm(header=("outcome", "seconds", "phone"))).calls == CALLS + 1


def test_a_log_in_excel_without_a_header_is_told_the_same(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "log.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["busy", 4, "16505550100"])

    assert "allowed: a header; or --header with the titles of its 3 columns" in faults_of(tmp_path / "log.xlsx")[0]


def test_seconds_that_a_log_never_says_are_those_that_a_user_says(written: Write) -> None:
    file = written("outcome,seconds", lambda place: "busy," if place % 2 else "answered,60")

    log = read_call_log(file, LogForm(seconds={"busy": 4.0, "answered": 1.0}))

    assert log.seconds[:2].tolist() == [60, 4]


def test_a_log_in_excel_is_read_as_it_is(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "log.xlsx")
    book.add_worksheet("Notes").write(0, 0, "none")
    sheet, instant = book.add_worksheet("Calls"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, ["Phone", "Start", "Seconds", "Outcome"])
    for place in range(CALLS):
        sheet.write_number(place + 1, 0, 16505550100 + place // 2)
        sheet.write_datetime(place + 1, 1, datetime(2026, 3, 2, 9 + place % 2), instant)
        sheet.write_row(place + 1, 2, [12.5 if place else 3, "busy"])
    book.close()

    log = read_call_log(tmp_path / "log.xlsx", LogForm(sheet="Calls"))

    assert told(log.attempt) == [1, 2] * (CALLS // 2)
    assert (log.seconds[:2].tolist(), told(log.hour)[:2]) == ([3, 12.5], [9, 10])


@pytest.mark.parametrize("field", ["phone", "number", "start"])
def test_a_column_of_parquet_whose_type_loses_digits_is_refused(tmp_path: Path, field: str) -> None:
    table = pl.DataFrame({"outcome": ["busy"] * 100, "seconds": [3.0] * 100, field: [1772442000.0] * 100})
    table.with_columns(pl.col(field, "seconds").cast(pl.Float32)).write_parquet(tmp_path / "log.parquet")
    with pytest.raises(InputError, match=f"{field}: found a column of Float32, which loses digits; allowed: text, "):
        read_call_log(tmp_path / "log.parquet")


def test_calls_with_and_without_an_offset_are_counted_in_order_of_time(written: Write) -> None:
    starts = ["2026-03-02 09:00:00", "2026-03-02T13:30:00Z", "2026-03-02 08:00:00"]  # 14:00, 13:30 and 13:00 UTC
    file = written("outcome,seconds,phone,start", lambda row: f"busy,3,165055{row // 3:05},{starts[row % 3]}")
    log = read_call_log(file, LogForm(zone="America/New_York"))
    assert told(log.attempt)[:3] == [3, 2, 1]
    assert told(log.hour)[:3] == [9, 8, 8]
