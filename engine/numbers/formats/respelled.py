"""Respelled numbers: JSON texts of numbers with digits in place of the phones that people of a country wrote."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from engine.numbers.intake import Intake, Number
from engine.numbers.phonebook import phone_form
from engine.reading.faults import Fault, Path, shown
from engine.reading.json_values import NotJsonError, any_json_value
from engine.reading.notes import Note

Cut = Callable[[msgspec.Raw | bytes], Any]
"""Cuts a number into the texts of its fields; DecodeError if it cannot."""

LARGEST = 10**18
"""No integer from here on is a phone."""


class Respelled(NamedTuple):
    """Numbers whose phones were read as people of a country write them."""

    digits: Sequence[str | None]
    """[number]: the digits of its phone, country code first; None if it has no phone of the country."""
    texts: Sequence[bytes]
    """[number]: its text with these digits for its phone; empty where it is to be read as it was written."""
    extensions: int
    """How many phones had an extension, which was dropped."""
    doubled: int
    """How many got the country's code once more, as `Spelled` has it."""


def respelled(raws: Sequence[msgspec.Raw | bytes], cut: Cut, name: str, country: str) -> Respelled:
    """The numbers of these texts, with digits for the phones that people of a country wrote. O(length of the texts).

    `name` is that of the field of the phone.
    """
    import polars as pl

    from engine.numbers.places.spelled_phones import spelled_phones

    texts = [bytes(raw) for raw in raws]
    phones = [_phone(text, cut) for text in texts]
    values = [_written(text, phone, name) for text, phone in zip(texts, phones, strict=True)]
    spelled, extensions, doubled = spelled_phones(pl.Series("phone", values, pl.String), country)
    digits = spelled.to_list()
    field = re.compile(b'"%b"[ \\t\\n\\r]*:[ \\t\\n\\r]*' % re.escape(name.encode()))
    columns = zip(texts, phones, digits, strict=True)
    with_digits = [_with_digits(text, phone, own, cut, field) for text, phone, own in columns]
    return Respelled(digits, with_digits, extensions, doubled)


def number_of_country(
    number: object, path: Path, file: str | None, *, digits: str | None, country: str, intake: Intake
) -> Number | tuple[Fault, ...]:
    """A number given as plain values, whose phone has these digits for people in a country; or all its faults."""
    written = number.get("phone") if isinstance(number, dict) else None
    if isinstance(number, dict) and digits is not None:
        return intake.number({**number, "phone": f"+{digits}"}, path, file)
    read = intake.number(number, path, file)
    if written is None:
        return read
    others = () if isinstance(read, Number) else (fault for fault in read if fault.path != (*path, "phone"))
    return (Fault((*path, "phone"), shown(written), phone_form(written, country), file), *others)


def spelling_notes(extensions: int, doubled: int) -> tuple[Note, ...]:
    """What is said of extensions that were dropped, and of phones that got the country's code once more."""
    if not (extensions or doubled):
        return ()
    from engine.numbers.places.spelled_phones import MOST_JUDGED

    most = "at least " if doubled >= MOST_JUDGED else ""
    dropped = f"extensions of phones that are dropped: {extensions:,}"
    twice = (
        f"phones that begin with the country's code and got it once more; if it is theirs, write + before it: {most}"
    )
    return (
        *((Note("extensions", dropped, extensions),) if extensions else ()),
        *((Note("country_code_twice", f"{twice}{doubled:,}", doubled),) if doubled else ()),
    )


def _phone(text: bytes, cut: Cut) -> bytes:
    """The text of a number's phone; empty if it has none, or cannot be cut."""
    try:
        return bytes(cut(text).phone)
    except (msgspec.DecodeError, RecursionError):
        return b""


def _written(text: bytes, phone: bytes, name: str) -> str | None:
    """The phone of a number as somebody wrote it; None if that is neither text nor a whole number."""
    try:
        if phone:
            value = msgspec.json.decode(phone)
        else:
            number = any_json_value(text)
            value = number.get(name) if isinstance(number, dict) else None
    except (msgspec.DecodeError, NotJsonError, RecursionError):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < LARGEST else None
    return value if isinstance(value, str) else None


def _with_digits(text: bytes, phone: bytes, digits: str | None, cut: Cut, field: re.Pattern[bytes]) -> bytes:
    found = field.search(text) if phone and digits is not None else None
    if found is None or digits is None or not text.startswith(phone, found.end()):  # its name is spelt with escapes
        return b""
    spelled = b'"+%b"' % digits.encode()
    with_digits = text[: found.end()] + spelled + text[found.end() + len(phone) :]
    # else it may be a field of the payload, which has the same name and comes first
    alone = field.search(text, found.end()) is None and b"\\" not in text
    return with_digits if alone or _phone(with_digits, cut) == spelled else b""
