"""Notes on a run: what was changed or left out, who can never be called, and what makes a campaign fail unnoticed."""

from collections.abc import Iterator
from itertools import islice

import msgspec

from engine.calling.closed_dates import ClosedDates, closed_days
from engine.calling.instants import DAY, HOUR, NEVER
from engine.calling.windows import WHOLE_WEEK
from engine.customers.outcomes import ANSWERED
from engine.dialing.rulebook import Rulebook
from engine.numbers.notes import count_of, holiday_notes
from engine.reading.notes import Note
from engine.results.lock import lock_notes
from engine.scenario.document import Goal, ScenarioDocument
from engine.scenario.expectations import Expectations
from engine.scenario.scenario import Scenario
from engine.words import moment_text, percent

MOST_NAMED = 5
"""So many outcomes are named where one of them should have another name."""

FARTHEST_CLOCK = 18 * HOUR
"""No clock is farther from UTC (rules 2)."""


def run_notes(scenario: Scenario, rulebook: Rulebook | None = None) -> tuple[Note, ...]:
    """All that there is to know of the input before its answer is believed; one note for each kind, with a count.

    `rulebook` is that of the scenario if it is compiled already.
    """
    compiled = Rulebook(scenario.document) if rulebook is None else rulebook
    never_called = *_never_called(scenario, compiled), *_closed(scenario, compiled)
    rules = _rules(scenario.document)
    expected = _expected(scenario.document)
    return (*_traps(scenario, compiled), *scenario.warnings, *rules, *never_called, *_locked(scenario), *expected)


def _traps(scenario: Scenario, rulebook: Rulebook) -> Iterator[Note]:
    document, book = scenario.document, scenario.phonebook
    answered = ANSWERED in document.outcomes
    if not answered:
        names = ", ".join(
            [*islice(document.outcomes, MOST_NAMED), *(["…"] if len(document.outcomes) > MOST_NAMED else [])]
        )
        text = f"no outcome is named {ANSWERED}, so nobody can be reached (name one of these so: {names})"
        yield Note("no_answered", text)
    if answered and document.goal is not None and len(book):
        yield from _goal(document.goal, scenario, rulebook)
    if document.campaign.allowed_time is None and rulebook.rule_week == WHOLE_WEEK:
        count = count_of(book, (own.allowed_time is None for own in book.distinct.undated))
        if count:
            what = "no allowedTime: calls come at any hour of the customers' clocks, at night, too"
            write = "write allowedTime: 9-20 under campaign"
            yield Note("no_hours", f"{what} ({write}): {count:,} of the numbers", count)


def _goal(goal: Goal, scenario: Scenario, rulebook: Rulebook) -> Iterator[Note]:
    """Whether more is wanted than can be reached: a number is reached at its first allowed instant at the earliest."""
    if goal.by is not None and rulebook.finish < goal.by:  # of a running dialer, whose time goes on
        return
    total, zone_name = len(scenario.phonebook), scenario.document.campaign.zone_name
    first = rulebook.first_allowed(scenario.phonebook)
    in_time = int((first < (rulebook.finish if goal.by is None else goal.by)).sum())
    if in_time >= goal.wanted(total):
        return
    by = "" if goal.by is None else f" before goal.by, {moment_text(goal.by, zone_name)}"
    if in_time:
        what = f"only {in_time:,} of the numbers, {percent(in_time / total)}, may be called{by}"
        write = "open hours for more of them, or lower goal.reached"
    else:
        what = f"no number may be called{by or ' in the simulated time'}"
        opens = int(first.min())
        write = "open hours for them" + (
            "" if opens == NEVER else f", or write a goal.by after {moment_text(opens, zone_name)}"
        )
    yield Note("goal", f"the goal cannot be reached: {what} ({write})", in_time)


def _never_called(scenario: Scenario, rulebook: Rulebook) -> Iterator[Note]:
    never = rulebook.never_allowed(scenario.phonebook)
    reasons = {
        "never_opens": (int(never.never_opens.sum()), "their policy never opens"),
        "closed_until_finish_date": (
            int(never.closed_until_finish.sum()),
            "no open hour lies before their finishDateTime",
        ),
    }
    for kind, (count, reason) in reasons.items():
        if count:
            yield Note(kind, f"numbers that can never be called: {count:,}, {reason}", count)


def _closed(scenario: Scenario, rulebook: Rulebook) -> Iterator[Note]:
    """What closed dates do, or do not do: no number of a campaign that names them should be left out unnoticed."""
    document, dates = scenario.document, scenario.document.campaign.closed_dates
    yield from holiday_notes(document.campaign.every_date, (rulebook.start, rulebook.finish))
    if not dates:
        return
    first, last = rulebook.start - FARTHEST_CLOCK, rulebook.finish - 1 + FARTHEST_CLOCK
    if not len(closed_days(dates, first // DAY, last // DAY)):
        yield Note("closed_dates_unused", "none of the closedDates lies in the simulated time")
    shut = rulebook.first_allowed(scenario.phonebook) == NEVER
    if shut.any():
        campaign = msgspec.structs.replace(document.campaign, closed_dates=ClosedDates())
        always_open = Rulebook(msgspec.structs.replace(document, campaign=campaign)).until(rulebook.finish)
        count = int((shut & (always_open.first_allowed(scenario.phonebook) != NEVER)).sum())
        if count:
            reason = "all their open hours in the simulated time lie on closedDates"
            yield Note("closed_dates", f"numbers that cannot be called: {count:,}, {reason}", count)


def _rules(document: ScenarioDocument) -> Iterator[Note]:
    """What rule sets of a campaign cannot do, or do though they are not in force."""
    first, last = document.start // DAY, (document.finish - 1) // DAY
    for name, rules in document.campaign.rules:
        if (rules.from_ is not None and first < rules.from_) or (rules.until is not None and rules.until < last):
            since = "" if rules.from_ is None else f" from {rules.from_.to_json()}"
            until = "" if rules.until is None else f" until {rules.until.to_json()}"
            yield Note("rules", f"rules {name} are in force{since}{until}: here they hold all the time")
        unknown = {each for cap in rules.caps for each in cap.outcomes or ()} - document.outcomes.keys()
        if unknown:
            named = ", ".join(sorted(unknown))
            yield Note("rules", f"rules {name} count calls that no outcome of the scenario is: {named}; name it so")
        if rules.consent_from is not None and last >= rules.consent_from:
            yield Note("rules", f"rules {name}: calls from {rules.consent_from.to_json()} on need a consent")


def _expected(document: ScenarioDocument) -> Iterator[Note]:
    if document.expect != Expectations():
        yield Note("expect", "what the scenario expects is not judged here: pytest --dialer-scenarios DIR tests it")


def _locked(scenario: Scenario) -> Iterator[Note]:
    return (Note("lock", note) for note in lock_notes(scenario))
