"""The live dialer: whatever is handed over when, it plays what `simulate` plays of the whole."""

import json
from collections.abc import Mapping
from io import BytesIO, TextIOWrapper
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Result, Scenario, simulate
from engine.calling.instants import utc_text
from engine.calling.policy import PolicyError
from engine.dialing.live import FinishedError, LiveDialer, NoRedialError, StoppedError
from engine.dialing.record import ENDINGS, Record
from engine.reading.faults import InputError, path_text
from engine.scenario.document import ScenarioError
from engine.testing.strategies import Fields, crowds, scenarios
from tests.dialing.test_reference import same_record
from tests.dice import dice_of
from tests.oracle import additions, instant

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
Addition = tuple[int, Mapping[str, Any]]

START = instant("2026-03-02T09:00:00Z")
DOCUMENT: Fields = {
    "start": "2026-03-02T09:00:00Z",
    "finish": "2026-03-04T09:00:00Z",
    "seed": 5,
    "campaign": {"lines": 1, "maxAttempts": 2, "retryIntervalInMinutes": 10},
    "numbers": [],
    "outcomes": {"noAnswer": {"share": 1, "seconds": 60, "retry": True}},
}
HOUR = 3_600


def live(**parts: Any) -> LiveDialer:
    """A dialer of one line on which nobody ever answers, with an empty list."""
    return LiveDialer(Scenario.from_document({**DOCUMENT, **parts}))


def phones(*numbers: object, **fields: Any) -> list[Fields]:
    return [{"phone": number, **fields} for number in numbers]


def whole(document: Fields, listed: list[Addition], added: list[Addition], finish: int | None = None) -> Record:
    """What `simulate` makes of the list and the additions as one list, until an instant."""
    until = instant(document["finish"]) if finish is None else finish
    parts = [{"addPhones": [number], "added": utc_text(at)} for at, number in (*listed, *added) if at < until]
    scenario = Scenario.from_document({**document, "numbers": parts, "finish": utc_text(until)})
    return simulate(scenario, calls=True).record


@st.composite
def splits(draw: st.DrawFn) -> tuple[Fields, list[Addition], list[Addition]]:
    """A scenario, and its list taken apart: what the scenario keeps, and what is added while it plays."""
    document = draw(scenarios() | crowds())
    every = additions(document, dice_of(Scenario.from_document(document)))
    is_kept = draw(st.lists(st.booleans(), min_size=len(every), max_size=len(every)))
    kept = [addition for addition, keep in zip(every, is_kept, strict=True) if keep]
    added = [addition for addition, keep in zip(every, is_kept, strict=True) if not keep]
    return document, kept, added


def listed(document: Fields, kept: list[Addition]) -> LiveDialer:
    """A dialer whose scenario lists what it keeps."""
    parts = [{"addPhones": [number], "added": utc_text(at)} for at, number in kept]
    return LiveDialer(Scenario.from_document({**document, "numbers": parts}))


def result_of(dialer: LiveDialer) -> Result:
    scenario, rulebook = dialer.played()
    return Result(scenario, rulebook, dialer.record())


def play(dialer: LiveDialer, added: list[Addition], data: st.DataObject) -> None:
    """Hand the additions over at their instants, in bodies of any size, with steps of any kind between them."""
    while added:
        at = added[0][0]
        while dialer.now < at and data.draw(st.booleans()):
            if (dialer.next_instant or at) < at and data.draw(st.booleans()):
                dialer.step()
            else:
                dialer.run_for(data.draw(st.integers(1, at - dialer.now)))
        dialer.run_until(at)
        count = data.draw(st.integers(1, sum(other == at for other, _ in added)))
        dialer.add([number for _, number in added[:count]])
        added = added[count:]
        if data.draw(st.booleans()):  # who looks changes nothing
            assert result_of(dialer).summary_document


