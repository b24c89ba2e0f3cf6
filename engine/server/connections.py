"""A connection, with what uvicorn leaves open: how long a request's head may be, and how long a request may take."""

import asyncio
from typing import Any

import msgspec
from httptools import HttpParserError
from litestar.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from engine.server.bodies import Limits
from engine.server.errors import RefusedError, refused
from engine.server.guard import HEADERS, answer

MOST_HEAD = 32 << 10
"""The most bytes of a request's line and headers, and of all else that is not its body."""
GRACE_SECONDS = 5.0
"""A request that the application has not refused so long after its body is late is cut off."""
_MALFORMED = refused(400, "invalid.request", "the request is not HTTP/1.1 as RFC 9112 describes it")
_TOO_LONG = refused(431, "head.too.large", f"the request's line and headers have at most {MOST_HEAD:,} bytes")
_LATE = refused(408, "head.late", "the request did not come in time; send it faster")
_CROWDED = refused(503, "busy", "the server has many connections at present; come again later")


def connection(limits: Limits) -> type[HttpToolsProtocol]:
    """The class of connections with these limits."""

    class Connection(HttpToolsProtocol):
        """A connection whose head, and whose slowness, are bounded."""

        _fields = 0
        """Bytes of the names and values of the present request's headers."""
        _bare = 0
        """Bytes that came since the last part of a body."""
        _refusal = _MALFORMED
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait(limits.head_seconds)
            if len(self.connections) > limits.most_connections:
                self.app = _crowded

        def connection_lost(self, exc: Exception | None) -> None:
            self._wait(None)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._bare += len(data)
            super().data_received(data)
            if self._bare > MOST_HEAD and not self.transport.is_closing():
                self._refuse(_TOO_LONG)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._fields = 0
            self._wait(limits.head_seconds)

        def on_url(self, url: bytes) -> None:
            super().on_url(url)
            self._count(len(url))

        def on_header(self, name: bytes, value: bytes) -> None:
            super().on_header(name, value)
            self._count(len(name) + len(value))

        def on_headers_complete(self) -> None:
            self._wait(limits.body_seconds + GRACE_SECONDS)
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._bare = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._bare = 0
            self._wait(None)
            super().on_message_complete()

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's own words are for no program)
            self._refuse(self._refusal)

        def _count(self, more: int) -> None:
            self._fields += more
            if self._fields > MOST_HEAD:
                self._refusal = _TOO_LONG
                raise HttpParserError(_TOO_LONG.error.message)

        def _wait(self, seconds: float | None) -> None:
            """Cut the connection off after so many seconds, unless it goes on before; None for never."""
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None if seconds is None else self.loop.call_later(seconds, self._late)

        def _late(self) -> None:
            if not self.transport.is_closing():
                self._refuse(_LATE)

        def _refuse(self, refusal: RefusedError) -> None:
            """Answer with a refusal, unless an answer has begun, and end the connection."""
            self._wait(None)
            if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
                body = msgspec.json.encode(refusal.error)
                headers = {
                    b"content-type": b"application/json",
                    b"content-length": b"%d" % len(body),
                    b"connection": b"close",
                    **dict(HEADERS),
                }
                lines = b"".join(b"%b: %b\r\n" % each for each in headers.items())
                self.transport.write(b"".join((STATUS_LINE[refusal.status], lines, b"\r\n", body)))
            self.transport.close()

    return Connection


async def _crowded(scope: Scope, receive: Receive, send: Send) -> Any:  # noqa: ARG001 (as ASGI has it)
    await answer(_CROWDED, send, *HEADERS, (b"connection", b"close"))  # else a pool would come again by this one
