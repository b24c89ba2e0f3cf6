"""The scenario file: a campaign, its numbers and what calls come to, over a stretch of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta

from engine.calling.instants import DAY, EARLIEST, LATEST, Instant, utc_text
from engine.calling.policy import DialerPriority, PolicyError
from engine.customers.outcomes import Answering, Outcome, Segment, model_faults
from engine.numbers.arrivals import Added
from engine.numbers.formats.bodies import FIELDS, read_values
from engine.numbers.formats.files import InputFile, Progress, files_of, read_numbers
from engine.numbers.formats.sheets import DAY_COLUMNS, PAYLOAD, is_column
from engine.numbers.intake import FaultyNumber, Intake, NumberList
from engine.numbers.phonebook import Phonebook
from engine.numbers.places.placing import Placing, placed
from engine.numbers.population import Generate, Population
from engine.reading.contents import STANDARD_INPUT
from engine.reading.document import Document, parse_value, read_document
from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import read
from engine.scenario.campaign import Campaign

LONGEST_DAYS = 7_320
"""A simulation covers at most twenty years."""


class ScenarioError(InputError):
    """A scenario with faults; each has its file, line and path."""


class NumbersPart(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A part of the list: a file, the body of `addPhones` itself, or a made-up list; and when it is added."""

    file: str | None = None
    columns: dict[str, str] = {}
    add_phones: Any = None
    generate: Generate | None = None
    added: Added | None = None
    skip_faulty: bool | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of the three kinds, and columns of what is no file or has no such field."""
        kinds = {"file": "file", "add_phones": "addPhones", "generate": "generate"}
        given = [kinds[name] for name in kinds if fields.get(name) is not None]
        if len(given) > 1 or (not given and kinds.keys() <= fields.keys()):
            yield Fault((), " and ".join(given) or "nothing", "one of " + ", ".join(kinds.values()))
        columns = fields.get("columns", {})
        for column, name in columns.items():
            if fields.get("file") is None:
                yield Fault(("columns", column), "a name without a file", "columns beside file")
            elif not is_column(column):
                yield Fault(("columns", column), "an unknown field", ", ".join((*FIELDS, *DAY_COLUMNS, PAYLOAD + "…")))
            elif (first := next(each for each in columns if columns[each] == name)) != column:
                yield Fault(
                    ("columns", column), f"{shown(name)}, which stands for {first} already", "a name of its own"
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


class LockedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number file as it was when a run was locked; its name is relative to the lock's folder."""

    file: str
    size: int
    sha256: str


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run's digest hangs on, and the digest; `dialer run --out` writes it and `dialer run` compares it."""

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
        Meta(min_length=1, description="a list of at least one part: file, addPhones or generate"),
    ]
    outcomes: Annotated[dict[str, Outcome], Meta(min_length=1, description="a mapping of names to outcomes")]
    answering: Answering = Answering()
    segments: tuple[Segment, ...] = ()
    skip_faulty: bool = False
    what_if: WhatIf | None = None
    goal: Goal | None = None
    lock: Lock | None = None

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
        from_input = [place for place, part in enumerate(fields.get("numbers", ())) if part.file == STANDARD_INPUT]
        for place in from_input[1:]:
            yield Fault(("numbers", place, "file"), "standard input a second time", "one part that reads it")
        by = fields["goal"].by if fields.get("goal") else None
        if start is not None and finish is not None and by is not None and not start < by <= finish:
            allowed = f"an instant after start, {utc_text(start)}, and at most finish, {utc_text(finish)}"
            yield Fault(("goal", "by"), utc_text(by), allowed)
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
    faulty: tuple[FaultyNumber, ...] = ()
    """Numbers that were left out for their faults, as `skipFaulty` says."""
    inputs: tuple[InputFile, ...] = ()
    """The number files that were read."""
    placing: Placing | None = None
    """Where the numbers without a zone were placed; None unless the campaign says `gmtZone: fromPhone`."""
    source: dict[str, Any] = field(default_factory=dict)
    """The plain values of which `document` was read, with all changes."""
    changed: bool = False
    """Whether `source` is not what the file says, but was changed by the user."""
    folder: FilePath = FilePath()
    """Where the number files of `source` lie, if their names do not say it."""

    @classmethod
    def load(
        cls, path: str | FilePath, changes: Mapping[str, object] | None = None, progress: Progress | None = None
    ) -> Self:
        """Read a scenario file and its number files.

        `changes` sets values by path before anything is checked: `{"campaign.lines": 400}`. `progress` is told which
        file is read and how many of its numbers have been. Raises ScenarioError, with every fault in all of the
        files, each with its path and, where the file is not too long to find it, its line.
        """
        path = FilePath(path)
        try:
            document = read_document(path)
            for place, value in (changes or {}).items():
                document.value = changed(document.value, place, value)
            return cls._from(document, path.parent, progress, changed=bool(changes))
        except InputError as error:
            raise ScenarioError(error.faults) from None

    @classmethod
    def from_document(cls, value: object, folder: str | FilePath = ".") -> Self:
        """A scenario of plain values, as a scenario file would hold them; its number files lie relative to `folder`.

        Raises ScenarioError with every fault.
        """
        return cls._from(Document("", "", _with_text_keys(value)), FilePath(folder))

    def varied(
        self, value: dict[str, Any], others: Iterable["Scenario"] = (), progress: Progress | None = None
    ) -> Self:
        """The scenario of other plain values, with the number files of the same folder.

        A list that is made of the same as this one's, or as that of one of `others`, is shared and not read again.
        Raises ScenarioError with every fault.
        """
        document = Document("", "", _with_text_keys(value))
        return self._from(document, self.folder, progress, changed=True, known=(self, *others))

    @classmethod
    def _from(
        cls,
        source: Document,
        folder: FilePath,
        progress: Progress | None = None,
        *,
        changed: bool = False,
        known: Iterable["Scenario"] = (),
    ) -> Self:
        document, faults = read(source.value, ScenarioDocument)
        same = next((each for each in known if document and _list_parts(each.document) == _list_parts(document)), None)
        if document and same:
            book, placing, faulty, inputs = same.phonebook, same.placing, same.faulty, same.inputs
        else:
            lists = _Lists(document, folder, progress)
            if document:
                lists.take(enumerate(document.numbers))
            elif isinstance(source.value, dict):
                # the faults of number files are named beside those of the scenario, not after them
                parts, _ = read(source.value.get("numbers"), tuple[NumbersPart, ...])
                lists.take((place, part) for place, part in enumerate(parts or ()) if not part.generate)
            faults += lists.faults
            if document is None or faults:
                raise ScenarioError(source.place(fault) for fault in faults)
            book, placing = lists.intake.phonebook(), None
            faulty, inputs = tuple(lists.faulty), tuple(lists.inputs)
            if document.campaign.tells_zones_by_phone:
                book, placing = placed(book)
        return cls(
            document,
            book,
            (*_warnings(source.value, book, placing), *_faulty_notes(faulty)),
            faulty=faulty,
            inputs=inputs,
            placing=placing,
            source=source.value,
            changed=changed,
            folder=folder,
        )