@settings(slowly, max_examples=150)
@given(splits(), st.data())
def test_additions_split_in_any_way_are_played_as_one_list(
    split: tuple[Fields, list[Addition], list[Addition]], data: st.DataObject
) -> None:
    document, kept, added = split
    dialer = listed(document, kept)

    play(dialer, added, data)
    dialer.run_until(dialer.finish)

    assert same_record(dialer.record(), whole(document, kept, added))


@settings(slowly, max_examples=60)
@given(splits(), st.data())
def test_at_any_instant_the_record_is_that_of_a_simulation_that_finishes_then(
    split: tuple[Fields, list[Addition], list[Addition]], data: st.DataObject
) -> None:
    document, kept, added = split
    start, finish = instant(document["start"]), instant(document["finish"])
    stop = data.draw(st.integers(start + 1, finish))
    dialer = listed(document, kept)

    play(dialer, [addition for addition in added if addition[0] < stop], data)
    dialer.run_until(stop)

    assert same_record(dialer.record(), whole(document, kept, added, stop))


@settings(slowly, max_examples=40)
@given(splits(), st.data())
def test_the_figures_of_a_live_dialer_are_those_of_the_whole_list(
    split: tuple[Fields, list[Addition], list[Addition]], data: st.DataObject
) -> None:
    document, kept, added = split
    dialer = listed(document, kept)
    play(dialer, added, data)
    dialer.run_until(dialer.finish)
    parts = [{"addPhones": [number], "added": utc_text(at)} for at, number in (*kept, *added)]
    expected = simulate(Scenario.from_document({**document, "numbers": parts}), calls=True)

    result = result_of(dialer)

    assert result.figures == expected.figures
    assert result.timeline.equals(expected.timeline)
    assert result.numbers.equals(expected.numbers)
    assert result.calls.equals(expected.calls)


# One list over all additions (rules 4)


def test_a_number_added_again_within_a_day_is_ignored() -> None:
    dialer = live()
    first = dialer.add(phones(16505550000))
    dialer.run_for(24 * HOUR - 1)
    again = dialer.add(phones("+16505550000"))
    dialer.run_for(1)
    a_day_later = dialer.add(phones(16505550000))

    assert (first, again, a_day_later) == ([0], [None], [1])
    assert dialer.jobs_of("16505550000") == [0, 1]


def test_a_number_that_the_scenario_lists_for_later_is_then_a_duplicate_of_the_one_added_before() -> None:
    dialer = live(numbers=[{"addPhones": phones(16505550000), "added": "2026-03-02T12:00:00Z"}])
    assert dialer.add(phones(16505550000)) == [0]
    dialer.run_until(dialer.finish)

    scenario, _ = dialer.played()
    assert (len(dialer), scenario.phonebook.duplicates) == (1, 1)


def test_two_occurrences_of_a_phone_over_two_additions_have_different_luck() -> None:
    outcomes = {"busy": {"share": 1, "seconds": {"quantiles": {"0": 1, "1": 80_000}}}}
    dialer = live(outcomes=outcomes, campaign={"lines": 2})
    dialer.add(phones(16505550000))
    dialer.add(phones(16505550000, payload={"again": True}))
    dialer.run_until(dialer.finish)

    calls = dialer.record().calls
    assert calls is not None
    assert len(set(calls.seconds.tolist())) == 2


def test_additions_are_checked_against_the_dates_of_the_campaign_and_nothing_is_added() -> None:
    dialer = live(campaign={"lines": 1, "finishDateTime": "2026-03-03T09:00:00Z"})

    with pytest.raises(InputError, match=r"^\[1\]\.finishDateTime: found 2026-03-03T09:00:00Z, once the campaign's"):
        dialer.add([*phones(16505550000), *phones(16505550001, startDateTime="2026-03-03T10:00:00Z")])

    assert len(dialer) == 0
    assert dialer.add(phones(16505550000)) == [0], "the first was not added with the faulty one"


