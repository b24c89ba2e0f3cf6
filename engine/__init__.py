"""Plays weeks of outbound dialling in seconds: the public names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.calling.policy import CallPolicy, PolicyError
    from engine.calling.zones import parse_zone
    from engine.results.result import Result, simulate
    from engine.scenario.document import ScenarioError
    from engine.scenario.scenario import Scenario

__all__ = ["CallPolicy", "PolicyError", "Result", "Scenario", "ScenarioError", "parse_zone", "simulate"]

_HOMES = {
    "CallPolicy": "engine.calling.policy",
    "PolicyError": "engine.calling.policy",
    "Result": "engine.results.result",
    "Scenario": "engine.scenario.scenario",
    "ScenarioError": "engine.scenario.scenario",
    "parse_zone": "engine.calling.zones",
    "simulate": "engine.results.result",
}


def __getattr__(name: str) -> object:
    # Names are found when first used, so that `dialer --help` need not load numpy and polars.
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
