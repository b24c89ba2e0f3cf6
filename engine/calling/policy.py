"""The call policy: when a number is called, how often and how early, given at up to four levels."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeGuard

import msgspec
from msgspec import Meta, inspect

from engine.calling.closed_dates import ClosedDates, closed_days
from engine.calling.hours import AllowedTime, Weekdays, runs_into_a_closed_day, week_of
from engine.calling.instants import ALWAYS, DAY, HOUR, LAST_DATED, MINUTE, NEVER, WEEK, Instant, utc_text
from engine.calling.spoken import WEEKDAYS
from engine.calling.windows import SEASONS, Days, Week, next_open, open_windows
from engine.calling.zones import ZoneName, named_zone
from engine.card import Strip, card, strips
from engine.reading.faults import Fault, InputError
from engine.reading.typed import read

DEFAULT_ZONE = "Z"
DEFAULT_RETRY_MINUTES = 60
DEFAULT_ATTEMPTS = 1
LAST_PRIORITY = 5
LONGEST_MINUTES = 525_600
"""A year of 365 days: the longest time from a call to a retry, or to the start of a redial (rules 2 and 6)."""
MOST_WINDOWS = 1_000_000
"""The most windows that are given as one list."""

RetryMinutes = Annotated[int, Meta(ge=1, le=LONGEST_MINUTES)]


class PolicyError(InputError):
    """A call policy with faults; each has its path, such as `allowedTime.mon[0].localTimeTo`."""


class DialerPriority(int):
    """The order of numbers, from 1 (first) to 5 (last); anything else counts as 5 and is not a fault (rules 2)."""

    json_schema: ClassVar[dict[str, Any]] = {
        "description": "an integer from 1 (first) to 5 (last); anything else counts as 5"
    }

    @classmethod
    def read(cls, value: object) -> Self | None:
        """The priority; None for null, which means left out."""
        if value is None:
            return None
        return cls(int(value)) if cls.is_one(value) else cls(LAST_PRIORITY)

    @staticmethod
    def is_one(value: object) -> TypeGuard[int]:
        """Whether the value is a priority as it stands, and does not merely count as 5."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LAST_PRIORITY


def means(meaning: str, default: object = None, otherwise: str = "") -> Meta:
    """What a field of the call policy means, and what holds if no level gives it (rules 2).

    `default` is a plain value of a scenario file that means the same, None if there is no such value. `otherwise` says
    it in words; it may be left out if the default says enough.
    """
    words = otherwise or f"{default}"
    return Meta(
        description=f"{meaning}. If no level gives it: {words}.", extra={"default": default, "otherwise": words}
    )


class CallPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """A call policy at one level: a field that is None is left out and comes from the level above (rules 2).

    >>> policy = CallPolicy.from_json({"gmtZone": "America/New_York", "allowedDays": ["mon", "tue"]})
    >>> policy
    CallPolicy.from_json({'allowedDays': ['mon', 'tue'], 'gmtZone': 'America/New_York'})
    >>> policy.next_allowed(1_772_323_200)  # 2026-03-01T00:00:00Z, a Sunday; Monday begins at 05:00 UTC
    1772427600

    Instants are Unix seconds. Two policies are equal if their fields mean the same, however they were written.
    The types here and `means` are all that formats of lists, made-up lists, the lock and the JSON Schema know of the
    fields (POLICY_FIELDS).
    """

    start_date_time: Annotated[
        Instant | None, means("No call starts before it", otherwise="the instant at which the number is added")
    ] = None
    finish_date_time: Annotated[Instant | None, means("No call starts at or after it", otherwise="none")] = None
    allowed_days: Annotated[
        Weekdays | None, means("The days on which calls may start", list(WEEKDAYS), otherwise="every day")
    ] = None
    allowed_time: Annotated[
        AllowedTime | None, means("The hours in which calls may start", otherwise="the whole day")
    ] = None
    retry_interval_in_minutes: Annotated[
        RetryMinutes | None, means("Minutes from the end of a call to the next of its series", DEFAULT_RETRY_MINUTES)
    ] = None
    max_attempts: Annotated[
        Annotated[int, Meta(ge=0, le=50)] | None,
        means("Calls of a series in all, the first included; 0 counts as 1", DEFAULT_ATTEMPTS),
    ] = None
    gmt_zone: Annotated[ZoneName | None, means("The zone of the customer's clock", DEFAULT_ZONE)] = None
    dialer_priority: Annotated[
        DialerPriority | None, means("1 is called first, 5 last; anything else counts as 5", LAST_PRIORITY)
    ] = None

    def __post_init__(self) -> None:
        if self.max_attempts == 0:  # rules 2: it counts as 1, and so it is equal to 1
            msgspec.structs.force_setattr(self, "max_attempts", 1)

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Self:
        """The policy of the fields of an `addPhones` object; PolicyError lists every fault with its path."""
        given = {str(name): value for name, value in fields.items()} if isinstance(fields, Mapping) else fields
        policy, faults = read(given, cls)
        if policy is None:
            raise PolicyError(faults)
        return policy

    def to_json(self) -> dict[str, Any]:
        """The fields of an `addPhones` object that read as this policy; a field that is None is left out."""
        values = ((field.name, getattr(self, field.attribute)) for field in POLICY_FIELDS)
        return {
            name: value.to_json() if hasattr(value, "to_json") else (str if isinstance(value, str) else int)(value)
            for name, value in values
            if value is not None
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}.from_json({self.to_json()})" if type(self) is CallPolicy else super().__repr__()

    def _repr_html_(self) -> str:
        """A card for notebooks: the hours of each weekday on the customer's own clock."""
        fields = self.to_json()
        more = {name: str(fields[name]) for name in ("startDateTime", "finishDateTime") if name in fields}
        figures = {
            "clock": self.zone_name,
            "attempts": f"{self.attempts}",
            "retry after": f"{self.retry_seconds // MINUTE:,} min",
            "priority": f"{self.priority}",
        }
        rows = []
        for day, name in enumerate(WEEKDAYS):
            first, last = day * DAY, (day + 1) * DAY
            met = [(max(opens, first) - first, min(closes, last) - first) for opens, closes in self.week]
            rows.append(Strip(name, [(opens, closes) for opens, closes in met if opens < closes]))
        marks = {float(hour * HOUR): f"{hour:02}:00" for hour in range(0, 25, 6)}
        return card("A call policy", [], figures | more, strips("hours in which calls may start", rows, DAY, marks))

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """What is wrong between fields: a start that is not before the finish (rules 1)."""
        start, finish = fields.get("start_date_time"), fields.get("finish_date_time")
        if start is not None and finish is not None and start >= finish:
            yield Fault(("finishDateTime",), utc_text(finish), f"an instant after startDateTime, {utc_text(start)}")

    def under(self, above: "CallPolicy") -> "CallPolicy":
        """The policy in which each field that is left out comes, as a whole, from the level above."""
        own, others = msgspec.structs.astuple(self), msgspec.structs.astuple(above)
        fields = zip(CallPolicy.__struct_fields__, own, others, strict=False)  # those of a campaign go on
        return CallPolicy(**{name: other if value is None else value for name, value, other in fields})

    @property
    def week(self) -> Week:
        """The local seconds of the week at which calls may start."""
        return week_of(self.allowed_days, self.allowed_time)

    @property
    def runs_into_a_closed_day(self) -> bool:
        """Whether hours of an allowed day run past midnight into a day that `allowedDays` leaves out (rules 3)."""
        return runs_into_a_closed_day(self.allowed_days, self.allowed_time)

    @property
    def zone_name(self) -> str:
        """The text of the zone, `Z` where no level gives one."""
        return DEFAULT_ZONE if self.gmt_zone is None else self.gmt_zone

    @property
    def attempts(self) -> int:
        """How many calls a series has in all, the first included; 0 counts as 1 (rules 2)."""
        return DEFAULT_ATTEMPTS if self.max_attempts is None else self.max_attempts

    @property
    def retry_seconds(self) -> int:
        """Seconds from the end of a call to the next one of its series."""
        minutes = self.retry_interval_in_minutes
        return (DEFAULT_RETRY_MINUTES if minutes is None else minutes) * MINUTE

    @property
    def priority(self) -> int:
        """The priority, from 1 (first) to 5 (last)."""
        return LAST_PRIORITY if self.dialer_priority is None else int(self.dialer_priority)

    @property
    def starts(self) -> int:
        """The instant before which nobody is called; ALWAYS if none is given."""
        return ALWAYS if self.start_date_time is None else int(self.start_date_time)

    @property
    def finishes(self) -> int:
        """The instant at and after which no call starts; NEVER if none is given."""
        return NEVER if self.finish_date_time is None else int(self.finish_date_time)

    def open_windows(self, start: int, finish: int, closed_dates: Iterable[object] = ()) -> list[tuple[int, int]]:
        """When this policy alone allows a call to start: windows `[start, end)` in Unix seconds.

        They are maximal, cut to `[start, finish)` and to the policy's own dates (rules 3). `closed_dates` are those of
        a campaign, as its scenario has them: `["2026-12-25", {"holidays": "US"}]`; PolicyError lists their faults.
        ValueError if the windows are more than about MOST_WINDOWS, which `windows_in_turn` gives one by one.
        """
        start, finish = max(start, self.starts), min(finish, self.finishes)
        zone = named_zone(self.zone_name)
        a_week = len(open_windows(self.week, zone, start, min(start + WEEK, finish)).starts)
        if a_week > 1 and a_week * (finish - start) > MOST_WINDOWS * WEEK:
            allowed = f"at most {MOST_WINDOWS:,}; windows_in_turn gives any number, one by one"
            raise ValueError(f"about {a_week * (finish - start) // WEEK:,} windows; {allowed}")
        windows = open_windows(self.week, zone, start, finish, _closed(closed_dates, start, finish))
        return list(zip(windows.starts.tolist(), windows.ends.tolist(), strict=True))

    def windows_in_turn(
        self, start: int, finish: int, closed_dates: Iterable[object] = ()
    ) -> Iterator[tuple[int, int]]:
        """The windows of `open_windows`, found as they are asked for: however many there are, memory stays small."""
        start, finish = max(start, self.starts), min(finish, self.finishes)
        zone, last, closed = named_zone(self.zone_name), (start, start), _closed(closed_dates, start, finish)
        for since in range(start, finish, SEASONS):
            windows = open_windows(self.week, zone, since, min(since + SEASONS, finish), closed)
            for opens, closes in zip(windows.starts.tolist(), windows.ends.tolist(), strict=True):
                if opens != last[1]:  # else it goes on from the years before
                    if last[0] < last[1]:
                        yield last
                    last = (opens, opens)
                last = (last[0], closes)
        if last[0] < last[1]:
            yield last

    def next_allowed(self, instant: int, closed_dates: Iterable[object] = ()) -> int | None:
        """The first open second at or after `instant`, in Unix seconds; None if there is none.

        `closed_dates` are as in `open_windows`.
        """
        since = max(instant, self.starts)
        second = next_open(self.week, named_zone(self.zone_name), since, _closed(closed_dates, since, LAST_DATED))
        return second if second is not None and second < self.finishes else None


