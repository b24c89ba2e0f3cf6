# ruff: noqa: D102 (the names of its methods say what they do)
"""A plain scheduler of the rules for `check_against_reference`, and twelve bugs that can be planted in it."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Fields = dict[str, Any]
MINUTE, HOUR, DAY = 60, 3_600, 86_400
A_WEEK = 7 * 24 * 60
BUGS = (
    "open at a window's end",
    "ties by phone",
    "retry from the call's start",
    "clocks by fixed offset",
    "overnight hours cut at midnight",
    "duplicate hours renewed",
    "a redial keeps its priority",
    "lines counted late",
    "finish inclusive",
    "caps by the campaign's day",
    "pace loses fractions",
    "sequence by row",
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(100_000)
def offset(zone: str, at: int) -> int:
    """Seconds that the clock of a zone is ahead of UTC."""
    if zone == "Z":
        return 0
    if zone[0] in "+-":
        hours, minutes, seconds = (*map(int, zone[1:].split(":")), 0)[:3]
        return (1 if zone[0] == "+" else -1) * (hours * HOUR + minutes * MINUTE + seconds)
    ahead = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert ahead is not None
    return ahead // timedelta(seconds=1)


def time_of(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@cache
def minutes_of(intervals: tuple[tuple[int, str, str], ...], cut: bool) -> bytes:
    """Which minutes of the week are open, from Monday on."""
    open_minutes = bytearray(A_WEEK)
    for day, opens, closes in intervals:
        start, end = time_of(opens), time_of(closes)
        if end <= start:
            end = 1440 if cut else end + 1440
        for minute in range(start, end):
            open_minutes[(day * 1440 + minute) % A_WEEK] = 1
    return bytes(open_minutes)


def intervals_of(hours: Fields) -> tuple[tuple[int, str, str], ...]:
    """Hours by weekday as (day from Monday, from, to)."""
    return tuple(
        (day, each["localTimeFrom"], each["localTimeTo"]) for day, name in enumerate(WEEKDAYS) for each in hours[name]
    )


def every_day(hours: list[Fields] | None) -> bytes:
    """Which minutes of the week are open if each day has these hours; all of them if there are none to keep."""
    if hours is None:
        return b"\x01" * A_WEEK
    return minutes_of(intervals_of(dict.fromkeys(WEEKDAYS, hours)), cut=False)


def days_of(dates: list[str]) -> set[int]:
    return {(date.fromisoformat(day) - date(1970, 1, 1)).days for day in dates}


class Number:
    """A number that was accepted."""

    def __init__(self, told: Fields) -> None:
        self.id: int = told["number"]
        self.phone: str = told["phone"]
        self.keys: list[str] = told["capKeys"]
        self.policy: Fields = told["policy"]
        self.left: int = told["policy"]["maxAttempts"]
        self.attempts = self.redials = 0
        self.waiting = False
        self.due = self.sequence = 0
        self.closes_at = (-1, 0.0)
        self.minutes = b""
        self.call: Call


class Call:
    """A call that was made; its outcome is told when it ends."""

    def __init__(self, number: Number, start: int, day: int) -> None:
        self.number, self.start, self.date = number, start, day
        self.of_redial = number.redials > 0
        self.outcome: str | None = None


class RuleSet:
    """When a rule set lets calls start."""

    def __init__(self, told: Fields) -> None:
        self.minutes = minutes_of(intervals_of(told["allowedTime"]), cut=False)
        self.closed, holidays = days_of(told["closedDates"]), days_of(told["holidays"])
        self.special = (
            (holidays, every_day(told["holiday"])),
            ({day - 1 for day in holidays}, every_day(told["dayBeforeHoliday"])),
        )

    def is_open(self, local: int) -> bool:
        minute, day = minute_of_week(local), local // DAY
        if not self.minutes[minute] or day in self.closed:
            return False
        return all(minutes[minute] for days, minutes in self.special if day in days)

    @property
    def dates(self) -> set[int]:
        """The dates that are not as their weekday is."""
        return self.closed.union(*(days for days, _ in self.special))


class PlainScheduler:
    """Decides second by second who is called; `bug` names what it does wrong."""

    def __init__(self, campaign: Fields, bug: str | None = None) -> None:
        self.campaign, self.bug = campaign, bug
        self.numbers: dict[int, Number] = {}
        self.accepted: dict[int, int] = {}
        self.in_use = self.sequence = 0
        self.pace = round((campaign["callsPerSecond"] or 0) * 1000)
        self.allowance, self.allowance_at = self.pace + 999, campaign["start"]
        self.closed = days_of(campaign["closedDates"])
        self.rules = [RuleSet(told) for told in campaign["rules"]]
        self.calls: list[Call] = []

    def __call__(self, second: Fields) -> Fields:
        now = second["now"]
        ended = second["ended"]
        if self.bug != "lines counted late":
            self.in_use -= len(ended)
        for call in ended:
            self.end_call(self.numbers[call["number"]], call, now)
        for told in second["added"]:
            self.add(told, now)
        self.allowance = min(self.pace + 999, self.allowance + self.pace * (now - self.allowance_at))
        if self.bug == "pace loses fractions":
            self.allowance = max(self.allowance // 1000, self.pace >= 1000) * 1000
        self.allowance_at = now
        called = list(self.called(now))
        if self.bug == "lines counted late":
            self.in_use -= len(ended)
        return {"calls": called, "next": self.following(now)}

    # What happens

    def add(self, told: Fields, now: int) -> None:
        since = self.accepted.get(told["sameAs"])
        if since is not None and now - since < DAY:
            if self.bug == "duplicate hours renewed":
                self.accepted[told["sameAs"]] = now
            return
        self.accepted[told["sameAs"]] = now
        number = self.numbers[told["number"]] = Number(told)
        self.schedule(number, max(now, number.policy["startDateTime"] or 0))

    def end_call(self, number: Number, call: Fields, now: int) -> None:
        outcome = self.campaign["outcomes"][call["outcome"]]
        number.call.outcome = call["outcome"]
        short = call["outcome"] == "answered" and call["seconds"] < self.campaign["retryIfShorterThanSeconds"]
        used_up = number.attempts >= (self.campaign["maxTotalAttempts"] or math.inf)
        if used_up:
            return
        if redial := call["redial"]:
            priority = number.policy["dialerPriority"]
            number.policy = redial["policy"]
            if self.bug == "a redial keeps its priority":
                number.policy = number.policy | {"dialerPriority": priority}
            number.left = min(5, number.policy["maxAttempts"])
            number.redials += 1
            number.closes_at, number.minutes = (-1, 0.0), b""
            begins = now + MINUTE * redial["startAfterMinutes"]
            self.schedule(number, max(begins, number.policy["startDateTime"] or 0))
        elif (short or outcome["retry"]) and number.left:
            minutes = outcome["retryIntervalInMinutes"] or number.policy["retryIntervalInMinutes"]
            since = now - call["seconds"] if self.bug == "retry from the call's start" else now
            self.schedule(number, max(now, since + MINUTE * minutes))

    def schedule(self, number: Number, due: int) -> None:
        number.due = self.allowed_by_caps(number, due)
        number.waiting = True
        number.sequence = self.sequence
        self.sequence += 1

    # Who is called

    def called(self, now: int) -> Iterator[int]:
        while self.in_use < self.lines(now) and (not self.pace or self.allowance >= 1000):
            eligible = [number for number in self.numbers.values() if self.is_eligible(number, now)]
            if not eligible:
                return
            number = min(eligible, key=lambda each: self.rank(each, now))
            if any(self.forbids(place, number, now) for place in range(len(self.campaign["caps"]))):
                self.schedule(number, now)
                continue
            number.waiting = False
            number.left -= 1
            number.attempts += 1
            self.allowance -= 1000
            self.in_use += 1
            number.call = Call(number, now, self.date(number, now))
            self.calls.append(number.call)
            yield number.id

    def is_eligible(self, number: Number, now: int) -> bool:
        finish = number.policy["finishDateTime"] or math.inf
        in_time = now <= finish if self.bug == "finish inclusive" else now < finish
        return number.waiting and number.due <= now and in_time and self.is_open(number, now)

    def rank(self, number: Number, now: int) -> tuple[float, ...]:
        if self.campaign["order"] == "windowClosing":
            second = self.window_end(number, now)
        else:
            second = self.next_allowed(number, now)
        last = {"ties by phone": int(number.phone), "sequence by row": number.id}.get(self.bug or "", number.sequence)
        return number.policy["dialerPriority"], second, number.due, last

    def next_allowed(self, number: Number, now: int) -> int:
        since = now
        while since > number.due:
            before = since - 1 - (self.local(number, since - 1)) % MINUTE
            if not self.is_open(number, max(before, number.due)):
                return since
            since = before
        return number.due

    def window_end(self, number: Number, now: int) -> float:
        known, end = number.closes_at
        if known <= now < end and known >= 0:
            return end
        weeks = [self.minutes(number), *(rules.minutes for rules in self.rules)]
        at: float = now
        if all(0 not in week for week in weeks):  # then only a date can close it
            today, dates = self.local(number, now) // DAY, self.closed.union(*(rules.dates for rules in self.rules))
            starts = [now, *(self.first_on(number, day) for day in sorted(dates) if day > today)]
            ends = (self.closing(number, start) for start in starts)
            at = next((end for end in ends if end is not None), math.inf)
        else:
            while self.is_open(number, int(at)):
                at = at + MINUTE - self.local(number, int(at)) % MINUTE
        number.closes_at = (now, at)
        return at

    def closing(self, number: Number, at: int) -> int | None:
        """The first closed second from one on, on the same date; None if there is none."""
        day = self.local(number, at) // DAY
        while self.local(number, at) // DAY == day:
            if not self.is_open(number, at):
                return at
            at += MINUTE - self.local(number, at) % MINUTE
        return None

    def lines(self, now: int) -> int:
        if self.campaign["shifts"] is None:
            return int(self.campaign["lines"])
        local = now + self.offset(self.campaign["gmtZone"], now)
        count = 0
        for shift in self.campaign["shifts"]:
            days = shift.get("days") or WEEKDAYS
            opens, closes = shift.get("from") or "00:00", shift.get("to") or "24:00"
            intervals = tuple((WEEKDAYS.index(day), opens, closes) for day in days)
            count += shift["lines"] * minutes_of(intervals, cut=False)[minute_of_week(local)]
        return count

    # Clocks

    def offset(self, zone: str, at: int) -> int:
        return offset(zone, self.campaign["start"] if self.bug == "clocks by fixed offset" else at)

    def local(self, number: Number, at: int) -> int:
        return at + self.offset(number.policy["gmtZone"], at)

    def ahead(self, number: Number, at: int) -> int:
        """Seconds that the clock whose dates count is ahead of UTC."""
        by_campaign = self.bug == "caps by the campaign's day"
        return self.offset(self.campaign["gmtZone"] if by_campaign else number.policy["gmtZone"], at)

    def date(self, number: Number, at: int) -> int:
        return (at + self.ahead(number, at)) // DAY

    def minutes(self, number: Number) -> bytes:
        if not number.minutes:
            hours = intervals_of(number.policy["allowedTime"])
            number.minutes = minutes_of(hours, self.bug == "overnight hours cut at midnight")
        return number.minutes

    def is_open(self, number: Number, at: int) -> bool:
        local, minutes = self.local(number, at), self.minutes(number)
        if local // DAY in self.closed or not all(rules.is_open(local) for rules in self.rules):
            return False
        at_an_end = self.bug == "open at a window's end" and local % MINUTE == 0
        return bool(minutes[minute_of_week(local)] or (at_an_end and minutes[minute_of_week(local - 1)]))

    def first_on(self, number: Number, day: int) -> int:
        """The first second at which the number's date is this one or later."""
        about = day * DAY - self.ahead(number, day * DAY)
        return next(at for at in range(about - 2 * HOUR, about + 2 * HOUR, 1) if self.date(number, at) >= day)

    # Caps

    def forbids(self, place: int, number: Number, at: int) -> bool:
        most: int = self.campaign["caps"][place]["atMost"]
        return len(self.counted(place, number, at)) >= most

    def counted(self, place: int, number: Number, at: int) -> list[Call]:
        cap = self.campaign["caps"][place]
        exempt, outcomes = cap["redials"] == "exempt", cap["outcomes"]
        if exempt and number.redials:
            return []
        calls = [
            call
            for call in self.calls
            if call.number.keys[place] == number.keys[place]
            and not (exempt and call.of_redial)
            and (outcomes is None or call.outcome in outcomes)
        ]
        if cap["hours"]:
            return [call for call in calls if call.start > at - cap["hours"] * HOUR]
        return [call for call in calls if call.date > self.date(number, at) - cap["days"]]

    def allowed_by_caps(self, number: Number, due: int) -> int:
        caps = range(len(self.campaign["caps"]))
        while True:
            forbidding = [place for place in caps if self.forbids(place, number, due)]
            if not forbidding:
                return due
            place = forbidding[0]
            cap = self.campaign["caps"][place]
            calls = self.counted(place, number, due)
            if cap["hours"]:
                due = max(due + 1, min(call.start for call in calls) + cap["hours"] * HOUR)
            else:
                due = max(due + 1, self.first_on(number, min(call.date for call in calls) + cap["days"]))

    # When to ask again

    def following(self, now: int) -> int | None:
        moments = []
        for number in self.numbers.values():
            finish = number.policy["finishDateTime"]
            if not number.waiting or (finish is not None and now > finish):
                continue
            if number.due > now:
                moments.append(number.due)
            elif not self.is_open(number, now):
                moments.append(now + MINUTE - self.local(number, now) % MINUTE)
            elif self.in_use < self.lines(now):
                moments.append(now + max(1, -(-(1000 - self.allowance) // self.pace)) if self.pace else now + 1)
            elif self.campaign["shifts"] is not None:
                moments.append(now + MINUTE - (now + self.offset(self.campaign["gmtZone"], now)) % MINUTE)
        return min(moments, default=None)


def minute_of_week(local: int) -> int:
    return (local // MINUTE + 3 * 1440) % A_WEEK  # 1970-01-01 was a Thursday
