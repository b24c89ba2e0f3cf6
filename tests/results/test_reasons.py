"""Reasons and endings: each has its words and its cause, in one table."""

import numpy as np
import pytest

from engine import Scenario, simulate
from engine.dialing.record import ENDINGS
from engine.dialing.rulebook import Rulebook
from engine.results.reasons import ENDING_WORDS, REACHED_LATE, REASONS, reason_named
from engine.results.summary import _became, _holds
from engine.wording.reasons import CAUSE_WORDS, ending_text, reason_text
from tests.campaigns import busy_day


def decided() -> list[str]:
    """The reasons that a summary decides between, for outcomes `answered` and `busy`."""
    scenario = Scenario.from_document(busy_day())
    record = simulate(scenario).record
    first_allowed = np.zeros(len(scenario.phonebook), np.int64)
    return list(_holds(Rulebook(scenario.document), scenario.phonebook, _became(record.numbers), first_allowed))


def test_every_reason_that_a_summary_gives_is_in_the_table() -> None:
    assert {reason_named(name).name for name in decided()} == {reason.name for reason in REASONS}


def test_every_reason_has_words_of_its_own_and_a_cause_that_has_some() -> None:
    names = [*decided(), REACHED_LATE.name]
    words = [reason_text(name) for name in names]
    assert all(words)
    assert len(set(words)) == len(words)
    assert {reason_named(name).cause for name in names} <= CAUSE_WORDS.keys()
    assert reason_text("completed_busy") == "ended by busy"


def test_every_ending_has_words_of_its_own() -> None:
    assert tuple(ENDING_WORDS) == ENDINGS
    assert len({ending_text(ending) for ending in ENDINGS}) == len(ENDINGS)


def test_a_reason_that_nobody_knows_is_refused() -> None:
    with pytest.raises(LookupError, match="no reason is named completd_busy"):
        reason_named("completd_busy")
