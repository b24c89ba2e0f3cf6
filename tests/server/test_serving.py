"""The server at a port: it starts, tells its address, and ends in order."""

import queue
import re
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from engine.server.bodies import Limits
from engine.server.serving import serve
from tests.server.running import running


def test_listeners_are_let_go_when_the_server_ends() -> None:
    ended: queue.Queue[str] = queue.Queue()

    def listen(url: httpx.URL, begun: threading.Event) -> None:
        with httpx.stream("GET", url.join("/simulation/events"), timeout=60) as events:
            for _ in events.iter_lines():
                begun.set()
        ended.put("ended")

    with running() as client:
        begun = threading.Event()
        thread = threading.Thread(target=listen, args=(client.base_url, begun))
        thread.start()
        begun.wait()

    assert ended.get(timeout=60) == "ended"
    thread.join()


def test_a_port_that_is_taken_is_told() -> None:
    with running() as client, pytest.raises(OSError, match="in use"):
        serve(None, Limits(), "127.0.0.1", client.base_url.port or 0, print)  # type: ignore[arg-type]


def test_a_host_that_is_not_of_this_machine_is_told() -> None:
    with pytest.raises(OSError, match="assign"):
        serve(None, Limits(), "192.0.2.1", 0, print)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_signal_ends_the_server_in_order_although_somebody_listens(sent: signal.Signals, host: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("needs IPv6")
    command = [sys.executable, "-m", "engine", "serve", "--port", "0", "--host", host, "--paused"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        told = re.search(r"http://\S+?(?=/)", process.stdout.readline())
        assert told
        try:
            with httpx.stream("GET", f"{told[0]}/simulation/events", timeout=60) as events:
                lines = events.iter_lines()
                next(lines)
                process.send_signal(sent)
                for _ in lines:
                    pass
        except BaseException:
            process.kill()  # or the test would wait for it
            raise
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 0
        assert "Traceback" not in errors
