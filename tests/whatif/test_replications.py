"""Replications: a run cut down, kept under the hash of all it hangs on."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given

from engine import Scenario, simulate
from engine.reading.faults import InputError
from engine.testing.strategies import Fields, crowds, scenarios
from engine.whatif.replications import Replication, Runs, moments, open_runs, replicate, scenario_key, seeds_of
from engine.whatif.workers import Workers, play_replications
from tests.campaigns import busy_day
from tests.damage import damage, seeds
from tests.oracle import instant
from tests.results.test_summary import slowly

ONE = Workers(1)


def scenario(**parts: object) -> Scenario:
    return Scenario.from_document(busy_day(**parts))


def test_a_replication_is_the_run_with_its_seed() -> None:
    replication, run = replicate(scenario(), 8), simulate(scenario(seed=8))
    assert replication.digest == f"{run.digest:016x}"
    assert replication.figures == dict(run.summary.rows())


@slowly
@given(scenarios() | crowds())
def test_the_reached_are_counted_before_each_moment(document: Fields) -> None:
    loaded = Scenario.from_document(document)
    reached_at = simulate(loaded).numbers["reached_at"].drop_nulls().dt.epoch("s").to_list()
    replication = replicate(loaded, loaded.document.seed)
    assert replication.reached == tuple(sum(at < moment for at in reached_at) for moment in moments(loaded.document))


@pytest.mark.parametrize("finish", ["2026-03-02T00:00:01Z", "2026-03-03T00:00:00Z", "2026-05-01T12:00:00Z"])
def test_moments_lie_quarter_hours_or_multiples_of_them_apart(finish: str) -> None:
    document = scenario(finish=finish, goal=None).document
    instants = moments(document)
    assert instants[0] == instant("2026-03-02T00:00:00Z")
    assert instants[-1] == instant(finish)
    assert len(instants) <= 401
    assert all(before % 900 == 0 and before < after for before, after in pairwise(instants))


def test_seeds_follow_that_of_the_scenario_and_wrap_around_at_the_largest() -> None:
    assert seeds_of(scenario(), 3) == (3, 4, 5)
    assert seeds_of(scenario(seed=2**63 - 1), 2) == (2**63 - 1, 0)


def test_the_key_hangs_on_what_is_played_and_on_nothing_else() -> None:
    key = scenario_key(scenario())
    assert scenario_key(scenario(name="Another", seed=9, whatIf={"grid": {"seed": [1]}})) == key
    assert scenario_key(scenario(campaign={"order": "nextAllowedTime"})) == key, "the default, written out"
    assert scenario_key(scenario(campaign={"lines": 5})) != key
    assert scenario_key(scenario(goal={"reached": 0.4})) != key


def test_the_key_hangs_on_what_number_files_hold(tmp_path: Path) -> None:
    document = busy_day(numbers=[{"file": "phones.csv"}])
    keys = set()
    for phones in ("phone\n16505550001\n", "phone\n16505550002\n"):
        (tmp_path / "phones.csv").write_text(phones)
        keys.add(scenario_key(Scenario.from_document(document, tmp_path)))
    assert len(keys) == 2


def test_a_replication_that_is_kept_is_found_again(tmp_path: Path) -> None:
    runs, replication = open_runs(tmp_path / "runs"), Replication("ab", {"calls.total": 3.0, "done_at": None}, (0, 1))
    runs.keep("key of it", 7, replication)
    assert runs.find("key of it", 7) == replication
    assert runs.find("key of it", 8) is None
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"{", b'{"digest": 3}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    runs = Runs(tmp_path)
    runs.keep("key", 7, Replication("ab", {}, ()))
    [file] = tmp_path.rglob("7.json")
    file.write_bytes(damage)
    assert runs.find("key", 7) is None


@pytest.mark.filterwarnings("ignore:kept runs that are damaged")
@pytest.mark.parametrize("seed", seeds(40, 300))
def test_a_damaged_kept_run_is_played_again_or_says_what_it_said(tmp_path: Path, seed: int) -> None:
    played, others = [scenario(), scenario(campaign={"lines": 5})], (3, 4)
    runs = open_runs(tmp_path / "runs")
    whole = play_replications(played, others, runs, ONE)
    damaged, *rest = sorted(tmp_path.rglob("*.json"), key=lambda file: (file.stem, str(file)))
    how = damage(damaged, seed, rest)

    if how == "a folder":
        with pytest.raises(IsADirectoryError) as refused:
            play_replications(played, others, runs, ONE)
        assert refused.value.filename == str(damaged)
    else:
        assert play_replications(played, others, runs, ONE) == whole
        assert runs.find(damaged.parent.parent.name + damaged.parent.name, 3) is not None
        assert not (damaged.parent / "nowhere").exists()
    assert all(file.is_file() for file in rest)
    assert play_replications(played, others[1:], runs, ONE) == [[second] for _, second in whole]
    assert not list(tmp_path.rglob("*.part"))


def test_the_file_of_another_run_counts_as_none(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    for key, seed in (("key", 7), ("key", 8), ("other", 7)):
        runs.keep(key, seed, Replication(f"{key} {seed}", {}, ()))
    seventh, eighth, other = (
        next(tmp_path.rglob(f"{folder}/{seed}.json")) for folder, seed in (("y", 7), ("y", 8), ("her", 7))
    )
    content = eighth.read_bytes()
    eighth.write_bytes(seventh.read_bytes())
    other.write_bytes(content)

    assert runs.find("key", 7) == Replication("key 7", {}, ())
    assert (runs.find("key", 8), runs.find("other", 7)) == (None, None)
    assert runs.is_there("key", 8)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_is_no_file_counts_as_none(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    runs.keep("key", 7, Replication("ab", {}, ()))
    [file] = tmp_path.rglob("7.json")
    file.unlink()
    os.mkfifo(file)

    assert runs.find("key", 7) is None


def test_what_a_link_leads_to_is_not_written_over(tmp_path: Path) -> None:
    runs, run = Runs(tmp_path / "runs"), Replication("ab", {}, ())
    runs.keep("key", 7, Replication("cd", {}, ()))
    [file] = tmp_path.rglob("7.json")
    file.unlink()
    (tmp_path / "notes.txt").write_text("mine")
    file.symlink_to(tmp_path / "notes.txt")

    runs.keep("key", 7, run)

    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert runs.find("key", 7) == run


def test_a_folder_in_which_nothing_can_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="which cannot be written"):
        open_runs(tmp_path / "file")


def test_a_cache_that_cannot_be_written_is_a_note_and_loses_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file" / "runs", tmp_path / "runs"):
        monkeypatch.setattr("engine.whatif.replications.DEFAULT_FOLDER", folder)
        (tmp_path / "runs").mkdir(exist_ok=True)
        (tmp_path / "runs" / scenario_key(scenario())[:2]).touch()  # nothing can be kept where this file is
        with pytest.warns(UserWarning, match=r"runs are not kept: .* cannot be written .*; --runs DIR keeps them"):
            [played] = play_replications([scenario()], (3, 4), open_runs(), ONE)
        assert played == [replicate(scenario(), 3), replicate(scenario(), 4)]

    with pytest.raises(NotADirectoryError):
        play_replications([scenario()], (3, 4), open_runs(tmp_path / "runs"), ONE)
