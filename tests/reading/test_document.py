"""A text is plain values with lines, or a fault with its line."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reading.document import (
    MOST_CHARACTERS_WITH_LINES,
    MOST_YAML_CHARACTERS,
    Document,
    json_text,
    parse_document,
    parse_value,
    read_document,
    yaml_text,
)
from engine.reading.faults import Fault, InputError, Path


def yaml_value(text: str) -> Any:
    return parse_document(text.encode(), "f.yaml", json_text=False).value


def json_value(text: str) -> Any:
    return parse_document(text.encode(), "f.json", json_text=True).value


def yaml_fault(text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        parse_document(text if isinstance(text, bytes) else text.encode(), "f.yaml", json_text=False)
    (fault,) = caught.value.faults
    return str(fault)


def json_fault(text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        parse_document(text if isinstance(text, bytes) else text.encode(), "f.json", json_text=True)
    (fault,) = caught.value.faults
    return str(fault)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, 1_000_000) for text in ("1000000", "1_000_000", "+1000000")],
        *[(text, int(text)) for text in ("0", "7", "-12", "-0")],
        *[("1.5", 1.5), ("-.5", -0.5), ("5.", 5.0), ("1e3", 1000.0), ("1.5E-3", 0.0015), ("1_000.5", 1000.5)],
        *[(".inf", float("inf")), ("-.INF", float("-inf"))],
        *[(text, None) for text in ("null", "Null", "NULL", "~")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
    ],
)
def test_a_number_a_null_and_a_truth_value_are_what_they_seem(text: str, value: object) -> None:
    found = yaml_value(f"key: {text}")["key"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *["10:00", "1:30", "12:30:45", "2026-03-02", "2026-03-02T00:00:00Z", "2026-03-02T09:00:00.5-05:00"],
        *["no", "No", "yes", "on", "off", "y", "n", "tRUE", "nULL", "None"],
        *["0x1F", "0o17", "0b1", "1__0", "_1", "1_", "1e", "e3", "+", ".", "1.2.3", "+05:30", "<", "=", "inf"],
    ],
)
def test_what_yaml_once_took_for_something_else_stays_text(text: str) -> None:
    assert yaml_value(f"key: {text}") == {"key": text}


@pytest.mark.parametrize("text", ["'5'", '"5"', "!!str 5"])
def test_quotes_and_the_tag_of_text_make_text(text: str) -> None:
    assert yaml_value(f"key: {text}") == {"key": "5"}


@pytest.mark.parametrize(
    ("text", "key"), [("5", "5"), ("null", "null"), ("no", "no"), ("1.50", "1.50"), ("10:00", "10:00"), ("~", "~")]
)
def test_a_key_is_text_as_it_was_written(text: str, key: str) -> None:
    assert yaml_value(f"{text}: 1") == {key: 1}


def test_an_alias_stands_for_a_value_of_its_own() -> None:
    value = yaml_value("a: &x {hours: [1, 2]}\nb: *x\n")

    assert value == {"a": {"hours": [1, 2]}, "b": {"hours": [1, 2]}}
    assert value["a"] is not value["b"]


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("<<: *x\n  lines: 5", {"lines": 5, "order": "o"}),
        ("lines: 5\n  <<: *x", {"lines": 5, "order": "o"}),
        ("<<: *x", {"lines": 1, "order": "o"}),
        ("<<: [*y, *x]", {"lines": 2, "order": "o"}),
        ("<<: [*x, *y]\n  order: p", {"lines": 1, "order": "p"}),
        ("<<: []", {}),
        ("'<<': 5", {"<<": 5}),
    ],
)
def test_a_merge_key_brings_what_the_mapping_does_not_say_itself(text: str, merged: dict[str, object]) -> None:
    value = yaml_value(f"x: &x {{lines: 1, order: o}}\ny: &y {{lines: 2}}\nz:\n  {text}\n")

    assert value["z"] == merged


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3", 'f.yaml:3: found the key "a" twice in one mapping; allowed: each key once'),
        ("a:\n  b: 1\n  'b': 2", 'f.yaml:3: found the key "b" twice in one mapping; allowed: each key once'),
        ("{a: 1, a: 1}", 'f.yaml:1: found the key "a" twice in one mapping; allowed: each key once'),
        ("? [a]\n: 1", "f.yaml:1: found a key that is a list or a mapping; allowed: text"),
        ("a: 1\n? {b: 1}\n: 1", "f.yaml:2: found a key that is a list or a mapping; allowed: text"),
        ("a: &x [1, *x]", "f.yaml:1: found an alias that contains itself; allowed: aliases of earlier values"),
        ("a: &x\n  <<: *x", "f.yaml:1: found an alias that contains itself; allowed: aliases of earlier values"),
        ("a: 1\nb: *x", "f.yaml:2: found text that is not YAML (found undefined alias 'x'); allowed: YAML or JSON"),
        ("<<: 5", "f.yaml:1: found a merge of something that is not a mapping; allowed: <<: *anchor of a mapping"),
        ("<<: [[1]]", "f.yaml:1: found a merge of something that is not a mapping; allowed: <<: *anchor of a mapping"),
        (
            "a: 1\n---\nb: 1",
            "f.yaml:2: found text that is not YAML (but found another document); allowed: YAML or JSON",
        ),
        ("# nothing\n\n", "f.yaml: found text that is not YAML (nothing but comments); allowed: YAML or JSON"),
        ("a: !!int ten", 'f.yaml:1: found "ten"; allowed: a number'),
        (f"a: {'9' * 5_000}", f'f.yaml:1: found "{"9" * 56}…; allowed: a number'),
    ],
)
def test_what_a_yaml_file_must_not_say_is_named_with_its_line(text: str, fault: str) -> None:
    assert yaml_fault(text) == fault


@pytest.mark.parametrize(
    "text", ["a: 1\nb: [", "a: 1\nb: c: d", "a: 1\n\tb: 1", "a: 1\n b: 1", "a: '", "a: @b", 'a: 1\nb: "\\q"', "a: 1\n]"]
)
def test_text_that_is_not_yaml_is_named_with_its_line(text: str) -> None:
    fault = yaml_fault(text)

    assert fault.startswith(("f.yaml:1: found text that is not YAML (", "f.yaml:2: found text that is not YAML ("))
    assert fault.endswith("); allowed: YAML or JSON")


@pytest.mark.parametrize("text", ['a: "\\U00110000"', 'a: "\\UFFFFFFFF"', f"%YAML 1.{'1' * 5_000}\n---\na: 1"])
def test_numbers_beyond_what_yaml_can_mean_are_faults(text: str) -> None:
    assert yaml_fault(text).startswith("f.yaml:1: found text that is not YAML (a number out of range)")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [ls]",
        "a: !!python/object:os.path {}",
        "a: !!python/name:os.system x",
        "a: !!python/tuple [1]",
        "a: !!python/none ~",
        "!!python/name:os.system a: 1",
        "a: !!binary aGVsbG8=",
        "a: !!timestamp 2026-03-02",
        "a: !!set {b}",
        "a: !mine {b: 1}",
        "a: !mine b",
        "a: !!bool yes",
        "a: !!null nothing",
    ],
)
def test_a_tag_that_is_not_plain_is_a_fault(text: str) -> None:
    fault = yaml_fault(text)

    assert fault.startswith("f.yaml:1: found the tag ")
    assert fault.endswith("; allowed: plain YAML without tags")


def test_aliases_that_expand_without_end_are_refused() -> None:
    laughs = "".join(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]\n" for level in range(1, 12))

    fault = yaml_fault(f"l0: &l0 lol\n{laughs}")

    assert "found aliases that expand without end; allowed: at most 1,000,000 values" in fault


def test_merges_that_expand_without_end_are_refused() -> None:
    merges = "".join(f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * 10)}]}}\n" for level in range(1, 12))

    assert "found aliases that expand without end" in yaml_fault(f"m0: &m0 {{}}\n{merges}")


def test_a_text_too_long_for_yaml_is_refused_unread() -> None:
    fault = yaml_fault("#" * (MOST_YAML_CHARACTERS + 1))

    assert fault.startswith("f.yaml: found 8,000,001 characters of YAML; allowed: at most 8,000,000; ")


DEEP = {
    "open": "[\n" * 3_000,
    "flow lists": "[\n" * 2_000 + "]" * 2_000,
    "flow mappings": '{"a":' * 2_000 + "1" + "}" * 2_000,
    "block lists": "- " * 2_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_yaml_nested_too_deep_is_a_fault(text: str) -> None:
    assert yaml_fault(text) == "f.yaml: found values nested too deep; allowed: YAML nested less than 200 deep"


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000], ids=["lists", "mappings"]
)
def test_json_nested_too_deep_is_a_fault(text: str) -> None:
    assert json_fault(text) == "f.json: found values nested too deep; allowed: JSON nested less than 500 deep"


def test_what_is_allowed_to_nest_does() -> None:
    assert yaml_value("[" * 199 + "]" * 199) == json_value("[" * 199 + "]" * 199)
    assert json_value("[" * 499 + "]" * 499)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1,\n "b": 2, "a": 3}', 'f.json: found the key "a" twice in one object; allowed: JSON'),
        ('[{"a": {"b": 1, "b": 1}}]', 'f.json: found the key "b" twice in one object; allowed: JSON'),
        ('{"a": NaN}', "f.json: found NaN, which is not a JSON number; allowed: JSON"),
        ("[Infinity]", "f.json: found Infinity, which is not a JSON number; allowed: JSON"),
        ("[-Infinity]", "f.json: found -Infinity, which is not a JSON number; allowed: JSON"),
        ("9" * 5_000, "f.json: found an integer of thousands of digits; allowed: JSON"),
        (
            '[1,\n "a\x07"]',
            "f.json:2: found text that is not JSON (Invalid control character) at column 4; allowed: JSON",
        ),
        ("{} {}", "f.json:1: found text that is not JSON (Extra data) at column 4; allowed: JSON"),
        ("[1,\n2,\n]", "f.json:2: found text that is not JSON (trailing comma in array) at column 2; allowed: JSON"),
        (
            '[{"a": 1 , }]',
            "f.json:1: found text that is not JSON (trailing comma in object) at column 10; allowed: JSON",
        ),
        ("[1,", "f.json:1: found text that is not JSON (Expecting value) at column 4; allowed: JSON"),
        ("a: 1", "f.json:1: found text that is not JSON (Expecting value) at column 1; allowed: JSON"),
    ],
)
def test_what_a_json_file_must_not_say_is_a_fault(text: str, fault: str) -> None:
    assert json_fault(text) == fault


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_an_empty_file_is_a_fault(data: bytes) -> None:
    assert yaml_fault(data) == "f.yaml: found an empty file; allowed: YAML or JSON text"
    assert json_fault(data) == "f.json: found an empty file; allowed: JSON text"


@pytest.mark.parametrize(
    ("data", "position"), [(b"\xff\xfea\x00", 0), (b"a: caf\xe9", 6), (b"a: \xed\xa0\x80", 3), (b"\x89PNG\r\n", 0)]
)
def test_bytes_that_are_not_utf_8_are_a_fault(data: bytes, position: int) -> None:
    found = f"found a byte that is not UTF-8 at position {position}; allowed:"

    assert yaml_fault(data) == f"f.yaml: {found} YAML or JSON text in UTF-8"
    assert json_fault(data) == f"f.json: {found} JSON text in UTF-8"


def test_a_binary_file_is_a_fault() -> None:
    assert yaml_fault(b"a: \x00\x01").startswith("f.yaml: found text that is not YAML (unacceptable character #x0000")
    assert json_fault(b"\x00\x01").startswith("f.json:1: found text that is not JSON (")


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", '"a"'])
def test_a_byte_order_mark_is_no_part_of_the_text(text: str) -> None:
    data = b"\xef\xbb\xbf" + text.encode()

    assert parse_document(data, "f", json_text=True).value == json.loads(text)
    assert parse_document(data, "f", json_text=False).value == json.loads(text)


def test_a_file_is_read_by_its_ending(tmp_path: FilePath) -> None:
    texts = {"a.json": '{"at": 1}', "a.yaml": "at: 10:00", "a.yml": "at: no", "a": '{"at":\n"no"}'}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)

    values = {name: read_document(tmp_path / name).value["at"] for name in texts}

    assert values == {"a.json": 1, "a.yaml": "10:00", "a.yml": "no", "a": "no"}


@pytest.mark.parametrize(("name", "reason"), [("none.yaml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_a_fault_with_its_name(tmp_path: FilePath, name: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_document(tmp_path / name)

    assert str(caught.value) == (
        f"{tmp_path / name}: found no readable file ({reason}); allowed: a file that exists and can be read"
    )


@pytest.mark.parametrize("name", ["a\x00b.yaml", "\ud800.yaml"])
def test_a_name_that_no_file_can_have_is_a_fault(name: str) -> None:
    with pytest.raises(InputError, match=r"found no readable file \(.+\); allowed: a file that exists"):
        read_document(FilePath(name))


def test_a_fault_gets_the_files_name_and_the_line_of_its_path(tmp_path: FilePath) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("name: x\ncampaign:\n  lines: 0\n")

    fault = read_document(path).located(Fault(("campaign", "lines"), "0", "an integer of at least 1"))

    assert str(fault) == f"{path}:3: campaign.lines: found 0; allowed: an integer of at least 1"


def test_a_fault_of_another_file_keeps_its_place() -> None:
    fault = Fault(("campaign",), "0", "text", "other.json", 9)

    assert parse_document(b"campaign: 0", "f.yaml", json_text=False).located(fault) == fault


YAML = """\
# a scenario
campaign:
  lines: 300
  allowedTime:
    default:
      - localTimeFrom: "10:00"
        localTimeTo: "18:00"
