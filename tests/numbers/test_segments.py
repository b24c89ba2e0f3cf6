"""Segments that carry a call policy: whom it holds for, what beats it, and what depends on luck (rules 2 and 7)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Scenario, ScenarioError, simulate
from engine.dialing.live import LiveDialer
from engine.reading.document import parse_document
from engine.results.lock import lock_text
from engine.testing.strategies import scenarios
from engine.whatif.replications import replicate
from engine.whatif.variants import variants_of
from tests.dialing.test_live import slowly
from tests.dialing.test_reference import same_record
from tests.scenario.documents import faults, plain

PHONES = ("16505550001", "16505550002", "16505550003", "442079460000")
VIP: dict[str, Any] = {"name": "vip", "payload": {"tier": "vip"}, "dialerPriority": 1}


def scenario(*numbers: dict[str, Any], segments: list[dict[str, Any]], **campaign: Any) -> Scenario:
    listed = [{"phone": phone, **number} for phone, number in zip(PHONES, numbers, strict=False)]
    return Scenario.from_document(
        plain(campaign={"lines": 1, **campaign}, numbers=[{"addPhones": listed}], segments=segments)
    )


def values(played: Scenario, attribute: str) -> list[Any]:
    book = played.phonebook
    return [getattr(book.distinct[place], attribute) for place in book.policies.tolist()]


OTHER, IN_IT = {"payload": {"tier": "b"}}, {"payload": {"tier": "vip"}}


def test_vips_are_called_first() -> None:
    played = scenario(OTHER, IN_IT, segments=[VIP])
    assert values(played, "dialer_priority") == [None, 1]
    for engine in ("reference", "compiled"):
        assert simulate(played, engine, calls=True).calls["number"].to_list()[:2] == [1, 0]


def test_a_field_of_the_number_beats_that_of_its_segment_which_beats_that_of_the_campaign() -> None:
    own = {"payload": {"tier": "vip"}, "maxAttempts": 7}
    played = scenario(OTHER, IN_IT, own, segments=[{**VIP, "maxAttempts": 5}], maxAttempts=3, dialerPriority=4)
    result = simulate(played)
    assert values(played, "max_attempts") == [None, 5, 7]
    assert result.numbers["priority"].to_list() == [4, 1, 1]


def test_of_several_segments_that_fit_the_first_alone_holds() -> None:
    second = {"name": "also", "payload": {"tier": "vip"}, "dialerPriority": 2, "maxAttempts": 9}
    played = scenario(IN_IT, segments=[VIP, second])
    assert (values(played, "dialer_priority"), values(played, "max_attempts")) == ([1], [None])


def test_a_redial_goes_over_the_policy_that_the_segment_filled_in() -> None:
    document = plain(
        campaign={"lines": 1},
        numbers=[{"addPhones": [{"phone": PHONES[0], **IN_IT}]}],
        segments=[{**VIP, "allowedTime": "9-18"}],
        outcomes={"answered": {"share": 1, "seconds": 60, "redials": [{"share": 1, "startAfterMinutes": 600}]}},
    )
    calls = simulate(Scenario.from_document(document), calls=True).calls
    assert [start.hour for start in calls["start"]] == [9], "19:01 is closed for a VIP"


def test_numbers_are_duplicates_by_what_they_say_themselves() -> None:
    again = {"phone": PHONES[0], **IN_IT}
    document = plain(numbers=[{"addPhones": [again, {**again, "dialerPriority": 1}, again]}], segments=[VIP])
    book = Scenario.from_document(document).phonebook
    assert (len(book), book.duplicates) == (2, 1)


def test_the_zone_of_a_segment_comes_before_that_of_the_phone() -> None:
    unknown = {"phone": "99912345", **IN_IT}
    document = plain(
        campaign={"lines": 1, "gmtZone": "fromPhone"},
        numbers=[{"addPhones": [{"phone": PHONES[3], **IN_IT}, {"phone": PHONES[3], **OTHER}, unknown]}],
        segments=[{**VIP, "gmtZone": "Asia/Tokyo"}],
    )
    assert values(Scenario.from_document(document), "gmt_zone") == ["Asia/Tokyo", "Europe/London", "Asia/Tokyo"]
    assert "99912345" in str(faults(**{**document, "segments": [VIP]}))


@pytest.mark.parametrize("suffix", [".csv", ".ndjson"])
def test_a_list_in_a_file_is_not_refused_for_phones_that_its_segment_places(tmp_path: Path, suffix: str) -> None:
    text = "phone,payload.tier\n99912345,vip\n" if suffix == ".csv" else json.dumps({"phone": "99912345", **IN_IT})
    (tmp_path / f"list{suffix}").write_text(text)
    document = plain(
        campaign={"lines": 1, "gmtZone": "fromPhone"},
        numbers=[{"file": f"list{suffix}"}],
        segments=[{**VIP, "gmtZone": "Asia/Tokyo"}],
    )
    assert values(Scenario.from_document(document, tmp_path), "gmt_zone") == ["Asia/Tokyo"]


def test_dates_of_a_segment_agree_with_the_campaign_and_numbers_whose_dates_cross_with_them_are_never_called() -> None:
    early = {**VIP, "finishDateTime": "2026-03-02T06:00:00Z"}
    [fault] = faults(campaign={"lines": 1, "startDateTime": "2026-03-02T09:00:00Z"}, segments=[early])
    assert fault.startswith("segments[0].finishDateTime: found 2026-03-02T06:00:00Z, once the campaign's")

    late = {**IN_IT, "startDateTime": "2026-03-02T07:00:00Z"}
    played = simulate(scenario(late, IN_IT, segments=[early]))
    assert "numbers that can never be called: 1, no open hour lies" in str(played.summary_document["warnings"])
    assert played.numbers["attempts"].to_list() == [0, 1]


def test_a_number_may_start_after_the_campaign_finishes_where_its_segment_finishes_later() -> None:
    later = {**VIP, "finishDateTime": "2026-03-02T20:00:00Z"}
    own = {**IN_IT, "startDateTime": "2026-03-02T12:00:00Z"}
    played = scenario(own, segments=[later], finishDateTime="2026-03-02T10:00:00Z")
    assert simulate(played).numbers["attempts"].to_list() == [1]


def test_what_holds_for_nobody_is_told() -> None:
    own = {"payload": {"tier": "vip"}, "dialerPriority": 3, "startDateTime": "2026-03-02T01:00:00Z"}
    segment = {**VIP, "startDateTime": "2026-03-02T02:00:00Z", "maxAttempts": 2}
    notes = scenario(OTHER, own, segments=[segment, {**VIP, "name": "gold", "payload": {"tier": "gold"}}]).warnings
    assert tuple(map(str, notes)) == (
        'startDateTime, dialerPriority of segment "vip" hold for none of the numbers: all have their own (1 number)',
        'the call policy of segment "gold" holds for none of the numbers: none is in it',
    )
    assert scenario(IN_IT, segments=[VIP]).warnings == ()


DRAWN = {"name": "urgent", "share": 0.5, "dialerPriority": 1, "gmtZone": "Asia/Tokyo"}


def test_luck_draws_other_numbers_into_a_segment_with_another_seed() -> None:
    document = plain(numbers=[{"generate": {"count": 200}}], segments=[DRAWN])
    first, second = (Scenario.from_document({**document, "seed": seed}) for seed in (1, 2))
    assert 50 < values(first, "dialer_priority").count(1) < 150
    assert values(first, "dialer_priority") != values(second, "dialer_priority")
    assert values(first.with_seed(2), "dialer_priority") == values(second, "dialer_priority")
    assert replicate(first, 2).digest == f"{simulate(second).digest:016x}"


@slowly
@given(scenarios(), st.integers(0, 50), st.sampled_from([1, None]))
def test_a_scenario_with_another_seed_is_the_one_that_its_file_would_say(
    document: dict[str, Any], seed: int, priority: int | None
) -> None:
    # one of the drawn segments at most: the shares of two may leave none for this one
    document = {**document, "segments": [*document.get("segments", [])[:1], {**DRAWN, "name": "x", "share": 0.2}]}
    written = Scenario.from_document({**document, "seed": seed})
    varied = [{**each, "dialerPriority": priority} for each in document["segments"]]
    assert same_record(
        simulate(Scenario.from_document(document).with_seed(seed), calls=True).record,
        simulate(written, calls=True).record,
    )
    assert same_record(
        simulate(written.varied({**written.source, "segments": varied}), calls=True).record,
        simulate(Scenario.from_document({**document, "seed": seed, "segments": varied}), calls=True).record,
    )


def test_vips_first_is_a_variant_in_one_line_and_the_list_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "list.ndjson").write_text("\n".join(json.dumps({"phone": p, **IN_IT}) for p in PHONES))
    without = {"name": "vip", "payload": {"tier": "vip"}}
    document = plain(numbers=[{"file": "list.ndjson"}], segments=[without])
    base = Scenario.from_document(document, tmp_path)
    (tmp_path / "list.ndjson").unlink()
    by_name = {"VIPs first": {"segments": {"vip": {"dialerPriority": 1}}}}
    _, first, one, last = variants_of(base, variants=by_name, grid={"segments.vip.dialerPriority": [1, 5]})
    assert [values(each.scenario, "dialer_priority")[0] for each in (first, one, last)] == [1, 1, 5]
    assert one.scenario.phonebook is first.scenario.phonebook
    again = first.scenario.varied(base.source)
    assert set(values(again, "dialer_priority")) == {None}


def test_payloads_that_python_takes_for_equal_are_told_apart_when_a_list_is_shared() -> None:
    base = scenario({"payload": {"tier": 1}}, segments=[{**VIP, "payload": {"tier": 1}}])
    varied = base.varied({**base.source, "segments": [{**VIP, "payload": {"tier": True}}]})
    assert values(varied, "dialer_priority") == [None]


def test_a_number_added_while_the_campaign_runs_has_the_policy_of_its_segment() -> None:
    dialer = LiveDialer(scenario(OTHER, OTHER, OTHER, segments=[{**VIP, "allowedTime": "0-24"}]))
    [job] = dialer.add([{"phone": "16505550009", **IN_IT}])
    dialer.run_for(1)
    assert job is not None
    assert dialer.state(job).attempts == 1, "it is called first of all"
    restored = LiveDialer.restored(dialer.scenario, dialer.snapshot())
    for each in (dialer, restored):
        each.run_until(each.finish)
    assert same_record(dialer.record(), restored.record())


def test_a_lock_plays_segments_with_a_policy_again(tmp_path: Path) -> None:
    played = scenario(OTHER, IN_IT, segments=[{**VIP, "allowedTime": "9-18"}])
    text = lock_text(played, 0, tmp_path)
    again = parse_document(text.encode(), "lock", json_text=False).value
    assert simulate(Scenario.from_document(again)).digest == simulate(played).digest


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ({"dialerPriorty": 1}, "segments[0].dialerPriorty: found an unknown field; allowed: dialerPriority, perhaps"),
        ({"maxAttempts": 51}, "segments[0].maxAttempts: found 51"),
        ({"allowedTime": "9-5"}, 'segments[0].allowedTime: found "9-5"'),
    ],
)
def test_a_fault_of_a_policy_stands_in_its_segment(segment: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        scenario(IN_IT, segments=[{**VIP, **segment}])
    assert words in str(error.value)
