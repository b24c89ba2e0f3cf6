"""A terminal shows text as it is."""

import io

import pytest
from hypothesis import given
from rich.table import Table

from engine.reading.names import visible
from engine.terminal.console import PlainConsole, styled
from tests.hostile_names import hostile_names


def printed(*parts: object) -> str:
    text = io.StringIO()
    PlainConsole(file=text, width=10_000).print(*parts)
    return text.getvalue()


@pytest.mark.parametrize("name", ["[red]x[/red]", "[/x]", ":smile:", "[link=https://example.org]y[/link]", "\\[b]"])
def test_markup_in_a_name_is_text(name: str) -> None:
    assert printed(name) == printed(styled(name, "bold")) == f"{name}\n"


@given(hostile_names())
def test_what_cannot_be_seen_is_an_escape_in_a_line_and_in_a_cell(name: str) -> None:
    table = Table(box=None, padding=0, show_header=True)
    table.add_column(styled(name))
    table.add_row(name)

    assert printed(name).rstrip() == visible(name).rstrip()
    assert [line.rstrip() for line in printed(table).split("\n")] == [visible(name).rstrip()] * 2 + [""]


@pytest.mark.parametrize("columns", ["0", "00"])
def test_a_terminal_that_says_it_has_no_columns_still_shows_what_is_printed(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = io.StringIO()
    PlainConsole(file=text).print("an answer")
    assert text.getvalue() == "an answer\n"
