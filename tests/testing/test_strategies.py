"""The strategies of the kit draw what a dialer takes, name the faults of what it does not take, and shrink."""

import doctest
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from engine import CallPolicy, Scenario, parse_zone
from engine.calling.instants import unix_seconds
from engine.calling.zones import clock_changes
from engine.dialing.live import LiveDialer
from engine.reading.faults import InputError, path_text
from engine.server.errors import faulty
from engine.testing import strategies
from engine.testing.strategies import ZONES, Fields, Planted

slowly = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
ROOMS = ("bodies", "campaigns", "clocks", "customers", "policies", "scenarios")
EMPTY: Fields = {
    "start": "2026-03-02T10:00:00Z",
    "finish": "2026-03-02T12:00:00Z",
    "campaign": {"lines": 1},
    "numbers": [],
    "outcomes": {"answered": {"share": 1, "seconds": 60}},
}
CHANGING = [zone for zone in ZONES if clock_changes(parse_zone(zone), 1_767_225_600, 1_798_761_600)]
DIALER = LiveDialer(Scenario.from_document(EMPTY))


@pytest.fixture
def unexplained() -> Iterator[None]:
    """Nothing that is found is explained, which takes most of the time of `find` and changes nothing in the answer."""
    settings.register_profile("unexplained", phases=[phase for phase in Phase if phase is not Phase.explain])
    settings.load_profile("unexplained")
    yield
    settings.load_profile("any machine")


@pytest.mark.usefixtures("unexplained")
@pytest.mark.parametrize("room", ROOMS)
def test_examples_give_what_they_show(room: str) -> None:
    module = import_module(f"engine.testing.{room}")

    assert doctest.testmod(module).failed == 0
    assert {name for name in vars(module) if name in strategies.__all__}, "the public list has its names"


def test_neither_the_engine_nor_the_plugin_needs_hypothesis() -> None:
    code = "import engine.public.dialer, engine.testing.plugin, sys; assert 'hypothesis' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


@slowly
@given(strategies.scenarios() | strategies.crowds())
def test_a_scenario_is_one_and_its_repr_and_its_json_are_the_same_one(scenario: Fields) -> None:
    Scenario.from_document(scenario)

    assert eval(repr(scenario)) == scenario  # noqa: S307
    assert json.loads(json.dumps(scenario)) == scenario


@slowly
@given(st.data())
def test_a_body_is_taken_by_a_dialer_of_its_campaign(data: st.DataObject) -> None:
    campaign = data.draw(strategies.campaigns())
    body = data.draw(strategies.bodies(campaign=campaign))
    dialer = LiveDialer(Scenario.from_document({**EMPTY, "campaign": campaign}))

    assert len(dialer.add(body)) == len(body)


@settings(slowly, max_examples=200)
@given(strategies.faulty_bodies())
def test_a_faulty_body_has_the_faults_that_are_named_and_no_others(pair: tuple[list[Any], list[Planted]]) -> None:
    body, planted = pair
    for hand_over in (DIALER.add, lambda body: DIALER.read(json.dumps(body).encode())):
        with pytest.raises(InputError) as error:
            hand_over(body)

        kinds = {path_text(fault.path): faulty([fault]).error.type for fault in error.value.faults}
        assert len(error.value.faults) == len(planted)
        assert kinds == {fault.place: fault.kind for fault in planted}
    assert len(DIALER) == 0


@slowly
@given(st.data(), st.sampled_from(CHANGING))
def test_instants_near_changes_are_near_one(data: st.DataObject, zone: str) -> None:
    instant = unix_seconds(data.draw(strategies.instants_near_changes(zone)))

    assert clock_changes(parse_zone(zone), instant - 7_201, instant + 7_202)


@slowly
@given(strategies.zones().flatmap(strategies.instants_near_changes), strategies.zones(), strategies.policies())
def test_zones_instants_and_policies_are_read(instant: str, zone: str, policy: Fields) -> None:
    CallPolicy.from_json({**policy, "gmtZone": zone})
    CallPolicy.from_json({"startDateTime": instant})


@pytest.mark.usefixtures("unexplained")
def test_a_scenario_shrinks_to_one_number_one_outcome_and_what_matters() -> None:
    smallest = find(
        strategies.scenarios(),
        lambda scenario: "closedDates" in scenario["campaign"],
        settings=settings(deadline=None),
    )

    [part] = smallest["numbers"]
    assert [*smallest["outcomes"]] == ["answered"]
    assert (len(part["addPhones"]), len(smallest["campaign"]["closedDates"])) == (1, 1)
    assert "shifts" not in smallest["campaign"]
