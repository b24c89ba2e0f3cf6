"""Outcomes: shares that move with the hour, the attempt and the segment, and always sum to one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import Scenario, ScenarioError, simulate
from engine.customers.outcomes import CERTAIN, OutcomeModel, compile_outcomes, hour_range
from engine.testing.strategies import shares

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ["answered", "busy", "noAnswer", "voicemail"]
PRECISION = 2 / CERTAIN


def document(**parts: object) -> dict[str, Any]:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1},
        "numbers": [{"addPhones": [{"phone": "16505550000"}]}],
        "outcomes": {"answered": {"share": 0.5, "seconds": 60}, "noAnswer": {"share": 0.5, "seconds": 30}},
        **parts,
    }


def model(**parts: object) -> OutcomeModel:
    checked = Scenario.from_document(document(**parts)).document
    return compile_outcomes(checked.outcomes, checked.answering, checked.segments)


def faults(**parts: object) -> str:
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_document(document(**parts))
    return str(refused.value)


def of(*each: float) -> dict[str, Any]:
    """Outcomes of these shares, in the order of NAMES, which is that of the model."""
    return {name: {"share": share, "seconds": 10} for name, share in zip(NAMES, each, strict=False)}


def probabilities(thresholds: NDArray[np.uint64]) -> NDArray[np.float64]:
    """What a 32-bit draw makes of cumulative thresholds."""
    cumulative = thresholds.astype(np.float64) / CERTAIN
    return np.diff(cumulative, axis=-1, prepend=0.0)


factors = st.sampled_from([0, 0.25, 0.9, 1, 1.4, 3, 1000])


@given(st.integers(2, 4).flatmap(shares), st.integers(0, 3), st.lists(factors, max_size=3), factors, factors)
def test_factors_move_answered_and_the_others_share_the_rest_as_before(
    each: list[float], place: int, attempts: list[float], at_ten: float, on_saturday: float
) -> None:
    names = NAMES[1 : len(each)]
    names.insert(min(place, len(each) - 1), "answered")
    outcomes = {name: {"share": share, "seconds": 10} for name, share in zip(names, each, strict=True)}
    answering = {"attempts": attempts, "localHours": {"10": at_ten}, "weekdays": {"sat": on_saturday}}
    moved_model = model(outcomes=outcomes, answering=answering)
    thresholds, place = moved_model.thresholds, moved_model.answered
    each = [outcomes[name]["share"] for name in moved_model.names]
    assert thresholds.shape == (1, max(len(attempts), 1), 168, len(each))
    assert (thresholds[..., -1] == CERTAIN).all()
    assert (np.diff(thresholds.astype(np.int64), axis=-1) >= 0).all()

    moved = probabilities(thresholds[0])
    others = [other for other in range(len(each)) if other != place]
    for attempt, by_attempt in enumerate(attempts or [1.0]):
        for day, hour, factor in [(0, 9, 1.0), (0, 10, at_ten), (5, 9, on_saturday), (5, 10, on_saturday * at_ten)]:
            there = moved[attempt, day * 24 + hour]
            assert there[place] == pytest.approx(min(each[place] * by_attempt * factor, 1), abs=PRECISION)
            rest = (1 - there[place]) / (1 - each[place])
            assert there[others] == pytest.approx([each[other] * rest for other in others], abs=PRECISION)


def test_a_factor_that_more_than_fills_the_share_leaves_nothing_to_the_others() -> None:
    moved = probabilities(model(outcomes=of(0.5, 0.3, 0.2), answering={"attempts": [5]}).thresholds)
    assert (moved == [1, 0, 0]).all()


def test_an_answer_that_never_comes_leaves_all_to_the_others() -> None:
    moved = probabilities(model(outcomes=of(0.5, 0.3, 0.2), answering={"attempts": [0]}).thresholds)
    assert moved[0, 0, 0] == pytest.approx([0, 0.6, 0.4], abs=PRECISION)


def test_a_last_outcome_of_share_nought_never_comes() -> None:
    thresholds = model(outcomes=of(0.1, 0.2, 0.7, 0)).thresholds
    assert thresholds[0, 0, 0, 2] == CERTAIN


@given(st.lists(st.integers(0, 5), min_size=3, max_size=3), st.floats(0, 1), st.none() | st.floats(0, 1))
def test_a_segment_has_its_own_shares_and_the_rest_as_before(
    weights: list[int], answered: float, busy: float | None
) -> None:
    assume(answered + (busy or 0) <= 1)
    base = [(weight + 1) / (sum(weights) + 3) for weight in weights]
    own = {"answered": {"share": answered}} | ({} if busy is None else {"noAnswer": {"share": busy}})
    thresholds = model(outcomes=of(*base), segments=[{"name": "odd", "share": 0.1, "outcomes": own}]).thresholds

    ordinary, odd = probabilities(thresholds[:, 0, 0])
    assert ordinary == pytest.approx(base, abs=PRECISION)
    assert odd[0] == pytest.approx(answered, abs=PRECISION)
    if busy is None:
        assert odd[1] * base[2] == pytest.approx(odd[2] * base[1], abs=PRECISION)
    else:
        assert odd[2] == pytest.approx(busy, abs=PRECISION)
        assert odd[1] == pytest.approx(1 - answered - busy, abs=PRECISION)


@given(st.permutations(NAMES), st.permutations(["noAnswer", "busy", "answered"]))
def test_the_order_in_which_outcomes_are_named_does_not_count(names: list[str], own: list[str]) -> None:
    whole, parts = of(0.1, 0.2, 0.3, 0.4), {name: {"share": 0.1} for name in own}
    segments = [{"name": "odd", "share": 0.1, "outcomes": parts}]
    straight = model(outcomes=whole, segments=[{**segments[0], "outcomes": dict(sorted(parts.items()))}])
    shuffled = model(outcomes={name: whole[name] for name in names}, segments=segments)
    assert shuffled.names == straight.names == tuple(NAMES)
    columns: Any = zip(straight, shuffled, strict=True)
    assert all(np.array_equal(one, other) for one, other in columns)


def test_who_answered_still_answers_when_the_share_of_answered_is_raised() -> None:
    def answered(share: float) -> set[str]:
        outcomes = {
            "busy": {"share": (1 - share) / 2, "seconds": 10},
            "answered": {"share": share, "seconds": 10},
            "noAnswer": {"share": (1 - share) / 2, "seconds": 10},
        }
        parts = document(outcomes=outcomes, numbers=[{"generate": {"count": 500}}])
        numbers = simulate(Scenario.from_document(parts)).numbers
        return set(numbers.filter(numbers["reached_at"].is_not_null())["phone"])

    assert answered(0.3) < answered(0.4) < answered(0.8)


def test_a_segment_may_talk_longer() -> None:
    segments = [{"name": "talkers", "share": 0.1, "outcomes": {"answered": {"seconds": {"constant": 600}}}}]
    seconds = model(segments=segments).seconds
    assert seconds[:, :, 0].tolist() == [[60, 30], [600, 30]]


def test_segments_by_payload_draw_nobody_and_those_by_share_add_up() -> None:
    segments = [
        {"name": "a", "share": 0.25},
        {"name": "b", "payload": {"tier": 1}},
        {"name": "c", "share": 0.5},
    ]
    thresholds = model(segments=segments).segment_thresholds
    assert thresholds.tolist() == [CERTAIN // 4, CERTAIN // 4, CERTAIN * 3 // 4]


def test_shares_that_nearly_sum_to_one_are_taken_for_it() -> None:
    assert probabilities(model(outcomes=of(0.3333333, 0.3333333, 0.3333333)).thresholds)[0, 0, 0] == pytest.approx(
        [1 / 3] * 3, abs=PRECISION
    )


def test_redials_are_counted_outcome_by_outcome() -> None:
    outcomes = of(0.5, 0.3, 0.2)
    outcomes["answered"]["redials"] = [{"share": 0.25, "startAfterMinutes": 5}, {"share": 0.5, "startAfterMinutes": 6}]
    outcomes["noAnswer"]["redials"] = [{"share": 1, "startAfterMinutes": 7}]
    compiled = model(outcomes=outcomes)
    assert [redial.start_after_minutes for redial in compiled.redials] == [5, 6, 7]
    assert compiled.first_redial.tolist() == [0, 2, 2]
    assert (compiled.redial_thresholds / CERTAIN).tolist() == [[0.25, 0.75], [0, 0], [1, 1]]


def test_calls_come_to_their_outcomes_as_often_as_their_shares_say() -> None:
    count = 20_000
    scenario = Scenario.from_document(
        document(
            campaign={"lines": 1000},
            numbers=[{"generate": {"count": count}}],
            outcomes=of(0.2, 0.3, 0.1, 0.4),
            segments=[{"name": "dead", "share": 0.25, "outcomes": {"answered": {"share": 0}}}],
        )
    )
    numbers = simulate(scenario).numbers
    dead = (numbers["segment"] == "dead").to_numpy()
    outcomes = numbers["last_outcome"].to_numpy()
    found = [dead.mean(), (outcomes[~dead] == "answered").mean(), (outcomes[dead] == "noAnswer").mean()]
    assert found == pytest.approx([0.25, 0.2, 0.125], abs=0.015)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10-12", [10, 11]),
        ("9", [9]),
        ("09-10", [9]),
        ("0-24", list(range(24))),
        ("22-2", [22, 23, 0, 1]),
        ("23-24", [23]),
        ("24-1", []),
        ("10-10", []),
        ("10-25", []),
        ("10 - 12", []),
        ("10:00-12:00", []),
        ("-1", []),
        ("", []),
        ("\u0661\u0660", []),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, hours: list[int]) -> None:
    assert hour_range(text) == hours


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"outcomes": of(0.5, 0.4)}, "outcomes: found shares that sum to 0.9; allowed: shares that sum to 1"),
        ({"outcomes": of(0.5, 0.6)}, "outcomes: found shares that sum to 1.1"),
        ({"outcomes": {}}, "outcomes: found {}"),
        ({"outcomes": of(1.5, -0.5)}, "outcomes.answered.share: found 1.5"),
        (
            {"outcomes": {"busy": {"share": 1, "seconds": 5}}, "answering": {"attempts": [2]}},
            "no outcome named answered",
        ),
        ({"outcomes": {"busy": {"share": 1}}}, "outcomes.busy.seconds: found nothing"),
        ({"outcomes": {"busy": {"share": 1, "seconds": 5, "retry": "yes"}}}, "outcomes.busy.retry: found"),
        (
            {"outcomes": {"busy": {"share": 1, "seconds": 5, "retryIntervalInMinutes": 0}}},
            "outcomes.busy.retryIntervalInMinutes: found 0; allowed: an integer from 1 to 525,600",
        ),
        (
            {"outcomes": {"busy": {"share": 1, "seconds": 5, "retryIntervalInMinutes": 525_601}}},
            "outcomes.busy.retryIntervalInMinutes: found 525601; allowed: an integer from 1 to 525,600",
        ),
        ({"outcomes": of(1), "answering": {"attempts": [1, 0.5]}}, "answered with share 1"),
        ({"answering": {"localHours": {"10-12": 1, "11": 2}}}, "answering.localHours.11: found hours that 10-12 holds"),
        ({"answering": {"localHours": {"noon": 1}}}, 'answering.localHours.noon: found "noon"'),
        ({"answering": {"weekdays": {"saturday": 1}}}, "answering.weekdays.saturday: found an unknown day"),
        ({"answering": {"attempts": [-1]}}, "answering.attempts[0]: found -1"),
        ({"answering": {"attempts": [float("inf")]}}, "answering.attempts[0]: found Infinity"),
        ({"segments": [{"name": "a"}]}, "segments[0]: found both or neither of share and payload"),
        ({"segments": [{"name": "a", "share": 0.1, "payload": {"x": 1}}]}, "segments[0]: found both or neither"),
        ({"segments": [{"name": "a", "payload": {}}]}, "segments[0].payload: found {}"),
        (
            {"segments": [{"name": "a", "share": 0.6}, {"name": "b", "share": 0.6}]},
            "segments: found shares that sum to 1.2; allowed: at most 1",
        ),
        (
            {"segments": [{"name": "a", "share": 0.1}, {"name": "a", "share": 0.1}]},
            'segments[1].name: found "a"; allowed: a name that no other segment has',
        ),
        (
            {"segments": [{"name": "a", "share": 0.1, "outcomes": {"answred": {"share": 0}}}]},
            "segments[0].outcomes.answred: found an unknown outcome; allowed: answered, noAnswer",
        ),
        (
            {
                "segments": [
                    {"name": "a", "share": 0.1, "outcomes": {"answered": {"share": 0.7}, "noAnswer": {"share": 0.7}}}
                ]
            },
            "segments[0].outcomes: found shares that sum to 1.4",
        ),
        (
            {
                "segments": [
                    {"name": "a", "share": 0.1, "outcomes": {"answered": {"share": 0}, "noAnswer": {"share": 0.7}}}
                ]
            },
            "segments[0].outcomes: found shares that sum to 0.7; allowed: shares that sum to 1",
        ),
    ],
)
def test_models_that_are_none_are_refused(parts: dict[str, Any], fault: str) -> None:
    assert fault in faults(**parts)


def redialling(*redials: dict[str, Any]) -> dict[str, Any]:
    return {"answered": {"share": 1, "seconds": 60, "redials": list(redials)}}


@pytest.mark.parametrize(
    ("redials", "fault"),
    [
        ([{"share": 0.5}], "outcomes.answered.redials[0]: found a redial without a start"),
        ([{"startAfterMinutes": 5}], "outcomes.answered.redials[0].share: found nothing"),
        (
            [{"share": 0.5, "startAfterMinutes": 5, "startDateTime": "2026-03-02T00:00:00Z"}],
            "redials[0].startAfterMinutes: found startDateTime as well; allowed: one start",
        ),
        ([{"share": 0.5, "startAfterMinutes": -5}], "redials[0].startAfterMinutes: found -5"),
        (
            [{"share": 0.5, "startAfterMinutes": 525_601}],
            "redials[0].startAfterMinutes: found 525601; allowed: an integer from 0 to 525,600",
        ),
        (
            [{"share": 0.5, "startAfterMinutes": 5, "retryIntervalInMinutes": 525_601}],
            "redials[0].retryIntervalInMinutes: found 525601",
        ),
        ([{"share": 0.5, "startAfterMinutes": 5, "maxAttempts": -1}], "redials[0].maxAttempts: found -1"),
        ([{"share": 0.6, "startAfterMinutes": 5}, {"share": 0.6, "startAfterMinutes": 9}], "shares that sum to 1.2"),
        ([{"share": 0.5, "startAfterMinutes": 5, "phone": "1"}], "redials[0].phone: found an unknown field"),
        (
            [{"share": 0.5, "startDateTime": "2026-03-02T01:00:00Z", "finishDateTime": "2026-03-02T01:00:00Z"}],
            "redials[0].finishDateTime: found 2026-03-02T01:00:00Z",
        ),
    ],
)
def test_redials_that_are_none_are_refused(redials: list[dict[str, Any]], fault: str) -> None:
    assert fault in faults(outcomes=redialling(*redials))


def test_a_redial_of_more_calls_than_five_or_fifty_is_taken() -> None:
    outcomes = redialling({"share": 1, "startAfterMinutes": 1, "maxAttempts": 1000})
    result = simulate(Scenario.from_document(document(outcomes=outcomes)), calls=True)
    assert result.calls["attempt"].to_list() == list(range(1, len(result.calls) + 1))


def test_a_redial_may_have_hours_for_its_only_start() -> None:
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    outcomes = redialling({"share": 1, "allowedTime": hours})
    numbers = simulate(
        Scenario.from_document(document(outcomes=outcomes, campaign={"lines": 1, "maxTotalAttempts": 2}))
    ).numbers
    assert numbers["last_call"].dt.to_string("%H:%M:%S").to_list() == ["10:00:00"]
