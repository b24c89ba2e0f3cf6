"""Faults in what a user gave: where each is, what was found there, what is allowed."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Self

import msgspec

from engine.reading.names import visible

NAMELESS = ("an unknown field", "nothing")
"""What is found where a field is unknown or missing, so that no value is wrong."""
LONGEST_SHOWN = 60
"""So many characters of a value are shown."""
Path = tuple[str | int, ...]
"""The path to a value in a document: keys of mappings and positions in arrays, outermost first."""


class Fault(msgspec.Struct, frozen=True, order=True):
    """One fault: where it is (file, line, path), what was found and what is allowed there."""

    path: Path
    found: str
    allowed: str
    file: str | None = None
    line: int | None = None
    column: str | None = None
    """The title of its column, in a table that calls the field otherwise."""

    def under(self, *prefix: str | int) -> Self:
        """The same fault with `prefix` before its path, as the document around it sees it."""
        return msgspec.structs.replace(self, path=(*prefix, *self.path))

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where += f":{self.line}"
        path = path_text(self.path)
        if self.column is not None:
            path += f" (column {shown(self.column)})"
        parts = [part for part in (where, path) if part]
        return visible(": ".join([*parts, f"found {self.found}; allowed: {self.allowed}"]))


class InputError(ValueError):
    """Input that cannot be used; `faults` lists everything wrong with it, not just the first thing."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    @property
    def each(self) -> tuple[Fault, ...]:
        """Every fault by itself, also where `faults` has one for many that are alike."""
        return self.faults

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


def path_text(path: Path) -> str:
    """A path as people write it: `numbers[0].generate.count`, `[17].allowedTime`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if len(step) <= LONGEST_SHOWN and step.isprintable() else shown(step)
            text += f".{name}" if text else name
    return text


def by_kind(faults: Iterable[Fault]) -> dict[str, int]:
    """How many faults have the same path (positions left out) and the same remedy; the most frequent first."""
    kinds: Counter[tuple[Path, str]] = Counter()
    for fault in faults:
        what = fault.found if fault.found in NAMELESS else f"allowed: {fault.allowed}"
        kinds[tuple(step for step in fault.path if isinstance(step, str)), what] += 1
    return {": ".join(part for part in (path_text(path), what) if part): n for (path, what), n in kinds.most_common()}


def shown(value: object) -> str:
    """A value as JSON, cut to a length that fits a message; what cannot be seen is escaped."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or a mapping that contains itself
        return f"a value of type {type(value).__name__}"
    return shortened(text)


def shortened(text: str) -> str:
    r"""A text cut to a length that fits a message; what cannot be seen is escaped as in Python: `\u200b`."""
    pieces = [visible(each) for each in text[: LONGEST_SHOWN + 1]]
    if sum(map(len, pieces)) <= LONGEST_SHOWN:
        return "".join(pieces)
    ends = accumulate(map(len, pieces))
    return "".join(piece for piece, end in zip(pieces, ends, strict=True) if end <= LONGEST_SHOWN - 3) + "…"
