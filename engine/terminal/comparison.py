"""A comparison on a terminal: for each figure a table of the variants, with their intervals drawn beside them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.certainty import Estimate
from engine.whatif.comparison import YES_OR_NO, Comparison, Difference, VariantFigures
from engine.wording.figures import difference_text, figure_text, figure_title, margin_text
from engine.wording.headlines import comparison_headline, sorted_variants

FIRST_FIGURES = (
    "goal.met",
    "numbers.reached_share",
    "done_at",
    "lines.occupancy_while_calling",
    "calls.total",
)
"""The figures that are shown if the user names none."""


def shown_figures(comparison: Comparison, asked: Sequence[str] = ()) -> list[str]:
    """The figures to show: those asked for, else the first ones that any variant measured."""
    if asked:
        return list(asked)
    measured = {
        name for variant in comparison.variants for name, figure in variant.figures.items() if figure.replications
    }
    return [name for name in FIRST_FIGURES if name in measured]


def default_sort(comparison: Comparison) -> str:
    """The figure by which variants are sorted if the user names none."""
    return "goal.reached_share" if "goal.reached_share" in comparison.variants[0].figures else "numbers.reached_share"


def comparison_report(comparison: Comparison, zone_name: str, figures: Sequence[str], sort: str) -> RenderableType:
    """The variants side by side: the answer in a sentence, and a table with a chart for each figure."""
    variants = sorted_variants(comparison, sort)
    seeds = comparison.seeds
    played = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}"
    return Group(
        Text(comparison.name or "A campaign", style="bold"),
        f"variants {len(comparison.variants):,}, replications {comparison.replications:,} each ({played}), "
        f"sorted by {figure_title(sort)}",
        "",
        Text(comparison_headline(comparison, sort, zone_name), style="bold"),
        _figures_table(comparison, variants, figures, zone_name),
        "",
        Text(
            "Intervals are of 95 %. Differences are to the base with the same luck; those with * are beyond doubt.",
            style="dim",
        ),
    )


def _figures_table(
    comparison: Comparison, variants: Sequence[VariantFigures], figures: Sequence[str], zone_name: str
) -> Table:
    """A block of rows for each figure: its title, and a row for each variant."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=True)
    table.add_column(min_width=20, ratio=3, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(min_width=8, ratio=2)
    for name in figures:
        table.add_row()
        table.add_row(Text(figure_title(name), style="bold"), "mean", "to the base", style="dim")
        span = _span(variants, name)
        for variant in variants:
            estimate = variant.figures.get(name, Estimate(None, None, None, 0))
            table.add_row(
                Text(variant.name, style="italic" if variant.name == comparison.base else ""),
                _mean(name, estimate, zone_name),
                _difference(name, variant.differences.get(name)),
                _Interval(estimate, span),
            )
    return table


def _mean(name: str, estimate: Estimate, zone_name: str) -> str:
    if estimate.mean is None:
        return "-"
    text = figure_text(name, estimate.mean, zone_name)
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return text
    if name in YES_OR_NO:
        return f"{text} ({estimate.low:.0%} to {estimate.high:.0%})"
    return f"{text} {margin_text(name, estimate.high - estimate.mean)}"


def _difference(name: str, difference: Difference | None) -> Text:
    if difference is None or difference.mean is None:
        return Text("")
    if difference.mean == difference.low == difference.high == 0:
        return Text("the same  ", style="dim")
    text = difference_text(name, difference.mean)
    if difference.high is not None and difference.low != difference.high:
        text += f" {margin_text(name, difference.high - difference.mean)}"
    return Text(text + (" *" if difference.beyond_doubt else "  "), style="cyan" if difference.beyond_doubt else "")


def _span(variants: Sequence[VariantFigures], name: str) -> tuple[float, float]:
    ends = [
        end
        for variant in variants
        if (estimate := variant.figures.get(name))
        for end in (estimate.low, estimate.mean, estimate.high)
        if end is not None
    ]
    return (min(ends), max(ends)) if ends else (0.0, 0.0)


class _Interval(NamedTuple):
    """An estimate as a point in its interval, on the scale of all variants, as wide as there is room."""

    estimate: Estimate
    span: tuple[float, float]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        width, (least, most), estimate = options.max_width, self.span, self.estimate
        cells = [" "] * width
        if estimate.mean is not None and least < most:
            ends = (estimate.mean if end is None else end for end in (estimate.low, estimate.mean, estimate.high))
            low, mean, high = (round((end - least) / (most - least) * (width - 1)) for end in ends)
            cells[low : high + 1] = "─" * (high + 1 - low)
            cells[mean] = "●"
        yield Text("".join(cells), style="cyan")