def test_every_fault_of_an_addition_is_named() -> None:
    with pytest.raises(InputError) as error:
        live().add([{"phone": "123"}, {"phone": 16505550000, "maxAttempts": 51}, {"colour": 1}])

    assert [str(fault).split(":")[0] for fault in error.value.faults] == [
        "[0].phone",
        "[1].maxAttempts",
        "[2].phone",
        "[2].colour",
    ]


def test_segments_are_chosen_by_the_payload_of_an_addition() -> None:
    dialer = live(
        outcomes={"answered": {"share": 0.5, "seconds": 30}, "busy": {"share": 0.5, "seconds": 30}},
        segments=[{"name": "gold", "payload": {"plan": "gold"}, "outcomes": {"answered": {"share": 1}}}],
        campaign={"lines": 100},
    )
    dialer.add(phones(*range(16505550000, 16505550100), payload={"plan": "gold"}))
    dialer.run_for(60)

    assert {dialer.state(job).last_outcome for job in range(100)} == {"answered"}


def test_zones_are_told_by_the_phones_of_additions() -> None:
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
    dialer = live(campaign={"lines": 5, "gmtZone": "fromPhone", "allowedTime": hours})
    dialer.add(phones(12125550100, 442079460000))
    dialer.run_until(dialer.finish)

    starts = [utc_text(dialer.state(job).last_call or 0) for job in range(2)]
    assert starts == ["2026-03-02T15:00:00Z", "2026-03-02T10:00:00Z"]


def test_a_list_whose_file_has_changed_since_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "list.json"
    file.write_text('[{"phone": 16505550000}]')
    scenario = Scenario.from_document({**DOCUMENT, "numbers": [{"file": "list.json"}]}, tmp_path)
    file.write_text('[{"phone": 16505550001}]')

    with pytest.raises(ScenarioError, match="a list that has changed since the scenario was loaded"):
        LiveDialer(scenario)


def test_a_look_at_the_result_does_not_keep_numbers_that_arrive_later_from_being_called() -> None:
    morning = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    coming = {"addPhones": phones(16505550001, allowedTime=morning), "added": "2026-04-20T09:00:00Z"}
    dialer = live(finish="2026-05-04T09:00:00Z", numbers=[coming])
    dialer.run_for(HOUR)
    with pytest.raises(InputError):
        dialer.add([*phones(16505550002, gmtZone="America/New_York"), {"phone": "1"}])
    assert result_of(dialer).figures.numbers.total == 0

    dialer.run_until(dialer.finish)
    assert dialer.state(0).attempts == 2


def test_a_number_is_judged_by_itself_and_not_by_one_that_was_refused() -> None:
    dialer = live()
    for days in (("mon", "tue"), ["mon", "tue"]):
        dialer.add(phones(16505550000, allowedDays=days, payload={"days": str(days)}))
    dialer.add(phones(np.int64(16505550001), maxAttempts=np.int64(2)))

    assert len(dialer) == 3


def test_faults_of_many_numbers_with_one_policy_are_not_chained_to_one_another() -> None:
    dialer = live()
    with pytest.raises(InputError):
        dialer.add(phones(*range(16505550000, 16505551000), maxAttempts=99))
    with pytest.raises(PolicyError) as error:
        dialer._intake.policy({"maxAttempts": 99})

    depth, step = 0, error.value.__traceback__
    while step is not None:
        depth, step = depth + 1, step.tb_next
    assert depth < 10


# Lists that are read first and taken later


