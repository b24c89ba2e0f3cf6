"""Every note of an answer's JSON stands on the terminal, on the page and in the notebook, too."""

from html import unescape
from pathlib import Path
from re import sub
from typing import Any

import pytest

import engine
from engine.report.comparison import comparison_page
from engine.report.run import run_page
from engine.report.sizing import sizing_page
from engine.terminal.comparison import comparison_report
from engine.terminal.run import run_report
from engine.terminal.sizing import sizing_report
from engine.whatif.notes import variants_notes
from engine.whatif.variants import variants_of
from engine.wording.comparisons import comparison_document
from engine.wording.sizings import sizing_document
from tests.report.samples import few
from tests.wording.shown import shown

TRAPS = few(
    campaign={"lines": 4, "gmtZone": "EST", "dialerPriority": 9},
    finish="2026-03-10T00:00:00Z",
    numbers=[{"addPhones": [{"phone": "12345"}, {"phone": "12345"}, {"phone": "12346", "allowedTime": {}}, {}]}],
    skipFaulty=True,
    goal={"reached": 0.9},
)
KINDS = {"no_hours", "goal", "duplicates", "fixed_zone", "priority", "faulty", "never_opens"}


def of_run(scenario: engine.Scenario, runs: Path) -> tuple[list[dict[str, Any]], list[str]]:
    del runs
    result = engine.simulate(scenario)
    return result.summary_document["warnings"], [shown(run_report(result)), run_page(result), result._repr_html_()]


def of_comparison(scenario: engine.Scenario, runs: Path) -> tuple[list[dict[str, Any]], list[str]]:
    made = engine.compare(scenario, grid={"campaign.lines": [1]}, replications=2, jobs=1, runs=runs)
    found, figure = made.compared.comparison, "numbers.reached_share"
    faces = [shown(comparison_report(found, "Z", [figure], figure)), comparison_page(found), made._repr_html_()]
    return comparison_document(found, figure, "Z")["warnings"], faces


def of_sizing(scenario: engine.Scenario, runs: Path) -> tuple[list[dict[str, Any]], list[str]]:
    sized = engine.size(scenario, replications=2, jobs=1, runs=runs)
    return sizing_document(sized.found, "Z")["warnings"], [
        shown(sizing_report(sized.found, "Z")),
        sizing_page(sized.found),
        sized._repr_html_(),
    ]


@pytest.mark.parametrize("answer", [of_run, of_comparison, of_sizing])
def test_every_note_of_the_json_stands_in_the_other_answers(answer: Any, tmp_path: Path) -> None:
    told, faces = answer(engine.Scenario.from_document(TRAPS), tmp_path)

    assert {note["kind"] for note in told} == KINDS
    for face in faces:
        words = " ".join(unescape(sub("<[^>]*>", "", face)).split())
        assert all(words.count(note["text"]) == 1 for note in told)


def test_what_is_not_so_in_all_variants_is_told_with_their_names() -> None:
    closed: dict[str, Any] = {"campaign": {"allowedTime": {"default": []}}}
    named = {f"closed {place}": closed for place in range(5)}
    base = engine.Scenario.from_document(few(goal=None))

    [one] = variants_notes(variants_of(base, variants={"closed": closed, "few lines": {"campaign": {"lines": 1}}}))
    [many] = variants_notes(variants_of(base, variants=named))

    assert one.text.startswith("in “closed”: numbers that can never be called: 600")
    assert (one.kind, one.count) == ("never_opens", 600)
    assert many.text.startswith("in “closed 0”, “closed 1”, “closed 2” and 2 variants more: numbers that")


def test_a_kind_that_differs_in_every_variant_is_told_a_few_times_and_counted() -> None:
    goals = {f"goal {place}": {"goal": {"reached": 0.1, "by": f"2026-03-02T1{place}:00:00Z"}} for place in range(5)}

    *few_told, last = variants_notes(variants_of(engine.Scenario.from_document(few(goal=None)), variants=goals))

    assert [note.text.partition(":")[0] for note in few_told] == ["in “goal 0”", "in “goal 1”", "in “goal 2”"]
    assert last.text.startswith("the like in 2 variants more: the goal cannot be reached")
