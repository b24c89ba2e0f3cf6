"""Payloads: the JSON objects that come with numbers, compared as values."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Any, NoReturn

import msgspec

from engine.customers.outcomes import Segment
from engine.reading.document import NotJsonError

NO_PAYLOAD = 0
"""The id of no payload, of `null` and of `{}`."""
MOST_DEPTH = 500
"""Objects and arrays of a number may lie this deep in one another."""
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def json_text_value(text: str, mapping: Callable[[list[tuple[str, Any]]], Any] = dict) -> Any:
    """The plain value of any JSON text, slowly; NotJsonError if it is none.

    It also reads what msgspec does not: halves of surrogate pairs, and numbers out of range, which become the
    largest. `mapping` makes an object of its keys and values.
    """
    try:
        return json.loads(
            text, object_pairs_hook=mapping, parse_int=_integer, parse_float=_finite, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        raise NotJsonError(f"text that is not JSON ({error.msg})", error.lineno) from None


def _finite(text: str) -> float:
    return min(max(float(text), -sys.float_info.max), sys.float_info.max)


def _integer(text: str) -> float:
    try:
        return int(text)
    except ValueError:  # thousands of digits
        return _finite(text)


def _refuse(word: str) -> NoReturn:
    raise NotJsonError(f"{word}, which is no JSON number")


def nested_too_deep(text: bytes, around: int = 0) -> bool:
    """Whether objects and arrays of a JSON text, in so many others, lie more than MOST_DEPTH deep in one another."""
    if text.count(b"[") + text.count(b"{") + around <= MOST_DEPTH:
        return False
    brackets = _STRING.sub(b"", text).translate(None, _NO_BRACKET)
    return max(accumulate((1 if bracket in b"[{" else -1 for bracket in brackets), initial=0)) + around > MOST_DEPTH


def payload_value(text: bytes | msgspec.Raw | str) -> Any:
    """The plain value of a payload's JSON text, in which the last of equal keys counts; NotJsonError if it is none."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json_text_value(text if isinstance(text, str) else bytes(text).decode())


def canonical_json(value: object) -> bytes:
    """Text that is equal for equal JSON values: key order and number formats do not count; `1` and `"1"` differ."""
    try:
        return msgspec.json.encode(_decode(msgspec.json.encode(value)), order="sorted")
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        plain = json.loads(json.dumps(value), parse_float=_canonical_float)
        return json.dumps(plain, sort_keys=True).encode()


def _canonical_float(text: str) -> int | float:
    number = _finite(text)
    return int(number) if number.is_integer() else number


_decode = msgspec.json.Decoder(float_hook=_canonical_float).decode


def payload_id(payload: Mapping[str, Any] | None) -> int:
    """A 63-bit hash of a payload's value, by which payloads are compared; NO_PAYLOAD if there is nothing in it."""
    return _hashed(canonical_json(payload)) if payload else NO_PAYLOAD


def text_id(text: bytes | msgspec.Raw) -> int:
    """`payload_id` of a payload that is JSON text, in which a key that stands twice counts as it stands last."""
    if not len(text):
        return NO_PAYLOAD
    try:
        value = _decode(text)
    except msgspec.DecodeError:
        return payload_id(payload_value(text))
    return _hashed(msgspec.json.encode(value, order="sorted")) if value else NO_PAYLOAD


def _hashed(canonical: bytes) -> int:
    return int.from_bytes(blake2b(canonical, digest_size=8).digest(), "little") >> 1


class PayloadSegments:
    """Which of a scenario's segments a payload chooses."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._wanted = [
            (place + 1, {name: canonical_json(value) for name, value in segment.payload.items()})
            for place, segment in enumerate(segments)
            if segment.payload
        ]

    def __bool__(self) -> bool:
        return bool(self._wanted)

    @property
    def fields(self) -> set[str]:
        """The fields of payloads that a segment looks at."""
        return {name for _, wanted in self._wanted for name in wanted}

    def of(self, payload: Mapping[str, Any] | None) -> int:
        """1 + the place of the first segment whose fields the payload has with equal values, or 0."""
        for place, wanted in self._wanted:
            has = payload or {}
            if all(name in has and canonical_json(has[name]) == text for name, text in wanted.items()):
                return place
        return 0
