"""Fits to logs that the simulator made, of which the truth is known, and to a real one."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest

from engine import Scenario, simulate
from engine.fitting.factors import Factor
from engine.fitting.fit import Estimate, Fit, fit
from engine.fitting.playback import play_back
from engine.logs.call_log import CallLog, read_call_log
from engine.logs.forms import LogForm
from engine.reading.faults import InputError
from engine.reading.typed import read
from engine.scenario.document import ScenarioDocument

BANK = Path(__file__).parent.parent.parent.parent / "shared/data/bank_marketing_calls.csv"
BANK_COLUMNS = {
    "outcome": "subscribed",
    "seconds": "duration_seconds",
    "attempt": "contacts_this_campaign",
    "weekday": "day_of_week",
}
SHARES = {"answered": 0.3, "voicemail": 0.18, "busy": 0.05, "noAnswer": 0.45, "invalid": 0.02}
HOUR_FACTORS = np.array([0.8] * 12 + [1.0] * 5 + [1.4] * 7)
DAY_FACTORS = np.array([1, 1, 1, 1, 1, 1.2, 0.7])
ATTEMPTS = [1 / (1 + 0.25 * attempt) for attempt in range(8)]
NEVER = 0.15


def campaign(seed: int, attempts: list[float], never: float, count: int, most: int = 8) -> dict[str, Any]:
    """A campaign whose calls are spread over hours, weekdays and attempts."""
    answered, voicemail, busy, no_answer, invalid = SHARES.values()
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-05-11T00:00:00Z",
        "seed": seed,
        "campaign": {
            "allowedTime": {"default": [{"localTimeFrom": "09:00", "localTimeTo": "20:00"}]},
            "retryIntervalInMinutes": 1_630,
            "maxAttempts": most,
            "lines": 1_000,
        },
        "numbers": [
            {
                "generate": {"count": count},
                "added": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-30T00:00:00Z", "arrivals": "evenly"},
            }
        ],
        "outcomes": {
            "answered": {"share": answered, "seconds": {"lognormal": {"median": 150, "sigma": 0.9}}},
            "voicemail": {"share": voicemail, "seconds": 15, "retry": True},
            "busy": {"share": busy, "seconds": 4, "retry": True},
            "noAnswer": {"share": no_answer, "seconds": {"exponential": 25}, "retry": True},
            "invalid": {"share": invalid, "seconds": 3},
        },
        "answering": {
            "localHours": {"0-12": 0.8, "17-24": 1.4},
            "weekdays": {"sat": 1.2, "sun": 0.7},
            "attempts": attempts,
        },
        "segments": [{"name": "dead", "share": never, "outcomes": {"answered": {"share": 0}}}] if never else [],
    }


class Made(NamedTuple):
    """A log that the simulator made, what was fitted to it, and the means of the true factors over its calls."""

    log: CallLog
    fitted: Fit
    hour_mean: float
    day_mean: float


def made(document: dict[str, Any], folder: Path, **columns: pl.Expr) -> Made:
    result = simulate(Scenario.from_document(document), calls=True)
    calls = result.calls.with_columns(**columns)
    calls.select(pl.all().exclude([name for name in ("phone", "number") if columns])).write_parquet(
        folder / "log.parquet"
    )
    log = read_call_log(folder / "log.parquet")
    of_live = (result.numbers["segment"] != "dead").to_numpy()[result.calls["number"].to_numpy()]
    start = result.calls["start"]
    hours = HOUR_FACTORS[start.dt.hour().to_numpy()[of_live]]
    days = DAY_FACTORS[start.dt.weekday().to_numpy()[of_live] - 1]
    return Made(log, fit(log), float(hours.mean()), float(days.mean()))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(campaign(11, ATTEMPTS, NEVER, 40_000), tmp_path_factory.mktemp("example"))


def some(log: CallLog, wanted: np.ndarray) -> CallLog:
    """These calls of a log."""
    columns = {name: part[wanted] for name, part in log._asdict().items() if isinstance(part, np.ndarray)}
    return log._replace(**columns)


def holds(estimate: Estimate | Factor, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def test_the_share_of_numbers_that_never_answer_is_recovered(example: Made) -> None:
    found = example.fitted.never_answering

    assert found is not None
    assert found.low <= NEVER <= found.high
    assert found.is_beyond_doubt
    assert found.high - found.low < 0.1


def test_shares_are_recovered_within_their_intervals(example: Made) -> None:
    answered = SHARES["answered"] * example.hour_mean * example.day_mean
    others = {name: share / (1 - SHARES["answered"]) * (1 - answered) for name, share in SHARES.items()}

    missed = [
        outcome.name
        for outcome in example.fitted.outcomes
        if not holds(outcome.share, answered if outcome.name == "answered" else others[outcome.name])
    ]

    assert missed == []


def test_the_interval_of_the_answered_tells_of_the_never_answering_as_well(example: Made) -> None:
    never, answered = example.fitted.never_answering, example.fitted.outcomes[0].share

    assert never is not None
    # the fewer can be reached, the larger a share of them was
    assert answered.high / answered.value > (1 - never.share) / (1 - never.high)
    assert answered.low / answered.value < (1 - never.share) / (1 - never.low)


def test_factors_are_recovered_within_their_intervals(example: Made) -> None:
    fitted = example.fitted
    hours = [holds(factor, HOUR_FACTORS[factor.members[0]] / example.hour_mean) for factor in fitted.hours]
    days = [holds(factor, DAY_FACTORS[factor.members[0]] / example.day_mean) for factor in fitted.weekdays]
    attempts = [holds(factor, ATTEMPTS[factor.members[0]]) for factor in fitted.attempts]

    assert (len(hours), len(days), len(attempts)) == (11, 7, 8)
    # of 26 intervals of 95 %, 24 to 25 hold the truth
    assert sum([*hours, *days, *attempts]) >= 24


def test_the_factors_explain_the_answers_by_weekday_and_hour(example: Made) -> None:
    assert example.fitted.agreement is not None
    assert example.fitted.agreement.p_value > 0.01


def test_a_model_without_the_multiplication_does_not_explain_the_answers(tmp_path: Path) -> None:
    log = made(campaign(12, [1.0], 0.0, 10_000, 4), tmp_path).log
    assert log.hour is not None
    assert log.weekday is not None
    # on Mondays, mornings and evenings change places
    swapped = log._replace(hour=np.where(log.weekday == 0, 28 - log.hour, log.hour))

    agreement = fit(swapped).agreement

    assert agreement is not None
    assert agreement.p_value < 0.001


def test_what_is_retried_is_told_by_the_log(example: Made) -> None:
    retried = {outcome.name: outcome.retry for outcome in example.fitted.outcomes}

    assert retried == {"answered": False, "voicemail": True, "busy": True, "noAnswer": True, "invalid": False}


def test_attempts_alone_tell_the_never_answering_as_well(example: Made) -> None:
    attempts_alone = example.log._replace(number=None, local_start=None)

    found = fit(attempts_alone).never_answering

    assert found is not None
    assert example.fitted.never_answering is not None
    assert found.share == pytest.approx(example.fitted.never_answering.share, abs=0.02)


def test_a_log_of_first_calls_tells_no_never_answering(tmp_path: Path) -> None:
    fitted = made(campaign(13, [1.0], NEVER, 5_000, 1), tmp_path).fitted

    assert fitted.never_answering is None
    assert fitted.parts["segments"] == []
    assert any("never-answering are not estimated" in note for note in fitted.notes)
    assert any("no factors by attempt" in note for note in fitted.notes)


def test_where_all_answer_there_is_no_segment(tmp_path: Path) -> None:
    fitted = made(campaign(14, ATTEMPTS, 0.0, 10_000), tmp_path).fitted

    assert fitted.never_answering is not None
    assert not fitted.never_answering.is_beyond_doubt
    assert fitted.parts["segments"] == []


def test_numbers_whose_first_calls_are_missing_are_left_out(example: Made) -> None:
    log = example.log
    assert log.attempt is not None
    assert log.number is not None
    late = (log.attempt == 1) & (log.number < 2_000)

    fitted = fit(some(log, ~late))

    assert any("first calls the log does not hold" in note for note in fitted.notes)
    assert fitted.never_answering is not None
    assert fitted.never_answering.low <= NEVER <= fitted.never_answering.high


@pytest.mark.parametrize("minimum", [1, 500, 3_000, 10**9])
def test_what_is_fitted_is_a_scenario(example: Made, minimum: int) -> None:
    fitted = fit(example.log, minimum)

    _, faults = read({**campaign(0, [1.0], 0.0, 10), **fitted.parts}, ScenarioDocument)

    assert faults == []
    assert all(factor.calls >= minimum for factor in (*fitted.hours, *fitted.weekdays))


def test_a_log_that_tells_outcomes_and_seconds_alone_gives_shares_and_durations(example: Made) -> None:
    bare = example.log._replace(attempt=None, weekday=None, hour=None, number=None, local_start=None)

    fitted = fit(bare)

    assert fitted.parts["answering"] == {}
    for outcome in fitted.outcomes:
        assert outcome.share.value == pytest.approx(outcome.calls / bare.calls)


def test_an_outcome_without_seconds_is_a_fault(example: Made) -> None:
    log = example.log
    silent = log._replace(seconds=np.where(log.outcome == log.names.index("busy"), np.nan, log.seconds))

    with pytest.raises(InputError, match="no seconds of any call with the outcome busy"):
        fit(silent)


def test_a_log_without_answers_is_fitted(example: Made) -> None:
    log = example.log
    vain = some(log, ~log.answered)._replace(names=log.names[1:], outcome=log.outcome[~log.answered] - 1)

    fitted = fit(vain)

    assert "answered" not in fitted.parts["outcomes"]
    assert sum(outcome["share"] for outcome in fitted.parts["outcomes"].values()) == pytest.approx(1)


def test_the_model_played_back_comes_to_what_the_log_says(example: Made) -> None:
    played = play_back(example.log, example.fitted, answers=100_000)

    assert played.is_close
    assert played.compared > 0.999
    for outcome in played.outcomes:
        assert outcome.share_played == pytest.approx(outcome.share_of_log, abs=0.004)
        assert outcome.distance < 0.01


def test_a_model_of_another_log_is_off(example: Made) -> None:
    longer = example.log._replace(seconds=example.log.seconds * 1.1)

    assert not play_back(longer, example.fitted, answers=100_000).is_close


@pytest.mark.skipif(not BANK.exists(), reason="the bank's calls are not beside the project")
def test_the_talk_times_of_a_real_log_played_back_are_within_a_hundredth() -> None:
    log = read_call_log(BANK, LogForm(columns=BANK_COLUMNS, outcomes={"yes": "answered", "no": "answered"}))

    played = play_back(log, fit(log))

    assert played.outcomes[0].calls_played >= 400_000
    assert played.outcomes[0].distance <= 0.01
