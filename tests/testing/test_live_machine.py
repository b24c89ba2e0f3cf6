"""The machine over the live dialer finds nothing wrong with ours, and what is wrong with others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from engine import Dialer, Scenario
from engine.dialing.reports import Counts, JobState
from engine.testing import LiveDialerMachine
from engine.testing.strategies import Fields

checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class TestLiveDialer(LiveDialerMachine.TestCase):  # type: ignore[misc,valid-type]
    """Any commands in any order."""

    settings = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=checks)


SCENARIO: Fields = {
    "start": "2026-03-02T09:00:00Z",
    "finish": "2026-03-02T10:00:00Z",
    "campaign": {"lines": 2, "callsPerSecond": 0.02, "maxAttempts": 2, "retryIntervalInMinutes": 1},
    "numbers": [{"addPhones": [{"phone": 16505550000 + place} for place in range(6)]}],
    "outcomes": {
        "answered": {"share": 0.4, "seconds": 30, "redials": [{"share": 1, "startAfterMinutes": 1}]},
        "noAnswer": {"share": 0.6, "seconds": 20, "retry": True},
    },
}


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


class Deaf(Dialer):
    """Ignores the redials that users ask for."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self._engine.redial = lambda *_: None  # type: ignore[method-assign]


class Level(Dialer):
    """Drops the priorities of numbers that are added."""

    def add(self, numbers: Sequence[Any]) -> list[int | None]:  # noqa: D102
        dropped = [{**number, "dialerPriority": 5} if isinstance(number, Mapping) else number for number in numbers]
        return super().add(dropped)


class Feigning(Level):
    """Drops them, too, and tells of them as if it had not."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.told: dict[int | None, int] = {}

    def add(self, numbers: Sequence[Any]) -> list[int | None]:  # noqa: D102
        jobs = super().add(numbers)
        self.told |= {job: number.get("dialerPriority", 5) for job, number in zip(jobs, numbers, strict=True)}
        return jobs

    def state(self, job: int) -> JobState:  # noqa: D102
        state = super().state(job)
        return msgspec.structs.replace(state, priority=self.told.get(job, state.priority))

    def counts(self) -> Counts:  # noqa: D102
        waiting = [state.priority for state in map(self.state, range(len(self))) if state.stands == "waiting"]
        return msgspec.structs.replace(super().counts(), waiting=tuple(map(waiting.count, range(1, 6))))


def forgetful(scenario: Fields) -> Dialer:
    """A dialer that makes none of the redials that outcomes bring."""
    outcomes = {name: outcome | {"redials": []} for name, outcome in scenario["outcomes"].items()}
    return Dialer(Scenario.from_document(scenario | {"outcomes": outcomes}))


def stubborn(scenario: Fields) -> Dialer:
    """A dialer that calls once more than maxAttempts allows."""
    campaign = scenario["campaign"] | {"maxAttempts": scenario["campaign"]["maxAttempts"] + 1}
    return Dialer(Scenario.from_document(scenario | {"campaign": campaign}))


def made_by(dialer: type[Dialer]) -> Callable[[Fields], Dialer]:
    """Dialers of a class, of the plain values of scenarios."""
    return lambda scenario: dialer(Scenario.from_document(scenario))


URGENT = {"phone": 16505550100, "dialerPriority": 1}
WRONG: dict[str, tuple[Callable[[Fields], Dialer], list[tuple[Any, ...]]]] = {
    "ended": (made_by(Losing), [("run_for", 1), ("cancel", {4, 5})]),
    "began in a pause": (made_by(Hasty), [("pause",), ("add", [URGENT]), ("run_for", 60)]),
    "calls within": (made_by(Refilled), [("run_for", 1), ("run_for", 1)]),
    "asked for a redial": (made_by(Deaf), [("run_for", 40), ("redial", 0, {"startAfterMinutes": 1})]),
    "must have had 1 redials": (forgetful, [("run_for", 600)]),
    "has none of the priorities": (made_by(Level), [("add", [URGENT])]),
    "comes before": (made_by(Feigning), [("add", [URGENT]), ("run_for", 60)]),
    "has more than 2 calls": (stubborn, [("run_for", 1_200)]),
}
"""By what the machine says of it: a dialer that is wrong, and commands that show it."""


def machine_of(dialer_of: Callable[[Fields], Dialer]) -> type[LiveDialerMachine]:
    """The machine over a dialer, with one scenario and short bodies."""

    class Machine(LiveDialerMachine):
        def dialer_of(self, scenario: Fields) -> Dialer:
            return dialer_of(scenario)

        def draws_scenario(self) -> st.SearchStrategy[Fields]:
            return st.just(SCENARIO)

        def draws_body(self) -> st.SearchStrategy[list[Fields]]:
            return st.just([URGENT])

    return Machine


def run(machine: LiveDialerMachine, commands: list[tuple[Any, ...]]) -> None:
    """Give the machine's dialer commands by hand, check after each, and in the end."""
    machine.begin(SCENARIO)
    machine.check()
    for name, *arguments in commands:
        getattr(machine, name)(*arguments)
        machine.check()
    machine.teardown()


@pytest.mark.parametrize("says", WRONG)
def test_an_error_in_a_dialer_is_noticed(says: str) -> None:
    wrong, commands = WRONG[says]
    run(machine_of(made_by(Dialer))(), commands)

    with pytest.raises(AssertionError, match=says):
        run(machine_of(wrong)(), commands)


@pytest.mark.slow
@pytest.mark.parametrize("says", WRONG)
def test_an_error_in_a_dialer_is_found(says: str) -> None:
    found = settings(
        max_examples=500, deadline=None, suppress_health_check=checks, phases=[Phase.generate], database=None
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine_of(WRONG[says][0]), settings=found)
