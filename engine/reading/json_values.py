"""JSON text read into plain values, with the line of each of them.

There are three readings, from strict to tolerant. In a file that people write, a key given twice is an error
(`json_value`). A number of a list is read so outside its payload (`json_value_around`). A payload is any JSON: the last
of equal keys counts, and numbers out of range become the largest (`any_json_value`).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple, NoReturn

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.reading.faults import Path, shown

MOST_DEPTH = 500
"""How deep objects and arrays of a number may be nested."""
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
COUNTED_AT_ONCE = 1 << 20
"""Bytes that are looked at together where items are counted."""
_QUOTE, _BACKSLASH = ord('"'), ord("\\")
_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_ARRAY_OPENS = re.compile(r"[ \t\n\r]*\[[ \t\n\r]*")
_ITEM_ENDS = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")
_COMMA_TOO_MANY = re.compile(r",[ \t\n\r]*([]}])")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},\n]|[^][{},:"\s]+')

_USUAL = {b"'": "a single quote; JSON has double ones", **dict.fromkeys((b"NaN", b"Inf", b"-Inf"), "no JSON number")}
"""What is wrong with text that begins so where JSON ends."""

Pairs = list[tuple[str, Any]]


class NotJsonError(ValueError):
    """Text that is not JSON; `line` says where, counted from 1, if it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def json_value(text: str) -> Any:
    """The plain value of JSON text; NotJsonError also for a repeated key in one object, NaN and Infinity.

    Raises RecursionError for values that are nested too deep.
    """

    def unique(pairs: Pairs) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            raise _twice(_repeated(pairs))
        return mapping

    try:
        return _loads(text, unique)
    except NotJsonError:
        raise
    except ValueError:
        raise NotJsonError("an integer of thousands of digits") from None


