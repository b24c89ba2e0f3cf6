"""What numbers wait for: each second has one reason, counted alike by both engines and by the oracle (rules 6)."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Scenario
from engine.calling.instants import unix_seconds
from engine.dialing.record import PRIORITIES, QUARTER, Record
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import EngineName, play
from engine.dialing.waits import REASONS, WAIT_REASONS
from engine.testing.strategies import Command, commands, crowds, scenarios
from tests.dice import dice_of
from tests.oracle import Oracle, Played

slowly = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
NAMES = [reason.name for reason in WAIT_REASONS]


def waits_of(scenario: Scenario, engine: EngineName) -> np.ndarray[Any, Any]:
    waits = play(scenario, Rulebook(scenario.document), engine, count_waits=True).waits
    assert waits is not None
    return waits


def lived(document: dict[str, Any], played: Played) -> np.ndarray[Any, Any]:
    """What the oracle counts, as a record has it."""
    start, finish = unix_seconds(document["start"]), unix_seconds(document["finish"])
    waits = np.zeros((-(-finish // QUARTER) - start // QUARTER, REASONS, PRIORITIES), np.int64)
    for life in played.lives:
        assert len(life) == finish - start
        seconds = Counter(
            ((at // QUARTER - start // QUARTER), reason, priority)
            for at, (reason, priority, _) in enumerate(life, start)
        )
        for (quarter, reason, priority), count in seconds.items():
            waits[quarter, NAMES.index(reason), priority - 1] += count
    return waits


def oracle_of(document: dict[str, Any], orders: list[Command] | None = None) -> Played:
    scenario = Scenario.from_document(document)
    return Oracle(document, dice_of(scenario)).play(orders or [], with_lives=True)


@slowly
@given(scenarios() | crowds())
def test_the_reference_engine_counts_each_second_as_the_oracle_does(document: dict[str, Any]) -> None:
    waits = waits_of(Scenario.from_document(document), "reference")

    assert np.array_equal(waits, lived(document, oracle_of(document)))


@slowly
@given(scenarios() | crowds())
def test_the_compiled_engine_counts_as_the_reference_engine_does(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)

    assert np.array_equal(waits_of(scenario, "compiled"), waits_of(scenario, "reference"))


@slowly
@given(st.data())
def test_a_pause_is_a_reason_of_its_own(data: st.DataObject) -> None:
    document = data.draw(crowds())
    orders = [each for each in data.draw(commands(document)) if each.action in ("pause", "resume")]
    scenario = Scenario.from_document(document)
    dialer = ReferenceDialer(Rulebook(scenario.document), count_waits=True)
    dialer.add(scenario.phonebook)
    for order in orders:
        dialer.run_until(order.at)
        (dialer.pause if order.action == "pause" else dialer.resume)()
    dialer.run_until(scenario.document.finish)

    waits = dialer.record().waits

    assert waits is not None
    assert np.array_equal(waits, lived(document, oracle_of(document, orders)))


def seconds_of(document: dict[str, Any], engine: EngineName) -> dict[str, int]:
    waits = waits_of(Scenario.from_document(document), engine)
    return {name: int(count) for name, count in zip(NAMES, waits.sum(axis=(0, 2)), strict=True) if count}


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_number_that_expires_when_its_hours_end_waits_for_nothing_from_then_on(engine: EngineName) -> None:
    """The line is busy until the hours of both numbers end, and so does what the second waits for."""
    hours = {"default": [{"localTimeFrom": "09:00", "localTimeTo": "09:10"}]}
    document = {
        "start": "2026-03-02T09:00:00Z",
        "finish": "2026-03-02T10:00:00Z",
        "campaign": {"lines": 1, "allowedTime": hours, "finishDateTime": "2026-03-02T12:00:00Z"},
        "numbers": [{"addPhones": [{"phone": "16505550001"}, {"phone": "16505550002"}]}],
        "outcomes": {"answered": {"share": 1, "seconds": 1200}},
    }

    assert seconds_of(document, engine) == {"in_call": 1200, "line": 600, "ended": 2400 + 3000}


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_where_no_shift_has_lines_numbers_wait_for_one_and_not_for_a_busy_line(engine: EngineName) -> None:
    document = {
        "start": "2026-03-02T09:00:00Z",
        "finish": "2026-03-02T09:30:00Z",
        "campaign": {"shifts": [{"lines": 1, "from": "09:10", "to": "09:20"}]},
        "numbers": [{"addPhones": [{"phone": "16505550001"}, {"phone": "16505550002"}]}],
        "outcomes": {"answered": {"share": 1, "seconds": 300}},
    }

    assert seconds_of(document, engine) == {"no_lines": 2 * 600, "in_call": 2 * 300, "line": 300, "ended": 900 + 600}


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_number_waits_for_its_retry_interval_first_and_then_for_the_cap(engine: EngineName) -> None:
    document = {
        "start": "2026-03-02T09:00:00Z",
        "finish": "2026-03-02T11:00:00Z",
        "campaign": {
            "lines": 1, "maxAttempts": 2, "retryIntervalInMinutes": 10, "caps": [{"atMost": 1, "hours": 1}],
        },
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"no_answer": {"share": 1, "seconds": 60, "retry": True}},
    }  # fmt: skip

    assert seconds_of(document, engine) == {
        "in_call": 2 * 60,
        "retry_interval": 600,
        "held_by_cap": 3600 - 60 - 600,
        "ended": 3600 - 60,
    }


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_a_redial_waits_for_its_start_and_its_retries_for_their_interval(engine: EngineName) -> None:
    redial = {"share": 1, "startAfterMinutes": 5, "maxAttempts": 2, "retryIntervalInMinutes": 10}
    document = {
        "start": "2026-03-02T09:00:00Z",
        "finish": "2026-03-02T11:00:00Z",
        "campaign": {"lines": 1, "maxTotalAttempts": 3},
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {
            "answered": {"share": 0.5, "seconds": 60, "redials": [redial]},
            "no_answer": {"share": 0.5, "seconds": 60, "retry": True},
        },
        "answering": {"attempts": [2, 0]},
    }

    assert seconds_of(document, engine) == {
        "in_call": 3 * 60,
        "before_start": 300,
        "retry_interval": 600,
        "ended": 7200 - 3 * 60 - 300 - 600,
    }


def test_counting_waits_changes_nothing_else() -> None:
    scenario = Scenario.load("scenarios/spring_promo.yaml")
    plain: Record = play(scenario, Rulebook(scenario.document), "reference")

    assert play(scenario, Rulebook(scenario.document), "reference", count_waits=True).digest == plain.digest
    assert plain.waits is None
