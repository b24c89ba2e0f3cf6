"""Logs that say little or odd things: each ends with a model that plays back, or with a fault."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from engine.fitting.fit import Fit, fit
from engine.fitting.playback import play_back
from engine.logs.call_log import CallLog, read_call_log
from engine.reading.faults import InputError
from engine.reading.typed import read
from engine.scenario.document import ScenarioDocument

FIRST = 1_772_442_000
"""2026-03-02T09:00:00Z, a Monday."""


class Row(NamedTuple):
    """A call to a number, by the day of its attempt."""

    number: int
    attempt: int
    answered: bool
    at: int = FIRST
    seconds: int = 20


def campaign(
    numbers: int, most: int, chance: Callable[[int], float], seed: int = 0, hours: int = 8, days: int = 1
) -> Iterator[Row]:
    """Calls to numbers, one a day until one is answered; `chance` is that of an attempt, 1 for the first."""
    luck = np.random.default_rng(seed)
    for number in range(numbers):
        for attempt in range(1, most + 1):
            answered = bool(luck.random() < chance(attempt))
            day, hour = number % days + attempt - 1, int(luck.integers(hours))
            yield Row(number, attempt, answered, FIRST + day * 86_400 + hour * 3_600, 120 if answered else 20)
            if answered:
                break


def texts_first(attempt: int) -> float:
    return 0.0 if attempt == 1 else 0.25


LOGS: dict[str, list[Row]] = {
    "no first attempt is answered": [*campaign(2_000, 3, texts_first)],
    "no first attempt is answered, on any weekday": [*campaign(3_000, 3, texts_first, days=5)],
    "one first attempt is answered": [Row(9_999, 1, answered=True), *campaign(2_000, 3, texts_first, days=5)],
    "only first attempts are answered": [*campaign(2_000, 3, lambda attempt: 0.3 if attempt == 1 else 0.0, days=5)],
    "one answer in all": [Row(0, 1, answered=True), *campaign(1_500, 2, lambda _: 0.0)],
    "no answer at all": [*campaign(1_500, 3, lambda _: 0.0)],
    "one attempt only": [*campaign(3_000, 1, lambda _: 0.3, days=5)],
    "every call is answered": [*campaign(2_000, 1, lambda _: 1.0)],
    "all but one call is answered": [Row(9_999, 1, answered=False), *campaign(2_000, 1, lambda _: 1.0)],
    "one hour": [*campaign(2_000, 3, lambda _: 0.3, hours=1, days=5)],
    "one hour of one day": [*campaign(3_000, 1, lambda _: 0.3, hours=1)],
    "one phone": [Row(0, 1, place % 3 == 0, FIRST + place * 3_600) for place in range(1_500)],
    "one instant": [Row(place, 1, place % 3 == 0) for place in range(1_500)],
    "an hour in which all answer": [
        row._replace(answered=True, seconds=120) if row.at // 3_600 % 24 == 12 else row
        for row in campaign(4_000, 1, lambda _: 0.1, days=5)
    ],
    "a weekday in which nobody answers": [
        row._replace(answered=False, seconds=20) if row.at // 86_400 % 7 == 4 else row
        for row in campaign(4_000, 1, lambda _: 0.3, days=5)
    ],
    "a first hour in which nobody answers": [
        row._replace(answered=False, seconds=20) if row.at // 3_600 % 24 == 9 else row
        for row in campaign(6_000, 1, lambda _: 0.3, days=5)
    ],
    "as few calls as there may be": [*campaign(100, 1, lambda _: 0.3)],
}


def log_of(rows: list[Row], folder: Path) -> CallLog:
    lines = (
        f"{16505550000 + row.number},{row.at},{row.seconds},{'answered' if row.answered else 'no answer'}"
        for row in rows
    )
    (folder / "log.csv").write_text("\n".join(["phone,start,seconds,outcome", *lines]))
    return read_call_log(folder / "log.csv")


def is_scenario(fitted: Fit) -> bool:
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"lines": 10},
        "numbers": [{"generate": {"count": 10}}],
        **fitted.parts,
    }
    return not read(document, ScenarioDocument)[1]


@pytest.mark.parametrize("minimum", [500, 50])
@pytest.mark.parametrize("what", LOGS)
def test_every_log_ends_with_a_model_that_plays_back(what: str, minimum: int, tmp_path: Path) -> None:
    log = log_of(LOGS[what], tmp_path)
    fitted = fit(log, minimum)

    played = play_back(log, fitted, answers=50_000)

    assert is_scenario(fitted)
    assert all(factor.factor < 1_000 for factor in (*fitted.hours, *fitted.weekdays, *fitted.attempts))
    assert played.is_close or what == "one phone"


def test_calls_to_one_phone_are_too_far_from_any_campaign_to_be_compared(tmp_path: Path) -> None:
    log = log_of(LOGS["one phone"], tmp_path)

    played = play_back(log, fit(log), answers=50_000)

    assert played.compared < 0.5
    assert not played.is_close


def test_the_share_is_that_of_the_first_attempt_with_answers_and_a_note_says_so(tmp_path: Path) -> None:
    fitted = fit(log_of(LOGS["no first attempt is answered, on any weekday"], tmp_path))

    assert [factor.key for factor in fitted.attempts] == ["1", "2", "3"]
    assert fitted.parts["answering"]["attempts"][:2] == [0.0, 1.0]
    assert fitted.parts["outcomes"]["answered"]["share"] == pytest.approx(0.25, abs=0.02)
    said = "first attempts were hardly ever answered (0 of 3,000 calls): the share in the scenario is that of attempt 2"
    assert any(note.startswith(said) for note in fitted.notes)


def test_a_log_of_attempts_alone_whose_first_are_never_answered_plays_back(tmp_path: Path) -> None:
    rows = campaign(2_000, 3, texts_first)
    lines = (f"{row.attempt},{row.seconds},{'answered' if row.answered else 'no answer'}" for row in rows)
    (tmp_path / "log.csv").write_text("\n".join(["attempt,seconds,outcome", *lines]))
    log = read_call_log(tmp_path / "log.csv")

    fitted = fit(log)
    played = play_back(log, fitted, answers=50_000)

    assert fitted.parts["answering"] == {"attempts": [0.0, 1.0, pytest.approx(1, abs=0.15)]}
    assert played.is_close
    assert played.outcomes[0].share_played == pytest.approx(log.answered.mean(), abs=0.01)


def test_a_log_that_begins_with_third_attempts_plays_back(tmp_path: Path) -> None:
    rows = [row for row in campaign(3_000, 5, lambda _: 0.2) if row.attempt >= 3]
    lines = (f"{row.attempt},{row.at},{row.seconds},{'answered' if row.answered else 'no answer'}" for row in rows)
    (tmp_path / "log.csv").write_text("\n".join(["attempt,start,seconds,outcome", *lines]))
    log = read_call_log(tmp_path / "log.csv")

    assert play_back(log, fit(log), answers=50_000).is_close


def test_an_answer_by_chance_is_no_base_to_divide_by(tmp_path: Path) -> None:
    fitted = fit(log_of(LOGS["one first attempt is answered"], tmp_path))

    assert fitted.parts["answering"]["attempts"][0] < 0.01
    assert fitted.parts["answering"]["attempts"][1] == 1


def test_factors_that_a_log_does_not_tell_apart_are_left_out_and_said(tmp_path: Path) -> None:
    fitted = fit(log_of(LOGS["no first attempt is answered"], tmp_path))

    assert fitted.weekdays == ()
    assert fitted.attempts != ()
    assert "no factors by weekday: the calls do not tell them from the other factors" in fitted.notes


def test_a_level_without_answers_has_a_factor_of_zero_wherever_it_stands(tmp_path: Path) -> None:
    weekday = fit(log_of(LOGS["a weekday in which nobody answers"], tmp_path))
    hour = fit(log_of(LOGS["a first hour in which nobody answers"], tmp_path))

    assert {factor.key: factor.factor for factor in weekday.weekdays}["mon"] == 0
    assert hour.hours[0].factor == 0
    assert all(1 < factor.factor < 1.4 for factor in hour.hours[1:])
    assert all(factor.low > 0.9 for factor in hour.hours[1:])


def test_factors_that_would_not_play_the_log_back_are_left_out_and_said(tmp_path: Path) -> None:
    # on Mondays all answer at 9 and nobody later, on other days the other way round: no product of factors says so
    rows = [
        Row(place, 1, (place % 2 == 0) == (day == 0), FIRST + day * 86_400 + place % 2 * 36_000, 60)
        for day in (0, 1)
        for place in range(5_000)
    ]
    rows += [Row(place, 1, place % 50 == 0, FIRST + 2 * 86_400 + place % 2 * 36_000, 60) for place in range(20_000)]
    log = log_of(rows, tmp_path)

    fitted = fit(log)

    assert play_back(log, fitted, answers=50_000).is_close


def test_a_log_that_no_model_plays_back_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("engine.fitting.fit._MOST_OFF", -1.0)

    with pytest.raises(InputError, match="calls that no model plays back"):
        fit(log_of(LOGS["one attempt only"], tmp_path))
