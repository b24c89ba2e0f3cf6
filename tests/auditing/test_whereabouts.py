"""Where phones are, by the geography of numbering plans."""

import numpy as np
import pytest

from engine.auditing.whereabouts import whereabouts


def region(phone: str) -> str:
    found = whereabouts(np.array([int(f"1{phone}")]))
    return found.names[int(found.of_phone[0])]


@pytest.mark.parametrize(
    ("phone", "where"),
    [
        ("13055550123", "US-FL"),
        ("14055550123", "US-OK"),
        ("12065550123", "US-WA"),
        ("12125550123", "US-NY"),
        ("12025550123", "US-DC"),
        ("14165550123", "CA"),
        ("18095550123", "DO"),
        ("18005551234", "US"),
        ("442071838750", "GB"),
        ("33142278186", "FR"),
        ("74955550123", "RU"),
        ("77015550123", "KZ"),
        ("99999", ""),
    ],
)
def test_a_phone_is_in_its_country_and_in_its_state_of_the_us(phone: str, where: str) -> None:
    assert region(phone) == where


def test_a_state_is_within_its_country() -> None:
    found = whereabouts(np.array([113055550123, 114165550123, 112125550123]))

    assert found.within(["US"]).tolist() == [True, False, True]
    assert found.within(["US-FL"]).tolist() == [True, False, False]
    assert found.within(["CA", "US-NY"]).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("elsewhere", "phone", "where"),
    [
        ("61891641234", "61891101234", "AU"),
        ("390669812345", "390664512345", "IT"),
        ("441481725112", "441488712345", "GB"),
    ],
)
def test_a_phone_is_where_it_is_whoever_else_is_on_the_list(elsewhere: str, phone: str, where: str) -> None:
    """Christmas Island, the Vatican and Guernsey have some of the numbers of a town of a larger country."""
    found = whereabouts(np.array([int(f"1{each}") for each in (elsewhere, phone)]))

    assert [found.names[place] for place in found.of_phone.tolist()] == [region(elsewhere), where]
    assert region(elsewhere) != where


def test_no_phones_are_nowhere() -> None:
    assert len(whereabouts(np.zeros(0, np.int64)).within(["US"])) == 0
