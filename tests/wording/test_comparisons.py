"""Comparisons in words: the headline names what is beyond doubt, and its figure is shown below it."""

import msgspec
import pytest

from engine.certainty import Estimate
from engine.report.comparison import comparison_page
from engine.terminal.comparison import comparison_report
from engine.whatif.comparison import Comparison, Difference, VariantFigures
from engine.wording.comparisons import (
    comparison_document,
    comparison_headline,
    headline_figure,
    headline_variants,
    main_figures,
    sorted_variants,
)
from engine.wording.figures import figure_text, figure_title
from tests.report.parsed import parsed
from tests.report.samples import band, comparison, three_variants, variant
from tests.wording.shown import shown

NOON = 1_772_452_800.0


def of_one_figure(figure: str, base: float, **others: tuple[float, bool]) -> Comparison:
    """Variants with means of one figure, and whether they differ from the base beyond doubt."""
    variants = [VariantFigures("base", {}, {figure: Estimate(base, base, base, 20)}, {}, band())]
    for name, (mean, beyond_doubt) in others.items():
        difference = Difference(mean - base, mean - base, mean - base, beyond_doubt)
        variants.append(
            VariantFigures(name, {}, {figure: Estimate(mean, mean, mean, 20)}, {figure: difference}, band())
        )
    ahead = max(others, key=lambda name: others[name][0], default="base")
    if max((mean for mean, _ in others.values()), default=base) < base:
        ahead = "base"
    most: dict[str, tuple[str, ...]] = {figure: (ahead,)} if all(sure for _, sure in others.values()) and others else {}
    return Comparison("", "base", 20, tuple(range(3, 23)), tuple(variants), most)


@pytest.mark.parametrize(
    ("figure", "base", "others", "answer", "more"),
    [
        (
            "numbers.reached_share",
            0.5,
            {"luck": (0.7, False), "more lines": (0.6, True), "fewer": (0.4, True)},
            "Which variant has the most may be chance: share of the list reached in the end 40.00 % to 70.00 %, "
            "“base” 50.00 %.",
            ("Beyond doubt: 1 of 3 variants with more, 1 with less. The other differences may be chance.",),
        ),
        (
            "calls.total",
            5_000.0,
            {"fewer": (4_000.0, True)},
            "“base” has the most: calls 5,000, beyond doubt.",
            ("Beyond doubt: 0 of 1 variants with more, 1 with less.",),
        ),
        (
            "done_at",
            NOON,
            {"evenings": (NOON + 7_200, True)},
            "“evenings” is the latest: list done at Mon 03-02 14:00, 2.0 h later than “base”, beyond doubt.",
            ("Beyond doubt: 1 of 1 variants later, 0 earlier.",),
        ),
        (
            "goal.met",
            0.25,
            {},
            "The goal is met in 25.00 % of the replications by “base”.",
            ("“base”: goal met 25.00 %.",),
        ),
        (
            "numbers.reached_share",
            0.5,
            {"even": (0.5, False)},
            "The same in all variants: share of the list reached in the end 50.00 %.",
            (),
        ),
    ],
)
def test_the_headline_names_the_most_that_is_beyond_doubt(
    figure: str,
    base: float,
    others: dict[str, tuple[float, bool]],
    answer: str,
    more: tuple[str, ...],
) -> None:
    headline = comparison_headline(of_one_figure(figure, base, **others), figure, "Z")
    assert (headline.answer, headline.more) == (answer, more)
    assert headline.name == "A campaign"
    assert "seeds 3 to 22" in headline.about[0]


@pytest.mark.parametrize(
    ("met", "said"),
    [
        ([0.25, 0.25], "in 25.00 % of the replications by every variant."),
        ([0.25, None, 0.25], "in 25.00 % of the replications by “0”, in 25.00 % by “2”."),
        ([None, 0.5, 1.0], "in 50.00 % of the replications by “1”, in 100.00 % by “2”."),
        (
            [0.5, 1.0, 1.0, 0.0, 0.75],
            "in 50.00 % of the replications by “0”; of 5 variants 2 meet it in all of them, 1 in none.",
        ),
    ],
)
def test_the_headline_begins_with_how_often_variants_meet_the_goal(met: list[float | None], said: str) -> None:
    made = tuple(
        VariantFigures(str(place), {}, {"goal.met": Estimate(mean, mean, mean, 20)}, {}, band())
        for place, mean in enumerate(met)
    )
    found = Comparison("", "0", 20, tuple(range(3, 23)), made)
    assert comparison_headline(found, "goal.met", "Z").answer == f"The goal is met {said}"


