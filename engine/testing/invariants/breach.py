"""Breaches: what a call log breaks, said so that a person can look it up."""

import msgspec

MOST_WORDED = 20
"""So many breaches of an invariant are worded; all are counted."""


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """A call that breaks a rule, or a number that was left out; str() is a sentence."""

    invariant: str
    section: int
    """The section of docs/rules.md."""
    phone: str
    number: int | None
    """The row of the list, from 0; None if it is not known."""
    row: int | None
    """The row of the log, from 0; None if no call is at fault."""
    instant: str
    """When, in UTC."""
    local: str
    """The same on the customer's own clock, with its zone."""
    expected: str
    found: str

    def __str__(self) -> str:
        who = f"The number {self.phone}" if self.row is None else f"Row {self.row}, the call to {self.phone}"
        when = f"at {self.instant} ({self.local})"
        texts = f"expected {self.expected}; found {self.found}"
        return f"{who} {when} breaks {self.invariant} (rules {self.section}): {texts}."


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one invariant says of a log."""

    invariant: str
    section: int
    count: int
    """How many breaches there are."""
    breaches: tuple[Breach, ...]
    """The first MOST_WORDED of them, in the order of the log."""
    checked: int
    """How many calls, or numbers, were decided."""
    not_checked: int
    """How many the log says too little of to decide."""
    why: str = ""
    """What the log does not say, if anything was not checked."""

    def __str__(self) -> str:
        subject = "numbers" if self.invariant == "lost" else "calls"
        breaches = f"{self.count:,} {'breach' if self.count == 1 else 'breaches'}"
        text = f"{self.invariant} (rules {self.section}): {breaches}, {self.checked:,} {subject} checked"
        return f"{text}, {self.not_checked:,} not checked ({self.why})" if self.not_checked else text


class Findings(msgspec.Struct, frozen=True):
    """What all invariants say of a log: true if anything is broken."""

    each: tuple[Finding, ...]

    @property
    def count(self) -> int:
        """All breaches."""
        return sum(finding.count for finding in self.each)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Those that are worded."""
        return tuple(breach for finding in self.each for breach in finding.breaches)

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        return "\n".join([*map(str, self.each), *map(str, self.breaches)])
