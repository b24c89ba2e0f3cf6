"""A comparison in words: its headline, and its document with the sentence."""

import math
from typing import Any

import msgspec

from engine.results.figures import MAIN_FIGURES
from engine.whatif.comparison import Comparison, VariantFigures
from engine.wording.figures import distance_text, figure_text, figure_title, is_instant
from engine.wording.headlines import Headline, name_text

REACHED, REACHED_IN_TIME = "numbers.reached_share", "goal.reached_share"


def headline_figure(comparison: Comparison) -> str:
    """The figure of the headline if the user names none: the share reached; in time, if that differs."""
    in_time_differs = any(
        variant.figures.get(REACHED_IN_TIME, variant.figures.get(REACHED)) != variant.figures.get(REACHED)
        for variant in comparison.variants
    )
    return REACHED_IN_TIME if in_time_differs else REACHED


def main_figures(comparison: Comparison, first: str) -> list[str]:
    """The figures that are shown if the user names none: the headline's, then the main ones that were measured."""
    measured = {
        name for variant in comparison.variants for name, figure in variant.figures.items() if figure.replications
    }
    return list(dict.fromkeys((first, *(name for name in MAIN_FIGURES if name in measured))))


def sorted_variants(comparison: Comparison, figure: str) -> list[VariantFigures]:
    """The variants by the mean of a figure, the largest first; those in which it was not measured are last."""

    def rank(variant: VariantFigures) -> float:
        mean = variant.mean(figure)
        return math.inf if mean is None else -mean

    return sorted(comparison.variants, key=rank)


def headline_variant(comparison: Comparison, figure: str) -> VariantFigures:
    """The variant with the largest mean of a figure, if it exceeds the base's beyond doubt; else the base."""
    better = (variant for variant in sorted_variants(comparison, figure) if variant.is_beyond_doubt(figure, sign=1))
    return next(better, comparison.variants[0])


def comparison_headline(comparison: Comparison, figure: str, zone_name: str) -> Headline:
    """The headline of a comparison: which variant has most of a figure, and how many differ beyond doubt."""
    seeds = comparison.seeds
    played = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}" if seeds else "no seeds"
    return Headline(
        name=name_text(comparison.name),
        about=(
            f"variants {len(comparison.variants):,}, replications {comparison.replications:,} each ({played}), "
            "the same luck in all variants",
        ),
        answer=_answer(comparison, figure, zone_name),
        more=_more(comparison, figure),
    )


def _answer(comparison: Comparison, figure: str, zone_name: str) -> str:
    base, *others = comparison.variants
    title = figure_title(figure)
    shown = headline_variant(comparison, figure)
    mean = shown.mean(figure)
    if mean is None:
        return f"No replication of “{shown.name}” measured this figure: {title}."
    value = f"{title} {figure_text(figure, mean, zone_name)}"
    if not others:
        return f"“{base.name}”: {value}."
    if shown is base:
        more = "is later" if is_instant(figure) else "has more"
        return f"No variant {more} than “{base.name}” beyond doubt: {value}."
    most, more = ("is the latest", "later") if is_instant(figure) else ("has the most", "more")
    gain = distance_text(figure, shown.differences[figure].mean or 0.0)
    return f"“{shown.name}” {most}: {value}, {gain} {more} than “{base.name}”, beyond doubt."


def _more(comparison: Comparison, figure: str) -> tuple[str, ...]:
    others = comparison.variants[1:]
    if not others:
        return ()
    more, less = (sum(each.is_beyond_doubt(figure, sign=sign) for each in others) for sign in (1, -1))
    above, below = ("later", "earlier") if is_instant(figure) else ("with more", "with less")
    rest = " The other differences may be chance." if more + less < len(others) else ""
    return (f"Beyond doubt: {more:,} of {len(others):,} variants {above}, {less:,} {below}.{rest}",)


def comparison_document(comparison: Comparison, figure: str, zone_name: str) -> dict[str, Any]:
    """The comparison as plain values, with its sentence: what `dialer compare --json` prints.

    Instants are Unix seconds.
    """
    document: dict[str, Any] = msgspec.to_builtins(comparison, enc_hook=int)
    sentence = comparison_headline(comparison, figure, zone_name).text
    return {"name": document.pop("name"), "sentence": sentence, **document}
