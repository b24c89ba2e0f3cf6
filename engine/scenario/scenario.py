"""The scenario: a campaign, its numbers and its outcome model, ready to be played."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Self

import msgspec
import numpy as np

from engine.calling.hours import ends_a_minute_early, runs_into_a_closed_day
from engine.calling.instants import DAY, MINUTE, Instant, utc_text
from engine.calling.policy import CallPolicy, DialerPriority
from engine.card import Curve, card, curve
from engine.numbers.formats.files import ARCHIVES, InputFile, holds_numbers
from engine.numbers.intake import FaultyNumber
from engine.numbers.notes import ENDS_EARLY, list_notes
from engine.numbers.phonebook import COUNTS_AS_5, Phonebook
from engine.numbers.places.placing import Places, Placing, placed, plans_text
from engine.numbers.segments import draws_policies, unused_fields, with_segments
from engine.progress import Progress, unseen
from engine.reading.contents import STANDARD_INPUT
from engine.reading.document import Document, read_document
from engine.reading.faults import Fault, InputError, shown
from engine.reading.notes import Note
from engine.reading.typed import read
from engine.scenario.changes import changed, place_of
from engine.scenario.document import NumbersPart, ScenarioDocument, ScenarioError
from engine.scenario.lines import LinesOverTime
from engine.scenario.lists import Lists, faulty_notes, list_parts
from engine.scenario.short_forms import in_full, read_with_short_forms
from engine.words import counted, moment_text, zone_text

Given = tuple[Phonebook, Places | None]
"""Numbers as their list gives them, and the zones of phones if zones are found by phone."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """A scenario that is ready to be played: what its file says, and its numbers.

    >>> Scenario.load("scenarios/spring_promo.yaml")
    Scenario('Spring promo': 20,000 numbers, 26 lines at the busiest hour, 2026-03-02T00:00:00Z to 2026-03-16T00:00:00Z)
    """

    document: ScenarioDocument
    phonebook: Phonebook
    """The numbers as they are played: what they leave out is filled in from their segments, zones from their phones."""
    warnings: tuple[Note, ...] = ()
    """What was changed or ignored in the input, though it was not a fault."""
    faulty: tuple[FaultyNumber, ...] = ()
    """Numbers that were left out for their faults, as `skipFaulty` says."""
    inputs: tuple[InputFile, ...] = ()
    """The number files that were read."""
    list_notes: tuple[Note, ...] = ()
    """What was left out of the number files without being a fault."""
    placing: Placing | None = None
    """The zones of numbers that have none of their own; None unless the campaign says `gmtZone: fromPhone`."""
    source: dict[str, Any] = field(default_factory=dict)
    """The plain values from which `document` was read, with all changes."""
    changed: bool = False
    """Whether the user changed what the file says."""
    folder: FilePath = FilePath()
    """The folder to which the paths of number files in `source` are relative."""
    replayable: bool = True
    """Whether playing `source` gives the same run: not after additions to a running dialer, or other commands."""
    given: Given | None = None
    """The numbers before anything is filled in; None unless segments have call policies."""

    @classmethod
    def load(
        cls, path: str | FilePath, changes: Mapping[str, object] | None = None, progress: Progress = unseen
    ) -> Self:
        """Read a scenario file and its number files.

        `changes` sets values by path before anything is checked: `{"campaign.lines": 400}`. `progress` is called
        with the file that is read and the count of its numbers so far. Raises ScenarioError with every fault of all
        files, each with its path, and with its line where the file is not too long. A fault of `changes` names no file.
        """
        path = FilePath(path)
        if holds_numbers(path) and (path == FilePath(STANDARD_INPUT) or path.is_file()):
            if path.suffix.lower() in ARCHIVES:
                raise ScenarioError([Fault((), "an archive", "a scenario, unpacked", str(path))])
            allowed = f"a scenario, which names its list: numbers: [{{file: {path}}}]; dialer check looks at lists"
            raise ScenarioError([Fault((), "a list of numbers", allowed, str(path))])
        try:
            document = read_document(path)
            before = document.value
            for field_path, value in (changes or {}).items():
                document.value = changed(document.value, field_path, value)
                document.replaced += (place_of(document.value, field_path),)
        except InputError as error:
            raise ScenarioError(error.faults) from None
        try:
            return cls._from(document, path.parent, progress, changed=bool(changes))
        except ScenarioError as error:
            if not changes:
                raise
            _, own = read_with_short_forms(before)
            known = {document.located(fault) for fault in own}
            which = f", with {', '.join(changes)} changed"
            of_lists = (("addPhones",), ("generate",))  # faults of their numbers would have to be found once more
            raise ScenarioError(
                msgspec.structs.replace(fault, found=fault.found + which)
                if fault.file == document.name and fault not in known and fault.path[2:3] not in of_lists
                else fault
                for fault in error.faults
            ) from None

    @classmethod
    def from_document(cls, value: object, folder: str | FilePath = ".") -> Self:
        """A scenario from plain values, as a scenario file holds them; paths of number files are relative to `folder`.

        Raises ScenarioError with every fault.
        """
        return cls._from(Document("", "", as_in_a_file(value)), FilePath(folder))

    def changed_by(self, changes: Mapping[str, object]) -> Self:
        """The scenario with other values by path, such as `{"campaign.lines": 400}`; ScenarioError with every fault.

        >>> scenario = Scenario.load("scenarios/api_example.yaml")
        >>> scenario.changed_by({"campaign.lines": 3, "name": "Three lines"})
        Scenario('Three lines': 1 number, 3 lines, 2026-03-02T00:00:00Z to 2026-03-09T00:00:00Z)
        """
        value: Any = self.source
        try:
            for field_path, new in changes.items():
                value = changed(value, field_path, new)
        except InputError as error:
            raise ScenarioError(error.faults) from None
        return self.varied(value)

    def varied(self, value: dict[str, Any], others: Iterable["Scenario"] = (), progress: Progress = unseen) -> Self:
        """The scenario of other plain values, with the number files of the same folder.

        A list that depends on the same values as this one's, or as one of `others`, is shared and not read again.
        Raises ScenarioError with every fault.
        """
        document = Document("", "", as_in_a_file(value))
        return self._from(document, self.folder, progress, changed=True, known=(self, *others))

    def as_played(self, book: Phonebook, places: Places | None, finish: int) -> Self:
        """The scenario with the list to which numbers were added while it was played, until the instant `finish`.

        `book` holds the numbers as they were given; `places` has the zones of their phones.
        """
        goal = self.document.goal
        if goal is not None and goal.by is None and finish < self.document.finish:  # it has until the finish
            goal = msgspec.structs.replace(goal, by=self.document.finish)
        document = msgspec.structs.replace(self.document, finish=Instant(finish), goal=goal)
        filled, placing = as_called(document, book, places)
        given = (book, places) if _segment_policies(document) else None
        notes = (
            *_warnings(document, self.source, filled, placing, given),
            *self.list_notes,
            *faulty_notes(self.faulty),
        )
        played = replace(self, document=document, phonebook=filled, warnings=notes, placing=placing, given=given)
        return replace(played, replayable=False)

    def with_seed(self, seed: int) -> Self:
        """The scenario with the luck of another seed, which may draw other numbers into segments with call policies."""
        document = msgspec.structs.replace(self.document, seed=seed)
        if self.given is None or _segment_policies(document) == _segment_policies(self.document):
            return replace(self, document=document)
        book, placing = as_called(document, *self.given)
        return replace(self, document=document, phonebook=book, placing=placing or self.placing)

    @property
    def most_lines(self) -> int:
        """The lines at the busiest hour."""
        return int(self._lines.lines.max(initial=0))

    @property
    def _lines(self) -> LinesOverTime:
        return self.document.campaign.lines_over(self.document.start, self.document.finish)

    def __repr__(self) -> str:
        name = f"{self.document.name!r}: " if self.document.name else ""
        shifts = " at the busiest hour" if self.document.campaign.shifts else ""
        numbers = f"{counted(len(self.phonebook), 'number')}, {counted(self.most_lines, 'line')}{shifts}"
        return f"Scenario({name}{numbers}, {utc_text(self.document.start)} to {utc_text(self.document.finish)})"

    def _repr_html_(self) -> str:
        """A card for notebooks: the list, the lines, and how these change over the simulated time."""
        document, lines = self.document, self._lines
        zone = document.campaign.zone_name
        start, finish = (moment_text(instant, zone) for instant in (document.start, document.finish))
        instants = [*lines.instants.tolist(), int(document.finish)]
        counts = [*lines.lines.tolist(), int(lines.lines[-1])]
        figures = {
            "numbers": f"{len(self.phonebook):,}",
            "call policies": f"{len(self.phonebook.distinct):,}",
            "lines": f"{self.most_lines:,}",
            "outcomes": f"{len(document.outcomes):,}",
        }
        picture = curve(Curve(instants, counts, self.most_lines, "lines", f"{self.most_lines:,}", start, finish))
        span = f"{start} to {finish} ({zone_text(zone)}), seed {document.seed}"
        return card(document.name or "A campaign", [span, *map(str, self.warnings)], figures, picture)

    @classmethod
    def _from(
        cls,
        source: Document,
        folder: FilePath,
        progress: Progress = unseen,
        *,
        changed: bool = False,
        known: Iterable["Scenario"] = (),
    ) -> Self:
        document, faults = read_with_short_forms(source.value)
        wanted = document and list_parts(document)
        alike = [each for each in known if document and list_parts(each.document) == wanted]
        if document and alike:
            policies = _segment_policies(document)
            same = next((each for each in alike if _segment_policies(each.document) == policies), alike[0])
            book, placing, given = same.phonebook, same.placing, same.given
            if _segment_policies(same.document) != policies:
                # without policies of segments before, the phones' zones are filled in, and no segment names one
                given = same.given or (same.phonebook, None)
                book, placed_now = as_called(document, *given)
                placing = placed_now or placing
            faulty, inputs, replayable, list_notes = same.faulty, same.inputs, same.replayable, same.list_notes
        else:
            skips = isinstance(source.value, dict) and source.value.get("skipFaulty") is True
            lists = Lists(document, folder, progress, skips=skips)
            if document:
                lists.take(enumerate(document.numbers))
            elif isinstance(source.value, dict):
                # faults of number files are reported together with those of the scenario, not later
                parts, _ = read(in_full(source.value).get("numbers"), tuple[NumbersPart, ...])
                lists.take((index, part) for index, part in enumerate(parts or ()) if not part.generate)
            faults += lists.faults
            if document is None or faults:
                raise ScenarioError(source.located(fault) for fault in faults)
            listed = lists.intake.phonebook()
            book, placing = as_called(document, listed, lists.places)
            given = (listed, lists.places) if _segment_policies(document) else None
            lists.intake.forget_lists()
            faulty, inputs = tuple(lists.faulty), tuple(lists.inputs)
            replayable, list_notes = True, tuple(lists.notes)
        return cls(
            document,
            book,
            (*_warnings(document, source.value, book, placing, given), *list_notes, *faulty_notes(faulty)),
            faulty=faulty,
            inputs=inputs,
            list_notes=list_notes,
            placing=placing,
            source=source.value,
            changed=changed,
            folder=folder,
            replayable=replayable,
            given=given,
        )


def as_called(document: ScenarioDocument, book: Phonebook, places: Places | None) -> tuple[Phonebook, Placing | None]:
    """The numbers with what their segments say of the call policy, then with the zones of their phones (rules 2)."""
    filled = with_segments(book, document.segments, document.seed)
    return (filled, None) if places is None else placed(filled, places)


def _segment_policies(document: ScenarioDocument) -> tuple[object, ...]:
    """All on which the call policies of segments depend, beside the list; empty if there are none."""
    policies = [segment.policy for segment in document.segments]
    if all(policy == CallPolicy() for policy in policies):
        return ()
    drawn = [segment.share for segment in document.segments] if draws_policies(document.segments) else []
    return (*policies, *drawn, document.seed if drawn else None)


def as_in_a_file(value: object) -> object:
    """Plain values of Python as a file holds them: keys are text, tuples lists, and integers of numpy integers."""
    if isinstance(value, Mapping):
        return {str(key): as_in_a_file(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_in_a_file(item) for item in value]
    return int(value) if isinstance(value, np.integer) else value


EMPTY_LIST = Note("empty_list", "the list is empty: nobody is called", 0)


def _warnings(
    document: ScenarioDocument, value: Any, phonebook: Phonebook, placing: Placing | None, given: Given | None
) -> Iterable[Note]:
    yield from phonebook.warnings()
    if not value["numbers"] and not len(phonebook):
        yield EMPTY_LIST
    distinct = phonebook.distinct
    runs_on = np.array([_runs_on(own, document.campaign) for own in distinct.undated], np.bool_)[distinct.of_undated]
    if runs_on.any() and (count := int(runs_on[phonebook.policies].sum())):
        text = f"hours past midnight run on into a day that allowedDays leaves out: {count:,} of the numbers"
        yield Note("past_midnight", text, count)
    yield from list_notes(phonebook, document.campaign, (document.start, document.finish))
    redial_hours = (redial.allowed_time for outcome in document.outcomes.values() for redial in outcome.redials)
    early = sum(hours is not None and ends_a_minute_early(hours) for hours in redial_hours)
    early += sum(shift.to == DAY - MINUTE for shift in document.campaign.shifts or ())
    if early:
        yield Note("ends_early", f"{ENDS_EARLY}: {early} of shifts and redials", early)
    if placing is not None and (guessed := placing.in_one_zone + placing.in_several_zones):
        several = f" ({placing.in_several_zones:,} in several, called when all are open)"
        text = f"zones are guessed from phones: {guessed:,} of the numbers{several if placing.in_several_zones else ''}"
        yield Note("zone_by_phone", text, guessed)
    if placing is not None and placing.not_placed:
        what = "phones whose zone is not known are called by the clock of"
        plans = plans_text(placing.not_placed_plans)
        text = f"{what} {placing.not_placed_zone}: {placing.not_placed:,} of the numbers ({plans})"
        yield Note("zone_not_known", text, placing.not_placed)
    redials = [redial for outcome in value["outcomes"].values() for redial in outcome.get("redials", ())]
    levels = (value["campaign"], *value.get("segments", ()), *redials)
    priorities = [policy.get("dialerPriority") for policy in levels]
    changed = [shown(each) for each in priorities if each is not None and not DialerPriority.is_one(each)]
    if changed:
        text = f"{COUNTS_AS_5}: {len(changed)} of campaign, segments and redials ({', '.join(dict.fromkeys(changed))})"
        yield Note("priority", text, len(changed))
    if given is not None:
        yield from unused_fields(given[0], document.segments, document.seed)


def _runs_on(own: CallPolicy, campaign: CallPolicy) -> bool:
    """Whether hours of a policy run on into a day that its `allowedDays` leave out (rules 3)."""
    days = campaign.allowed_days if own.allowed_days is None else own.allowed_days
    if days is None:
        return False
    return runs_into_a_closed_day(days, campaign.allowed_time if own.allowed_time is None else own.allowed_time)
