"""Headlines: the answer of a run or of a comparison in a sentence, for whatever face shows it."""

import math
from typing import NamedTuple

from engine.results.result import Result
from engine.whatif.comparison import Comparison, VariantFigures
from engine.wording.figures import difference_text, figure_text, figure_title, is_instant
from engine.words import moment_text, percent, whole_minute, zone_text


class Headline(NamedTuple):
    """The answer of a run, in sentences."""

    name: str
    span: str
    """The simulated time, on the clock of the campaign's zone."""
    size: str
    answer: str
    """The one sentence: how many were reached, by when."""
    more: tuple[str, ...]
    """Whether the list was done, whether the goal was met."""


def headline(result: Result) -> Headline:
    """What a planner asks first of a run."""
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    start, finish = (moment_text(instant, zone_name) for instant in (document.start, document.finish))
    if figures.last_reached_at is None:
        answer = "Nobody was reached."
    else:
        share, count = percent(figures.numbers.reached_share), figures.numbers.reached
        last = moment_text(whole_minute(figures.last_reached_at), zone_name)
        answer = f"{share} were reached ({count:,}), the last of them on {last}."
    return Headline(
        name=document.name or "A campaign",
        span=f"{start} to {finish} ({zone_text(zone_name)})",
        size=f"numbers {figures.numbers.total:,}, seed {document.seed}",
        answer=answer,
        more=tuple(_more(result)),
    )


def _more(result: Result) -> list[str]:
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    if figures.done_at is not None:
        sentences = [f"The list was done on {moment_text(whole_minute(figures.done_at), zone_name)}."]
    else:
        pending = sum(count for ending, count in figures.numbers.ending.items() if ending.startswith("pending"))
        sentences = [f"The list was not done: {pending:,} of the numbers are pending."]
    if document.goal is not None and figures.goal is not None:
        by = "" if document.goal.by is None else f" by {moment_text(document.goal.by, zone_name)}"
        met, share = "met" if figures.goal.met else "missed", percent(figures.goal.reached_share)
        sentences.append(f"Goal {met}: {share} reached{by}, {percent(document.goal.reached)} wanted.")
    return sentences


def sorted_variants(comparison: Comparison, figure: str) -> list[VariantFigures]:
    """The variants, the largest mean of a figure first; those in which it was not measured come last."""

    def place(variant: VariantFigures) -> float:
        estimate = variant.figures.get(figure)
        return math.inf if estimate is None or estimate.mean is None else -estimate.mean

    return sorted(comparison.variants, key=place)


def comparison_headline(comparison: Comparison, figure: str, zone_name: str) -> str:
    """The answer in a sentence: which variant has the most of a figure, and whether that is beyond doubt."""
    best = sorted_variants(comparison, figure)[0]
    title = figure_title(figure)
    value = best.figures[figure].mean if figure in best.figures else None
    if value is None:
        return f"No variant measured {title}."
    text = figure_text(figure, value, zone_name)
    difference = best.differences.get(figure)
    if difference is None or not difference.mean:
        others = [variant.differences[figure] for variant in comparison.variants[1:] if figure in variant.differences]
        worse = sum(other.beyond_doubt for other in others)
        return f"No variant has more than the base: {title} {text}; {worse} of {len(others)} have less beyond doubt."
    doubt = "beyond doubt" if difference.beyond_doubt else "which may be chance"
    most = "The latest is" if is_instant(figure) else "The most is that of"
    return f"{most} {best.name}: {title} {text}, {difference_text(figure, difference.mean)} to the base, {doubt}."
