"""Figures for people: what each is called, and its values with their units."""

from collections.abc import Callable

from engine.calling.instants import DAY, HOUR, MINUTE, in_zone
from engine.calling.zones import parse_zone
from engine.results.reasons import ENDING_WORDS, reason_text
from engine.whatif.comparison import YES_OR_NO
from engine.words import span_text

TITLES = {
    "goal.met": "meets the goal",
    "goal.reached_share": "reached in time",
    "goal.reached_at": "goal's share reached at",
    "numbers.reached": "numbers reached",
    "numbers.reached_share": "numbers reached",
    "calls.total": "calls",
    "calls.per_number": "calls a number",
    "calls.most_attempts": "most calls to one number",
    "lines.occupancy": "occupancy",
    "lines.occupancy_while_calling": "occupancy while calling",
    "lines.hours_available": "hours of lines available",
    "lines.hours_in_use": "hours of lines in use",
    "lines.most_in_use": "most lines in use at once",
    "done_at": "list done at",
    "first_call_at": "first call at",
    "last_call_at": "last call at",
    "last_reached_at": "last number reached at",
}
"""Other figures go by their dotted names."""


def figure_title(name: str) -> str:
    """What people call a figure."""
    return TITLES.get(name, name)


def figure_text(name: str, value: float, zone_name: str) -> str:
    """A value with its unit; instants on the wall clock of a zone, to the minute."""
    if is_instant(name):
        return in_zone(round(value / MINUTE) * MINUTE, parse_zone(zone_name)).strftime("%a %m-%d %H:%M")
    return _amount(name, value, " %")


def difference_text(name: str, value: float) -> str:
    """A difference with its sign and its unit; of shares in percentage points."""
    text = _hours_text(abs(value)) if is_instant(name) else _amount(name, abs(value), " points")
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "\N{MINUS SIGN}") + text


def margin_text(name: str, half: float) -> str:
    """Half the width of an interval, to stand behind the value it belongs to."""
    return "\N{PLUS-MINUS SIGN}" + (_hours_text(half) if is_instant(name) else _amount(name, half, ""))


def _amount(name: str, value: float, share_unit: str) -> str:
    steps = name.split(".")
    if is_share(name):
        return f"{value * 100:.2f}{share_unit}"
    if is_span(name):
        return span_text(value)
    if steps[0] == "lines" and "hours" in steps[-1]:
        return f"{value:,.1f} h"
    if name == "calls.per_number":
        return f"{value:.3f}"
    return f"{value:,.0f}" if value >= 1000 or value == round(value) else f"{value:,.1f}"


def is_instant(name: str) -> bool:
    """Whether the values of a figure are instants, in Unix seconds."""
    return name.endswith("_at")


def is_share(name: str) -> bool:
    """Whether the values of a figure are shares, from 0 to 1."""
    return name in YES_OR_NO or any(step.endswith("_share") for step in name.split(".")) or "occupancy" in name


def is_span(name: str) -> bool:
    """Whether the values of a figure are lengths of time, in seconds."""
    return name.startswith("waiting.") and not name.endswith(".numbers")


def _hours_text(seconds: float) -> str:
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:,.1f} h"


_WORDS = {
    "numbers.total": "numbers on the list",
    "numbers.reached_share": "share of the list reached",
    "numbers.duplicates_ignored": "duplicates ignored",
    "goal.reached_share": "share of the list reached in time",
    "zones.in_one_zone": "numbers whose phones tell one zone",
    "zones.in_several_zones": "numbers whose phones tell several zones",
    "zones.not_placed": "numbers whose phones tell no zone",
}


_WAITS = {
    "numbers": "numbers called",
    "mean": "mean wait for the first call",
    "median": "median wait for the first call",
    "p90": "90 % wait for the first call less than",
    "p99": "99 % wait for the first call less than",
}


_FAMILIES: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("numbers.ending.", "numbers: ", lambda name: ENDING_WORDS.get(name, name)),
    ("numbers.ending_share.", "share of the list: ", lambda name: ENDING_WORDS.get(name, name)),
    ("numbers.not_reached.", "not reached: ", reason_text),
    ("calls.outcome.", "calls: ", str),
    ("calls.outcome_share.", "share of the calls: ", str),
    ("zones.numbers.", "numbers in ", str),
)


def figure_words(name: str) -> str:
    """What a figure is called; a name that is not known stands for itself."""
    if name in _WORDS:
        return _WORDS[name]
    for prefix, before, words in _FAMILIES:
        if name.startswith(prefix):
            return before + words(name.removeprefix(prefix))
    if name.startswith("waiting."):
        _, priority, measure = (*name.split(".", 2), "", "")[:3]
        return f"priority {priority}: {_WAITS[measure]}" if measure in _WAITS else name
    return figure_title(name)


def time_unit(longest: float) -> tuple[int, str]:
    """The unit in which lengths of time are short to write: its seconds and its name."""
    units = ((2 * DAY, DAY, "days"), (2 * HOUR, HOUR, "hours"), (2 * MINUTE, MINUTE, "minutes"))
    return next(((seconds, name) for above, seconds, name in units if longest >= above), (1, "seconds"))