numbers:
- file: a.json
- {generate: {count: 5},
   added: now}
base: &base
  x: 1
derived:
  <<: *base
  y: 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("campaign",), 2),
        (("campaign", "lines"), 3),
        (("campaign", "allowedTime", "default", 0), 6),
        (("campaign", "allowedTime", "default", 0, "localTimeTo"), 7),
        (("numbers",), 8),
        (("numbers", 0), 9),
        (("numbers", 1, "generate", "count"), 10),
        (("numbers", 1, "added"), 11),
        (("derived", "y"), 16),
        # what is not there has the line of what is around it
        (("outcomes",), 2),
        (("campaign", "gmtZone"), 2),
        (("numbers", 0, "added"), 9),
        (("numbers", 2), 8),
        (("numbers", "file"), 8),
        (("campaign", "lines", "deeper", 0), 3),
        (("derived", "x"), 14),
    ],
)
def test_a_path_has_the_line_of_its_key_in_yaml(path: Path, line: int) -> None:
    assert parse_document(YAML.encode(), "f.yaml", json_text=False).line(path) == line


@pytest.mark.parametrize("indent", ["", "  ", "\t", "\t\t "])
@pytest.mark.parametrize(("path", "line"), [((), 1), (("a",), 2), (("a", 1), 4), (("a", 1, "b"), 5), (("c",), 7)])
def test_a_path_has_the_line_of_its_key_in_json_with_tabs_or_without(indent: str, path: Path, line: int) -> None:
    lines = ["{", '"a":\t[', "1,", "{", '"b": 2', "}],", '"c": 3', "}"]

    document = parse_document("\n".join(indent + each for each in lines).encode(), "f.json", json_text=True)

    assert document.line(path) == line


