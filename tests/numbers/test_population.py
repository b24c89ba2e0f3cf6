"""Made-up lists: the mix that was asked for, the same each time."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from engine import Scenario, ScenarioError
from engine.numbers.phonebook import Phonebook

COUNT = 20_000


def phonebook(*parts: dict[str, Any], seed: int = 0) -> Phonebook:
    return Scenario.from_document(
        {
            "start": "2026-03-02T00:00:00Z",
            "finish": "2026-03-03T00:00:00Z",
            "seed": seed,
            "campaign": {"lines": 1},
            "numbers": list(parts),
            "outcomes": {"busy": {"share": 1, "seconds": 1}},
        }
    ).phonebook


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


def test_fields_without_a_mix_hold_for_all() -> None:
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    book = phonebook(made_up(10, allowedTime=hours, allowedDays=["mon"], startDateTime="2026-03-02T05:00:00Z"))
    (policy,) = book.distinct
    assert policy.week == ((36_000, 39_600),)
    assert policy.starts == 1_772_427_600


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
    ],
)
def test_mixes_that_are_none_are_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        phonebook({"generate": {"count": 10, **fields}})
    assert fault in str(refused.value)
