"""Notes on a run tell what was left out, and what makes a campaign fail unnoticed."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, simulate
from engine.dialing.rulebook import Rulebook
from engine.reading.notes import Note
from engine.results.notes import run_notes
from tests.oracle import instant
from tests.report.samples import FEW, few

NEVER_OPENS = {"addPhones": [{"phone": str(16505550000 + place), "allowedTime": {}} for place in range(3)]}


def notes(**changes: Any) -> dict[str, Note]:
    """The notes on a scenario of a few numbers, with some of its fields changed; by kind."""
    found = run_notes(Scenario.from_document(few(**changes)))
    assert len({note.kind for note in found}) == len(found)
    return {note.kind: note for note in found}


def campaign(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in (FEW["campaign"] | fields).items() if value is not None}


def test_a_sound_scenario_has_no_notes() -> None:
    assert notes() == {}


def test_a_campaign_without_hours_counts_the_numbers_that_have_none_of_their_own() -> None:
    own = [
        {"phone": "12345"},
        {"phone": "12346", "allowedTime": FEW["campaign"]["allowedTime"]},
        {"phone": "12347", "allowedTime": {}},
    ]
    note = notes(campaign=campaign(allowedTime=None), numbers=[{"addPhones": own}], goal=None)["no_hours"]

    assert note.count == 1
    assert "at night, too (write allowedTime: 9-20 under campaign): 1 of the numbers" in note.text
    assert "no_hours" not in notes(campaign=campaign(allowedTime=None), numbers=[{"addPhones": own[1:]}], goal=None)


def test_numbers_whose_open_hours_all_lie_on_closed_dates_are_counted() -> None:
    """New York's clock shows the first four dates of March."""
    own = [{"phone": "12345"}, {"phone": "12346", "allowedDays": ["tue"]}, {"phone": "12347", "allowedTime": {}}]
    numbers = [{"addPhones": own}]
    closed = notes(numbers=numbers, goal=None, campaign=campaign(closedDates=["2026-03-03"]))["closed_dates"]

    assert closed.count == 1
    assert closed.text == (
        "numbers that cannot be called: 1, all their open hours in the simulated time lie on closedDates"
    )
    assert "closed_dates" not in notes(campaign=campaign(closedDates=["2026-03-03"]), numbers=[{"addPhones": own[:1]}])


def test_what_rule_sets_of_a_campaign_cannot_do_is_told() -> None:
    """France counts refusals, which no outcome is; its law is of 2023, and no hours but those of the set are needed."""
    obedient = campaign(allowedTime=None, rules=["fr", "us-fl"])
    found = run_notes(Scenario.from_document(few(campaign=obedient, goal=None)))

    assert [str(note) for note in found if note.kind == "rules"] == [
        "rules fr count calls that no outcome of the scenario is: refusal; name it so"
    ]
    assert "no_hours" not in {note.kind for note in found}


def test_rule_sets_that_are_not_in_force_hold_all_the_same_which_is_told() -> None:
    later = {"title": "Ours", "source": "us", "sure": "quite", "allowedTime": "9-17", "from": "2030-01-01"}
    note = notes(campaign=campaign(rules=[later]), goal=None)["rules"]

    assert note.text == "rules Ours are in force from 2030-01-01: here they hold all the time"


def test_before_the_first_hours_of_numbers_no_closed_date_is_blamed_for_it() -> None:
    document = few(
        numbers=[{"addPhones": [{"phone": "12345"}]}], campaign=campaign(closedDates=["2026-03-03"]), goal=None
    )
    scenario = Scenario.from_document(document)
    seven_in_the_morning = instant("2026-03-02T12:00:00Z")

    found = run_notes(scenario, Rulebook(scenario.document).until(seven_in_the_morning))

    assert "closed_dates" not in [note.kind for note in found]


@pytest.mark.parametrize(
    ("closed", "told"), [("2026-03-01", 0), ("2026-03-04", 0), ("2026-03-05", 0), ("2025-03-03", 1)]
)
def test_closed_dates_of_which_none_is_simulated_are_told(closed: str, told: int) -> None:
    found = notes(campaign=campaign(closedDates=[closed]))

    assert [note.text for kind, note in found.items() if kind == "closed_dates_unused"] == [
        "none of the closedDates lies in the simulated time"
    ] * told


def test_years_whose_holidays_nobody_knows_are_told() -> None:
    dates = [{"holidays": "UA"}, {"holidays": "DE", "subdivision": "BY"}, "2026-03-03"]
    found = run_notes(Scenario.from_document(few(campaign=campaign(closedDates=dates))))
    later = few(
        campaign=campaign(closedDates=dates), start="2100-12-30T00:00:00Z", finish="2102-01-02T00:00:00Z", goal=None
    )

    assert [note.text for note in found] == [
        "no holidays of UA are known in 2026 (name closed dates of these years one by one)"
    ]
    assert [note.text for note in run_notes(Scenario.from_document(later)) if note.kind == "no_holidays"] == [
        "no holidays of UA are known in 3 years from 2100 to 2102 (name closed dates of these years one by one)",
        "no holidays of DE-BY are known in 2 years from 2101 to 2102 (name closed dates of these years one by one)",
    ]


