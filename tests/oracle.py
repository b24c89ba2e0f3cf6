"""The oracle: sections 2 to 6 of the rules played the plain way, second by second.

It shares no code with the engine. It reads the same scenario document, a mapping of plain values whose rule sets stand
in it in full, and scans every number at every second. Only the dice are handed in, as functions, so that each decision
of the schedule is made twice and independently.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays
import numpy as np

DAY = 86_400
TWO_YEARS = 2 * 366 * DAY
QUARTER = 900
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENDINGS = (
    "completed",
    "exhausted",
    "expired",
    "cancelled",
    "pending_never_called",
    "pending_callback",
    "pending_in_call",
)
SPECIAL_HOURS = {"holiday": "holiday", "dayBefore": "dayBeforeHoliday"}
"""The hours of a rule set that are not of weekdays, and their keys in its `allowedTime`."""
POLICY_FIELDS = (
    "startDateTime",
    "finishDateTime",
    "allowedDays",
    "allowedTime",
    "retryIntervalInMinutes",
    "maxAttempts",
    "gmtZone",
    "dialerPriority",
)

Fields = Mapping[str, Any]


class Fate(NamedTuple):
    """What luck makes of one call."""

    outcome: str
    seconds: int
    redial: int | None
    """The place of the redial that it brings in the outcome's list, unless none or too short a call."""


class Dice(NamedTuple):
    """What the oracle does not decide itself."""

    fate: Callable[[str, int, int, int, int, str], Fate]
    """By phone (its digits), occurrence, attempt, local weekday, local hour and segment."""
    segment: Callable[[str, int], str]
    """By phone and occurrence: the segment drawn by share, "" for none."""
    poisson: Callable[[int, int, int], list[int]]
    """The instants of a number of additions that arrive as a Poisson process between two instants."""


class Call(NamedTuple):
    """A call; `number` is the place of its number in the order of addition."""

    number: int
    phone: str
    attempt: int
    start: int
    seconds: int
    outcome: str


class Fortune(NamedTuple):
    """How a number ended."""

    ending: str
    ended_at: int | None


class Begun(NamedTuple):
    """A series that began: the calls of a number from its addition (redial 0) or from a redial on."""

    at: int
    number: int
    redial: int


class Over(NamedTuple):
    """A series that ended."""

    at: int
    number: int
    redial: int
    ending: str
    """As the number's, or `redialed` or `stopped`."""


class Moment(NamedTuple):
    """What stands at one second, once its calls have begun; numbers by priority from 1 to 5."""

    in_use: int
    lines: int
    eligible: list[int]
    waiting: list[int]


class Played(NamedTuple):
    """What the oracle says of a scenario."""

    calls: list[Call]
    fortunes: list[Fortune]
    first_allowed: list[int | None]
    """The first second of the simulation at which each number could have been called, had a line been free."""
    quarters: dict[int, Moment]
    """What stood at the last second of each quarter-hour, by that second."""
    most_in_use: dict[int, int]
    """The most lines in use at any second of each quarter-hour, by its first second."""
    digest: int
    begun: list[Begun]
    over: list[Over]
    held: list[tuple[bool, bool]]
    """Whether a cap holds each number back until it expires or the simulation ends; and whether one ever has."""
    lives: list[list["Second"]]
    """What each number does or waits for in each second; empty if that was not asked for."""


class Second(NamedTuple):
    """What a number does or waits for in a second."""

    reason: str
    priority: int
    ahead: int
    """How many eligible numbers come before it, if it waits for a line or the pace."""


class Counted(NamedTuple):
    """A call as caps see it."""

    start: int
    date: int
    """The local date of its start, as days since 1970."""
    outcome: str
    number: "Number"
    by_redial: bool


class Command(NamedTuple):
    """Something that a user does just before the second `at` is played."""

    at: int
    action: str
    """`pause`, `resume`, `cancel`, `redial` or `stop`."""
    number: int = 0
    fields: Fields | None = None
    """Of a redial."""


