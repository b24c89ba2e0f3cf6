"""A kit for those who test what calls customers: it needs the extra `test`, but for its invariants."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.testing import invariants, strategies
    from engine.testing.against_reference import check_against_reference
    from engine.testing.live_machine import LiveDialerMachine
    from engine.testing.protocol import SchedulerError
    from engine.testing.serving import CallsApiServer, calls_api, calls_api_server

__all__ = [
    "CallsApiServer",
    "LiveDialerMachine",
    "SchedulerError",
    "calls_api",
    "calls_api_server",
    "check_against_reference",
    "invariants",
    "strategies",
]

_HOMES = {
    "CallsApiServer": "engine.testing.serving",
    "LiveDialerMachine": "engine.testing.live_machine",
    "SchedulerError": "engine.testing.protocol",
    "calls_api": "engine.testing.serving",
    "calls_api_server": "engine.testing.serving",
    "check_against_reference": "engine.testing.against_reference",
}


def __getattr__(name: str) -> object:
    # Names are found when first used, so that the plugin of pytest need not load the engine.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = import_module(_HOMES.get(name, f"{__name__}.{name}"))
    except ModuleNotFoundError as error:
        text = f"engine.testing.{name} needs {error.name}: pip install 'dialer-engine-simulator[test]'"
        raise ModuleNotFoundError(text, name=error.name) from None
    return getattr(home, name) if name in _HOMES else home


def __dir__() -> list[str]:
    return sorted(__all__)
