"""Needs: what a log has to say for what is to be done with it."""

from typing import Literal, NamedTuple


class Needs(NamedTuple):
    """What a log has to say."""

    fields: tuple[str, ...]
    """The columns that it has to have, by the names of their fields."""
    fewest_calls: int
    purpose: str
    """What so many calls are needed for."""
    other_fields: tuple[str, ...] = ()
    """Fields that are read if there are such columns; one with a point at its end stands for all that begin so."""
    outcomes: Literal["known", "any"] = "known"
    """Whether each word for an outcome has to be known; else one that is not known is an outcome by itself."""


FOR_A_FIT = Needs(fields=("outcome", "seconds"), fewest_calls=100, purpose="to fit a model to")
FOR_AN_AUDIT = Needs(
    fields=("phone", "start"),
    fewest_calls=1,
    purpose="to audit",
    other_fields=("redial", "payload."),
    outcomes="any",
)
