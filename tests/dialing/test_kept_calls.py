"""The calls of a run are taken block by block, and none is lost or changed on the way."""

from pathlib import Path

import numpy as np
import pytest

from engine import Scenario
from engine.dialing import compiled, kept_calls
from engine.dialing.kept_calls import CallLog, KeptCalls, calls_passed, packed, unpacked
from engine.dialing.record import CALL, CallColumns
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import play

BLOCK = 10
LINES = 40


def calls_of(*numbers: int) -> CallColumns:
    """Calls to these numbers, of which everything else follows."""
    rows = np.array(numbers, np.uint32)
    return unpacked(np.array([(row, row + 1, 2 * row, 3 * row, row % 7, row % 2) for row in rows.tolist()], CALL))


def same(one: CallColumns, other: CallColumns) -> bool:
    return all(
        left.dtype == right.dtype and np.array_equal(left, right) for left, right in zip(one, other, strict=True)
    )


def logged(log: CallLog) -> CallColumns:
    """All calls of a log, as a checkpoint gets them."""
    return unpacked(np.concatenate([np.empty(0, CALL), *log.blocks()]))


def test_calls_as_values_are_the_calls() -> None:
    assert same(unpacked(packed(calls_of(3, 1, 2))), calls_of(3, 1, 2))


def test_kept_calls_are_those_of_all_blocks_whose_memory_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_calls, "BLOCK_CALLS", 4)
    log, block = KeptCalls(), calls_of(1, 2, 3)
    log.take(block)
    for first in (4, 7, 10):
        kept_calls.copy_calls(calls_of(first, first + 1, first + 2), block)
        log.take(block)

    assert same(logged(log), calls_of(*range(1, 13)))
    assert same(log.columns(), calls_of(*range(1, 13)))


def test_calls_that_are_passed_on_are_kept_for_checkpoints_in_a_file_of_which_nothing_is_left(tmp_path: Path) -> None:
    passed: list[CallColumns] = []
    with calls_passed(passed.append, tmp_path / "run.npz") as log:
        log.take(calls_of(1, 2))
        first = logged(log)
        log.take(calls_of(3))

        assert same(first, calls_of(1, 2))
        assert same(logged(log), calls_of(1, 2, 3))

    assert [each.number.tolist() for each in passed] == [[1, 2], [3]]
    assert [*tmp_path.iterdir()] == []


def test_calls_that_cannot_be_kept_for_a_checkpoint_are_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, calls_passed(print, tmp_path / "missing/run.npz"):
        pass

    assert caught.value.filename == str(tmp_path / "missing/run.npz")


def growing() -> Scenario:
    """A campaign whose lines are many after they were few."""
    shifts = [{"from": "00:00", "to": "01:00", "lines": 1}, {"from": "01:00", "to": "00:00", "lines": LINES}]
    return Scenario.from_document(
        {
            "start": "2026-03-02T00:00:00Z",
            "finish": "2026-03-03T00:00:00Z",
            "campaign": {"shifts": shifts, "maxAttempts": 2},
            "numbers": [{"generate": {"count": 1_000}}],
            "outcomes": {"answered": {"share": 0.5, "seconds": 7}, "busy": {"share": 0.5, "seconds": 5, "retry": True}},
        }
    )


def test_blocks_are_filled_by_one_second_at_most_and_are_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "CALLS_A_BLOCK", BLOCK)
    scenario = growing()
    kept, blocks = KeptCalls(), list[int]()

    def take(calls: CallColumns) -> None:
        kept.take(calls)
        blocks.append(len(calls.number))

    record = play(scenario, Rulebook(scenario.document), "compiled", calls_to=take)
    whole = play(scenario, Rulebook(scenario.document), "reference", keep_calls=True)

    assert record.calls is None
    assert whole.calls is not None
    assert same(kept.columns(), whole.calls)
    assert all(BLOCK <= block <= BLOCK + LINES for block in blocks[:-1])
    assert max(blocks) >= LINES - 1


def test_the_reference_engine_passes_its_calls_on_in_the_end() -> None:
    scenario = growing()
    passed: list[CallColumns] = []
    record = play(scenario, Rulebook(scenario.document), "reference", calls_to=passed.append)
    whole = play(scenario, Rulebook(scenario.document), "reference", keep_calls=True)

    assert record.calls is None
    assert whole.calls is not None
    assert same(passed[0], whole.calls)
