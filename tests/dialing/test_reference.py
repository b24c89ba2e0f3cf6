"""The reference engine beside the oracle; played whole, in steps, and with a user's commands."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Result, Scenario, simulate
from engine.dialing.record import Record
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.numbers.phonebook import Phonebook
from engine.testing.strategies import Command, beginnings, closings, commands, crowds, instants, scenarios, text_of
from tests.dice import dice_of
from tests.numbers.places.library import zones_by_phone
from tests.oracle import Call, Fortune, Oracle, Played, zone

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same(result: Result, expected: Played) -> None:
    calls = result.calls.select("number", "phone", "attempt", result.calls["start"].dt.epoch("s"), "seconds", "outcome")
    numbers = result.numbers.select("ending", result.numbers["ended_at"].dt.epoch("s"))
    assert [Call(*row) for row in calls.rows()] == expected.calls
    assert [Fortune(*row) for row in numbers.rows()] == expected.fortunes
    held = result.record.numbers.held, result.record.numbers.held_once
    assert list(zip(*(column.tolist() for column in held), strict=True)) == expected.held
    assert result.digest == expected.digest


def same_record(one: Record, other: Record) -> bool:
    assert one.calls is not None
    assert other.calls is not None
    mine: tuple[Any, ...] = (one.numbers, one.quarters, one.calls)
    theirs: tuple[Any, ...] = (other.numbers, other.quarters, other.calls)
    columns = zip(mine, theirs, strict=True)
    return (one.digest, one.local_hours) == (other.digest, other.local_hours) and all(
        np.array_equal(left, right) for some, others in columns for left, right in zip(some, others, strict=True)
    )


def rows(phonebook: Phonebook, first: int, last: int) -> Phonebook:
    """The phonebook of some of its rows."""
    return Phonebook(
        phonebook.identities[first:last],
        phonebook.policies[first:last],
        phonebook.segments[first:last],
        phonebook.added[first:last],
        phonebook.distinct,
        shared=phonebook.shared[first:last],
    )


def play_beside_the_oracle(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    expected = Oracle(document, dice_of(scenario)).play()
    assert_same(simulate(scenario, "reference", calls=True), expected)


@st.composite
def placed_by_phone(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A scenario with zones by phone, one or two an hour apart, and the same with these zones written out."""
    start = draw(beginnings())
    if_unknown = draw(st.sampled_from(["Asia/Kolkata", "Europe/London", "Z"]))

    def zones_of(phone: str) -> tuple[str, ...]:
        return zones_by_phone(phone) or (if_unknown,)

    def number(phone: str) -> st.SearchStrategy[dict[str, Any]]:
        local = start.astimezone(zone(zones_of(phone)[0]))
        opens = st.integers(-90, 60).map(lambda minute: local + timedelta(minutes=minute))
        hours = st.builds(
            lambda first, minutes: {
                "default": [
                    {"localTimeFrom": f"{first:%H:%M}", "localTimeTo": f"{first + timedelta(minutes=minutes):%H:%M}"}
                ]
            },
            opens,
            st.integers(70, 400),
        )
        own = {"allowedTime": hours, "finishDateTime": instants(start, 30, 200)}
        return st.fixed_dictionaries({"phone": st.just(phone)}, optional=own)

    phones = st.sampled_from(["12082020000", "12082020001", "12083820000", "442079460000", "4930123456", "99912345"])
    numbers = draw(st.lists(phones.flatmap(number), min_size=2, max_size=8))
    document = draw(crowds()) | {
        "start": text_of(start),
        "finish": text_of(start + timedelta(minutes=150)),
        "numbers": [{"addPhones": numbers}],
    }
    shift = {"from": f"{start.astimezone(zone(if_unknown)) + timedelta(minutes=20):%H:%M}", "to": "00:01", "lines": 1}
    lines = draw(st.sampled_from([{}, {"lines": None, "shifts": [shift]}]))
    written_out = [{"addPhones": [{**each, "gmtZone": "&".join(zones_of(each["phone"]))} for each in numbers]}]
    campaign = {**document["campaign"], **lines, **draw(closings(start))}
    from_phone = {**campaign, "gmtZone": "fromPhone", "zoneIfUnknown": if_unknown}
    named = {**campaign, "gmtZone": if_unknown}
    return document | {"campaign": from_phone}, document | {"campaign": named, "numbers": written_out}


