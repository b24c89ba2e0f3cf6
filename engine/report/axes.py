"""The axes of a figure on a page: its title with its unit, and how its values are drawn."""

from engine.report.charts import axis, time_axis
from engine.results.figures import figure_named
from engine.wording.figures import figure_title, time_unit


def value_axis(name: str, longest: float, zone: str) -> tuple[float, dict[str, object]]:
    """The number by which a figure's values are divided to be drawn, and their axis; instants are on a zone's clock."""
    title = figure_title(name)
    match figure_named(name).kind:
        case "instant":
            return 1, time_axis(f"{title}, {zone}", fixedrange=True, nticks=4)
        case "span":
            seconds, unit = time_unit(longest)
            return seconds, axis(f"{title}, {unit}", nticks=5)
        case "share" | "yes-or-no":
            return 1, axis(title, nticks=5, tickformat=",.1~%")
        case _:
            return 1, axis(title, nticks=5, tickformat=",~r" if longest < 10 else ",~f")


def difference_axis(name: str, longest: float, base: str) -> tuple[float, dict[str, object]]:
    """The number by which differences of a figure are divided to be drawn, and their axis."""
    title = f"difference to {base}"
    match figure_named(name).kind:
        case "instant" | "span":
            seconds, unit = time_unit(longest)
            return seconds, axis(f"{title}, {unit}", nticks=5)
        case "share" | "yes-or-no":
            return 0.01, axis(f"{title}, percentage points", nticks=5)
        case _:
            return 1, axis(title, nticks=5, tickformat=",~r" if longest < 10 else ",~f")
