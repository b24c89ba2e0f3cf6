"""The life of a number in words: why it was called when it was, and why not at other times."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from engine.auditing.rule_texts import cap_text
from engine.calling.instants import utc_text
from engine.dialing.waits import WAIT_REASONS
from engine.explaining.lives import Life, Lived, Lives
from engine.wording.headlines import Headline, name_text
from engine.wording.reasons import ending_text, wait_text
from engine.wording.waits import MOST_NAMED
from engine.words import counted, listed, moment_text, percent, span_text, zone_text

REASON_WORDS = {reason.name: wait_text(reason.name) for reason in WAIT_REASONS}
MOST_LIVES = 20
"""So many numbers with one phone are shown."""
OUTSIDE = ("not_added", "ended")
"""What is not part of the time that a number spends on the list."""


def lives_headline(lives: Lives) -> Headline:
    """The headline of an explanation: of one number, or how many there are of the phone."""
    answer, *more = (
        life_sentences(lives.lives[0])
        if len(lives.lives) == 1
        else (f"{lives.phone} is on the list {len(lives.lives)} times.",)
    )
    return Headline(name_text(lives.name), (lives.phone,), answer, tuple(more))


def more_lives(lives: Lives) -> str:
    """How many numbers with the phone are not shown where MOST_LIVES are."""
    return f"and {len(lives.lives) - MOST_LIVES:,} more numbers with this phone; --json has them all"


def life_about(lives: Lives, life: Life) -> str:
    """When a number was added, and by which clock its times are shown."""
    added = moment_text(life.added, first_zone(life))
    zones = " and ".join(map(zone_text, life.zone_name.split("&")))
    place = f"{lives.lives.index(life) + 1} of {len(lives.lives)}: " if len(lives.lives) > 1 else ""
    shown = f", shown by the clock of {zone_text(first_zone(life))}" if "&" in life.zone_name else ""
    return f"{place}added {added}, {zones}{shown}, priority {life.stretches[0].priority}"


def first_zone(life: Life) -> str:
    """The zone by which the times of a number are shown: its own, of several the first by name (rules 7)."""
    return life.zone_name.split("&")[0]


def life_sentences(life: Life) -> tuple[str, ...]:
    """What became of a number, and on what its time went."""
    calls, last = life.calls, life.stretches[-1]
    if not calls:
        called = "It was never called"
    else:
        reached = "was not reached"
        if life.reached_at is not None:
            reached = f"was reached on {moment_text(life.reached_at, first_zone(life))}"
        called = f"It was called {counted(len(calls), 'time')} and {reached}"
    if last.ending is not None:
        became = f"it ended on {moment_text(last.start, first_zone(life))}: {ending_text(last.ending)}"
    else:
        became = f"when the simulation ends, it is {REASON_WORDS[last.reason]}"
    first = f"{called}; {became}."
    total, spent = time_spent(life)
    if not total:
        return (first,)
    shares = listed([f"{percent(seconds / total)} {REASON_WORDS[name]}" for name, seconds in spent])
    return first, f"Of its {span_text(total)} on the list it spent {shares}."


def time_spent(life: Life) -> tuple[int, list[tuple[str, int]]]:
    """The seconds that a number is on the list, and the reasons to which most of them go, with theirs."""
    spent = {name: seconds for name, seconds in life.seconds.items() if name not in OUTSIDE}
    return sum(spent.values()), sorted(spent.items(), key=lambda each: -each[1])[:MOST_NAMED]


class Told(NamedTuple):
    """A row of a table of stretches; those of waiting for a line and for the pace, which often alternate, are one."""

    since: str
    span: str
    words: str
    detail: str
    reason: str
    """The one of which the row has the most seconds."""


def told(life: Life) -> Iterator[Told]:
    """The stretches of a life in words, by its own clock."""
    zone = first_zone(life)
    for in_line, group in groupby(life.stretches, key=lambda each: each.ahead is not None):
        for some in [[*group]] if in_line else ([each] for each in group):
            seconds: Counter[str] = Counter()
            for each in some:
                seconds[each.reason] += each.end - each.start
            [(reason, _), *others] = seconds.most_common()
            detail = "; ".join(
                [_detail(some, zone), *(f"{span_text(of)} of it {REASON_WORDS[name]}" for name, of in others)]
            )
            start, end = some[0].start, some[-1].end
            yield Told(moment_text(start, zone), span_text(end - start), REASON_WORDS[reason], detail, reason)


def _detail(some: Sequence[Lived], zone_name: str) -> str:
    """What else there is to say of a stretch, or of several in which a number waits for a line or the pace."""
    lived = some[0]
    if lived.outcome is not None:
        return f"attempt {lived.attempt}, {lived.outcome}, {span_text(lived.seconds or 0)}"
    if lived.caps:
        return " and ".join(map(cap_text, lived.caps))
    if lived.ending is not None:
        return ending_text(lived.ending)
    if lived.ahead is None:
        return ""
    called = sum(each.called_meanwhile or 0 for each in some)
    others = [each.last_called for each in some if each.last_called is not None]
    if not others:
        return f"{lived.ahead:,} ahead, nobody called meanwhile"
    day, since = (moment_text(instant, zone_name) for instant in (some[-1].end - 1, others[-1].next_allowed))
    if since[:DATE_LENGTH] == day[:DATE_LENGTH]:
        since = since[DATE_LENGTH + 1 :]
    last = f"{others[-1].phone} (priority {others[-1].priority}, since {since})"
    return f"{lived.ahead:,} ahead, {counted(called, 'call')} to others, the last to {last}"


DATE_LENGTH = len("Mon 2026-03-02")


def lives_document(lives: Lives) -> dict[str, Any]:
    """An explanation as plain values: what `dialer explain --json` prints. Instants are ISO 8601 in UTC."""
    return {
        "name": lives.name,
        "phone": lives.phone,
        "start": utc_text(lives.start),
        "finish": utc_text(lives.finish),
        "sentence": lives_headline(lives).text,
        "lives": [
            {
                "added": utc_text(life.added),
                "zone": life.zone_name,
                "reached_at": None if life.reached_at is None else utc_text(life.reached_at),
                "sentence": " ".join(life_sentences(life)),
                "seconds": life.seconds,
                "stretches": [_lived_document(each) for each in life.stretches],
            }
            for life in lives.lives
        ],
    }


def _lived_document(lived: Lived) -> dict[str, Any]:
    """A stretch, without the fields that say nothing of it."""
    last = lived.last_called
    fields = {
        "start": utc_text(lived.start),
        "end": utc_text(lived.end),
        "seconds": lived.end - lived.start,
        "reason": lived.reason,
        "priority": lived.priority,
        "attempt": lived.attempt,
        "outcome": lived.outcome,
        "call_seconds": lived.seconds,
        "caps": [cap_text(cap) for cap in lived.caps] or None,
        "ahead": lived.ahead,
        "called_meanwhile": lived.called_meanwhile,
        "last_called": last
        and {"phone": last.phone, "priority": last.priority, "next_allowed": utc_text(last.next_allowed)},
        "ending": lived.ending,
    }
    return {name: value for name, value in fields.items() if value is not None}
