"""The scenario file: a campaign, its numbers and what calls come to, over a stretch of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta

from engine.calling.instants import DAY, EARLIEST, LATEST, Instant, utc_text
from engine.calling.policy import CallPolicy, DialerPriority
from engine.campaign import Campaign
from engine.customers.outcomes import Answering, Outcome, Segment, model_faults
from engine.numbers.arrivals import Added
from engine.numbers.phonebook import Intake, Phonebook
from engine.numbers.placing import Placing, placed
from engine.numbers.population import Generate, Population
from engine.reading.document import Document, parse_value, read_document
from engine.reading.faults import Fault, InputError, Path, shown
from engine.reading.typed import read

LONGEST_DAYS = 7_320
"""A simulation covers at most twenty years."""


class ScenarioError(InputError):
    """A scenario with faults; each has its file, line and path."""


class NumbersPart(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A part of the list: a file, the body of `addPhones` itself, or a made-up list; and when it is added."""

    file: str | None = None
    add_phones: Any = None
    generate: Generate | None = None
    added: Added | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of the three kinds."""
        kinds = {"file": "file", "add_phones": "addPhones", "generate": "generate"}
        given = [kinds[name] for name in kinds if fields.get(name) is not None]
        if len(given) > 1 or (not given and kinds.keys() <= fields.keys()):
            yield Fault((), " and ".join(given) or "nothing", "one of " + ", ".join(kinds.values()))


class WhatIf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Variants of the scenario to compare: merge patches by name (RFC 7396), and a grid of values by path."""

    variants: dict[str, dict[str, Any]] = {}
    grid: dict[str, tuple[Any, ...]] = {}


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the campaign should reach: a share of the list, by an instant, with a confidence."""

    reached: Annotated[float, Meta(gt=0, le=1, description="a share above 0, at most 1")]
    by: Instant | None = None
    confidence: Annotated[float, Meta(gt=0, lt=1, description="a probability between 0 and 1")] = 0.9


class ScenarioDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a scenario file says, checked."""

    name: str = ""
    start: Instant
    finish: Instant
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    campaign: Campaign
    numbers: Annotated[
        tuple[NumbersPart, ...],
        Meta(min_length=1, description="a list of at least one part: file, addPhones or generate"),
    ]
    outcomes: Annotated[dict[str, Outcome], Meta(min_length=1, description="a mapping of names to outcomes")]
    answering: Answering = Answering()
    segments: tuple[Segment, ...] = ()
    what_if: WhatIf | None = None
    goal: Goal | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """What is wrong between the parts of the file."""
        start, finish = fields.get("start"), fields.get("finish")
        if start is not None and finish is not None:
            yield from _span_faults(start, finish)
            for place, part in enumerate(fields.get("numbers", ())):
                if part.added and not (start <= part.added[0] and part.added[1] <= finish and part.added[0] < finish):
                    allowed = f"from start, {utc_text(start)}, to before finish, {utc_text(finish)}"
                    yield Fault(("numbers", place, "added"), utc_text(part.added[0]), allowed)
        if "outcomes" in fields:
            answering, segments = fields.get("answering", Answering()), fields.get("segments", ())
            yield from model_faults(fields["outcomes"], answering, segments)


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


@dataclass(frozen=True)
class Scenario:
    """A scenario ready to be played: what its file says, and its numbers."""

    document: ScenarioDocument
    phonebook: Phonebook
    warnings: tuple[str, ...] = ()
    """What was changed or ignored in the input without being a fault."""
    placing: Placing | None = None
    """Where the numbers without a zone were placed; None unless the campaign says `gmtZone: fromPhone`."""

    @classmethod
    def load(cls, path: str | FilePath, changes: Mapping[str, object] | None = None) -> Self:
        """Read a scenario file and its number files.

        `changes` sets values by path before anything is checked: `{"campaign.lines": 400}`. Raises ScenarioError,
        with every fault in all of the files, each with its path and line.
        """
        path = FilePath(path)
        try:
            document = read_document(path)
            for place, value in (changes or {}).items():
                document.value = changed(document.value, place, value)
            return cls._from(document, path.parent)
        except InputError as error:
            raise ScenarioError(error.faults) from None

    @classmethod
    def from_document(cls, value: object, folder: str | FilePath = ".") -> Self:
        """A scenario of plain values, as a scenario file would hold them; its number files lie relative to `folder`.

        Raises ScenarioError with every fault.
        """
        return cls._from(Document("", "", _with_text_keys(value)), FilePath(folder))

    @classmethod
    def _from(cls, source: Document, folder: FilePath) -> Self:
        document, faults = read(source.value, ScenarioDocument)
        intake = Intake(document.segments if document else ())
        if document:
            faults += _take_in(enumerate(document.numbers), document.start, folder, intake)
            faults += _date_faults(document, intake)
        elif isinstance(source.value, dict):
            # the faults of number files are named beside those of the scenario, not after them
            parts, _ = read(source.value.get("numbers"), tuple[NumbersPart, ...])
            given = [(place, part) for place, part in enumerate(parts or ()) if not part.generate]
            faults += _take_in(given, 0, folder, intake)
        if document is None or faults:
            raise ScenarioError(source.place(fault) for fault in faults)
        phonebook, placing = intake.phonebook(), None
        if document.campaign.tells_zones_by_phone:
            phonebook, placing = placed(phonebook)
        return cls(document, phonebook, tuple(_warnings(source.value, phonebook, placing)), placing)


