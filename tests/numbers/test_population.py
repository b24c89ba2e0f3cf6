"""Made-up lists: the mix that was asked for, the same each time."""

from typing import Any

import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from phonenumbers.timezone import time_zones_for_number
from scipy import stats

from engine import Scenario, ScenarioError
from engine.numbers.phonebook import Phonebook

COUNT = 20_000


def scenario(*parts: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "seed": seed,
        "campaign": {"lines": 1},
        "numbers": list(parts),
        "outcomes": {"busy": {"share": 1, "seconds": 1}},
    }


def phonebook(*parts: dict[str, Any], seed: int = 0) -> Phonebook:
    return Scenario.from_document(scenario(*parts, seed=seed)).phonebook


def made_up(count: int = COUNT, **fields: Any) -> dict[str, Any]:
    return {"generate": {"count": count, **fields}}


def column(book: Phonebook, field: str) -> NDArray[np.object_]:
    return np.array([getattr(policy, field) for policy in book.distinct], object)[book.policies]


PRIORITIES = {"1": 5, "3": 25, "5": 70}
ZONES = {"America/New_York": 47, "America/Chicago": 29, "Z": 24, "Europe/London": 0}


def test_each_value_comes_as_often_as_its_weight_says() -> None:
    book = phonebook(made_up(dialerPriority=PRIORITIES, gmtZone=ZONES))
    for field, weights in (("dialer_priority", PRIORITIES), ("gmt_zone", ZONES)):
        counts = [(column(book, field).astype(str) == value).sum() for value, weight in weights.items() if weight]
        shares = [weight / sum(weights.values()) for weight in weights.values() if weight]
        assert stats.chisquare(counts, np.array(shares) * COUNT).pvalue > 1e-3
    assert not (column(book, "gmt_zone") == "Europe/London").any()


def test_values_of_different_fields_say_nothing_about_one_another() -> None:
    book = phonebook(made_up(dialerPriority=PRIORITIES, gmtZone=ZONES, maxAttempts={"2": 1, "3": 1}))
    priorities, zones, attempts = (column(book, name) for name in ("dialer_priority", "gmt_zone", "max_attempts"))
    for one, other in ((priorities, zones), (priorities, attempts), (zones, attempts)):
        table = [[((one == a) & (other == b)).sum() for b in set(other.tolist())] for a in set(one.tolist())]
        assert stats.chi2_contingency(table).pvalue > 1e-3


def same(one: Phonebook, other: Phonebook) -> bool:
    return np.array_equal(one.policies, other.policies) and np.array_equal(one.identities, other.identities)


def test_a_list_is_the_same_each_time_whatever_the_seed_of_luck() -> None:
    part = made_up(1000, dialerPriority=PRIORITIES)
    assert same(phonebook(part), phonebook(part, seed=9))


def test_another_seed_of_the_list_makes_another_list() -> None:
    part = made_up(1000, dialerPriority=PRIORITIES)
    assert not same(phonebook(part), phonebook(made_up(1000, dialerPriority=PRIORITIES, seed=2**63 - 1)))


def test_no_two_numbers_of_any_parts_have_the_same_phone() -> None:
    book = phonebook(made_up(1000), {"addPhones": [{"phone": "16505550000"}]}, made_up(500), made_up(1))
    assert len(set(book.phone_codes.tolist())) == len(book) == 1502
    assert book.duplicates == 0


def test_a_longer_list_begins_with_the_shorter() -> None:
    longer, shorter = phonebook(made_up(200, maxAttempts=2)), phonebook(made_up(100, maxAttempts=2))
    assert longer.identities[:100].tolist() == shorter.identities.tolist()


def test_a_combination_that_no_number_draws_is_no_policy_of_the_list() -> None:
    mixes: dict[str, Any] = {
        "dialerPriority": {str(each): 1 for each in range(1, 6)},
        "gmtZone": {"UTC+1": 1, "UTC+2": 1, "UTC+3": 0},
    }
    few, many = phonebook(made_up(4, **mixes)), phonebook(made_up(**mixes))
    assert set(few.policies) == set(range(len(few.distinct)))
    assert len(many.distinct) == 10
    assert [few.distinct[each] for each in few.policies] == [many.distinct[each] for each in many.policies[:4]]


def test_fields_without_a_mix_hold_for_all() -> None:
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    book = phonebook(made_up(10, allowedTime=hours, allowedDays=["mon"], startDateTime="2026-03-02T05:00:00Z"))
    (policy,) = book.distinct
    assert policy.week == ((36_000, 39_600),)
    assert policy.starts == 1_772_427_600


