"""Ready: the kernel's machine code, made by two processes at once where none is stored."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import Scenario
from engine.dialing import ready
from engine.dialing.compiled import CompiledDialer
from engine.dialing.kernel.plan import PUT_OFF
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import compile_engine

BESIDE = """
import sys
from engine import Scenario
from engine.dialing import ready
from engine.dialing.kernel.rows import write_others
from engine.dialing.machine_code import is_ready
from engine.dialing.planning import plan_of
from engine.dialing.rulebook import Rulebook
sys.executable, scenario, ready.PATIENCE = sys.argv[1], Scenario.load(sys.argv[2]), float(sys.argv[3])
plan, _ = plan_of(Rulebook(scenario.document), scenario.phonebook, keep_calls=False, count_waits=False)
use = write_others, (plan, plan.order, plan.order, plan.caps)
before = is_ready(use[0], *use[1])
with ready._compiling_beside([use]):
    pass
print(before, is_ready(use[0], *use[1]), len(write_others.overloads))
"""
ROOT = Path(__file__).parent.parent.parent


def compiled_beside(program: str, folder: Path, patience: float = 600.0, **more: str) -> list[str]:
    """Whether a function is stored before and after another process compiled it, and how often this one did.

    They start in a folder with a file that has the name of a module of Python's; `more` is added to the environment.
    """
    (folder / "pickle.py").write_text("raise SystemExit")
    done = subprocess.run(
        [sys.executable, "-P", "-c", BESIDE, program, str(ROOT / "scenarios" / "api_example.yaml"), str(patience)],
        cwd=folder,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder / "code"), "PYTHONPATH": str(ROOT), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("program", "stored"), [(sys.executable, True), ("", False), (str(ROOT / "no_such_program"), False)]
)
def test_another_process_compiles_and_stores_what_this_one_then_loads(
    tmp_path: Path, program: str, stored: bool
) -> None:
    assert compiled_beside(program, tmp_path) == ["False", str(stored), "0"]


def test_a_process_that_may_use_one_processor_compiles_alone(tmp_path: Path) -> None:
    beside = compiled_beside(sys.executable, tmp_path, LOKY_MAX_CPU_COUNT="1")

    assert beside == ["False", "False", "0"]


@pytest.mark.skipif(os.name != "posix", reason="the program is a script of a shell")
def test_a_program_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 3600\n")
    program.chmod(0o700)

    assert compiled_beside(str(program), tmp_path, patience=0) == ["False", "False", "0"]


TOGETHER = """
import sys
from threading import Barrier, Thread
from engine import Scenario, simulate
started = []
sys.addaudithook(lambda event, _: started.append(event) if event == "subprocess.Popen" else None)
scenario, digests, begin = Scenario.load(sys.argv[1]), [], Barrier(2)
def play(calls):
    begin.wait()
    digests.append(simulate(scenario, "compiled", calls=calls).record.digest)
threads = [Thread(target=play, args=(calls,)) for calls in (False, True)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(digests), len({*digests}), len(started))
"""


@pytest.mark.slow
def test_threads_that_play_at_once_compile_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER, str(ROOT / "scenarios" / "api_example.yaml")],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["2", "1", "1"], done.stderr


def test_all_steps_that_the_runs_of_workers_need_are_compiled_before_these_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = Scenario.from_document(
        {
            "start": "2026-03-02T09:00:00Z",
            "finish": "2026-03-02T10:00:00Z",
            "campaign": {"lines": 1, "maxAttempts": 2, "caps": [{"atMost": 1, "hours": 1, "per": "payload.debt"}]},
            "numbers": [{"generate": {"count": 2}}],
            "outcomes": {"answered": {"share": 1, "seconds": 60}},
        }
    )
    monkeypatch.setattr(ready, "_where", {})

    compile_engine(scenario, count_waits=True)

    compiled = set(ready._where)
    dialer = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, count_waits=True)
    assert compiled == set(np.flatnonzero(dialer._plan.rare).tolist())
    assert PUT_OFF in compiled
