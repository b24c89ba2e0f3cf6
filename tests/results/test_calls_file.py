"""The file of a run's calls: the table of them, whole or not at all, however it came about."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine import Scenario
from engine.dialing import compiled
from engine.dialing.record import CallColumns, room_for
from engine.dialing.simulation import Checkpoints, EngineName
from engine.results import calls_file
from engine.results.calls_file import calls_written, phone_texts
from engine.results.result import simulate
from tests.campaigns import busy_day

ROOT = Path(__file__).parent.parent.parent
BOOK = Scenario.from_document(busy_day()).phonebook


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "CALLS_A_BLOCK", 100)
    monkeypatch.setattr(calls_file, "BLOCK_CALLS", 30)
    monkeypatch.setattr(calls_file, "GROUP_BLOCKS", 2)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    few = {"numbers.0.generate.count": 700, "numbers.1.generate.count": 100, "campaign.lines": 30}
    return Scenario.load(ROOT / "scenarios/spring_promo.yaml", few | {"campaign.shifts": None})


@pytest.fixture(scope="module")
def calls(scenario: Scenario) -> pl.DataFrame:
    return simulate(scenario, calls=True).calls


def some_calls(count: int) -> CallColumns:
    """Calls to the first number, each a second longer than the one before."""
    calls, place = room_for(count), np.arange(count)
    for column, values in zip(calls, (0, 1, place, place, place % 2, place % 3 == 0), strict=True):
        column[:] = values
    return calls


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_calls_written_while_the_run_goes_on_are_the_table(
    tmp_path: Path, scenario: Scenario, calls: pl.DataFrame, engine: EngineName
) -> None:
    result = simulate(scenario, engine, calls_file=tmp_path / "calls.parquet")

    assert_frame_equal(pl.read_parquet(tmp_path / "calls.parquet"), calls)
    with pytest.raises(ValueError, match="the calls were not kept"):
        _ = result.calls


def test_the_file_is_moved_to_the_results(tmp_path: Path, scenario: Scenario, calls: pl.DataFrame) -> None:
    simulate(scenario, calls_file=tmp_path / "calls.parquet").write(tmp_path / "run")

    assert_frame_equal(pl.read_parquet(tmp_path / "run/calls.parquet"), calls)
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_run_that_goes_on_writes_the_calls_from_before_its_checkpoint_too(
    tmp_path: Path, scenario: Scenario, calls: pl.DataFrame, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = None if kept else Path("first.parquet")
    simulate(scenario, calls=kept, calls_file=first, checkpoints=Checkpoints(Path("run.npz"), 3 * 86_400))
    simulate(
        scenario,
        checkpoints=Checkpoints(Path("more.npz")),
        resume=Path("run.npz"),
        calls_file=Path("second.parquet"),
    )

    assert_frame_equal(pl.read_parquet("second.parquet"), calls)
    assert_frame_equal(simulate(scenario, resume=Path("more.npz"), calls=True).calls, calls)


@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 59, 60, 61, 120, 150])
@pytest.mark.parametrize("together", [1, 7, 30, 1000])
def test_calls_are_written_however_many_come_together(tmp_path: Path, count: int, together: int) -> None:
    calls = some_calls(count)
    with calls_written(tmp_path / "calls.parquet", BOOK, ["busy", "answered"], 1_000) as take:
        for first in range(0, count, together):
            take(calls.rows(slice(first, first + together)))

    written = pl.read_parquet(tmp_path / "calls.parquet")
    assert written["seconds"].to_list() == list(range(count))
    assert written["outcome"].to_list() == [["busy", "answered"][call % 2] for call in range(count)]
    assert written["redial"].to_list() == [call % 3 == 0 for call in range(count)]


def test_memory_does_not_grow_with_calls_that_come_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_file, "BLOCK_CALLS", 1 << 15)
    call = some_calls(1)
    with calls_written(tmp_path / "calls.parquet", BOOK, ["answered"], 0) as take:
        take(call)  # whatever is loaded for the first one is loaded
        tracemalloc.start()
        for _ in range(500):
            take(call)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 500 * 100  # bytes: a call takes 18, which are there already


@pytest.mark.parametrize("phones", [["16505550000", "16505550001"], ["016505550000", "1650555"], ["00001", "10000"]])
def test_phones_are_their_digits(phones: list[str]) -> None:
    assert phone_texts(np.array([int(f"1{phone}") for phone in phones])).to_pylist() == phones


@given(
    st.integers(5, 15).flatmap(
        lambda digits: st.lists(st.text("0123456789", min_size=digits, max_size=digits), max_size=9)
    )
)
def test_phones_of_one_length_are_their_digits_too(phones: list[str]) -> None:
    assert phone_texts(np.array([int(f"1{phone}") for phone in phones], np.int64)).to_pylist() == phones


def test_no_phones_are_no_texts() -> None:
    assert phone_texts(np.zeros(0, np.int64)).to_pylist() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's device that is always full")
def test_a_full_disk_is_an_error_that_names_the_file(scenario: Scenario) -> None:
    with pytest.raises(OSError, match=os.strerror(28)) as caught:
        simulate(scenario, "compiled", calls_file=Path("/dev/full"))

    assert caught.value.filename == "/dev/full"


def test_an_error_of_the_run_stays_what_it_is(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match="something else") as caught,
        calls_written(tmp_path / "calls.parquet", BOOK, ["answered"], 0),
    ):
        raise OSError(5, "something else", "other")

    assert caught.value.filename == "other"