MORNING, EVENING = (
    {"default": [{"localTimeFrom": opens, "localTimeTo": closes}]}
    for opens, closes in (("09:00", "12:00"), ("16:00", "20:00"))
)


def weighted(*values: tuple[Any, float]) -> list[dict[str, Any]]:
    return [{"value": value, "weight": weight} for value, weight in values]


@pytest.mark.parametrize(
    ("field", "mix", "column_name", "share"),
    [
        ("allowedTime", weighted((MORNING, 1), (EVENING, 3)), "allowed_time", 0.25),
        ("allowedDays", weighted((["mon"], 1), (["tue", "wed"], 4)), "allowed_days", 0.2),
        ("startDateTime", {"2026-03-02T05:00:00Z": 1, "2026-03-02T06:00:00Z": 1}, "start_date_time", 0.5),
        ("finishDateTime", weighted(("2026-03-02T05:00:00Z", 3), (None, 1)), "finish_date_time", 0.75),
        ("maxAttempts", weighted((3, 1), (2, 1)), "max_attempts", 0.5),
        ("gmtZone", weighted(("+05:30", 1), ("Europe/London", 9)), "gmt_zone", 0.1),
    ],
)
def test_every_field_can_be_a_list_of_weighted_values(field: str, mix: Any, column_name: str, share: float) -> None:
    book = phonebook(made_up(**{field: mix}))
    values = [getattr(policy, column_name) for policy in book.distinct]
    assert len(values) == 2
    counts = np.bincount(book.policies, minlength=2)
    assert stats.binomtest(int(counts[0]), COUNT, share).pvalue > 1e-3


def test_a_mix_draws_the_same_however_it_is_written() -> None:
    listed = phonebook(made_up(1000, dialerPriority=weighted((1, 5), (3, 25), (5, 70))))
    assert same(listed, phonebook(made_up(1000, dialerPriority=PRIORITIES)))


def test_what_a_list_says_besides_does_not_move_what_its_older_mixes_draw() -> None:
    before = phonebook(made_up(1000, dialerPriority=PRIORITIES, gmtZone=ZONES))
    more = {"allowedTime": weighted((MORNING, 1), (EVENING, 1)), "payload": {"plan": {"gold": 1, "silver": 1}}}
    after = phonebook(made_up(1000, dialerPriority=PRIORITIES, gmtZone=ZONES, phones={"Europe/Berlin": 1}, **more))
    for field in ("dialer_priority", "gmt_zone"):
        assert column(after, field).tolist() == column(before, field).tolist()


def zone_by_phone(code: int) -> tuple[str, ...]:
    number = phonenumbers.parse(f"+{str(code)[1:]}")
    assert phonenumbers.is_valid_number(number)
    return time_zones_for_number(number)


def test_phones_lie_in_the_zone_of_each_number() -> None:
    book = phonebook(made_up(300, phones="gmtZone", gmtZone={"America/Chicago": 1, "Europe/Berlin": 2}))
    assert [zone_by_phone(code) for code in book.phone_codes.tolist()] == [(zone,) for zone in column(book, "gmt_zone")]


def test_phones_come_from_the_zones_of_a_mix_as_often_as_its_weights_say() -> None:
    zones = {"America/New_York": 3, "Asia/Tokyo": 1}
    found = [zone_by_phone(code) for code in phonebook(made_up(2000, phones=zones)).phone_codes.tolist()]
    assert set(found) == {("America/New_York",), ("Asia/Tokyo",)}
    assert stats.binomtest(found.count(("Asia/Tokyo",)), 2000, 0.25).pvalue > 1e-3


