"""An office: a clerk of campaigns without numbers, asked without asyncio."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import pytest

from engine.scenario.scenario import Scenario
from engine.server.answers import AttemptReport, JobReport
from engine.server.clerk import Clerk
from engine.server.errors import RefusedError
from engine.server.requests import AttemptsByDate, DescribeCampaign, JobsByDate, ReadState, Request

START = "2026-03-02T00:00:00Z"
MONDAY = 1_772_409_600_000
HOUR = 3_600_000
LONGEST = 120
"""Seconds after which an answer that has not come is a fault of the clerk."""
T = TypeVar("T")


def scenario(**changes: Any) -> Scenario:
    """A campaign of two lines without numbers; calls last a minute, and every third one is answered."""
    return Scenario.from_document(
        {
            "name": "Reminders",
            "start": START,
            "finish": "2026-03-09T00:00:00Z",
            "campaign": {"lines": 2, "maxAttempts": 3},
            "numbers": [],
            "outcomes": {
                "answered": {"share": 0.3, "seconds": 60},
                "noAnswer": {"share": 0.5, "seconds": 30, "retry": True},
                "busy": {"share": 0.2, "seconds": 5, "retry": True, "retryIntervalInMinutes": 5},
            },
            **changes,
        }
    )


def always(outcome: str, **more: Any) -> dict[str, Any]:
    """Outcomes of which all calls come to one."""
    others = {} if outcome == "answered" else {"answered": {"share": 0, "seconds": 60}}
    return {"outcomes": {outcome: {"share": 1, "seconds": 60, **more}, **others}}


def phones(count: int, first: int = 16_500_000_000) -> bytes:
    return msgspec.json.encode([{"phone": first + index} for index in range(count)])


def in_a_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, run in a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Office:
    """A clerk, and its answers without asyncio."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def ask(self, request: Request[T]) -> T:
        """The answer to a request."""
        return in_a_loop(asyncio.wait_for(self.clerk.ask(request), LONGEST))

    def refused(self, request: Request[Any]) -> RefusedError:
        """The refusal of a request."""
        with pytest.raises(RefusedError) as caught:
            self.ask(request)
        return caught.value

    def reports(self) -> list[JobReport]:
        """The reports of the first 200 jobs."""
        return self.ask(JobsByDate(campaign=0, page_size=200)).items

    def calls(self) -> list[AttemptReport]:
        """Every call so far."""
        calls: list[AttemptReport] = []
        while page := self.ask(AttemptsByDate(campaign=0, page=len(calls) // 200, page_size=200)).items:
            calls += page
            if len(page) < 200:
                break
        return calls

    def everything(self) -> list[Any]:
        """All that the server tells of its campaign."""
        return [self.ask(ReadState()), self.reports(), self.calls(), self.ask(DescribeCampaign(campaign=0))]


Opens = Callable[..., Office]
"""Opens an office of scenarios, with options of `open_new`."""
