"""The pages of the server: the dashboard, the OpenAPI document and its page."""

from pathlib import Path

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response

from engine.server.errors import refused

FOLDER = Path(__file__).parent / "dashboard"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def pages() -> Router:
    """The routes of the pages."""
    return Router("/", route_handlers=[dashboard, dashboard_file])


@get("/", include_in_schema=False)
async def dashboard() -> Response[bytes]:
    """The dashboard."""
    return _file("index.html")


@get("/dashboard/{name:str}", include_in_schema=False)
async def dashboard_file(name: FromPath[str]) -> Response[bytes]:
    """A file of the dashboard."""
    return _file(name)


def _file(name: FromPath[str]) -> Response[bytes]:
    found = next((each for each in FOLDER.iterdir() if each.name == name), None) if FOLDER.is_dir() else None
    if found is None or found.suffix not in MEDIA_TYPES:
        raise refused(404, "not.found", "no such file; the dashboard is at /")
    return Response(found.read_bytes(), media_type=MEDIA_TYPES[found.suffix])
