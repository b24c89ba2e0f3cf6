"""Plays weeks of outbound dialling in seconds: the public names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.calling.policy import CallPolicy, PolicyError
    from engine.calling.zones import parse_zone
    from engine.public.comparing import Comparison, compare
    from engine.public.dialer import Dialer
    from engine.public.fitting import Fitted, fit
    from engine.public.running import Result, simulate
    from engine.public.sizing import Sizing, size
    from engine.reading.faults import InputError
    from engine.scenario.document import ScenarioError
    from engine.scenario.scenario import Scenario

    __version__: str

__all__ = [
    "CallPolicy",
    "Comparison",
    "Dialer",
    "Fitted",
    "InputError",
    "PolicyError",
    "Result",
    "Scenario",
    "ScenarioError",
    "Sizing",
    "__version__",
    "compare",
    "fit",
    "parse_zone",
    "simulate",
    "size",
]

_HOMES = {
    "CallPolicy": "engine.calling.policy",
    "Comparison": "engine.public.comparing",
    "Dialer": "engine.public.dialer",
    "Fitted": "engine.public.fitting",
    "InputError": "engine.reading.faults",
    "PolicyError": "engine.calling.policy",
    "Result": "engine.public.running",
    "Scenario": "engine.scenario.scenario",
    "ScenarioError": "engine.scenario.document",
    "Sizing": "engine.public.sizing",
    "compare": "engine.public.comparing",
    "fit": "engine.public.fitting",
    "parse_zone": "engine.calling.zones",
    "simulate": "engine.public.running",
    "size": "engine.public.sizing",
}


def __getattr__(name: str) -> object:
    # Names are found when first used, so that `dialer --help` need not load numpy and polars.
    if name == "__version__":
        from engine.release import release

        return release()
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
