"""Number files: one list is the same in every format, and what cannot be read is one clear message."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Scenario, simulate
from engine.numbers.formats.files import files_of, holds_numbers, read_numbers
from engine.numbers.formats.forms import AS_IT_IS, FileForm
from engine.numbers.intake import Intake, NumberList
from engine.numbers.payloads import payload_id
from engine.numbers.phonebook import Phonebook, phone_text
from engine.reading.contents import STANDARD_INPUT
from engine.reading.faults import Fault, InputError
from tests.numbers.formats import layouts
from tests.numbers.formats.layouts import COMPRESSIONS, LAYOUTS, Fields, Layout, Numbers

ROOT = Path(__file__).parents[3]

SPAN: Fields = {"start": "2026-03-02T00:00:00Z", "finish": "2026-03-05T00:00:00Z"}
OUTCOMES: Fields = {"busy": {"share": 0.5, "seconds": 30, "retry": True}, "answered": {"share": 0.5, "seconds": 60}}
SEGMENTS: list[Fields] = [{"name": "named", "payload": {"name": ""}}, {"name": "one", "payload": {"n": 1}}]


@contextmanager
def standard_input(data: bytes) -> Iterator[None]:
    """What is read from standard input."""
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)))
    try:
        yield
    finally:
        sys.stdin = kept


def scenario_of(part: Fields, folder: Path | str = ".") -> Scenario:
    document = {**SPAN, "campaign": {"lines": 1}, "numbers": [part], "outcomes": OUTCOMES, "segments": SEGMENTS}
    return Scenario.from_document(document, folder)


def contents(book: Phonebook) -> list[tuple[Any, ...]]:
    """A phonebook as plain rows, whatever its policies are counted by."""
    own = [book.distinct[place] for place in book.policies.tolist()]
    rows = zip(book.identities.tolist(), own, book.segments.tolist(), book.added.tolist(), strict=True)
    return [*rows, (book.duplicates, book.changed_priorities)]


def assert_the_same(numbers: Numbers, files: Mapping[str, bytes]) -> None:
    """Every file, by its name, holds these numbers: the same phonebook, and the same calls."""
    plain = scenario_of({"addPhones": numbers})
    expected, digest = contents(plain.phonebook), simulate(plain, "reference").digest
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
            read = scenario_of({"file": name}, folder)
            assert contents(read.phonebook) == expected, name
            assert simulate(read, "reference").digest == digest, name
            with standard_input(data):
                assert contents(scenario_of({"file": STANDARD_INPUT}).phonebook) == expected, (
                    f"{name} as standard input"
                )


@pytest.mark.parametrize("minutes", [0, 525_601, 2**63])
def test_a_retry_interval_out_of_bounds_is_a_fault_in_every_format(tmp_path: Path, minutes: int) -> None:
    numbers: Numbers = [{"phone": f"1234{place}"} for place in range(3)]
    numbers = [{**number, "retryIntervalInMinutes": 60} for number in numbers]
    numbers[1]["retryIntervalInMinutes"] = minutes
    layout = Layout()
    files = {"list.json": layouts.json_of(numbers), "list.ndjson": layouts.lines_of(numbers)}
    files |= {"list.csv": layouts.csv_of(numbers, layout), "list.parquet": layouts.flat_parquet_of(numbers, layout)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        [faulty] = read_numbers(tmp_path / name, Intake())[0].faulty
        [fault] = faulty.faults
        assert (faulty.position, fault.path, fault.found) == (1, (1, "retryIntervalInMinutes"), str(minutes)), name
        assert fault.allowed == "an integer from 1 to 525,600"


def compressed(draw: st.DrawFn, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, each as it is or compressed in one of the ways."""
    kinds = {name: draw(st.sampled_from([*COMPRESSIONS])) for name in files}
    return {name + kinds[name]: COMPRESSIONS[kinds[name]](data) for name, data in files.items()}


