"""The broadcast: the state of the server, told to all who listen whenever it has changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from engine.server.answers import State

PUBLISHED_EVERY = 0.25
"""The least time between two states that are told, in seconds."""

Latest = asyncio.Queue[State | None]
"""The last state that a listener has not heard yet; None at the end."""


class Broadcast:
    """Tells states from one thread to listeners in the loops of others; slow ones miss states, but never the last."""

    def __init__(self) -> None:
        self._listeners: dict[Latest, asyncio.AbstractEventLoop] = {}
        self._has_changed = False
        self._sent_at = monotonic()

    @contextmanager
    def listening(self) -> Iterator[Latest]:
        """Where a listener hears the states that are told from now on."""
        latest: Latest = asyncio.Queue(1)
        self._listeners[latest] = asyncio.get_running_loop()
        try:
            yield latest
        finally:
            del self._listeners[latest]

    def changed(self) -> None:
        """The state is another one."""
        self._has_changed = True

    @property
    def is_awaited(self) -> bool:
        """Whether somebody listens who has not heard the present state."""
        return self._has_changed and bool(self._listeners)

    @property
    def is_due(self) -> bool:
        """Whether the present state is to be told now."""
        return self.is_awaited and monotonic() - self._sent_at >= PUBLISHED_EVERY

    def send(self, state: State | None) -> None:
        """Tell a state; None is the end."""
        self._has_changed, self._sent_at = False, monotonic()
        for latest, loop in list(self._listeners.items()):
            with suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(_renew, latest, state)


def _renew(latest: Latest, state: State | None) -> None:
    """Put a state in the place of one that nobody has taken yet."""
    with suppress(asyncio.QueueEmpty):
        latest.get_nowait()
    latest.put_nowait(state)
