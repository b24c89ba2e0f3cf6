"""Planned calls: a scenario held against rule sets before any run.

A number could be called at every second that is open for it, whether it will be or not.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from engine.auditing.excess import Excess, excess_of
from engine.auditing.groups import groups
from engine.auditing.judging import CAP
from engine.auditing.offsets import FixedNumbers, fixed_numbers
from engine.auditing.possible import Possible, possible_calls
from engine.auditing.rule_texts import cap_text
from engine.auditing.whereabouts import BY_PHONE, whereabouts
from engine.calling.instants import DAY
from engine.calling.rule_sets import NamedRules
from engine.luck import OCCURRENCE_BIT
from engine.reading.notes import Note
from engine.scenario.scenario import Scenario

PLANNED = {
    **dict.fromkeys(("rules", "rule", "kind", "source", "hours", "redialAfter", "time"), pl.String),
    **dict.fromkeys(("numbers", "dates"), pl.Int64),
    **dict.fromkeys(("first", "why"), pl.String),
}
"""The columns of findings."""


class Plan(NamedTuple):
    """What a scenario lets happen, held against rule sets."""

    numbers: int
    held: tuple[tuple[NamedRules, int], ...]
    """Each set with the numbers for which it holds."""
    possible: tuple[Possible, ...]
    excess: tuple[Excess, ...]
    offsets: tuple[FixedNumbers, ...]
    notes: tuple[Note, ...]
    by_phone: bool

    @property
    def found(self) -> int:
        """How many findings there are."""
        return len(self.possible) + len(self.excess)

    def findings(self) -> pl.DataFrame:
        """A row for each finding: what could happen, to how many numbers."""
        rows: list[dict[str, Any]] = [
            {"rules": each["rules"], "rule": each.get("rule", each["kind"]), **each}
            for part in ("possible", "forbidden")
            for each in self.document[part]
        ]
        return pl.DataFrame(rows, schema=PLANNED)

    @property
    def document(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "numbers": self.numbers,
            "found": self.found,
            "ruleSetsByPhone": self.by_phone,
            "ruleSets": [{**each.document, "numbers": numbers} for each, numbers in self.held],
            "possible": [
                {
                    "rules": each.rules.name,
                    "kind": each.kind,
                    "source": each.rules.rules.source,
                    "hours": each.hours,
                    "redialAfter": each.redial,
                    "time": each.time,
                    "numbers": each.numbers,
                    "dates": each.dates,
                    "first": each.local_text,
                }
                for each in self.possible
            ],
            "forbidden": [
                {
                    "rules": each.rules.name,
                    "rule": cap_text(each.cap),
                    "kind": CAP,
                    "source": each.rules.rules.source,
                    "numbers": each.numbers,
                    "why": each.why,
                }
                for each in self.excess
            ],
            "fixedOffsets": [each.document for each in self.offsets],
        }


def planned(
    scenario: Scenario,
    rules: Sequence[NamedRules],
    *,
    by_phone: bool = False,
    meaning: Mapping[str, str] | None = None,
) -> Plan:
    """Hold a scenario against rule sets before it is played; `by_phone` and `meaning` as for `audit`.

    The cost grows with the distinct call policies and with the days that are simulated.
    """
    document, book = scenario.document, scenario.phonebook
    where = whereabouts(book.phone_codes) if by_phone else None
    held: list[tuple[NamedRules, int]] = []
    possible: list[Possible] = []
    excess: list[Excess] = []
    notes: list[Note] = []
    for each in rules:
        rows = np.arange(len(book)) if where is None else np.flatnonzero(where.within(each.rules.where))
        held.append((each, len(rows)))
        alike = list(groups(document, book, rows))
        possible += possible_calls(document, each, alike)
        for cap in each.rules.caps:
            excess += excess_of(document, each, cap, alike, meaning or {}, notes)
        if each.rules.consent_from is not None and len(rows):
            text = f"{each.name}: calls from {each.rules.consent_from.to_json()} on need a consent, which no list shows"
            if int(document.finish) // DAY >= each.rules.consent_from:
                notes.append(Note("consent", text, len(rows)))
    again = int((book.identities >> np.uint64(OCCURRENCE_BIT) > 0).sum())
    if again and any(each.rules.caps for each in rules):
        text = "a phone that is in the list more than once shares its caps, which is not reckoned with here"
        notes.append(Note("occurrences", f"{text}: {again:,} of the numbers", again))
    if by_phone:
        notes.append(BY_PHONE)
        nowhere = 0 if where is None else int((~where.known).sum())
        if nowhere:
            text = "numbers whose country no numbering plan tells are held against no rule set"
            notes.append(Note("region_not_known", f"{text}: {nowhere:,}", nowhere))
    everyone = list(groups(document, book, np.arange(len(book))))
    return Plan(
        numbers=len(book),
        held=tuple(held),
        possible=tuple(possible),
        excess=tuple(excess),
        offsets=tuple(fixed_numbers(document, everyone)),
        notes=tuple(notes),
        by_phone=by_phone,
    )