@st.composite
def lists_of_any_payloads(draw: st.DrawFn) -> tuple[Numbers, dict[str, bytes]]:
    """A list, and it as files that can say any payload: as JSON, or as JSON text in a column."""
    numbers = draw(layouts.lists(layouts.ANY_PAYLOADS))
    ascii_only, indent = draw(st.booleans()), draw(st.sampled_from([None, 0, 2]))
    files = {
        "list.json": layouts.json_of(numbers, indent=indent, ascii_only=ascii_only),
        "list.ndjson": layouts.lines_of(
            numbers, draw(st.sampled_from(["\n", "\r\n", "\n\n \n"])), ascii_only=ascii_only
        ),
        "list.jsonl": b"\xef\xbb\xbf" + layouts.lines_of(numbers).rstrip(b"\n"),
        "list.csv": layouts.csv_of(numbers, draw(LAYOUTS)),
        "list.tsv": layouts.csv_of(numbers, draw(LAYOUTS)._replace(separator="\t")),
        "list.txt": layouts.csv_of(numbers, draw(LAYOUTS)),
        "list.xlsx": layouts.xlsx_of(numbers, draw(LAYOUTS)),
        "list.parquet": layouts.flat_parquet_of(numbers, draw(LAYOUTS)),
    }
    return numbers, compressed(draw, files)


@st.composite
def lists_of_text_payloads(draw: st.DrawFn) -> tuple[Numbers, dict[str, bytes]]:
    """A list whose payloads hold texts alone, as CSV columns do, and it as tables with a column for each of them."""
    numbers = draw(layouts.lists(layouts.TEXT_PAYLOADS))
    layout = draw(LAYOUTS)._replace(payload_columns=True)
    files = {
        "list.csv": layouts.csv_of(numbers, layout),
        "list.parquet": layouts.flat_parquet_of(numbers, layout),
    }
    return numbers, compressed(draw, files)


@st.composite
def lists_of_typed_payloads(draw: st.DrawFn) -> tuple[Numbers, dict[str, bytes]]:
    """A list whose payloads have a type for each field, as columns of Parquet do."""
    numbers = draw(layouts.lists(layouts.TYPED_PAYLOADS))
    floats = draw(st.booleans())
    files = {
        "nested.parquet": layouts.nested_parquet_of(numbers, floats=floats),
        "list.parquet": layouts.nested_parquet_of(numbers, floats=floats, payload_columns=True),
    }
    return numbers, compressed(draw, files)


@settings(deadline=None)
@given(lists_of_any_payloads() | lists_of_text_payloads() | lists_of_typed_payloads())
def test_the_same_list_in_every_format_makes_the_same_calls(written: tuple[Numbers, dict[str, bytes]]) -> None:
    assert_the_same(*written)


@pytest.mark.slow
@settings(deadline=None, max_examples=3_000)
@given(lists_of_any_payloads() | lists_of_text_payloads() | lists_of_typed_payloads())
def test_the_same_list_in_every_format_makes_the_same_calls_at_length(
    written: tuple[Numbers, dict[str, bytes]],
) -> None:
    assert_the_same(*written)


# What cannot be read is one clear message, whatever it is

LIST: Numbers = [
    {"phone": 16505550000, "payload": {"name": "käse 😀", "tags": ["a", ""]}, "maxAttempts": 3, "gmtZone": "+01:00"},
    {"phone": "+16505550001", "payload": {}, "allowedDays": ["mon", "tue"]},
    {
        "phone": "16505550000",
        "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}], "sat": []},
    },
    *({"phone": 16505550002 + place, "maxAttempts": 3, "gmtZone": "Europe/London"} for place in range(5)),
]
FILES: dict[str, bytes] = {
    "list.json": layouts.json_of(LIST, indent=1),
    "list.ndjson": layouts.lines_of(LIST),
    "list.csv": layouts.csv_of(LIST, Layout(plain_hours=True, day_words=",")),
    "text.csv": layouts.csv_of(LIST, Layout(separator=";", line_end="\r\n", all_quoted=True)),
    "list.parquet": layouts.nested_parquet_of(LIST),
    "text.parquet": layouts.flat_parquet_of(LIST, Layout()),
}
FILES |= {name + kind: write(data) for name, data in FILES.items() for kind, write in COMPRESSIONS.items() if kind}


