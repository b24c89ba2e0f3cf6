"""The scenario file: a campaign, its numbers and what calls come to, over a stretch of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Self

from engine.calling.policy import DialerPriority
from engine.numbers.formats.files import InputFile
from engine.numbers.intake import FaultyNumber
from engine.numbers.phonebook import Phonebook
from engine.numbers.places.placing import Placing, placed
from engine.progress import Progress, unseen
from engine.reading.document import Document, read_document
from engine.reading.faults import InputError
from engine.reading.typed import read
from engine.scenario.changes import changed
from engine.scenario.document import NumbersPart, ScenarioDocument, ScenarioError
from engine.scenario.lists import Lists, faulty_notes, list_parts


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
        cls, path: str | FilePath, changes: Mapping[str, object] | None = None, progress: Progress = unseen
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

    def varied(self, value: dict[str, Any], others: Iterable["Scenario"] = (), progress: Progress = unseen) -> Self:
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
        progress: Progress = unseen,
        *,
        changed: bool = False,
        known: Iterable["Scenario"] = (),
    ) -> Self:
        document, faults = read(source.value, ScenarioDocument)
        same = next((each for each in known if document and list_parts(each.document) == list_parts(document)), None)
        if document and same:
            book, placing, faulty, inputs = same.phonebook, same.placing, same.faulty, same.inputs
        else:
            lists = Lists(document, folder, progress)
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
            (*_warnings(source.value, book, placing), *faulty_notes(faulty)),
            faulty=faulty,
            inputs=inputs,
            placing=placing,
            source=source.value,
            changed=changed,
            folder=folder,
        )


def _with_text_keys(value: object) -> object:
    """Plain values of Python, where a mapping's keys may be numbers, as a file holds them."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list | tuple) else value


def _warnings(value: Any, phonebook: Phonebook, placing: Placing | None) -> Iterable[str]:
    yield from phonebook.warnings()
    if placing is not None and placing.not_placed:
        told = "phones that tell no zone are called by the clock of"
        yield f"{told} {placing.not_placed_zone}: {placing.not_placed:,} of the numbers"
    redials = [redial for outcome in value["outcomes"].values() for redial in outcome.get("redials", ())]
    priorities = [policy.get("dialerPriority") for policy in (value["campaign"], *redials)]
    if count := sum(priority is not None and not DialerPriority.is_one(priority) for priority in priorities):
        yield f"dialerPriority that is not 1 to 5 counts as 5: {count} of campaign and redials"
