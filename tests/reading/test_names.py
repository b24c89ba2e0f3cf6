"""Text that users give is shown: what cannot be seen is an escape, and the same text stays the same."""

import json

from hypothesis import given
from hypothesis import strategies as st

from engine.reading.names import RUN_BY_SPREADSHEETS, cell_text, visible, visible_json
from tests.hostile_names import hostile_names


@given(hostile_names())
def test_all_of_a_text_can_be_seen(name: str) -> None:
    assert visible(name).isprintable()


@given(hostile_names())
def test_a_text_that_is_shown_is_shown_as_it_is(name: str) -> None:
    assert visible(visible(name)) == visible(name)


def test_what_cannot_be_seen_is_pythons_escape() -> None:
    assert visible("a\x1b[31m\x9b\u202e\u2028\n\udc80\U000e0001é 😀") == (
        "a\\u001b[31m\\u009b\\u202e\\u2028\\u000a\\udc80\\U000e0001é 😀"
    )


@given(st.recursive(hostile_names(), lambda inner: st.lists(inner) | st.dictionaries(hostile_names(), inner)))
def test_json_of_which_all_can_be_seen_is_of_the_same_value(value: object) -> None:
    text = visible_json(json.dumps(value, ensure_ascii=False, indent=2))

    assert json.loads(text) == json.loads(json.dumps(value))  # JSON joins two halves of one character
    assert all(line.isprintable() for line in text.split("\n"))


@given(hostile_names())
def test_no_cell_of_a_csv_begins_as_a_formula_does(name: str) -> None:
    assert not cell_text(name).startswith(RUN_BY_SPREADSHEETS)
    assert cell_text(name).isprintable()
    assert cell_text("Tuesdays") == "Tuesdays"
    assert cell_text("=1+1") == "'=1+1"
