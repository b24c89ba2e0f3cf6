"""Logged calls: those of a real dialer's log, made ready for an audit."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from engine.auditing.calls import NOT_KNOWN, Calls, codes_of, in_zones, indexed, phones_of
from engine.calling.zones import FROM_PHONE
from engine.logs.call_log import CallLog
from engine.numbers.places.placing import NOT_KNOWN as NOT_PLACED
from engine.numbers.places.placing import Places
from engine.reading.faults import Fault, InputError, shown
from engine.reading.notes import Note

PAYLOAD = "payload."
_YES, _NO = ("1", "yes", "y", "true", "t"), ("0", "no", "n", "false", "f")


def logged_calls(log: CallLog, *, zones_by_phone: bool = False) -> tuple[Calls, list[Note]]:
    """The calls of a log that was read for an audit, and what to know about them.

    With `zones_by_phone`, a call whose zone the log does not say is judged by the clock that its phone tells. Raises
    InputError if the log has a `redial` that is neither yes nor no, or if zones are to be found by phone and the
    instants of calls are not known.
    """
    details = log.details
    assert details is not None  # noqa: S101 (an audit needs them)
    assert log.local_start is not None  # noqa: S101 (as above)
    phones, number = phones_of(details["phone"])
    names, zone = indexed(details["zone"]) if "zone" in details.columns else ((), np.full(len(details), NOT_KNOWN))
    in_utc = bool(details["in_utc"].all())
    calls = Calls(
        phones=phones,
        number=number,
        start=details["start"].to_numpy() if in_utc else log.local_start,  # one clock: caps put all calls in order
        local=log.local_start,
        outcomes=log.names,
        outcome=log.outcome if log.names else None,
        zones=names,
        zone=zone.astype(np.int32),
        in_utc=in_utc,
        shared={
            name.removeprefix(PAYLOAD): indexed(details[name])[1]
            for name in details.columns
            if name.startswith(PAYLOAD)
        },
        redial=_redials(details["redial"], log.file) if "redial" in details.columns else None,
    )
    notes = [Note("call_log", note) for note in log.notes]
    if zones_by_phone:
        if not in_utc:
            allowed = "a log whose starts have an offset; without one they are the customers' own clock already"
            raise InputError([Fault(("--zone",), f"{FROM_PHONE}, and starts without an offset", allowed, log.file)])
        calls = _placed(calls)
        notes += _notes_on_zones(calls)
    elif not in_utc:
        without = int((~details["in_utc"]).sum())
        text = f"starts without an offset and a zone are taken for the customers' own clock: {without:,} of the calls"
        notes.append(Note("no_offset", f"{text}; where clocks change, caps of hours are an hour off", without))
    elif not names:
        text = "no zone is given: calls are judged by the clock that the log shows; --zone gives the customers' own, "
        notes.append(Note("no_zone", f"{text}{FROM_PHONE} finds it by phone", calls.size))
    return calls, notes


def _placed(calls: Calls) -> Calls:
    """The calls with the zones of their phones where they have none."""
    places = Places()
    of_phone = places.of(codes_of(calls.phones))
    names, count = tuple(map(str, places.names)), len(calls.zones)
    assert calls.zone is not None  # noqa: S101 (a log's calls have it)
    by_phone = of_phone[calls.number].astype(np.int32)
    zone = np.where(calls.zone == NOT_KNOWN, np.where(by_phone == NOT_PLACED, NOT_KNOWN, count + by_phone), calls.zone)
    zones = (*calls.zones, *names)
    local = in_zones(calls.start, zones, zone.astype(np.int32))
    return calls._replace(
        zones=zones, zone=zone.astype(np.int32), local=local, clock_known=zone != NOT_KNOWN, zones_guessed=True
    )


def _notes_on_zones(calls: Calls) -> Iterator[Note]:
    yield Note("zone_by_phone", f"zones are guessed from phones: {calls.size:,} of the calls", calls.size)
    assert calls.clock_known is not None  # noqa: S101 (their zones were looked for)
    if unknown := int((~calls.clock_known).sum()):
        text = "calls to phones whose zone is not known are not judged, and counted by caps"
        yield Note("zone_not_known", f"{text}: {unknown:,}", unknown)


def _redials(column: pl.Series, file: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    words = column.fill_null("no").str.to_lowercase()
    yes = words.is_in(_YES)
    odd = ~(yes | words.is_in(_NO))
    if odd.any():
        found = f"{shown(column.filter(odd)[0])}, and {int(odd.sum()):,} such cells in all"
        allowed = "yes or no: whether the customer asked for the call"
        raise InputError([Fault(("redial",), found, allowed, file)])
    return yes.to_numpy()
