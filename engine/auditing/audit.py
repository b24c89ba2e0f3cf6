"""An audit: calls held against rule sets, with every finding."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.auditing.calls import NOT_KNOWN, Calls, codes_of
from engine.auditing.judging import Breach, breaches, in_force
from engine.auditing.offsets import FixedOffset, fixed_offsets
from engine.auditing.whereabouts import BY_PHONE, Whereabouts, whereabouts
from engine.calling.instants import DAY
from engine.calling.rule_sets import NamedRules
from engine.customers.outcomes import ANSWERED
from engine.reading.faults import shown
from engine.reading.notes import Note

FINDING = {
    "rules": pl.String,
    "rule": pl.String,
    "kind": pl.String,
    "source": pl.String,
    "phone": pl.String,
    "start": pl.String,
    "local": pl.String,
    "zone": pl.String,
    "outcome": pl.String,
    "guessed": pl.String,
}
"""The columns of findings."""


class Held(NamedTuple):
    """A rule set that calls were held against."""

    rules: NamedRules
    calls: int
    """The calls for which it holds and in which it was in force."""


class Audit(NamedTuple):
    """What an audit of calls found."""

    calls: Calls
    held: tuple[Held, ...]
    breaches: tuple[Breach, ...]
    """One for each rule of each set, also those that every call keeps."""
    offsets: tuple[FixedOffset, ...]
    notes: tuple[Note, ...]
    by_phone: bool
    """Whether sets were found by phone: that is a guess."""

    @property
    def found(self) -> int:
        """How many findings there are: a call is one for each rule that forbids it."""
        return sum(len(breach.calls) for breach in self.breaches)

    def findings(self, most: int | None = None) -> pl.DataFrame:
        """A row for each finding, those of one rule together, each rule's in order of time; at most `most` of each.

        `start` is UTC, null if it is not known; `local` is the customer's wall clock, that of the first zone by name of
        several; `guessed` names what was guessed from phones: `rules`, `zone`, both or nothing.
        """
        tables = [self._of(breach, most) for breach in self.breaches if len(breach.calls)]
        return pl.concat(tables) if tables else pl.DataFrame(schema=FINDING)

    def _of(self, breach: Breach, most: int | None) -> pl.DataFrame:
        calls = self.calls
        rows = breach.calls[np.argsort(calls.start[breach.calls], kind="stable")][:most]
        start = _texts(calls.start[rows], "Z") if calls.in_utc else pl.Series([None], dtype=pl.String)
        outcome = np.full(len(rows), NOT_KNOWN) if calls.outcome is None else calls.outcome[rows]
        guessed = [name for name, is_one in (("rules", self.by_phone), ("zone", calls.zones_guessed)) if is_one]
        words = {
            "rules": breach.rules.name,
            "rule": breach.words,
            "kind": breach.kind,
            "source": breach.rules.rules.source,
        }
        return pl.DataFrame(
            {
                **{name: pl.Series([text]).new_from_index(0, len(rows)) for name, text in words.items()},
                "phone": calls.phones.gather(pl.Series(calls.number[rows])),
                "start": start if calls.in_utc else start.new_from_index(0, len(rows)),
                "local": _texts(calls.local[rows], ""),
                "zone": calls.zone_names(rows),
                "outcome": pl.Series([*calls.outcomes, None], dtype=pl.String).gather(
                    pl.Series(np.where(outcome < 0, len(calls.outcomes), outcome))
                ),
                "guessed": pl.Series([" ".join(guessed)]).new_from_index(0, len(rows)),
            },
            schema=FINDING,
        )

    @property
    def document(self) -> dict[str, Any]:
        """The audit as plain values, without its findings."""
        return {
            "calls": self.calls.size,
            "found": self.found,
            "ruleSetsByPhone": self.by_phone,
            "ruleSets": [{**each.rules.document, "calls": each.calls} for each in self.held],
            "rules": [
                {"rules": each.rules.name, "rule": each.words, "kind": each.kind, "findings": len(each.calls)}
                for each in self.breaches
            ],
            "fixedOffsets": [each.document for each in self.offsets],
        }


def audit(
    calls: Calls,
    rules: Sequence[NamedRules],
    *,
    by_phone: bool = False,
    meaning: Mapping[str, str] | None = None,
    unknown_words: Sequence[str] = (),
    notes: Sequence[Note] = (),
) -> Audit:
    """Hold calls against rule sets, each call against those in force at its own date.

    With `by_phone` a set holds for the calls to its regions alone, by the numbering plan. `meaning` says which outcomes
    of the calls are which of a cap: `{"REFUSED": "refusal"}`. O(n log n) in calls for each cap, O(n) for hours.
    """
    calls = _renamed(calls, meaning or {})
    where = _where(calls) if by_phone else None
    held, found = [], []
    for each in rules:
        holds = None if where is None else where.within(each.rules.where)[calls.number]
        found += breaches(calls, each, holds)
        judged = in_force(calls.local // DAY, each)
        for mask in (holds, calls.clock_known):
            if mask is not None:
                judged &= mask
        held.append(Held(each, int(judged.sum())))
    own = (*notes, *_notes(calls, held, unknown_words, by_phone=by_phone), *_notes_on_regions(calls, where))
    offsets = tuple(fixed_offsets(calls, [each.rules for each in held]))
    return Audit(calls, tuple(held), tuple(found), offsets, own, by_phone)


def _renamed(calls: Calls, meaning: Mapping[str, str]) -> Calls:
    """The calls with the outcomes that are meant; several of them may mean the same."""
    names = [meaning.get(name, name) for name in calls.outcomes]
    if calls.outcome is None or not meaning:
        return calls
    kept = tuple(dict.fromkeys(names))
    places = np.array([*(kept.index(name) for name in names), NOT_KNOWN])
    return calls._replace(outcomes=kept, outcome=places[calls.outcome])


def _where(calls: Calls) -> Whereabouts:
    return whereabouts(codes_of(calls.phones))


def _notes(calls: Calls, held: Sequence[Held], unknown: Sequence[str], *, by_phone: bool) -> Iterator[Note]:
    idle = [each.rules.name for each in held if not each.calls]
    if idle and calls.size:
        yield Note("not_in_force", f"rule sets that hold for none of the calls: {', '.join(idle)}", len(idle))
    for each in held:
        if each.calls:
            yield from _notes_on(calls, each, unknown)
    if by_phone:
        yield BY_PHONE


def _notes_on_regions(calls: Calls, where: Whereabouts | None) -> Iterator[Note]:
    nowhere = 0 if where is None else int((~where.known)[calls.number].sum())
    if nowhere:
        text = "calls to phones whose country no numbering plan tells are held against no rule set"
        yield Note("region_not_known", f"{text}: {nowhere:,}; phones begin with the code of their country", nowhere)


def _notes_on(calls: Calls, each: Held, unknown: Sequence[str]) -> Iterator[Note]:
    name, rules = each.rules
    wanted = {outcome for cap in rules.caps for outcome in cap.outcomes or ()}
    for outcome in sorted(wanted - set(calls.outcomes)):
        words = f" ({', '.join(map(shown, unknown[:8]))})" if unknown else ""
        text = f"{name} counts calls whose outcome is {outcome}, and no call has it; say which one means it"
        yield Note("outcome", f"{text}: --outcome WORD={outcome}{words}", 0)
    if ANSWERED in wanted and unknown and ANSWERED in calls.outcomes:
        text = f"words for outcomes that are not known stand for themselves: {', '.join(map(shown, unknown[:8]))}"
        yield Note("outcome", f"{text}; --outcome WORD=answered, if one of them is a conversation", len(unknown))
    fields = {cap.per.field for cap in rules.caps if cap.per.field is not None}
    for field in sorted(fields - set(calls.shared)):
        text = f"{name} counts for each {field}, and calls do not say theirs: they count by phone"
        yield Note("shared", f"{text}; in a log, --column payload.{field}=TITLE names the column")
    if any(cap.redials == "exempt" for cap in rules.caps) and calls.redial is None:
        text = f"{name} exempts calls that the customer asked for, and calls do not say which these are: all count"
        yield Note("redials", f"{text}; in a log, --column redial=TITLE names a column of yes and no")
    if rules.consent_from is not None:
        count = int((calls.local // DAY >= rules.consent_from).sum())
        if count:
            text = f"{name}: calls from {rules.consent_from.to_json()} on need a consent, which no log shows"
            yield Note("consent", f"{text}: {count:,} calls", count)


def _texts(seconds: NDArray[np.int64], suffix: str) -> pl.Series:
    return (
        (pl.Series(seconds, dtype=pl.Int64) * 1_000_000)
        .cast(pl.Datetime("us"))
        .dt.strftime(f"%Y-%m-%dT%H:%M:%S{suffix}")
    )