def test_carriage_returns_do_not_count_twice() -> None:
    document = parse_document(b'{\r\n"a": 1,\r\n"b": 2}', "f.json", json_text=True)

    assert document.line(("b",)) == 3


@pytest.mark.parametrize("text", ["[" * 600 + "]" * 600, '["\x7f"]', '{"a"\n: 1}'], ids=["deep", "delete", "colon"])
def test_a_json_text_that_is_no_yaml_has_lines_all_the_same(text: str) -> None:
    document = parse_document(text.encode(), "f.json", json_text=True)

    assert document.value == json.loads(text)
    assert document.line(()) == 1
    assert document.line(("a",)) == 1


def test_a_long_json_text_has_no_lines() -> None:
    document = parse_document(b"[\n" + b" " * MOST_CHARACTERS_WITH_LINES + b"1]", "f.json", json_text=True)

    assert document.line((0,)) is None


def test_plain_values_have_no_lines() -> None:
    assert Document("", "", {"a": 1}).line(("a",)) is None


KEYS = st.text("abc <é:#-\"\\'", max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    LEAVES | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(value=VALUES, indent=st.sampled_from([None, 0, 2]))
def test_json_means_the_same_as_json_and_as_yaml(value: object, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)

    assert json_value(text) == value
    assert yaml_value(text) == value


def _numbered(shape: Any, numbers: Iterator[int]) -> Any:
    """The shape with a number of its own in every leaf."""
    if isinstance(shape, dict):
        return {key: _numbered(inner, numbers) for key, inner in shape.items()}
    if isinstance(shape, list):
        return [_numbered(inner, numbers) for inner in shape]
    return next(numbers)


def _leaves(value: Any, path: Path = ()) -> list[tuple[Path, int]]:
    if isinstance(value, int):
        return [(path, value)]
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for step, inner in steps for leaf in _leaves(inner, (*path, step))]