@pytest.mark.parametrize("hours", ["9-20", {"default": []}])
def test_hours_of_the_campaign_have_no_such_note(hours: object) -> None:
    assert "no_hours" not in notes(campaign=campaign(allowedTime=hours))


def test_outcomes_of_which_none_is_named_answered_are_told_with_their_names() -> None:
    found = notes(outcomes={"Answered": {"share": 0.5, "seconds": 60}, "busy": {"share": 0.5, "seconds": 5}})

    assert "(name one of these so: Answered, busy)" in found["no_answered"].text
    assert "goal" not in found, "one line says why nobody is reached"


def test_more_than_the_numbers_that_may_be_called_is_a_goal_that_cannot_be_reached() -> None:
    numbers = [{"generate": {"count": 7}}, NEVER_OPENS]

    found = notes(numbers=numbers, goal={"reached": 0.71})

    assert found["never_opens"].count == 3
    assert found["goal"].count == 7
    assert "only 7 of the numbers, 70.0 %, may be called (open hours for more of them" in found["goal"].text
    assert "goal" not in notes(numbers=numbers, goal={"reached": 0.7})


def test_a_goal_before_the_first_open_second_tells_when_that_is() -> None:
    opens = "2026-03-02T15:00:00Z"  # 10:00 in New York
    found = notes(goal={"reached": 0.1, "by": opens})["goal"]

    assert found.count == 0
    assert found.text.endswith(
        "no number may be called before goal.by, Mon 2026-03-02 10:00 "
        "(open hours for them, or write a goal.by after Mon 2026-03-02 10:00)"
    )
    assert "goal" not in notes(goal={"reached": 0.1, "by": "2026-03-02T15:00:01Z"})


def test_a_goal_of_a_list_that_nobody_may_call_has_no_better_date() -> None:
    note = notes(numbers=[NEVER_OPENS], goal={"reached": 0.1})["goal"]
    assert note.text.endswith("no number may be called in the simulated time (open hours for them)")


@pytest.mark.parametrize(
    ("zone", "start", "finish", "near"),
    [
        ("-05:00", "2026-03-02", "2026-03-09", "America/New_York"),
        ("-05:00", "2026-03-02", "2026-03-08", None),
        ("Etc/GMT+5", "2026-10-30", "2026-11-03", "America/Chicago"),
        ("-05:00", "2026-06-01", "2026-07-01", None),
        ("EST", "2026-06-01", "2026-07-01", "America/New_York"),
        ("EST", "2026-01-01", "2026-02-01", None),
        ("MST", "2026-03-02", "2026-03-09", "America/Denver"),
        ("HST", "2026-03-02", "2026-03-09", None),
        ("+01:00", "2026-10-20", "2026-10-30", "Europe/London"),
        ("+01:00", "2026-03-20", "2026-03-30", "Europe/Berlin"),
        ("Z", "2026-03-20", "2026-03-30", None),
    ],
)
def test_a_zone_that_never_changes_is_told_where_clocks_there_change_meanwhile(
    zone: str, start: str, finish: str, near: str | None
) -> None:
    days = {"start": f"{start}T00:00:00Z", "finish": f"{finish}T00:00:00Z"}
    found = notes(campaign=campaign(gmtZone=zone), goal=None, **days).get("fixed_zone")

    assert (found and found.text.partition("do (")[2]) == (near and f"{near}, perhaps): 600 of the numbers")


def test_the_reference_explains_every_kind() -> None:
    root = Path(__file__).parents[2]
    made = (re.findall(r'Note\(\s*"(\w+)"', file.read_text("utf-8")) for file in (root / "engine").rglob("*.py"))
    page = (root / "docs/reference/results.md").read_text("utf-8")
    table = page[page.index("| kind |") : page.index("## What is written")]
    told = {kind for row in table.splitlines()[2:] for kind in re.findall(r"`(\w+)`", row.partition(" | ")[0])}

    assert told == {"never_opens", "closed_until_finish_date", *(kind for each in made for kind in each)}


def test_a_result_and_its_summary_have_all_of_them() -> None:
    result = simulate(Scenario.from_document(few(numbers=[{"generate": {"count": 7}}, NEVER_OPENS])))

    assert [note.kind for note in result.warnings] == ["never_opens"]
    [note] = result.summary_document["warnings"]
    assert note == {"kind": "never_opens", "text": result.warnings[0].text, "count": 3}
