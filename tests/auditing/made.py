"""Calls for tests of the audit, made from calls as a person would note them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from engine.auditing.calls import Calls, in_zones
from tests.auditing.plain import PlainCall


def columns_of(calls: Sequence[PlainCall]) -> Calls:
    """The calls as columns."""
    phones = sorted({call.phone for call in calls})
    outcomes = tuple(sorted({call.outcome for call in calls if call.outcome}))
    zones = tuple(sorted({"&".join(sorted(call.zones)) for call in calls}))
    debts = sorted({call.debt for call in calls if call.debt is not None})
    start = np.array([call.start for call in calls], np.int64)
    zone = np.array([zones.index("&".join(sorted(call.zones))) for call in calls], np.int32)
    return Calls(
        phones=pl.Series(phones, dtype=pl.String),
        number=np.array([phones.index(call.phone) for call in calls], np.int64),
        start=start,
        local=in_zones(start, zones, zone),
        outcomes=outcomes,
        outcome=np.array([outcomes.index(call.outcome) if call.outcome else -1 for call in calls], np.int64),
        zones=zones,
        zone=zone,
        shared={"debt": np.array([-1 if call.debt is None else debts.index(call.debt) for call in calls], np.int64)},
        redial=np.array([call.redial for call in calls], np.bool_),
    )
