"""Frames: the text around the values of a number, so that others with the same text around theirs are cut at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from engine.calling.policy import POLICY_FIELDS
from engine.reading.json_values import MOST_DEPTH, nested_too_deep

FIELDS = ("phone", "payload", *(field.name for field in POLICY_FIELDS))
"""The fields of a number, as the API names them."""
_PHONE, _PAYLOAD = range(2)
_DIGITS = rb'("\+?)?(?(1)|(?=[1-9]))([0-9]{5,15})(?(1)")'
"""A phone as JSON text."""
_VALUE = rb"(.*?)"
_checked = msgspec.json.Decoder(msgspec.Raw).decode


class Frame(NamedTuple):
    """The text around the values of a number without fault, in which each name is spelt as usual and is there once."""

    match: Callable[[bytes], re.Match[bytes] | None]
    """Cuts a text with this frame into values. Text that is JSON can be cut in no other way."""
    groups: tuple[int, ...]
    """The groups of the phone's digits, of the payload (0 if there is none), and of the fields of the call policy."""
    places: tuple[int, ...]
    """The places of these fields in POLICY_FIELDS."""

    def cut(self, text: bytes) -> tuple[bytes, ...] | None:
        """The texts of the values of a number in the order of `groups`, if it has this frame.

        None, too, if its phone or its payload has a fault. The number is JSON if the texts of its policy are.
        """
        found = self.match(text)
        if found is None:
            return None
        texts = found.group(*self.groups)
        return texts if not self.groups[1] or _is_payload(texts[1]) else None


def _is_payload(text: bytes) -> bool:
    try:
        _checked(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return may_be_payload(text)


def may_be_payload(text: bytes) -> bool:
    """Whether JSON text is null or an object, nested no deeper than is read."""
    return text[:1] in (b"n", b"{") and (len(text) <= 2 * MOST_DEPTH or not nested_too_deep(text, 1))


def frame_of(text: bytes, names: Mapping[str, str], values: Sequence[bytes]) -> Frame | None:
    """The frame of a number without fault, whose fields have these names, and these values in the order of FIELDS."""
    found = sorted((value_at(text, names[FIELDS[field]], value), field) for field, value in enumerate(values) if value)
    if not found or found[0][0] < 0:
        return None
    pieces, at = [], 0
    for begins, field in found:
        pieces.append(text[at:begins])
        at = begins + len(values[field])
    pieces.append(text[at:])
    fields = [field for _, field in found]
    usual = b"{" + b",".join(b'"%b":' % names[FIELDS[field]].encode() for field in fields) + b"}"
    return _frame(pieces, fields) if b"".join(b"".join(pieces).split()) == usual and _PHONE in fields else None


def _frame(pieces: Sequence[bytes], fields: Sequence[int]) -> Frame:
    """Each value but the last ends where the text behind it first comes, for good: so no text takes long."""
    before, groups, group = fields.index(_PHONE), {}, 0
    pattern = re.escape(pieces[0])
    for place, field in enumerate(fields):
        value = _DIGITS if field == _PHONE else _VALUE
        group += 2 if field == _PHONE else 1
        groups[field] = group
        value = value.replace(b"(1)", b"(%d)" % (before + 1))
        end = re.escape(pieces[place + 1])
        pattern += (b"(?>%b%b)" if place + 1 < len(fields) else b"%b%b") % (value, end)
    policy = [field for field in fields if field > _PAYLOAD]
    return Frame(
        match=re.compile(pattern, re.DOTALL).fullmatch,
        groups=(groups[_PHONE], groups.get(_PAYLOAD, 0), *(groups[field] for field in policy)),
        places=tuple(field - 2 for field in policy),
    )


def value_at(text: bytes, name: str, value: bytes) -> int:
    """Where this value of the first field of this name begins; -1 if the name is spelt otherwise, with escapes."""
    field = re.search(b'"%s"[ \\t\\n\\r]*:[ \\t\\n\\r]*' % re.escape(name.encode()), text)
    return field.end() if field and text.startswith(value, field.end()) else -1


class Shape(NamedTuple):
    """The text around the phone and the payload of a number, and the policy that was read from it."""

    opens: bytes
    between: bytes
    closes: bytes
    payload_first: bool
    policy: int
    changed_priority: int


def alike(shapes: Sequence[Shape], text: bytes, phone: bytes, payload: bytes) -> Shape | None:
    """The shape among these that a number's text has, if any."""
    for shape in shapes:
        inner = payload + shape.between + phone if shape.payload_first else phone + shape.between + payload
        if shape.opens + inner + shape.closes == text:
            return shape
    return None


def shape_of(
    text: bytes, names: Mapping[str, str], phone: bytes, payload: bytes, policy: int, changed_priority: int
) -> Shape | None:
    """The shape of a number with this phone and this payload, empty if it has none; None if a name has escapes."""
    at = value_at(text, names["payload"], payload) if payload else 0
    rest = text[:at] + text[at + len(payload) :]
    phone_at = value_at(rest, names["phone"], phone)
    if at < 0 or phone_at < 0:
        return None
    if payload_first := bool(payload) and at <= phone_at:
        opens, between, closes = rest[:at], rest[at:phone_at], rest[phone_at + len(phone) :]
    else:
        end = phone_at + len(phone)
        opens, between, closes = rest[:phone_at], rest[end:at] if payload else b"", rest[at if payload else end :]
    return Shape(opens, between, closes, payload_first, policy, changed_priority)