def outcome(name: str, data: bytes, form: FileForm = AS_IT_IS) -> NumberList | list[str]:
    """The numbers of a file, taken in to the end; or the messages, without the folder, why it cannot be used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        intake = Intake()
        faults: Sequence[Fault] = ()
        try:
            numbers, file = read_numbers(path, intake, form)
        except InputError as error:
            faults = error.faults
        if faults:
            assert {fault.file for fault in faults} == {str(path)}
            messages = [str(fault).removeprefix(folder + "/") for fault in faults]
            assert all("\n" not in message and len(message) < 1_000 for message in messages), messages
            return messages
        assert (file.file, file.size) == (str(path), len(data))
        assert len(numbers.phones) + len(numbers.faulty) == numbers.given
        intake.add(numbers, np.zeros(len(numbers.phones), np.int64))
        book = intake.phonebook()
        numbers.payload_ids(np.arange(len(numbers.phones)))
        assert len(book) + book.duplicates == len(numbers.phones)
        for number in numbers.faulty:
            assert {(fault.file, fault.path[0]) for fault in number.faults} == {(str(path), number.position)}
        return numbers


def taken_in(name: str, data: bytes, form: FileForm = AS_IT_IS) -> NumberList:
    """The numbers of a file that can be used."""
    numbers = outcome(name, data, form)
    assert isinstance(numbers, NumberList), numbers
    return numbers


def refused(name: str, data: bytes, form: FileForm = AS_IT_IS) -> str:
    """The one message about a file that cannot be used."""
    messages = outcome(name, data, form)
    assert isinstance(messages, list)
    (message,) = messages
    return message


def told(name: str, data: bytes, form: FileForm = AS_IT_IS) -> list[str]:
    """What is wrong with the numbers of a file that can be used."""
    faults = [fault for number in taken_in(name, data, form).faulty for fault in number.faults]
    return [str(fault)[str(fault).index(name) :] for fault in faults]


def phones(numbers: NumberList) -> list[str]:
    return [phone_text(code) for code in numbers.phones.tolist()]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file that is cut, or some of whose bytes are others, doubled or gone."""
    name = draw(st.sampled_from([*FILES]))
    data = bytearray(FILES[name])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["flip", "flip", "cut", "double", "insert", "drop"])):
            case "flip" if data:
                data[at] ^= draw(st.integers(1, 255))
            case "cut":
                del data[at:]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(
                    st.sampled_from([b'"', b"\\", b"\n", b"\r", b"\0", b"\xff", b"[", b"{", b"}", b",", b"\\ud800"])
                )
            case _:
                del data[at : at + draw(st.integers(1, 9))]
    return name, bytes(data)


@settings(deadline=None)
@given(damaged())
def test_whatever_is_damaged_is_read_or_refused(file: tuple[str, bytes]) -> None:
    outcome(*file)


@pytest.mark.slow
@settings(deadline=None, max_examples=20_000)
@given(damaged())
def test_whatever_is_damaged_is_read_or_refused_at_length(file: tuple[str, bytes]) -> None:
    outcome(*file)


@settings(deadline=None)
@given(st.sampled_from([".json", ".ndjson", ".csv", ".parquet", ".csv.gz", ".json.zst"]), st.binary())
def test_bytes_of_any_kind_are_read_or_refused(suffix: str, data: bytes) -> None:
    outcome("list" + suffix, data)
    files = ["standard input"]
    with standard_input(data):
        try:
            assert read_numbers(Path(STANDARD_INPUT), Intake())[1].file == STANDARD_INPUT
        except InputError as error:
            files = [fault.file or "" for fault in error.faults]
    assert {*files} == {"standard input"}


TEXT = st.text(st.sampled_from('phone,;gmtZ"\n\r\t 12345{}[]:\\é\0'), max_size=60)


@settings(deadline=None)
@given(st.sampled_from([".json", ".ndjson", ".csv"]), TEXT)
def test_text_of_any_kind_is_read_or_refused(suffix: str, text: str) -> None:
    outcome("list" + suffix, text.encode())
    outcome("list" + suffix, b"phone,payload\n" + text.encode())


