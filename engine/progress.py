"""Progress: how far a piece of work is that takes a while."""

from collections.abc import Callable

import msgspec


class Step(msgspec.Struct, frozen=True):
    """What is being done, and how much of it is."""

    what: str
    """In words, such as `reading phones.csv`."""
    done: int = 0
    """In units; 0 where nothing is counted."""
    of: int | None = None
    """All units; None where nobody knows how many there are."""
    unit: str = ""
    """What is counted, in the plural, such as `numbers`."""


Progress = Callable[[Step], None]
"""Called with each step as it is reached; what it raises ends the work."""


def unseen(_: Step) -> None:
    """The progress of work at which nobody looks."""
