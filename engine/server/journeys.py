"""Journeys: time that is played as fast as it goes, up to an instant that a request names."""

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, NamedTuple

from engine.calling.instants import LATEST, unix_seconds, utc_text
from engine.reading.faults import shown
from engine.server.answers import Happened
from engine.server.clock import MOST_SPEED
from engine.server.errors import RefusedError, invalid_field
from engine.server.requests import Advance, SetClock


class Asked(NamedTuple):
    """A request that waits for its answer."""

    request: Any
    answer: "Future[Any]"

    @property
    def is_journey(self) -> bool:
        """Whether time is played for it."""
        return isinstance(self.request, Advance) or (
            isinstance(self.request, SetClock) and self.request.instant is not None
        )

    def tell(self, answer: Any) -> None:
        """Answer it, if anybody still waits."""
        with suppress(InvalidStateError):
            self.answer.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Answer it with an error, if anybody still waits and it has no answer yet."""
        with suppress(InvalidStateError):
            self.answer.set_exception(error)


class Journey:
    """Time to be played as fast as it goes: an `advance`, or a clock that was set to a later instant."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.since: int | None = None
        self.goal = 0
        self.is_stopped = False
        """Whether the clock was paused before it arrived."""
        self.before: list[Happened] = []
        """What had happened in each campaign when it began."""
        self.refused: RefusedError | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.asked.answer.cancelled()

    def stop(self, instant: int) -> None:
        """Let it go no further than to this instant, at which time stands."""
        self.is_stopped = True
        self.goal = instant


def goal_of(request: Advance | SetClock, now: int) -> int:
    """The instant to which a request leads from `now`; RefusedError if there is none."""
    if isinstance(request, Advance) and request.by is not None:
        path, goal = "by", now + request.by
    else:
        path = "to" if isinstance(request, Advance) else "instant"
        text = request.to if isinstance(request, Advance) else request.instant
        try:
            goal = unix_seconds(text or "")
        except ValueError as error:
            message = f"{path}: found {shown(text)}, {error}; write one such as 2026-03-02T18:00:00Z"
            raise invalid_field(path, message) from None
    if goal < now:
        message = f"time does not go back: it is {utc_text(now)} already; POST /simulation/reset begins anew"
        raise invalid_field(path, f"{path}: {message}")
    if goal > LATEST:
        raise invalid_field(path, f"{path}: the simulation ends before {utc_text(LATEST)}")
    return goal


def check_speed(speed: float | None) -> None:
    """RefusedError if a clock cannot run at a speed, which may be left out."""
    if speed is not None and not 0 < speed <= MOST_SPEED:
        raise invalid_field("speed", f"the speed is {speed:g}; write a number above 0, at most {MOST_SPEED:,.0f}")
