"""Variants: merge patches and grids, each fault told once, at its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import ScenarioError, simulate
from engine.reading.faults import InputError
from engine.whatif.variants import Variant, grid_of, load_variants
from tests.campaigns import Fields, busy_day


def variants(folder: Path, what_if: Fields | None = None, grid: Fields | None = None, **parts: Any) -> list[Variant]:
    file = folder / "scenario.json"
    file.write_text(json.dumps(busy_day(**parts, **({"whatIf": what_if} if what_if else {})), indent=1))
    return list(load_variants(file, None, grid))


def refused(folder: Path, what_if: Fields | None = None, grid: Fields | None = None, **parts: Any) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        variants(folder, what_if, grid, **parts)
    return [str(fault).replace(f"{folder}/", "") for fault in error.value.faults]


def test_variants_and_a_grid_may_close_other_dates(tmp_path: Path) -> None:
    what_if = {"variants": {"holidays": {"campaign": {"closedDates": ["2026-03-02", {"holidays": "US"}]}}}}
    grid = {"campaign.closedDates": [[], ["2026-03-03"]]}

    made = variants(tmp_path, what_if | {"grid": grid})

    assert [len(each.scenario.document.campaign.closed_dates) for each in made] == [0, 2, 0, 1]


def test_the_base_comes_first_then_the_variants_then_every_combination_of_the_grid(tmp_path: Path) -> None:
    what_if = {
        "variants": {"more lines": {"campaign": {"lines": 8}}},
        "grid": {"campaign.lines": [2, 3], "campaign.maxAttempts": [1, 2]},
    }
    made = variants(tmp_path, what_if)
    assert [variant.name for variant in made] == [
        *("base", "more lines"),
        *("lines=2 maxAttempts=1", "lines=2 maxAttempts=2", "lines=3 maxAttempts=1", "lines=3 maxAttempts=2"),
    ]
    campaigns = [variant.scenario.document.campaign for variant in made]
    assert [(campaign.lines, campaign.max_attempts) for campaign in campaigns] == [
        *((4, 3), (8, 3)),
        *((2, 1), (2, 2), (3, 1), (3, 2)),
    ]
    assert made[1].changes == {"campaign": {"lines": 8}}
    assert made[2].changes == {"campaign.lines": 2, "campaign.maxAttempts": 1}


def test_paths_that_end_alike_are_named_in_full(tmp_path: Path) -> None:
    grid = {"outcomes.answered.seconds": [60], "outcomes.busy.seconds": [5]}
    assert variants(tmp_path, grid=grid)[1].name == "outcomes.answered.seconds=60 outcomes.busy.seconds=5"


def test_a_grid_on_the_command_line_stands_instead_of_what_the_file_compares(tmp_path: Path) -> None:
    what_if = {"variants": {"more lines": {"campaign": {"lines": 8}}}}
    assert [made.name for made in variants(tmp_path, what_if, {"campaign.lines": [9]})] == ["base", "lines=9"]


def test_variants_share_the_list_of_the_base_unless_theirs_is_another(tmp_path: Path) -> None:
    grid = {"numbers.0.generate.count": [10], "campaign.lines": [5, 6]}
    base, five, six = variants(tmp_path, grid=grid)
    assert five.scenario.phonebook is six.scenario.phonebook
    assert (len(base.scenario.phonebook), len(five.scenario.phonebook)) == (300, 10)


def test_a_variant_without_changes_plays_as_the_base(tmp_path: Path) -> None:
    base, same = variants(tmp_path, {"variants": {"same": {}}})
    assert simulate(base.scenario).digest == simulate(same.scenario).digest


def test_a_variant_that_names_an_unknown_field_is_refused_at_its_line(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, {"variants": {"more": {"campaign": {"linez": 8}}}})
    place, _, rest = fault.partition(": ")
    assert rest == "whatIf.variants.more.campaign.linez: found an unknown field; allowed: lines, perhaps"
    line = int(place.removeprefix("scenario.json:"))
    assert '"linez"' in (tmp_path / "scenario.json").read_text().splitlines()[line - 1]


def test_a_null_that_could_never_remove_anything_is_refused(tmp_path: Path) -> None:
    what_if = {"variants": {"more": {"campaign": {"linez": None, "maxAttempts": None, "finishDateTime": None}}}}
    [fault] = refused(tmp_path, what_if)
    assert "whatIf.variants.more.campaign.linez: found an unknown field" in fault


def test_a_path_in_place_of_mappings_is_told_how_to_be_written(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, {"variants": {"more": {"campaign.lines": 3}}})
    assert "whatIf.variants.more.campaign.lines: found a path; allowed: mappings within one another" in fault
    assert fault.endswith("campaign: {lines: …}")


def test_a_grid_over_a_missing_path_is_refused_once_for_all_its_values(tmp_path: Path) -> None:
    grid = {"campaign.linez": [1, 2], "numbers.7.generate.count": [3, 4], "outcomes.nobody.share": [0.1, 0.2]}
    faults = refused(tmp_path, {"grid": grid})
    places = [fault.split(": ")[1] for fault in faults]
    assert len(places) == len(grid)
    assert all(place.startswith(f"whatIf.grid.{path}") for place, path in zip(places, grid, strict=True))


def test_only_the_values_of_a_grid_that_are_wrong_are_told(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, grid={"campaign.lines": [1, 0], "campaign.maxAttempts": [1, 2]})
    assert fault == "--grid.campaign.lines[1]: found 0; allowed: an integer from 1 to 1,000,000"


def test_a_goal_in_the_past_is_refused(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, {"variants": {"sooner": {"goal": {"by": "2020-01-01T00:00:00Z"}}}})
    assert "whatIf.variants.sooner.goal.by: found 2020-01-01T00:00:00Z; allowed: an instant after start" in fault


def test_lines_instead_of_shifts_need_a_null_and_the_fault_says_so(tmp_path: Path) -> None:
    shifts = {"lines": None, "shifts": [{"lines": 2}]}
    [fault] = refused(tmp_path, {"variants": {"more": {"campaign": {"lines": 8}}}}, campaign=shifts)
    assert fault.endswith("null in the variant removes what the base has")
    assert len(variants(tmp_path, {"variants": {"more": {"campaign": {"lines": 8, "shifts": None}}}}, None)) == 2


@pytest.mark.parametrize(
    ("what_if", "words"),
    [
        ({"variants": {"luck": {"seed": 8}}}, "--replications N plays N seeds"),
        ({"grid": {"seed": [1, 2]}}, "--replications N plays N seeds"),
        ({"variants": {"in it": {"whatIf": {}}}}, "variants without variants of their own"),
        ({"variants": {"base": {}}}, "found the name of the scenario itself"),
        ({"grid": {"campaign.lines": []}}, "found no values"),
        ({"grid": {"campaign.lines": [5, 5]}}, "found a second variant of this name"),
        ({"grid": {"campaign.lines": [*range(1, 41)], "campaign.maxAttempts": [*range(1, 41)]}}, "1,600 combinations"),
        ({}, "found nothing to compare"),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path: Path, what_if: Fields, words: str) -> None:
    [fault] = refused(tmp_path, what_if)
    assert words in fault


def test_faults_of_all_variants_are_told_at_once(tmp_path: Path) -> None:
    bad = {
        "variants": {"a": {"campaign": {"lines": 0}}, "b": {"seed": 1}},
        "grid": {"campaign.linez": [1], "lock": [1]},
    }
    assert len(refused(tmp_path, bad)) == 4


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("campaign.lines=200,300", [200, 300]),
        ("campaign.lines = [200, 300]", [200, 300]),
        ("campaign.order=windowClosing", ["windowClosing"]),
        (
            'campaign.shifts=[[{lines: 3, from: "08:00", to: "20:00"}], null]',
            [[{"lines": 3, "from": "08:00", "to": "20:00"}], None],
        ),
        ("campaign.caps=[], [{atMost: 3, hours: 24}]", [[], [{"atMost": 3, "hours": 24}]]),
    ],
)
def test_values_of_a_grid_are_spelled_as_in_a_scenario_file(text: str, values: list[Any]) -> None:
    [found] = grid_of([text]).values()
    assert found == values


def test_every_grid_that_is_none_is_told() -> None:
    with pytest.raises(InputError) as error:
        grid_of(["campaign.lines", "=3", "a=1", "a=2", "b=[1"])
    assert len(error.value.faults) == 4