@pytest.mark.parametrize("name", [*FILES])
def test_a_file_that_is_cut_anywhere_is_read_or_refused(name: str) -> None:
    whole = FILES[name]
    for end in range(0, len(whole), max(len(whole) // 60, 1)):
        outcome(name, whole[:end])


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".gz", ".zst", ".parquet"))])
def test_a_compressed_file_that_is_cut_is_never_read_in_part(name: str) -> None:
    whole = FILES[name]
    for end in range(4, len(whole), max(len(whole) // 60, 1)):
        assert isinstance(outcome(name, whole[:end]), list)


def test_a_long_file_of_zstandard_that_is_cut_is_never_read_in_part() -> None:
    numbers = [{"phone": 16505550000 + place * 7919} for place in range(50_000)]
    whole = COMPRESSIONS[".zst"](layouts.lines_of(numbers))
    assert "damaged or cut short (it ends within a frame)" in refused("list.ndjson.zst", whole[: len(whole) // 2])
    assert len(taken_in("list.ndjson.zst", whole + whole).phones) == 100_000


def test_a_damaged_parquet_file_makes_no_library_print_anything(capfd: pytest.CaptureFixture[str]) -> None:
    for place in range(len(FILES["list.parquet"]) - 1, 0, -61):
        data = bytearray(FILES["list.parquet"])
        data[place] ^= 0x55
        outcome("list.parquet", bytes(data))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".csv", ".csv.gz", ".txt"])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_an_empty_file_is_one_message(suffix: str, data: bytes) -> None:
    stored = COMPRESSIONS[".gz"](data) if suffix.endswith(".gz") else data
    assert refused("list" + suffix, stored).startswith(f"list{suffix}: found an empty file;")


@pytest.mark.parametrize("suffix", [".json", ".ndjson"])
@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        ("[käse]".encode("latin-1"), 1, '0xE4, which is not UTF-8 ("[käse]" in cp1252, perhaps)'),
        (b'\n[{"phone": "12345", "payload": {"\xff": 1}}]', 2, '0xFF, which is not UTF-8 ("ÿ" in cp1252, perhaps)'),
        (b'[{"phone": "\x81"}]', 1, '0x81, which is not UTF-8 ("\\u0081" in latin-1, perhaps)'),
    ],
)
def test_a_byte_that_is_not_utf_8_is_shown_with_what_it_may_be(suffix: str, data: bytes, line: int, found: str) -> None:
    message = refused("list" + suffix, data)
    assert message.startswith(f"list{suffix}:{line}: found byte {found}; allowed: text in UTF-8")
    assert "encoding: " in message
    assert "--encoding " in message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "list.json:1: found {}; allowed: an array of numbers"),
        (b'{"phones": [{"phone": "12345"}]}', "list.json:1: found an object around the array, {"),
        (
            b'{"phone": "12345"}',
            'list.json:1: found {"phone": "12345"}; allowed: an array of numbers, [{phone: …}, …]; n',
        ),
        (
            b'{"phone": "12345"}\n{"phone": "12346"}',
            'list.json:1: found {"phone": "12345"} {"phone": "1234',
        ),
        (
            b'[{"phone": "12345"}, {"phone": "12346"},]',
            "list.json:1: found text that is not JSON (trailing comma in array) at column 41, in item [2]",
        ),
        (
            b"[{'phone': '12345'}]",
            "list.json:1: found text that is not JSON (a single quote; JSON has double",
        ),
        (
            b'[{"phone": "12345"},\n {"maxAttempts": NaN}]',
            "list.json:2: found text that is not JSON (no JSON number) at column 18, in item [1]",
        ),
        (b"[]", "list.json:1: found an empty list; allowed: at least one number"),
        (b" null\n\x1b", "list.json:1: found null \\u001b; allowed: an array of numbers"),
        (b'["\x1b[2J', "list.json:1: found text that is not JSON (invalid character)"),
        (b'[\n{"phone": "12345"},\n', "list.json:3: found text that is not JSON (input data was truncated)"),
        (b'[{"phone": "12345"}] x', "list.json:1: found text that is not JSON (trailing characters)"),
        (b'[{"phone": "12345",}]', "list.json:1: found text that is not JSON (trailing comma in object)"),
        (b'[{"phone": "12\x00345"}]', "list.json:1: found text that is not JSON (invalid character)"),
        (b'[{"phone": 012345}]', "list.json:1: found text that is not JSON (invalid number)"),
        (b'[{"phone": NaN}]', "list.json:1: found text that is not JSON (no JSON number)"),
        (
            b'[{"phone": "12345", "payload": {"a": Infinity}}]',
            "list.json:1: found text that is not JSON (no JSON",
        ),
        (b'[{"phone": "12345", "payload": {"a": "\\ud800", "b": nul}}]', "list.json:1: found text that is not JSON"),
        (b"[" * 100_000, "list.json: found values nested too deep; allowed: JSON nested at most 500 deep"),
        (b"[" * 100_000 + b"]" * 100_000, "list.json: found values nested too deep"),
        (b'[{"a":' * 100_000, "list.json: found values nested too deep"),
    ],
)
def test_json_that_is_no_list_is_one_message(data: bytes, message: str) -> None:
    assert refused("list.json", data).startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"phone", "list.csv: found an empty list; allowed: at least one number"),
        (b"phone,gmtZone\r\n", "list.csv: found an empty list; allowed: at least one number"),
        (b"phone,gmtZone\n,\n,\n", "list.csv: found an empty list; allowed: at least one number"),
        (b"phone,phone\n12345,12345\n", "list.csv:1: phone: found a column title used twice; allowed: each title once"),
        (
            b"phone,zone\n12345,Z\n",
            'list.csv: found an unknown column: "zone" ("zone" is gmtZone, perhaps); allowed: phone, payload',
        ),
        (b"phone,payload.\n12345,Z\n", 'list.csv: found an unknown column: "payload."'),
        (b"gmtZone\nZ\n", "list.csv: phone: found no such column; allowed: a column phone; or map one in columns"),
        (b"phone,payload,payload.a\n12345,{},1\n", "list.csv: payload: found columns of its fields as well"),
        (b"\xff" * 5 + b"phone\n12345\n", "list.csv:1: found byte 0xFF, which is not UTF-8"),
    ],
)
def test_csv_that_is_no_table_of_numbers_is_one_message(data: bytes, message: str) -> None:
    assert refused("list.csv", data).startswith(message)


