"""The guard before the application: only pages of this server may ask it, and every answer says how to treat it."""

import logging
from collections.abc import Collection, Mapping
from typing import cast

import msgspec
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from engine.server.bodies import LOOPBACK
from engine.server.errors import RefusedError, internal, refused

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""The headers of every answer. Nothing is stored: an answer is true at one simulated instant."""
PAGES = ("/", "/schema")
"""The paths to which pages of other sites may lead by a link; nothing happens when they are read."""

log = logging.getLogger(__name__)


class Guard:
    """Lets requests through to an application if their Host and Origin are the server's own.

    A page of another site can send requests to this machine from its reader's browser. Such a request names the other
    site in `Origin` or `Sec-Fetch-Site`; or in `Host`, if the site's name leads to this machine.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in (*LOOPBACK, "[::1]", *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let the application answer."""
        began = False

        async def send_with_headers(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                own = {name.lower() for name, _ in message["headers"]}
                more = [each for each in HEADERS if each[0] not in own or each[0] == b"cache-control"]
                kept = [each for each in message["headers"] if each[0].lower() != b"cache-control"]
                message["headers"] = [*kept, *more]
            await send(message)

        if refusal := self._refusal(cast("HTTPScope", scope)):
            await answer(refusal, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            if began:
                raise
            log.exception("an answer could not be written")
            await answer(internal(), send_with_headers)

    def _refusal(self, scope: HTTPScope) -> RefusedError | None:
        given: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            given.setdefault(name, []).append(value.decode("latin-1").lower())
        hosts = given.get(b"host", [])
        if len(hosts) != 1 or not self._knows(hosts[0], scope):
            return refused(
                403,
                "host.refused",
                "the request's Host header is none of this server's names; ask it by the address that it tells when "
                "it starts",
            )
        origins = given.get(b"origin", [])
        sites = given.get(b"sec-fetch-site", [])
        own = f"{scope['scheme']}://{hosts[0]}"
        if any(origin != own for origin in origins) or (
            any(site not in ("same-origin", "none") for site in sites) and not _follows_a_link(scope, given)
        ):
            return refused(
                403,
                "origin.refused",
                "the request comes from a page of another origin; only this server's own pages and programs that are "
                "not browsers may ask it",
            )
        return None

    def _knows(self, host: str, scope: HTTPScope) -> bool:
        """Whether a Host header, lower case, names this server: by one of its names, or by the address asked."""
        name, colon, port = host.rpartition(":")
        if not colon or host.endswith("]"):
            name, port = host, "0"
        if not (port.isascii() and port.isdigit()):
            return False
        server = scope.get("server")
        address = server[0].lower() if server else ""
        return name in self._hosts or (address != "" and name in (address, f"[{address}]"))


def _follows_a_link(scope: HTTPScope, given: Mapping[bytes, list[str]]) -> bool:
    """Whether somebody comes from another page by a link to one of this server's pages."""
    fetched = given.get(b"sec-fetch-mode"), given.get(b"sec-fetch-dest")
    return fetched == (["navigate"], ["document"]) and scope["method"] == "GET" and scope["path"] in PAGES


async def answer(refusal: RefusedError, send: Send, *more: tuple[bytes, bytes]) -> None:
    """Answer a request with a refusal and `more` headers, outside the application."""
    body = msgspec.json.encode(refusal.error)
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers = [*own, *closing(refusal.status), *more]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def closing(status: int) -> list[tuple[bytes, bytes]]:
    """The headers that a refusal of this status has besides: when to come again, and that the connection ends."""
    if status == 503:
        return [(b"retry-after", b"1")]
    return [(b"connection", b"close")] if status in (408, 431) else []
