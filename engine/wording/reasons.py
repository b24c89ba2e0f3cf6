"""Reasons in words: why numbers were not reached, and how numbers ended."""

from engine.dialing.waits import WAIT_REASONS
from engine.results.reasons import ENDING_WORDS, Cause, reason_named

CAUSE_WORDS: dict[Cause, str] = {
    "attempts": "are called but not reached",
    "windows": "are not allowed to be called in time",
    "lines": "get no free line in time",
    "caps": "are held back by caps",
    "time": "are reached too late or are pending at the end",
}
"""What happens to the numbers that are not reached for a cause; it follows their share of the list."""


def reason_text(name: str) -> str:
    """The words for a reason of the summary why numbers were not reached. Raises LookupError if there is none."""
    reason = reason_named(name)
    return reason.words.format(outcome=name.removeprefix(reason.name.partition("{")[0]))


def ending_text(ending: str) -> str:
    """The words for an ending of the summary."""
    return ENDING_WORDS[ending]


_WAITS = {reason.name: reason.words for reason in WAIT_REASONS}


def wait_text(name: str) -> str:
    """The words for what a number waits for, which follow `it is`."""
    return _WAITS[name]
