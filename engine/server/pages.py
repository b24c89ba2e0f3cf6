"""The pages of the server: the dashboard, the OpenAPI document and its page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Router, get
from litestar.params import FromPath
from litestar.response import Response

from engine.server.errors import refused
from engine.server.reference import STYLE, reference_page

FOLDER = Path(__file__).parent / "dashboard"
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def pages(document: Mapping[str, Any]) -> Router:
    """The routes of the pages; `document` is the OpenAPI document."""
    text = msgspec.json.encode(document)
    page = reference_page(document)
    style = STYLE.read_bytes()

    @get("/schema/openapi.json")
    async def openapi() -> Response[bytes]:
        return Response(text, media_type=MediaType.JSON)

    @get("/schema")
    async def reference() -> Response[str]:
        return Response(page, media_type=MEDIA_TYPES[".html"])

    @get("/schema/reference.css")
    async def reference_style() -> Response[bytes]:
        return Response(style, media_type=MEDIA_TYPES[".css"])

    return Router("/", route_handlers=[dashboard, dashboard_file, openapi, reference, reference_style])


@get("/")
async def dashboard() -> Response[bytes]:
    """The dashboard."""
    return _file("index.html")


@get("/dashboard/{name:str}")
async def dashboard_file(name: FromPath[str]) -> Response[bytes]:
    """A file of the dashboard."""
    return _file(name)


def _file(name: FromPath[str]) -> Response[bytes]:
    found = next((each for each in FOLDER.iterdir() if each.name == name), None) if FOLDER.is_dir() else None
    if found is None or found.suffix not in MEDIA_TYPES:
        raise refused(404, "not.found", "no such file; the dashboard is at /")
    return Response(found.read_bytes(), media_type=MEDIA_TYPES[found.suffix])
