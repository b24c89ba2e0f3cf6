"""The command `dialer compare`, as its users meet it."""

import json
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from engine.wording.figures import figure_title
from tests.campaigns import busy_day
from tests.commands.dialer import ROOT, Completed, dialer

WHAT_IF = {
    "variants": {"more lines": {"campaign": {"lines": 6}}, "one attempt": {"campaign": {"maxAttempts": 1}}},
    "grid": {"campaign.maxAttempts": [2, 4]},
}


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(busy_day(whatIf=WHAT_IF), indent=1))
    return file


def compare(scenario: Path, *arguments: str | Path) -> Completed:
    return dialer("compare", scenario, "--runs", scenario.parent / "runs", "--jobs", "1", *arguments)


def test_variants_are_shown_side_by_side_with_what_is_beyond_doubt(scenario: Path) -> None:
    done = compare(scenario)

    assert done.returncode == 0, done.stderr
    names = ("base", "more lines", "one attempt", "maxAttempts=2", "maxAttempts=4")
    assert all(name in done.stdout for name in names)
    assert "variants 5, replications 20 each (seeds 3 to 22)" in done.stdout
    assert "points" in done.stdout
    assert " *" in done.stdout
    assert done.stderr == ""


def test_the_table_is_sorted_by_any_figure(scenario: Path) -> None:
    orders = {}
    for figure in ("lines.occupancy", "lines.hours_available"):
        done = compare(scenario, "--sort", figure, "--figure", "calls.per_number", "--replications", "3")
        lines = done.stdout.splitlines()
        asked = next(row for row, line in enumerate(lines) if line.startswith("calls a number"))
        rows = lines[asked : asked + 8]
        orders[figure] = [name for line in rows for name in ("base", "more lines") if line.startswith(name)]
        assert any(line.startswith(figure_title(figure)[:20]) for line in lines[:asked])
        assert "occupancy while calling" not in done.stdout
    assert orders == {"lines.occupancy": ["base", "more lines"], "lines.hours_available": ["more lines", "base"]}


def test_the_figures_to_choose_from_are_listed_with_their_titles(scenario: Path) -> None:
    titles = json.loads(compare(scenario, "--figure", "list", "--json").stdout)

    assert titles["calls.outcome.answered"] == "calls: answered"
    shown = compare(scenario, "--figure", "list").stdout
    assert all(name in shown and title.split()[0] in shown for name, title in titles.items())


def test_json_is_the_comparison_and_nothing_else(scenario: Path) -> None:
    comparison = json.loads(compare(scenario, "--json", "--replications", "2").stdout)

    assert comparison["seeds"] == [3, 4]
    assert [variant["name"] for variant in comparison["variants"]][:2] == ["base", "more lines"]


def test_files_hold_the_comparison(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    done = compare(scenario, "--replications", "2", "--out", out, "--svg", tmp_path / "comparison.svg")

    assert done.returncode == 0
    assert sorted(file.name for file in out.iterdir()) == [
        *("comparison.json", "replications.parquet", "report.html", "scenario.lock.yaml", "variants.csv")
    ]
    assert len(pl.read_parquet(out / "replications.parquet")) == 10
    assert "maxAttempts" in (tmp_path / "comparison.svg").read_text()


def test_the_lock_beside_a_comparison_gives_the_same_again(scenario: Path, tmp_path: Path) -> None:
    compare(scenario, "--replications", "2", "--out", tmp_path / "out", "--set", "campaign.lines=5", "--seed", "9")

    again = compare(tmp_path / "out/scenario.lock.yaml", "--replications", "2", "--json")

    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == json.loads((tmp_path / "out/comparison.json").read_text())


def test_the_command_line_has_a_grid_of_its_own(scenario: Path) -> None:
    arguments = ("--grid", "campaign.lines=3,5", "--grid", "campaign.maxAttempts=[1, 2]", "--replications", "1")

    names = [variant["name"] for variant in json.loads(compare(scenario, *arguments, "--json").stdout)["variants"]]

    assert names == ["base", *(f"lines={lines} maxAttempts={attempts}" for lines in (3, 5) for attempts in (1, 2))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--grid", "campaign.linez=3"), "--grid.campaign.linez: found an unknown field; allowed: lines, perhaps"),
        (("--grid", "numbers.4.file=a.csv"), "--grid.numbers.4.file: found a path through"),
        (("--grid", "goal.by=2020-01-01T00:00:00Z"), "--grid.goal.by: found 2020-01-01T00:00:00Z; allowed: an instant"),
        (("--grid", "lines"), '--grid: found "lines"'),
        (("--sort", "calls.totl"), '--sort: found "calls.totl"; allowed: calls.total'),
        (("--figure", "nonsense"), '--figure: found "nonsense"; allowed: a figure of the summary; --figure list shows'),
        (("--set", "whatIf=null"), "whatIf: found nothing to compare"),
        (("--runs", "/dev/null"), "--runs: found /dev/null, which cannot be written"),
        (("--out", "."), "a folder that is not empty"),
    ],
)
def test_bad_input_gets_one_clear_message(scenario: Path, arguments: tuple[str, ...], words: str) -> None:
    done = compare(scenario, *arguments)

    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.slow), "2"])
def test_a_comparison_interrupted_five_times_at_random_goes_on_to_the_same_result(
    tmp_path: Path, scenario: Path, jobs: str
) -> None:
    asked = ("--replications", "16", "--jobs", jobs, "--json")
    whole = dialer("compare", scenario, "--runs", tmp_path / "of the whole", *asked)
    runs, moments = tmp_path / "runs", random.Random(int(jobs))  # noqa: S311 (moments, not secrets)

    for left in range(5, 0, -1):
        kept = len(list(runs.rglob("*.json")))
        until = kept + moments.randrange(1, max(2, (80 - kept) // left))
        running = started("compare", scenario, "--runs", runs, *asked)
        while len(list(runs.rglob("*.json"))) < until and running.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                running.wait(timeout=0.02)
        running.send_signal(signal.SIGINT)
        output, messages = running.communicate()
        assert running.returncode == 130, messages
        assert output == ""
        count = len(list(runs.rglob("*.json")))
        assert messages == f"interrupted: {count} of 80 runs are kept; the same command goes on from there\n"

    assert dialer("compare", scenario, "--runs", runs, *asked).stdout == whole.stdout


def started(*arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, env={"PYTHONPATH": str(ROOT)})
