"""The command `dialer size`, as its users meet it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import Scenario, simulate
from tests.campaigns import busy_day
from tests.commands.dialer import Completed, dialer

Size = Callable[..., Completed]


@pytest.fixture
def size(tmp_path: Path) -> Size:
    """Asks for the size of the busy day, and keeps its runs from question to question."""
    (tmp_path / "scenario.json").write_text(json.dumps(busy_day()))
    kept = ("--runs", tmp_path / "runs", "--replications", "10")
    return lambda *arguments: dialer("size", tmp_path / "scenario.json", *kept, *arguments)


def test_the_fewest_lines_are_told_in_a_sentence_with_the_curve(size: Size) -> None:
    done = size()

    assert done.returncode == 0, done.stderr
    assert "lines reach at least 50.0 % of the list by Mon 2026-03-02 06:00" in " ".join(done.stdout.split())
    assert "met the goal" in done.stdout
    assert "--set campaign.lines=" in done.stdout


def test_the_change_that_is_told_reaches_the_goal(size: Size, tmp_path: Path) -> None:
    lines = json.loads(size("--json").stdout)["changes"]["lines"]

    met = 0
    for seed in range(3, 13):
        scenario = Scenario.load(tmp_path / "scenario.json", {"campaign.lines": lines, "seed": seed})
        figures = simulate(scenario).figures
        met += figures.goal is not None and figures.goal.met is True

    assert met >= 9


def test_the_slowest_pace_is_told(size: Size) -> None:
    done = size("--by", "callsPerSecond", "--set", "campaign.lines=100")

    assert "calls a second reach at least 50.0 %" in done.stdout
    assert "--set campaign.callsPerSecond=" in done.stdout


def test_the_earliest_date_is_told(size: Size) -> None:
    done = size("--finish")

    assert done.returncode == 0
    assert "the lines that there are reach at least 50.0 % of the list" in " ".join(done.stdout.split())


def test_a_goal_that_no_number_of_lines_reaches_is_an_answer_and_no_fault(size: Size) -> None:
    done = size("--set", "goal.reached=0.95")

    assert done.returncode == 0
    assert "No number of lines reaches the goal" in done.stdout
    assert "called, not reached, no attempts left" in done.stdout


def test_files_hold_the_sizing(size: Size, tmp_path: Path) -> None:
    done = size("--out", tmp_path / "out", "--svg", tmp_path / "sizing.svg")

    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["report.html", "sizing.json"]
    assert (tmp_path / "sizing.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "goal=null"), "goal: found nothing; allowed: a goal such as"),
        (("--set", "goal.by=2020-01-01T00:00:00Z"), "goal.by: found 2020-01-01T00:00:00Z; allowed: an instant after"),
        (("--set", "campaign.linez=3"), "campaign.linez: found an unknown field"),
    ],
)
def test_bad_input_gets_one_clear_message(size: Size, arguments: tuple[str, ...], words: str) -> None:
    done = size(*arguments)

    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_capacity_that_there_is_none_of_is_wrong_usage(size: Size) -> None:
    assert size("--by", "agents").returncode == 2


def test_a_date_and_a_capacity_at_once_are_wrong_usage(size: Size) -> None:
    assert size("--finish", "--by", "lines").returncode == 2
