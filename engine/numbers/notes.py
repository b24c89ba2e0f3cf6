"""Notes on a list: what its numbers say that people rarely mean."""

from collections.abc import Iterable, Iterator

import numpy as np

from engine.calling.closed_dates import ClosedDates, Holidays, years_without
from engine.calling.hours import ends_a_minute_early
from engine.calling.instants import DAY
from engine.calling.policy import CallPolicy
from engine.calling.zones import changing_zone_there
from engine.numbers.phonebook import Phonebook
from engine.reading.notes import Note

ENDS_EARLY = (
    "hours that end at 23:59 close the last minute of the day (midnight is 24:00 in tables and short forms, "
    "00:00 in bodies of the API)"
)


def list_notes(book: Phonebook, above: CallPolicy | None = None, span: tuple[int, int] | None = None) -> Iterator[Note]:
    """Notes on numbers whose fields come from the policy `above` where they are left out. O(numbers).

    `span` is the simulated time, in Unix seconds: a zone that never changes is told of where clocks change within it,
    and without it wherever they ever do.
    """
    undated = book.distinct.undated
    hours = (above.allowed_time if own.allowed_time is None and above else own.allowed_time for own in undated)
    if count := count_of(book, (each is not None and ends_a_minute_early(each) for each in hours)):
        yield Note("ends_early", f"{ENDS_EARLY}: {count:,} of the numbers", count)
    zones = [above.zone_name if own.gmt_zone is None and above else own.zone_name for own in undated]
    for name in sorted(set(zones)):
        near = changing_zone_there(name, span)
        if near is not None and (count := count_of(book, (zone == name for zone in zones))):
            yield Note("fixed_zone", f"{_fixed_zone(name, near)}: {count:,} of the numbers", count)


def policy_notes(policy: CallPolicy, span: tuple[int, int]) -> Iterator[Note]:
    """The same notes on a policy alone, in a span of Unix seconds."""
    if policy.allowed_time is not None and ends_a_minute_early(policy.allowed_time):
        yield Note("ends_early", ENDS_EARLY)
    if near := changing_zone_there(policy.zone_name, span):
        yield Note("fixed_zone", _fixed_zone(policy.zone_name, near))


def holiday_notes(dates: ClosedDates, span: tuple[int, int]) -> Iterator[Note]:
    """Notes on holidays that are not known in a span of Unix seconds."""
    for each in dict.fromkeys(each for each in dates if isinstance(each, Holidays)):
        years = years_without(each, span[0] // DAY, (span[1] - 1) // DAY)
        if years:
            place = each.holidays if each.subdivision is None else f"{each.holidays}-{each.subdivision}"
            when = f"{years[0]}" if len(years) == 1 else f"{len(years):,} years from {years[0]} to {years[-1]}"
            text = f"no holidays of {place} are known in {when} (name closed dates of these years one by one)"
            yield Note("no_holidays", text)


def _fixed_zone(name: str, near: str) -> str:
    return f"gmtZone {name} never changes, clocks of people there do ({near}, perhaps)"


def count_of(book: Phonebook, holds: Iterable[bool]) -> int:
    """How many numbers have one of the policies of which this holds; a value for each of `undated`."""
    of_undated = np.fromiter(holds, np.bool_, len(book.distinct.undated))
    return int(of_undated[book.distinct.of_undated][book.policies].sum()) if of_undated.any() else 0
