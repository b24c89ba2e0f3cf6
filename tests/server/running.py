"""A server that runs, for tests: the default campaign, from `START` on."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from engine.calling.instants import utc_text
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


class Alone(msgspec.Struct, frozen=True):
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> str:
        """The port at which it answers."""
        return self.url.rpartition(":")[2]

    def end(self, signal: int) -> int:
        """Send a signal that ends the server; its exit status."""
        self.process.send_signal(signal)
        return self.process.wait(timeout=60)


@contextmanager
def alone(database: Path, *options: str) -> Iterator[Alone]:
    """`dialer serve` with this database and these options while the context lasts, or until it is ended."""
    with serve_command(database, *options) as process:
        try:
            assert process.stdout
            assert process.stderr
            told = re.search(r"http://\S+?(?=/)", process.stdout.readline())
            assert told, process.stderr.read()
            yield Alone(process, told[0])
        finally:
            process.kill()


def serve_command(database: Path, *options: str) -> subprocess.Popen[str]:
    """`dialer serve` with this database and these options, which has just been started."""
    given = () if database.exists() else ("--start", utc_text(START))
    command = [sys.executable, "-m", "engine", "serve", "--db", str(database), "--port", "0", *given, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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
