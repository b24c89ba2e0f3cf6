"""A dialer that is restored from a snapshot goes on exactly as the one of which it was made."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import CallPolicy, Dialer, Scenario
from engine.calling.instants import DAY
from engine.calling.zones import ZoneName
from engine.dialing import snapshots
from engine.dialing.live import LiveDialer
from engine.numbers.register import Duplicates
from engine.reading.faults import InputError
from engine.testing.strategies import Command, Fields, beginnings, live_commands, policies
from tests.dialing.test_live import Addition, listed, live, phones, result_of, splits
from tests.dialing.test_reference import same_record
from tests.dialing.test_reports import obey

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def lives(draw: st.DrawFn) -> tuple[LiveDialer, list[Command | Addition]]:
    """A dialer, and all that happens to it, in order: commands of its user, and additions."""
    document, kept, added = draw(splits())
    parts: list[Fields] = [{"addPhones": [number]} for _, number in (*kept, *added)]
    commands = draw(live_commands({**document, "numbers": parts}))
    happens: list[Command | Addition] = [*commands, *added]
    return listed(document, kept), sorted(happens, key=lambda each: each[0])


def undergo(dialer: LiveDialer, each: Command | Addition, duplicates: Duplicates = "ignored") -> object:
    """What a command or an addition brings, when its instant has come."""
    steps: list[int | None] = []
    while (at := dialer.next_instant) is not None and at < each[0] and len(steps) < 3:
        steps.append(dialer.step())
    dialer.run_until(max(each[0], dialer.now))
    if dialer.now == dialer.finish:
        return steps, None
    if isinstance(each, Command):
        return steps, obey(dialer, each)
    if dialer.stopped_at is not None:
        return steps, None
    return steps, dialer.take(dialer.read(json.dumps([each[1]]).encode()), duplicates)


def seen(dialer: LiveDialer) -> dict[str, Any]:
    """All that a dialer tells."""
    jobs = range(len(dialer))
    scenario, _ = dialer.played()
    return {
        "stands": (dialer.now, dialer.paused, dialer.stopped_at, dialer.coming, dialer.next_instant, dialer.begun),
        "lines": (dialer.lines, dialer.lines_in_use),
        "counts": dialer.counts(),
        "jobs": [dialer.state(job) for job in jobs],
        "jobs of phones": [dialer.jobs_of(dialer.state(job).phone) for job in jobs],
        "series": [dialer.series(job) for job in jobs],
        "created": list(dialer.series_created()),
        "unfinished": list(dialer.series_unfinished()),
        "ended": list(dialer.series_ended()),
        "calls": list(dialer.calls_begun()),
        "warnings": scenario.warnings,
        "figures": result_of(dialer).figures,
    }


@settings(slowly, max_examples=80)
@given(lives(), st.data())
def test_it_goes_on_exactly_as_the_dialer_of_which_the_snapshot_was_made(
    life: tuple[LiveDialer, list[Command | Addition]], data: st.DataObject
) -> None:
    dialer, happens = life
    before = data.draw(st.integers(0, len(happens)))
    kinds: list[Duplicates] = ["ignored", "accepted", "exempt"]
    duplicates = [data.draw(st.sampled_from(kinds)) for _ in happens]
    for each, kind in zip(happens[:before], duplicates, strict=False):
        undergo(dialer, each, kind)
    if data.draw(st.booleans()):
        dialer.run_for(data.draw(st.integers(1, 3_000)))
    restored = LiveDialer.restored(dialer.scenario, dialer.snapshot())

    assert seen(restored) == seen(dialer)
    assert same_record(restored.record(), dialer.record())
    for each, kind in zip(happens[before:], duplicates[before:], strict=True):
        assert undergo(restored, each, kind) == undergo(dialer, each, kind)
        assert seen(restored) == seen(dialer)
    for one in (restored, dialer):
        one.run_until(one.finish)
    assert same_record(restored.record(), dialer.record())
    assert seen(restored) == seen(dialer)
    assert restored.snapshot() == dialer.snapshot()


def test_what_was_read_before_can_be_taken_after_it_was_restored() -> None:
    dialer = live()
    read = dialer.read(b'[{"phone": 16505550000, "maxAttempts": 7}]')
    restored = LiveDialer.restored(dialer.scenario, dialer.snapshot())

    assert restored.take(read) == [0]
    assert restored.state(0).attempts_left == 7


def test_zones_by_phone_and_changed_priorities_are_kept() -> None:
    dialer = live(campaign={"lines": 9, "gmtZone": "fromPhone"}, finish="2026-03-09T09:00:00Z")
    dialer.add(phones(12125550100, 442079460000, dialerPriority=9))
    dialer.run_for(DAY)
    restored = LiveDialer.restored(dialer.scenario, dialer.snapshot())
    for one in (dialer, restored):
        one.add(phones(12082020000, 442079460001, 33123456789, dialerPriority=9))
        one.run_for(DAY)

    (scenario, _), (expected, _) = restored.played(), dialer.played()
    assert scenario.warnings == expected.warnings
    assert scenario.placing == expected.placing
    assert same_record(restored.record(), dialer.record())


def test_a_dialer_without_calls_is_restored_without_calls() -> None:
    dialer = LiveDialer(live().scenario, keep_calls=False)
    dialer.add(phones(16505550000))
    dialer.run_for(100)
    restored = LiveDialer.restored(dialer.scenario, dialer.snapshot())

    assert restored.state(0) == dialer.state(0)
    assert restored.record().calls is None


def test_a_snapshot_does_not_change_with_the_dialer() -> None:
    dialer = live()
    dialer.add(phones(16505550000))
    columns = dialer.columns()
    before = snapshots.encoded(dialer.scenario, columns)
    dialer.add(phones(16505550001))
    dialer.run_for(1_000)

    assert snapshots.encoded(dialer.scenario, columns) == before


# What is refused


def test_a_snapshot_of_another_scenario_is_refused() -> None:
    snapshot = live().snapshot()

    with pytest.raises(InputError, match="found a snapshot of another scenario"):
        LiveDialer.restored(live(seed=6).scenario, snapshot)


def test_a_snapshot_of_a_scenario_with_other_number_files_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "list.json"
    document = {**live().scenario.source, "numbers": [{"file": "list.json"}]}
    scenarios = []
    for phone in (16505550000, 16505550001):
        file.write_text(json.dumps(phones(phone)))
        scenarios.append(Scenario.from_document(document, tmp_path))
    snapshot = LiveDialer(scenarios[1]).snapshot()

    assert len(LiveDialer.restored(scenarios[1], snapshot)) == 0
    with pytest.raises(InputError, match="found a snapshot of another scenario"):
        LiveDialer.restored(scenarios[0], snapshot)


def test_a_snapshot_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    dialer = live()
    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "FORMAT", 0)
        snapshot = dialer.snapshot()

    with pytest.raises(InputError, match=r"found a snapshot of dialer-engine-simulator .*, format 0; allowed: one of"):
        LiveDialer.restored(dialer.scenario, snapshot)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_snapshot_is_refused(data: st.DataObject) -> None:
    dialer = live()
    whole = dialer.snapshot()
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole + b"\0"])
    )

    with pytest.raises(InputError, match=r"found (a snapshot that is damaged|bytes that are not a snapshot)"):
        LiveDialer.restored(dialer.scenario, damaged)


# Policies


@given(beginnings().flatmap(policies), st.sampled_from([None, "America/Boise", "America/Boise&Europe/London"]))
def test_policies_are_read_as_they_were_written(fields: Fields, zone: str | None) -> None:
    policy = CallPolicy.from_json(fields)
    if zone is not None:
        policy = CallPolicy(
            **{name: getattr(policy, name) for name in policy.__struct_fields__} | {"gmt_zone": ZoneName(zone)}
        )

    assert snapshots.policies_of(snapshots.policies_column([policy, policy])) == [policy, policy]


def test_a_policy_that_starts_when_it_has_finished_is_read_all_the_same() -> None:
    dates = {"startDateTime": "2026-03-03T09:00:00Z"}, {"finishDateTime": "2026-03-02T09:00:00Z"}
    start, finish = map(CallPolicy.from_json, dates)

    assert snapshots.policies_of(snapshots.policies_column([start.under(finish)])) == [start.under(finish)]


def test_a_public_dialer_is_restored_from_a_file_and_a_seed(tmp_path: Any) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(live().scenario.source))
    dialer = Dialer(file, seed=77)
    dialer.add(phones(np.int64(16505550000)))

    restored = Dialer.restored(file, dialer.snapshot(), seed=77)
    assert isinstance(restored, Dialer)
    assert restored.jobs_of(16505550000) == [0]
