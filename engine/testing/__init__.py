"""A kit for those who test what calls customers: it needs the extras `server` and `test`."""

from engine.testing.calls_api import CallsApiServer, calls_api, calls_api_server

__all__ = ["CallsApiServer", "calls_api", "calls_api_server"]
