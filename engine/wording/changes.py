"""What a variant changes, in words: the path, the base's value and the variant's."""

from collections.abc import Mapping
from typing import Any

from engine.reading.names import visible
from engine.whatif.changes import LONGEST_LIST, Change
from engine.words import counted

LONGEST_VALUE = 120
"""So many characters of a value are shown."""
MOST_CHANGES = 12
"""The most changes of a variant that are told one by one."""


def change_texts(changes: tuple[Change, ...]) -> list[str]:
    """A line for each change: `campaign.lines: 300 → 400`."""
    texts = [f"{visible(each.path)}: {value_text(each.before)} → {value_text(each.after)}" for each in changes]
    more = len(texts) - MOST_CHANGES
    return [*texts[:MOST_CHANGES], counted(more, "change") + " more"] if more > 0 else texts


def value_text(value: Any) -> str:
    """A value of a scenario in few words, without the marks of JSON; `none` where there is none."""
    text = visible(_words(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _words(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list() | tuple() if len(value) > LONGEST_LIST:
            return f"{len(value):,} entries"
        case list() | tuple():
            plain = not any(isinstance(part, Mapping) for part in value)
            return (", " if plain else "; ").join(map(_words, value)) or "none"
        case Mapping():
            return ", ".join(f"{name} {_words(part)}" for name, part in value.items()) or "none"
        case _:
            return str(value)
