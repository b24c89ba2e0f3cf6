"""Changes: values put in by path, and merge patches."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calling.closed_dates import ClosedDates
from engine.reading.faults import InputError
from engine.scenario.changes import assignment, changed, merged
from tests.scenario.documents import GOOD, load, refused


def test_a_change_replaces_a_value_before_anything_is_checked(tmp_path: Path) -> None:
    changes: dict[str, object] = {
        "campaign.lines": 7,
        "outcomes.noAnswer.share": 0.5,
        "outcomes.answered.share": 0.5,
        "numbers.1": {"generate": {"count": 3}},
        "answering.attempts": [0.5],
    }
    scenario = load(tmp_path, changes=changes)
    assert scenario.document.campaign.lines == 7
    assert scenario.document.answering.attempts == (0.5,)
    assert len(scenario.phonebook) == 4


def test_closed_dates_may_be_given_as_they_stand_in_a_file(tmp_path: Path) -> None:
    given = dict([assignment("campaign.closedDates=[2026-12-25, {holidays: US, subdivision: CA}]")])

    closed = load(tmp_path, changes=given).document.campaign.closed_dates

    assert closed == ClosedDates.read(["2026-12-25", {"holidays": "US", "subdivision": "CA"}])


def test_a_fault_of_a_change_stands_at_its_path_and_not_in_the_file(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, **{"campaign.lines": "many"})
    assert found.startswith('campaign.lines: found "many"')


def test_a_fault_that_a_change_brings_elsewhere_names_the_change_and_others_do_not(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, start="2027-03-02T00:00:00Z")
    assert "finish: found 2026-03-03T00:00:00Z, with start changed; allowed:" in fault
    own = GOOD.replace("retry: true", "retry: maybe")
    assert sum("changed" in each for each in refused(tmp_path, own, start="2027-03-02T00:00:00Z")) == 1


def test_an_item_of_a_list_may_be_called_by_its_name() -> None:
    value = {"segments": [{"name": "vip", "share": 0.1}, {"name": "dead", "share": 0.2}]}
    assert changed(value, "segments.dead.share", 0.3)["segments"][1] == {"name": "dead", "share": 0.3}
    patched, nulls = merged(value, {"segments": {"vip": {"dialerPriority": 1}, "dead": None, "new": {"share": 0.5}}})
    assert patched["segments"] == [
        {"name": "vip", "share": 0.1, "dialerPriority": 1},
        {"name": "new", "share": 0.5},
    ]
    assert nulls == []
    assert merged(value, {"segments": []}) == ({"segments": []}, []), "a list stands in place of the list"


def test_a_change_leaves_the_value_it_was_made_of_alone() -> None:
    value = {"a": [{"b": 1}]}
    assert changed(value, "a.0.b", 2) == {"a": [{"b": 2}]}
    assert changed(value, "a[0].b", 2) == {"a": [{"b": 2}]}
    assert changed(value, "c.d", 3) == {"a": [{"b": 1}], "c": {"d": 3}}
    assert value == {"a": [{"b": 1}]}


@pytest.mark.parametrize("path", ["a.1.b", "a.x", "a.0.b.c", "", ".a", "a..b"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="a path of the scenario"):
        changed({"a": [{"b": 1}]}, path, 2)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("campaign.lines=400", "campaign.lines", 400),
        ("campaign.callsPerSecond = 2.5", "campaign.callsPerSecond", 2.5),
        ("name=a=b", "name", "a=b"),
        ("name=", "name", ""),
        ("campaign.allowedDays=[mon, tue]", "campaign.allowedDays", ["mon", "tue"]),
        ("campaign.gmtZone=null", "campaign.gmtZone", None),
    ],
)
def test_an_assignment_is_a_path_and_a_value(text: str, path: str, value: object) -> None:
    assert assignment(text) == (path, value)


@pytest.mark.parametrize("text", ["campaign.lines", "", "=4"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no assignment"):
        assignment(text)


JSON = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_are_merged_as_the_standard_shows(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch)[0] == result


@given(JSON, JSON)
def test_a_patch_applied_twice_is_a_patch_applied_once(target: Any, patch: Any) -> None:
    once, _ = merged(target, patch)
    assert merged(once, patch)[0] == once
