"""A fitted log on a terminal."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from engine.fitting.fit import Fit, fit
from engine.logs.call_log import read_call_log
from engine.logs.forms import LogForm
from engine.terminal.fit import fit_report

COLUMNS = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(read_call_log(Path("scenarios/call_log.csv"), LogForm(columns=COLUMNS)), 200)


def lines_of(fitted: Fit, width: int = 80) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width).print(fit_report(fitted, "log.csv"))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_an_interval_that_says_nothing_leaves_room_for_the_other_figures(fitted: Fit) -> None:
    doubtful = msgspec.structs.replace(fitted.weekdays[0], high=1.9e22)
    usual = lines_of(fitted)

    odd = lines_of(msgspec.structs.replace(fitted, weekdays=(doubtful, *fitted.weekdays[1:])))

    monday = next(line for line in odd if line.startswith("mon "))
    assert " to … " in monday
    assert f" {doubtful.calls:,} " in monday
    assert f" {doubtful.factor:.2f} " in monday
    assert [line for line in odd if line.startswith("tue ")] == [line for line in usual if line.startswith("tue ")]
    assert max(map(len, odd)) <= 80