SHAPES = st.recursive(
    st.none(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)


@settings(max_examples=100, deadline=None)
@given(shape=SHAPES, indent=st.sampled_from([1, "\t"]))
def test_every_leaf_of_a_json_text_has_its_line(shape: Any, indent: int | str) -> None:
    value = _numbered(shape, count(10_001))
    text = json.dumps(value, indent=indent)
    lines = text.splitlines()

    document = parse_document(text.encode(), "f.json", json_text=True)

    for path, number in _leaves(value):
        assert str(number) in lines[(document.line(path) or 0) - 1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("400", 400),
        ("1_000", 1_000),
        ("0.25", 0.25),
        ("10:00", "10:00"),
        ("no", "no"),
        ("true", True),
        ("null", None),
        ("[mon, tue]", ["mon", "tue"]),
        ("{default: []}", {"default": []}),
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"),
        ('"400"', "400"),
    ],
)
def test_a_value_alone_is_read_as_in_a_file(text: str, value: object) -> None:
    assert parse_value(text) == value


@pytest.mark.parametrize("text", ["", " ", "[mon", "a: b: c", "# none", "*x", "\udcff"])
def test_what_is_no_value_alone_is_a_fault(text: str) -> None:
    with pytest.raises(InputError, match=r"^the value(:1)?: found "):
        parse_value(text)