@settings(slowly, max_examples=60)
@given(splits(), st.data())
def test_what_is_read_and_taken_is_what_is_added(
    split: tuple[Fields, list[Addition], list[Addition]], data: st.DataObject
) -> None:
    document, kept, added = split
    reading, adding = listed(document, kept), listed(document, kept)
    instants = sorted({at for at, _ in added})
    bodies = [[number for at, number in added if at == instant] for instant in instants]
    order = data.draw(st.permutations(range(len(bodies))))
    read = {row: reading.read(json.dumps(bodies[row]).encode()) for row in order}
    reading.read(json.dumps([number for _, number in added]).encode())  # it is never taken

    for row, at in enumerate(instants):
        for dialer in (reading, adding):
            dialer.run_until(at)
        assert reading.take(read[row]) == adding.add(bodies[row])
        assert result_of(reading).summary_document == result_of(adding).summary_document
    for dialer in (reading, adding):
        dialer.run_until(dialer.finish)

    assert same_record(reading.record(), adding.record())


def test_every_fault_of_a_body_is_named_with_its_path_and_nothing_can_be_seen_of_it() -> None:
    dialer = live()
    with pytest.raises(InputError) as error:
        dialer.read(b'[{"phone": "123"},\n{"phone": 16505550000,\n"maxAttempts": 51, "dialerPriority": 9}]')

    assert [str(fault).split(";")[0] for fault in error.value.faults] == [
        '[0].phone: found "123"',
        "[1].maxAttempts: found 51",
    ]
    assert (len(dialer), dialer.jobs_of(16505550000)) == (0, [])
    assert [*map(str, dialer.played()[0].warnings)] == ["the list is empty: nobody is called"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "found an empty body; allowed: an array of numbers"),
        (
            b'[{"phone": 16505550000},\n]',
            "found text that is not JSON (trailing comma in array) at column 1, in item [1], line 2; allowed: JSON",
        ),
        (b'{"phone": 16505550000}', "allowed: an array of numbers, [{phone: …}, …]"),
        (b"null", "found null; allowed: an array of numbers, [{phone: …}, …]"),
        (b"[" * 100_000, "nested"),
        (b'[{"phone": "\xff"}]', "found a byte that is not UTF-8 at position 12; allowed: JSON in UTF-8"),
    ],
)
def test_a_body_that_cannot_be_read_is_one_clear_fault(body: bytes, fault: str) -> None:
    with pytest.raises(InputError) as error:
        live().read(body)

    assert len(error.value.faults) == 1
    assert fault in str(error.value)


def test_an_empty_body_adds_nothing() -> None:
    dialer = live()

    assert dialer.take(dialer.read(b" [ ] ")) == []
    assert len(dialer) == 0


def test_exempt_numbers_are_neither_duplicates_nor_make_any() -> None:
    dialer = live()
    body = b'[{"phone": 16505550000}, {"phone": 16505550000}]'

    assert dialer.take(dialer.read(body), "exempt") == [0, 1]
    assert dialer.take(dialer.read(body)) == [2, None]
    assert dialer.take(dialer.read(body), "exempt") == [3, 4]
    scenario, _ = dialer.played()
    assert scenario.phonebook.duplicates == 1
    assert len({*scenario.phonebook.identities.tolist()}) == 5, "each has luck of its own"


# Redials that a user brings (rules 6)


def test_a_call_that_ends_brings_the_redial_that_was_asked_for_last() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(30)
    dialer.redial(0, {"startAfterMinutes": 1})
    dialer.redial(0, {"startAfterMinutes": 5, "maxAttempts": 9, "dialerPriority": 2})
    assert (dialer.state(0).stands, dialer.state(0).redials) == ("in_call", 0)

    dialer.run_for(31)
    state = dialer.state(0)
    assert (state.redials, state.due, state.attempts_left, state.priority) == (1, START + 60 + 300, 5, 2)
    assert [each.created - START for each in dialer.series(0)] == [0, 60]


def test_a_call_that_is_too_short_brings_the_redial_all_the_same() -> None:
    dialer = live(
        outcomes={"answered": {"share": 1, "seconds": 60}},
        campaign={"lines": 1, "retryIfShorterThanSeconds": 61, "maxAttempts": 2},
    )
    dialer.add(phones(16505550000))
    dialer.run_for(30)
    dialer.redial(0, {"startAfterMinutes": 5})

    dialer.run_for(31)
    assert (dialer.state(0).redials, dialer.state(0).due) == (1, START + 60 + 300)


