"""Figures on a page: what a dotted name of the summary means, and how its values are drawn."""

from engine.report.charts import axis, time_axis
from engine.wording.figures import figure_words, is_instant, is_share, is_span, time_unit


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