@given(
    st.lists(
        st.tuples(
            st.integers(1, 400),
            st.sampled_from(
                [
                    None,
                    "America/Denver",
                    {"Asia/Kolkata": 1, "Asia/Calcutta": 1},
                    {"America/Denver": 1, "Asia/Tokyo": 2},
                ]
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(deadline=None, max_examples=30)
def test_no_phone_is_made_up_twice_whatever_parts_ask_for(parts: list[tuple[int, Any]]) -> None:
    book = phonebook(*(made_up(count, **({"phones": phones} if phones else {})) for count, phones in parts))
    assert len(set(book.phone_codes.tolist())) == len(book) == sum(count for count, _ in parts)


def test_phones_of_zones_keep_clear_of_those_that_count_up() -> None:
    first = made_up(12_100_000)  # these reach 1201…, which are phones of New Jersey
    book = phonebook(first, made_up(200_000, phones="America/New_York"))
    counted_up, of_the_zone = book.phone_codes[:12_100_000], book.phone_codes[12_100_000:]
    assert int(counted_up[-1]) < int(of_the_zone.min())


def test_payloads_are_drawn_and_choose_segments() -> None:
    document = scenario(made_up(payload={"plan": {"gold": 1, "silver": 3}, "region": "north"}))
    segments = [
        {"name": "gold", "payload": {"plan": "gold", "region": "north"}},
        {"name": "south", "payload": {"region": "south"}},
        {"name": "north", "payload": {"region": "north"}},
    ]
    counts = np.bincount(Scenario.from_document({**document, "segments": segments}).phonebook.segments)
    assert counts[[0, 2]].tolist() == [0, 0]
    assert stats.binomtest(int(counts[1]), COUNT, 0.25).pvalue > 1e-3


def test_one_payload_for_all_chooses_the_segment_of_all() -> None:
    document = scenario(made_up(10, payload={"tags": ["a", "b"]}))
    tagged = [{"name": "tagged", "payload": {"tags": ["a", "b"]}}]
    assert Scenario.from_document({**document, "segments": tagged}).phonebook.segments.tolist() == [1] * 10


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"count": 0}, "generate.count: found 0; allowed: an integer from 1 to 1,000,000,000"),
        ({"count": 1.5}, "generate.count: found 1.5"),
        ({"dialerPriority": {"1": -1}}, "generate.dialerPriority.1: found -1; allowed: a weight of at least 0"),
        ({"dialerPriority": {"1": "5"}}, 'generate.dialerPriority.1: found "5"'),
        ({"dialerPriority": {"1": float("nan")}}, "generate.dialerPriority.1: found NaN"),
        ({"dialerPriority": {"1": 0}}, "allowed: weights that sum to more than 0"),
        ({"dialerPriority": {}}, "allowed: weights that sum to more than 0"),
        ({"gmtZone": {"America/Nowhere": 1}}, 'generate.gmtZone: found "America/Nowhere"'),
        ({"maxAttempts": {"51": 1}}, "generate.maxAttempts: found 51"),
        ({"allowedDays": ["monday"]}, "generate.allowedDays[0]: found"),
        ({"phone": "12345"}, "generate.phone: found an unknown field"),
        (
            {"startDateTime": "2026-03-02T05:00:00Z", "finishDateTime": "2026-03-02T05:00:00Z"},
            "numbers[0].generate.finishDateTime: found 2026-03-02T05:00:00Z",
        ),
        (
            {
                "startDateTime": {"2026-03-02T05:00:00Z": 1, "2026-03-02T07:00:00Z": 1},
                "finishDateTime": weighted(("2026-03-02T08:00:00Z", 1), ("2026-03-02T06:00:00Z", 1)),
            },
            "numbers[0].generate.finishDateTime[1].value: found 2026-03-02T06:00:00Z; allowed: an instant after",
        ),
        (
            {"allowedTime": weighted((MORNING, 1), ({"mon": [{"localTimeFrom": "9:00", "localTimeTo": "10:00"}]}, 1))},
            'generate.allowedTime[1].value.mon[0].localTimeFrom: found "9:00"',
        ),
        ({"allowedDays": [{"value": ["mon"], "weight": -1}]}, "generate.allowedDays[0].weight: found -1"),
        ({"allowedDays": [{"value": ["mon"]}]}, "generate.allowedDays[0].weight: found nothing"),
        ({"allowedDays": weighted((["mon"], 0))}, "allowed: weights that sum to more than 0"),
        ({"phones": "gmtZone"}, "generate.phones: found gmtZone, but the numbers have none"),
        (
            {"phones": "gmtZone", "gmtZone": {"Asia/Tokyo": 1, "Z": 1}},
            'generate.gmtZone: found "Z", to which no phone belongs alone; allowed: a zone to which phones belong',
        ),
        ({"phones": {"Antarctica/Troll": 1}}, 'generate.phones: found "Antarctica/Troll", to which no phone'),
        ({"phones": 5}, "generate.phones: found 5, to which no phone"),
        (
            {"count": 3_000, "phones": {"Pacific/Fakaofo": 1}},
            "generate.phones: found 3,000 phones in Pacific/Fakaofo; allowed: at most 2,600",
        ),
        ({"payload": "gold"}, "generate.payload: found"),
        ({"payload": {"plan": {"gold": "many"}}}, 'generate.payload.plan.gold: found "many"; allowed: a weight'),
        (
            {"payload": {str(each): {"a": 1, "b": 1} for each in range(17)}},
            "generate: found 131,072 payloads as combinations of values; allowed: at most 100,000",
        ),
    ],
)
def test_mixes_that_cannot_be_used_are_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        phonebook({"generate": {"count": 10, **fields}})
    assert fault in str(refused.value)
