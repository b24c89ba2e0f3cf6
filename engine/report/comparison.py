"""The report of a comparison: each variant's figures, and which differences are beyond doubt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import local_seconds
from engine.certainty import Estimate
from engine.release import made_by
from engine.report.axes import difference_axis, value_axis
from engine.report.charts import (
    BLUE,
    GREY,
    INK,
    OTHER_COLOURS,
    QUIET,
    Chart,
    layout,
    plain,
    rows_layout,
    share_axis,
    short,
    time_axis,
)
from engine.report.over_time import HEIGHT, band_traces, clock_text, goal_trace
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import clock_texts
from engine.whatif.comparison import Comparison, Difference, VariantFigures
from engine.wording.changes import change_texts
from engine.wording.comparisons import (
    REACHED,
    are_the_same,
    comparison_headline,
    headline_figure,
    headline_variants,
    main_figures,
)
from engine.wording.figures import difference_text, figure_remark, figure_text, figure_title, is_instant
from engine.words import moment_text, percent, zone_text

MOST_DRAWN = 20
"""The most variants in a chart, the base included: those that differ most in the headline's figure."""
MOST_BANDS = 1 + len(OTHER_COLOURS)
MOST_LISTED = 50
"""The most variants in a table."""
SHORT_VALUES = 24
"""The most characters of two values that stand on one line."""
MOST_INSTANTS = 60
"""The most instants in the table of numbers reached over time."""


def comparison_page(comparison: Comparison, zone_name: str = DEFAULT_ZONE, figure: str | None = None) -> str:
    """The report of a comparison as one HTML file, with instants on the clock of a zone.

    `figure` is the headline's; if left out, it is the share of the list that is reached.
    """
    first = figure or headline_figure(comparison)
    drawn = _that_differ_most(comparison, MOST_DRAWN, first)
    measured = [name for name in main_figures(comparison, first) if any(each.mean(name) is not None for each in drawn)]
    listed = _that_differ_most(comparison, MOST_LISTED, first)
    in_bands = _that_differ_most(comparison, MOST_BANDS, first)
    sections = (
        Section("The variants", (_changes(comparison),)),
        Section("Figure by figure", tuple(_figure(comparison, listed, drawn, name, zone_name) for name in measured)),
        Section("Reached over time", (_reached(comparison, in_bands, zone_name),)),
        Section("All figures", tuple(_tables(comparison, listed, zone_name))),
    )
    return render(
        Page(
            headline=comparison_headline(comparison, first, zone_name),
            figures=tuple(_key_figures(_that_differ_most(comparison, 6, first), first, zone_name)),
            sections=sections,
            footer=(
                "Intervals hold the true mean in 95 of 100 cases. Differences are between replications with the same "
                "luck; of a figure, all those called beyond doubt are so together.",
                f"made by {made_by()}",
            ),
        )
    )