def _closed(closed_dates: Iterable[object], start: int, finish: int) -> Days:
    """The closed dates that can meet `[start, finish)`; PolicyError with their faults."""
    try:
        as_given = isinstance(closed_dates, ClosedDates | str)  # text is no list of dates
        dates = ClosedDates.read(closed_dates if as_given else [*closed_dates])
    except InputError as error:
        raise PolicyError(fault.under("closedDates") for fault in error.faults) from None
    return tuple(closed_days(dates, start // DAY - 1, finish // DAY + 1).tolist())


class PolicyField(NamedTuple):
    """A field of the call policy, for code that does not use its value."""

    name: str
    """Its name in the API and in scenario files."""
    attribute: str
    """Its name in Python."""
    form: Literal["string", "integer", "array", "object"]
    """The JSON type of its values."""
    default: Any
    """The plain value that holds if no level gives the field; None if there is no such value."""
    otherwise: str
    """What holds if no level gives the field, in words."""


def policy_fields(kind: type[CallPolicy]) -> tuple[PolicyField, ...]:
    """The fields of a call policy, in order; TypeError for a field without `means`."""
    fields = []
    for field in inspect.type_info(kind).fields:  # type: ignore[attr-defined]  # a struct has them
        if not isinstance(field.type, inspect.Metadata) or not field.type.extra:
            raise TypeError(f"say what {field.name} means")
        fields.append(PolicyField(field.encode_name, field.name, _form(field.type), **field.type.extra))
    return tuple(fields)


def _form(kind: inspect.Type) -> Any:
    match kind:
        case inspect.Metadata(type=inner) | inspect.UnionType(types=(inner, *_)):
            return _form(inner)
        case inspect.CustomType(cls=leaf) if hasattr(leaf, "json_schema"):
            return leaf.json_schema.get("type") or ("integer" if issubclass(leaf, int) else "string")
        case inspect.IntType():
            return "integer"
    raise TypeError(f"say which JSON a {kind} is")


POLICY_FIELDS = policy_fields(CallPolicy)
"""Every field of the call policy, in the order of the API's documentation."""
_TYPES = {field.name: field.type for field in msgspec.structs.fields(CallPolicy)}


def read_field(field: PolicyField, value: object) -> tuple[Any, list[Fault]]:
    """The value of a field as a policy holds it, and the faults of a plain value that it cannot have."""
    return read(value, _TYPES[field.attribute])
