"""Tables on narrow terminals, and drawings on those that have no more than ASCII."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from engine.terminal.console import PlainConsole
from engine.terminal.tables import share_bar, titled_table

MINUS = "\N{MINUS SIGN}"
FIGURE = st.integers(0, 10**12).map("{:,}".format)


def shown(rows: list[tuple[str, str, str]], width: int) -> str:
    table = titled_table("what became of it", "numbers", "calls", "")
    for row in rows:
        table.add_row(*row, share_bar(0.5))
    text = io.StringIO()
    PlainConsole(file=text, width=width).print(table)
    return text.getvalue()


@given(st.lists(st.tuples(st.text("ab ", max_size=60), FIGURE, FIGURE), min_size=1, max_size=5), st.integers(24, 120))
def test_figures_are_whole_at_any_width(rows: list[tuple[str, str, str]], width: int) -> None:
    words = shown(rows, width).split()

    for _, *figures in rows:
        assert set(figures) <= set(words)
    assert all(len(line) <= width for line in shown(rows, width).split("\n"))


def test_bars_go_first_then_words_are_broken_then_rows_take_more_lines() -> None:
    row = ("reached by the evening of the day", "1,234,567", "2,345,678")

    assert [line.split()[0] for line in shown([row], 80).splitlines()] == ["what", "reached"]
    assert "█" in shown([row], 80)
    assert "█" not in shown([row], 62)
    assert len(shown([row], 62).splitlines()) == 2
    assert "reached by the " in shown([row], 40)
    assert "  numbers 1,234,567\n  calls 2,345,678\n" in shown([row], 24)


def terminal(**options: str) -> str:
    text = io.TextIOWrapper(io.BytesIO(), encoding=options.pop("encoding", "utf-8"), errors="backslashreplace")
    console = PlainConsole(file=text, width=60, force_terminal=True, color_system=None, _environ=options)
    console.print(share_bar(0.5), f"● ±3 {MINUS}2 ─")
    text.seek(0)
    return text.read()


def test_a_terminal_without_more_than_ascii_gets_ascii() -> None:
    ascii_alone = "######## o ~3 -2 -\n"

    assert terminal(LANG="de_DE.UTF-8") == terminal() == f"████████ ● ±3 {MINUS}2 ─\n"
    assert terminal(encoding="ascii") == terminal(LANG="C") == terminal(TERM="dumb") == ascii_alone
    assert terminal(LANG="C", LC_ALL="C.UTF-8") == terminal()


def test_a_figure_and_its_interval_stay_on_one_line_below_their_title() -> None:
    table = titled_table("lines")
    table.add_column(Text("met the goal\n(90.0 % wanted)"), no_wrap=True)
    table.add_row("5", "10 of 10 (72.2 to 100.0 %)")
    text = io.StringIO()
    PlainConsole(file=text, width=34).print(table)
    assert [line.rstrip() for line in text.getvalue().splitlines()] == [
        "lines",
        "  met the goal (90.0 % wanted)",
        "5",
        "  met the goal",
        "    10 of 10 (72.2 to 100.0 %)",
    ]
