"""Reasons in words: why numbers were not reached, and how numbers ended."""

from engine.results.reasons import ENDING_WORDS, Cause, reason_named

CAUSE_WORDS: dict[Cause, str] = {
    "attempts": "are called but not reached",
    "windows": "are not allowed to be called in time",
    "time": "are reached too late or are pending at the end",
}
"""What becomes of the numbers that a cause keeps from being reached, after their share of the list."""


def reason_text(name: str) -> str:
    """Why numbers were not reached, by the name that the summary gives it. Raises LookupError if there is none."""
    reason = reason_named(name)
    return reason.words.format(outcome=name.removeprefix(reason.name.partition("{")[0]))


def ending_text(ending: str) -> str:
    """How numbers ended, by the name that the summary gives it."""
    return ENDING_WORDS[ending]
