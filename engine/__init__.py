"""Plays weeks of outbound dialling in seconds: the public names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.answers.results import Result, simulate
    from engine.calling.policy import CallPolicy, PolicyError
    from engine.calling.zones import parse_zone
    from engine.scenario import Scenario, ScenarioError

__all__ = ["CallPolicy", "PolicyError", "Result", "Scenario", "ScenarioError", "parse_zone", "simulate"]

_HOMES = {
    "CallPolicy": "engine.calling.policy",
    "PolicyError": "engine.calling.policy",
    "Result": "engine.answers.results",
    "Scenario": "engine.scenario",
    "ScenarioError": "engine.scenario",
    "parse_zone": "engine.calling.zones",
    "simulate": "engine.answers.results",
}


def __getattr__(name: str) -> object:
    # Names are found when first used, so that `dialer --help` need not load numpy and polars.
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