def test_a_long_column_name_is_shown_cut() -> None:
    assert refused("list.csv", b'"' + b"x" * 200_000 + b'",phone\n1,12345\n').startswith(
        'list.csv: found an unknown column: "xxxxx'
    )


@pytest.mark.parametrize(
    "data",
    [
        b"phone,gmtZone\r12345,Z\r12346,+1\r",
        b"\r\n\nphone;gmtZone\n12345;Z\n\n12346;+1",
        b'"phone"\t"gmtZone"\r\n"12345"\t"Z"\r\n"12346"\t"+1"\r\n',
        b"phone,gmtZone\n12345,Z\n,\n12346,+1\n,",
        b"phone,gmtZone\n12345,Z,\n12346,+1,,\n",
        b"phone,gmtZone,\n12345,Z,\n12346,+1,\n",
        b"sep=;\r\nphone;gmtZone;payload.a,b,c,d,e\r\n12345;Z;\r\n12346;+1;",
        b'"sep=;"\r\nphone;gmtZone;payload.a,b,c,d,e\r\n12345;Z;\r\n12346;+1;',
        "phone,gmtZone\n12345,Z\n12346,+1\n".encode("utf-16"),
        "\ufeffphone\tgmtZone\r\n12345\tZ\r\n12346\t+1\r\n".encode("utf-16-le"),
        b'"payload.a;b;c;d;e",gmtZone,phone\n,Z,12345\n,+1,12346\n',
        b'"payload.a\nb",gmtZone,phone\n,Z,12345\n,+1,12346\n',
        b"phone;payload.a,b;gmtZone;payload.c,d,e\n12345;;Z;\n12346;;+1;\n",
    ],
)
def test_csv_is_read_however_it_is_laid_out(data: bytes) -> None:
    numbers = taken_in("list.csv", data)
    assert (phones(numbers), numbers.policies.tolist()) == (["12345", "12346"], [0, 1])


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"phone\n12345\n1\n12345\n2\n", ["list.csv:3: [1].", "list.csv:5: [3]."]),
        (b"phone,gmtZone\n12345,\n1,\n12345,\n2,", ["list.csv:3: [1].", "list.csv:5: [3]."]),
        (b'phone,payload.a\n12345,"a\nb"\n1,\n', ["list.csv:4: [1]."]),
        (b"\nphone,gmtZone\n12345,\n\n1,\n", ["list.csv:5: [1]."]),
        (b"sep=,\nphone,gmtZone\n12345,\n1,\n", ["list.csv:4: [1]."]),
        (b'"phone","payload.a\nb"\n12345,\n1,\n', ["list.csv:4: [1]."]),
    ],
)
def test_the_faults_of_csv_have_the_lines_of_their_rows(data: bytes, lines: list[str]) -> None:
    assert [fault[: len(line)] for fault, line in zip(told("list.csv", data), lines, strict=True)] == lines


# A wrong row is a fault of that row


