"""Notes on variants: what to know of the input of all of them, or of those that are named."""

from collections.abc import Iterable, Mapping, Sequence

from engine.reading.notes import Note
from engine.results.notes import run_notes
from engine.whatif.variants import Variant

MOST_TOLD = 3
"""The most notes of a kind, and names of variants in one, that are told."""


def variants_notes(variants: Sequence[Variant]) -> tuple[Note, ...]:
    """The notes on variants; what is not said of all of them is said of those that it names.

    Of a kind whose notes differ much between variants, the first few are told, and how many variants more have one.
    """
    named: dict[str, dict[Note, list[str]]] = {}
    for variant in variants:
        for note in run_notes(variant.scenario):
            named.setdefault(note.kind, {}).setdefault(note, []).append(variant.name)
    return tuple(each for notes in named.values() for each in _notes_of_kind(notes, len(variants)))


def _notes_of_kind(notes: Mapping[Note, list[str]], variants: int) -> Iterable[Note]:
    yield from (note for note, names in notes.items() if len(names) == variants)
    of_some = [(note, names) for note, names in notes.items() if len(names) < variants]
    for note, names in of_some[:MOST_TOLD]:
        where = ", ".join(f"“{name}”" for name in names[:MOST_TOLD])
        more = f" and {len(names) - MOST_TOLD:,} variants more" if len(names) > MOST_TOLD else ""
        yield Note(note.kind, f"in {where}{more}: {note.text}", note.count)
    if others := {name for _, names in of_some[MOST_TOLD:] for name in names}:
        note, _ = of_some[0]
        yield Note(note.kind, f"the like in {len(others):,} variants more: {note.text}")
