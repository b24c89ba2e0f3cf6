"""The table of figures: what summaries hold, no more and no less."""

import re
import runpy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Scenario, simulate
from engine.results.figures import FIGURES, MAIN_FIGURES, TEXTS, Figure, figure_named, is_group
from engine.results.summary import figures_by_name
from engine.wording.figures import difference_text, figure_text, figure_title
from tests.campaigns import Fields, busy_day

ROOT = Path(__file__).parents[2]
REDIALS = {
    "answered": {"share": 0.3, "seconds": 60, "redials": [{"share": 0.5, "startAfterMinutes": 30}]},
    "busy": {"share": 0.7, "seconds": 20, "retry": True},
}
SUMMARIES: dict[str, Fields] = {
    "with a goal": busy_day(),
    "without a goal": {name: part for name, part in busy_day().items() if name != "goal"},
    "with zones": busy_day(
        campaign={"gmtZone": "fromPhone", "zoneIfUnknown": "Z"},
        numbers=[{"addPhones": [{"phone": "12125550000"}, {"phone": "12082020000"}, {"phone": "99912345"}]}],
    ),
    "with redials": busy_day(outcomes=REDIALS),
    "with segments": busy_day(segments=[{"name": "dead", "share": 0.5, "outcomes": {"answered": {"share": 0}}}]),
    "with nothing called": busy_day(campaign={"startDateTime": "2026-06-01T00:00:00Z"}),
    "with an outcome of odd name": busy_day(
        outcomes={"": {"share": 0.5, "seconds": 3}, "a.{b}\u2028": {"share": 0.5, "seconds": 3}}
    ),
}


def names_of(document: Fields) -> set[str]:
    return set(figures_by_name(simulate(Scenario.from_document(document), waiting=True).figures))


@pytest.mark.parametrize("document", SUMMARIES.values(), ids=SUMMARIES)
def test_every_figure_of_a_summary_is_in_the_table_with_a_title_of_its_own(document: Fields) -> None:
    names = names_of(document)
    titles = {name: figure_title(name) for name in names}
    assert all(titles.values())
    assert len(set(titles.values())) == len(titles)
    assert all(figure_text(name, 1_772_452_800.0, "Z") for name in names)
    assert all(difference_text(name, 3.0) for name in names)


@pytest.mark.parametrize("document", SUMMARIES.values(), ids=SUMMARIES)
def test_every_figure_of_a_summary_lies_within_its_bounds(document: Fields) -> None:
    figures = figures_by_name(simulate(Scenario.from_document(document), waiting=True).figures)
    for name, value in figures.items():
        least, most = figure_named(name).bounds
        assert value is None or least <= float(value) <= most, name


def test_the_table_has_no_figure_that_no_summary_gives() -> None:
    given = {figure_named(name) for document in SUMMARIES.values() for name in names_of(document)}
    assert given == set(FIGURES)


def test_all_that_a_summary_says_is_a_figure_or_one_of_the_texts() -> None:
    def leaves(value: dict[str, Any], prefix: str = "") -> set[str]:
        return {
            leaf
            for name, item in value.items()
            for leaf in (leaves(item, f"{prefix}{name}.") if isinstance(item, dict) else {prefix + name})
        }

    for document in SUMMARIES.values():
        figures = simulate(Scenario.from_document(document)).figures
        said = leaves(msgspec.to_builtins(figures))
        assert {name for name in said - set(TEXTS) if not is_group(name)} == set(figures_by_name(figures))


def test_no_two_rows_share_a_name_or_a_title() -> None:
    assert len({figure.pattern for figure in FIGURES}) == len({figure.title for figure in FIGURES}) == len(FIGURES)
    assert all(figure.family in figure.title for figure in FIGURES)
    assert all((figure.kind == "span") == (figure.unit == "seconds") for figure in FIGURES)


def test_the_main_figures_are_figures() -> None:
    assert all(figure_named(name).pattern == name for name in MAIN_FIGURES)


@given(st.sampled_from([figure for figure in FIGURES if figure.family]), st.text())
def test_a_family_always_finds_its_members(family: Figure, member: str) -> None:
    name = family.pattern.replace(f"{{{family.family}}}", member)
    assert family.member(name) == member


@pytest.mark.parametrize("name", ["calls", "calls.totl", "waiting.5", "waiting..media", "calls.outcome", "goal"])
def test_a_name_that_no_summary_has_is_refused(name: str) -> None:
    with pytest.raises(LookupError, match=re.escape(f"no figure of a summary is named {name}")):
        figure_named(name)


def test_what_counts_something_is_zero_where_it_is_absent() -> None:
    zero = {figure.pattern for figure in FIGURES if figure.is_zero_where_absent}
    assert {"calls.outcome.{outcome}", "calls.outcome_share.{outcome}", "numbers.not_reached.{reason}"} <= zero
    assert {"waiting.{priority}.numbers", "zones.numbers.{zone}"} <= zero
    assert not zero & {"waiting.{priority}.mean", "lines.occupancy", "goal.reached_share", "goal.met", "done_at"}


def test_the_page_of_figures_is_that_of_the_table() -> None:
    page = runpy.run_path(str(ROOT / "docs/figures_page.py"))["page"]()
    assert (ROOT / "docs/reference/figures.md").read_text(encoding="utf-8") == page
