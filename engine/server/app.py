"""The application: all routes of the server, and how errors are answered."""

import json
import logging
import re
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.serialization import default_serializer
from litestar.types import ASGIApp, Serializer

from engine.release import release
from engine.server.api import calls_api
from engine.server.bodies import Bodies, Limits
from engine.server.clerk import Clerk
from engine.server.errors import ApiError, RefusedError, internal, refused
from engine.server.guard import Guard, closing
from engine.server.openapi import document, routes_of
from engine.server.pages import pages
from engine.server.simulation import Listeners, simulation

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")

log = logging.getLogger(__name__)


class Answer(Response[Any]):
    """An answer in JSON: a text, too, is a JSON string. None is an answer without a body."""

    def render(self, content: Any, media_type: str, enc_hook: Serializer = default_serializer) -> bytes:
        """The bytes of the answer."""
        if content is None:
            return b""
        if isinstance(content, bytes) or not media_type.startswith(MediaType.JSON):
            return super().render(content, media_type, enc_hook)
        try:
            return msgspec.json.encode(content)
        except UnicodeEncodeError:  # an error repeats half of a surrogate pair, as text that all can read
            text = json.dumps(msgspec.to_builtins(content), ensure_ascii=False)
            return _HALF_OF_A_PAIR.sub(lambda half: rf"\\u{ord(half[0]):04x}", text).encode()


def application(clerk: Clerk, limits: Limits, listeners: Listeners) -> ASGIApp:
    """The ASGI application that answers for the clerk.

    `listeners` are those who listen to events: whoever ends the server ends them first.
    """
    bodies = Bodies(limits)
    routers = [calls_api, simulation]
    openapi = document(list(routes_of(routers)), release())
    app = Litestar(
        route_handlers=[*routers, pages(openapi)],
        dependencies={
            "clerk": Provide(lambda: clerk, sync_to_thread=False),
            "bodies": Provide(lambda: bodies, sync_to_thread=False),
            "listeners": Provide(lambda: listeners, sync_to_thread=False),
        },
        exception_handlers={RefusedError: _refuse, HTTPException: _refuse_route, Exception: _fail},
        response_class=Answer,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    return Guard(app, limits.hosts)


def _refuse(_: Request[Any, Any, Any], error: RefusedError) -> Response[ApiError]:
    headers = {name.decode(): value.decode() for name, value in closing(error.status)}
    return Answer(error.error, status_code=error.status, media_type=MediaType.JSON, headers=headers)


def _refuse_route(request: Request[Any, Any, Any], error: HTTPException) -> Response[ApiError]:
    """What the router refuses: a path or a method that is not there."""
    if error.status_code == 404:
        return _refuse(request, refused(404, "not.found", "no such path; /schema lists all that there are"))
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("allow", "").split(", ")))
        refusal = refused(405, "method.not.allowed", f"{request.method} is not for this path; allowed: {allowed}")
        answer = _refuse(request, refusal)
        answer.headers["allow"] = allowed
        return answer
    if error.status_code >= 500:
        return _fail(request, error)
    return _refuse(request, refused(error.status_code, "invalid.request", error.detail))


def _fail(request: Request[Any, Any, Any], error: Exception) -> Response[ApiError]:
    """A fault of the server itself: told in its log, without the path, which may have a token."""
    log.error("a request failed", exc_info=error)
    return _refuse(request, internal())
