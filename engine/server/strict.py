"""Strictness: numbers that this project plays and the platform's own schema refuses."""

from collections.abc import Iterator

from engine.reading.faults import Fault, shown

BOUNDS = {"retryIntervalInMinutes": (1, 2_880), "maxAttempts": (1, 50)}
"""Fields of the call policy with the least and the greatest value that the platform's schema knows."""


def strict_faults(number: object) -> Iterator[Fault]:
    """What the platform's schema refuses in a number that is given as plain values and has no fault here."""
    for field, (least, most) in BOUNDS.items():
        value = number.get(field) if isinstance(number, dict) else None
        if isinstance(value, int) and not least <= value <= most:
            yield Fault((field,), shown(value), f"an integer from {least} to {most:,} (--strict)")
