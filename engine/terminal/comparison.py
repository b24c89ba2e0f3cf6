"""A comparison on a terminal: for each figure a table of the variants with their intervals."""

from collections.abc import Iterator, Sequence
from math import isclose
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.certainty import Estimate
from engine.results.figures import figure_named
from engine.terminal.console import styled
from engine.terminal.tables import headline_lines
from engine.whatif.comparison import Comparison, Difference, VariantFigures
from engine.wording.comparisons import comparison_headline, sorted_variants
from engine.wording.figures import difference_text, figure_remark, figure_text, figure_title, margin_text


def comparison_report(comparison: Comparison, zone_name: str, figures: Sequence[str], sort: str) -> RenderableType:
    """The variants side by side, sorted by a figure: the answer in a sentence, and a table for each of the figures."""
    variants = sorted_variants(comparison, sort)
    remarks = (figure_remark(name, (each.mean(name) for each in variants)) for name in figures)
    return Group(
        *headline_lines(comparison_headline(comparison, sort, zone_name)),
        _figures_table(comparison, variants, figures, zone_name),
        "",
        Text(f"Variants are sorted by: {figure_title(sort)}.", style="dim"),
        Text(
            "Intervals are of 95 %. Differences are to the base with the same luck; those with * are beyond doubt.",
            style="dim",
        ),
        *(Text(remark, style="dim") for remark in dict.fromkeys(remarks) if remark),
    )


def _figures_table(
    comparison: Comparison, variants: Sequence[VariantFigures], figures: Sequence[str], zone_name: str
) -> Table:
    """A block of rows for each figure: its title, and a row for each variant."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=True)
    table.add_column(min_width=20, ratio=3, overflow="fold")
    table.add_column("mean", justify="right", no_wrap=True)
    table.add_column("to the base", justify="right", no_wrap=True)
    table.add_column(min_width=8, ratio=2)
    for name in figures:
        table.add_row()
        table.add_row(Text(figure_title(name), style="bold"), "mean", "to the base", style="dim")
        span = _span(variants, name)
        for variant in variants:
            estimate = variant.figures.get(name, Estimate(None, None, None, 0))
            table.add_row(
                styled(variant.name, "italic" if variant.name == comparison.base else ""),
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
    if figure_named(name).kind == "yes-or-no":
        return f"{text} ({estimate.low:.0%} to {estimate.high:.0%})"
    above, below = estimate.high - estimate.mean, estimate.mean - estimate.low
    if isclose(above, below, rel_tol=0.01):
        return f"{text} {margin_text(name, above)}"
    low, high = (figure_text(name, end, zone_name) for end in (estimate.low, estimate.high))
    return f"{text} ({low} to {high})"  # cut off where no value can lie


def _difference(name: str, difference: Difference | None) -> Text:
    if difference is None or difference.mean is None:
        return Text("")
    if difference.is_zero:
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
    """An estimate as a point in its interval, on the scale of all variants, as wide as the column."""

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
