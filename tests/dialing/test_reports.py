"""What a running dialer tells of its series and calls, beside the oracle and the record."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine import Result, Scenario
from engine.dialing.live import LiveDialer, NoRedialError, StoppedError
from engine.dialing.record import ENDINGS
from engine.dialing.reports import TOGETHER, CallState, SeriesState
from engine.testing.strategies import Command, Fields, crowds, live_commands, scenarios
from tests.dialing.test_live import DOCUMENT, START, live, phones
from tests.dialing.test_reference import assert_same, same_record
from tests.dice import dice_of
from tests.oracle import Begun, Oracle, Over

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def commanded(draw: st.DrawFn) -> tuple[Fields, list[Command]]:
    """A scenario, and what a user does while it is played."""
    document = draw(scenarios() | crowds())
    return document, draw(live_commands(document))


def obey(dialer: LiveDialer, command: Command) -> bool:
    """Give a command to a dialer at its `now`; returns whether it can be given."""
    match command.action:
        case "cancel" | "redial" if command.job >= len(dialer):
            return False
        case "cancel":
            dialer.cancel([command.job])
        case "redial":
            try:
                dialer.redial(command.job, command.fields or {})
            except (NoRedialError, StoppedError):
                return False
        case "pause":
            dialer.pause()
        case "resume":
            dialer.resume()
        case "stop":
            dialer.stop()
    return True


def key(series: SeriesState) -> tuple[int, int]:
    return series.job, series.redial


@settings(slowly, max_examples=40)
@given(commanded())
@example(({**DOCUMENT, "numbers": [{"addPhones": phones(16505550000)}]}, [Command(START + 1, "stop")] * 2))
def test_commands_are_played_as_the_oracle_plays_them_and_series_are_its_series(
    given_commands: tuple[Fields, list[Command]],
) -> None:
    document, commands = given_commands
    whole = Scenario.from_document(document)
    dialer = LiveDialer(whole)
    given_ones = []
    for command in commands:
        dialer.run_until(command.at)
        if obey(dialer, command):
            given_ones.append(command)
    dialer.run_until(dialer.finish)

    expected = Oracle(document, dice_of(whole)).play(given_ones)
    scenario, rulebook = dialer.played()
    assert_same(Result(scenario, rulebook, dialer.record()), expected)
    created = [Begun(each.created, each.job, each.redial) for each in dialer.series_created()]
    assert sorted(created) == sorted(expected.begun)
    ended = [Over(each.ended_at or 0, *key(each), each.ending or "") for each in dialer.series_ended()]
    assert sorted(ended) == sorted(expected.over)


@settings(slowly, max_examples=50)
@given(commanded(), st.data())
def test_at_any_instant_reports_agree_with_one_another_and_with_the_record(
    given_commands: tuple[Fields, list[Command]], data: st.DataObject
) -> None:
    document, commands = given_commands
    dialer = LiveDialer(Scenario.from_document(document))
    before: list[list[Any]] = [[], [], [], []]
    for command in commands:
        dialer.run_until(command.at)
        obey(dialer, command)
        listed = [
            [key(each) for each in dialer.series_created()],
            [key(each) for each in dialer.series_ended()],
            [(each.job, each.start) for each in dialer.calls_begun()],
            [(each.job, each.start) for each in dialer.calls_ended()],
        ]
        assert all(now[: len(then)] == then for now, then in zip(listed, before, strict=True)), "only the end grows"
        before = listed
        assert_consistent(dialer, data)


def assert_consistent(dialer: LiveDialer, data: st.DataObject) -> None:
    created, calls = list(dialer.series_created()), list(dialer.calls_begun())
    ended, unfinished = list(dialer.series_ended()), list(dialer.series_unfinished())
    record = dialer.record()
    states = [dialer.state(job) for job in range(len(dialer))]

    assert [each.created for each in created] == sorted(each.created for each in created)
    assert [each.ended_at for each in ended] == sorted(each.ended_at or 0 for each in ended)
    assert sorted(map(key, ended)) == sorted(key(each) for each in created if each.stands == "ended")
    assert unfinished == [each for each in created if each.stands != "ended"]
    by_job = [dialer.series(job) for job in range(len(dialer))]
    assert sorted((each for series in by_job for each in series), key=key) == sorted(created, key=key)
    for state, series, attempts in zip(states, by_job, record.numbers.attempts.tolist(), strict=True):
        last = series[-1]
        assert [each.redial for each in series] == list(range(state.redials + 1))
        assert sum(each.attempts for each in series) == state.attempts == attempts
        assert (last.stands, last.ended_at, last.due, last.next_allowed) == (
            state.stands,
            state.ended_at,
            state.due,
            state.next_allowed,
        )
        if last.attempts:
            assert (last.last_call, last.last_outcome) == (state.last_call, state.last_outcome)
        own = dialer.calls(state.job)
        assert [each for each in calls if each.job == state.job] == own
        for each in series:
            its = [call for call in own if call.redial == each.redial]
            assert [call.attempt for call in its] == list(range(1, each.attempts + 1))
            assert (each.last_call, each.last_outcome) == ((its[-1].start, its[-1].outcome) if its else (None, None))
            lasted = [call.seconds for call in its if call.ended_at is not None]
            assert each.last_seconds == (lasted[-1] if lasted else None)
            assert each.answered == any(call.outcome == "answered" for call in its)

    assert record.calls is not None
    assert [call.start for call in calls] == (record.calls.time + np.int64(record.numbers.start)).tolist()
    in_call = [state.job for state in states if state.stands == "in_call"]
    assert sorted(call.job for call in calls if call.outcome is None) == in_call
    assert all(call.outcome is None or (call.ended_at or 0) <= dialer.now for call in calls)

    counts = dialer.counts()
    waiting = [state.priority for state in states if state.stands == "waiting"]
    assert list(counts.waiting) == np.bincount(waiting, minlength=6)[1:].tolist()
    assert counts.in_call == len(in_call)
    outcomes = [call.outcome for call in calls]
    assert counts.calls == {name: outcomes.count(name) for name in counts.calls}
    last_endings = [series[-1].ending for series in by_job]
    assert counts.ended == {name: last_endings.count(name) for name in counts.ended}
    assert counts.reached == sum(state.reached_at is not None for state in states)
    alive = np.bincount(record.numbers.ending, minlength=len(ENDINGS))
    assert record.quarters.ended.sum(axis=0)[:4].tolist() == alive[:4].tolist()

    since, until = (data.draw(st.integers(dialer.scenario.document.start, dialer.now + 1)) for _ in range(2))
    first, last_row, step = (data.draw(st.integers(-5, 25)) for _ in range(3))
    page = slice(first, last_row, step or None)
    assert dialer.series_created(since, until)[page] == [e for e in created if since <= e.created < until][page]
    assert dialer.series_unfinished(since, until)[page] == [e for e in unfinished if since <= e.created < until][page]
    assert dialer.series_ended(since, until)[page] == [e for e in ended if since <= (e.ended_at or 0) < until][page]
    assert dialer.calls_begun(since, until)[page] == [e for e in calls if since <= e.start < until][page]
    calls_over = sorted((e for e in calls if e.ended_at is not None), key=lambda call: call.ended_at or 0)
    assert list(dialer.calls_ended()) == calls_over
    instants = st.integers(dialer.scenario.document.start, dialer.now + 1)
    begun, over = (data.draw(st.tuples(instants, instants)) for _ in range(2))
    assert list(dialer.series_ended(*over, created=begun)) == [
        e for e in ended if over[0] <= (e.ended_at or 0) < over[1] and begun[0] <= e.created < begun[1]
    ]
    assert list(dialer.calls_ended(*over, begun=begun)) == [
        e for e in calls_over if over[0] <= (e.ended_at or 0) < over[1] and begun[0] <= e.start < begun[1]
    ]


@settings(slowly, max_examples=40)
@given(commanded())
def test_what_is_cancelled_or_stopped_at_an_instant_is_not_yet_in_the_record_of_what_was_before_it(
    given_commands: tuple[Fields, list[Command]],
) -> None:
    document, commands = given_commands
    dialer = LiveDialer(Scenario.from_document(document))
    for command in commands:
        dialer.run_until(command.at)
        before = dialer.record()
        if command.action != "redial":
            obey(dialer, command)
            assert same_record(before, dialer.record())


# Examples


def test_each_redial_is_a_series_with_calls_of_its_own() -> None:
    redial = {"share": 1, "startAfterMinutes": 5, "maxAttempts": 1}
    dialer = live(
        outcomes={"answered": {"share": 1, "seconds": 60, "redials": [redial]}},
        campaign={"lines": 1, "maxTotalAttempts": 3},
    )
    dialer.add(phones(16505550000))
    dialer.run_for(361)

    assert dialer.series(0) == [
        SeriesState(
            job=0, redial=0, phone="16505550000", created=START, stands="ended", attempts=1, due=None,
            next_allowed=None, last_call=START, last_outcome="answered", last_seconds=60, answered=True,
            ended_at=START + 60, ending="redialed",
        ),
        SeriesState(
            job=0, redial=1, phone="16505550000", created=START + 60, stands="in_call", attempts=1, due=None,
            next_allowed=None, last_call=START + 360, last_outcome=None, last_seconds=None, answered=False,
            ended_at=None, ending=None,
        ),
    ]  # fmt: skip
    assert dialer.calls(0) == [
        CallState(
            job=0, redial=0, attempt=1, phone="16505550000", start=START, ended_at=START + 60, seconds=60,
            outcome="answered",
        ),
        CallState(
            job=0, redial=1, attempt=1, phone="16505550000", start=START + 360, ended_at=None, seconds=None,
            outcome=None,
        ),
    ]  # fmt: skip


def test_nobody_is_told_that_a_call_reaches_its_customer_before_it_ends() -> None:
    dialer = live(outcomes={"answered": {"share": 1, "seconds": 60}})
    dialer.add(phones(16505550000))
    dialer.run_for(60)
    assert (dialer.state(0).reached_at, dialer.counts().reached) == (None, 0)
    assert dialer.counts().calls == {"answered": 0}

    dialer.run_for(1)
    assert (dialer.state(0).reached_at, dialer.counts().reached) == (START, 1)
    assert dialer.counts().calls == {"answered": 1}


def test_numbers_that_were_just_added_are_counted_as_waiting() -> None:
    dialer = live()
    dialer.add(phones(16505550000, 16505550001, dialerPriority=2))

    assert dialer.counts().waiting == (0, 2, 0, 0, 0)
    assert dialer.counts().eligible == (0, 0, 0, 0, 0), "nothing was played yet"
    dialer.run_for(1)
    assert dialer.counts().waiting == dialer.counts().eligible == (0, 1, 0, 0, 0)


def test_the_lines_are_those_of_the_shift_at_this_instant() -> None:
    shifts = [{"lines": 3, "from": "10:00", "to": "18:00"}, {"lines": 2, "from": "17:00", "to": "20:00"}]
    dialer = live(campaign={"shifts": shifts})
    lines = []
    for hours in (0, 1, 7, 2, 2):
        dialer.run_for(hours * 3_600)
        lines.append(dialer.lines)

    assert lines == [0, 3, 5, 2, 0]


def test_a_dialer_without_calls_has_no_reports_of_them() -> None:
    dialer = LiveDialer(Scenario.from_document(live().scenario.source), keep_calls=False)
    dialer.add(phones(16505550000))
    dialer.run_for(100)

    assert dialer.state(0).attempts == 1
    assert dialer.counts().calls == {"noAnswer": 1}
    for report in (lambda: dialer.series(0), lambda: dialer.calls(0), dialer.calls_begun, dialer.series_created):
        with pytest.raises(ValueError, match="keeps no calls"):
            report()


def test_the_series_of_a_job_are_the_same_told_together_or_one_by_one() -> None:
    redials = [{"share": 1, "startAfterMinutes": 0}]
    outcomes = {"answered": {"share": 1, "seconds": 1, "redials": redials}}
    numbers = [{"addPhones": phones(16505550000)}]
    dialer = LiveDialer(Scenario.from_document({**DOCUMENT, "numbers": numbers, "outcomes": outcomes}))
    dialer.run_until(START + 3_000)

    together = list(dialer.series_created())

    assert together == dialer.series(0)
    assert len(together) > 2 * TOGETHER
    for place in (0, TOGETHER - 1, TOGETHER, len(together) - 1):
        assert dialer.series_created()[place] == together[place]
        assert dialer.calls_begun()[place] == dialer.calls(0)[place]