def test_a_redial_in_hours_that_several_zones_never_share_expires_at_once() -> None:
    minute = {"mon": [{"localTimeFrom": "10:00", "localTimeTo": "10:01"}]}
    document = {
        "start": "2026-03-02T10:00:00Z",
        "finish": "2026-03-02T12:00:00Z",
        "campaign": {"lines": 1},
        "numbers": [{"addPhones": [{"phone": "12082020000", "gmtZone": "America/Boise&America/Los_Angeles"}]}],
        "outcomes": {"answered": {"share": 1, "seconds": 60, "redials": [{"share": 1, "allowedTime": minute}]}},
    }
    from_phone = document | {
        "campaign": {"lines": 1, "gmtZone": "fromPhone"},
        "numbers": [{"addPhones": [{"phone": "12082020000"}]}],
    }
    scenario = Scenario.from_document(from_phone)

    result = simulate(scenario, "reference", calls=True)

    assert result.numbers["ending"].to_list() == ["expired"]
    assert_same(result, Oracle(document, dice_of(scenario)).play())


@settings(slowly, max_examples=60)
@given(placed_by_phone())
def test_a_number_in_several_zones_is_called_when_all_of_them_allow_it(
    documents: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    from_phone, written_out = documents
    scenario = Scenario.from_document(from_phone)

    result = simulate(scenario, "reference", calls=True)

    assert_same(result, Oracle(written_out, dice_of(scenario)).play())
    assert same_record(result.record, simulate(scenario, "compiled", calls=True).record)


@settings(slowly, max_examples=120)
@given(scenarios())
def test_every_call_and_every_ending_is_that_of_the_oracle(document: dict[str, Any]) -> None:
    play_beside_the_oracle(document)


@settings(slowly, max_examples=120)
@given(crowds())
def test_a_crowd_is_called_in_the_order_of_the_oracle(document: dict[str, Any]) -> None:
    play_beside_the_oracle(document)


@pytest.mark.slow
@settings(slowly, max_examples=5_000)
@given(scenarios() | crowds())
def test_every_call_and_every_ending_is_that_of_the_oracle_at_length(document: dict[str, Any]) -> None:
    play_beside_the_oracle(document)


@settings(slowly, max_examples=60)
@given(scenarios() | crowds(), st.data())
def test_pauses_and_cancellations_do_what_the_oracle_does(document: dict[str, Any], data: st.DataObject) -> None:
    scenario = Scenario.from_document(document)
    wanted: list[Command] = [
        command for command in data.draw(commands(document)) if command.job < len(scenario.phonebook)
    ]
    rulebook = Rulebook(scenario.document)
    dialer = ReferenceDialer(rulebook, keep_calls=True)
    dialer.add(scenario.phonebook)
    for command in wanted:
        dialer.run_until(command.at)
        if command.action == "cancel":
            dialer.cancel([command.job])
        elif command.action == "pause":
            dialer.pause()
        else:
            dialer.resume()
    dialer.run_until(rulebook.finish)

    expected = Oracle(document, dice_of(scenario)).play(wanted)
    assert_same(Result(scenario, rulebook, dialer.record()), expected)


@settings(slowly, max_examples=40)
@given(scenarios() | crowds(), st.data())
def test_playing_in_steps_gives_the_record_of_playing_in_one_go(document: dict[str, Any], data: st.DataObject) -> None:
    scenario = Scenario.from_document(document)
    start, finish = scenario.document.start, scenario.document.finish
    steps = data.draw(st.lists(st.integers(start - 1, finish + 1), max_size=20).map(sorted))
    stepped = ReferenceDialer(Rulebook(scenario.document), keep_calls=True)
    stepped.add(scenario.phonebook)
    for step in [*steps, finish]:
        stepped.run_until(step)
        stepped.record()

    whole = simulate(scenario, "reference", calls=True).record
    assert same_record(stepped.record(), whole)


@settings(slowly, max_examples=40)
@given(scenarios() | crowds())
def test_numbers_added_when_their_time_comes_are_called_as_if_known_before(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    book = scenario.phonebook
    live = ReferenceDialer(Rulebook(scenario.document), keep_calls=True)
    for place, added in enumerate(book.added.tolist()):
        live.run_until(added)
        live.add(rows(book, place, place + 1))
    live.run_until(scenario.document.finish)

    assert same_record(live.record(), simulate(scenario, "reference", calls=True).record)
