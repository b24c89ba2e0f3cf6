"""Lines: how many calls can be in progress at once, always or by shifts."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from engine.calling.hours import ClockTime, Weekdays
from engine.calling.instants import DAY
from engine.calling.windows import Instants, Week, joined
from engine.reading.faults import Fault

MOST_LINES = 1_000_000


Lines = Annotated[int, Meta(ge=1, le=MOST_LINES)]


class Shift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines that are there at some hours, in the campaign's zone; the whole day if no hours are given."""

    lines: Lines
    days: Weekdays | None = None
    from_: ClockTime | None = msgspec.field(default=None, name="from")
    to: ClockTime | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Hours with only one end, or that end when they start."""
        if not {"from_", "to"} <= fields.keys():
            return
        start, end = fields["from_"], fields["to"]
        if (start is None) != (end is None):
            yield Fault(
                ("to" if end is None else "from",),
                "nothing",
                "both from and to, or neither for the whole day",
            )
        elif start is not None and start == end:
            yield Fault(("to",), "the same time as from", "two different times, or neither for the whole day")

    @property
    def week(self) -> Week:
        """The local seconds of the week in which the lines are there."""
        start, end = self.from_ or 0, DAY if self.to is None else self.to
        end += DAY if end <= start else 0
        return joined([(day * DAY + start, day * DAY + end) for day in (range(7) if self.days is None else self.days)])


class LinesOverTime(NamedTuple):
    """How many lines there are: `lines[i]` from `instants[i]` on (Unix seconds, ascending); int64 arrays."""

    instants: Instants
    lines: Instants
