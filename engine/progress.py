"""Progress: how far a long piece of work has come."""

from collections.abc import Callable

import msgspec


class Step(msgspec.Struct, frozen=True):
    """What is being done, and how much of it is done."""

    what: str
    """The work in words, such as `reading phones.csv`."""
    done: int = 0
    """How many units are done; 0 where nothing is counted."""
    of: int | None = None
    """How many units there are; None where that is not known."""
    unit: str = ""
    """What is counted, in the plural, such as `numbers`."""


Progress = Callable[[Step], None]
"""Called with each step as it is reached; an exception that it raises ends the work."""


def unseen(_: Step) -> None:
    """A progress that shows nothing."""
