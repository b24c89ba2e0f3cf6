"""Notes on a list: what its numbers say that people rarely mean."""

from collections.abc import Iterable, Iterator

import numpy as np

from engine.calling.hours import ends_a_minute_early
from engine.calling.policy import CallPolicy
from engine.calling.zones import changing_zone_there
from engine.numbers.phonebook import Phonebook

ENDS_EARLY = (
    "hours that end at 23:59 close the last minute of the day (midnight is 24:00 in tables and short forms, "
    "00:00 in bodies of the API)"
)


def list_notes(book: Phonebook, above: CallPolicy | None = None) -> Iterator[str]:
    """Notes on numbers whose fields come from the policy `above` where they are left out. O(numbers)."""
    undated = book.distinct.undated
    hours = (above.allowed_time if own.allowed_time is None and above else own.allowed_time for own in undated)
    if count := _count(book, (each is not None and ends_a_minute_early(each) for each in hours)):
        yield f"{ENDS_EARLY}: {count:,} of the numbers"
    zones = [above.zone_name if own.gmt_zone is None and above else own.zone_name for own in undated]
    for name in sorted(set(zones)):
        near = changing_zone_there(name)
        if near is not None and (count := _count(book, (zone == name for zone in zones))):
            yield f"gmtZone {name} never changes, clocks of people there do ({near}, perhaps): {count:,} of the numbers"


def _count(book: Phonebook, holds: Iterable[bool]) -> int:
    """How many numbers have one of the policies of which this holds; a value for each of `undated`."""
    of_undated = np.fromiter(holds, np.bool_, len(book.distinct.undated))
    return int(of_undated[book.distinct.of_undated][book.policies].sum()) if of_undated.any() else 0