def test_a_redial_of_a_job_that_waits_for_a_retry_begins_a_series_now() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(100)
    dialer.redial(0, {"startAfterMinutes": 2, "maxAttempts": 1})

    former, series = dialer.series(0)
    assert (former.ending, former.ended_at, former.attempts) == ("redialed", START + 100, 1)
    assert (series.created, series.due, series.stands, series.attempts) == (START + 100, START + 60 + 120, "waiting", 0)
    dialer.run_until(dialer.finish)
    assert [call.start - START for call in dialer.calls(0)] == [0, 180]
    assert dialer.state(0).ending == "exhausted"


def test_a_redial_whose_time_has_come_already_is_due_now() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(400)
    dialer.redial(0, {"startAfterMinutes": 2})

    assert dialer.state(0).due == START + 400
    dialer.run_for(1)
    assert dialer.state(0).last_call == START + 400


def test_a_redial_undoes_the_end_of_the_job() -> None:
    dialer = live(campaign={"lines": 1})
    dialer.add(phones(16505550000))
    dialer.run_for(100)
    assert result_of(dialer)["numbers.ending.exhausted"] == 1

    dialer.redial(0, {"startAfterMinutes": 30})
    assert (result_of(dialer)["numbers.ending.exhausted"], dialer.counts().ended["exhausted"]) == (0, 0)
    assert dialer.record().quarters.ended.sum() == 0
    former, series = dialer.series(0)
    assert (former.ending, former.ended_at) == ("exhausted", START + 60), "what was told of it stays"
    assert (series.created, series.due) == (START + 100, START + 60 + 1_800)
    assert [each.job for each in dialer.series_unfinished()] == [0]

    dialer.run_until(dialer.finish)
    assert (dialer.state(0).ended_at, dialer.record().quarters.ended.sum()) == (START + 60 + 1_800 + 60, 1)


def test_a_redial_that_can_never_be_called_expires_at_once() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(100)
    dialer.redial(0, {"startAfterMinutes": 2, "finishDateTime": "2026-03-02T09:02:00Z"})

    assert (dialer.state(0).ending, dialer.state(0).ended_at) == ("expired", START + 100)
    assert [each.ending for each in dialer.series(0)] == ["redialed", "expired"]


def test_a_redial_may_have_hours_that_nobody_had_before() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(30)
    dialer.redial(
        0, {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}, "gmtZone": "-1"}
    )
    dialer.run_until(dialer.finish)

    assert [call.start - START for call in dialer.calls(0)] == [0, 2 * HOUR, 2 * HOUR + 660]


def test_a_redial_after_the_last_of_all_calls_ends_the_job() -> None:
    dialer = live(campaign={"lines": 1, "maxAttempts": 9, "maxTotalAttempts": 1})
    dialer.add(phones(16505550000))
    dialer.run_for(30)
    dialer.redial(0, {"startAfterMinutes": 0})
    dialer.run_for(31)

    assert (dialer.state(0).ending, dialer.state(0).redials) == ("exhausted", 0)
    with pytest.raises(NoRedialError, match="job 0 has had 1 call, all that maxTotalAttempts allows"):
        dialer.redial(0, {"startAfterMinutes": 0})


def test_a_job_that_is_cancelled_after_the_redial_was_asked_for_is_not_called() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(30)
    dialer.redial(0, {"startAfterMinutes": 0})
    dialer.cancel([0])
    dialer.run_until(dialer.finish)

    assert (dialer.state(0).ending, dialer.state(0).attempts) == ("cancelled", 1)


