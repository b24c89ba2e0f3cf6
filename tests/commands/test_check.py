"""The command `dialer check`, as its users meet it."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.commands.dialer import EXAMPLE, LIST, dialer
from tests.numbers.formats import layouts
from tests.numbers.formats.layouts import COMPRESSIONS, Layout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"# only a comment\n", "nothing but comments"),
        (b"\x00\x01\xff\xfe", "not UTF-8"),
        (b"a: [1, 2", "not YAML"),
        (b"just words", "a mapping of"),
        (
            b"a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(99, 110)),
            "expand without end",
        ),
    ],
)
def test_a_file_that_is_no_scenario_is_one_clear_message(
    written: Callable[[str, str | bytes], Path], content: bytes, words: str
) -> None:
    done = dialer("check", written("scenario.yaml", content))

    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_check_with_json_lists_faults_with_their_places(written: Callable[[str, str | bytes], Path]) -> None:
    file = written("phones.json", '[{"phone": "12345"},\n {"phone": "1234567890123456", "maxAttempts": "3"}]')

    done = dialer("check", file, EXAMPLE, "--json")

    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(fault["line"], fault["path"]) for fault in document["faults"]] == [
        (2, "[1].phone"),
        (2, "[1].maxAttempts"),
    ]
    assert [report["file"] for report in document["files"]] == [str(EXAMPLE)]


def test_check_notes_what_numbers_of_a_list_rarely_mean(written: Callable[[str, str | bytes], Path]) -> None:
    done = dialer("check", written("phones.csv", "phone,mon,gmtZone\n12345,9-23:59,EST\n12346,9-24:00,Z\n"))

    assert done.returncode == 0
    assert "hours that end at 23:59" in done.stdout
    assert "gmtZone EST never changes, clocks of people there do (America/New_York, perhaps): 1 of the" in done.stdout


def test_check_counts_priorities_that_count_as_5_and_numbers_that_can_never_be_called(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("phones.json", '[{"phone": 123456, "dialerPriority": "high"}, {"phone": 1234567, "allowedTime": {}}]')
    text = EXAMPLE.read_text(encoding="utf-8").replace("api_example.json", "phones.json")

    done = dialer("check", written("scenario.yaml", text))

    assert done.returncode == 0
    assert "dialerPriority that is not 1 to 5 counts as 5: 1 of the numbers" in done.stdout
    assert "numbers that can never be called: 1, their policy never opens" in done.stdout


def test_a_lock_is_a_good_scenario_to_check(lock: Path) -> None:
    done = dialer("check", lock)

    assert done.returncode == 0
    good, note = done.stdout.splitlines()
    assert "gmtZone -05:00 never changes" in note, "of the example, not of its lock"
    assert "good: a scenario; numbers 1" in good


@pytest.mark.parametrize(
    "data",
    [
        layouts.json_of(LIST, indent=1),
        layouts.lines_of(LIST),
        b"\xff\xfe" + layouts.lines_of(LIST).decode().encode("utf-16-le"),
        b"\xef\xbb\xbf" + layouts.csv_of(LIST, Layout(separator=";", payload_columns=True)),
        COMPRESSIONS[".gz"](layouts.nested_parquet_of([{**number, "payload": {}} for number in LIST])),
    ],
    ids=["json", "ndjson", "ndjson in UTF-16", "csv", "parquet.gz"],
)
def test_check_reads_any_format_from_standard_input(data: bytes) -> None:
    done = dialer("check", "-", given=data)

    good, note = done.stdout.splitlines()
    assert (done.returncode, good, done.stderr) == (0, "-: good: numbers 2, call policies 2", "")
    assert note == "note: -: duplicates within 24 hours are ignored: 1 of the numbers"


UNREADABLE = {
    "deep.json": b"[" * 100_000,
    "cut.json": b'[{"phone": "12345", "payload": {"a": "\\ud83',
    "odd.ndjson": b'{"phone": "1\x1b[2J\\ud800"}\n',
    "quote.csv": b'phone,note\n12345,"\n',
    "bytes.csv": b"phone;b\rc\x00d\xff",
    "empty.csv": b"",
    "zeros.parquet": b"PAR1" + bytes(40) + b"PAR1",
    "name.parquet": layouts.parquet_of(pl.DataFrame({"phone": ["12345"]})).replace(b"phone", b"\xffhone"),
    "cut.json.gz": COMPRESSIONS[".gz"](b"[1, 2]")[:-9],
    "cut.csv.zst": COMPRESSIONS[".zst"](b"phone\n12345\n" * 99)[:-9],
}


def test_numbers_that_cannot_be_read_are_a_line_each_and_no_library_below_says_anything(
    written: Callable[[str, str | bytes], Path],
) -> None:
    files = [written(name, data) for name, data in UNREADABLE.items()]

    done = dialer("check", *files)

    assert (done.returncode, done.stdout) == (1, "")
    *lines, last = done.stderr.splitlines()
    assert last == f"{len(files)} faults"
    for file, line in zip(files, lines, strict=True):
        assert line.startswith(f"{file}:")
        assert line.isprintable()
        assert "; allowed: " in line


def test_of_many_faults_the_first_are_shown_and_all_are_counted_by_kind(
    written: Callable[[str, str | bytes], Path], tmp_path: Path
) -> None:
    bad = '{"phone": "1", "maxAttempts": 51}\n{"phone": "12345", "color": "red"}\n{}\n' * 10
    file = written("list.ndjson", bad)

    done = dialer("check", file, "--faults", tmp_path / "faults.ndjson")
    lines = done.stderr.splitlines()

    assert done.returncode == 1
    assert lines[0] == f'{file}:1: [0].phone: found "1"; allowed: 5 to 15 digits with an optional leading +'
    assert lines[19] == f"{file}:15: [14].phone: found nothing; allowed: 5 to 15 digits with an optional leading +"
    assert lines[20:] == [
        "40 faults",
        "         10  phone: allowed: 5 to 15 digits with an optional leading +",
        "         10  maxAttempts: allowed: an integer from 0 to 50",
        "         10  color: an unknown field",
        "         10  phone: nothing",
        "the first 20 are shown; --faults FILE writes them all, --json prints them",
    ]
    every = [json.loads(line) for line in (tmp_path / "faults.ndjson").read_text(encoding="utf-8").splitlines()]
    assert len(every) == 40
    assert every[-1] == {
        "file": str(file),
        "line": 30,
        "path": "[29].phone",
        "found": "nothing",
        "allowed": "5 to 15 digits with an optional leading +",
    }
    document = json.loads(dialer("check", file, "--json").stdout)
    assert document["faults"] == every
    assert document["kinds"] == {
        "phone: allowed: 5 to 15 digits with an optional leading +": 10,
        "maxAttempts: allowed: an integer from 0 to 50": 10,
        "color: an unknown field": 10,
        "phone: nothing": 10,
    }


def test_faults_that_check_cannot_write_are_one_clear_message(written: Callable[[str, str | bytes], Path]) -> None:
    file = written("list.csv", "phone\n1\n")

    done = dialer("check", file, "--faults", file.parent / "missing" / "faults.ndjson")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No such file or directory" in done.stderr


def test_check_tells_every_file_apart(written: Callable[[str, str | bytes], Path]) -> None:
    good, bad = written("good.csv", "phone\n12345\n"), written("bad.csv", "phone\n1\n")

    done = dialer("check", good, bad, good.parent / "missing.parquet")

    assert done.returncode == 1
    assert done.stdout == f"{good}: good: numbers 1, call policies 1\n"
    assert done.stderr.splitlines() == [
        f'{bad}:2: [0].phone: found "1"; allowed: 5 to 15 digits with an optional leading +',
        f"{good.parent / 'missing.parquet'}: found no readable file (No such file or directory); "
        "allowed: a file that exists and can be read",
        "2 faults",
    ]


WHAT_IF = """\
start: 2026-03-02T00:00:00Z
finish: 2026-03-03T00:00:00Z
skipFaulty: true
campaign: {lines: 2}
numbers: [{file: list.csv}]
segments: [{name: vip, payload: {tier: vip}, dialerPriority: 1}]
outcomes:
  answered: {share: 0.25, seconds: 60}
  noAnswer: {share: 0.75, seconds: 30, retry: true}