def scrambled(identity: int, at: int, word: int) -> int:
    """The hash of a call or an end (rules 9)."""
    bits = (identity * 0x9E3779B97F4A7C15 + at * 0xBF58476D1CE4E5B9 + word * 0x94D049BB133111EB) % 2**64
    bits = (bits ^ bits // 2**30) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ bits // 2**27) * 0x94D049BB133111EB % 2**64
    return bits ^ bits // 2**31


def instant(text: str) -> int:
    """Unix seconds of an ISO 8601 text; fractions round up (rules 1)."""
    return -((EPOCH - datetime.fromisoformat(text)) // timedelta(seconds=1))


@cache
def zone(text: str) -> tzinfo:
    """The zone that a `gmtZone` means (rules 2)."""
    for name in ("UTC", "GMT", "UT"):
        if text == name or text.startswith((f"{name}+", f"{name}-")):
            text = text.removeprefix(name)
            break
    if text in ("", "Z"):
        return UTC
    if text[0] not in "+-":
        return ZoneInfo(text)
    digits = text[1:].replace(":", "")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:] or 0)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-size if text[0] == "-" else size)


def offset(where: tzinfo, at: int) -> int:
    """Seconds from UTC of a zone's wall clock."""
    difference = (EPOCH + timedelta(seconds=at)).astimezone(where).utcoffset()
    assert difference is not None
    return int(difference.total_seconds())


def given(level: Fields) -> dict[str, Any]:
    """The fields of a call policy that a level does not leave out (rules 2)."""
    return {
        name: level[name]
        for name in POLICY_FIELDS
        if level.get(name) is not None and not (name == "allowedDays" and level[name] == [])
    }


@dataclass(frozen=True)
class Policy:
    """A call policy with all its levels filled in."""

    fields: Fields

    @cached_property
    def starts(self) -> int | None:
        """The second before which it allows no call."""
        return instant(self.fields["startDateTime"]) if "startDateTime" in self.fields else None

    @cached_property
    def finishes(self) -> int | None:
        """The second from which on it allows no call."""
        return instant(self.fields["finishDateTime"]) if "finishDateTime" in self.fields else None

    @property
    def attempts(self) -> int:
        """The calls of a series."""
        return max(int(self.fields.get("maxAttempts", 1)), 1)

    @property
    def retry_seconds(self) -> int:
        """The pause between two calls of a series."""
        return 60 * int(self.fields.get("retryIntervalInMinutes", 60))

    @property
    def priority(self) -> int:
        """From 1 to 5."""
        return meant_priority(self.fields.get("dialerPriority", 5))

    @property
    def hours(self) -> str:
        """The fields that say when it is open, as text; and the campaign's closed dates and rule sets."""
        names = ("allowedDays", "allowedTime", "closedDates", "rules")
        return json.dumps([self.fields.get(name) for name in names])

    @property
    def zone_name(self) -> str:
        """The text of the customer's zone."""
        return str(self.fields.get("gmtZone", "Z"))

    def closes(self) -> int | None:
        """The second from which on it is never open again before it finishes; None if there is no such second."""
        return last_close(self.hours, self.zone_name, self.finishes)


def meant_priority(value: object) -> int:
    """What a `dialerPriority` counts as."""
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value in range(1, 6)
    return int(value) if whole else 5  # type: ignore[call-overload]


def clock(text: str) -> int:
    """Minutes since midnight of an `HH:mm`."""
    return int(text[:2]) * 60 + int(text[3:])


@cache
def open_minutes(hours: str) -> bytes:
    """For each minute of the week from Monday 00:00, whether a policy of these hours is open (rules 3).

    Of rule sets it knows the hours of weekdays; those of holidays are asked with the dates.
    """
    days, times, _, rules = json.loads(hours)
    of_rules = [week_of(each["weekdays"]) for each in rules or () if each["weekdays"] is not None]

    def intervals(day: int) -> list[tuple[int, int]] | None:
        """None stands for the whole day."""
        name = WEEKDAYS[day]
        if days is not None and name not in days:
            return []
        if times is None:
            return None
        return [
            (clock(each["localTimeFrom"]), clock(each["localTimeTo"]))
            for each in times.get(name, times.get("default", []))
        ]

    by_day = [intervals(day) for day in range(7)]

    def is_open(day: int, minute: int) -> bool:
        today, before = by_day[day], by_day[day - 1]
        return (
            today is None
            or any(start <= minute < end if start < end else minute >= start for start, end in today)
            or any(start > end and minute < end for start, end in before or ())
        )

    own = [is_open(day, minute) for day in range(7) for minute in range(24 * 60)]
    return bytes(all(each) for each in zip(own, *of_rules, strict=True))


