"""The live dialer for Python, which gives results and shows itself."""

from datetime import datetime, timedelta
from os import PathLike
from typing import Self

from engine.calling.instants import unix_seconds, utc_text
from engine.card import card
from engine.dialing.live import LiveDialer
from engine.progress import Progress, unseen
from engine.public.running import Result, scenario_of
from engine.scenario.scenario import Scenario
from engine.words import counted


class Dialer(LiveDialer):
    """A running campaign, of a scenario or a scenario file, to which numbers are added while it plays.

    >>> dialer = Dialer("scenarios/api_example.yaml")
    >>> dialer.add([{"phone": 16505550000}, {"phone": 16505550000}])
    [1, None]
    >>> dialer.run_for(3 * 86_400)
    >>> dialer.state(1).attempts
    1
    >>> dialer.result()["numbers.total"]
    2
    """

    def __init__(
        self,
        scenario: Scenario | str | PathLike[str],
        *,
        seed: int | None = None,
        calls: bool = True,
        progress: Progress = unseen,
    ) -> None:
        """Without `calls`, the calls are not kept for the result. ScenarioError with every fault of the scenario."""
        super().__init__(scenario_of(scenario, seed), keep_calls=calls, progress=progress)

    @classmethod
    def restored(cls, scenario: Scenario | str | PathLike[str], snapshot: bytes, *, seed: int | None = None) -> Self:
        """The dialer of which a snapshot was made, with the same scenario, or scenario file, and seed.

        It goes on exactly as that one. InputError if the snapshot is damaged, or of another version or scenario.

        >>> dialer = Dialer("scenarios/api_example.yaml")
        >>> dialer.run_for(3_600)
        >>> Dialer.restored("scenarios/api_example.yaml", dialer.snapshot()).now - dialer.now
        0
        """
        return super().restored(scenario_of(scenario, seed), snapshot)

    def run_until(self, instant: int | str | datetime) -> None:
        """Play every second before an instant: Unix seconds, an aware datetime, or ISO 8601 text with an offset.

        At most to the simulation's finish. ValueError if it is before `now`, or not an instant.
        """
        if isinstance(instant, datetime):
            instant = instant.isoformat()
        super().run_until(unix_seconds(instant) if isinstance(instant, str) else instant)

    def run_for(self, seconds: int | timedelta) -> None:
        """Play so many seconds, or a timedelta of whole seconds, from `now` on, at most to the simulation's finish."""
        if isinstance(seconds, timedelta):
            seconds, rest = divmod(seconds, timedelta(seconds=1))
            if rest:
                raise ValueError("time is whole seconds")
        super().run_for(seconds)

    def result(self) -> Result:
        """What came of all that was played: the result of a simulation that finishes at `now`."""
        scenario, rulebook = self.played()
        return Result(scenario, rulebook, self.record())

    @property
    def _stands(self) -> str:
        return ", stopped" if self.stopped_at is not None else ", paused" if self.paused else ""

    def __repr__(self) -> str:
        name = f"{self.scenario.document.name!r}: " if self.scenario.document.name else ""
        listed = f" and {counted(self.coming, 'number')} to come" if self.coming else ""
        calls = f"{counted(self.begun, 'call')}, {self.lines_in_use:,} in progress"
        return f"Dialer({name}{utc_text(self.now)}, {counted(len(self), 'job')}{listed}, {calls}{self._stands})"

    def _repr_html_(self) -> str:
        """A card for notebooks: its state, and the share reached so far."""
        figures = {"jobs": f"{len(self):,}", "calls": f"{self.begun:,}", "lines in use": f"{self.lines_in_use:,}"}
        state = f"{utc_text(self.now)}{self._stands}"
        picture = self.result().reached_curve() if self.now > self.scenario.document.start else ""
        return card(self.scenario.document.name or "A campaign", [state], figures, picture)