whatIf:
  variants:
    more: {campaign: {linez: 3}}
    fewer:
      campaign: {lines: 0}
    good: {campaign: {lines: 1}}
    last:
      segments: {vip: {dialerPriorty: 5}}
  grid:
    campaign.maxAttempts: [2, 51]
"""
FAULTS = [
    "12: whatIf.variants.more.campaign.linez: found an unknown field; allowed: lines, perhaps",
    "14: whatIf.variants.fewer.campaign.lines: found 0; allowed: an integer from 1 to 1,000,000",
    "17: whatIf.variants.last.segments.vip.dialerPriorty: found an unknown field; allowed: dialerPriority, perhaps",
    "19: whatIf.grid.campaign.maxAttempts[1]: found 51; allowed: an integer from 0 to 50",
]
LISTED = "phone,payload.tier\n1,vip\n12345,vip\n2,\n"
"""A number, and two without a phone."""


def test_every_fault_of_what_if_is_named_at_its_line_and_skipped_rows_stay_skipped(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("list.csv", LISTED)
    file = written("scenario.yaml", WHAT_IF)

    for done in (dialer("check", file), dialer("compare", file)):
        *lines, last = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (1, "")
        assert lines == [f"{file}:{fault}" for fault in FAULTS]
        assert last == "4 faults"
    piped = dialer("check", "-", given=WHAT_IF.encode(), cwd=file.parent)
    assert piped.stderr.splitlines()[0] == "standard input: " + FAULTS[0].partition(": ")[2]


def test_faulty_rows_that_are_skipped_do_not_drown_a_fault_of_the_scenario(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("list.csv", LISTED)

    done = dialer("check", written("scenario.yaml", WHAT_IF.replace("lines: 2", "lines: 0")))

    [fault] = done.stderr.splitlines()
    assert ":4: campaign.lines: found 0" in fault


def test_variants_without_fault_are_counted_and_what_is_to_be_noted_of_one_alone_names_it(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("list.csv", LISTED)
    what_if = "{variants: {shut: {campaign: {allowedTime: {}}}, open: {}}}"
    text = WHAT_IF[: WHAT_IF.index("whatIf:")] + f"whatIf: {what_if}\n"

    done = dialer("check", file := written("scenario.yaml", text))

    assert done.stderr == ""
    good, *notes = done.stdout.splitlines()
    assert good == f"{file}: good: a scenario; numbers 1, call policies 1, variants 2"
    assert f"note: {file}: numbers with faults that are left out: 2" in notes
    assert f"note: {file}: in “shut”: numbers that can never be called: 1, their policy never opens" in notes
