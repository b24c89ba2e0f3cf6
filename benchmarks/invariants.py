"""`python -m benchmarks.invariants [CALLS]`: a long call log with one planted breach of each kind, and what finds it.

A crowd is called from Monday to Friday by the engine, with few lines and a pace. Beside it the list has a few numbers
that start in the week behind. Their calls are written by hand, and one of them breaks one rule each.
"""

import time
from typing import Annotated, Any, NamedTuple

import numpy as np
import polars as pl
import typer

from engine import Scenario, simulate
from engine.calling.instants import DAY, HOUR, MINUTE, unix_seconds
from engine.testing.invariants import INVARIANTS, Played

MONDAY = unix_seconds("2026-03-09T00:00:00Z")
TUESDAY, WEDNESDAY, SATURDAY = MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 5 * DAY
"""Tuesday is a closed date; on Saturday there is one line."""
FIRST_PHONE = 442_000_000_000
MOST_SECONDS = 5.0


class Planted(NamedTuple):
    """A log in which each invariant is broken once."""

    scenario: Scenario
    calls: pl.DataFrame
    phones: dict[str, str]
    """By invariant: the phone of the call, or of the number, that breaks it."""


class _Hand(NamedTuple):
    """Calls that are written by hand to one number, and the number."""

    fields: dict[str, Any]
    calls: list[tuple[int, str]]
    """When, and the outcome."""
    breaks: str | None = None


