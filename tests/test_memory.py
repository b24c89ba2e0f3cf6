"""How much memory a process may still take."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine import Scenario
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import calls_kept, memory_fault
from engine.memory import memory_left, size_text
from tests.commands.dialer import ROOT, SPRING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")
GIB = 1 << 30


def machine(root: Path, available: int = 64 * GIB, group: str = "0::/") -> Path:
    """The folder of a machine with so much memory and a process in a control group."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {available >> 10} kB\nSwapFree: 0 kB\n")
    (root / "proc/self/cgroup").write_text(f"{group}\n")
    return root


def limited(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def test_the_machine_leaves_what_it_has(tmp_path: Path) -> None:
    left = memory_left(machine(tmp_path, 3 * GIB))

    assert left == (3 * GIB, "the memory of this machine")


def test_a_control_group_leaves_its_limit_less_what_it_uses_but_for_cached_files(tmp_path: Path) -> None:
    machine(tmp_path, group="0::/job")
    group = {"memory__current": 3 * GIB, "memory__stat": f"anon 5\ninactive_file {GIB}"}
    limited(tmp_path / "sys/fs/cgroup/job", memory__max=4 * GIB, **group)

    assert memory_left(tmp_path) == (2 * GIB, "a limit of the container or control group")


def test_a_control_group_around_the_own_one_counts(tmp_path: Path) -> None:
    machine(tmp_path, group="0::/service/job")
    limited(tmp_path / "sys/fs/cgroup/service/job", memory__max="max", memory__current=GIB)
    limited(tmp_path / "sys/fs/cgroup/service", memory__max=2 * GIB, memory__current=GIB)

    left = memory_left(tmp_path)

    assert left is not None
    assert left.size == GIB


def test_the_older_control_groups_count(tmp_path: Path) -> None:
    machine(tmp_path, group="12:cpu:/\n9:memory:/job")
    limited(tmp_path / "sys/fs/cgroup/memory/job", memory__limit_in_bytes=2 * GIB, memory__usage_in_bytes=GIB)

    left = memory_left(tmp_path)

    assert left is not None
    assert left.size == GIB


def test_a_system_that_tells_nothing_limits_nothing(tmp_path: Path) -> None:
    assert memory_left(tmp_path) is None


def test_sizes_are_told_as_people_read_them() -> None:
    assert [size_text(size) for size in (850_000_000, 8_100_000_000)] == ["850 MB", "8.1 GB"]


def under_a_limit(gigabytes: float, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What `dialer` does that may take so much memory in all."""
    limit = f'ulimit -v {int(gigabytes * 10**6)}; exec "$@"'
    command = ["bash", "-c", limit, "-", sys.executable, "-m", "engine.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("count", "needed", "words"),
    [
        (19_995_000, "1.2 GB", "numbers: found 20,000,000 numbers, which need about 1.2 GB of memory to be played"),
        (1_000_000_000, "40.0 GB", "numbers[0].generate.count: found 1,000,000,000 numbers, which need about 40.0 GB"),
    ],
)
def test_a_run_says_before_it_plays_that_memory_does_not_suffice(count: int, needed: str, words: str) -> None:
    done = under_a_limit(1.65, "run", str(SPRING), "--set", f"numbers.0.generate.count={count}")

    assert done.returncode == 1
    assert words in done.stderr
    assert needed in done.stderr
    assert "that are left (a resource limit, ulimit -v)" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_kept_calls_count_as_far_as_lines_can_carry_them() -> None:
    few = {"campaign.shifts": None, "campaign.lines": 2, "finish": "2026-03-02T00:01:00Z", "goal": None}
    few["numbers.1.added"] = "2026-03-02T00:00:30Z"
    played = [Scenario.load(SPRING), Scenario.load(SPRING, few)]

    assert [calls_kept(each, Rulebook(each.document)) for each in played] == [20_000, 120]


def test_kept_calls_are_named_where_memory_does_not_suffice() -> None:
    fault = memory_fault(10**12, calls=10**12)

    assert fault is not None
    assert fault.found.startswith("1,000,000,000,000 numbers with 1,000,000,000,000 kept calls, which need about 78,0")
    assert fault.allowed.endswith("; without its calls it needs less")


def test_check_tells_that_a_scenario_cannot_be_played_here(tmp_path: Path) -> None:
    scenario = tmp_path / "big.yaml"
    scenario.write_text(SPRING.read_text().replace("count: 15_000", "count: 19_995_000"))
    done = under_a_limit(1.65, "check", str(scenario))

    assert done.returncode == 0
    assert "20,000,000" in done.stdout
    assert "20,000,000 numbers, which need about 1.2 GB of memory to be played" in done.stdout