@pytest.mark.parametrize(
    ("rows", "told_of"),
    [
        (b"12345,Z,5\n12346,Z\n", ["list.csv:2: [0]: found 3 cells; allowed: 2, as many as the header has"]),
        (b"12346,Z\n12345\n", ["list.csv:3: [1]: found 1 cell; allowed: 2, as many as the header has"]),
        (b'12345,Z"\n12346,Z\n', ["list.csv:2: [0]: found a quote within a cell; allowed: cells without quotes"]),
        (b'12346,Z\n12345,"Z"x\n', ["list.csv:3: [1]: found a quote within a cell"]),
        (b'="12345",Z\n12346,Z\n', ["list.csv:2: [0]: found a quote within a cell"]),
        (b'12345,"said "hi, yes"\n12346,"Z"\n', ["list.csv:2: [0]: found a quote within a cell"]),
        (b'12346,Z\n12345,"Z\n1,\n1,', ["list.csv:3: [1]: found a quote that is never closed; what follows it cannot"]),
        (b"12346,Z\n12345,\xe9\n", ['list.csv:3: [1]: found byte 0xE9, which is not UTF-8 ("é" in cp1252, perhaps)']),
        (
            b'12345\n12346,Z\n1,2,3\n12345,Z"\n12,Z\n',
            [
                "list.csv:2: [0]: found 1 cell",
                "list.csv:4: [2]: found 3",
                "list.csv:5: [3]: found a q",
                "list.csv:6: [4].p",
            ],
        ),
    ],
)
def test_a_wrong_row_is_a_fault_of_that_row_alone(rows: bytes, told_of: list[str]) -> None:
    data = b"phone,gmtZone\n" + rows
    assert phones(taken_in("list.csv", data)) == ["12346"]
    assert [fault[: len(line)] for fault, line in zip(told("list.csv", data), told_of, strict=True)] == told_of


ROWS = st.lists(st.text(st.sampled_from('1a";, \n\té'), max_size=12), min_size=1, max_size=6)


@settings(deadline=None)
@given(ROWS)
def test_good_rows_are_read_whatever_stands_between_them(between: list[str]) -> None:
    """The rows after a blank line begin anew, unless a quote stays open."""
    wrong = [row.replace("\n", " ") + ',"x"y,' for row in between]
    lines = [line for row in wrong for line in (row, "12345,Z")]
    data = ("phone,gmtZone\n" + "\n".join(lines) + "\n").encode()
    numbers = taken_in("list.csv", data)
    kept = {number.position: number for number in numbers.faulty}
    if any("never closed" in str(fault) for number in numbers.faulty for fault in number.faults):
        return
    assert numbers.given == len(numbers.phones) + len(kept)
    assert set(phones(numbers)) <= {"12345"}


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (FileForm(encoding="cp1252"), "phone,payload.a\n12345,José\n".encode("cp1252")),
        (FileForm(encoding="latin-1"), "phone,payload.a\n12345,José\n".encode("latin-1")),
        (FileForm(encoding="utf-16"), "phone,payload.a\n12345,José\n".encode("utf-16-le")),
        (FileForm(header=("phone", "payload.a")), "12345,José\n".encode()),
        (FileForm(header=("Phone", "x"), columns={"payload.a": "X"}), "12345;José\n".encode()),
        (FileForm(other_columns="payload"), "phone,a\n12345,José\n".encode()),
    ],
)
def test_what_a_user_says_of_a_file_is_so(form: FileForm, data: bytes) -> None:
    numbers = taken_in("list.csv", data, form)
    assert phones(numbers) == ["12345"]
    assert numbers.payload_ids(np.arange(1)).tolist() == [payload_id({"a": "José"})]


@pytest.mark.parametrize("title", ["*", "^.*$", "^phone$"])
def test_a_title_that_would_stand_for_several_columns_is_that_of_one(title: str) -> None:
    data = f'phone,n,"{title}"\n12345,1,José\n'.encode()
    numbers = taken_in("list.csv", data, FileForm(other_columns="payload"))
    assert numbers.payload_ids(np.arange(1)).tolist() == [payload_id({"n": "1", title: "José"})]


def test_a_file_without_a_header_is_told_so() -> None:
    assert refused("list.csv", b"16505550100,x\n16505550101,y\n") == (
        'list.csv:1: found a first row that looks like data ("16505550100"); allowed: a header; or titles for its 2 '
        "columns: header: [phone, …] in a scenario, --header phone,… for a command"
    )


