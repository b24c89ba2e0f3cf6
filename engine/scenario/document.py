"""The document: what a scenario file may say."""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.calling.instants import DAY, EARLIEST, LATEST, Instant, utc_text
from engine.customers.outcomes import Answering, Outcome, Segment, model_faults
from engine.numbers.arrivals import Added
from engine.numbers.formats.forms import FileForm, OtherColumns, faults_in
from engine.numbers.population import Generate
from engine.reading.contents import STANDARD_INPUT
from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import near
from engine.scenario.campaign import Campaign
from engine.scenario.expectations import Expectations

LONGEST_DAYS = 7_320
"""The most days of a simulation: twenty years (rules 1)."""


class ScenarioError(InputError):
    """A scenario with faults; each has its file, line and path."""


class NumbersPart(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A part of the list: a file, a body of `addPhones`, or a made-up list; and when it is added."""

    file: str | None = None
    columns: dict[str, str | tuple[str, ...]] = {}
    other_columns: OtherColumns | None = None
    header: tuple[str, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    country: str | None = None
    add_phones: Any = None
    generate: Generate | None = None
    added: Added | None = None
    skip_faulty: bool | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of the three kinds, columns without a file, or columns of unknown fields."""
        kinds = {"file": "file", "add_phones": "addPhones", "generate": "generate"}
        given = [kinds[name] for name in kinds if fields.get(name) is not None]
        if len(given) > 1 or (not given and kinds.keys() <= fields.keys()):
            yield Fault((), " and ".join(given) or "nothing", "one of " + ", ".join(kinds.values()))
        of_a_file = ("columns", "otherColumns", "header", "sheet", "encoding", "country")
        if fields.get("file") is None:
            names = {"otherColumns": "other_columns"}
            given = [name for name in of_a_file if fields.get(names.get(name, name))]
            yield from (Fault((name,), "what only a file has", "it beside file") for name in given)
        yield from faults_in(FileForm(columns=fields.get("columns", {}), country=fields.get("country")))

    @property
    def form(self) -> FileForm:
        """How its file is written."""
        return FileForm(
            encoding=self.encoding,
            header=self.header,
            sheet=self.sheet,
            columns=self.columns,
            other_columns=self.other_columns,
            country=self.country,
        )


class WhatIf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Variants of the scenario to compare: merge patches by name (RFC 7396), and a grid of values by path."""

    variants: dict[str, dict[str, Any]] = {}
    grid: dict[str, tuple[Any, ...]] = {}


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the campaign should reach: a share of the list, by an instant, with a confidence."""

    reached: Annotated[float, Meta(gt=0, le=1, description="a share above 0, at most 1")]
    by: Instant | None = None
    confidence: Annotated[float, Meta(gt=0, lt=1, description="a probability between 0 and 1")] = 0.9

    def wanted(self, total: int) -> int:
        """How many of so many numbers have to be reached; 0.35 means 0.35, and not the float nearest to it."""
        return math.ceil(Fraction(str(self.reached)) * total)


class LockedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number file as it was when a run was locked; its path is relative to the lock's folder."""

    file: str
    size: int
    sha256: str


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run's digest depends on, and the digest; `dialer run --out` writes it, `dialer run` compares it."""

    versions: dict[str, str]
    inputs: tuple[LockedFile, ...] = ()
    scenario: Annotated[str, Meta(description="the SHA-256 hash of the other parts of the file")]
    digest: str


class ScenarioDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a scenario file says, checked."""

    name: str = ""
    start: Instant
    finish: Instant
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    campaign: Campaign
    numbers: Annotated[
        tuple[NumbersPart, ...],
        Meta(description="a list of parts: file, addPhones or generate"),
    ]
    outcomes: Annotated[dict[str, Outcome], Meta(min_length=1, description="a mapping of names to outcomes")]
    answering: Answering = Answering()
    segments: tuple[Segment, ...] = ()
    skip_faulty: bool = False
    what_if: WhatIf | None = None
    goal: Goal | None = None
    expect: Expectations = Expectations()
    lock: Lock | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """What is wrong between the parts of the file."""
        start, finish = fields.get("start"), fields.get("finish")
        if start is not None and finish is not None:
            yield from _span_faults(start, finish)
            for index, part in enumerate(fields.get("numbers", ())):
                if part.added and not (start <= part.added[0] and part.added[1] <= finish and part.added[0] < finish):
                    allowed = f"from start, {utc_text(start)}, to before finish, {utc_text(finish)}"
                    yield Fault(("numbers", index, "added"), utc_text(part.added[0]), allowed)
        from_input = [index for index, part in enumerate(fields.get("numbers", ())) if part.file == STANDARD_INPUT]
        for index in from_input[1:]:
            yield Fault(("numbers", index, "file"), "standard input a second time", "one part that reads it")
        by = fields["goal"].by if fields.get("goal") else None
        if start is not None and finish is not None and by is not None and not start < by <= finish:
            allowed = f"an instant after start, {utc_text(start)}, and at most finish, {utc_text(finish)}"
            yield Fault(("goal", "by"), utc_text(by), allowed)
        if "outcomes" in fields:
            answering, segments = fields.get("answering", Answering()), fields.get("segments", ())
            yield from model_faults(fields["outcomes"], answering, segments)
            caps = fields["campaign"].caps if "campaign" in fields else ()
            for index, cap in enumerate(caps):
                for place, name in enumerate(cap.outcomes or ()):
                    if name not in fields["outcomes"]:
                        allowed = near(name, fields["outcomes"]) or ", ".join(fields["outcomes"])
                        yield Fault(("campaign", "caps", index, "outcomes", place), shown(name), allowed)
        for index, segment in enumerate(fields.get("segments", ()) if "campaign" in fields else ()):
            level = segment.policy.under(fields["campaign"])
            if level.starts >= level.finishes:
                found = f"{utc_text(level.finishes)}, once the campaign's fields are filled in"
                allowed = f"an instant after startDateTime, {utc_text(level.starts)}"
                yield Fault(("segments", index, "finishDateTime"), found, allowed)


def _span_faults(start: int, finish: int) -> Iterable[Fault]:
    if start >= finish:
        yield Fault(("finish",), utc_text(finish), f"an instant after start, {utc_text(start)}")
    elif finish - start > LONGEST_DAYS * DAY:
        yield Fault(
            ("finish",),
            f"{(finish - start) // DAY:,} days after start",
            f"at most {LONGEST_DAYS:,} days (20 years)",
        )
    for name, instant in (("start", start), ("finish", finish)):
        if not EARLIEST <= instant <= LATEST:
            yield Fault((name,), utc_text(instant), "an instant from 1970 to 2200")
