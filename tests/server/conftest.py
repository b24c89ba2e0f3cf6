"""What the tests of the server share."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from engine.scenario.scenario import Scenario
from engine.server.clerk import Clerk
from engine.server.opening import open_new
from tests.server.office import Office, Opens, scenario
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


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Opens offices, and closes them after the test."""
    clerks: list[Clerk] = []

    def opened(*scenarios: Scenario, **options: Any) -> Office:
        options = {"paused": True, **options}
        clerks.append(open_new(scenarios or [scenario()], ["token"], **options).clerk)
        return Office(clerks[-1])

    yield opened
    for clerk in clerks:
        clerk.close()
