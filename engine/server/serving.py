"""The server at a port: started, told, ended."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from engine.server.app import application
from engine.server.bodies import Limits
from engine.server.clerk import Clerk
from engine.server.connections import connection
from engine.server.simulation import Listeners

KEEP_ALIVE_SECONDS = 30
ENDING_SECONDS = 10
"""Requests that are not answered so long after the end began are cut off."""


def serve(clerk: Clerk, limits: Limits, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Answer at a port until SIGINT, SIGTERM or SIGHUP; port 0 is any free one.

    `ready` is told the server's address when it takes requests. Raises OSError if the port is taken or the host is
    not one of this machine's.
    """
    listening = _listen(host, port)
    server = _Server(clerk, limits, lambda: ready(_url(host, listening)))
    with _hangup_obeyed(server.handle_exit):
        server.run([listening])


@contextmanager
def _hangup_obeyed(end: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """End in order when the terminal hangs up, which uvicorn leaves alone; but not under `nohup`."""
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(hangup, end)
    try:
        yield
    finally:
        signal.signal(hangup, before)


@contextmanager
def serving(clerk: Clerk, limits: Limits, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """A server in a thread of its own while the context lasts; gives its address."""
    listening = _listen(host, port)
    started = threading.Event()
    server = _Server(clerk, limits, started.set)

    def run() -> None:
        try:
            server.run([listening])
        finally:
            started.set()

    thread = threading.Thread(target=run, name="calls api")
    thread.start()
    try:
        started.wait()
        if not server.started:
            raise RuntimeError("the server did not start")
        yield _url(host, listening)
    finally:
        server.should_exit = True
        thread.join()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _url(host: str, listening: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"


class _Server(uvicorn.Server):
    """A server that tells when it takes requests, and lets its listeners go when it ends."""

    def __init__(self, clerk: Clerk, limits: Limits, ready: Callable[[], None]) -> None:
        self._listeners = Listeners(limits.most_listeners)
        self._ready = ready
        super().__init__(
            uvicorn.Config(
                application(clerk, limits, self._listeners),
                http=connection(limits),
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=ENDING_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._listeners.end()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (as uvicorn calls it)
        """End at the first signal, at once at the second; the signal is not raised again, so that `serve` returns."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