@pytest.mark.parametrize("text", ["010", "+049", "0041_7"])
def test_digits_behind_a_zero_are_text_as_in_a_phone(text: str) -> None:
    assert parse_value(text) == text


# Plain values written as text

ODD_TEXTS = (
    *(
        "10:00",
        "09:00",
        "24:00:00",
        "no",
        "Yes",
        "on",
        "y",
        "null",
        "~",
        "",
        " ",
        "true",
        "1e3",
        "1_000",
        "0441",
        "0x1F",
    ),
    *(
        "2026-03-02T09:00:00Z",
        "2026-03-02",
        "+16505550000",
        "-",
        "--- a",
        "...",
        "- a",
        "a: b",
        "a #b",
        "<<",
        "=",
        "*a",
    ),
    *("&a", "!a", "%a", "@a", "`a", "'", '"', "a\nb", "a\n\n b ", "\ttab", "\r", "\x85", "\u2028", "\ufeff", "\x00"),
    *("\ud800", "\ud83d\ude00", "\U0001f600", "ü", "a" * 300, "a b " * 90, ".inf", ".nan", "1.", "+1", "1:30", "0o7"),
)
texts = st.sampled_from(ODD_TEXTS) | st.text(st.characters())
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def typed(value: object) -> object:
    """The value with the type of each part beside it: `1`, `1.0` and `True` are equal but not the same."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}, list(value)
    return [typed(item) for item in value] if isinstance(value, list) else (type(value), value)


@settings(max_examples=500)
@given(st.dictionaries(texts, plain_values, max_size=4))
def test_yaml_that_was_written_reads_back_as_the_same_values(value: dict[str, object]) -> None:
    assert typed(yaml_value(yaml_text(value))) == typed(value)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_an_odd_text_is_written_so_that_it_stays_text(text: str) -> None:
    assert yaml_value(yaml_text({text: [text]})) == {text: [text]}


@pytest.mark.parametrize("text", ["10:30", "no", "2026-03-02T09:00:00Z", "1_0", "0441"])
def test_written_yaml_means_the_same_to_a_reader_of_yaml_1_1(text: str) -> None:
    assert yaml.safe_load(yaml_text({"key": text})) == {"key": text}


def test_a_value_that_stands_twice_is_written_twice() -> None:
    days = ["mon", "tue"]

    assert yaml_text({"a": days, "b": days}) == "a: [mon, tue]\nb: [mon, tue]\n"


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    assert yaml_text({"share": np.float64(0.25)}) == "{share: 0.25}\n"


def test_json_that_was_written_is_utf_8_and_reads_back_as_the_same_values() -> None:
    value = {"ü": ["\ud800", 1, 1.0, None]}

    assert typed(json.loads(json_text(value).encode("utf-8"))) == typed(value)


class Counted(list[Any]):
    """A list that counts how often somebody goes through it."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def test_a_mapping_is_gone_through_once_however_many_lines_are_asked_for() -> None:
    root = yaml.compose("".join(f"key {index}: {index}\n" for index in range(200)))
    assert root is not None
    pairs = root.value = Counted(root.value)
    document = Document("f.yaml", "", {}, root)

    assert [document.line((f"key {index}",)) for index in range(200)] == [*range(1, 201)]
    assert document.line(("no key",)) == 1
    assert pairs.times == 1


def test_of_several_merged_mappings_the_first_gives_its_value_and_the_last_comes_first() -> None:
    value = yaml_value("one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall: {<<: [*one, *two], d: 3}")

    assert list(value["all"].items()) == [("b", 1), ("c", 2), ("a", 1), ("d", 3)]
