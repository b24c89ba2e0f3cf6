"""A campaign: the call policy at the top level, and the capacity to call with."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Annotated, Any, ClassVar, Final, Literal, Self

import numpy as np
from msgspec import Meta

from engine.calling.caps import Cap
from engine.calling.closed_dates import ClosedDates
from engine.calling.policy import DEFAULT_ZONE, CallPolicy, means
from engine.calling.rule_hours import closed_times, in_both
from engine.calling.rule_sets import Rules
from engine.calling.windows import WHOLE_WEEK, Days, Week, open_windows
from engine.calling.zones import FROM_PHONE, ZoneName, parse_zone
from engine.customers.durations import LONGEST_CALL
from engine.reading.faults import Fault, shown
from engine.scenario.lines import Lines, LinesOverTime, Shift

NEXT_ALLOWED_TIME: Final = "nextAllowedTime"
WINDOW_CLOSING: Final = "windowClosing"


class CampaignZone(ZoneName):
    """The `gmtZone` of a campaign: that of its numbers and its shifts, or `fromPhone`."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "description": f"{ZoneName.json_schema['description']}; or {FROM_PHONE}, for the zone of each phone",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The name of the zone, or `fromPhone`; InputError if it is neither."""
        return cls(FROM_PHONE) if value == FROM_PHONE else super().read(value)


class Campaign(CallPolicy, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The campaign part of a scenario file."""

    gmt_zone: Annotated[
        CampaignZone | None, means("The zone of the customers' clocks and of shifts, or fromPhone", DEFAULT_ZONE)
    ] = None
    zone_if_unknown: ZoneName | None = None
    """With `gmtZone: fromPhone`: the zone of numbers whose phones have no known zone, and of shifts."""
    lines: Lines | None = None
    shifts: Annotated[tuple[Shift, ...], Meta(min_length=1, description="a list of shifts")] | None = None
    calls_per_second: (
        Annotated[float, Meta(ge=0.001, le=1_000_000, description="a number from 0.001 to 1,000,000")] | None
    ) = None
    order: Literal["nextAllowedTime", "windowClosing"] = NEXT_ALLOWED_TIME
    max_total_attempts: Annotated[int, Meta(ge=1)] | None = None
    retry_if_shorter_than_seconds: Annotated[int, Meta(ge=0, le=LONGEST_CALL)] = 0
    closed_dates: ClosedDates = ClosedDates()
    caps: Annotated[tuple[Cap, ...], Meta(description="a list of {atMost, hours or days}")] = ()
    rules: Rules = Rules()
    """Rule sets that it keeps to: each takes hours from its numbers and redials, and adds closed dates and caps."""

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of lines and shifts, a pace finer than thousandths, zoneIfUnknown without fromPhone."""
        yield from super().faults_among(fields)
        if fields.get("zone_if_unknown") is not None and fields.get("gmt_zone", FROM_PHONE) != FROM_PHONE:
            allowed = f"nothing, unless gmtZone is {FROM_PHONE}; gmtZone alone is the zone of all numbers"
            yield Fault(("zoneIfUnknown",), shown(fields["zone_if_unknown"]), allowed)
        if {"lines", "shifts"} <= fields.keys():
            if fields["lines"] is None and fields["shifts"] is None:
                yield Fault(("lines",), "nothing", "lines, or shifts")
            elif fields["lines"] is not None and fields["shifts"] is not None:
                yield Fault(("shifts",), "lines as well", "one of lines and shifts")
        pace = fields.get("calls_per_second")
        if pace is not None and abs(pace * 1000 - round(pace * 1000)) > 1e-6:
            yield Fault(("callsPerSecond",), f"{pace!r}", "at most three decimals")

    @property
    def tells_zones_by_phone(self) -> bool:
        """Whether numbers without a zone of their own get the zone of their phones (rules 2)."""
        return self.gmt_zone == FROM_PHONE

    @property
    def zone_name(self) -> str:
        """The name of the zone in which shifts hold: with `fromPhone` that is `zoneIfUnknown`, else UTC (rules 2)."""
        if self.tells_zones_by_phone:
            return DEFAULT_ZONE if self.zone_if_unknown is None else self.zone_if_unknown
        return super().zone_name

    @property
    def every_cap(self) -> tuple[Cap, ...]:
        """Its own caps, then those of its rule sets."""
        return (*self.caps, *(cap for each in self.rules for cap in each.rules.caps))

    @property
    def every_date(self) -> ClosedDates:
        """Its own closed dates, then the closed dates and holidays of its rule sets."""
        of_rules = (date for each in self.rules for date in (*each.rules.closed_dates, *each.rules.holidays))
        return ClosedDates((*self.closed_dates, *of_rules))

    @property
    def rule_week(self) -> Week:
        """The local seconds of the week that its rule sets leave open, beside holidays."""
        return reduce(in_both, (each.rules.hours.week for each in self.rules), WHOLE_WEEK)

    def closed_times(self, start: int, finish: int) -> Days:
        """What its closed dates and rule sets close around a simulation from one day to another (rules 3)."""
        return closed_times(self.closed_dates, (each.rules.hours for each in self.rules), start, finish)

    @property
    def pace(self) -> int:
        """How many thousandths of a call may begin in a second; 0 for no limit (rules 6)."""
        return round((self.calls_per_second or 0) * 1000)

    def lines_over(self, start: int, finish: int) -> LinesOverTime:
        """The lines in `[start, finish)`; those of shifts that overlap add up."""
        if self.shifts is None:
            return LinesOverTime(np.array([start]), np.array([self.lines or 0]))
        zone = parse_zone(self.zone_name)
        changes: dict[int, int] = {start: 0}
        for shift in self.shifts:
            windows = open_windows(shift.week, zone, start, finish)
            for opens, closes in zip(windows.starts.tolist(), windows.ends.tolist(), strict=True):
                changes[opens] = changes.get(opens, 0) + shift.lines
                changes[closes] = changes.get(closes, 0) - shift.lines
        instants = np.array(sorted(changes))
        return LinesOverTime(instants, np.cumsum([changes[instant] for instant in instants.tolist()]))
