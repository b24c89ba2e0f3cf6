"""Durations: how long calls last, as a table of quantiles in whole seconds."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.reading.faults import Fault, shown

LONGEST_CALL = 86_400
"""The most seconds that a call lasts, a day; the fewest are 1 (rules 6)."""
TABLE_BITS = 12
TABLE_SIZE = 1 << TABLE_BITS

Seconds = Annotated[float, Meta(ge=0, le=LONGEST_CALL, description="a number of seconds from 0 to 86,400")]
PositiveSeconds = Annotated[
    float, Meta(gt=0, le=LONGEST_CALL, description="a number of seconds above 0, at most 86,400")
]


class Lognormal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lognormal distribution: half of the calls are shorter than `median`; the logarithm deviates by `sigma`."""

    median: PositiveSeconds
    sigma: Annotated[float, Meta(ge=0, le=5, description="a number from 0 to 5")]


class Durations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long calls last, in seconds, by exactly one of these distributions."""

    constant: Seconds | None = None
    exponential: Annotated[PositiveSeconds, Meta(description="the mean in seconds, above 0, at most 86,400")] | None = (
        None
    )
    lognormal: Lognormal | None = None
    quantiles: (
        Annotated[
            dict[str, Seconds],
            Meta(min_length=2, description="a mapping of shares, 0 and 1 among them, to seconds"),
        ]
        | None
    ) = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one distribution, or quantiles that go down or do not reach from 0 to 1."""
        given = [name for name, value in fields.items() if value is not None]
        if len(given) > 1 or (not given and len(fields) == len(cls.__struct_fields__)):
            yield Fault((), " and ".join(given) or "nothing", "one of " + ", ".join(cls.__struct_fields__))
        if fields.get("quantiles"):
            yield from _quantile_faults(fields["quantiles"])


def _quantile_faults(quantiles: Mapping[str, float]) -> Iterable[Fault]:
    points = {}
    for key, value in quantiles.items():
        share = _share(key)
        if share is None:
            yield Fault(("quantiles", key), shown(key), "a share from 0 to 1")
        elif share in points:
            yield Fault(("quantiles", key), f"{share:g} twice", "each share once")
        else:
            points[share] = (value, key)
    ordered = [(share, *points[share]) for share in sorted(points)]
    if ordered and (ordered[0][0] != 0 or ordered[-1][0] != 1):
        yield Fault(("quantiles",), f"shares from {ordered[0][0]:g} to {ordered[-1][0]:g}", "shares from 0 to 1")
    for (_, before, _), (_, after, key) in pairwise(ordered):
        if after < before:
            yield Fault(("quantiles", key), f"{after:g} after {before:g}", "quantiles that never go down")


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def quantile_table(durations: float | Durations) -> NDArray[np.uint32]:
    """The quantiles of a duration in the middle of TABLE_SIZE equal shares, ascending: uint32, 1 second to a day.

    They are rounded to whole seconds, halves up (rules 7).
    """
    shares = (np.arange(TABLE_SIZE) + 0.5) / TABLE_SIZE
    if not isinstance(durations, Durations):
        seconds = np.full(TABLE_SIZE, durations)
    elif durations.constant is not None:
        seconds = np.full(TABLE_SIZE, durations.constant)
    elif durations.quantiles is not None:
        points = sorted((float(share), value) for share, value in durations.quantiles.items())
        seconds = np.interp(shares, [share for share, _ in points], [value for _, value in points])
    else:
        from scipy import special  # loaded only here: most scenarios do not need it

        if durations.lognormal is not None:
            seconds = durations.lognormal.median * np.exp(durations.lognormal.sigma * special.ndtri(shares))
        else:
            seconds = (durations.exponential or 0) * -special.log1p(-shares)
    return np.asarray(np.clip(np.floor(seconds + 0.5), 1, LONGEST_CALL), np.uint32)
