"""The digest: equal for equal runs, and different for runs that differ in a call or in how a number ended."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Scenario, simulate
from engine.dialing import digest
from engine.dialing.digest import END_BIT, call_hash, ends_hash
from engine.dialing.record import (
    ENDED_CANCELLED,
    ENDED_IN_CALL,
    ENDED_PENDING,
    EXPIRED,
    NO_TIME,
    NumberColumns,
    Record,
)
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import EngineName
from engine.luck import GOLDEN, MIX_A, MIX_B, OCCURRENCE_BIT, WORD, mixed
from engine.numbers.phonebook import Phonebook
from engine.testing.strategies import crowds, scenarios

PHONE = 1_16505550000
START = 1_772_445_600
both_engines = pytest.mark.parametrize("engine", ["reference", "compiled"])
slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_digest_of_a_call_never_changes() -> None:
    assert call_hash(PHONE, 1, START, 30, 0) == 11_708_018_311_175_877_519
    assert call_hash(PHONE | 1 << OCCURRENCE_BIT, 2, START, 86_400, 3) == 5_155_407_827_473_611_442


def test_the_digest_of_a_call_depends_on_each_of_its_parts() -> None:
    calls = [
        (phone | occurrence << OCCURRENCE_BIT, attempt, start, seconds, outcome)
        for phone in (7, 8)
        for occurrence in (0, 1)
        for attempt in (1, 2)
        for start in (5, 6)
        for seconds in (1, 2)
        for outcome in (0, 1)
    ]
    assert len({call_hash(*call) for call in calls}) == len(calls)


def ends(*numbers: tuple[int, int, int]) -> int:
    """The hash of the ends of these numbers: identity, what ENDED holds, and attempts."""
    words = [[NO_TIME, NO_TIME, NO_TIME, ended, attempts << 8] for _, ended, attempts in numbers]
    identities = np.array([identity for identity, _, _ in numbers], np.uint64)
    return ends_hash(identities, NumberColumns(np.array(words, np.uint32), START))


def test_the_digest_of_an_end_never_changes() -> None:
    assert ends((PHONE, 60 << 2 | EXPIRED, 1)) == 8_173_439_318_513_908_613
    assert ends((PHONE, ENDED_PENDING, 0)) == 12_560_090_388_396_553_684


def test_the_digest_of_an_end_depends_on_each_of_its_parts() -> None:
    ended = [*(time << 2 | kind for time in (5, 6) for kind in range(3)), ENDED_CANCELLED + (5 << 2)]
    kinds = [*((each, 1) for each in ended), (ENDED_IN_CALL, 1), (ENDED_PENDING, 0), (ENDED_PENDING, 1)]
    numbers = [(phone, *kind) for phone in (7, 8, 7 | 1 << OCCURRENCE_BIT) for kind in kinds]
    assert len({ends(number) for number in numbers}) == len(numbers)


def test_many_ends_are_hashed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [(PHONE + place, place << 2 | place % 3, place) for place in range(10)]
    whole = ends(*numbers)
    monkeypatch.setattr(digest, "BLOCK_ROWS", 3)

    assert ends(*numbers[::-1]) == whole == sum(ends(number) for number in numbers) & WORD


def run(engine: EngineName, **change: Any) -> int:
    """The digest of one number that is called once, for a minute from its first second on."""
    campaign = {"lines": 1, "allowedTime": {"default": [{"localTimeFrom": "00:00", "localTimeTo": "00:30"}]}}
    document: dict[str, Any] = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-02T01:00:00Z",
        "numbers": [{"addPhones": [{"phone": "16505550000"}]}],
        "outcomes": {"noAnswer": {"share": 1, "seconds": 60, "retry": True}},
    }
    document |= change
    result = simulate(Scenario.from_document({**document, "campaign": campaign | document.get("campaign", {})}), engine)
    assert result.figures.calls.total == 1
    return result.digest


@both_engines
def test_runs_with_the_same_calls_and_other_endings_never_share_a_digest(engine: EngineName) -> None:
    digests = [
        run(engine),  # exhausted
        run(engine, outcomes={"noAnswer": {"share": 1, "seconds": 60}}),  # completed
        run(engine, campaign={"maxAttempts": 2}),  # pending, for the day after
        run(engine, campaign={"maxAttempts": 2, "finishDateTime": "2026-03-02T12:00:00Z"}),  # expired
        run(engine, finish="2026-03-02T00:00:30Z"),  # pending, in its call
    ]
    assert len(set(digests)) == len(digests)


@both_engines
def test_runs_of_calls_of_other_lengths_never_share_a_digest(engine: EngineName) -> None:
    cut = {"finish": "2026-03-02T00:00:30Z"}  # in both the number is in its call
    longer = {"noAnswer": {"share": 1, "seconds": 61, "retry": True}}
    assert run(engine, **cut) != run(engine, **cut, outcomes=longer)


def digest_of(record: Record, book: Phonebook) -> int:
    """The sum of what a record's columns say, one after the other (rules 9)."""
    assert record.calls is not None
    identities = book.identities.tolist()
    calls = record.calls._replace(time=record.calls.time + np.uint32(record.numbers.start))
    columns = [column.tolist() for column in calls[:5]]  # whether a call is of a redial is not in it
    total = sum(call_hash(identities[row], *call) for row, *call in zip(*columns, strict=True))
    rows = zip(identities, record.numbers.ending.tolist(), record.numbers.ended_at.tolist(), strict=True)
    for identity, ending, ended_at in rows:
        total += mixed((identity * GOLDEN + ended_at * MIX_A + (END_BIT | ending) * MIX_B) & WORD)
    return total & WORD


@settings(slowly, max_examples=40)
@given(scenarios() | crowds(), st.data())
def test_at_every_instant_the_digest_is_that_of_what_has_happened(
    document: dict[str, Any], data: st.DataObject
) -> None:
    scenario = Scenario.from_document(document)
    dialer = ReferenceDialer(Rulebook(scenario.document), keep_calls=True)
    dialer.add(scenario.phonebook)
    start, finish = scenario.document.start, scenario.document.finish
    for instant in [*sorted(data.draw(st.lists(st.integers(start, finish), max_size=5))), finish]:
        dialer.run_until(instant)
        record = dialer.record()
        assert record.digest == digest_of(record, scenario.phonebook)


@settings(slowly, max_examples=20)
@given(scenarios() | crowds())
def test_the_compiled_engine_gives_the_digest_of_its_record(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    record = simulate(scenario, "compiled", calls=True).record
    assert record.digest == digest_of(record, scenario.phonebook)
