"""A watch: the life of a few numbers, written down while the reference engine plays (rules 6)."""

from collections.abc import Iterable

import msgspec

from engine.dialing.waits import HELD_BY_CAP


class Called(msgspec.Struct, frozen=True):
    """A number that was called while another one waited."""

    row: int
    priority: int
    next_allowed: int
    """As rules 5 have it, Unix seconds."""


class Stretch(msgspec.Struct):
    """Seconds `[start, end)`, in Unix time, in which a number does or waits for one thing."""

    start: int
    end: int
    reason: int
    """A place in WAIT_REASONS."""
    priority: int
    attempt: int = 0
    """How many calls it had had, one in progress included."""
    outcome: int = -1
    """Of a call: its index in the outcome model's `names`, and how long it is."""
    seconds: int = 0
    caps: tuple[int, ...] = ()
    """The places of the caps that forbid a call in the last second of it."""
    ahead: int = 0
    """How many numbers were before it in line when it began to wait for a line, or for the pace."""
    called: int = 0
    """How many calls others got while it waited for that, and the last one who got one."""
    last_called: Called | None = None
    ending: int = -1
    """How the number ended, as an index in ENDINGS."""


class Watch:
    """Follows numbers by their rows."""

    def __init__(self, rows: Iterable[int]) -> None:
        self.lives: dict[int, list[Stretch]] = {row: [] for row in rows}
        self.held: dict[int, tuple[int, tuple[int, ...]]] = {}
        """[row]: when its present wait would end without caps, and which caps hold it back after that."""
        self.called: list[Called] = []
        """Those whose calls began since the last look."""

    def lived(self, row: int, reason: int, start: int, end: int, priority: int, attempt: int) -> tuple[Stretch, bool]:
        """The stretch to which these seconds of a number belong, and whether it begins with them."""
        caps = self.held[row][1] if reason == HELD_BY_CAP else ()
        life = self.lives[row]
        if life and (life[-1].reason, life[-1].priority, life[-1].attempt, life[-1].caps) == (
            reason,
            priority,
            attempt,
            caps,
        ):
            life[-1].end = end
            return life[-1], False
        life.append(Stretch(start, end, reason, priority, attempt, caps=caps))
        return life[-1], True
