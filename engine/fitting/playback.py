"""Playback: a fitted model played by the engine, compared with its log."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY, HOUR, WEEK, utc_text
from engine.calling.spoken import WEEKDAYS
from engine.customers.outcomes import ANSWERED, names_in_order
from engine.dialing.record import CallColumns
from engine.fitting.fit import Fit
from engine.fitting.histories import CellIndices, cell_indices_of
from engine.fitting.talk_times import counted, kolmogorov
from engine.logs.call_log import CallLog
from engine.progress import Progress, unseen
from engine.results.result import simulate
from engine.scenario.scenario import Scenario

ANSWERS = 400_000
"""The answered calls to play: chance alone then makes a Kolmogorov distance of 0.002."""
MOST_NUMBERS = 1_500_000
CLOSE = 0.01
"""A share or a Kolmogorov distance is close if it differs by no more than this, and what chance adds."""
FEWEST_COMPARED = 0.5
"""The share of the log's calls that must be compared: what is played of less of them says nothing of the log."""
MONDAY = 1_767_571_200
"""2026-01-05T00:00:00Z, a Monday: the week over which the numbers are added."""
MOST_ATTEMPTS = 50
GAPS = 10
LONGEST_GAP = 14 * DAY // 60

Floats = NDArray[np.float64]


class OutcomePlayed(msgspec.Struct, frozen=True):
    """One outcome in the log, and in the calls that were played."""

    name: str
    share_of_log: float
    """Of the log's calls for whose attempt, weekday and hour calls were played."""
    share_played: float
    """Weighted to the log's mix of attempts, weekdays and hours."""
    calls_of_log: int
    calls_played: int
    distance: float
    """The Kolmogorov distance between the durations."""


class Playback(msgspec.Struct, frozen=True):
    """What came of playing a fitted model."""

    calls: int
    outcomes: tuple[OutcomePlayed, ...]
    compared: float
    """The share of the log's calls for whose attempt, weekday and hour calls were played."""

    @property
    def is_close(self) -> bool:
        """Whether enough calls are compared, and each share and distance is within CLOSE and what chance adds."""
        return self.compared >= FEWEST_COMPARED and all(
            max(abs(each.share_played - each.share_of_log), each.distance)
            <= CLOSE + 0.3 / each.calls_of_log**0.5 + 1.63 / max(each.calls_played, 1) ** 0.5
            for each in self.outcomes
        )


def play_back(
    log: CallLog, fitted: Fit, seed: int = 0, answers: int = ANSWERS, progress: Progress = unseen
) -> Playback:
    """Play the model with a made-up list through the engine and compare it with the log.

    The made-up numbers start on the weekdays and at the hours of the log's first calls. They may be called in the hours
    of its calls, and are called again as often and after as long as its numbers were. There are as many as it takes for
    `answers` answered calls, but at most MOST_NUMBERS. The played calls are weighted so that attempts, weekdays and
    hours are as frequent as in the log: the comparison is about what calls come to, not when they are made.
    """
    scenario = Scenario.from_document(_document(log, fitted, seed, answers))
    calls = simulate(scenario, calls=True, progress=progress).record.calls
    assert calls is not None  # noqa: S101 (calls=True keeps them)
    names = fitted.parts["outcomes"]
    indices = {name: index for index, name in enumerate(names_in_order(names))}
    moves = bool(fitted.attempts or fitted.parts["segments"])
    weights, met = _weights(cell_indices_of(log, attempts=moves), _played_indices(log, calls, attempts=moves))
    outcomes = []
    for name in names:
        of_log = log.outcome == log.names.index(name)
        played = calls.outcome == indices[name]
        seconds = calls.seconds[played].astype(np.float64)
        distance = kolmogorov(counted(log.seconds[of_log]), seconds) if len(seconds) else 1.0
        share = float(weights[played].sum())
        counts = int(of_log.sum()), len(seconds)
        share_of_log = float(of_log[met].mean()) if met.any() else float(of_log.mean())
        outcomes.append(OutcomePlayed(name, share_of_log, share, *counts, distance))
    return Playback(len(calls.number), tuple(outcomes), float(met.mean()))