def _list_parts(document: ScenarioDocument) -> tuple[object, ...]:
    """All that the list of a scenario is made of."""
    campaign = document.campaign
    merged = (campaign.starts, campaign.finishes, campaign.tells_zones_by_phone)
    return document.numbers, document.segments, document.start, document.skip_faulty, merged


def _with_text_keys(value: object) -> object:
    """Plain values of Python, where a mapping's keys may be numbers, as a file holds them."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list | tuple) else value


class _Lists:
    """Takes in the parts of a scenario's list, and keeps what is wrong with them."""

    def __init__(self, document: ScenarioDocument | None, folder: FilePath, progress: Progress | None) -> None:
        self.intake = Intake(document.segments, document.campaign) if document else Intake()
        self.faults: list[Fault] = []
        self.faulty: list[FaultyNumber] = []
        self.inputs: list[InputFile] = []
        self._start = document.start if document else 0
        self._skips = document.skip_faulty if document else False
        self._folder = folder
        self._progress = progress
        made_up = (part.generate for part in (document.numbers if document else ()) if part.generate is not None)
        self._population = Population(made_up, self.intake)

    def take(self, parts: Iterable[tuple[int, NumbersPart]]) -> None:
        """Take these parts in, each with its place in the scenario."""
        for place, part in parts:
            added = part.added or Added((self._start, self._start, "evenly"))
            path = ("numbers", place)
            try:
                if part.generate is not None:
                    instants = added.instants(part.generate.count)
                    self.faults += self._population.make(part.generate, instants, (*path, "generate"))
                elif part.file is not None:
                    self._add(list(self._read(part.file, part.columns)), part, added)
                else:
                    self._add([read_values(part.add_phones, self.intake, path=(*path, "addPhones"))], part, added)
            except PolicyError as error:
                self.faults += [fault.under(*path, "generate") for fault in error.faults]
            except InputError as error:
                self.faults += error.faults

    def _read(self, pattern: str, columns: Mapping[str, str]) -> Iterator[NumberList]:
        for file in files_of(pattern, self._folder):
            try:
                numbers, read_file = read_numbers(file, self.intake, columns, self._progress)
                self.inputs.append(read_file)
                yield numbers
            except InputError as error:
                self.faults += error.faults

    def _add(self, lists: list[NumberList], part: NumbersPart, added: Added) -> None:
        """Take lists in; numbers arrive in the order of the files, as if those were one."""
        instants = added.instants(sum(numbers.given for numbers in lists))
        skips = self._skips if part.skip_faulty is None else part.skip_faulty
        first = 0
        for numbers in lists:
            if skips:
                self.faulty += numbers.faulty
            else:
                self.faults += [fault for number in numbers.faulty for fault in number.faults]
            own = instants[first : first + numbers.given]
            self.intake.add(numbers, own[numbers.positions] if numbers.faulty else own)
            first += numbers.given


def _faulty_notes(faulty: Sequence[FaultyNumber]) -> Iterable[str]:
    if faulty:
        yield f"numbers with faults that are left out: {len(faulty):,}"


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
    step, *further = steps(place)
    rest = ".".join(further)
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


def steps(place: str) -> list[str]:
    """The steps of a path: `numbers`, `0`, `generate` of `numbers.0.generate` or `numbers[0].generate`."""
    return place.replace("[", ".").replace("]", "").split(".")


def assignment(text: str) -> tuple[str, object]:
    """The path and the value of `campaign.lines=400`; InputError if the text is no such thing."""
    place, equals, value = text.partition("=")
    if not equals or not place:
        raise InputError([Fault((text,), "no assignment", "a path, = and a value, such as campaign.lines=400")])
    return place.strip(), parse_value(value) if value.strip() else ""
