"""Figures in words: what a dotted name of the summary means, and how its values are written."""

from collections.abc import Callable
from typing import NamedTuple

from engine.answers.wording import ENDING_WORDS, moment_text, percent, reason_text, span_text
from engine.calling.instants import DAY, HOUR, MINUTE
from engine.calling.policy import DEFAULT_ZONE


class Kind(NamedTuple):
    """What a figure measures, and so how it is written and drawn."""

    text: Callable[[float], str]
    difference_text: Callable[[float], str]
    """With its sign."""
    tick_format: str
    unit: str


def _count(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:,.1f}"


def _two_places(value: float) -> str:
    return f"{value:,.2f}"


def _moment(value: float) -> str:
    return moment_text(round(value) // MINUTE * MINUTE, DEFAULT_ZONE)


def _signed(text: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: ("+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else "±") + text(abs(value))


COUNT = Kind(_count, _signed(_count), ",~f", "")
RATIO = Kind(_two_places, _signed(_two_places), ",.2~f", "")
SHARE = Kind(percent, _signed(lambda value: f"{value * 100:.2f} points"), ",.1~%", "%")
SECONDS = Kind(span_text, _signed(span_text), ",~f", "time")
INSTANT = Kind(_moment, _signed(span_text), "", "UTC")

_WORDS = {
    "numbers.total": ("numbers on the list", COUNT),
    "numbers.reached": ("numbers reached", COUNT),
    "numbers.reached_share": ("share of the list reached", SHARE),
    "numbers.duplicates_ignored": ("duplicates ignored", COUNT),
    "calls.total": ("calls", COUNT),
    "calls.per_number": ("calls a number", RATIO),
    "calls.most_attempts": ("most calls to one number", COUNT),
    "lines.hours_available": ("hours of lines available", COUNT),
    "lines.hours_in_use": ("hours of lines in use", COUNT),
    "lines.occupancy": ("occupancy", SHARE),
    "lines.occupancy_while_calling": ("occupancy while calling", SHARE),
    "lines.most_in_use": ("most lines in use at once", COUNT),
    "done_at": ("list done", INSTANT),
    "first_call_at": ("first call", INSTANT),
    "last_call_at": ("last call", INSTANT),
    "last_reached_at": ("last number reached", INSTANT),
    "goal.reached_share": ("share reached in time for the goal", SHARE),
    "goal.reached_at": ("as many reached as the goal asks for", INSTANT),
    "goal.met": ("goal met, share of the replications", SHARE),
    "zones.in_one_zone": ("numbers in one zone by their phones", COUNT),
    "zones.in_several_zones": ("numbers in several zones by their phones", COUNT),
    "zones.not_placed": ("numbers whose phones tell no zone", COUNT),
}
_WAITS = {
    "numbers": ("numbers called", COUNT),
    "mean": ("mean wait for the first call", SECONDS),
    "median": ("median wait for the first call", SECONDS),
    "p90": ("90 % quantile of the wait", SECONDS),
    "p99": ("99 % quantile of the wait", SECONDS),
}
_FAMILIES: tuple[tuple[str, str, Callable[[str], str], Kind], ...] = (
    ("numbers.ending.", "numbers: ", lambda name: ENDING_WORDS.get(name, name), COUNT),
    ("numbers.ending_share.", "share: ", lambda name: ENDING_WORDS.get(name, name), SHARE),
    ("numbers.not_reached.", "not reached: ", reason_text, COUNT),
    ("calls.outcome.", "calls: ", str, COUNT),
    ("calls.outcome_share.", "share of the calls: ", str, SHARE),
    ("zones.numbers.", "numbers in ", str, COUNT),
)


def figure_words(name: str) -> tuple[str, Kind]:
    """What a figure is called, and its kind; a name that is not known stands for itself."""
    if name in _WORDS:
        return _WORDS[name]
    for prefix, before, words, kind in _FAMILIES:
        if name.startswith(prefix):
            return before + words(name.removeprefix(prefix)), kind
    if name.startswith("waiting."):
        _, priority, measure = (*name.split(".", 2), "", "")[:3]
        if measure in _WAITS:
            words_of_wait, kind = _WAITS[measure]
            return f"priority {priority}: {words_of_wait}", kind
    return name, RATIO


def time_unit(longest: float) -> tuple[int, str]:
    """The unit in which lengths of time are short to write: its seconds and its name."""
    units = ((2 * DAY, DAY, "days"), (2 * HOUR, HOUR, "hours"), (2 * MINUTE, MINUTE, "minutes"))
    return next(((seconds, name) for above, seconds, name in units if longest >= above), (1, "seconds"))
