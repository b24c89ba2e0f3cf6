"""What the library `phonenumbers` says of one phone, asked plainly."""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, is_valid_number
from phonenumbers.timezone import time_zones_for_number


def number_of(digits: str) -> PhoneNumber | None:
    """The phone as it stands: a country code, and all digits behind it as the national number."""
    for length in (1, 2, 3):
        code, national = digits[:length], digits[length:]
        if not code.startswith("0") and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            zeros = len(national[:-1]) - len(national[:-1].lstrip("0"))
            return PhoneNumber(int(code), int(national), italian_leading_zero=zeros > 0, number_of_leading_zeros=zeros)
    return None


def zones_by_phone(digits: str) -> tuple[str, ...]:
    """The zones of a phone, sorted; none if it is not valid or has no place."""
    number = number_of(digits)
    zones = () if number is None or not is_valid_number(number) else time_zones_for_number(number)
    return () if zones == ("Etc/Unknown",) else tuple(sorted(zones))
