"""Excess: retries and redials of a scenario that may be more calls than a cap of a rule set allows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.auditing.groups import Group
from engine.calling.caps import Cap
from engine.calling.instants import DAY, HOUR, MINUTE, NEVER
from engine.calling.policy import CallPolicy
from engine.calling.rule_sets import NamedRules
from engine.customers.outcomes import Redial
from engine.reading.notes import Note
from engine.scenario.document import ScenarioDocument
from engine.words import span_text


class Excess(NamedTuple):
    """Calls that a cap of a rule set may forbid."""

    rules: NamedRules
    cap: Cap
    numbers: int
    why: str


def excess_of(
    document: ScenarioDocument,
    rules: NamedRules,
    cap: Cap,
    groups: Iterable[Group],
    meaning: Mapping[str, str],
    notes: list[Note],
) -> Iterator[Excess]:
    """The numbers whose retries, or whose redials, could be more calls than a cap allows."""
    if any(_at_least_as_strict(own, cap) for own in document.campaign.every_cap):
        return
    reasons: Counter[str] = Counter()
    counted = _counted(document, cap, meaning)
    if cap.outcomes is not None and not counted:
        words = " or ".join(cap.outcomes)
        text = (
            f"{rules.name} counts calls whose outcome is {words}, which the scenario does not have; say which means it"
        )
        notes.append(Note("outcome", f"{text}: --outcome NAME={cap.outcomes[0]}", 0))
        return
    for group in groups:
        if group.redial is None and len(group.added):
            why = _why(document, group.policy, cap, counted)
            if why is not None:
                reasons[why] += len(group.added)
    yield from (Excess(rules, cap, count, why) for why, count in reasons.most_common())


def _counted(document: ScenarioDocument, cap: Cap, meaning: Mapping[str, str]) -> list[str]:
    """The outcomes of a scenario that a cap counts."""
    wanted = cap.outcomes
    return [name for name in document.outcomes if wanted is None or meaning.get(name, name) in wanted]


def _at_least_as_strict(own: Cap, other: Cap) -> bool:
    """Whether what a campaign's cap allows, another allows, too."""
    longer = (own.hours or 0) >= (other.hours or 0) and (own.days or 0) >= (other.days or 0)
    same = (own.hours is None) == (other.hours is None) and own.per == other.per
    wider = own.outcomes is None or (other.outcomes is not None and set(own.outcomes) >= set(other.outcomes))
    as_many = own.redials == "counted" or other.redials == "exempt"
    return own.at_most <= other.at_most and longer and same and wider and as_many


def _why(document: ScenarioDocument, policy: CallPolicy, cap: Cap, counted: Sequence[str]) -> str | None:
    """Why a number may get more calls than a cap allows, in words; None if it cannot by itself."""
    outcomes = [document.outcomes[name] for name in counted]
    all_redials = [redial for outcome in document.outcomes.values() for redial in outcome.redials if redial.share > 0]
    redials = [] if cap.redials == "exempt" else all_redials
    length = (cap.hours or 0) * HOUR if cap.hours is not None else (cap.days or 1) * DAY
    most = min(policy.attempts, document.campaign.max_total_attempts or policy.attempts)
    if cap.outcomes is None:
        shortest = _shortest_retry(document, policy)
        if most > cap.at_most and cap.at_most * shortest < length:
            return f"maxAttempts {most} with {span_text(shortest)} between: call {cap.at_most + 1} could come too soon"
        total = document.campaign.max_total_attempts or NEVER  # a call of a redial may bring another one
        own = [shortest] if most > 1 else []
        shortest = min([*own, *(_shortest_wait(document, policy, redial) for redial in redials)], default=NEVER)
        if redials and total > cap.at_most and cap.at_most * shortest < length:
            return f"redials with {span_text(shortest)} between could be more calls"
        return None
    if any(each.retry for each in outcomes) and most > cap.at_most:
        return f"{' or '.join(counted)} is retried: a call behind it could come too soon"
    if redials and any(redial in outcome.redials for outcome in outcomes for redial in redials):
        return f"{' or '.join(counted)} brings a redial: it could come too soon"
    return None


def _shortest_wait(document: ScenarioDocument, policy: CallPolicy, redial: Redial) -> int:
    """The shortest time from the end of a call to the first call of a redial, or to the next one of its series."""
    own = policy if redial.retry_interval_in_minutes is None else redial
    attempts = policy.attempts if redial.max_attempts is None else redial.attempts
    return min(redial.seconds_after, _shortest_retry(document, own) if attempts > 1 else NEVER)


def _shortest_retry(document: ScenarioDocument, policy: CallPolicy) -> int:
    """The shortest time from the end of a call to the next one of its series, in seconds; NEVER if none is retried."""
    own = (each.retry_interval_in_minutes for each in document.outcomes.values() if each.retry)
    return min((policy.retry_seconds if each is None else each * MINUTE for each in own), default=NEVER)