def any_json_value(text: bytes | msgspec.Raw | str) -> Any:
    """The plain value of any JSON text, in which the last of equal keys counts; NotJsonError if it is not JSON.

    Halves of surrogate pairs are read, and numbers out of range become the largest.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _any_value(text if isinstance(text, str) else bytes(text).decode())


def json_value_around(text: str, free: str) -> Any:
    """The plain value of JSON text; NotJsonError also for a repeated key outside the field `free`.

    `free` names a field of the outermost object. Its value is read as `any_json_value` reads it.
    """
    repeated: list[tuple[dict[str, Any], str]] = []

    def mapping(pairs: Pairs) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            repeated.append((made, _repeated(pairs)))
        return made

    value = _any_value(text, mapping)
    if repeated and isinstance(value, dict):
        outside = [id(value), *map(id, _inside([each for name, each in value.items() if name != free]))]
        for made, key in repeated:
            if id(made) in outside:
                raise _twice(key)
    return value


def _any_value(text: str, mapping: Callable[[Pairs], dict[str, Any]] = dict) -> Any:
    return _loads(text, mapping, _integer, finite)


def _loads(
    text: str,
    mapping: Callable[[Pairs], dict[str, Any]],
    integer: Callable[[str], float] | None = None,
    number: Callable[[str], float] | None = None,
) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=mapping, parse_int=integer, parse_float=number, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        reason, place = error.msg.removesuffix(" at"), error.pos
        # Python 3.13 points at a comma too many, older ones at the bracket after it
        before = text[: place + 1].rstrip("]} \t\n\r")
        if found := _COMMA_TOO_MANY.match(text, max(len(before) - 1, 0)):
            reason, place = f"trailing comma in {'array' if found[1] == ']' else 'object'}", found.start()
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise NotJsonError(f"text that is not JSON ({reason}) at column {column:,}", line) from None


def finite(text: str) -> float:
    """The number of a JSON text; the largest if it is out of range."""
    return min(max(float(text), -sys.float_info.max), sys.float_info.max)


def _integer(text: str) -> float:
    try:
        return int(text)
    except ValueError:  # thousands of digits
        return finite(text)


def _refuse(word: str) -> NoReturn:
    raise NotJsonError(f"{word}, which is not a JSON number")


def _twice(key: str) -> NotJsonError:
    return NotJsonError(f"the key {shown(key)} twice in one object")


def _repeated(pairs: Pairs) -> str:
    """The first key that occurs a second time."""
    seen: set[str] = set()
    return next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _inside(value: object) -> Iterator[object]:
    """A value and all values within it."""
    left = [value]
    while left:
        item = left.pop()
        yield item
        left += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()


def nested_too_deep(text: bytes, around: int = 0) -> bool:
    """Whether objects and arrays of a JSON text, itself nested `around` deep, are nested more than MOST_DEPTH deep."""
    if text.count(b"[") + text.count(b"{") + around <= MOST_DEPTH:
        return False
    brackets = _STRING.sub(b"", text).translate(None, _NO_BRACKET)
    return max(accumulate((1 if bracket in b"[{" else -1 for bracket in brackets), initial=0)) + around > MOST_DEPTH


def values_nested_too_deep(value: object) -> bool:
    """Whether mappings and lists of plain values are nested more than MOST_DEPTH deep."""
    level: dict[int, Any] = {0: [value]}
    for _ in range(MOST_DEPTH + 1):
        # by identity: what stands in many places is looked at once
        inner = (each.values() if isinstance(each, dict) else each for each in level.values())
        level = {id(item): item for items in inner for item in items if isinstance(item, dict | list | tuple)}
        if not level:
            return False
    return True


def count_of_items(data: bytes) -> int:
    """How many items the array of a JSON text has, as far as its brackets are in place; it takes little memory."""
    text = np.frombuffer(data, np.uint8)
    inside, escaped, depth, items = False, False, 0, 1
    for first in range(0, len(text), COUNTED_AT_ONCE):
        block = text[first : first + COUNTED_AT_ONCE]
        quotes = block == _QUOTE
        if escaped or (block == _BACKSLASH).any():
            after = _escaped(block, escaped=escaped)
            quotes &= ~after[:-1]
            escaped = bool(after[-1])
        within = np.logical_xor.accumulate(quotes) ^ inside
        inside = bool(within[-1])
        opens, closes = (block == ord("[")) | (block == ord("{")), (block == ord("]")) | (block == ord("}"))
        depths = depth + np.cumsum((opens & ~within).astype(np.int32) - (closes & ~within), dtype=np.int32)
        items += int(((block == ord(",")) & ~within & (depths == 1)).sum())
        depth = int(depths[-1])
    return items


def _escaped(block: NDArray[np.uint8], *, escaped: bool) -> NDArray[np.bool_]:
    """Whether each character, and the one after the block, stands behind an odd number of backslashes.

    `escaped` says so of the first one.
    """
    is_other = block != _BACKSLASH
    places = np.arange(1, len(block) + 1, dtype=np.int32)
    last_other = np.maximum.accumulate(np.where(is_other, places, 0))
    runs = places - last_other + np.where(last_other == 0, int(escaped), 0)
    if escaped and len(block) and is_other[0]:
        runs[0] = 0
    return np.concatenate(([escaped], runs % 2 == 1))


def array_items(data: bytes) -> list[msgspec.Raw] | list[bytes]:
    """The texts of an array's items.

    Raises NotJsonError if the text is not JSON, msgspec's ValidationError if it is not an array, and RecursionError for
    values that are nested too deep.
    """
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        items = _items_with_halves(data)
        if not items:
            raise _not_json(error, data) from None
        return items


def _items_with_halves(data: bytes) -> list[bytes]:
    """The items, read slowly, if they hold halves of surrogate pairs, which msgspec does not read; else none."""
    if not _HALF_OF_A_PAIR.search(data):
        return []
    text = data.decode()
    opens, items = _ARRAY_OPENS.match(text), []
    at = opens.end() if opens else 0
    while at < len(text):
        try:
            _, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        items.append(text[at:end].encode())
        ends = _ITEM_ENDS.match(text, end)
        if not ends or (ends[1] == "]") != (ends.end() == len(text)):
            return []
        at = ends.end()
    return items


def _not_json(error: msgspec.DecodeError, data: bytes) -> NotJsonError:
    message, _, byte = str(error).partition(" (byte ")
    at = int(byte.rstrip(")")) if byte else len(data)
    reason = next((why for begin, why in _USUAL.items() if data.startswith(begin, at)), None)
    reason = reason or message.removeprefix("JSON is malformed: ").lower()
    column = at - data.rfind(b"\n", 0, at)
    within = f", in item [{count_of_items(data[:at]) - 1}]" if data.lstrip().startswith(b"[") else ""
    return NotJsonError(f"text that is not JSON ({reason}) at column {column:,}{within}", data.count(b"\n", 0, at) + 1)


class Lines(NamedTuple):
    """The line of a value, or of its key, counted from 1; and the lines of the values within it."""

    line: int
    within: "dict[str | int, Lines]"

    def of(self, path: Path) -> int:
        """The line of the value at `path`, or of the innermost value around it that exists."""
        found = self
        for step in path:
            if step not in found.within:
                break
            found = found.within[step]
        return found.line


def lines_of(text: str) -> Lines:
    """The lines of all values of a JSON text; of equal keys the line of the last."""
    line, lines = 1, Lines(0, {})
    # `key` is the position in an array; in an object, the key that was read and whose value was not read yet.
    around: list[tuple[Lines, str | int | None]] = []
    key: str | int | None = 0
    key_line = 1
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first == "\n":
            line += 1
        elif first == ",":
            key = key + 1 if isinstance(key, int) else None
        elif first in "]}":
            lines, key = around.pop()
        elif key is None:
            key, key_line = json.loads(token[0]), line
        else:
            value = Lines(line if isinstance(key, int) else key_line, {})
            lines.within[key] = value
            if first in "[{":
                around.append((lines, key))
                lines, key = value, 0 if first == "[" else None
    return lines.within[0]
