"""Measurements in processes of their own: peak memory, cold and warm starts; and this machine's copying speed."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parent.parent
COPIED = 1 << 28
"""Bytes that are copied to measure copying: many times the cache."""


class Peak(NamedTuple):
    """A compiled run of the workload in a process of its own."""

    bytes_a_number: float
    """Peak memory above that of the warm process without a list; input columns are included."""
    calls: int
    seconds: float
    """Seconds from the list to the record."""


def copied_bytes_a_second() -> float:
    """Bytes that this machine reads and writes in a second when it copies memory; the best of five."""
    source, target = np.ones(COPIED // 8), np.empty(COPIED // 8)
    target[:] = 0
    best = min(_timed(lambda: np.copyto(target, source)) for _ in range(5))
    return 2 * COPIED / best


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak(numbers: int) -> Peak:
    """Play the workload of so many numbers with the compiled engine, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", str(numbers)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return Peak(**json.loads(done.stdout))


def starts() -> tuple[float, float]:
    """Seconds of the command's first compiled run after installation, and of its second; processes as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-m", "engine.cli", "run", "scenarios/spring_promo.yaml", "--engine", "compiled"]

        def run() -> None:
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

        return _timed(run), _timed(run)


def highest_memory() -> int:
    """The most bytes that this process has held at once."""
    status = Path("/proc/self/status")  # getrusage would include the peak of the parent process
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def held_memory(process: int) -> int:
    """The bytes that a process holds now; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Print the peak of a run of as many numbers as the argument says, as JSON."""
    from benchmarks.workload import workload_scenario
    from engine.dialing.rulebook import Rulebook
    from engine.dialing.simulation import play

    numbers = int(sys.argv[1])
    warm = workload_scenario(1_000, 10)
    play(warm, Rulebook(warm.document), "compiled")
    before = highest_memory()
    scenario = workload_scenario(numbers, 10)
    began = time.perf_counter()
    record = play(scenario, Rulebook(scenario.document), "compiled")
    seconds = time.perf_counter() - began
    calls = int(record.quarters.begun.sum())
    print(json.dumps({"bytes_a_number": (highest_memory() - before) / numbers, "calls": calls, "seconds": seconds}))


if __name__ == "__main__":
    main()
