"""A server that runs, for tests: the default campaign with a clock that stands."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from engine.scenario.scenario import Scenario
from engine.server.bodies import Limits
from engine.server.default_campaign import default_campaign
from engine.server.opening import open_new
from engine.server.serving import serving
from engine.server.tokens import DOCUMENTED

START = 1_772_460_000
"""2026-03-02T14:00:00Z, a Monday: the instant at which the clock stands."""
CALLS = f"/api/calls/campaign/{DOCUMENTED}"
CRM_CALLS = f"/api/crmCalls/campaign/{DOCUMENTED}"
USUAL = Limits()


@contextmanager
def running(limits: Limits = USUAL) -> Iterator[httpx.Client]:
    """A client of a server with these limits."""
    opened = open_new([Scenario.from_document(default_campaign(START))], [DOCUMENTED], paused=True)
    try:
        with serving(opened.clerk, limits) as url, httpx.Client(base_url=url) as client:
            yield client
    finally:
        opened.clerk.close()


def sent(client: httpx.Client, *parts: bytes, ends: bool = False) -> bytes:
    """What the server answers to these bytes until it closes the connection; `ends` closes our side first."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=30) as connection:
        answer = b""
        try:
            for part in parts:
                connection.sendall(part)
            if ends:
                connection.shutdown(socket.SHUT_WR)
        except OSError:  # the server has refused it before it was whole
            pass
        try:
            while part := connection.recv(1 << 16):
                answer += part
        except ConnectionResetError:
            pass
        return answer


def head(method: str, path: str, *headers: str, host: str = "localhost") -> bytes:
    """The line and headers of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode("latin-1")
