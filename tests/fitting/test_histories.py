"""Histories of numbers, and who of them can be reached."""

import numpy as np
import pytest

from engine.fitting.histories import LogHistories, cell_indices_of, counted_cells
from engine.fitting.never_answering import NeverAnswering
from engine.logs.call_log import CallLog

ANSWERED, BUSY = 0, 1
FOUND = NeverAnswering(share=0.4, low=0.3, high=0.5, mean=0.5, polarisation=0.0)


def log_of(calls: list[tuple[int, int, int]]) -> CallLog:
    """A log of numbers, attempts and outcomes."""
    number, attempt, outcome = (np.array(column) for column in zip(*calls, strict=True))
    seconds = np.ones(len(calls))
    return CallLog("log", ("answered", "busy"), outcome, seconds, attempt, None, None, number)


def reach_of(log: CallLog) -> list[float]:
    histories = LogHistories(log, cell_indices_of(log))
    shape = cell_indices_of(log).shape
    return [float(each) for each in histories.reach(histories.exposed(np.ones(shape[1:])), FOUND)]


def test_after_a_call_in_vain_a_number_is_less_likely_to_be_reachable_and_after_an_answer_it_surely_is() -> None:
    log = log_of([(7, 2, ANSWERED), (7, 1, BUSY), (7, 3, BUSY), (8, 1, BUSY)])

    second = 0.6 * 0.5 / (0.4 + 0.6 * 0.5)
    assert reach_of(log) == pytest.approx([second, 0.6, 1, 0.6])


def test_calls_to_numbers_whose_first_is_missing_are_as_likely_as_others_of_their_attempt() -> None:
    log = log_of([(7, 1, BUSY), (7, 2, BUSY), (8, 2, BUSY), (9, 1, ANSWERED)])

    assert reach_of(log)[2] == reach_of(log)[1]
    assert LogHistories(log, cell_indices_of(log)).left_out == 1


def test_attempts_alone_count_who_was_not_called_again() -> None:
    log = log_of([(0, 1, ANSWERED), (0, 1, BUSY), (0, 1, BUSY), (0, 1, BUSY), (0, 2, BUSY), (0, 2, ANSWERED)])

    bare = LogHistories(log._replace(number=None), cell_indices_of(log)).bare

    assert bare is not None
    ended = list(zip(np.diff(bare.starts, append=len(bare.cells)), bare.reached, bare.weights, strict=True))
    assert ended == [(1, True, 1), (1, False, 1), (2, True, 1), (2, False, 1)]


def test_more_second_than_first_calls_tell_no_histories() -> None:
    log = log_of([(0, 1, BUSY), (0, 2, BUSY), (0, 2, BUSY)])

    assert LogHistories(log._replace(number=None), cell_indices_of(log)).bare is None


def test_calls_are_counted_where_they_stand() -> None:
    log = log_of([(7, 1, BUSY), (7, 2, ANSWERED)])._replace(weekday=np.array([6, 0]), hour=np.array([23, 9]))

    cells = counted_cells(log, cell_indices_of(log), np.array([0.5, 0.25]))

    assert (cells.calls[0, 6, 23], cells.calls[1, 0, 9], cells.calls.sum()) == (1, 1, 2)
    assert (cells.answered[1, 0, 9], cells.answered.sum()) == (1, 1)
    assert (cells.exposure[0, 6, 23], cells.exposure[1, 0, 9]) == (0.5, 0.25)