def test_who_had_no_call_or_was_cancelled_gets_no_redial() -> None:
    dialer = live()
    dialer.add(phones(16505550000, 16505550001))
    with pytest.raises(NoRedialError, match="job 0 had no call yet"):
        dialer.redial(0, {"startAfterMinutes": 0})
    dialer.run_for(30)
    dialer.cancel([0])

    with pytest.raises(NoRedialError, match="job 0 was cancelled"):
        dialer.redial(0, {"startAfterMinutes": 0})
    with pytest.raises(KeyError):
        dialer.redial(2, {"startAfterMinutes": 0})


def test_every_fault_of_a_redial_is_named_and_nothing_changes() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(30)

    for fields, paths in (
        ({"maxAttempts": -1, "colour": 1, "startAfterMinutes": 1}, ["colour", "maxAttempts"]),
        ({"startAfterMinutes": 1, "startDateTime": "2026-03-02T12:00:00Z"}, ["startAfterMinutes"]),
        ({"share": 1, "startAfterMinutes": 1}, ["share"]),
        ({}, [""]),
    ):
        with pytest.raises(InputError) as error:
            dialer.redial(0, fields)
        assert [path_text(fault.path) for fault in error.value.faults] == paths
    dialer.run_for(31)
    assert dialer.state(0).redials == 0


# The end of a campaign


def test_stopping_again_during_a_call_changes_nothing() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_for(1)
    dialer.stop()
    dialer.stop()
    dialer.run_until(dialer.finish)
    assert (dialer.stopped_at, dialer.series(0)[-1].ending) == (START + 1, "stopped")


def test_a_campaign_that_is_stopped_calls_nobody_any_more() -> None:
    dialer = live(numbers=[{"addPhones": phones(16505550009), "added": "2026-03-02T12:00:00Z"}])
    dialer.add(phones(*range(16505550000, 16505550004)))
    dialer.run_for(65)
    dialer.cancel([2])
    dialer.stop()
    assert (dialer.stopped_at, dialer.coming, dialer.counts().waiting) == (START + 65, 0, (0, 0, 0, 0, 0))
    assert [dialer.state(job).stands for job in range(4)] == ["ended", "in_call", "ended", "ended"]

    dialer.run_until(dialer.finish)
    assert [dialer.series(job)[-1].ending for job in range(4)] == ["stopped", "stopped", "cancelled", "stopped"]
    assert [dialer.state(job).ending for job in range(4)] == ["cancelled"] * 4
    assert [dialer.state(job).ended_at for job in range(4)] == [START + at for at in (65, 120, 65, 65)]
    assert (len(dialer), dialer.begun) == (4, 2)


def test_a_campaign_that_is_stopped_takes_no_numbers_and_no_redials() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    read = dialer.read(b'[{"phone": 16505550001}]')
    dialer.run_for(30)
    dialer.stop()
    dialer.run_for(30)
    dialer.stop()

    for command in (
        lambda: dialer.add(phones(16505550001)),
        lambda: dialer.take(read),
        lambda: dialer.redial(0, {"startAfterMinutes": 0}),
    ):
        with pytest.raises(StoppedError, match="the campaign was stopped at 2026-03-02T09:00:30Z"):
            command()
    dialer.run_until(dialer.finish)
    with pytest.raises(FinishedError):
        dialer.take(read)


def test_a_campaign_that_has_finished_cannot_be_stopped() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.run_until(dialer.finish)
    dialer.stop()

    assert dialer.stopped_at is None


# Jobs


def test_a_job_waits_is_called_and_ends() -> None:
    dialer = live()
    dialer.add(phones(16505550000, dialerPriority=2))

    state = dialer.state(0)
    assert (state.stands, state.phone, state.priority, state.attempts) == ("waiting", "16505550000", 2, 0)
    assert (state.added, state.due, state.next_allowed, state.last_call) == (START, START, START, None)

    dialer.run_for(1)
    state = dialer.state(0)
    assert (state.stands, state.attempts, state.attempts_left, state.last_call) == ("in_call", 1, 1, START)
    assert (state.last_outcome, state.due, state.next_allowed) == (None, None, None), "nobody knows them yet"

    dialer.run_for(60)
    state = dialer.state(0)
    assert (state.stands, state.last_outcome, state.due) == ("waiting", "noAnswer", START + 60 + 600)

    dialer.run_until(dialer.finish)
    state = dialer.state(0)
    assert (state.stands, state.ending, state.attempts, state.ended_at) == ("ended", "exhausted", 2, START + 720)