def test_the_variants_that_a_headline_names_are_those_with_the_most_or_else_the_base() -> None:
    sure, luck = (of_one_figure("calls.total", 5, more=(6, beyond)) for beyond in (True, False))
    assert headline_variants(sure, "calls.total") == ("more",)
    assert headline_variants(luck, "calls.total") == ("base",)


def test_a_figure_that_nobody_measured_is_said_to_be_none() -> None:
    unmeasured = comparison_headline(three_variants(), "last_reached_at", "Z")
    assert unmeasured.more[0] == "No replication of “base” measured this figure: last number reached at."


def test_variants_that_did_not_measure_a_figure_come_last() -> None:
    found = of_one_figure("calls.total", 5.0, more=(6.0, True))
    unmeasured = VariantFigures("unmeasured", {}, {}, {}, band())
    both = Comparison("", "base", 20, (), (unmeasured, *found.variants))
    assert [each.name for each in sorted_variants(both, "calls.total")] == ["more", "base", "unmeasured"]


def test_the_goal_counts_in_the_headline_where_its_date_makes_a_difference() -> None:
    plain = comparison(variant("other", 0.1, beyond_doubt=True))

    def with_goal(share: float) -> Comparison:
        reached = {"goal.reached_share": Estimate(share, share * 0.99, share * 1.01, 20)}
        base = plain.variants[0]
        first = VariantFigures("base", {}, {**base.figures, **reached}, {}, base.reached)
        return Comparison("", "base", 20, (), (first,))

    assert headline_figure(plain) == headline_figure(with_goal(0.5)) == "numbers.reached_share"
    assert headline_figure(with_goal(0.4)) == "goal.reached_share"


@pytest.mark.parametrize("figure", ["numbers.reached_share", "calls.per_number", "done_at"])
def test_the_figure_of_the_headline_is_a_row_of_the_table_below_it(figure: str) -> None:
    found = three_variants()
    figures = main_figures(found, figure)
    sentence = comparison_headline(found, figure, "Z").more[0]
    value = figure_text(figure, found.variants[1].mean(figure) or 0.0, "Z")
    assert figures[0] == figure
    assert f"{figure_title(figure)} {value}" in sentence
    _, below = shown(comparison_report(found, "Z", figures, figure)).split(sentence, 1)
    assert value in below
    tables = parsed(comparison_page(found, "Z", figure)).find("table")
    assert any(
        value in table.text for table in tables if table.find("caption")[0].text.startswith(figure_title(figure))
    )


def test_the_document_of_a_comparison_has_the_sentence() -> None:
    found = three_variants()
    document = comparison_document(found, "calls.total", "Z")
    assert document["sentence"] == comparison_headline(found, "calls.total", "Z").text
    assert [each["name"] for each in document["variants"]] == ["base", "more lines", "fewer lines"]


def test_the_document_has_each_change_and_the_goal_of_each_variant() -> None:
    document = comparison_document(three_variants(), "numbers.reached_share", "Z")
    base, more, _ = document["variants"]
    assert base["changed"] == ()
    assert more["changed"] == ({"path": "campaign.lines", "before": 4, "after": 8},)
    assert more["goal"] == {"reached": 0.55, "by": 1_772_600_000, "confidence": 0.9}


def test_differences_that_are_none_are_not_said_to_be_chance() -> None:
    figure = "numbers.reached_share"
    found = of_one_figure(figure, 0.5, same=(0.5, False), fewer=(0.4, True))
    unmeasured = VariantFigures("unmeasured", {}, {}, {figure: Difference(None, None, None, False)}, band())
    found = msgspec.structs.replace(found, variants=(*found.variants, unmeasured))
    assert comparison_headline(found, figure, "Z").more == ("Beyond doubt: 0 of 3 variants with more, 1 with less.",)
