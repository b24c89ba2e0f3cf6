"""Lists: the parts of a scenario's list, taken in with their faults."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path as FilePath

from engine.calling.caps import payload_fields
from engine.calling.policy import PolicyError
from engine.numbers.arrivals import Added
from engine.numbers.formats.bodies import read_values
from engine.numbers.formats.files import InputFile, files_of, read_numbers
from engine.numbers.formats.forms import FileForm
from engine.numbers.intake import FaultyNumber, Intake, NumberList
from engine.numbers.payloads import canonical_json
from engine.numbers.places.placing import Places, plans_text
from engine.numbers.population import Population
from engine.progress import Progress
from engine.reading.faults import Fault, InputError
from engine.reading.notes import Note
from engine.scenario.document import NumbersPart, ScenarioDocument


class Lists:
    """Takes in the parts of a scenario's list, and keeps their faults."""

    def __init__(
        self, document: ScenarioDocument | None, folder: FilePath, progress: Progress, *, skips: bool = False
    ) -> None:
        """`skips` says whether faulty numbers are left out where the document, for its faults, cannot say so."""
        self.places: Places | None = None
        """The zones of phones, if the campaign finds zones by phone."""
        if document and document.campaign.tells_zones_by_phone:
            self.places = Places(document.campaign.zone_if_unknown)
        self.intake = Intake()
        if document:
            campaign = document.campaign
            self.intake = Intake(document.segments, campaign, self.places, payload_fields(campaign.every_cap))
        self.faults: list[Fault] = []
        self.faulty: list[FaultyNumber] = []
        self.inputs: list[InputFile] = []
        self.notes: list[Note] = []
        """What was left out of the lists without being a fault."""
        self._start = document.start if document else 0
        self._skips = document.skip_faulty if document else skips
        self._folder = folder
        self._progress = progress
        made_up = (part.generate for part in (document.numbers if document else ()) if part.generate is not None)
        self._population = Population(made_up, self.intake)

    def take(self, parts: Iterable[tuple[int, NumbersPart]]) -> None:
        """Take in these parts, each with its index in the scenario."""
        for index, part in parts:
            added = part.added or Added((self._start, self._start, "evenly"))
            path = ("numbers", index)
            try:
                if part.generate is not None:
                    self._add([self._population.make(part.generate, (*path, "generate"))], part, added)
                elif part.file is not None:
                    self._add(list(self._read(part.file, part.form)), part, added)
                else:
                    self._add([read_values(part.add_phones, self.intake, path=(*path, "addPhones"))], part, added)
            except PolicyError as error:
                self.faults += [fault.under(*path, "generate") for fault in error.faults]
            except InputError as error:
                self.faults += error.faults
        if self.places is not None and self.places.refused:
            count, plans = self.places.refused.total(), plans_text(self.places.refused)
            text = f"phones whose zone is not known are left out: {count:,} of the numbers ({plans})"
            self.notes.append(Note("zone_left_out", text, count))

    def _read(self, pattern: str, form: FileForm) -> Iterator[NumberList]:
        for file in files_of(pattern, self._folder):
            try:
                numbers, read_file = read_numbers(file, self.intake, form, self._progress)
                self.inputs.append(read_file)
                self.notes += [Note(note.kind, f"{file}: {note.text}", note.count) for note in numbers.notes]
                yield numbers
            except InputError as error:
                self.faults += error.faults

    def _add(self, lists: list[NumberList], part: NumbersPart, added: Added) -> None:
        """Take in lists; numbers arrive in the order of the files, as if these were one."""
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


def list_parts(document: ScenarioDocument) -> tuple[object, ...]:
    """All values on which the list of a scenario depends: lists with equal ones are the same."""
    campaign = document.campaign
    merged = (campaign.starts, campaign.finishes, campaign.tells_zones_by_phone, campaign.zone_if_unknown)
    shared = payload_fields(campaign.every_cap)
    segments = [
        (canonical_json(each.payload), each.start_date_time, each.finish_date_time, each.gmt_zone)
        for each in document.segments
    ]
    return document.numbers, segments, document.start, document.skip_faulty, merged, shared


def faulty_notes(faulty: Sequence[FaultyNumber]) -> Iterable[Note]:
    """How many numbers were left out for their faults, if any."""
    if faulty:
        yield Note("faulty", f"numbers with faults that are left out: {len(faulty):,}", len(faulty))
