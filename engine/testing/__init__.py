"""A kit for those who test what calls customers: it needs the extras `server` and `test`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.testing import strategies
    from engine.testing.live_machine import LiveDialerMachine
    from engine.testing.serving import CallsApiServer, calls_api, calls_api_server

__all__ = ["CallsApiServer", "LiveDialerMachine", "calls_api", "calls_api_server", "strategies"]

_HOMES = {
    "CallsApiServer": "engine.testing.serving",
    "LiveDialerMachine": "engine.testing.live_machine",
    "calls_api": "engine.testing.serving",
    "calls_api_server": "engine.testing.serving",
}


def __getattr__(name: str) -> object:
    # Names are found when first used, so that the plugin of pytest need not load the engine.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
