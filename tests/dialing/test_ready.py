"""Ready: the kernel's machine code, made by two processes at once where none is stored."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BESIDE = """
import sys
sys.executable = {program!r}
from engine import Scenario
from engine.dialing import kernel, ready
from engine.dialing.compiled import _plan
from engine.dialing.machine_code import is_ready
from engine.dialing.rulebook import Rulebook
scenario = Scenario.load("scenarios/api_example.yaml")
plan, _ = _plan(Rulebook(scenario.document), scenario.phonebook, keep_calls=False, count_waits=False)
use = kernel.write_others, (plan, plan.order, plan.order, plan.caps)
before = is_ready(use[0], *use[1])
with ready._compiling_beside([use]):
    pass
print(before, is_ready(use[0], *use[1]), len(kernel.write_others.overloads))
"""
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("program", "stored"), [(sys.executable, True), ("", False), (str(ROOT / "no_such_program"), False)]
)
def test_another_process_compiles_and_stores_what_this_one_then_loads(
    tmp_path: Path, program: str, stored: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BESIDE.format(program=program)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.split() == ["False", str(stored), "0"]
