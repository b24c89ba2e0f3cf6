"""A server of the Calls API for a test, with a clock that stands until the test lets it go on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from engine.calling.instants import unix_seconds
from engine.scenario.scenario import Scenario
from engine.server.bodies import Limits
from engine.server.default_campaign import default_campaign
from engine.server.opening import open_new
from engine.server.serving import serving
from engine.server.tokens import DOCUMENTED

START = "2026-03-02T14:00:00Z"
"""A Monday, at nine in the morning in New York."""
LONGEST_ADVANCE_SECONDS = 600.0


class CallsApiServer(msgspec.Struct, frozen=True):
    """A server that answers the Calls API at `url`, and what a test does besides calling it."""

    url: str
    """Where it answers, such as http://127.0.0.1:43121."""
    tokens: tuple[str, ...]
    """The tokens of its campaigns, in the order of their scenarios."""
    client: httpx.Client
    """A client whose base is `url`."""

    @property
    def token(self) -> str:
        """The token of the first campaign."""
        return self.tokens[0]

    def campaign(self, method: str, number: int = 0) -> str:
        """The address of a method of a campaign (from 0), such as `addPhones` or `callJob/getReport`."""
        return f"{self.url}/api/calls/campaign/{self.tokens[number]}/{method}"

    @property
    def now(self) -> str:
        """The simulated instant: the first one that has not been played."""
        instant: str = self._asked("GET", "clock")["instant"]
        return instant

    def advance(self, by: timedelta | int | None = None, *, to: datetime | str | None = None) -> dict[str, Any]:
        """Play for some time (seconds or a timedelta), or up to an instant (ISO 8601, or an aware datetime).

        Returns what happened, when it has; see `POST /simulation/advance`. AssertionError with the server's message if
        it refuses.
        """
        seconds = int(by.total_seconds()) if isinstance(by, timedelta) else by
        instant = to.isoformat() if isinstance(to, datetime) else to
        given = {"by": seconds, "to": instant}
        return self._asked("POST", "advance", {name: value for name, value in given.items() if value is not None})

    def redial(self, job: str, **fields: Any) -> dict[str, Any]:
        """Let the running or last call of a job bring a redial, as `$dialer.redial` does: `startAfterMinutes=30`."""
        return self._asked("POST", "redial", {"job": job, "fields": fields})

    def reset(self) -> None:
        """Go back to the start: all additions are forgotten."""
        self._asked("POST", "reset")

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self.client.request(method, f"/simulation/{path}", json=body, timeout=LONGEST_ADVANCE_SECONDS)
        value: dict[str, Any] = answer.json()
        assert answer.is_success, value.get("message")  # noqa: S101 (a test reads it)
        return value


def _scenario(given: Scenario | Mapping[str, Any] | str | PathLike[str]) -> Scenario:
    if isinstance(given, Scenario):
        return given
    return Scenario.from_document(dict(given)) if isinstance(given, Mapping) else Scenario.load(Path(given))


@contextmanager
def calls_api(
    *scenarios: Scenario | Mapping[str, Any] | str | PathLike[str],
    start: str | None = None,
    seed: int | None = None,
    strict: bool = False,
    database: str | PathLike[str] | None = None,
) -> Iterator[CallsApiServer]:
    """A server on a free port while the context lasts: a campaign for each scenario, and a clock that stands.

    A scenario is one that was loaded, what its file says, or the file's name. Without one it has the default campaign,
    of ten lines, from START on, with the documentation's token. `start` is another instant to begin at, `seed` other
    luck: two servers with one seed answer alike. Raises ScenarioError with every fault.

    >>> with calls_api() as server:
    ...     jobs = server.client.post(server.campaign("addPhones"), json=[{"phone": 16500000000}]).json()
    ...     happened = server.advance(3_600)["campaigns"][0]["begun"]
    >>> jobs, happened
    (['1-0'], 1)
    """
    given = scenarios or (default_campaign(unix_seconds(start or START)),)
    tokens = () if scenarios else (DOCUMENTED,)
    changes: dict[str, object] = {} if seed is None else {"seed": seed}
    if scenarios and start is not None:
        changes["start"] = start
    played = [_scenario(each).changed_by(changes) for each in given]
    path = None if database is None else Path(database)
    opened = open_new(played, tokens, database=path, paused=True, strict=strict)
    try:
        with (
            serving(opened.clerk, Limits()) as url,
            httpx.Client(base_url=url) as client,
        ):
            yield CallsApiServer(url, tuple(token for _, token in opened.clerk.tokens), client)
    finally:
        opened.clerk.close()


@pytest.fixture
def calls_api_server() -> Iterator[CallsApiServer]:
    """A server of the default campaign for one test, on a free port, whose clock stands at `START`.

    Import it in `conftest.py`: `from engine.testing import calls_api_server`. For campaigns of your own, write a
    fixture that yields from `calls_api("scenario.yaml")`.
    """
    with calls_api() as server:
        yield server
