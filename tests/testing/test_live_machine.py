"""The machine over the live dialer finds nothing wrong with ours, and what is wrong with others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from engine import Dialer, Scenario
from engine.testing import LiveDialerMachine
from engine.testing.strategies import Fields, crowds

checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class TestLiveDialer(LiveDialerMachine.TestCase):  # type: ignore[misc,valid-type]
    """Any commands in any order."""

    settings = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=checks)


class Losing(Dialer):
    """Loses one of the jobs that are cancelled together."""

    def cancel(self, jobs: Iterable[int]) -> list[int]:  # noqa: D102
        every = [*jobs]
        waiting = [job for job in every[1:] if self.state(job).stands == "waiting"]
        return super().cancel(every[:1]) + waiting


class Hasty(Dialer):
    """Forgets a pause when numbers are added."""

    def add(self, numbers: Sequence[Mapping[str, Any]]) -> list[int | None]:  # noqa: D102
        self.resume()
        return super().add(numbers)


class Refilled(Dialer):
    """Fills the pace's allowance whenever it is asked to play on."""

    def run_until(self, instant: Any) -> None:  # noqa: D102
        self._engine._allowance = self._engine._most_allowance
        super().run_until(instant)


@pytest.mark.parametrize("broken", [Losing, Hasty, Refilled])
def test_an_error_in_a_dialer_is_found(broken: type[Dialer]) -> None:
    class Machine(LiveDialerMachine):
        def dialer_of(self, scenario: Fields) -> Dialer:
            return broken(Scenario.from_document(scenario))

        def draws_scenario(self) -> st.SearchStrategy[Fields]:
            return crowds().map(
                lambda scenario: scenario | {"campaign": scenario["campaign"] | {"callsPerSecond": 0.01}}
            )

    found = settings(
        max_examples=300, deadline=None, suppress_health_check=checks, phases=[Phase.generate], database=None
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Machine, settings=found)