@pytest.mark.parametrize(
    ("name", "form", "told_of"),
    [
        ("list.json", FileForm(sheet="A"), "sheet: found what this file cannot have; allowed: it only for Excel files"),
        ("list.ndjson", FileForm(header=("phone",)), "header: found what this file cannot have"),
        ("list.json", FileForm(other_columns="ignore"), "otherColumns: found what this file cannot have"),
        ("list.parquet", FileForm(encoding="cp1252"), "encoding: found what this file cannot have"),
        ("list.json", FileForm(columns={"phone": ("a", "b")}), "columns.phone: found what this file cannot have"),
        ("list.csv", FileForm(encoding="klingon"), 'encoding: found "klingon"; allowed: an encoding such as utf-8'),
        ("list.csv", FileForm(encoding="rot13"), 'encoding: found "rot13"'),
    ],
)
def test_what_a_file_cannot_have_is_refused(name: str, form: FileForm, told_of: str) -> None:
    assert refused(name, FILES[name], form).startswith(f"{name}: {told_of}")


def test_many_lines_within_cells_do_not_part_rows() -> None:
    note = 'one\ntwo, "three"\r\n' * 20
    numbers = [{"phone": 16505550000 + place, "payload": {"note": f"{note}{place}"}} for place in range(20_000)]
    read = taken_in("list.csv", layouts.csv_of(numbers, Layout(payload_columns=True)))
    assert read.phones.tolist() == [int(f"1{number['phone']}") for number in numbers]
    assert len({*read.payload_ids(np.arange(len(numbers))).tolist()}) == len(numbers)


HUGE = "x" * 10_000_000


@pytest.mark.parametrize("name", ["list.json", "list.ndjson", "list.csv"])
@pytest.mark.parametrize("field", ["phone", "gmtZone", "dialerPriority", "payload", "color"])
def test_text_of_ten_million_characters_is_read_or_told_short(name: str, field: str) -> None:
    if field == "color":
        number: Fields = {"phone": "12345", HUGE: 1}
        data = {"list.csv": f"phone,{HUGE}\n12345,1\n".encode()}
    else:
        number = {"phone": "12345", field: {"a": HUGE} if field == "payload" else HUGE}
        data = {"list.csv": layouts.csv_of([number], Layout())}
    data |= {"list.json": layouts.json_of([number]), "list.ndjson": layouts.lines_of([number])}
    found = outcome(name, data[name])
    messages = found if isinstance(found, list) else [str(fault) for each in found.faulty for fault in each.faults]
    assert len(messages) == (field not in ("payload", "dialerPriority"))
    assert all(len(message) < 1_000 for message in messages)


