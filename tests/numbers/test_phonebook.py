"""Phones: digits and their codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers.phonebook import phone_code, phone_text


@given(st.from_regex(r"[0-9]{5,15}", fullmatch=True))
def test_a_phone_is_its_digits(digits: str) -> None:
    code = phone_code(digits)
    assert code is not None
    assert code == phone_code("+" + digits)
    assert phone_text(code) == digits
    if not digits.startswith("0"):
        assert phone_code(int(digits)) == code


def test_leading_zeros_make_another_phone() -> None:
    assert len({phone_code(phone) for phone in ("12345", "012345", "0012345")}) == 3


@pytest.mark.parametrize(
    "value",
    [
        *("1234", "1234567890123456", 1234, 10**15, 0, -16505550000),
        *(
            "",
            "+",
            "++16505550000",
            "1 650 555 0000",
            "1-650-555-0000",
            "(650)5550000",
            " 16505550000",
            "16505550000\n",
        ),
        *("\u0661\u0662\u0663\u0664\u0665", "\uff11\uff12\uff13\uff14\uff15", "1e10", "0x12345", "tel:16505550000"),
        *(None, True, 16505550000.5, ["16505550000"], {"phone": 1}),
    ],
)
def test_what_is_no_phone_is_refused(value: object) -> None:
    assert phone_code(value) is None


def test_an_integer_of_thousands_of_digits_is_refused() -> None:
    assert phone_code(10**5000) is None