def test_a_job_that_waits_for_its_window_tells_when_it_may_be_called() -> None:
    dialer = live()
    dialer.add(phones(16505550000, allowedTime={"default": [{"localTimeFrom": "11:00", "localTimeTo": "12:00"}]}))

    assert dialer.state(0).next_allowed == START + 2 * HOUR


def test_a_redial_begins_a_series_of_its_own() -> None:
    redial = {"share": 1, "startAfterMinutes": 5, "maxAttempts": 3}
    dialer = live(outcomes={"answered": {"share": 1, "seconds": 60, "redials": [redial]}})
    dialer.add(phones(16505550000))
    dialer.run_for(61)

    state = dialer.state(0)
    assert (state.redials, state.attempts_left, state.due) == (1, 3, START + 60 + 300)


def test_a_job_that_is_cancelled_is_called_no_more() -> None:
    dialer = live()
    dialer.add(phones(16505550000, 16505550001))
    dialer.run_for(1)

    assert dialer.cancel([0, 1]) == [0, 1]
    assert dialer.cancel([1]) == [], "it is cancelled already"
    assert [dialer.state(job).stands for job in range(2)] == ["in_call", "ended"]
    assert [(dialer.state(job).cancelled, dialer.state(job).attempts_left) for job in range(2)] == [(True, 0)] * 2

    dialer.run_until(dialer.finish)
    assert [(dialer.state(job).ending, dialer.state(job).attempts) for job in range(2)] == [
        ("cancelled", 1),
        ("cancelled", 0),
    ]


@settings(slowly, max_examples=60)
@given(splits(), st.data())
def test_whatever_is_cancelled_and_paused_the_timeline_counts_the_ends_of_the_numbers(
    split: tuple[Fields, list[Addition], list[Addition]], data: st.DataObject
) -> None:
    document, kept, added = split
    dialer = listed(document, [*kept, *added])
    commands = st.sampled_from(["run", "step", "cancel", "pause", "resume"])
    for command in [*data.draw(st.lists(commands, max_size=12)), "finish"]:
        match command:
            case "run":
                dialer.run_for(data.draw(st.integers(1, 2_000)))
            case "step":
                dialer.step()
            case "cancel":
                dialer.cancel(job for job in data.draw(st.sets(st.integers(0, 9))) if job < len(dialer))
            case "pause":
                dialer.pause()
            case "resume":
                dialer.resume()
            case _:
                dialer.run_until(dialer.finish)
        record = dialer.record()
        endings = np.bincount(record.numbers.ending, minlength=len(ENDINGS))
        assert record.quarters.ended.sum(axis=0)[:4].tolist() == endings[:4].tolist()
        assert record.calls is not None
        assert record.quarters.begun.sum() == len(record.calls.number) == dialer.begun


def test_a_number_cancelled_in_the_second_in_which_it_is_added_ends_in_it() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    assert dialer.cancel([0]) == [0]
    state = dialer.state(0)
    assert (state.stands, state.ending, state.ended_at, state.due) == ("ended", "cancelled", START, None)

    dialer.run_for(1)
    assert dialer.record().numbers.ended_at.tolist() == [START]
    assert dialer.begun == 0


def test_a_list_from_standard_input_cannot_be_read_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    body = TextIOWrapper(BytesIO(b'[{"phone": 16505550000}]'))
    monkeypatch.setattr("sys.stdin", body)
    scenario = Scenario.from_document({**DOCUMENT, "numbers": [{"file": "-"}]})

    with pytest.raises(ScenarioError, match=r"numbers\[0\]\.file: found standard input, which is read already"):
        LiveDialer(scenario)


