"""Figures in words: their titles, and their values with units."""

from collections.abc import Callable, Iterable

from engine.calling.instants import DAY, HOUR, MINUTE, in_zone
from engine.calling.zones import parse_zone
from engine.results.figures import figure_named
from engine.wording.reasons import ending_text, reason_text, wait_text
from engine.words import span_text

_MEMBERS: dict[str, Callable[[str], str]] = {"ending": ending_text, "reason": reason_text, "wait": wait_text}
"""The words for the members of a family; members of other families have their own names."""
OCCUPANCIES = frozenset({"lines.occupancy", "lines.occupancy_while_calling"})


def figure_title(name: str) -> str:
    """The title of a figure. Raises LookupError if no summary has it."""
    figure = figure_named(name)
    member = figure.member(name)
    if member is None:
        return figure.title
    return figure.title.format(**{figure.family: _MEMBERS.get(figure.family, str)(member)})


def figure_text(name: str, value: float, zone_name: str) -> str:
    """A value with its unit; instants on the wall clock of a zone, to the minute."""
    if is_instant(name):
        return in_zone(int(value) // MINUTE * MINUTE, parse_zone(zone_name)).strftime("%a %m-%d %H:%M")
    return _amount(name, value, " %")


def difference_text(name: str, value: float) -> str:
    """A difference with its sign and its unit; for shares, in percentage points."""
    text = distance_text(name, value)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "\N{MINUS SIGN}") + text


def distance_text(name: str, value: float) -> str:
    """A difference with its unit, without its sign."""
    return _hours_text(abs(value)) if is_instant(name) else _amount(name, abs(value), " points")


def margin_text(name: str, half: float) -> str:
    """Half the width of an interval, to be put after its value."""
    return "\N{PLUS-MINUS SIGN}" + (_hours_text(half) if is_instant(name) else _amount(name, half, ""))


def _amount(name: str, value: float, share_unit: str) -> str:
    figure = figure_named(name)
    match figure.kind:
        case "share" | "yes-or-no":
            return f"{value * 100:.2f}{share_unit}"
        case "span":
            return span_text(value)
        case "measured":
            return f"{value:,.1f} h" if figure.unit == "hours" else f"{value:.3f}"
        case _:
            return f"{value:,.0f}" if value >= 1000 or value == round(value) else f"{value:,.1f}"


AFTER_SHIFTS = (
    "Calls that are in progress when a shift ends go on: the lines that they hold are in use, but not available any "
    "more. So more than 100 % of the lines available may be in use."
)


def figure_remark(name: str, values: Iterable[float | None]) -> str:
    """What explains values that surprise: an occupancy above 100 % (rules 6); empty if none does."""
    above = name in OCCUPANCIES and any(value is not None and value > 1 for value in values)
    return AFTER_SHIFTS if above else ""


def is_instant(name: str) -> bool:
    """Whether the values of a figure are instants, in Unix seconds."""
    return figure_named(name).kind == "instant"


def _hours_text(seconds: float) -> str:
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:,.1f} h"


def time_unit(longest: float) -> tuple[int, str]:
    """The unit in which lengths of time up to `longest` seconds are easy to read: its seconds and its name."""
    units = ((2 * DAY, DAY, "days"), (2 * HOUR, HOUR, "hours"), (2 * MINUTE, MINUTE, "minutes"))
    return next(((seconds, name) for above, seconds, name in units if longest >= above), (1, "seconds"))
