"""A fitted log on a terminal: outcomes and factors with their intervals, and how well they fit."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.fitting.factors import Factor
from engine.fitting.fit import Fit
from engine.fitting.playback import Playback
from engine.fitting.scenario_text import interval_text
from engine.reading.notes import Note
from engine.terminal.tables import headline_lines, titled_table
from engine.wording.fits import fit_headline
from engine.words import percent

UNLIKELY = 0.01
"""Below this p-value the factors do not explain the log."""


def fit_report(fitted: Fit, name: str, playback: Playback | None = None, notes: Iterable[Note] = ()) -> RenderableType:
    """What was fitted: the answer in a sentence, tables with intervals of 95 %, and how well they fit."""
    tables = [_outcomes_table(fitted), _times_table(fitted)]
    for title, factors in (
        ("Factors by local hour", fitted.hours),
        ("Factors by weekday", fitted.weekdays),
        ("Factors by attempt", fitted.attempts),
    ):
        if factors:
            tables.append(_factors_table(title, factors))
    if playback is not None:
        tables.append(_playback_table(playback))
    return Group(
        *headline_lines(fit_headline(fitted, name, notes)),
        *(part for table in tables for part in ("", table)),
        "",
        *_agreement(fitted),
        *([_played(playback)] if playback is not None else []),
        Text("Intervals are of 95 %.", style="dim"),
    )


def _outcomes_table(fitted: Fit) -> Table:
    table = titled_table("Outcomes", "calls", "of the log", "in the scenario", "retry", width=10)
    for outcome in fitted.outcomes:
        of_log, share = (interval_text(each, 100, " %") for each in (outcome.of_log, outcome.share))
        retry = "yes" if outcome.retry else "no"
        table.add_row(outcome.name, f"{outcome.calls:,}", of_log, share, retry)
    return table


def _times_table(fitted: Fit) -> Table:
    columns = ("calls", "median", "mean", "fitted mean", "points", "distance")
    table = titled_table("Durations", *columns, width=12)
    for outcome in fitted.outcomes:
        times = outcome.talk_times
        points = len(times.seconds) if isinstance(times.seconds, dict) else 1
        spans = (f"{value:.1f} s" for value in (times.median, times.mean, times.mean_drawn))
        table.add_row(outcome.name, f"{times.calls:,}", *spans, f"{points}", f"{times.distance:.4f}")
    return table


def _factors_table(title: str, factors: tuple[Factor, ...]) -> Table:
    table = titled_table(title, "calls", "answered", "factor", "interval", "", width=22)
    for factor in factors:
        answered = percent(factor.answered / factor.calls) if factor.calls else "-"
        interval = f"{_factor(factor.low)} to {_factor(factor.high)}"
        bar = Text("█" * min(round(factor.factor * 8), 16) or "▏", style="cyan")
        table.add_row(factor.key, f"{factor.calls:,}", answered, _factor(factor.factor), interval, bar)
    return table


def _playback_table(playback: Playback) -> Table:
    table = titled_table("Played back", "of the log", "played", "calls played", "distance", width=12)
    for outcome in playback.outcomes:
        shares = percent(outcome.share_of_log), percent(outcome.share_played)
        table.add_row(outcome.name, *shares, f"{outcome.calls_played:,}", f"{outcome.distance:.4f}")
    return table


def _agreement(fitted: Fit) -> Iterator[str]:
    found = fitted.agreement
    if found is None:
        return
    text = f"chi-square {found.chi_square:.1f} with {found.freedom} degrees of freedom, p {found.p_value:.2g}"
    if found.p_value < UNLIKELY:
        yield "The factors do not explain all differences between weekdays and hours:"
        yield f"{text}. Hours may differ between weekdays."
    else:
        yield f"The factors explain the answers by weekday and hour ({text})."


def _played(playback: Playback) -> str:
    furthest = max(outcome.distance for outcome in playback.outcomes)
    verdict = (
        "The model played back is close to the log" if playback.is_close else "The model played back is off the log"
    )
    compared = "" if playback.compared > 0.9995 else f"; {percent(playback.compared)} of its calls are compared"
    return f"{verdict}, durations within a distance of {furthest:.4f}{compared}."


def _factor(value: float) -> str:
    """A factor with two decimals; the end of an interval that says nothing takes no more room than others."""
    return f"{value:.2f}" if value < 1_000 else "…"
