"""The command `dialer` itself: its help, its usage."""

import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.commands.dialer import EXAMPLE, ROOT, dialer


def test_help_names_every_command() -> None:
    done = dialer("--help")

    assert done.returncode == 0
    assert all(command in done.stdout for command in ("run", "check", "windows", "schema"))


def test_help_loads_nothing_heavy() -> None:
    heavy = {"numpy", "polars", "scipy", "rich", "yaml", "msgspec"}
    code = f"import sys, engine.cli; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["check", "scenarios/spring_promo.yaml"], ["run", "scenarios/spring_promo.yaml"]],
    ids=["version", "check", "run"],
)
def test_a_command_loads_no_library_that_its_job_does_not_need(arguments: list[str]) -> None:
    heavy = {
        "fastexcel",
        "holidays",
        "jinja2",
        "joblib",
        "numba",
        "polars",
        "pyarrow",
        "scipy",
        "tzlocal",
        "xlsxwriter",
    }
    heavy |= {"numpy", "phonenumbers", "rich", "yaml", "msgspec"} if arguments == ["--version"] else set()
    tells = f"import atexit, sys; atexit.register(lambda: print(sorted({heavy} & set(sys.modules)), file=sys.stderr))"
    code = f"{tells}; from engine.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stderr.splitlines()[-1] == "[]"


def test_wrong_usage_exits_with_2() -> None:
    assert dialer("run").returncode == 2
    assert dialer("run", EXAMPLE, "--engine", "warp").returncode == 2


@pytest.mark.parametrize("hidden", ["\u202e", "\u2028", "\x1b", "\x85", "\udc9b"])
def test_wrong_arguments_are_told_with_escapes_for_what_cannot_be_seen(hidden: str) -> None:
    for arguments in (
        [f"--a{hidden}b"],
        [f"check{hidden}"],
        ["run", EXAMPLE, f"a{hidden}b"],
        ["run", EXAMPLE, "--seed", hidden],
        ["run", EXAMPLE, "--every", f"{hidden}h"],
        ["fit", "log", "--column", f"a={hidden}x", "--column", "a=y"],
    ):
        done = dialer(*arguments)

        assert done.returncode == 2
        assert all(line.isprintable() for line in done.stderr.split("\n"))


@pytest.mark.parametrize("arguments", [["--out", ""], ["--out="], [""]])
def test_an_empty_argument_is_refused_and_is_not_the_folder_one_stands_in(arguments: list[str]) -> None:
    done = dialer("run", EXAMPLE, *arguments, "--force")
    assert done.returncode == 2
    assert "empty, by a variable that is not set, perhaps; give a value or leave it out" in done.stderr


def test_a_signal_that_comes_while_the_arguments_are_read_is_told() -> None:
    code = """
import os, signal, sys, typer
from typing import Annotated
from engine import cli
def late(x: Annotated[str, typer.Argument(parser=lambda text: os.kill(os.getpid(), signal.SIGHUP))]) -> None: ...
cli.app.command()(late)
sys.argv = ["dialer", "late", "x"]
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (129, "interrupted: no result was written\n")


def test_the_version_is_told() -> None:
    assert dialer("--version").stdout == f"dialer-engine-simulator {version('dialer-engine-simulator')}\n"


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (("--lines", "4"), "--set campaign.lines=4"),
        (("--max-attempts=3",), "--set campaign.maxAttempts=3"),
        (("--reached", "--json"), "--set goal.reached=VALUE"),
        (("--name", "two words"), "--set 'name=two words'"),
    ],
)
def test_an_unknown_option_that_is_a_field_of_the_scenario_points_to_set(
    arguments: tuple[str, ...], instead: str
) -> None:
    done = dialer("run", EXAMPLE, *arguments)

    assert done.returncode == 2
    assert done.stderr.endswith(f"it is a field of the scenario: {instead}\n")
    assert "--set" not in dialer("check", EXAMPLE, *arguments).stderr


def test_a_field_of_the_scenario_before_any_command_points_to_a_command_that_takes_it() -> None:
    done = dialer("--lines", "4")

    assert done.returncode == 2
    assert done.stderr.endswith("it is a field of the scenario: dialer run SCENARIO --set campaign.lines=4\n")
    assert dialer("--nonsense").stderr.endswith("No such option: --nonsense\n")


def test_a_value_that_is_no_choice_is_told_with_the_choices() -> None:
    told = "Invalid value for '--by': 'foo' is not one of 'lines', 'callsPerSecond'.\n"
    assert dialer("size", EXAMPLE, "--by", "foo").stderr.endswith(told)


@pytest.mark.parametrize("name", ["run.png", "run.PDF"])
def test_a_picture_of_another_kind_is_refused_with_the_name_to_give(name: str, tmp_path: Path) -> None:
    done = dialer("run", EXAMPLE, "--svg", tmp_path / name)

    assert done.returncode == 2
    assert "name it run.svg" in done.stderr
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (("run", "a.yaml", "--set", "campaign.lin"), ["campaign.lines="]),
        (("compare", "a.yaml", "--grid", "goal.re"), ["goal.reached="]),
        (("compare", "a.yaml", "--figure", "numbers.not_reached.nev"), ["numbers.not_reached.never_opens"]),
        (("compare", "a.yaml", "--sort", "calls.outcome."), ["calls.outcome."]),
        (("fit", "--layout", "vi"), ["vicidial"]),
        (("run", "--eng"), ["--engine"]),
    ],
)
def test_a_shell_completes_figures_fields_layouts_and_options(words: tuple[str, ...], completed: list[str]) -> None:
    asked = {"_DIALER_COMPLETE": "complete_bash", "COMP_WORDS": shlex.join(["dialer", *words])}
    environment = {**os.environ, **asked, "COMP_CWORD": str(len(words)), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-m", "engine.cli"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == completed
