"""Playing: in one process, in several or on a cluster, the same runs, each once, and none lost."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
import pytest

from engine import Scenario
from engine.progress import Step
from engine.reading.faults import InputError
from engine.whatif import workers
from engine.whatif.replications import Replication, Runs, open_runs, replicate, scenario_key
from engine.whatif.workers import Players, UnfinishedError, Workers, _steps_of, play_replications
from tests.campaigns import busy_day

SEEDS = (3, 4, 5)


def both() -> list[Scenario]:
    base = Scenario.from_document(busy_day())
    return [base, base.varied(busy_day(campaign={"lines": 8}))]


def one_by_one(scenarios: Sequence[Scenario]) -> list[list[Replication]]:
    return [[replicate(scenario, seed) for seed in SEEDS] for scenario in scenarios]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A real cluster of two workers, each a process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:  # type: ignore[no-untyped-call]
        yield cluster.scheduler_address


@pytest.mark.parametrize("workers", [Workers(jobs=1), Workers(jobs=2), Workers()])
def test_runs_are_the_same_on_any_workers(tmp_path: Path, workers: Workers) -> None:
    assert play_replications(both(), SEEDS, Runs(tmp_path), workers) == one_by_one(both())


def test_runs_are_the_same_on_a_dask_cluster(tmp_path: Path, scheduler: str) -> None:
    assert play_replications(both(), SEEDS, Runs(tmp_path), Workers(dask=scheduler)) == one_by_one(both())


def test_a_list_large_enough_for_processes_of_their_own_is_played_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(workers, "MANY_NUMBERS", 0)
    assert play_replications(both(), SEEDS, Runs(tmp_path)) == one_by_one(both())


@pytest.mark.parametrize("worth", [0.0, 1e9])
@pytest.mark.parametrize("jobs", [1, 2, None])
def test_batches_one_after_another_are_the_same_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int | None, worth: float
) -> None:
    monkeypatch.setattr(workers, "WORTH_PROCESSES", worth)
    players, scenario = Players(Runs(tmp_path), Workers(jobs=jobs), rounds=20), both()[0]
    batches = (range(3, 8), range(8, 11), range(11, 12), range(3, 13))

    played = [players.play([scenario], seeds)[0] for seeds in batches]

    assert played == [[replicate(scenario, seed) for seed in seeds] for seeds in batches]


def test_runs_that_are_kept_are_not_played_again(tmp_path: Path) -> None:
    steps: list[Step] = []
    runs, key = Runs(tmp_path), scenario_key(both()[0])
    play_replications(both()[:1], SEEDS, runs)
    fourth = runs.find(key, 4)
    assert fourth is not None
    runs.keep(key, 4, msgspec.structs.replace(fourth, digest="kept"))

    [first, _] = play_replications(both(), SEEDS, Runs(tmp_path), progress=steps.append)

    assert [each.digest.startswith("kept") for each in first] == [False, True, False]
    assert steps == [Step("playing", done, 6, "runs") for done in (3, 4, 5, 6)]


def test_kept_runs_that_are_damaged_are_played_again_and_told(tmp_path: Path) -> None:
    runs, scenarios = open_runs(tmp_path), both()
    played = play_replications(scenarios, SEEDS, runs, Workers(1))
    damaged = sorted(tmp_path.rglob("*.json"))[:2]
    for file in damaged:
        file.write_bytes(file.read_bytes().replace(b"calls", b"calis", 1))

    with pytest.warns(UserWarning, match="kept runs that are damaged, or another's, are played again: 2"):
        again = play_replications(scenarios, SEEDS, runs, Workers(1))

    assert again == played
    assert play_replications(scenarios, SEEDS, runs, Workers(1)) == played


def test_scenarios_that_play_alike_share_their_runs(tmp_path: Path) -> None:
    steps: list[Step] = []
    base, _ = both()
    alike = base.varied(busy_day(name="Another name"))

    first, second = play_replications([base, alike], SEEDS, Runs(tmp_path), progress=steps.append)

    assert first == second
    assert (steps[-1].done, steps[-1].of) == (3, 3)


def test_caps_of_a_rule_set_need_other_steps_of_the_engine_than_none() -> None:
    none = both()[0]
    assert _steps_of(none) == _steps_of(none.with_seed(5))
    assert _steps_of(none) != _steps_of(none.changed_by({"campaign.rules": ["us-fl"]}))


@pytest.mark.parametrize("workers", [Workers(jobs=1), Workers(jobs=2)])
def test_an_interrupt_keeps_the_runs_that_are_done(tmp_path: Path, workers: Workers) -> None:
    def interrupt(step: Step) -> None:
        if step.done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(UnfinishedError) as unfinished:
        play_replications(both(), SEEDS, Runs(tmp_path), workers, interrupt)

    assert unfinished.value.wanted == 6
    assert len(list(tmp_path.rglob("*.json"))) == unfinished.value.done < 6
    assert play_replications(both(), SEEDS, Runs(tmp_path)) == one_by_one(both())


def test_workers_that_are_killed_are_told_and_the_runs_that_are_done_are_kept(tmp_path: Path) -> None:
    def kill(step: Step) -> None:
        if step.done == 1:
            for child in psutil.Process().children():
                if any("popen_loky" in word for word in child.cmdline()):
                    child.kill()

    with pytest.raises(UnfinishedError, match="ended from outside") as unfinished:
        play_replications(both(), range(200), Runs(tmp_path), Workers(jobs=2), kill)

    assert len(list(tmp_path.rglob("*.json"))) == unfinished.value.done < unfinished.value.wanted


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ANSWER_SECONDS", 1)
    with pytest.raises(InputError, match="no scheduler at tcp://127"):
        play_replications(both(), SEEDS, Runs(tmp_path), Workers(dask="tcp://127.0.0.1:9"))


def test_a_cluster_with_another_simulator_is_refused(
    tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "code_hash", lambda: "another")
    with pytest.raises(InputError, match="workers with the simulator's code another"):
        play_replications(both(), SEEDS, Runs(tmp_path), Workers(dask=scheduler))
