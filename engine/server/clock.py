"""The simulated clock: which instant of the simulation it is."""

from collections.abc import Callable
from time import monotonic

from engine.calling.instants import LATEST

MOST_SPEED = 10_000_000.0
"""The highest speed, in simulated seconds in a second; `advance` plays as fast as the machine can."""


class SimulatedClock:
    """A clock that stands, or that runs some simulated seconds in each real one; instants are Unix seconds."""

    def __init__(self, instant: int, speed: float, *, paused: bool, real: Callable[[], float] = monotonic) -> None:
        self.speed = speed
        self.paused = paused
        self._real = real
        self._from, self._since = float(instant), real()

    @property
    def instant(self) -> int:
        """The instant at present, at most LATEST: there no simulation goes on."""
        gone = 0.0 if self.paused else (self._real() - self._since) * self.speed
        return int(min(self._from + gone, LATEST))

    def change(self, *, instant: int | None = None, speed: float | None = None, paused: bool | None = None) -> None:
        """Go on from `instant`, else from the present one, at another speed, or stand; None leaves as it is."""
        now = self._real()
        gone = 0.0 if self.paused else (now - self._since) * self.speed
        self._from = self._from + gone if instant is None else float(instant)
        self._since = now
        self.speed = self.speed if speed is None else speed
        self.paused = self.paused if paused is None else paused

    def hold_at(self, instant: int) -> None:
        """Go on from `instant` where playing has not kept up with the clock."""
        if self.instant > instant:
            self.change(instant=instant)

    def seconds_until(self, instant: int) -> float | None:
        """Real seconds until the clock shows an instant; None if it never will."""
        ahead = instant - self.instant
        if ahead <= 0:
            return 0.0
        return None if self.paused or not self.speed else ahead / self.speed
