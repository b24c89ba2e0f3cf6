"""A comparison in words: its headline, and its document with the sentence."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from engine.dialing.waits import WAIT_REASONS
from engine.results.figures import MAIN_FIGURES
from engine.whatif.comparison import Comparison, VariantFigures
from engine.wording.figures import distance_text, figure_text, figure_title, is_instant
from engine.wording.headlines import Headline, clock_text, name_text
from engine.words import zone_text

REACHED, REACHED_IN_TIME, GOAL_MET = "numbers.reached_share", "goal.reached_share", "goal.met"


def headline_figure(comparison: Comparison) -> str:
    """The figure of the headline if the user names none: the share reached; in time, if that differs."""
    in_time_differs = any(
        variant.figures.get(REACHED_IN_TIME, variant.figures.get(REACHED)) != variant.figures.get(REACHED)
        for variant in comparison.variants
    )
    return REACHED_IN_TIME if in_time_differs else REACHED


def main_figures(comparison: Comparison, first: str) -> list[str]:
    """The figures that are shown if the user names none: the headline's, then the main ones that were measured.

    Where it was counted what numbers wait for, those of these figures that any variant has are last.
    """
    measured = {
        name for variant in comparison.variants for name, figure in variant.figures.items() if figure.replications
    }
    counted = (f"waits.{reason.name}" for reason in WAIT_REASONS)
    waits = (name for name in counted if any(variant.mean(name) for variant in comparison.variants))
    return list(dict.fromkeys((first, *(name for name in (*MAIN_FIGURES, *waits) if name in measured))))


def sorted_variants(comparison: Comparison, figure: str) -> list[VariantFigures]:
    """The variants by the mean of a figure, the largest first; those in which it was not measured are last."""

    def rank(variant: VariantFigures) -> float:
        mean = variant.mean(figure)
        return math.inf if mean is None else -mean

    return sorted(comparison.variants, key=rank)


def headline_variants(comparison: Comparison, figure: str) -> tuple[str, ...]:
    """The variants that the headline names as those with the most of a figure; the base, if chance may choose them."""
    return comparison.most.get(figure, (comparison.base,))


def comparison_headline(comparison: Comparison, figure: str, zone_name: str) -> Headline:
    """The headline of a comparison: how often variants meet the goal, which has most of a figure, how many differ."""
    sentences = (*_goal(comparison, zone_name), _most(comparison, figure, zone_name), *_more(comparison, figure))
    seeds = comparison.seeds
    played = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}" if seeds else "no seeds"
    return Headline(
        name=name_text(comparison.name),
        about=(
            f"variants {len(comparison.variants):,}, replications {comparison.replications:,} each ({played}), "
            "the same luck in all variants",
            clock_text(zone_name),
        ),
        answer=sentences[0],
        more=sentences[1:],
        notes=tuple(map(str, comparison.warnings)),
    )


MOST_NAMED = 4
"""The most variants whose share of the goal is told in a sentence."""


def _goal(comparison: Comparison, zone_name: str) -> tuple[str, ...]:
    """In which share of the replications variants meet the goal, if there is one."""
    shares = {each.name: mean for each in comparison.variants if (mean := each.mean(GOAL_MET)) is not None}
    if not shares:
        return ()
    texts = {name: figure_text(GOAL_MET, share, zone_name) for name, share in shares.items()}
    (first, text), *rest = texts.items()
    met = f"The goal is met in {text} of the replications by"
    if rest and len(shares) == len(comparison.variants) and len({*shares.values()}) == 1:
        return (f"{met} every variant.",)
    if len(texts) <= MOST_NAMED:
        others = "".join(f", in {other} by “{name}”" for name, other in rest)
        return (f"{met} “{first}”{others}.",)
    always, never = (sum(share == end for share in shares.values()) for end in (1, 0))
    return (f"{met} “{first}”; of {len(shares):,} variants {always:,} meet it in all of them, {never:,} in none.",)


def _most(comparison: Comparison, figure: str, zone_name: str) -> str:
    base, *others = comparison.variants
    title = figure_title(figure)
    means = {each.name: mean for each in comparison.variants if (mean := each.mean(figure)) is not None}
    if base.name not in means:
        return f"No replication of “{base.name}” measured this figure: {title}."
    texts = {name: figure_text(figure, mean, zone_name) for name, mean in means.items()}
    if not others:
        return f"“{base.name}”: {title} {texts[base.name]}."
    if are_the_same(comparison.variants, figure):
        return f"The same in all variants: {title} {texts[base.name]}."
    has, have, more = "has the most", "have the most", "more"
    if is_instant(figure):
        has, have, more = "is the latest", "are the latest", "later"
    named = comparison.most.get(figure)
    if named is None:
        low, high = (texts[end(means, key=means.__getitem__)] for end in (min, max))
        return f"Which variant {has} may be chance: {title} {low} to {high}, “{base.name}” {texts[base.name]}."
    some = len(named) > 1
    most = have if some else has
    names = ", ".join(f"“{name}”" for name in named[:MOST_NAMED])
    names += f" and {len(named) - MOST_NAMED:,} more" if len(named) > MOST_NAMED else ""
    value = f"{title} {texts[named[0]]}" + (", the same in each replication" if some else "")
    if base.name in named:
        return f"{names} {most}: {value}, beyond doubt."
    gain = distance_text(figure, next(each for each in others if each.name == named[0]).differences[figure].mean or 0.0)
    return f"{names} {most}: {value}, {gain} {more} than “{base.name}”, beyond doubt."


def are_the_same(variants: Sequence[VariantFigures], figure: str) -> bool:
    """Whether a figure is the same in all variants, in each replication."""
    known = [each.figures.get(figure) for each in variants]
    return all(each.is_the_same(figure) for each in variants) and all(each == known[0] for each in known)


def _more(comparison: Comparison, figure: str) -> tuple[str, ...]:
    others = comparison.variants[1:]
    if not others or are_the_same(others, figure):
        return ()
    more, less = (sum(each.is_beyond_doubt(figure, sign=sign) for each in others) for sign in (1, -1))
    above, below = ("later", "earlier") if is_instant(figure) else ("with more", "with less")
    uncertain = any(
        not each.is_beyond_doubt(figure) and not each.is_the_same(figure)
        for each in others
        if (difference := each.differences.get(figure)) and difference.mean is not None
    )
    rest = " The other differences may be chance." if uncertain else ""
    return (f"Beyond doubt: {more:,} of {len(others):,} variants {above}, {less:,} {below}.{rest}",)


def comparison_document(comparison: Comparison, figure: str, zone_name: str) -> dict[str, Any]:
    """The comparison as plain values, with its sentence: what `dialer compare --json` prints.

    Instants are Unix seconds.
    """
    document: dict[str, Any] = msgspec.to_builtins(comparison, enc_hook=int)
    sentence = comparison_headline(comparison, figure, zone_name).text
    return {"name": document.pop("name"), "sentence": sentence, "zone": zone_text(zone_name), **document}