def week_of(times: Fields) -> bytes:
    """`open_minutes` of an `allowedTime` alone."""
    return open_minutes(json.dumps([None, times, None, None]))


def is_closed_date(hours: str, day: int) -> bool:
    """Whether a date, given as days since 1970, is a closed one."""
    return f"{EPOCH + timedelta(days=day):%Y-%m-%d}" in (json.loads(hours)[2] or ())


@cache
def minutes_lost(hours: str, day: int) -> bytes:
    """For each minute of a date, whether it is a closed one, or a rule set has other hours for a holiday (rules 3)."""
    if is_closed_date(hours, day):
        return b"\1" * 1440
    lost = np.zeros(1440, np.uint8)
    for each in json.loads(hours)[3] or ():
        for times, holiday in ((each["holiday"], day), (each["dayBefore"], day + 1)):
            if times is not None and f"{EPOCH + timedelta(days=holiday):%Y-%m-%d}" in each["holidays"]:
                lost |= 1 - np.frombuffer(week_of(times), np.uint8)[(day + 3) % 7 * 1440 :][:1440]
    return lost.tobytes()  # 1970-01-01 was a Thursday


@cache
def open_seconds(hours: str, zone_name: str, first: int, last: int) -> bytes:
    """For each second of `[first, last)`, whether a policy of these hours is open. Clocks change at quarter-hours."""
    week = np.frombuffer(open_minutes(hours), np.uint8)
    pieces = []
    where, *others = map(zone, zone_name.split("&"))
    for quarter in range(first - first % QUARTER, last, QUARTER):
        local = np.arange(max(quarter, first), min(quarter + QUARTER, last)) + offset(where, quarter)
        by_hours = week[(local // 60 - 4 * 24 * 60) % (7 * 24 * 60)]  # 1970-01-05 was a Monday
        for day in {int(local[0]) // DAY, int(local[-1]) // DAY}:
            lost = minutes_lost(hours, day)
            if 1 in lost:
                kept = 1 - np.frombuffer(lost, np.uint8)
                by_hours = np.where(local // DAY == day, by_hours & kept[local // 60 % 1440], by_hours)
        pieces.append(by_hours)
    seconds = np.concatenate([np.empty(0, np.uint8), *pieces])
    if others:  # a number in several zones may be called when all of them allow it (rules 2)
        rest = zone_name.split("&", 1)[1]
        seconds &= np.frombuffer(open_seconds(hours, rest, first, last), np.uint8)
    return seconds.tobytes()


@cache
def why_closed(hours: str, zone_name: str, at: int) -> str:
    """Why a policy of these hours is closed in a second in which it is."""
    local = [at + offset(zone(name), at) for name in zone_name.split("&")]
    if any(minutes_lost(hours, second // DAY)[second // 60 % 1440] for second in local):
        return "closed_date"
    days = [second // DAY for second in local]
    minutes = open_minutes(hours)
    if any(not any(minutes[(day + 3) % 7 * 1440 :][:1440]) for day in days):  # 1970-01-01 was a Thursday
        return "day_not_allowed"
    return "outside_hours"


@cache
def first_closed(hours: str, zone_name: str, since: int) -> float:
    """The first second from `since` on that has a closed date in one of the zones; infinite if none ever has."""
    _, _, closed, rules = json.loads(hours)
    whole_week = json.dumps([None, None, closed, [{**each, "weekdays": None} for each in rules or ()]])
    dates = [*(closed or ()), *(date for each in rules or () for date in each["holidays"])]
    last = max([since, *(instant(f"{each}T00:00:00Z") + 2 * DAY for each in dates)])
    for second in range(since, last, DAY):  # a day at a time
        place = open_seconds(whole_week, zone_name, second, second + DAY).find(b"\0")
        if place >= 0:
            return second + place
    return float("inf")


@cache
def last_close(hours: str, zone_name: str, finishes: int | None) -> int | None:
    """The second from which on nothing is open before `finishes`; None if there is none, long ago if nothing is."""
    several = "&" in zone_name
    if not any(open_minutes(hours)):
        return -(10**18)
    if finishes is None and not several:
        return None
    last = begin = instant("2029-01-01T00:00:00Z") if finishes is None else finishes
    # a day at a time; hours of one zone are open some time, what several do not share in two years they never do
    while not several or last > begin - TWO_YEARS:
        open_then = open_seconds(hours, zone_name, last - DAY, last)
        if b"\1" in open_then:
            return None if finishes is None else last - DAY + open_then.rfind(b"\1") + 1
        last -= DAY
    return -(10**18)


def frozen(value: object) -> object:
    """Something hashable, equal for equal JSON values."""
    if isinstance(value, bool) or value is None:
        return str(value), "a word"
    if isinstance(value, dict):
        return frozenset((name, frozen(item)) for name, item in value.items())
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    return value


def open_minutes_from(times: Sequence[Fields]) -> frozenset[int]:
    """The minutes, from the day's midnight on, that the hours of one day's list hold."""
    minutes: set[int] = set()
    for each in times:
        first, last = clock(each["localTimeFrom"]), clock(each["localTimeTo"])
        minutes.update(range(first, last if first < last else last + 24 * 60))
    return frozenset(minutes)


def meaning(level: Fields) -> frozenset[tuple[str, object]]:
    """The settings of a number, equal if the same fields mean the same (rules 4)."""

    def meant(name: str, value: Any) -> object:
        match name:
            case "startDateTime" | "finishDateTime":
                return instant(value)
            case "allowedDays":
                return frozenset(value)
            case "allowedTime":
                listed = [value.get(day, value.get("default", [])) for day in WEEKDAYS]
                return tuple(open_minutes_from(times) for times in listed)
            case "maxAttempts":
                return max(int(value), 1)
            case "gmtZone":
                names = [zone(each) for each in value.split("&")]
                return tuple(where if isinstance(where, ZoneInfo) else where.utcoffset(None) for where in names)
            case "dialerPriority":
                return meant_priority(value)
        return value

    return frozenset((name, meant(name, value)) for name, value in given(level).items())


@dataclass
class Number:
    """A number of the list and where it stands."""

    place: int
    phone: str
    occurrence: int
    added: int
    own: Policy
    """Its policy with the campaign's fields filled in; a redial's fields go over it."""
    segment: str
    series: Policy
    open: bytes = b""
    """For each second of the simulation and some after it, whether the series may call."""
    closes: int | None = None
    due: int = 0
    due_without_caps: int = 0
    waits_for: str = ""
    """What it waits for until then."""
    sequence: int = 0
    left: int = 0
    attempts: int = 0
    waiting: bool = False
    cancelled: bool = False
    stopped: bool = False
    redials: int = 0
    called_until: int = 0
    payload: Fields | None = None
    held: bool = False
    """Whether a cap holds it back until it expires, or the simulation ends."""
    held_once: bool = False
    fortune: Fortune | None = None


@dataclass
class Running:
    """A call in progress."""

    number: Number
    ends: int
    fate: Fate
    brings: Fields | None = None
    """The redial that a user wants it to bring."""


def local_date(number: Number, at: int) -> int:
    """The date on a number's own clock, as days since 1970."""
    return (at + offset(zone(number.series.zone_name.split("&")[0]), at)) // DAY


def digits(phone: object) -> str:
    """The digits of a phone, text or integer."""
    return str(phone).removeprefix("+")


def additions(document: Fields, dice: Dice) -> list[tuple[int, Fields]]:
    """Every addition in the order in which they are made, with its instant; duplicates as well."""
    made: list[tuple[int, Fields]] = []
    for part in document["numbers"]:
        body, added = part["addPhones"], part.get("added", document["start"])
        if isinstance(added, str):
            instants = [instant(added)] * len(body)
        else:
            since, until = instant(added["from"]), instant(added["to"])
            if added.get("arrivals", "evenly") == "evenly":
                instants = [since + (until - since) * place // len(body) for place in range(len(body))]
            else:
                instants = dice.poisson(since, until, len(body))
        made += zip(instants, body, strict=True)
    return sorted(made, key=lambda addition: addition[0])


def accepted(document: Fields, dice: Dice) -> list[tuple[int, Fields]]:
    """The additions that create a job (rules 4)."""
    last: dict[object, int] = {}
    kept = []
    for added, number in additions(document, dice):
        key = digits(number["phone"]), frozen(number.get("payload") or {}), meaning(number)
        if key not in last or added - last[key] >= DAY:
            last[key] = added
            kept.append((added, number))
    return kept


def segment_of(document: Fields, number: Fields, occurrence: int, dice: Dice) -> str:
    """The first segment whose payload the number has, else one drawn (rules 7)."""
    payload = number.get("payload") or {}
    for segment in document.get("segments", ()):
        wanted = segment.get("payload")
        if wanted and all(name in payload and frozen(payload[name]) == frozen(value) for name, value in wanted.items()):
            return str(segment["name"])
    return dice.segment(digits(number["phone"]), occurrence)


def dates_of(document: Fields, listed: Sequence[Any]) -> list[str]:
    """Closed dates, with the holidays of the simulation's years and of two before and after (rules 3)."""
    first, last = (EPOCH + timedelta(seconds=instant(document[end])) for end in ("start", "finish"))
    dates: list[str] = []
    for each in listed:
        if isinstance(each, str):
            dates.append(each)
        else:
            years = range(first.year - 2, last.year + 3)
            more = {"subdiv": each.get("subdivision"), "observed": each.get("observed", True)}
            dates += map(str, holidays.country_holidays(each["holidays"], years=years, **more))
    return dates


def rule_hours(document: Fields, rule_set: Fields) -> Fields:
    """The hours of a rule set: those of weekdays, and those of holidays and of the days before them (rules 3)."""
    times = dict(rule_set.get("allowedTime", {"holiday": None}))  # without any it is open all week
    special = {name: times.pop(key) for name, key in SPECIAL_HOURS.items() if key in times}
    return {
        "weekdays": None if special and not times else times,
        "holidays": dates_of(document, rule_set.get("holidays") or ()),
        **{name: {"default": special[name]} if special.get(name) is not None else None for name in SPECIAL_HOURS},
    }


def listed(document: Fields, dice: Dice) -> list[Number]:
    """The numbers to call, in the order in which they are added."""
    rules = document["campaign"].get("rules") or ()
    closed = [date for level in (document["campaign"], *rules) for date in level.get("closedDates") or ()]
    campaign = {
        **given(document["campaign"]),
        "closedDates": dates_of(document, closed),
        "rules": [rule_hours(document, each) for each in rules],
    }
    numbers: list[Number] = []
    for added, number in accepted(document, dice):
        phone = digits(number["phone"])
        occurrence = sum(other.phone == phone for other in numbers)
        segment = segment_of(document, number, occurrence, dice)
        level: Fields = next((each for each in document.get("segments", ()) if each["name"] == segment), {})
        own = Policy({**campaign, **given(level), **given(number)})
        payload = number.get("payload") or {}
        numbers.append(Number(len(numbers), phone, occurrence, added, own, segment, own, payload=payload))
    return numbers


def lines_by_second(campaign: Fields, start: int, finish: int) -> list[int]:
    """The lines at each second; those of shifts add up."""
    if campaign.get("lines"):
        return [campaign["lines"]] * (finish - start)
    lines = np.zeros(finish - start, np.int64)
    for shift in campaign["shifts"]:
        times = None
        if "from" in shift:
            times = {"default": [{"localTimeFrom": shift["from"], "localTimeTo": shift["to"]}]}
        hours = json.dumps([shift.get("days") or None, times, None, None])
        there = open_seconds(hours, campaign.get("gmtZone") or "Z", start, finish)
        lines += shift["lines"] * np.frombuffer(there, np.uint8).astype(np.int64)
    return lines.tolist()


class Oracle:
    """Plays a scenario."""

    def __init__(self, document: Fields, dice: Dice) -> None:
        self.document = document
        self.dice = dice
        self.campaign: Fields = document["campaign"]
        self.start, self.finish = instant(document["start"]), instant(document["finish"])
        self.caps: list[Fields] = [
            cap for level in (self.campaign, *(self.campaign.get("rules") or ())) for cap in level.get("caps") or ()
        ]
        self.closing_first = self.campaign.get("order") == "windowClosing"
        self.numbers = listed(document, dice)
        self.running: list[Running] = []
        self.counted: list[Counted] = []
        self.scheduled = 0
        self.calls: list[Call] = []
        self.begun: list[Begun] = []
        self.over: list[Over] = []

    def play(self, given: Sequence[tuple[int, str, int, Fields | None]] = (), *, with_lives: bool = False) -> Played:
        """Every second of the simulation in the order of section 6; each tuple given is a Command."""
        commands = [Command(*each) for each in given]
        lives: list[list[Second]] = [[] for _ in self.numbers] if with_lives else []
        lines = lines_by_second(self.campaign, self.start, self.finish)
        pace = int(Decimal(str(self.campaign.get("callsPerSecond") or 0)) * 1000)  # thousandths of a call
        allowance = most_allowance = pace + 999
        paused = False
        quarters: dict[int, Moment] = {}
        most_in_use: dict[int, int] = {}
        for now in range(self.start, self.finish):
            for command in commands:
                if command.at == now:
                    paused = {"pause": True, "resume": False}.get(command.action, paused)
                    if command.action == "cancel":
                        self.cancel(self.numbers[command.number], now)
                    if command.action == "redial":
                        self.redial(self.numbers[command.number], command.fields or {}, now)
                    if command.action == "stop":
                        self.stop(now)
            for call in [call for call in self.running if call.ends == now]:
                self.running.remove(call)
                self.follow_up(call, now)
            for number in self.numbers:
                if number.waiting and number.closes is not None and number.closes <= now:
                    self.end(number, "expired", now)
            for number in self.numbers:
                if number.added == now:
                    self.take_in(number, now)
            while not paused and len(self.running) < lines[now - self.start] and (not pace or allowance >= 1000):
                eligible = [number for number in self.numbers if self.is_eligible(number, now)]
                if not eligible:
                    break
                first = min(eligible, key=lambda number: self.rank(number, now))
                if any(self.forbids(cap, first, now) for cap in self.caps):
                    first.waiting = False
                    self.schedule(first, now, now)
                else:
                    self.begin(first, now)
                    allowance -= 1000
            allowance = min(allowance + pace, most_allowance)

            for number, life in zip(self.numbers, lives, strict=False):
                life.append(self.lived(number, now, lines[now - self.start], paused=paused))
            quarter = now - now % QUARTER
            most_in_use[quarter] = max(most_in_use.get(quarter, 0), len(self.running))
            if now + 1 in (quarter + QUARTER, self.finish):
                quarters[now] = self.moment(now, lines[now - self.start])
        fortunes = [number.fortune or Fortune(self.pending(number), None) for number in self.numbers]
        return Played(
            self.calls,
            fortunes,
            [self.first_allowed(number) for number in self.numbers],
            quarters,
            most_in_use,
            self.digest(fortunes),
            self.begun,
            self.over,
            [(number.held, number.held_once) for number in self.numbers],
            lives,
        )

    # Who is called next (rules 5)

    def take_in(self, number: Number, now: int) -> None:
        """A number becomes known."""
        self.begun.append(Begun(now, number.place, 0))
        if number.cancelled:
            self.end(number, "cancelled", now)
        else:
            self.begin_series(number, number.own)
            number.left = number.own.attempts
            number.waits_for = "before_start"
            self.schedule(number, max(number.own.starts or now, now), now)

    def begin_series(self, number: Number, policy: Policy) -> None:
        """Let the policy hold for the number's next calls."""
        after = 15 * DAY if self.closing_first else 0  # whoever closes at all closes within that
        number.series = policy
        number.open = open_seconds(policy.hours, policy.zone_name, self.start, self.finish + after)
        number.closes = policy.closes()

    def schedule(self, number: Number, due: int, now: int) -> None:
        """Let the number wait for a call, if it can still get one."""
        number.held = False
        number.due_without_caps = due
        if number.closes is None or due < number.closes:
            allowed = self.allowed_by_caps(number, due)
            if allowed > due:
                number.held_once = True
                number.held = allowed >= self.finish or (number.closes is not None and allowed >= number.closes)
                due = allowed
        if number.closes is not None and due >= number.closes:
            self.end(number, "expired", now)
            return
        number.waiting = True
        number.due = due
        number.sequence = self.scheduled
        self.scheduled += 1

    def forbids(self, cap: Fields, number: Number, at: int) -> bool:
        """Whether a cap forbids a call to the number at this second, by the calls so far (rules 6)."""
        exempt = cap.get("redials") == "exempt"
        if exempt and number.redials:
            return False
        counted = [
            call
            for call in self.counted
            if (cap.get("outcomes") is None or call.outcome in cap["outcomes"])
            and not (exempt and call.by_redial)
            and self.share(cap, call.number, number)
        ]
        if "hours" in cap and cap["hours"] is not None:
            return bool(sum(at - 3600 * cap["hours"] < call.start for call in counted) >= cap["atMost"])
        return bool(sum(local_date(number, at) - cap["days"] < call.date for call in counted) >= cap["atMost"])

    def share(self, cap: Fields, one: Number, other: Number) -> bool:
        """Whether two numbers share a cap: the phone, or the value in a field of their payloads, if they have it."""
        per = cap.get("per", "phone")
        mine, theirs = ((number.payload or {}).get(per.removeprefix("payload.")) for number in (one, other))
        if per == "phone" or (mine is None and theirs is None):
            return one.phone == other.phone
        return mine is not None and theirs is not None and frozen(mine) == frozen(theirs)

    def allowed_by_caps(self, number: Number, due: int) -> int:
        """The first second from `due` on at which no cap forbids a call.

        What a cap says changes only when a call leaves its hours, and when the number's own date changes.
        """
        caps = self.caps
        if not any(self.forbids(cap, number, due) for cap in caps):
            return due
        moments = {call.start + 3600 * (cap.get("hours") or 0) for cap in caps for call in self.counted}
        longest = max(cap.get("days") or 0 for cap in caps)
        latest = max(call.start for call in self.counted) + (longest + 3) * DAY if longest else due
        for quarter in range(due - due % QUARTER, latest, QUARTER):
            local = quarter + offset(zone(number.series.zone_name.split("&")[0]), quarter)
            moments |= {quarter, quarter + -local % DAY} if -local % DAY < QUARTER else {quarter}
        return next(
            moment
            for moment in sorted(moments)
            if moment > due and not any(self.forbids(cap, number, moment) for cap in caps)
        )

    def is_eligible(self, number: Number, now: int) -> bool:
        """Whether a free line may call it."""
        return (
            number.waiting
            and number.due <= now
            and (number.series.finishes is None or now < number.series.finishes)
            and number.open[now - self.start] == 1
        )

    def lived(self, number: Number, now: int, lines: int, *, paused: bool) -> Second:
        """What a number does or waits for in a second, once its calls have begun."""
        if now < number.added or number.fortune:
            return Second("ended" if number.fortune else "not_added", number.own.priority, 0)
        ahead = 0
        if not number.waiting:
            reason = "in_call"
        elif now < number.due:
            reason = number.waits_for if now < number.due_without_caps else "held_by_cap"
        elif not number.open[now - self.start]:
            reason = why_closed(number.series.hours, number.series.zone_name, now)
        elif not lines:
            reason = "no_lines"
        elif paused:
            reason = "paused"
        else:
            reason = "line" if len(self.running) >= lines else "pace"
            rank, others = self.rank(number, now), [each for each in self.numbers if self.is_eligible(each, now)]
            ahead = sum(self.rank(other, now) < rank for other in others)
        return Second(reason, number.series.priority, ahead)

    def rank(self, number: Number, now: int) -> tuple[int, float, int, int]:
        """What the next number has least of."""
        closed_before = number.open.rfind(b"\0", 0, now - self.start)
        closed_after = number.open.find(b"\0", now - self.start)
        second: float
        if self.closing_first:
            last = self.start + len(number.open)
            closes = first_closed(number.series.hours, number.series.zone_name, last)
            second = self.start + closed_after if closed_after >= 0 else closes
        else:
            second = max(number.due, self.start + closed_before + 1)
        return number.series.priority, second, number.due, number.sequence

    # A call and what follows (rules 6)

    def begin(self, number: Number, now: int) -> None:
        """Call the number."""
        number.waiting = False
        number.left -= 1
        number.attempts += 1
        local = (EPOCH + timedelta(seconds=now)).astimezone(zone(number.series.zone_name.split("&")[0]))
        fate = self.dice.fate(
            number.phone, number.occurrence, number.attempts, local.weekday(), local.hour, number.segment
        )
        self.running.append(Running(number, now + fate.seconds, fate))
        self.calls.append(Call(number.place, number.phone, number.attempts, now, fate.seconds, fate.outcome))
        self.counted.append(Counted(now, local_date(number, now), fate.outcome, number, number.redials > 0))

    def follow_up(self, call: Running, now: int) -> None:
        """What a call that ends brings."""
        number, fate = call.number, call.fate
        number.called_until = now
        outcome: Fields = self.document["outcomes"][fate.outcome]
        too_short = fate.outcome == "answered" and fate.seconds < self.campaign.get("retryIfShorterThanSeconds", 0)
        redial: Fields | None = None
        if fate.redial is not None and not too_short:
            redial = outcome["redials"][fate.redial]
        if call.brings is not None:
            redial = call.brings
        used_up = number.attempts >= (self.campaign.get("maxTotalAttempts") or 10**9)
        if redial is None and not outcome.get("retry") and not too_short:
            self.end(number, "completed", now)
        elif number.cancelled:
            self.end(number, "cancelled", now)
        elif used_up or (redial is None and number.left <= 0):
            self.end(number, "exhausted", now)
        elif redial is not None:
            self.over.append(Over(now, number.place, number.redials, "redialed"))
            self.begin_again(number, redial, now)
        else:
            interval = 60 * (outcome.get("retryIntervalInMinutes") or 0) or number.series.retry_seconds
            number.waits_for = "retry_interval"
            self.schedule(number, now + interval, now)

    def begin_again(self, number: Number, redial: Fields, now: int) -> None:
        """A redial begins a series."""
        number.redials += 1
        self.begun.append(Begun(now, number.place, number.redials))
        policy = Policy({**number.own.fields, **given(redial)})
        self.begin_series(number, policy)
        number.left = min(policy.attempts, 5)
        number.waits_for = "before_start"
        begins = number.called_until + 60 * (redial.get("startAfterMinutes") or 0)
        self.schedule(number, max(now, begins, policy.starts or 0), now)

    def redial(self, number: Number, fields: Fields, now: int) -> None:
        """Let the running or the last call bring a redial."""
        running = [call for call in self.running if call.number is number]
        if running:
            running[0].brings = fields
            return
        if number.waiting:
            self.over.append(Over(now, number.place, number.redials, "redialed"))
        number.waiting, number.fortune = False, None
        self.begin_again(number, fields, now)

    def stop(self, now: int) -> None:
        """Call nobody any more, and let no number come."""
        self.numbers = [number for number in self.numbers if number.added < now]
        for number in self.numbers:
            number.stopped = number.stopped or (number.fortune is None and not number.cancelled)
            self.cancel(number, now)

    def cancel(self, number: Number, now: int) -> None:
        """Call the number no more."""
        if number.fortune is None:
            number.cancelled = True
            if number.waiting:
                self.end(number, "cancelled", now)

    def end(self, number: Number, ending: str, now: int) -> None:
        """The number's end."""
        number.waiting = False
        number.fortune = Fortune(ending, now)
        own = "stopped" if number.stopped and ending == "cancelled" else ending
        self.over.append(Over(now, number.place, number.redials, own))

    # What is seen of it

    def digest(self, fortunes: list[Fortune]) -> int:
        """The run's digest (rules 9)."""
        names = sorted(self.document["outcomes"], key=lambda name: (name != "answered", name))
        identities = [int("1" + number.phone) + number.occurrence * 2**51 for number in self.numbers]
        total = 0
        for call in self.calls:
            word = call.seconds * 2**32 + call.attempt * 2**8 + names.index(call.outcome)
            total += scrambled(identities[call.number], call.start, word)
        for identity, fortune in zip(identities, fortunes, strict=True):
            ended_at = -1 if fortune.ended_at is None else fortune.ended_at
            total += scrambled(identity, ended_at, 2**63 + ENDINGS.index(fortune.ending))
        return total % 2**64

    def pending(self, number: Number) -> str:
        """How a number stands that has not ended."""
        if any(call.number is number for call in self.running):
            return "pending_in_call"
        return "pending_callback" if number.attempts else "pending_never_called"

    def moment(self, now: int, lines: int) -> Moment:
        """What stands at this second."""
        eligible, waiting = [0] * 5, [0] * 5
        for number in self.numbers:
            waiting[number.series.priority - 1] += number.waiting
            eligible[number.series.priority - 1] += self.is_eligible(number, now)
        return Moment(len(self.running), lines, eligible, waiting)

    def first_allowed(self, number: Number) -> int | None:
        """The first second at which its own policy allows a call."""
        open_then = open_seconds(number.own.hours, number.own.zone_name, self.start, self.finish)
        due = max(number.added, number.own.starts or 0)
        place = open_then.find(b"\1", due - self.start)
        at = self.start + place
        late = number.own.finishes is not None and at >= number.own.finishes
        return None if place < 0 or late else at
