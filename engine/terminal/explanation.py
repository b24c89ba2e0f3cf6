"""The life of a number on a terminal: a bar for each local day, and a table of its stretches."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.calling.instants import HOUR, MINUTE, in_zone
from engine.calling.zones import parse_zone
from engine.dialing.waits import WAIT_REASONS
from engine.explaining.lives import Life, Lives
from engine.reading.names import visible
from engine.terminal.console import styled
from engine.terminal.tables import headline_lines
from engine.wording.explanations import (
    MOST_LIVES,
    OUTSIDE,
    REASON_WORDS,
    first_zone,
    life_about,
    life_sentences,
    lives_headline,
    more_lives,
    told,
)
from engine.words import zone_text

LETTERS = {reason.name: reason.letter for reason in WAIT_REASONS}
STYLES = {
    "before_start": "grey50",
    "retry_interval": "yellow",
    "held_by_cap": "magenta",
    "closed_date": "grey50",
    "day_not_allowed": "grey50",
    "outside_hours": "grey50",
    "no_lines": "bright_red",
    "line": "red",
    "pace": "red",
    "in_call": "bold green",
    "ended": "grey50",
}
LABEL_WIDTH = 16
"""Of a day's name with its date."""
CELL = 15 * MINUTE
MOST_DAYS, MOST_ROWS = 62, 400
"""So many days and stretches are shown; `--json` has them all."""


def lives_report(lives: Lives) -> RenderableType:
    """The lives of a phone's numbers: sentences, a bar for each day, a table."""
    parts: list[RenderableType] = [*headline_lines(lives_headline(lives))]
    for life in lives.lives[:MOST_LIVES]:
        parts += ["", life_about(lives, life)]
        if len(lives.lives) > 1:
            parts += life_sentences(life)
        parts += ["", DayBars(life), "", stretches_table(life)]
        if (rows := sum(1 for _ in told(life))) > MOST_ROWS:
            parts += [f"and {rows - MOST_ROWS:,} more; --json has them all"]
    if len(lives.lives) > MOST_LIVES:
        parts += ["", more_lives(lives)]
    return Group(*parts)


def stretches_table(life: Life) -> Table:
    """A row for each stretch: since when, how long, what it was, and what else there is to say."""
    zone = first_zone(life)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(f"from ({zone_text(zone)})", no_wrap=True)
    table.add_column("for", justify="right", no_wrap=True)
    table.add_column("it was", min_width=30, overflow="fold")
    for each in islice(told(life), MOST_ROWS):
        words = styled(each.words, STYLES.get(each.reason, ""))
        table.add_row(
            each.since, each.span, words.append(visible(f": {each.detail}" if each.detail else ""), "default")
        )
    return table


class DayBars(NamedTuple):
    """A row of cells for each local day: the letter of what the number did for most of a cell; a call always shows."""

    life: Life

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        room = options.max_width - LABEL_WIDTH
        an_hour = next((cells for cells in (4, 2, 1) if 24 * cells <= room), 0)
        if not an_hour:
            return
        days = self._days(an_hour)
        step = next(hours for hours in (1, 2, 3) if hours * an_hour >= 3)
        yield Text(
            " " * LABEL_WIDTH + "".join(f"{hour:02}".ljust(step * an_hour) for hour in range(0, 24, step)),
            style="dim",
        )
        for day in sorted(days)[:MOST_DAYS]:
            line = Text(f"{day:%a %Y-%m-%d}".ljust(LABEL_WIDTH))
            for cell in range(24 * an_hour):
                reason = _shown(days[day][cell])
                line.append(LETTERS[reason] if reason else " ", style=STYLES.get(reason, ""))
            yield line
        if len(days) > MOST_DAYS:
            yield Text(f"and {len(days) - MOST_DAYS:,} more days")
        yield Text("")
        present = {each.reason for each in self.life.stretches}
        keys = [f"{LETTERS[name]} {words}" for name, words in REASON_WORDS.items() if name in present - {"not_added"}]
        yield Text(", ".join(keys), style="dim")

    def _days(self, an_hour: int) -> dict[date, defaultdict[int, Counter[str]]]:
        """[local date][cell]: the seconds of each reason; days on which the number only has ended are left out."""
        zone, size = parse_zone(first_zone(self.life)), HOUR // an_hour
        days: dict[date, defaultdict[int, Counter[str]]] = {}
        for each in self.life.stretches:
            if each.reason in OUTSIDE and each.end - each.start > 2 * 24 * HOUR:
                first, last = (each.start, each.start + 1) if each.reason == "ended" else (each.end - 1, each.end)
            else:
                first, last = each.start, each.end
            while first < last:  # clocks change at quarter-hours, as a rule
                until = min(last, (first // CELL + 1) * CELL)
                local = in_zone(first, zone)
                cell = (local.hour * HOUR + local.minute * MINUTE + local.second) // size
                cells = days.setdefault(local.date(), defaultdict(Counter))
                cells[cell][each.reason] += until - first
                first = until
        return days


def _shown(seconds: Counter[str]) -> str:
    if not seconds:
        return ""
    return "in_call" if seconds["in_call"] else max(seconds, key=lambda name: seconds[name])
