"""`python -m benchmarks.audit`: a call log with 40 planted breaches, audited by `dialer audit` against two rule sets.

Every call but the planted ones keeps `us-fl` and `us-reg-f`: each number is called every eight days between 8:00 and
20:00 of its clock. Of each kind there are ten breaches: a call at night, a fourth call in 24 hours, a call in the days
after a conversation, an eighth call in seven days.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray

ZONE = "America/New_York"
EACH, APART = 5, 8
"""Calls of a number, and the days between two of them."""
OF_EACH_KIND = 10
DAY = 86_400
FIRST_DAY = 20_494
"""2026-02-10, some weeks before clocks are put forward."""
RULES = ("us-fl", "us-reg-f")


class PlantedLog(NamedTuple):
    """A log, and what must be found in it."""

    calls: pl.DataFrame
    """`phone`, `start` (UTC), `seconds` and `outcome`."""
    planted: set[tuple[str, str, str]]
    """The rule set, the phone and the start of each breach."""


def planted_log(calls: int, seed: int = 1) -> PlantedLog:
    """A log of about so many calls, in any order."""
    luck = np.random.default_rng(seed)
    count = calls // EACH
    phones = 13_052_000_000 + luck.choice(10 * count, count, replace=False)
    number = np.repeat(np.arange(count), EACH)
    day = FIRST_DAY + luck.integers(0, APART, count)[number] + APART * np.tile(np.arange(EACH), count)
    clock = luck.integers(8 * 3600, 20 * 3600, len(number))
    outcome = luck.choice(["answered", "busy", "noAnswer"], len(number), p=[0.3, 0.2, 0.5])
    chosen = luck.choice(count, (4, OF_EACH_KIND), replace=False)
    rows: list[tuple[int, int, int]] = []
    planted: list[tuple[str, int, int, int]] = []
    for each in chosen[0]:
        call = int(each) * EACH + 2
        clock[call] = int(luck.integers(20 * 3600, 24 * 3600))
        planted.append(("us-fl", int(each), int(day[call]), int(clock[call])))
    for each in chosen[1:].ravel():
        outcome[int(each) * EACH : (int(each) + 1) * EACH] = "busy"
    for each in chosen[1]:
        call = int(each) * EACH + 2
        clock[call] = 9 * 3600
        rows += [(int(each), int(day[call]), hour * 3600) for hour in (11, 15, 19)]
        planted.append(("us-fl", int(each), int(day[call]), 19 * 3600))
    for each in chosen[2]:
        call = int(each) * EACH + 2
        outcome[call] = "answered"
        later = int(luck.integers(1, 7))
        rows.append((int(each), int(day[call]) + later, 12 * 3600))
        planted.append(("us-reg-f", int(each), int(day[call]) + later, 12 * 3600))
    for each in chosen[3]:
        call = int(each) * EACH + 2
        clock[call] = 10 * 3600
        rows += [(int(each), int(day[call]) + later, 10 * 3600) for later in range(1, 7)]
        rows.append((int(each), int(day[call]) + 6, 18 * 3600))
        planted.append(("us-reg-f", int(each), int(day[call]) + 6, 18 * 3600))
    extra = np.array(rows, np.int64).T
    local = np.concatenate((day * DAY + clock, extra[1] * DAY + extra[2]))
    whose = np.concatenate((number, extra[0]))
    frame = pl.DataFrame(
        {
            "phone": phones[whose].astype(str),
            "start": _utc(local),
            "seconds": luck.integers(1, 300, len(local)),
            "outcome": np.concatenate((outcome, np.full(extra.shape[1], "busy"))),
        }
    )
    told = {
        (rules, str(phones[whose]), text)
        for (rules, whose, *_), text in zip(
            planted, _utc(np.array([day * DAY + clock for *_, day, clock in planted])), strict=True
        )
    }
    return PlantedLog(frame.sample(fraction=1, shuffle=True, seed=seed), told)


def _utc(local: NDArray[np.int64]) -> pl.Series:
    """The instants at which clocks show these times, as text."""
    clock = (pl.Series(local, dtype=pl.Int64) * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone(ZONE)
    return clock.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def main(
    calls: Annotated[int, typer.Option(help="Calls of the log.")] = 1_000_000,
) -> None:
    """Audit a log with 40 planted breaches, and tell what that took."""
    log = planted_log(calls)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log.csv"
        log.calls.write_csv(file)
        command = [sys.executable, "-m", "engine", "audit", str(file), "--zone", ZONE, "--json"]
        command += [part for name in RULES for part in ("--rules", name)]
        began = datetime.now(ZoneInfo("UTC"))
        before = os.times()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        after = os.times()
        seconds = (datetime.now(ZoneInfo("UTC")) - began).total_seconds()
    if done.returncode != 1:
        raise SystemExit(done.stderr)
    found = {(row["rules"], row["phone"], row["start"]) for row in json.loads(done.stdout)["findings"]}
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"{len(log.calls):,} calls, {len(log.planted)} planted breaches, {file.name} against {', '.join(RULES)}")
    print(f"found {len(found & log.planted)} of them and {len(found - log.planted)} others")
    print(f"{spent:.2f} s of processor time, {seconds:.2f} s by the clock; the command reads the log and loads itself")


if __name__ == "__main__":
    typer.run(main)
