"""Faces: terminal, page, JSON and card of an answer say the same sentences, and show the same figures."""

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

from engine.public.comparing import Comparison
from engine.public.running import simulate
from engine.public.sizing import Sizing
from engine.reading.document import json_text
from engine.report.comparison import comparison_page
from engine.report.run import run_page
from engine.report.sizing import sizing_page
from engine.scenario.scenario import Scenario
from engine.terminal.comparison import comparison_report
from engine.terminal.run import run_report
from engine.terminal.sizing import sizing_report
from engine.whatif.comparing import compare
from engine.whatif.replications import Runs
from engine.whatif.search import smallest_capacity
from engine.whatif.tries import Sizer
from engine.whatif.variants import variants_of
from engine.whatif.workers import Workers
from engine.wording.comparisons import comparison_document, comparison_headline, headline_figure, main_figures
from engine.wording.figures import difference_text, figure_text
from engine.wording.headlines import Headline
from engine.wording.runs import run_document, run_headline
from engine.wording.sizings import met_text, sizing_document, sizing_headline
from engine.words import percent
from tests.report.parsed import parsed
from tests.report.samples import few
from tests.wording.shown import shown

ZONE = "America/New_York"


class Faces(NamedTuple):
    """An answer in all its faces."""

    headline: Headline
    terminal: str
    page: str
    document: dict[str, Any]
    card: str
    figures: tuple[str, ...]
    """The figures of the document as they are written."""


def words(page: str) -> str:
    """The words of a page, its tables included, with one blank between them."""
    body = parsed(page).find("body")[0]
    return " ".join(" ".join(body.texts).split())


def late() -> Scenario:
    """A scenario with a note, in which not all of those who are reached are reached in time."""
    nobody = {"name": "nobody", "payload": {"tier": "none"}, "dialerPriority": 1}
    return Scenario.from_document(few(goal={"reached": 0.4, "by": "2026-03-02T18:00:00Z"}, segments=[nobody]))


def of_a_run() -> Faces:
    result = simulate(late())
    document = json.loads(json_text(run_document(result)))
    numbers, goal = document["numbers"], document["goal"]
    assert goal["reached_share"] < numbers["reached_share"]
    shares = (goal["reached_share"], numbers["reached_share"], *document["calls"]["outcome_share"].values())
    counts = (numbers["reached"], *numbers["not_reached"].values(), *document["calls"]["outcome"].values())
    figures = (*map(percent, shares), *(f"{count:,}" for count in counts))
    terminal, page = shown(run_report(result)), words(run_page(result))
    return Faces(run_headline(result), terminal, page, document, result._repr_html_(), figures)


def of_a_comparison() -> Faces:
    made = variants_of(late(), variants={"six lines": {"campaign": {"lines": 6}}, "even": {"name": "even"}})
    compared = compare(made, 3, Runs(None), Workers(jobs=1))
    found = compared.comparison
    first = headline_figure(found)
    names = main_figures(found, first)
    assert names[0] == "goal.reached_share"
    document = json.loads(json_text(comparison_document(found, first, ZONE)))

    def written() -> Iterator[str]:
        for variant in document["variants"]:
            for name in names:
                if (mean := variant["figures"][name]["mean"]) is not None:
                    yield figure_text(name, mean, ZONE)
                difference = variant["differences"].get(name)
                if difference is not None and difference["mean"]:
                    yield difference_text(name, difference["mean"])
        yield "the same"

    return Faces(
        comparison_headline(found, first, ZONE),
        shown(comparison_report(found, ZONE, names, first)),
        words(comparison_page(found, ZONE, first)),
        document,
        Comparison(made, compared)._repr_html_(),
        tuple(written()),
    )


def of_a_sizing() -> Faces:
    scenario = late()
    found = smallest_capacity(scenario, "lines", Sizer(5, Runs(None), Workers(jobs=1)))
    document = json.loads(json_text(sizing_document(found, ZONE)))
    assert found.point is not None
    assert document["answer"] == found.answer
    near = [point for point in document["points"] if point["value"] in {each.value for each in found.around()}]
    reached = (percent(share) for each in near for share in (each["reached"]["mean"], each["reached"]["high"]))
    hindered = (percent(each["share"]) for each in document["hindrances"])
    figures = (f"{document['answer']:,}", met_text(found.point), *reached, *hindered)
    return Faces(
        sizing_headline(found, ZONE),
        shown(sizing_report(found, ZONE)),
        words(sizing_page(found, ZONE)),
        document,
        Sizing(scenario, found)._repr_html_(),
        figures,
    )


FACES = {"run": of_a_run, "compare": of_a_comparison, "size": of_a_sizing}


@cache
def faces_of(command: str) -> Faces:
    return FACES[command]()


@pytest.mark.parametrize("command", FACES)
def test_all_faces_say_the_same_sentences(command: str) -> None:
    faces = faces_of(command)
    assert faces.document["sentence"] == faces.headline.text
    for sentence in (faces.headline.answer, *faces.headline.more):
        for face in (faces.terminal, faces.page, html.unescape(re.sub(r"<[^>]*>", "", faces.card))):
            assert "".join(sentence.split()) in "".join(face.split())


@pytest.mark.parametrize("command", FACES)
def test_all_faces_say_on_whose_clock_times_are(command: str) -> None:
    faces = faces_of(command)
    assert faces.document["zone"] == ZONE
    for face in (faces.terminal, faces.page, faces.card):
        assert re.search(rf"times are those of {ZONE}|\({ZONE}\)", face)


@pytest.mark.parametrize("command", FACES)
def test_all_faces_show_the_same_figures(command: str) -> None:
    faces = faces_of(command)
    assert faces.figures
    for figure in faces.figures:
        assert figure in faces.terminal
        assert figure in faces.page


@pytest.mark.parametrize("command", ["run", "compare"])
def test_the_verdict_on_the_goal_comes_first(command: str) -> None:
    assert re.match(r"Goal (met|missed): |The goal is met in ", faces_of(command).headline.answer)


@pytest.mark.parametrize("command", FACES)
def test_every_note_of_the_document_stands_on_terminal_page_and_card(command: str) -> None:
    faces = faces_of(command)
    assert "segment_policy" in {note["kind"] for note in faces.document["warnings"]}
    for note in faces.document["warnings"]:
        for face in (faces.terminal, faces.page, html.unescape(re.sub(r"<[^>]*>", "", faces.card))):
            assert "".join(note["text"].split()) in "".join(face.split())
