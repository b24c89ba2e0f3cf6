"""A note on what a user gave: no fault, but something that they should know."""

import msgspec


class Note(msgspec.Struct, frozen=True):
    """What was changed, left out or guessed in the input, or what it says that people rarely mean; one line."""

    kind: str
    """What it is about, such as `duplicates`: notes of one kind differ in their counts alone."""
    text: str
    """The line, with what to write instead where that is known."""
    count: int | None = None
    """How many numbers it is about (fields, where the text says so); None if it is about none in particular."""

    def __str__(self) -> str:
        return self.text
