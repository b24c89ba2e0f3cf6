"""The speed of the reference engine, in calls a second."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.workload import workload_scenario
from engine import simulate


@pytest.mark.parametrize("numbers", [1_000, 10_000, 100_000])
def test_reference(benchmark: BenchmarkFixture, numbers: int) -> None:
    scenario = workload_scenario(numbers)

    rounds = 3 if numbers > 10_000 else 10
    result = benchmark.pedantic(simulate, (scenario, "reference"), rounds=rounds)  # type: ignore[no-untyped-call]

    benchmark.extra_info.update(
        what="reference engine", size=f"{numbers:,} numbers", unit="calls", done=result.figures.calls.total
    )
