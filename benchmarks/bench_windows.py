"""The speed of compiling windows, in windows a second."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workload import ZONES, schedules
from engine import CallPolicy
from engine.calling.instants import unix_seconds

START = unix_seconds("2026-03-02T00:00:00Z")


@pytest.mark.parametrize("days", [14, 3650])
def test_windows(benchmark: BenchmarkFixture, days: int) -> None:
    policies = [
        CallPolicy.from_json({"gmtZone": zone, "allowedTime": hours}) for zone in ZONES[:10] for hours in schedules(2)
    ]

    def compile_all() -> int:
        return sum(len(policy.open_windows(START, START + days * 86_400)) for policy in policies)

    windows = benchmark.pedantic(compile_all, rounds=10, warmup_rounds=1)  # type: ignore[no-untyped-call]

    benchmark.extra_info.update(what="windows of 20 policies", size=f"{days:,} days", unit="windows", done=windows)
