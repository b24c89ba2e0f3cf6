"""The clerk: one answer after the other, and time that is played."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.results.result import simulate
from engine.scenario.scenario import Scenario
from engine.server.answers import Advanced, State
from engine.server.clerk import Clerk
from engine.server.errors import RefusedError
from engine.server.opening import open_kept, open_new
from engine.server.requests import (
    AddPhones,
    Advance,
    ReadClock,
    ReadState,
    Request,
    Reset,
    SetClock,
)
from engine.server.tokens import masked
from tests.server.office import LONGEST, START, Office, Opens, always, in_a_loop, phones, scenario


def test_an_advance_tells_what_happened(opens: Opens) -> None:
    office = opens(scenario(**always("answered")))
    office.ask(AddPhones(campaign=0, body=phones(5)))
    office.ask(Advance(by=30))
    advanced = office.ask(Advance(by=60))
    assert (advanced.since, advanced.until) == ("2026-03-02T00:00:30Z", "2026-03-02T00:01:30Z")
    [happened] = advanced.campaigns
    assert (happened.begun, happened.outcomes, happened.reached) == (2, {"answered": 2}, 2)
    assert happened.ended["completed"] == 2


def test_time_does_not_go_back(opens: Opens) -> None:
    office = opens()
    office.ask(Advance(by=60))
    for request in (Advance(to=START), Advance(by=-1), SetClock(instant=START)):
        assert "does not go back" in office.refused(request).error.message
    assert "instant" in office.refused(Advance(to="tomorrow")).error.message
    assert office.refused(Advance(to="2300-01-01T00:00:00Z")).error.path == "to"


def test_a_clock_can_be_set_to_a_later_instant(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1)))
    clock = office.ask(SetClock(instant="2026-03-02T12:00:00Z", speed=5.0))
    assert (clock.instant, clock.speed, clock.paused) == ("2026-03-02T12:00:00Z", 5.0, True)
    assert office.calls()


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e9, float("nan"), float("inf")])
def test_a_speed_that_cannot_be_is_refused(opens: Opens, speed: float) -> None:
    assert opens().refused(SetClock(speed=speed)).error.path == "speed"


def test_a_clock_that_hardly_moves_is_a_clock(opens: Opens) -> None:
    office = opens()
    assert office.ask(SetClock(speed=1e-300, paused=False)).speed == 1e-300
    assert office.ask(ReadClock()).instant == START


def test_a_speed_that_cannot_be_is_refused_before_anything_is_played(opens: Opens) -> None:
    office = opens()
    assert office.refused(SetClock(instant="2026-03-03T00:00:00Z", speed=-1.0)).error.path == "speed"
    assert office.ask(ReadClock()).instant == START


def test_a_running_clock_goes_on_by_itself(opens: Opens) -> None:
    office = opens(paused=False, speed=100_000.0)

    async def until_a_day_has_passed() -> None:
        while (await office.clerk.ask(ReadClock())).instant < "2026-03-03":
            pass

    in_a_loop(asyncio.wait_for(until_a_day_has_passed(), 60))


def test_advances_at_the_same_time_follow_each_other(opens: Opens) -> None:
    office = opens()

    async def both() -> tuple[Advanced, Advanced]:
        return await asyncio.gather(office.clerk.ask(Advance(by=60)), office.clerk.ask(Advance(by=60)))

    first, second = in_a_loop(both())
    assert (first.until, second.since) == ("2026-03-02T00:01:00Z", "2026-03-02T00:01:00Z")
    assert second.until == "2026-03-02T00:02:00Z"


def test_a_reset_goes_back_to_the_start(opens: Opens) -> None:
    office = opens()
    office.ask(AddPhones(campaign=0, body=phones(1), key="key"))
    office.ask(Advance(by=3_600))
    office.ask(SetClock(speed=3.0))
    clock = office.ask(Reset())
    assert (clock.instant, clock.speed, clock.paused) == (START, 60.0, True)
    assert office.reports() == []
    assert office.ask(AddPhones(campaign=0, body=phones(1), key="key")) == ["1-0"]


def test_listeners_are_told_what_changes(opens: Opens) -> None:
    office = opens()

    async def two_states() -> tuple[State, State]:
        states = office.clerk.states()
        before = await anext(states)
        await office.clerk.ask(AddPhones(campaign=0, body=phones(3)))
        after = await asyncio.wait_for(anext(states), 60)
        await states.aclose()
        return before, after

    before, after = in_a_loop(two_states())
    assert (before.campaigns[0].jobs, after.campaigns[0].jobs) == (0, 3)
    assert after.campaigns[0].waiting == [0, 0, 0, 0, 3]


def test_listeners_are_let_go_when_the_clerk_ends() -> None:
    clerk = open_new([scenario()], paused=True).clerk

    async def listen() -> list[State]:
        states = clerk.states()
        seen = [await anext(states)]
        clerk.close()
        return seen + [state async for state in states]

    assert len(in_a_loop(asyncio.wait_for(listen(), 60))) == 1


def test_the_dashboard_sees_a_token_in_part_only(opens: Opens) -> None:
    state = opens().ask(ReadState())
    assert state.campaigns[0].token == masked("token") == "toke…"  # noqa: S105


def test_a_scenario_that_is_played_by_the_clock_has_the_calls_of_its_run(opens: Opens) -> None:
    lists = {"numbers[0].generate.count": 7_500, "numbers[1].generate.count": 2_500}
    played = Scenario.load("scenarios/spring_promo.yaml", lists)
    office = opens(played)
    office.ask(Advance(by=90_001))
    office.ask(Advance(to="2026-03-16T00:00:00Z"))
    run = simulate(played, calls=True)
    calls = office.calls()
    columns = run.record.calls
    assert columns is not None
    names = run.rulebook.model.names
    assert len(calls) > 20_000
    assert [
        (int(call.call_job_id.split("-")[1]), call.started_at // 1000, call.call_duration, call.call_result)
        for call in calls
    ] == [
        (number, start, seconds, names[outcome])
        for number, start, seconds, outcome in zip(
            columns.number.tolist(),
            (played.document.start + time for time in columns.time.tolist()),
            columns.seconds.tolist(),
            columns.outcome.tolist(),
            strict=True,
        )
    ]


def test_two_servers_with_one_seed_answer_alike(opens: Opens) -> None:
    offices = [opens(scenario(seed=3)), opens(scenario(seed=3)), opens(scenario(seed=4))]
    for office in offices:
        office.ask(AddPhones(campaign=0, body=phones(40)))
        office.ask(Advance(by=7_200))
    one, other, third = (office.everything() for office in offices)
    assert one == other
    assert one != third


def test_a_disk_that_is_full_refuses_and_loses_nothing(tmp_path: Path, opens: Opens) -> None:
    office = opens(database=tmp_path / "server.db")
    office.ask(AddPhones(campaign=0, body=phones(5)))
    database = office.clerk._journal._db
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    many = AddPhones(campaign=0, body=phones(5_000, 16_600_000_000))
    refusal = office.refused(many)
    assert (refusal.status, refusal.error.type) == (503, "storage.full")
    database.execute("PRAGMA max_page_count = 1000000")
    assert len(office.reports()) == 5
    assert len(office.ask(many)) == 5_000


def test_a_server_that_has_failed_answers_what_it_was_asked_then_and_later(opens: Opens) -> None:
    office = opens()
    office.clerk._journal.close()
    for _ in range(2):
        refusal = office.refused(AddPhones(campaign=0, body=phones(1)))
        assert (refusal.status, refusal.error.type) == (500, "internal.error")


def test_a_server_that_has_failed_lets_its_listeners_go(opens: Opens) -> None:
    clerk = opens().clerk

    async def heard() -> list[State]:
        states = clerk.states()
        first = await anext(states)
        clerk._journal.close()
        with pytest.raises(RefusedError):
            await clerk.ask(AddPhones(campaign=0, body=phones(1)))
        return [first, *[state async for state in states]]

    assert len(in_a_loop(asyncio.wait_for(heard(), 30))) == 1


def test_an_advance_whose_answer_cannot_be_made_is_answered_with_500(opens: Opens) -> None:
    office = opens()
    office.clerk._advanced = None  # type: ignore[assignment, method-assign]
    for _ in range(2):
        refusal = office.refused(Advance(by=3_600))
        assert (refusal.status, refusal.error.type) == (500, "internal.error")
    assert office.ask(ReadClock()).instant == "2026-03-02T02:00:00Z"


def a_long_way(opens: Opens, request: Request[Any], then: Callable[[Clerk, "asyncio.Task[Any]"], Any]) -> Any:
    """What `then` comes to while a request plays some twenty years."""
    office = opens(scenario(finish="2046-01-01T00:00:00Z"))

    async def asked() -> Any:
        task = asyncio.create_task(office.clerk.ask(request))
        while (await office.clerk.ask(ReadClock())).instant == START:
            pass
        return await then(office.clerk, task)

    return in_a_loop(asyncio.wait_for(asked(), LONGEST))


FAR = "2046-01-01T00:00:00Z"


@pytest.mark.parametrize("request_", [Advance(to=FAR), SetClock(instant=FAR)])
def test_time_stands_where_a_client_gives_up(opens: Opens, request_: Request[Any]) -> None:
    async def given_up(clerk: Clerk, task: "asyncio.Task[Any]") -> list[str]:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return [(await clerk.ask(ReadClock())).instant for _ in range(20)]

    instants = a_long_way(opens, request_, given_up)
    assert instants[-1] == instants[-2] < FAR


def test_a_pause_ends_an_advance_with_what_has_happened(opens: Opens) -> None:
    async def paused(clerk: Clerk, task: "asyncio.Task[Any]") -> tuple[str, Advanced, str]:
        further = asyncio.create_task(clerk.ask(Advance(by=86_400)))
        await asyncio.sleep(0)  # lets it ask first
        clock = await clerk.ask(SetClock(paused=True))
        advanced = await task
        after = await further
        assert (after.since, after.until) == (advanced.until, advanced.until)
        return clock.instant, advanced, (await clerk.ask(ReadClock())).instant

    told, advanced, after = a_long_way(opens, Advance(to=FAR), paused)
    assert START < told == advanced.until == after < FAR


def test_after_all_has_ended_time_goes_as_far_as_one_likes(opens: Opens) -> None:
    office = opens()
    office.ask(Advance(to="2026-03-09T00:00:00Z"))
    for instant in ("2120-01-01T00:00:00Z", "2199-12-31T00:00:00Z"):
        assert office.ask(Advance(to=instant)).until == instant


def test_a_reset_goes_back_to_the_clock_with_which_the_simulation_began(tmp_path: Path, opens: Opens) -> None:
    database = tmp_path / "server.db"
    opens(database=database, speed=7.0).clerk.close()
    for speed, paused in ((90.0, False), (None, None)):
        again = Office(open_kept(database, speed=speed, paused=paused).clerk)
        clock = again.ask(ReadClock())
        assert (clock.speed, clock.paused) == (90.0, False)
        again.clerk.close()
    again = Office(open_kept(database).clerk)
    clock = again.ask(Reset())
    assert (clock.instant, clock.speed, clock.paused) == (START, 7.0, True)
    again.clerk.close()


def test_a_reset_to_a_list_that_has_changed_is_refused_and_changes_nothing(tmp_path: Path, opens: Opens) -> None:
    numbers = tmp_path / "numbers.json"
    numbers.write_bytes(phones(3))
    source = {**scenario().source, "numbers": [{"file": "numbers.json"}]}
    office = opens(Scenario.from_document(source, tmp_path))
    office.ask(Advance(by=3_600))
    before = office.calls()
    for content in (phones(4), b"[", None):
        if content is None:
            numbers.unlink()
        else:
            numbers.write_bytes(content)
        refusal = office.refused(Reset())
        assert (refusal.status, refusal.error.type) == (409, "list.changed")
        assert str(numbers) in refusal.error.message
        assert office.calls() == before
    numbers.write_bytes(phones(3))
    assert office.ask(Reset()).instant == START


def test_a_clerk_that_has_ended_refuses(opens: Opens) -> None:
    office = opens()
    office.clerk.close()
    for request in (ReadClock(), AddPhones(campaign=0, body=phones(1)), Advance(by=60)):
        refusal = office.refused(request)
        assert (refusal.status, refusal.error.type) == (503, "server.ending")


def test_a_pause_during_a_jump_holds_whatever_the_jump_asked_for(opens: Opens) -> None:
    async def paused(clerk: Clerk, task: "asyncio.Task[Any]") -> tuple[Any, Any]:
        await clerk.ask(SetClock(paused=True))
        return await task, await clerk.ask(ReadClock())

    jumped, after = a_long_way(opens, SetClock(instant=FAR, paused=False, speed=7.0), paused)
    assert (jumped.paused, jumped.speed) == (True, 60.0)
    assert after == jumped
