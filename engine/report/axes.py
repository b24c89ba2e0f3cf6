"""Figures on a page: what a dotted name of the summary means, and how its values are drawn."""

from collections.abc import Callable

from engine.calling.instants import DAY, HOUR, MINUTE
from engine.report.charts import axis, time_axis
from engine.wording.figures import figure_title, is_instant, is_share, is_span
from engine.wording.headlines import ENDING_WORDS, reason_text

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


def value_axis(name: str, longest: float, zone: str) -> tuple[float, dict[str, object]]:
    """By what a figure's values are divided to be drawn, and their axis; instants are those of a zone's clock."""
    words = figure_words(name)
    if is_instant(name):
        return 1, time_axis(f"{words}, {zone}", fixedrange=True, nticks=4)
    if is_span(name):
        seconds, unit = time_unit(longest)
        return seconds, axis(f"{words}, {unit}", nticks=5)
    return 1, axis(words, nticks=5, tickformat=",.1~%" if is_share(name) else ",~r" if longest < 10 else ",~f")


def difference_axis(name: str, longest: float, base: str) -> tuple[float, dict[str, object]]:
    """By what differences of a figure are divided to be drawn, and their axis."""
    words = f"difference to {base}"
    if is_instant(name) or is_span(name):
        seconds, unit = time_unit(longest)
        return seconds, axis(f"{words}, {unit}", nticks=5)
    if is_share(name):
        return 0.01, axis(f"{words}, percentage points", nticks=5)
    return 1, axis(words, nticks=5, tickformat=",~r" if longest < 10 else ",~f")
