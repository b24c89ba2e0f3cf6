"""What the tests of the server share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.server.running import running


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    """A client of one server for all tests of a module."""
    with running() as client:
        yield client


@pytest.fixture
def client(server: httpx.Client) -> httpx.Client:
    """A client of a server at its start."""
    server.post("/simulation/reset").raise_for_status()
    return server
