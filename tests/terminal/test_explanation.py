"""The life of a number on terminals of any width, and in ASCII."""

import io
from functools import cache

import pytest

from engine import Scenario
from engine.explaining.lives import Lives, lives_of
from engine.terminal.console import PlainConsole
from engine.terminal.explanation import lives_report


@cache
def lives() -> Lives:
    return lives_of(Scenario.load("scenarios/spring_promo.yaml"), "12000003000")


def shown(width: int) -> list[str]:
    text = io.StringIO()
    PlainConsole(file=text, width=width).print(lives_report(lives()))
    return text.getvalue().splitlines()


@pytest.mark.parametrize(
    ("width", "cells"), [(120, "LLLLLLLLLLL#rrrrrrrrLLLLLLLLLLLL"), (80, "LLLLL#rrrrLLLLLL"), (60, "LL#rrLLL")]
)
def test_a_day_takes_the_cells_that_there_are(width: int, cells: str) -> None:
    lines = shown(width)

    [day] = [line for line in lines if line.startswith("Wed 2026-03-04  h")]
    assert day.strip("h")[16:].strip("h") == cells
    assert all(len(line) <= width for line in lines)


def test_a_terminal_without_room_for_hours_has_no_bars() -> None:
    assert not [line for line in shown(36) if line.startswith("Wed 2026-03-04  h")]


def test_everything_is_ascii() -> None:
    assert all(line.isascii() for line in shown(120))
