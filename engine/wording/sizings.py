"""A sizing in words: its headline, its sizes, its document."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from engine.calling.hours import AllowedTime, Interval, Weekdays, interval_text
from engine.calling.instants import DAY, MINUTE, Instant
from engine.calling.spoken import WEEKDAYS
from engine.certainty import Estimate
from engine.results.reasons import Cause
from engine.whatif.capacity import Lines, Pace
from engine.whatif.hindrances import Hindrance
from engine.whatif.setting import Setting
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought, Unreachable
from engine.wording.headlines import Headline, clock_text, name_text
from engine.wording.limits import limit_rows
from engine.wording.reasons import CAUSE_WORDS, reason_text
from engine.words import counted, moment_text, percent, percent_as_written, zone_text

SOUGHT_WORDS: dict[Sought, str] = {"lines": "lines", "callsPerSecond": "calls a second", "finish": "reached before"}
"""The heading of the sizes that were tried."""
_ASKED: dict[Sought, str] = {
    "lines": "the fewest lines that reach the goal",
    "callsPerSecond": "the slowest pace that reaches the goal",
    "finish": "the earliest date that reaches the goal",
}


def sizing_headline(sizing: Sizing, zone_name: str) -> Headline:
    """The headline of a sizing: what is needed and how sure that is, or why the goal cannot be reached."""
    answer, *more = (
        _why_not(sizing, sizing.unreachable, zone_name) if sizing.unreachable else _what_will_do(sizing, zone_name)
    )
    about = (_ASKED[sizing.by], clock_text(zone_name))
    return Headline(name_text(sizing.name), about, answer, tuple(more), tuple(map(str, sizing.warnings)))


def size_text(size: Size, zone_name: str) -> str:
    """A size with its unit, or a date."""
    match size:
        case Lines():
            return counted(size, "line")
        case Pace():
            return f"{size_value_text(size, zone_name)} calls a second"
        case _:
            return size_value_text(size, zone_name)


def size_value_text(size: Size, zone_name: str) -> str:
    """A size without its unit; a date is rounded up to the minute."""
    return moment_text(next_minute(size), zone_name) if isinstance(size, Instant) else f"{size:,.10g}"


def next_minute(date: Instant) -> Instant:
    """A date rounded up to the minute: the goal is reached before it, too."""
    return Instant(-(-date // MINUTE) * MINUTE)


def met_text(point: SizePoint) -> str:
    """How many of the replications met the goal."""
    return f"{point.met:,} of {point.replications:,}"


def met_share_text(point: SizePoint) -> str:
    """How many of the replications met the goal, and the interval of this share, or that it was stopped."""
    if point.low is None or point.high is None:
        return f"{met_text(point)}, stopped"
    return f"{met_text(point)} ({range_text(point.low, point.high)})"


def reached_text(reached: Estimate | None) -> str:
    """The share of the list that is reached in time, with its interval."""
    if reached is None or reached.low is None or reached.high is None:
        return percent(None if reached is None else reached.mean)
    return f"{percent(reached.mean)} ({range_text(reached.low, reached.high)})"


def range_text(low: float, high: float) -> str:
    """An interval of shares."""
    return f"{low * 100:.1f} to {percent(high)}"


def folded_text(sizing: Sizing, shown: Sequence[SizePoint], zone_name: str) -> str:
    """How many of the sizes that were tried are not among those that are shown; empty if none."""
    values = [point.value for point in shown]
    left = [point.value for point in sizing.points if point.value not in set(values)]
    if not left:
        return ""
    first, last = size_text(values[0], zone_name), size_text(values[-1], zone_name)
    smaller, larger = ("before", "after") if sizing.by == "finish" else ("below", "above")
    counts = {
        f"{smaller} {first}": sum(value < values[0] for value in left),
        "between": sum(values[0] < value < values[-1] for value in left),
        f"{larger} {last}": sum(value > values[-1] for value in left),
    }
    where = {words: count for words, count in counts.items() if count}
    tried = f"{len(left):,} more {'was' if len(left) == 1 else 'were'} tried"
    if len(where) == 1:
        return f"{tried}, {next(iter(where))}."
    return f"{tried}: {', '.join(f'{count:,} {words}' for words, count in where.items())}."


def spared_text(sizing: Sizing) -> str:
    """How many runs stopping early has spared; empty if none."""
    if sizing.played == sizing.planned:
        return ""
    spared = f"{sizing.planned - sizing.played:,} of {counted(sizing.planned, 'run')} were spared"
    return f"{spared}: a size is stopped once its replications settle whether it is enough."


SETTING_CAPTION = "What is sized"
ALL_HOURS, NEVER_OPEN = "at all hours", "never"


def setting_rows(sizing: Sizing, zone_name: str) -> list[tuple[str, str]]:
    """The list, what its call policies allow, and the capacity as the scenario has it; names and words."""
    setting = sizing.setting
    if setting is None:
        return []
    least, most = setting.attempts
    pace = setting.calls_per_second
    start, finish = (moment_text(instant, zone_name) for instant in (setting.start, setting.finish))
    return [
        ("numbers", f"{setting.numbers:,}"),
        ("attempts", f"{least}" if least == most else f"{least} to {most}, by number"),
        ("calls allowed", _hours_text(setting)),
        *limit_rows(setting.campaign),
        ("lines", f"{setting.lines:,} at the busiest hour" if setting.shifts else f"{setting.lines:,}"),
        ("pace", "no limit" if pace is None else size_text(Pace(pace), zone_name)),
        ("simulated", f"{start} to {finish} ({zone_text(zone_name)})"),
    ]


def _hours_text(setting: Setting) -> str:
    """The hours of most of the list, each with its share if there are several."""
    each = [(week_text(hours.days, hours.times), hours.share) for hours in setting.hours]
    if setting.other_hours:
        each.append(("other hours", setting.other_hours))
    if not each:
        return "-"
    one = len(each) == 1
    words = each[0][0] if one else "; ".join(f"{percent(share)} {hours}" for hours, share in each)
    return words if words in (ALL_HOURS, NEVER_OPEN) else f"{words}, by the customers' clocks"


def week_text(days: Weekdays | None, hours: AllowedTime | None) -> str:
    """The hours of a call policy, days with the same hours together.

    >>> from engine import CallPolicy
    >>> week_text(None, CallPolicy.from_json({"allowedTime": {"mon-fri": "9-18", "sat": "10-14"}}).allowed_time)
    'mon-fri 09:00-18:00, sat 10:00-14:00'
    """
    whole = (Interval(0, DAY),)
    of_day = [whole if hours is None else hours[day] for day in range(len(WEEKDAYS))]
    of_day = [times if days is None or day in days else () for day, times in enumerate(of_day)]
    parts = []
    for times, grouped in groupby(enumerate(of_day), key=lambda pair: pair[1]):
        first, *others = [WEEKDAYS[day] for day, _ in grouped]
        name = f"{first}-{others[-1]}" if others else first
        if times:
            parts.append(f"{name} {'all day' if times == whole else ' '.join(map(interval_text, times))}")
    if not parts:
        return NEVER_OPEN
    return ALL_HOURS if of_day == [whole] * len(WEEKDAYS) else ", ".join(parts).replace("mon-sun ", "daily ")


def hindrance_rows(sizing: Sizing) -> list[tuple[str, float]]:
    """The share of the list that is reached in time, then the share for each reason why not; with words.

    They are those of the answer, or if there is none, of what has no limit.
    """
    why, point = sizing.unreachable, sizing.point
    if why is not None:
        return [("reached in time", why.reached_share), *_worded(why.hindrances)]
    if point is None or point.reached is None or point.reached.mean is None:
        return []
    return [("reached in time", point.reached.mean), *_worded(sizing.hindrances)]


def _worded(hindrances: Iterable[Hindrance]) -> list[tuple[str, float]]:
    return [(reason_text(each.reason), each.share) for each in hindrances]


def hindrances_caption(sizing: Sizing, zone_name: str) -> str:
    """The heading of the rows of `hindrance_rows`."""
    if sizing.answer is None:
        return "Who is reached in time, or why not"
    return f"Who is reached in time with {size_text(sizing.answer, zone_name)}, or why not"


def _what_will_do(sizing: Sizing, zone_name: str) -> tuple[str, ...]:
    point, goal = sizing.point, sizing.goal
    if point is None:
        return ("Nothing was tried.",)
    by = "" if sizing.by == "finish" or goal.by is None else f" by {moment_text(goal.by, zone_name)}"
    size = size_text(point.value, zone_name)
    who = f"By {size} the lines that there are" if sizing.by == "finish" else size
    busiest = " at the busiest hour" if "shifts" in sizing.changes else ""
    reach = "reaches" if point.value == 1 and isinstance(point.value, Lines) else "reach"
    return (
        f"{who}{busiest} {reach} at least {percent_as_written(goal.reached)} of the list{by} in {met_text(point)} "
        f"replications ({percent_as_written(goal.confidence)} wanted).",
        _how_sure(sizing, zone_name),
        *_harm(sizing),
    )


def _harm(sizing: Sizing) -> tuple[str, ...]:
    """That more than the answer does harm, if it does."""
    if sizing.unlimited_share is None:
        return ()
    more = "More lines" if sizing.by == "lines" else "A faster pace"
    reached = percent(sizing.unlimited_share)
    return (f"{more} may miss the goal: without a limit {reached} are reached, for calls come at worse hours.",)


def _how_sure(sizing: Sizing, zone_name: str) -> str:
    least, most = (None if size is None else size_text(size, zone_name) for size in (sizing.at_least, sizing.surely))
    may, more = ("may be", "later") if sizing.by == "finish" else ("may take", "more")
    if most is None and sizing.at_least == sizing.answer:
        return f"With other luck it {may} {more}. More replications can say how much."
    if most is None:
        return f"With other luck it {may} {least} or {more}: more replications can say how much."
    if sizing.at_least == sizing.surely:
        return "Other luck would not change that (95 % confidence)."
    return f"With other luck it {may} from {least} to {most} (95 % confidence)."


def _why_not(sizing: Sizing, why: Unreachable, zone_name: str) -> tuple[str, ...]:
    goal, reached = sizing.goal, percent(why.reached_share)
    wanted = f"{percent_as_written(goal.reached)} wanted"
    often = " often enough" if (seldom := round(why.reached_share, 3) >= goal.reached) else ""
    if sizing.by == "finish":
        by, limit, start = "", "", "The goal is not reached before the simulation ends often enough:"
    else:
        what = "number of lines" if sizing.by == "lines" else "pace"
        by = "" if goal.by is None else f" by {moment_text(goal.by, zone_name)}"
        limit, start = "without a limit ", f"No {what} reaches the goal{often}:"
    if seldom:  # the mean is enough, or looks so, but too many replications miss the goal
        met = f"{why.met:,} of {why.replications:,} replications ({percent_as_written(goal.confidence)} wanted)"
        start += f" {limit}it is met in {met}; on average {reached} are reached{by}, {wanted}."
    else:
        start += f" {limit}{reached} are reached{by}, {wanted}."
    if why.other_limit == "callsPerSecond":
        return start, "The pace is what limits it: without callsPerSecond there would be enough lines."
    if why.other_limit == "lines":
        return start, "The lines are what limits it: dialer size SCENARIO finds how many it takes."
    reasons = ", ".join(f"{percent(share)} {CAUSE_WORDS[cause]}" for cause, share in _by_cause(why))
    blame = "It is not the capacity" if sizing.by != "finish" else "Not reached"
    dead = (f"{percent(why.dead_share)} of the list never answer.",) if why.dead_share else ()
    return start, f"{blame}: of the list {reasons}.", *dead


def _by_cause(why: Unreachable) -> list[tuple[Cause, float]]:
    """The shares of the list that each cause keeps from being reached, the largest first."""
    shares = {cause: sum(each.share for each in why.hindrances if each.cause == cause) for cause in CAUSE_WORDS}
    return sorted(((cause, share) for cause, share in shares.items() if share), key=lambda pair: -pair[1])


def sizing_document(sizing: Sizing, zone_name: str) -> dict[str, Any]:
    """The sizing as plain values, with its sentence: what `dialer size --json` prints. Instants are Unix seconds."""
    plain = msgspec.structs.replace(sizing, setting=None)
    document: dict[str, Any] = msgspec.to_builtins(plain, enc_hook=_plain)
    name, goal, by, answer = (document.pop(key) for key in ("name", "goal", "by", "answer"))
    played, planned = document.pop("played"), document.pop("planned")
    document["hindrances"] = _plain_hindrances(sizing.hindrances)
    if sizing.unreachable is not None:
        document["unreachable"]["hindrances"] = _plain_hindrances(sizing.unreachable.hindrances)
    return {
        "name": name,
        "by": by,
        "answer": answer,
        "confidence": sizing.goal.confidence,
        "sentence": sizing_headline(sizing, zone_name).text,
        "zone": zone_text(zone_name),
        "goal": goal,
        **document,
        "runs": {"played": played, "planned": planned, "text": spared_text(sizing)},
        "setting": dict(setting_rows(sizing, zone_name)),
    }


def _plain_hindrances(hindrances: Iterable[Hindrance]) -> list[dict[str, Any]]:
    return [
        {"reason": each.reason, "text": reason_text(each.reason), "cause": each.cause, "share": each.share}
        for each in hindrances
    ]


def _plain(size: object) -> float:
    if isinstance(size, Pace):
        return float(size)
    if isinstance(size, Lines | Instant):
        return int(size)
    raise NotImplementedError(type(size).__name__)