def _document(log: CallLog, fitted: Fit, seed: int, answers: int) -> dict[str, Any]:
    """A scenario with enough lines for all numbers."""
    attempts = min(int(log.attempt.max()), MOST_ATTEMPTS) if log.attempt is not None else 1
    parts = fitted.parts
    share = parts["outcomes"].get(ANSWERED, {}).get("share", 0)
    dead = sum(segment["share"] for segment in parts["segments"])
    count = int(answers / share / (1 - dead)) if share else answers
    gaps = _gaps(log)
    return {
        "start": utc_text(MONDAY),
        "finish": utc_text(MONDAY + WEEK + attempts * (60 * max(gap["value"] for gap in gaps) + WEEK)),
        "seed": seed,
        "campaign": {
            "maxAttempts": attempts,
            "allowedTime": _open_hours(log),
            "lines": 1_000_000,
        },
        "numbers": [
            {
                "generate": {
                    "count": min(max(count, 1), MOST_NUMBERS),
                    "startDateTime": _starts(log),
                    "retryIntervalInMinutes": gaps,
                }
            }
        ],
        **parts,
    }


def _starts(log: CallLog) -> list[dict[str, Any]]:
    """The weekdays and hours of the log's first calls, as instants of a week with how many began then as weights."""
    indices = cell_indices_of(log)
    hours = np.arange(24) if log.hour is None else indices.hour
    days = np.arange(7) if log.weekday is None else indices.weekday
    first = indices.attempt == indices.attempt.min()  # a log may begin with later attempts
    if log.hour is not None and log.weekday is not None:
        of_week = (days * 24 + hours)[first]
    elif log.hour is None and log.weekday is None:
        of_week = np.arange(7 * 24)
    elif log.hour is None:
        of_week = (days[first] * 24)[:, None] + hours
    else:
        of_week = hours[first][:, None] + 24 * days
    counts = np.bincount(of_week.ravel(), minlength=7 * 24)
    return [
        {"value": utc_text(MONDAY + hour * HOUR), "weight": count}
        for hour, count in enumerate(counts.tolist())
        if count
    ]


def _gaps(log: CallLog) -> list[dict[str, Any]]:
    """Minutes from a call to the next one to its number: the quantiles in the middle of GAPS equal shares."""
    minutes = np.array([(DAY + HOUR) // 60])
    if log.number is not None and log.local_start is not None:
        order = np.lexsort((log.local_start, log.number))
        ended = log.local_start + np.nan_to_num(log.seconds)
        again = (log.local_start[order][1:] - ended[order][:-1])[np.diff(log.number[order]) == 0]
        if len(again):
            middles = np.quantile(again // 60, (np.arange(GAPS) + 0.5) / GAPS)
            minutes = np.clip(np.rint(middles), 1, LONGEST_GAP).astype(np.int64)
    values, counts = np.unique(minutes, return_counts=True)
    return [{"value": value, "weight": count} for value, count in zip(values.tolist(), counts.tolist(), strict=True)]


def _open_hours(log: CallLog) -> dict[str, list[dict[str, str]]]:
    """The hours of each weekday at which the log has calls; the whole day if it does not have hours."""
    days = range(7) if log.weekday is None else sorted(set(log.weekday.tolist()))
    hours: dict[str, list[dict[str, str]]] = {name: [] for name in WEEKDAYS}
    for day in days:
        of_day = log.hour if log.weekday is None or log.hour is None else log.hour[log.weekday == day]
        called = range(24) if of_day is None else sorted(set(of_day.tolist()))
        hours[WEEKDAYS[day]] = [
            {"localTimeFrom": f"{hour:02}:00", "localTimeTo": f"{(hour + 1) % 24:02}:00"} for hour in called
        ]
    return hours


def _played_indices(log: CallLog, calls: CallColumns, *, attempts: bool) -> CellIndices:
    """The cells of calls that were played, by what the log has for its own."""
    since = calls.time.astype(np.int64)  # since a Monday
    zeros = np.zeros(len(since), np.int64)
    return CellIndices(
        calls.attempt.astype(np.int64) - 1 if attempts and log.attempt is not None else zeros,
        zeros if log.weekday is None else since // DAY % 7,
        zeros if log.hour is None else since // HOUR % 24,
    )


def _weights(of_log: CellIndices, played: CellIndices) -> tuple[Floats, NDArray[np.bool_]]:
    """[played call]: weights that sum to 1 and give the log's mix; [call of the log]: whether they cover its cell."""
    shape = tuple(np.maximum(of_log.shape, played.shape).tolist())
    size = int(np.prod(shape))
    log_cells, cells = (np.ravel_multi_index(indices, shape) for indices in (of_log, played))
    wanted, there = np.bincount(log_cells, minlength=size), np.bincount(cells, minlength=size)
    met = wanted * (there > 0)
    weights = (met / np.maximum(there, 1))[cells] / max(met.sum(), 1)
    return weights, np.asarray(there[log_cells] > 0)