@pytest.mark.parametrize(
    ("suffix", "part"), [(".gz", bytes(1 << 26)), (".zst", b"[" + b" " * (1 << 26))], ids=["gz", "zst"]
)
def test_a_small_file_that_expands_to_a_huge_one_is_refused_in_little_memory(
    tmp_path: Path, suffix: str, part: bytes
) -> None:
    bomb = tmp_path / f"list.json{suffix}"
    bomb.write_bytes(COMPRESSIONS[suffix](part) * 16)
    code = (
        "import sys; from pathlib import Path; from benchmarks.measure import highest_memory\n"
        "from engine.numbers.formats.files import read_numbers\n"
        "from engine.numbers.intake import Intake\n"
        "try: read_numbers(Path(sys.argv[1]), Intake())\n"
        "except ValueError as error: print(highest_memory(), error)"
    )
    command = [sys.executable, "-c", code, str(bomb)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    held, message = done.stdout.split(" ", 1)
    assert "compressed bytes that expand to more than " in message
    assert "allowed: at most 100 times the compressed size" in message
    assert int(held) < 1_000_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by a limit of the system's own")
def test_a_list_that_memory_does_not_hold_is_one_message(tmp_path: Path) -> None:
    whole = tmp_path / "list.json"
    whole.touch()
    os.truncate(whole, 1 << 30)
    code = (
        "import resource, sys; from pathlib import Path; from engine.numbers.formats.files import read_numbers\n"
        "from engine.numbers.intake import Intake\n"
        "size = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize() + (400 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "try: read_numbers(Path(sys.argv[1]), Intake())\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(whole)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{whole}: found 1.1 GB; allowed: what fits twice in the ")
    assert done.stdout.endswith(" MB that are left (a resource limit, ulimit -v)\n")


@pytest.mark.parametrize("name", ["phone", "tags", "inner", "localTimeTo", "default"])
def test_a_parquet_file_with_a_name_that_is_no_text_is_one_message(
    capfd: pytest.CaptureFixture[str], name: str
) -> None:
    data = FILES["list.parquet"].replace(name.encode(), b"\xff" + name[1:].encode())
    assert "a file that is not Parquet, or damaged" in refused("list.parquet", data)
    assert capfd.readouterr() == ("", "")


# Which files


def test_a_name_says_the_format_and_whether_it_is_compressed() -> None:
    assert "a name that ends in .pdf; allowed: a name that ends in .json, .ndjson" in refused("list.pdf", b"12345")
    assert "a name that ends in nothing" in refused("list", b"12345")
    assert phones(taken_in("LIST.2026.JSON", b'[{"phone": "12345"}]')) == ["12345"]
    assert phones(taken_in("list.CSV.GZ", COMPRESSIONS[".gz"](b"phone\n12345\n"))) == ["12345"]
    assert phones(taken_in("list.csv", COMPRESSIONS[".zst"](b"phone\n12345\n"))) == ["12345"]
    assert phones(taken_in("list.csv.gz", b"phone\n12345\n")) == ["12345"]


@pytest.mark.parametrize(
    ("name", "data", "told_of"),
    [
        ("list.zip", b"PK\x03\x04", "found an archive; allowed: the files in it, unpacked"),
        (
            "list.csv",
            b"PK\x03\x04" + bytes(99),
            "found a workbook of Excel or an archive, by its first bytes",
        ),
        ("list.json", b"\xd0\xcf\x11\xe0" + bytes(99), "found a workbook of Excel or an archive"),
        ("list.xlsx", b"phone\n12345\n", "found a file that is no workbook, by its first bytes; allowed: a name that"),
        ("list.xlsx", b"PK\x03\x04" + bytes(99), "found a file that is not Excel's, or damaged"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told_so(name: str, data: bytes, told_of: str) -> None:
    assert refused(name, data).startswith(f"{name}: {told_of}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.csv", "No such file or directory"),
        ("folder.csv", "Is a directory"),
        ("a\0b.csv", ".*embedded null.*"),
    ],
)
def test_what_is_no_file_is_one_message(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=rf"found no readable file \({reason}\); allowed: a file that exists"):
        read_numbers(tmp_path / name, Intake())


@pytest.mark.parametrize(
    ("name", "data", "numbers"),
    [
        ("list.json", b'\xef\xbb\xbf\n [{"phone": "12345"}]', True),
        ("scenario.json", b'{"start": 1}', False),
        ("empty.json", b"", False),
        ("missing.json", None, False),
        ("list.json.gz", b"[", True),
        ("list.parquet", b"", True),
        ("list.yaml", b"[]", False),
        ("list", b"[]", True),
        ("list", b"name: x\n", False),
        ("scenario.txt", b"# weeks\nstart: 2026-03-02T00:00:00Z\n", False),
        ("list.txt", b"phone\n12345\n", True),
        ("-", b"phone\n12345\n", True),
        ("-", b'{"phone": "12345"}\n{"phone": "12346"}\n', True),
        ("-", b'[{"phone": "12345"}]', True),
        ("-", b'{"name": "x", "campaign": {"lines": 1}}', False),
        ("-", b"---\nname: x\n", False),
        ("-", b"start: 2026-03-02T00:00:00Z\n", False),
    ],
)
def test_a_file_of_numbers_is_told_from_a_scenario(
    tmp_path: Path, name: str, data: bytes | None, numbers: bool
) -> None:
    path = tmp_path / name if name != STANDARD_INPUT else Path(name)
    if data is not None and name != STANDARD_INPUT:
        path.write_bytes(data)
    with standard_input(data or b""):
        assert holds_numbers(path) == numbers


def test_a_pattern_stands_for_its_files_by_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.json", "sub/d.csv", "[x].csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    def found(pattern: str) -> list[str]:
        return [str(file.relative_to(tmp_path)) for file in files_of(pattern, tmp_path)]

    many = [f"{place:02}.ndjson" for place in range(30)]
    for name in reversed(many):
        (tmp_path / name).write_bytes(b"")
    assert found("*.ndjson") == many
    assert found("?.csv") == ["a.csv", "b.csv"]
    assert found("**/*.csv") == ["[x].csv", "a.csv", "b.csv", "sub/d.csv"]
    assert found(str(tmp_path / "sub/*")) == ["sub/d.csv"]
    assert found("[x].csv") == ["[x].csv"]
    assert found("missing.csv") == ["missing.csv"]
    for pattern in ("*.txt", "[", "[z-a]*", "missing/*", "a\0*"):
        with pytest.raises(InputError, match="no file that fits the pattern"):
            files_of(pattern, tmp_path)