def _with_text_keys(value: object) -> object:
    """Plain values of Python, where a mapping's keys may be numbers, as a file holds them."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list | tuple) else value


def _take_in(parts: Iterable[tuple[int, NumbersPart]], start: int, folder: FilePath, intake: Intake) -> list[Fault]:
    faults = []
    parts = list(parts)
    population = Population((part.generate for _, part in parts if part.generate is not None), intake)
    for place, part in parts:
        added = part.added or Added((start, start, "evenly"))
        path = ("numbers", place)
        if part.generate is not None:
            faults += population.make(part.generate, added.instants(part.generate.count), (*path, "generate"))
        else:
            faults += _add_phones(part, path, folder, added, intake)
    return faults


def _add_phones(part: NumbersPart, path: Path, folder: FilePath, added: Added, intake: Intake) -> list[Fault]:
    if part.file is None:
        body = part.add_phones
        return intake.add_phones(body, added.instants(_length(body)), path=(*path, "addPhones"))
    try:
        body_file = read_document(folder / part.file)
    except InputError as error:
        return list(error.faults)
    faults = intake.add_phones(body_file.value, added.instants(_length(body_file.value)), file=body_file.name)
    return [msgspec.structs.replace(fault, line=body_file.line(fault.path)) for fault in faults]


def _length(body: object) -> int:
    return len(body) if isinstance(body, list) else 0


def _date_faults(document: ScenarioDocument, intake: Intake) -> Iterable[Fault]:
    """Policies and redials whose start is not before their finish once the levels above are filled in (rules 1)."""

    def fault_of(policy: CallPolicy) -> Fault | None:
        if policy.starts < policy.finishes:
            return None
        found = f"{utc_text(policy.finishes)}, once the campaign's fields are filled in"
        return Fault(("finishDateTime",), found, f"an instant after startDateTime, {utc_text(policy.starts)}")

    for policy, file, path in intake.first_places():
        if fault := fault_of(policy.under(document.campaign)):
            yield Fault((*path, *fault.path), fault.found, fault.allowed, file)


def _warnings(value: Any, phonebook: Phonebook, placing: Placing | None) -> Iterable[str]:
    yield from phonebook.warnings()
    if placing is not None and placing.not_placed:
        told = "phones that tell no zone are called by the clock of"
        yield f"{told} {placing.not_placed_zone}: {placing.not_placed:,} of the numbers"
    redials = [redial for outcome in value["outcomes"].values() for redial in outcome.get("redials", ())]
    priorities = [policy.get("dialerPriority") for policy in (value["campaign"], *redials)]
    if count := sum(priority is not None and not DialerPriority.is_one(priority) for priority in priorities):
        yield f"dialerPriority that is not 1 to 5 counts as 5: {count} of campaign and redials"


def changed(value: Any, place: str, new: object) -> Any:
    """A copy of plain values with the one at `place` (`campaign.lines`, `numbers.0.generate.count`) set to `new`.

    Mappings that are missing on the way are made; InputError if the way leads through anything else.
    """
    step, _, rest = place.replace("[", ".").replace("]", "").partition(".")
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        position = int(step)
        return [
            *value[:position],
            changed(value[position], rest, new) if rest else new,
            *value[position + 1 :],
        ]
    if not isinstance(value, dict) or not step:
        raise InputError(
            [
                Fault(
                    (place,),
                    f"a way through {shown(value)}",
                    "a path of the scenario, such as campaign.lines",
                )
            ]
        )
    return {**value, step: changed(value.get(step, {}), rest, new) if rest else new}


def assignment(text: str) -> tuple[str, object]:
    """The path and the value of `campaign.lines=400`; InputError if the text is no such thing."""
    place, equals, value = text.partition("=")
    if not equals or not place:
        raise InputError([Fault((text,), "no assignment", "a path, = and a value, such as campaign.lines=400")])
    return place.strip(), parse_value(value) if value.strip() else ""
