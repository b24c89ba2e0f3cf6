"""What the numbers of a list waited for, in words."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.calling.instants import DAY, HOUR, in_zone
from engine.calling.zones import parse_zone
from engine.dialing.record import QUARTER
from engine.dialing.waits import FOR_LINE
from engine.results.result import Result
from engine.wording.reasons import wait_text
from engine.words import listed, percent

MOST_NAMED = 3
MOST_STRETCHES = 4
"""More stretches of a week than that are counted, and not named."""
WEEKDAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def waits_sentences(result: Result) -> tuple[str, ...]:
    """On what the time went, and when lines were the limit; none if that was not counted."""
    waits = {name: share for name, share in (result.figures.waits or {}).items() if share}
    if not waits:
        return ()
    most = sorted(waits, key=lambda name: -waits[name])[:MOST_NAMED]
    parts = [f"{percent(waits[name])} {wait_text(name)}" for name in most]
    return f"Of the time that a number is on the list it spends {listed(parts)}.", _limit_of_lines(result)


def _limit_of_lines(result: Result) -> str:
    """In which quarter-hours with lines numbers waited for one, and when in the week all of these lie."""
    waits, rulebook = result.record.waits, result.rulebook
    assert waits is not None  # noqa: S101 (`waits_sentences` has looked)
    first = rulebook.start // QUARTER
    edges = np.clip((first + np.arange(len(waits) + 1)) * QUARTER, rulebook.start, rulebook.finish)
    on_shift = rulebook.line_seconds(edges[:-1], edges[1:]) > 0
    waited = waits[:, FOR_LINE].sum(axis=1) > 0
    if not waited.any():
        return "Lines were never the limit: no number waited for one."
    counts = f"Numbers waited for a line in {int(waited.sum()):,} of {int(on_shift.sum()):,} quarter-hours with lines"
    zone = parse_zone(result.document.campaign.zone_name)
    local = [in_zone(instant, zone) for instant in edges[:-1][waited].tolist()]
    hours = {each.weekday() * 24 + each.hour for each in local}
    stretches = list(_stretches(hours))
    if len(stretches) > MOST_STRETCHES:
        return f"{counts}."
    return f"{counts}, all of them on {', on '.join(map(str, stretches))}."


class _Stretch(NamedTuple):
    """Hours of some weekdays that follow each other, such as Mondays to Fridays from 10:00 to 12:00."""

    first_day: int
    last_day: int
    start: int
    end: int

    def __str__(self) -> str:
        days = WEEKDAY_NAMES[self.first_day]
        if self.last_day > self.first_day:
            days += f" to {WEEKDAY_NAMES[self.last_day]}"
        return f"{days} from {self.start:02}:00 to {self.end:02}:00"


def _stretches(hours: set[int]) -> Iterator[_Stretch]:
    """The stretches of some hours of the week, counted from Monday; days in a row with the same hours are together."""
    a_day = DAY // HOUR
    by_day = [[hour for hour in range(a_day) if day * a_day + hour in hours] for day in range(7)]
    first = 0
    for day in range(1, 8):
        if day == 7 or by_day[day] != by_day[first]:
            own = by_day[first]
            starts = [hour for hour in own if hour - 1 not in own]
            ends = [hour + 1 for hour in own if hour + 1 not in own]
            yield from (_Stretch(first, day - 1, start, end) for start, end in zip(starts, ends, strict=True))
            first = day