def _that_differ_most(comparison: Comparison, most: int, figure: str) -> list[VariantFigures]:
    """The base, then the variant that the headline names first and those that differ most, in their order.

    Half of them have more than the base and half less, as far as there are so many: one side could hide the other.
    """
    named = headline_variants(comparison, figure)[:1]

    def gain(variant: VariantFigures) -> float:
        difference = variant.differences.get(figure)
        return 0.0 if difference is None or difference.mean is None else difference.mean

    base, *others = comparison.variants
    sides: tuple[list[VariantFigures], list[VariantFigures]] = ([], [])
    for each in others:
        sides[gain(each) <= 0 and each.name not in named].append(each)
    more = sorted(sides[0], key=lambda each: (each.name in named, gain(each)), reverse=True)
    less = sorted(sides[1], key=gain)
    places = most - 1
    more = more[: max(-(-places // 2), places - len(less))]
    kept = {each.name for each in (*more, *less[: places - len(more)])}
    return [base, *(each for each in others if each.name in kept)]


def _not_drawn(comparison: Comparison, drawn: Sequence[VariantFigures]) -> str:
    left_out = len(comparison.variants) - len(drawn)
    return f"{left_out:,} variants that differ less are not drawn." if left_out else ""


def _key_figures(variants: Sequence[VariantFigures], figure: str, zone_name: str) -> Iterator[KeyFigure]:
    for variant in variants:
        mean, difference = variant.mean(figure), variant.differences.get(figure)
        value = "-" if mean is None else figure_text(figure, mean, zone_name)
        note = f"{figure_title(figure)}, the base" if difference is None else _difference_note(difference, figure)
        yield KeyFigure(short(variant.name), value, note)


def _difference_note(difference: Difference, figure: str) -> str:
    if difference.mean is None:
        return "no difference measured"
    if difference.is_zero:
        return "the same"
    return f"{difference_text(figure, difference.mean)}{'' if difference.beyond_doubt else ', may be chance'}"


def _figure(
    comparison: Comparison,
    listed: Sequence[VariantFigures],
    drawn: Sequence[VariantFigures],
    name: str,
    zone_name: str,
) -> Exhibit:
    """A figure of each variant and its difference to the base, with their intervals."""
    words, note = figure_title(name), _not_drawn(comparison, drawn)
    table = Table(
        f"{words}, by variant",
        ("variant", "mean (95 % interval)", f"difference to {comparison.base} (✓ beyond doubt)"),
        [
            (
                variant.name,
                _estimate_text(variant.figures.get(name), name, zone_name),
                "" if name not in variant.differences else _marked(variant.differences[name], name),
            )
            for variant in listed
        ],
        words=(1, 2),
    )
    means = [mean for each in comparison.variants if (mean := each.mean(name)) is not None]
    note = " ".join(remark for remark in (figure_remark(name, means), note) if remark)
    least, most = (figure_text(name, end(means), zone_name) for end in (min, max))
    title = f"{words}: from {least}{_named(comparison.least, name)} to {most}{_named(comparison.most, name)}"
    if least == most:
        title = f"{words}: {most} in all variants"
        if are_the_same(comparison.variants, name):
            title += ", the same in each replication" if len(drawn) > 1 else ""
            return Exhibit(title[:1].upper() + title[1:], "Mean with its 95 % interval.", table, note=note)
    about = f"Mean with its 95 % interval, and the difference to {comparison.base} with its own. "
    about += _clock(zone_name) if is_instant(name) else ""
    charts = (_values_chart(drawn, name, zone_name), *_differences_chart(comparison, drawn, name))
    return Exhibit(title[:1].upper() + title[1:], about.strip(), table, charts, note)


def _named(furthest: Mapping[str, Sequence[str]], figure: str) -> str:
    """The variants that have the most or the least of a figure beyond doubt, in brackets."""
    first, *more = (short(name) for name in furthest.get(figure, ()) or ("",))
    return f" ({first}{f' and {len(more):,} more' if more else ''})" if first else ""


def _clock(zone_name: str) -> str:
    return f"Times are those of {zone_text(zone_name)}."


def _values_chart(drawn: Sequence[VariantFigures], name: str, zone_name: str) -> Chart:
    estimates = [each.figures.get(name, Estimate(None, None, None, 0)) for each in drawn]
    scale, x_axis = value_axis(name, _largest(estimates), zone_text(zone_name))

    def drawn_at(value: float) -> float | str:
        if is_instant(name):
            return clock_texts(local_seconds(np.array([round(value)]), zone_name))[0]
        return round(value / scale, 6)

    legend = (("beyond doubt", BLUE), ("may be chance", GREY)) if len(drawn) > 1 else ()
    texts = [_estimate_text(each, name, zone_name) for each in estimates]
    labels = _labels(
        drawn, [None if each.mean is None else figure_text(name, each.mean, zone_name) for each in estimates]
    )
    colours = [INK, *(BLUE if each.is_beyond_doubt(name) else GREY for each in drawn[1:])]
    return Chart(_dots(estimates, drawn_at, colours, texts), rows_layout(labels, x_axis), legend)


def _largest(estimates: Sequence[Estimate | Difference]) -> float:
    return max((abs(each.mean) for each in estimates if each.mean is not None), default=0)


def _differences_chart(comparison: Comparison, drawn: Sequence[VariantFigures], name: str) -> tuple[Chart, ...]:
    differences = [each.differences.get(name, Difference(None, None, None, beyond_doubt=False)) for each in drawn]
    if all(each.mean is None for each in differences):
        return ()
    scale, x_axis = difference_axis(name, _largest(differences), plain(short(comparison.base)))
    texts = [f"{_difference_text(each, name)}<br>{_doubt_words(each)}" for each in differences]
    labels = _labels(drawn, [None if each.mean is None else difference_text(name, each.mean) for each in differences])
    labels[0] = plain(short(comparison.base))
    colours = [BLUE if each.beyond_doubt else GREY for each in differences]
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": QUIET, "width": 1}}
    look = rows_layout(labels, x_axis, shapes=[zero])
    return (Chart(_dots(differences, lambda value: round(value / scale, 6), colours, texts), look),)


def _labels(variants: Sequence[VariantFigures], texts: Sequence[str | None]) -> list[str]:
    return [
        f"<b>{plain(text or 'not measured')}</b>  {plain(short(variant.name))}"
        for variant, text in zip(variants, texts, strict=True)
    ]


def _dots(
    estimates: Sequence[Estimate | Difference],
    drawn_at: Callable[[float], float | str],
    colours: Sequence[str],
    texts: Sequence[str],
) -> list[dict[str, Any]]:
    """A dot with its interval in each row; hollow if the difference may be chance."""
    traces = []
    for row, (each, colour, text) in enumerate(zip(estimates, colours, texts, strict=True)):
        look = {"type": "scatter", "hovertext": text, "hoverinfo": "text"}
        if each.low is not None and each.high is not None:
            ends = {"x": [drawn_at(each.low), drawn_at(each.high)], "y": [row, row]}
            traces.append(look | ends | {"mode": "lines", "line": {"color": colour, "width": 3}})
        if each.mean is not None:
            symbol = "circle-open" if colour == GREY else "circle"
            edge = {"width": 2, "color": colour}
            marker = {"color": colour, "size": 11, "symbol": symbol, "opacity": 1, "line": edge}
            traces.append(look | {"x": [drawn_at(each.mean)], "y": [row], "mode": "markers", "marker": marker})
    return traces


def _estimate_text(estimate: Estimate | None, name: str, zone_name: str) -> str:
    if estimate is None or estimate.mean is None:
        return "-"
    mean = figure_text(name, estimate.mean, zone_name)
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return mean
    return f"{mean} ({figure_text(name, estimate.low, zone_name)} to {figure_text(name, estimate.high, zone_name)})"


def _difference_text(difference: Difference | None, name: str) -> str:
    if difference is None or difference.mean is None:
        return "-"
    if difference.is_zero:
        return "the same"
    text = difference_text(name, difference.mean)
    if difference.low is None or difference.high is None or difference.low == difference.high:
        return text
    return f"{text} ({difference_text(name, difference.low)} to {difference_text(name, difference.high)})"


def _doubt_words(difference: Difference) -> str:
    return "beyond doubt" if difference.beyond_doubt else "may be chance"


def _reached(comparison: Comparison, variants: Sequence[VariantFigures], zone_name: str) -> Exhibit:
    """The share of the list that variants reach over time, with the bands of their replications."""
    drawn = [each for each in variants if each.reached.times]
    about = f"Mean over the replications, and the range in which 95 % of them lie. {_clock(zone_name)}"
    if any(each.goal for each in drawn):
        about += " The dotted line is the goal; it ends when the goal is to be met."
    instants = sorted({instant for each in drawn for instant in each.reached.times})
    table = Table(
        "Share of the list reached over time, by variant",
        (f"reached before ({zone_text(zone_name)})", *(each.name for each in drawn)),
        [
            (moment_text(instant, zone_name), *(_band_text(each, instant) for each in drawn))
            for instant in instants[:: -(-len(instants) // MOST_INSTANTS) or 1]
        ],
    )
    if not instants:
        return Exhibit("Share of the list reached, by variant", about, table)
    colours = (INK, *OTHER_COLOURS)
    traces = [
        trace
        for each, colour in zip(drawn, colours, strict=False)
        for trace in band_traces(each.reached, zone_name, each.name, colour)
    ]
    legend = tuple(zip((each.name for each in drawn), colours, strict=False))
    y_axis = share_axis("reached, share of the list", rangemode="tozero")
    goals = _goals(drawn, instants, zone_name)
    chart = Chart(
        [*traces, *goals], layout(HEIGHT + 60, xaxis=time_axis(f"time, {zone_text(zone_name)}"), yaxis=y_axis), legend
    )
    note = _not_drawn(comparison, drawn)
    return Exhibit(_reached_title(comparison, drawn, zone_name), about, table, (chart,), note)


def _reached_title(comparison: Comparison, drawn: Sequence[VariantFigures], zone_name: str) -> str:
    ends = {each.name: figure_text(REACHED, each.mean(REACHED) or 0.0, zone_name) for each in drawn}
    named = comparison.most.get(REACHED, ())
    if len(named) == 1 and named[0] in ends:
        return f"In the end “{short(named[0])}” reaches most: {ends[named[0]]} of the list"
    if len(drawn) > 1 and are_the_same(comparison.variants, REACHED):
        return f"In the end all variants reach the same: {ends[comparison.base]} of the list"
    return "Share of the list reached over time, by variant"


def _goals(drawn: Sequence[VariantFigures], instants: Sequence[int], zone_name: str) -> Iterator[dict[str, Any]]:
    """The goals as lines: one if all variants have the same, else each with the name of the first that has it."""
    first_with: dict[tuple[float, int], str] = {}
    for each in drawn:
        if each.goal is not None:
            by = instants[-1] if each.goal.by is None else each.goal.by
            first_with.setdefault((each.goal.reached, by), each.name)
    start = clock_text(instants[0], zone_name)
    for (reached, by), name in first_with.items():
        of = f" of “{plain(short(name))}”" if len(first_with) > 1 else ""
        yield goal_trace(reached, start, clock_text(by, zone_name), of)


def _band_text(variant: VariantFigures, instant: int) -> str:
    band = variant.reached
    index = int(np.searchsorted(band.times, instant))
    if index == len(band.times) or band.times[index] != instant:
        return "-"
    return f"{percent(band.mean[index])} ({percent(band.low[index])} to {percent(band.high[index])})"


def _tables(comparison: Comparison, listed: Sequence[VariantFigures], zone_name: str) -> Iterator[Exhibit]:
    """All figures of the variants, folded: a table for each group of the summary, a column for each variant."""
    note = ""
    if len(listed) < len(comparison.variants):
        note = f"The {len(listed) - 1:,} variants that differ most are shown; the files beside this page hold them all."
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for each in listed for name in each.figures):
        groups.setdefault(_GROUPS.get(name.partition(".")[0], "Moments"), []).append(name)
    about = "Means with their 95 % intervals"
    if len(listed) > 1:
        about += f"; below each the difference to {comparison.base}, if there is any. Those with ✓ are beyond doubt"
    about += "."
    columns = ("figure", *(each.name for each in listed))
    for group, names in groups.items():
        rows = [(figure_title(name), *(_cell(each, name, zone_name) for each in listed)) for name in names]
        table = Table(group, columns, rows, pairs=True)
        clock = f" {_clock(zone_name)}" if any(map(is_instant, names)) else ""
        yield Exhibit(group, about + clock, table, note=note, folded=True)


_GROUPS = {name: name.capitalize() for name in ("numbers", "calls", "lines", "waiting", "goal", "zones")}
"""The groups of a summary, and the titles of their tables; figures of no group are moments."""


def _cell(variant: VariantFigures, name: str, zone_name: str) -> str:
    """The mean and, if there is any, the difference; each interval on a line of its own."""
    texts = [_estimate_text(variant.figures.get(name), name, zone_name)]
    difference = variant.differences.get(name)
    texts += [_marked(difference, name)] if _differs(difference) else []
    return Markup("\n").join(line for text in texts for line in text.replace(" (", "\n(").split("\n"))


def _changes(comparison: Comparison) -> Exhibit:
    caption = "What each variant changes"
    shown = comparison.variants[1 : MOST_LISTED + 1]
    rows = [(each.name, Markup("\n").join(map(_change, change_texts(each.changed))) or "nothing") for each in shown]
    left_out = len(comparison.variants) - 1 - len(shown)
    note = f"{left_out:,} variants more are in the files beside this page." if left_out else ""
    about = f"Fields of the scenario: the value in {comparison.base} → the variant's."
    return Exhibit(caption, about, Table(caption, ("variant", "changes"), rows, words=(1,)), note=note)


def _change(text: str) -> Markup:
    """A change on lines that break between the steps of its path, and not within short values."""
    path, colon, values = text.partition(": ")
    steps = Markup(".<wbr>").join(path.split("."))
    kept = Markup('<span class="unbroken">{}</span>') if len(values) <= SHORT_VALUES else Markup("{}")
    return Markup("{}{}").format(steps, colon) + kept.format(values)


def _differs(difference: Difference | None) -> bool:
    return difference is not None and difference.mean is not None and not difference.is_zero


def _marked(difference: Difference | None, name: str) -> str:
    text = _difference_text(difference, name)
    return f"✓ {text}" if difference is not None and difference.beyond_doubt else text
