"""Connections: what is not HTTP, too long, too slow or too many."""

import socket
import time

import httpx
import pytest

from engine.server.bodies import Limits
from engine.server.connections import MOST_HEAD
from tests.server.running import CALLS, head, running, sent


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nName with space: 1\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        head("POST", f"{CALLS}/addPhones", "Content-Type: application/json", "Transfer-Encoding: chunked") + b"zz\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_json(server: httpx.Client, request_bytes: bytes) -> None:
    answer = sent(server, request_bytes)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"content-type: application/json" in answer
    assert b'"type":"invalid.request"' in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * MOST_HEAD,
        b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD,
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * MOST_HEAD,
        head("GET", "/" + "a" * MOST_HEAD),
        head("GET", "/", "X: " + "a" * MOST_HEAD),
        head("GET", "/", *["X: a"] * MOST_HEAD),
        head("POST", f"{CALLS}/addPhones", "Content-Type: application/json", "Transfer-Encoding: chunked")
        + b"1\r\n[\r\n0\r\nX: "
        + b"a" * MOST_HEAD * 40,
    ],
    ids=["open path", "open header", "open headers", "path", "header", "headers", "trailer"],
)
def test_a_head_that_is_too_long_is_refused(server: httpx.Client, request_bytes: bytes) -> None:
    answer = sent(server, request_bytes)

    assert answer.startswith(b"HTTP/1.1 431")
    assert b'"type":"head.too.large"' in answer


def test_a_head_that_is_long_is_read(server: httpx.Client) -> None:
    assert server.get("/simulation/clock", headers={"x": "a" * (MOST_HEAD - 1_000)}).status_code == 200


def test_a_large_body_is_no_head(server: httpx.Client) -> None:
    body = b"[" + b" " * MOST_HEAD * 20

    answer = server.post(f"{CALLS}/addPhones", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: loc", head("GET", "/")[:-2]])
def test_a_head_that_is_late_is_refused(begun: bytes) -> None:
    with running(Limits(head_seconds=0.2)) as client:
        answer = sent(client, begun)

        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"type":"head.late"' in answer


def test_a_second_request_that_is_late_is_refused() -> None:
    with running(Limits(head_seconds=0.2)) as client:
        answer = sent(client, head("GET", "/simulation/clock"), b"GET / HTTP/1.1\r\n")

        assert answer.count(b"HTTP/1.1 200") == 1
        assert answer.count(b"HTTP/1.1 408") == 1


def test_a_body_that_nobody_waits_for_is_cut_off_when_it_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.server.connections.GRACE_SECONDS", 0.1)
    with running(Limits(body_seconds=0.1)) as client:
        answer = sent(client, head("POST", "/nope", "Content-Length: 100"), b"[")

        assert answer.startswith(b"HTTP/1.1 404")


def test_connections_beyond_the_most_are_put_off() -> None:
    with running(Limits(most_connections=3)) as client:
        address = client.base_url.host, client.base_url.port or 80
        client.get("/simulation/clock").raise_for_status()
        others = [socket.create_connection(address) for _ in range(2)]
        try:
            for other in others:
                other.sendall(head("GET", "/simulation/clock"))
                assert other.recv(100).startswith(b"HTTP/1.1 200")

            answer = sent(client, head("GET", "/simulation/clock"))
        finally:
            for other in others:
                other.close()

        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in answer
        assert b"connection: close" in answer
        assert b"content-security-policy" in answer
        ends = time.monotonic() + 30
        while not sent(client, head("GET", "/simulation/clock", "Connection: close")).startswith(b"HTTP/1.1 200"):
            assert time.monotonic() < ends
