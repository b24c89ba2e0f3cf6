"""The command `dialer` itself: its help, its usage."""

import subprocess
import sys

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
