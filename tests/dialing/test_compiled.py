"""The compiled engine beside the reference: the same record, to the last count."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.workload import workload
from engine import Scenario, simulate
from engine.calling.instants import unix_seconds, utc_text
from engine.calling.policies import Policies
from engine.dialing import compiled as compiled_module
from engine.dialing.compiled import CompiledDialer
from engine.dialing.kept_calls import KeptCalls
from engine.dialing.kernel.plan import TERMS_WORDS
from engine.dialing.kernel.state import BATCH, CHUNK, CHUNKS, RING
from engine.dialing.record import Record
from engine.dialing.rulebook import Rulebook
from engine.numbers.phonebook import Phonebook
from engine.testing.strategies import crowds, scenarios
from tests.dialing.test_reference import same_record

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def compiled(scenario: Scenario) -> Record:
    return simulate(scenario, "compiled", calls=True).record


def reference(scenario: Scenario) -> Record:
    return simulate(scenario, "reference", calls=True).record


def both_agree(document: dict[str, Any]) -> bool:
    scenario = Scenario.from_document(document)
    return same_record(compiled(scenario), reference(scenario))


@pytest.mark.parametrize("file", sorted(path.name for path in SCENARIOS.glob("*.yaml")))
def test_shipped_scenarios_are_played_alike(file: str) -> None:
    scenario = Scenario.load(SCENARIOS / file)

    assert same_record(compiled(scenario), reference(scenario))


@settings(slowly, max_examples=200)
@given(scenarios() | crowds())
def test_scenarios_that_use_every_feature_are_played_alike(document: dict[str, Any]) -> None:
    assert both_agree(document)


@settings(slowly, max_examples=40)
@given(scenarios() | crowds(), st.randoms(use_true_random=False))
def test_the_order_in_which_outcomes_are_named_changes_nothing(document: dict[str, Any], dice: Random) -> None:
    outcomes = list(document["outcomes"].items())
    dice.shuffle(outcomes)
    shuffled = Scenario.from_document({**document, "outcomes": dict(outcomes)})
    scenario = Scenario.from_document(document)

    assert same_record(reference(scenario), reference(shuffled))
    assert same_record(compiled(scenario), compiled(shuffled))


@pytest.mark.slow
@settings(slowly, max_examples=5_000)
@given(scenarios() | crowds())
def test_scenarios_that_use_every_feature_are_played_alike_at_length(document: dict[str, Any]) -> None:
    assert both_agree(document)


@pytest.mark.slow
def test_a_million_numbers_are_played_alike() -> None:
    scenario = Scenario.from_document(workload(1_000_000))

    assert same_record(compiled(scenario), reference(scenario))


def test_results_are_the_same_in_however_many_blocks_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    document = workload(20_000, 10)
    document["numbers"] = [{"generate": {"count": 20_000, "gmtZone": "Europe/Berlin"}}]
    scenario = Scenario.from_document(document)
    whole = compiled(scenario)

    monkeypatch.setattr(compiled_module, "BLOCK_ROWS", 4_096)  # 20 pages of results, which are given back

    assert same_record(compiled(scenario), whole)


def test_a_list_that_falls_due_in_one_second_fits_into_memory_for_it() -> None:
    count = RING * CHUNK + 300_000
    scenario = Scenario.from_document(
        {
            "start": "2026-03-02T00:00:00Z",
            "finish": "2026-03-03T00:00:00Z",
            "campaign": {"lines": 1, "startDateTime": "2026-03-02T00:01:00Z"},
            "numbers": [{"generate": {"count": count}}],
            "outcomes": {"answered": {"share": 1, "seconds": 60}},
        }
    )
    dialer = CompiledDialer(Rulebook(scenario.document), scenario.phonebook)
    chunks = len(dialer._state.next_chunk)

    dialer.run_until(scenario.document.start + 61)

    assert dialer._state.now[CHUNKS] <= chunks
    assert dialer.begun == 1


def test_a_list_from_another_process_may_lie_anywhere_in_memory() -> None:
    scenario = Scenario.from_document(workload(2_000, 10))
    moved = {}
    for name in ("identities", "policies"):
        column = getattr(scenario.phonebook, name)
        bytes_ = np.frombuffer(b"\0" + column.tobytes(), np.uint8)[1:]
        moved[name] = bytes_.view(column.dtype)
        assert not moved[name].flags.aligned
    elsewhere = replace(scenario, phonebook=Phonebook(**{**scenario.phonebook._asdict(), **moved}))

    assert same_record(compiled(elsewhere), compiled(scenario))


def test_the_call_log_changes_nothing_else() -> None:
    scenario = Scenario.load(SCENARIOS / "spring_promo.yaml")

    assert simulate(scenario, "compiled").figures == simulate(scenario, "compiled", calls=True).figures


@settings(slowly, max_examples=20)
@given(scenarios() | crowds(), st.data())
def test_playing_in_steps_gives_the_record_of_playing_in_one_go(document: dict[str, Any], data: st.DataObject) -> None:
    scenario = Scenario.from_document(document)
    start, finish = scenario.document.start, scenario.document.finish
    stepped = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, log=KeptCalls())
    for step in [*data.draw(st.lists(st.integers(start - 1, finish + 1), max_size=20).map(sorted)), finish]:
        stepped.run_until(step)

    assert same_record(stepped.record(), compiled(scenario))


# Limits


def small(**campaign: Any) -> dict[str, Any]:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-04T00:00:00Z",
        "campaign": {"lines": 3, "maxAttempts": 3, **campaign},
        "numbers": [{"generate": {"count": 200}}],
        "outcomes": {
            "answered": {"share": 0.4, "seconds": 100},
            "noAnswer": {"share": 0.6, "seconds": 20, "retry": True},
        },
    }


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": {"lines": 100_000}},
        {"campaign": {"lines": 1}},
        {"numbers": [{"generate": {"count": 1}}]},
        {"finish": "2026-03-02T00:00:01Z"},
        {"campaign": {"lines": 2, "retryIntervalInMinutes": 525_600, "maxAttempts": 2}},
        {"campaign": {"lines": 2, "finishDateTime": "9999-12-31T23:59:59-18:00"}},
        {"campaign": {"lines": 2, "startDateTime": "9999-12-30T00:00:00Z"}},
        {"campaign": {"lines": 2, "startDateTime": "2026-03-03T00:00:00Z"}},  # all due in the same second
        {"campaign": {"lines": 2, "finishDateTime": "2026-03-02T01:00:00Z"}},
        {"campaign": {"lines": 2, "allowedTime": {}}},
        {"campaign": {"lines": 2, "callsPerSecond": 0.001}},
        {"start": "2016-03-02T00:00:00Z", "finish": "2026-03-02T00:00:00Z"},
    ],
)
def test_limits_are_played_alike(change: dict[str, Any]) -> None:
    assert both_agree({**small(), **change})


def test_retries_further_off_than_the_calendar_come_in_their_order() -> None:
    assert both_agree({**small(retryIntervalInMinutes=3_000), "finish": "2026-03-20T00:00:00Z"})


def test_retries_further_off_than_the_calendar_come_in_the_order_in_which_calls_ended() -> None:
    document = small(lines=2, maxAttempts=2) | {"finish": "2026-03-05T00:00:00Z"}
    document["outcomes"] = {
        "answered": {"share": 0, "seconds": 100, "retry": True, "retryIntervalInMinutes": 3_000},
        "noAnswer": {"share": 1, "seconds": 40, "retry": True, "retryIntervalInMinutes": 3_001},
    }
    document["segments"] = [{"name": "long", "payload": {"long": True}, "outcomes": {"answered": {"share": 1}}}]
    document["numbers"] = [{"addPhones": [{"phone": 16505550001, "payload": {"long": True}}, {"phone": 16505550002}]}]

    assert simulate(Scenario.from_document(document), "compiled", calls=True).calls["number"].to_list() == [0, 1, 1, 0]
    assert both_agree(document)


def test_retries_keep_their_order_where_the_calendar_takes_in_its_next_block() -> None:
    document = {**small(lines=60, retryIntervalInMinutes=1_500), "finish": "2026-03-06T00:00:00Z"}
    document["numbers"] = [{"generate": {"count": 30_000}}]
    document["campaign"]["lines"] = 30
    document["outcomes"]["answered"]["retry"] = True  # calls of 100 and of 20 seconds that end together

    assert both_agree(document)


@pytest.mark.parametrize("start", ["2026-03-01T12:00:00Z", "2026-03-02T06:00:00Z", "2026-03-05T00:00:00Z"])
def test_redials_to_one_second_come_in_the_order_in_which_calls_ended(start: str) -> None:
    document = small()
    document["numbers"] = [{"generate": {"count": 3_000, "dialerPriority": {"1": 1, "5": 1}}}]
    document["campaign"]["lines"] = 50
    document["outcomes"]["answered"] = {
        "share": 0.4,
        "seconds": {"exponential": 200},
        "redials": [{"share": 0.9, "startDateTime": start, "maxAttempts": 2}],
    }

    assert both_agree(document)


@pytest.mark.parametrize("order", ["nextAllowedTime", "windowClosing"])
def test_who_was_due_before_a_window_closed_comes_first_in_the_next(order: str) -> None:
    hours = [{"localTimeFrom": f"{hour:02}:00", "localTimeTo": f"{hour + 1:02}:00"} for hour in range(0, 24, 2)]
    document = small(lines=2, retryIntervalInMinutes=10, maxAttempts=5, order=order)
    document["numbers"] = [
        {"generate": {"count": 100, "gmtZone": {"Z": 1, "+00:30": 1, "+01:00": 1}, "allowedTime": {"default": hours}}},
        {"generate": {"count": 100, "dialerPriority": {"1": 1, "5": 1}}, "added": "2026-03-02T01:00:00Z"},
        {"generate": {"count": 100, "allowedTime": {"default": hours}}, "added": "2026-03-02T02:20:00Z"},
    ]

    assert both_agree(document)


def test_more_calls_than_a_batch_holds_begin_in_one_second() -> None:
    document = small(lines=3 * BATCH, retryIntervalInMinutes=1)
    document["numbers"] = [{"generate": {"count": 10 * BATCH, "dialerPriority": {"1": 1, "2": 1}}}]

    assert both_agree(document)


def test_who_falls_due_in_the_second_of_an_addition_is_called_before_those_added() -> None:
    document = small(lines=1, retryIntervalInMinutes=1)
    document["outcomes"] = {"noAnswer": {"share": 1, "seconds": 20, "retry": True}}
    document["numbers"] = [
        {"generate": {"count": 1}},
        {"generate": {"count": 1}, "added": "2026-03-02T00:01:20Z"},
    ]

    assert simulate(Scenario.from_document(document), "compiled", calls=True).calls["number"].to_list()[:3] == [0, 0, 1]
    assert both_agree(document)


def test_a_number_due_just_when_it_closes_expires_at_once() -> None:
    document = small(retryIntervalInMinutes=1, finishDateTime="2026-03-02T00:01:20Z")
    document["outcomes"] = {"noAnswer": {"share": 1, "seconds": 20, "retry": True}}
    document["numbers"] = [
        {"generate": {"count": 1}},  # called at 00:00:00, due again at 00:01:20
        {"generate": {"count": 1}, "added": "2026-03-02T00:01:20Z"},
    ]

    ended = simulate(Scenario.from_document(document), "compiled").numbers["ended_at"].dt.strftime("%T").to_list()
    assert ended == ["00:00:20", "00:01:20"]
    assert both_agree(document)


def test_a_local_hour_ends_where_the_clock_is_set_back_in_its_midst() -> None:
    document = small(lines=2, gmtZone="America/St_Johns", retryIntervalInMinutes=1, maxAttempts=50)
    document |= {"start": "2010-11-07T01:00:00Z", "finish": "2010-11-07T06:00:00Z"}  # 00:01 becomes 23:01 at 02:31
    document["answering"] = {"localHours": {"23": 0.1, "0": 2.0}}

    assert both_agree(document)


def test_a_call_in_the_second_in_which_a_clock_changes_is_made_by_the_new_time() -> None:
    document = small(lines=1, gmtZone="Europe/Berlin", maxAttempts=1)
    document |= {"start": "2026-03-29T00:59:00Z", "finish": "2026-03-29T02:00:00Z"}  # 02:00 becomes 03:00 at 01:00
    document["outcomes"] = {"answered": {"share": 0.5, "seconds": 60}, "noAnswer": {"share": 0.5, "seconds": 60}}
    document["answering"] = {"localHours": {"1": 0, "2": 0, "3": 2}}
    document["numbers"] = [{"generate": {"count": 2}}]

    calls = simulate(Scenario.from_document(document), "compiled", calls=True).calls
    assert calls["outcome"].to_list() == ["noAnswer", "answered"]
    assert both_agree(document)


def test_thousands_of_window_classes_are_played_alike() -> None:
    document = small()
    document["campaign"]["lines"] = 40
    document["numbers"] = [
        {
            "addPhones": [
                {
                    "phone": 10_000_000 + place,
                    "gmtZone": f"{'+' if place % 2 else '-'}{place % 18:02}:{place % 60:02}",
                    "allowedTime": {
                        "default": [{"localTimeFrom": f"{place % 11:02}:{place % 59:02}", "localTimeTo": "20:00"}]
                    },
                }
                for place in range(6_000)
            ]
        }
    ]

    assert both_agree(document)


@pytest.mark.parametrize(
    ("retry", "after", "terms"), [(60, 2_880, 2), (60, 30, 40), (60, -1_440, 40), (4_320, 2_880, 40)]
)
def test_finishes_behind_which_nothing_falls_due_are_as_one(retry: int, after: int, terms: int) -> None:
    first = unix_seconds("2026-03-04T00:00:00Z") + 60 * after
    body = [
        {
            "phone": str(16505550000 + place),
            "finishDateTime": utc_text(first + 60 * place),
            "dialerPriority": 1 + place % 2,
        }
        for place in range(40)
    ]
    document = small(lines=1, retryIntervalInMinutes=retry) | {"numbers": [{"addPhones": body}]}
    scenario = Scenario.from_document(document)
    dialer = CompiledDialer(Rulebook(scenario.document), scenario.phonebook)

    assert len(dialer._plan.terms) == terms * TERMS_WORDS
    assert same_record(compiled(scenario), reference(scenario))


def test_a_closing_number_that_stands_behind_others_expires_when_it_should() -> None:
    document = small(lines=1)
    document["numbers"] = [
        {"generate": {"count": 300, "dialerPriority": 1}},
        {"generate": {"count": 50, "finishDateTime": "2026-03-02T03:00:00Z", "dialerPriority": {"1": 1, "5": 1}}},
    ]

    assert both_agree(document)


def test_where_compiled_code_cannot_be_kept_it_is_made_anew_with_a_message() -> None:
    code = (
        "import sys, numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = caching.CompileResultCacheImpl._locator_classes = []\n"
        "sys.argv = ['dialer', 'run', 'scenarios/api_example.yaml', '--engine', 'compiled']\n"
        "from engine.cli import main\n"
        "main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCENARIOS.parent, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "note: compiled code cannot be stored here" in done.stderr
    assert "digest" in done.stdout


def test_an_empty_list_is_played_alike() -> None:
    scenario = Scenario.load(SCENARIOS / "api_example.yaml")
    book = scenario.phonebook
    columns = book.identities[:0], book.policies[:0], book.segments[:0], book.added[:0]
    empty = Phonebook(*columns, distinct=Policies.of(()))
    nobody = replace(scenario, phonebook=empty)

    assert same_record(compiled(nobody), reference(nobody))