def document_of(calls: int, hands: list[_Hand]) -> dict[str, Any]:
    """The scenario of a log of about so many calls."""
    pace = max(2.5, round(calls / 150_000, 1))
    special = [{"phone": FIRST_PHONE + place, **hand.fields} for place, hand in enumerate(hands)]
    crowd = {
        "count": calls // 2,
        "gmtZone": {"America/New_York": 5, "Europe/London": 3, "Asia/Kolkata": 2},
        "dialerPriority": {1: 1, 2: 2, 3: 4, 5: 3},
        "finishDateTime": "2026-03-06T23:00:00Z",
        "allowedTime": [{"value": "9-17", "weight": 2}, {"value": "8-12, 14-20", "weight": 1}],
    }
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-16T00:00:00Z",
        "seed": 17,
        "campaign": {
            "shifts": [{"lines": max(10, calls // 2_400), "days": "mon-fri"}, {"lines": 1, "days": "sat"}],
            "callsPerSecond": pace,
            "maxAttempts": 3,
            "retryIntervalInMinutes": 60,
            "closedDates": ["2026-03-10"],
            "caps": [{"atMost": 4, "hours": 24}],
        },
        "numbers": [{"addPhones": special}, {"generate": crowd}],
        "outcomes": {
            "answered": {
                "share": 0.3,
                "seconds": {"quantiles": {"0": 5, "0.5": 60, "1": 300}},
                "redials": [{"share": 0.1, "startAfterMinutes": 120, "maxAttempts": 2}],
            },
            "busy": {"share": 0.3, "seconds": 5, "retry": True, "retryIntervalInMinutes": 20},
            "noAnswer": {"share": 0.35, "seconds": 30, "retry": True},
            "refused": {"share": 0.05, "seconds": 10},
        },
    }


def hands_of(calls: int) -> list[_Hand]:
    """The numbers that are called by hand: each breach on its own, at a time at which nothing else happens."""

    def number(start: int, **fields: Any) -> dict[str, Any]:
        text = np.datetime_as_string(np.datetime64(start, "s")) + "Z"
        hours = {"allowedTime": {"default": [{"localTimeFrom": "09:00", "localTimeTo": "17:00"}]}}
        return {"startDateTime": str(text), **hours, **fields}

    def at(day: int, hour: int, minute: int = 0) -> int:
        return day + hour * HOUR + minute * MINUTE

    pace = max(2.5, round(calls / 150_000, 1))
    burst = int((pace * 1000 + 999) // 1000)
    retry = 60 * MINUTE + 30  # a call of 30 seconds without an answer, then an hour
    finish = at(MONDAY, 12) + retry
    due = at(WEDNESDAY, 9, 5)
    finish_text = str(np.datetime_as_string(np.datetime64(finish, "s"))) + "Z"
    hands = [
        _Hand(number(at(MONDAY, 8)), [(at(MONDAY, 8, 30), "refused")], "windows"),
        _Hand(number(at(MONDAY, 10)), [(at(MONDAY, 9, 50), "refused")], "starts"),
        _Hand(
            number(at(MONDAY, 12), finishDateTime=finish_text),
            [(at(MONDAY, 12), "noAnswer"), (finish, "refused")],
            "finishes",
        ),
        _Hand(number(at(TUESDAY, 10)), [(at(TUESDAY, 10), "refused")], "closed_dates"),
        _Hand(number(at(SATURDAY, 10)), [(at(SATURDAY, 10), "refused")]),
        _Hand(number(at(SATURDAY, 10) + 5), [(at(SATURDAY, 10) + 5, "refused")], "lines"),
        _Hand(number(at(MONDAY, 13), dialerPriority=3), [(at(MONDAY, 13), "refused")], "order"),
        _Hand(number(at(MONDAY, 13), dialerPriority=2), [(at(MONDAY, 13), "refused")]),
        _Hand(
            number(at(MONDAY, 11)), [(at(MONDAY, 11), "noAnswer"), (at(MONDAY, 11) + retry - 1, "refused")], "spacing"
        ),
        _Hand(number(due), [(due + step * retry, "noAnswer") for step in range(4)], "attempts"),
        _Hand(number(at(MONDAY, 10, 10)), [(at(MONDAY, 10, 10), "refused"), (at(MONDAY, 15), "refused")], "series"),
        _Hand(
            number(due + 60, maxAttempts=5), [(due + 60 + step * retry, "noAnswer") for step in range(5)], "caps"
        ),
        _Hand(number(at(MONDAY, 16)), [], "lost"),
    ]  # fmt: skip
    crowd = [_Hand(number(at(MONDAY, 14)), [(at(MONDAY, 14), "refused")]) for _ in range(burst)]
    return [*hands, *crowd, _Hand(number(at(MONDAY, 14)), [(at(MONDAY, 14), "refused")], "pace")]


def planted(calls: int) -> Planted:
    """A log of about so many calls with one breach of each kind."""
    hands = hands_of(calls)
    scenario = Scenario.from_document(document_of(calls, hands))
    played = simulate(scenario, calls=True).calls
    codes = scenario.phonebook.phone_codes
    rows = {str(code)[1:]: row for row, code in enumerate(codes[: len(hands)].tolist())}
    written = []
    phones = {}
    for place, hand in enumerate(hands):
        phone = str(FIRST_PHONE + place)
        if hand.breaks is not None:
            phones[hand.breaks] = phone
        for attempt, (start, outcome) in enumerate(hand.calls, 1):
            seconds = 30 if outcome == "noAnswer" else 10
            written.append((phone, rows[phone], attempt, start, seconds, outcome))
    stranger = "999999999"
    phones["duplicates"] = stranger
    written.append((stranger, -1, 1, MONDAY + 15 * HOUR + 30 * MINUTE, 10, "refused"))
    columns = ["phone", "number", "attempt", "start", "seconds", "outcome"]
    by_hand = pl.DataFrame(written, schema=columns, orient="row").with_columns(
        pl.col("number").cast(pl.Int64),
        pl.col("attempt").cast(played.schema["attempt"]),
        (pl.col("start") * 1_000_000).cast(pl.Datetime("us", "UTC")),
        pl.col("seconds").cast(played.schema["seconds"]),
        redial=pl.lit(value=False),
    )
    kept = played.filter(~pl.col("phone").is_in(list(rows)))
    return Planted(scenario, pl.concat([kept, by_hand]).sort("start", maintain_order=True), phones)


def main(calls: Annotated[int, typer.Argument(help="Calls of the log.")] = 1_000_000) -> None:
    """Check a log with thirteen planted breaches; the status is 1 unless each is found, alone and in time."""
    print(f"{calls:,} calls are asked for; they are made by the engine")
    log = planted(calls)
    warm = planted(2_000)
    for invariant in INVARIANTS:  # compiled code is made, or found on disk
        invariant(Played(warm.calls, warm.scenario))
    began = time.process_time()
    shared = Played(log.calls, log.scenario, same_luck=True)
    prepared = time.process_time() - began
    print(f"{len(log.calls):,} calls to {len(log.scenario.phonebook):,} numbers, read in {prepared:.2f} s")
    print(f"{'invariant':<12} {'found':>6} {'seconds':>8} {'by clock':>9}  planted and nothing else")
    good = True
    for invariant in INVARIANTS:
        clock, began = time.perf_counter(), time.process_time()
        finding = invariant(Played(log.calls, log.scenario, same_luck=True))
        alone, by_clock = time.process_time() - began, time.perf_counter() - clock
        right = [breach.phone for breach in finding.breaches] == [log.phones[finding.invariant]] and finding.count == 1
        good &= right and alone <= MOST_SECONDS
        print(f"{finding.invariant:<12} {finding.count:>6} {alone:>8.2f} {by_clock:>9.2f}  {'yes' if right else 'NO'}")
    began = time.process_time()
    for invariant in INVARIANTS:
        invariant(shared)
    print(f"all together, after reading: {time.process_time() - began:.2f} s")
    print("seconds of processor time, and by the clock, of an invariant alone, with the log made into columns")
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    typer.run(main)
