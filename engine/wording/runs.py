"""A run in words: its headline and the rows of its tables."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from engine.calling.instants import HOUR
from engine.dialing.record import ENDINGS
from engine.dialing.waits import WAIT_REASONS
from engine.results.result import Result
from engine.results.summary import Summary, figures_by_name
from engine.wording.figures import figure_remark, figure_text, figure_title
from engine.wording.headlines import Headline, name_text
from engine.wording.limits import limits_text
from engine.wording.reasons import ending_text, reason_text, wait_text
from engine.wording.waits import waits_sentences
from engine.words import counted, moment_text, percent, percent_as_written, span_text, whole_minute, zone_text

LINE_FIGURES = (
    "lines.hours_available",
    "lines.hours_in_use",
    "lines.occupancy",
    "lines.occupancy_while_calling",
    "lines.most_in_use",
    "calls.per_number",
    "calls.most_attempts",
    "numbers.duplicates_ignored",
)
"""The figures of a run that have a table of their own."""


def run_headline(result: Result) -> Headline:
    """The headline of a run: whether the goal was met, how many were reached and by when."""
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    start, finish = (moment_text(instant, zone_name) for instant in (document.start, document.finish))
    if figures.last_reached_at is None:
        reached = "Nobody was reached."
    else:
        share, count = percent(figures.numbers.reached_share), figures.numbers.reached
        last = moment_text(whole_minute(figures.last_reached_at), zone_name)
        reached = f"{share} were reached ({count:,}), the last of them on {last}."
    sentences = (*_goal(result), reached, _list_done(result), *waits_sentences(result))
    return Headline(
        name=name_text(document.name),
        about=(
            f"{start} to {finish} ({zone_text(zone_name)})",
            f"numbers {figures.numbers.total:,}, seed {document.seed}",
            *filter(None, (limits_text(document.campaign),)),
        ),
        answer=sentences[0],
        more=sentences[1:],
        notes=tuple(map(str, result.warnings)),
    )


def _list_done(result: Result) -> str:
    figures = result.figures
    if not figures.numbers.total:
        return "The list is empty."
    if figures.done_at is not None:
        return f"The list was done on {moment_text(whole_minute(figures.done_at), result.document.campaign.zone_name)}."
    return f"The list was not done: {figures.numbers.pending:,} of the numbers are pending."


def _goal(result: Result) -> Iterable[str]:
    document, figures = result.document, result.figures
    zone_name = document.campaign.zone_name
    if document.goal is not None and figures.goal is not None:
        by = "" if document.goal.by is None else f" by {moment_text(document.goal.by, zone_name)}"
        share, wanted = percent(figures.goal.reached_share), percent_as_written(document.goal.reached)
        if figures.goal.met is None:
            yield f"Goal {goal_verdict(result)}: {share} reached so far, {wanted} wanted{by}."
        else:
            yield f"Goal {goal_verdict(result)}: {share} reached{by}, {wanted} wanted."


def goal_verdict(result: Result) -> str:
    """Whether the goal is open, met or missed; by how many numbers, where the rounded shares do not show it."""
    goal, wanted, total = result.figures.goal, result.document.goal, result.figures.numbers.total
    if goal is None or wanted is None or goal.met is None:
        return "open"
    if goal.met:
        return "met"
    if round(goal.reached_share, 3) < wanted.reached:
        return "missed"
    return f"missed by {counted(wanted.wanted(total) - round(goal.reached_share * total), 'number')}"


def run_document(result: Result) -> dict[str, Any]:
    """The summary as plain values, with its sentence: what `dialer run --json` prints."""
    document = dict(result.summary_document)
    told = {"sentence": run_headline(result).text, "zone": zone_text(result.document.campaign.zone_name)}
    return {"name": document.pop("name"), **told, **document}


class Count(NamedTuple):
    """A row of a table of counts."""

    words: str
    counted: int
    share: float


class Counts(NamedTuple):
    """A table of counts with their shares."""

    caption: str
    what: str
    """The heading of the words: how numbers ended, or why they were not reached."""
    unit: str
    """What is counted."""
    rows: tuple[Count, ...]


def list_counts(figures: Summary) -> Counts:
    """What became of the list: the numbers that were reached, then all of them by how they ended."""
    numbers = figures.numbers
    rows = [Count("reached", numbers.reached, numbers.reached_share)]
    share = numbers.reached_share if figures.goal is None else figures.goal.reached_share
    if share != numbers.reached_share:
        rows.append(Count("reached in time", round(share * numbers.total), share))
    rows += [
        Count(ending_text(ending), numbers.ending[ending], numbers.ending_share[ending])
        for ending in ENDINGS
        if numbers.ending[ending]
    ]
    return Counts("What became of the list", "what became of them", "numbers", tuple(rows))


def not_reached_counts(figures: Summary) -> Counts:
    """The numbers that were not reached, by reason."""
    total = figures.numbers.total
    rows = (Count(reason_text(name), count, count / total) for name, count in figures.numbers.not_reached.items())
    return Counts("Who was not reached, and why", "reason", "numbers", tuple(rows))


def outcome_counts(figures: Summary) -> Counts:
    """The calls by what they came to."""
    calls = figures.calls
    rows = (Count(name, count, calls.outcome_share[name]) for name, count in calls.outcome.items())
    return Counts("What calls came to", "outcome", "calls", tuple(rows))


def zone_counts(figures: Summary) -> Counts:
    """The numbers without a zone of their own, by what their phones say about it."""
    zones, total = figures.zones, figures.numbers.total
    counts: dict[str, int] = {}
    if zones is not None:
        counts = {
            "in one zone": zones.in_one_zone,
            "in several, called when all are open": zones.in_several_zones,
        }
        if zones.not_placed_zone is not None:
            counts[f"not known, by the clock of {zone_text(zones.not_placed_zone)}"] = zones.not_placed
    rows = (Count(words, count, count / total) for words, count in counts.items() if count)
    return Counts("Zones by phone", "phones", "numbers", tuple(rows))


def waits_counts(result: Result) -> Counts:
    """The hours that all numbers spent on the list, by what they did or waited for; none if they were not counted."""
    waits, record = result.figures.waits or {}, result.record.waits
    rows = []
    for place, reason in enumerate(WAIT_REASONS):
        if record is not None and waits.get(reason.name):
            hours = round(int(record[:, place].sum()) / HOUR)
            rows.append(Count(wait_text(reason.name), hours, waits[reason.name]))
    return Counts("What the time on the list went to", "the number was", "hours of numbers", tuple(rows))


class Waits(NamedTuple):
    """How long the numbers of a priority waited for their first call, in words."""

    priority: str
    numbers: str
    mean: str
    median: str
    p90: str
    p99: str


WAITS_CAPTION = "First allowed to first call"


def waits(figures: Summary) -> list[Waits]:
    """How long numbers waited from the first instant at which they could be called to their first call."""
    return [
        Waits(
            f"priority {priority}",
            f"{each.numbers:,}",
            *(span_text(span) for span in (each.mean, each.median, each.p90, each.p99)),
        )
        for priority, each in figures.waiting.items()
    ]


LINES_CAPTION = "Lines and attempts"


def lines_remark(figures: Summary) -> str:
    """What explains an occupancy above 100 %; empty if none is."""
    name = "lines.occupancy_while_calling"
    return figure_remark(name, (figures.lines.occupancy_while_calling,))


def line_figures(result: Result) -> list[tuple[str, str]]:
    """The work of the lines: titles of figures, and their values in words."""
    values, zone_name = figures_by_name(result.figures), result.document.campaign.zone_name
    return [
        (figure_title(name), "-" if (value := values[name]) is None else figure_text(name, value, zone_name))
        for name in LINE_FIGURES
    ]