def test_a_job_that_there_is_not_is_refused_and_nothing_is_cancelled() -> None:
    dialer = live()
    dialer.add(phones(16505550000))

    with pytest.raises(KeyError):
        dialer.state(1)
    with pytest.raises(KeyError):
        dialer.cancel([0, 1])
    with pytest.raises(KeyError):
        dialer.state(-1)
    assert dialer.state(0).stands == "waiting"


def test_no_call_begins_in_a_pause_and_the_first_when_it_ends() -> None:
    dialer = live()
    dialer.pause()
    dialer.add(phones(16505550000))
    dialer.run_for(HOUR)
    assert (dialer.paused, dialer.begun) == (True, 0)

    dialer.resume()
    assert dialer.next_instant == START + HOUR
    assert dialer.step() == START + HOUR
    assert dialer.state(0).last_call == START + HOUR


# Time


def test_steps_stop_at_each_second_in_which_anything_happens() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    steps = []
    while (at := dialer.step()) is not None:
        steps.append(at - START)

    assert steps == [0, 60, 660, 720]
    assert dialer.now == START + 721, "there is nothing to play behind it"


def test_a_step_waits_for_the_pace() -> None:
    dialer = live(campaign={"lines": 5, "callsPerSecond": 0.1})
    dialer.add(phones(16505550000, 16505550001))
    dialer.step()
    begun = [dialer.begun]
    dialer.step()

    assert (begun, dialer.begun, dialer.now - START) == ([1], 2, 11)


def test_a_step_stops_where_a_number_of_the_scenario_arrives() -> None:
    dialer = live(numbers=[{"addPhones": phones(16505550000), "added": "2026-03-02T12:00:00Z"}])

    assert dialer.step() == START, "lines begin to be there"
    assert dialer.step() == START + 3 * HOUR


def test_time_does_not_go_back() -> None:
    dialer = live()
    dialer.run_for(HOUR)

    with pytest.raises(ValueError, match="time does not go back"):
        dialer.run_until(START)
    with pytest.raises(ValueError, match="time does not go back"):
        dialer.run_for(-1)
    dialer.run_for(0)
    assert dialer.now == START + HOUR


def test_time_is_whole_seconds() -> None:
    dialer = live()
    with pytest.raises(TypeError):
        dialer.run_for(1.5)  # type: ignore[arg-type]
    dialer.run_for(10)
    assert dialer.now == START + 10


def test_a_step_in_a_pause_does_not_play_on_to_the_finish() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    dialer.pause()
    dialer.run_for(HOUR)

    assert dialer.step() is None
    assert dialer.now == START + HOUR


@pytest.mark.parametrize("body", [{"phone": 16505550000}, "16505550000"])
def test_a_body_that_is_not_a_list_is_one_clear_fault(body: Any) -> None:
    with pytest.raises(InputError, match="allowed: an array of numbers"):
        live().add(body)


def test_nothing_can_be_added_at_the_finish() -> None:
    dialer = live()
    dialer.run_until(dialer.finish + HOUR)

    assert dialer.now == dialer.finish
    with pytest.raises(ValueError, match="the simulation finished at 2026-03-04T09:00:00Z"):
        dialer.add(phones(16505550000))


def test_before_anything_was_played_there_is_a_result_all_the_same() -> None:
    dialer = live()
    dialer.add(phones(16505550000))

    figures = result_of(dialer).figures
    assert (figures.numbers.total, figures.calls.total, figures.lines.occupancy) == (1, 0, None)


def test_duplicates_that_are_accepted_make_duplicates() -> None:
    dialer = live()
    body = b'[{"phone": 16505550000}, {"phone": 16505550000}]'

    assert dialer.take(dialer.read(body), "accepted") == [0, 1]
    assert dialer.take(dialer.read(body)) == [None, None]
    assert dialer.take(dialer.read(body), "accepted") == [2, 3]
