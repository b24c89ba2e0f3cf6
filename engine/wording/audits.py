"""Audits in words: the headline of what was found, and each finding in a line."""

from collections.abc import Iterable

from engine.auditing.audit import Audit
from engine.auditing.offsets import FixedNumbers, FixedOffset
from engine.auditing.planned import Plan
from engine.auditing.possible import Possible
from engine.auditing.rule_texts import cap_text, dates_text, hours_texts
from engine.calling.instants import utc_text
from engine.calling.rule_sets import NamedRules, RuleSet
from engine.wording.headlines import Headline
from engine.words import counted

GUESS = "by phone, a guess"


def audit_headline(audit: Audit, name: str) -> Headline:
    """The first sentences of an audit of calls."""
    calls = counted(audit.calls.size, "call")
    about = f"{calls} held against {_sets_text(each.rules for each in audit.held)}"
    if not any(each.calls for each in audit.held):
        answer = "None of these rule sets holds for any of the calls."
    elif not audit.found:
        answer = "No call breaks these rules."
    else:
        broken = sum(len(each.calls) > 0 for each in audit.breaches)
        answer = f"{counted(audit.found, 'finding')} in {calls}, of {counted(broken, 'rule')}."
    more = tuple(_astray(each) for each in audit.offsets)
    return Headline(name, (_guessed(about, audit.by_phone),), answer, more, tuple(map(str, audit.notes)))


def plan_headline(plan: Plan, name: str) -> Headline:
    """The first sentences of an audit of a scenario before it is played."""
    numbers = counted(plan.numbers, "number")
    about = f"{numbers} held against {_sets_text(each for each, _ in plan.held)}, before any run"
    if plan.possible:
        answer = possible_text(plan.possible[0])
    elif plan.excess:
        first = plan.excess[0]
        answer = f"{counted(first.numbers, 'number')} could get more calls than allowed: {cap_text(first.cap)}."
    elif not any(numbers for _, numbers in plan.held):
        answer = "None of these rule sets holds for any of the numbers."
    else:
        answer = "No number could be called against these rules."
    more = tuple(_numbers_astray(each) for each in plan.offsets)
    return Headline(name, (_guessed(about, plan.by_phone),), answer, more, tuple(map(str, plan.notes)))


def possible_text(possible: Possible) -> str:
    """What could happen, in a sentence: `12,000 numbers could be called at 21:30 by their clock`."""
    when = f"at {possible.time[:5]}" if possible.kind == "hours" else "on closed dates"
    numbers = counted(possible.numbers, "number")
    first = possible.local_text.removesuffix(":00").replace("T", " at ")
    return f"{numbers} could be called {when} by their clock, first on {first}."


def rule_lines(rules: RuleSet) -> list[str]:
    """A rule set in lines."""
    lines = [f"{days}: {hours}" for days, hours in hours_texts(rules.allowed_time).items()]
    if rules.holidays:
        lines.append(f"holidays are the {dates_text(rules.holidays)}")
    if rules.closed_dates:
        lines.append(f"closed: {dates_text(rules.closed_dates)}")
    lines += map(cap_text, rules.caps)
    return lines


def force_text(rules: RuleSet) -> str:
    """From when until when a set is in force, in words."""
    since = "at all dates" if rules.from_ is None else f"since {rules.from_.to_json()}"
    return (
        since if rules.until is None else f"{'' if rules.from_ is None else since + ' '}until {rules.until.to_json()}"
    )


def _sets_text(sets: Iterable[NamedRules]) -> str:
    return ", ".join(each.name for each in sets)


def _guessed(text: str, by_phone: bool) -> str:
    return f"{text} ({GUESS})" if by_phone else text


def _astray(each: FixedOffset) -> str:
    told = f"{counted(each.calls, 'call')} to {counted(each.numbers, 'number')} are by {each.zone}, which never changes"
    if each.calls_outside:
        return f"{told}: by {each.meant} {counted(each.calls_outside, 'call')} would be outside these hours."
    return f"{told}; {each.meant}, if it is meant, shows another time from {utc_text(each.change)} on."


def _numbers_astray(each: FixedNumbers) -> str:
    told = f"{counted(each.numbers, 'number')} are called by {each.zone}, which never changes"
    if not each.numbers_outside:
        return f"{told}; {each.meant}, if it is meant, shows another time from {utc_text(each.change)} on."
    outside = f"{counted(each.numbers_outside, 'number')} could be called outside their own hours"
    return f"{told}: if {each.meant} is meant, {outside} from {utc_text(each.change)} on."
