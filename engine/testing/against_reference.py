"""A scheduler of one's own held against the reference engine, on random campaigns and the same luck."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from pprint import pformat
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from engine.calling.instants import DAY, HOUR, unix_seconds, utc_text
from engine.explaining.lives import Lived, lives_of
from engine.testing.protocol import Driven, Fields, InAProcess, InPython, PythonScheduler, SchedulerError
from engine.testing.reference_calls import ReferenceRun, reference_run
from engine.testing.strategies import scenarios
from engine.wording.reasons import wait_text

FEATURES = (
    "redials", "retries", "caps", "closedDates", "shifts", "pace", "windowClosing", "maxTotalAttempts", "shortCalls",
    "hours", "dates", "zones", "priorities", "duplicates", "lateNumbers", "segments",
)  # fmt: skip
"""What a scheduler may do; campaigns are drawn without what it does not."""
_POLICY = {
    "hours": ("allowedTime", "allowedDays"),
    "dates": ("startDateTime", "finishDateTime"),
    "zones": ("gmtZone",),
    "priorities": ("dialerPriority",),
    "retries": ("maxAttempts", "retryIntervalInMinutes"),
}
_CAMPAIGN = {
    "caps": ("caps",),
    "closedDates": ("closedDates",),
    "pace": ("callsPerSecond",),
    "windowClosing": ("order",),
    "maxTotalAttempts": ("maxTotalAttempts",),
    "shortCalls": ("retryIfShorterThanSeconds",),
}
_SECTIONS = {
    "not_added": "rules 6, the order within one instant",
    "before_start": "rules 5 and 6: due at its start",
    "retry_interval": "rules 6: due after the retry interval, counted from the call's end",
    "held_by_cap": "rules 6, caps",
    "closed_date": "rules 3, closed dates",
    "day_not_allowed": "rules 3",
    "outside_hours": "rules 3",
    "no_lines": "rules 6, lines and shifts",
    "line": "rules 5, who comes first, and 6, lines",
    "pace": "rules 6, pacing",
    "in_call": "rules 6: a number is in one call at a time",
    "ended": "rules 6, the end of a number",
}


def check_against_reference(
    scheduler: PythonScheduler | Sequence[str],
    *,
    examples: int = 100,
    features: Collection[str] = FEATURES,
    seed: int = 0,
    time_limit: float = 10.0,
) -> None:
    """Drive a scheduler through random campaigns beside the reference engine, on the same luck.

    `scheduler` is a callable of Python, or the command of a process that speaks NDJSON on standard input and output;
    docs/reference/scheduler_protocol.md says what it is told and what it answers. `examples` campaigns are drawn with
    `seed`; none has what `features` leaves out. A process has `time_limit` seconds for each answer.

    Raises AssertionError for the first difference, in the smallest campaign that Hypothesis finds: the scenario, the
    second, what each did, and why the reference engine did so. What is no answer is a SchedulerError, which is one.
    ValueError if a feature is not one of FEATURES.
    """
    if unknown := [*set(features).difference(FEATURES)]:
        raise ValueError(f"there is no feature {unknown[0]!r}; allowed: {', '.join(FEATURES)}")
    driven: Driven = InPython(scheduler) if callable(scheduler) else InAProcess(scheduler, time_limit)
    with driven:

        @seeded(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(campaigns_with(frozenset(features)))
        def campaign_is_alike(document: Fields) -> None:
            try:
                hold_against_reference(driven, document)
            except BaseException:  # whatever it was, the next campaign gets a process of its own
                driven.abandon()
                raise

        campaign_is_alike()


@st.composite
def campaigns_with(draw: st.DrawFn, features: frozenset[str]) -> Fields:
    """Scenarios through which a scheduler with these features can be driven."""
    document: Fields = draw(scenarios(redialled="redials" in features))
    campaign = {name: value for name, value in document["campaign"].items() if name != "rules"}
    gone = {name for feature, names in _POLICY.items() if feature not in features for name in names}
    gone_above = gone | {name for feature, names in _CAMPAIGN.items() if feature not in features for name in names}
    campaign = {name: value for name, value in campaign.items() if name not in gone_above}
    if "shifts" not in features and "shifts" in campaign:
        campaign = {name: value for name, value in campaign.items() if name != "shifts"} | {"lines": 1}
    if "caps" in campaign:
        campaign["caps"] = [{k: v for k, v in cap.items() if k != "outcomes"} for cap in campaign["caps"]]
    if "retries" in features and draw(st.booleans()):
        campaign.setdefault("maxAttempts", 3)
        document["outcomes"]["answered"]["retry"] = True
    for part in document["numbers"]:
        part["addPhones"] = [{k: v for k, v in number.items() if k not in gone} for number in part["addPhones"]]
        if "lateNumbers" not in features:
            part.pop("added", None)
    if "duplicates" not in features:
        document["numbers"] = _with_phones_once(document["numbers"])
    elif not draw(st.integers(0, 5)):
        _over_days(draw, document)
    for outcome in document["outcomes"].values():
        if "retries" not in features:
            outcome.pop("retry", None)
        outcome["redials"] = [_redial_without(gone, redial) for redial in outcome.get("redials", [])]
        if not outcome["redials"]:
            del outcome["redials"]
    if "segments" in features:
        for segment in document.get("segments", []):
            for name in gone:
                segment.pop(name, None)
    else:
        document.pop("segments", None)
    return document | {"campaign": campaign}


def _redial_without(gone: set[str], redial: Fields) -> Fields:
    """A redial without these fields; it begins at once if nothing else says when (rules 6)."""
    left = {name: value for name, value in redial.items() if name not in gone}
    begins = {"startAfterMinutes", "startDateTime", "allowedTime"} & left.keys()
    return left if begins else left | {"startAfterMinutes": 0}


def _with_phones_once(parts: list[Fields]) -> list[Fields]:
    seen: set[int] = set()
    made = []
    for part in parts:
        numbers = []
        for number in part["addPhones"]:
            code = int(str(number["phone"]))
            if code not in seen:
                seen.add(code)
                numbers.append(number)
        if numbers:
            made.append(part | {"addPhones": numbers})
    return made


def _over_days(draw: st.DrawFn, document: Fields) -> None:
    """Let a number be added again and again over days: duplicates are ignored for 24 hours."""
    start = unix_seconds(document["start"])
    document["finish"] = utc_text(start + 3 * DAY)
    number = document["numbers"][0]["addPhones"][0]
    times = draw(st.lists(st.sampled_from([0, 12, 23, 24, 25, 36, 48]), min_size=2, max_size=4))
    document["numbers"] = [{"addPhones": [number], "added": utc_text(start + hours * HOUR)} for hours in times]


class Asked(NamedTuple):
    """What a scheduler answered."""

    calls: list[int]
    following: int | None
    """When it wants to be asked next; None if only something that happens matters."""


def hold_against_reference(driven: Driven, document: Fields) -> None:
    """Drive a scheduler through one scenario; AssertionError for the first difference."""
    run = reference_run(document)
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    ends: defaultdict[int, list[Fields]] = defaultdict(list)
    for call in run.calls:
        wanted[call.start].append(call.number)
        ends[call.start + call.seconds].append(
            {
                "number": call.number,
                "attempt": call.attempt,
                "outcome": call.outcome,
                "seconds": call.seconds,
                "redial": call.redial,
            }
        )
    added: defaultdict[int, list[Fields]] = defaultdict(list)
    for instant, told in run.additions:
        added[instant].append(told)
    driven.begin(run.campaign)
    events = sorted({run.start, *ends, *added})
    starts = sorted(wanted)
    known: set[int] = set()
    now: int | None = run.start
    last_wish: int | None = None
    event_place = start_place = 0
    while now is not None and now < run.finish:
        if start_place < len(starts) and starts[start_place] < now:
            break
        while event_place < len(events) and events[event_place] <= now:
            event_place += 1
        known.update(told["number"] for told in added.get(now, ()))
        second = {"type": "second", "now": now, "ended": ends.get(now, []), "added": added.get(now, [])}
        answer = _read(driven.ask(second), now, known)
        if sorted(answer.calls) != sorted(wanted.get(now, [])):
            raise AssertionError(_told(run, document, now, wanted.get(now, []), answer.calls, None))
        if start_place < len(starts) and starts[start_place] == now:
            start_place += 1
        last_wish = answer.following
        coming = [events[event_place]] if event_place < len(events) else []
        now = min([*coming, *([] if last_wish is None else [last_wish])], default=None)
    if start_place < len(starts):
        missed = starts[start_place]
        raise AssertionError(_told(run, document, missed, wanted[missed], None, last_wish))


def _read(answer: Any, now: int, known: set[int]) -> Asked:
    """The answer to a second; SchedulerError if it is none."""
    allowed = 'an answer is {"calls": [numbers], "next": a later second, or null}'
    if not isinstance(answer, dict) or not isinstance(answer.get("calls"), list) or answer.keys() - {"calls", "next"}:
        raise SchedulerError(f"the scheduler answered {answer!r} at {now}; {allowed}")
    for number in answer["calls"]:
        if type(number) is not int or number not in known:
            raise SchedulerError(f"the scheduler calls {number!r} at {now}, which was not added; {allowed}")
    if len(set(answer["calls"])) < len(answer["calls"]):
        raise SchedulerError(f"the scheduler calls a number twice in one second, at {now}: {answer['calls']}")
    following = answer.get("next", now + 1)
    if following is not None and (type(following) is not int or following <= now):
        raise SchedulerError(f"the scheduler asks for {following!r} as its next second at {now}; {allowed}")
    return Asked(answer["calls"], following)


def _told(
    run: ReferenceRun, document: Fields, now: int, wanted: list[int], answered: list[int] | None, wish: int | None
) -> str:
    """What differs at a second, and why the reference engine did what it did."""
    lines = [f"the scheduler leaves the rules at {utc_text(now)} ({now})", ""]
    if answered is None:
        asked = "it waited for something to happen" if wish is None else f"it asked for {utc_text(wish)} next"
        lines.append(f"The scheduler was not asked in this second: {asked}.")
    theirs = _named(run, answered or [])
    lines.append(f"The reference engine calls {_named(run, wanted)}; the scheduler calls {theirs}.")
    for number in [each for each in wanted if each not in (answered or [])]:
        before = _stretch(run, number, now - 1)
        waited = f"until then it was {_words(before)}" if before is not None else "it is the first second"
        why = _SECTIONS[before.reason] if before is not None else "rules 5"
        lines.append(f"- number {number} is called, for {waited}, and now nothing holds it back ({why}).")
    for number in [each for each in answered or [] if each not in wanted]:
        during = _stretch(run, number, now)
        if during is None:
            lines.append(f"- number {number} is not called, for it is an ignored duplicate (rules 4).")
        else:
            lines.append(f"- number {number} is not called, for it is {_words(during)} ({_SECTIONS[during.reason]}).")
    return "\n".join([*lines, "", "scenario = " + pformat(document, width=110, sort_dicts=False)])


def _words(stretch: Lived) -> str:
    since = f"since {utc_text(stretch.start)}"
    return f"{wait_text(stretch.reason)}, {since}, with priority {stretch.priority}"


def _named(run: ReferenceRun, numbers: list[int]) -> str:
    phones = [f"number {number} (+{run.additions[number][1]['phone']})" for number in numbers]
    return " and ".join(phones) if phones else "nobody"


def _stretch(run: ReferenceRun, number: int, at: int) -> Lived | None:
    """What a number does at a second by the reference engine; None before the start, and of ignored duplicates."""
    if number not in run.rows or at < run.start:
        return None
    lives = lives_of(run.scenario, run.additions[number][1]["phone"]).lives
    life = next(each for each in lives if each.row == run.rows[number])
    return next(each for each in life.stretches if each.start <= at < each.end)
