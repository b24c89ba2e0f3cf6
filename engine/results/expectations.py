"""Whether a run came to what its scenario expects."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import NamedTuple

from engine.calling.instants import utc_text
from engine.reading.document import read_document
from engine.reading.faults import Fault, Path, shown
from engine.results.figures import Kind, figure_named, names_of_every_run
from engine.results.summary import Summary, figures_by_name
from engine.scenario.document import ScenarioDocument, ScenarioError
from engine.scenario.expectations import Bounds, Expectations


class Missed(NamedTuple):
    """Something expected that did not come."""

    what: str
    """The name of a figure, `digest`, or `invariants` and a name."""
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}; found {self.found}"


def check_expectations(file: FilePath, documents: Mapping[Path, ScenarioDocument]) -> None:
    """ScenarioError with every fault of what a scenario file and its variants expect, by their places in it."""
    faults = [fault.under(*place) for place, document in documents.items() for fault in _faults(document)]
    if faults:
        source = read_document(file)
        raise ScenarioError(source.located(fault) for fault in faults)


def _faults(document: ScenarioDocument) -> Iterator[Fault]:
    """Figures that no run has, and bounds that are not of their kind."""
    for name, bounds in document.expect.figures.items():
        place = ("expect", "figures", name)
        try:
            kind = figure_named(name).kind
        except LookupError:
            near = difflib.get_close_matches(name, names_of_every_run(), 3)
            words = " or ".join(f"{each}NAME" if each.endswith(".") else each for each in near)
            allowed = f"{words}, perhaps" if near else "the name of a figure, such as numbers.reached_share"
            yield Fault(place, "an unknown figure", allowed)
            continue
        wanted = kind if kind in _KIND_WORDS else "number"
        if bounds.kind != wanted:
            yield Fault(place, _KIND_WORDS[bounds.kind], f"{_KIND_WORDS[wanted]}, as this figure is")
        elif kind == "share" and not name.startswith("lines."):  # lines of a shift may be in use after its end
            odd = [bound for bound in bounds if bound is not None and not 0 <= bound <= 1]
            if odd:
                yield Fault(place, shown(odd[0]), "a share from 0 to 1: 60 % is 0.6")


_KIND_WORDS = {"number": "a number", "instant": "an instant with an offset", "yes-or-no": "true or false"}


def missed(expect: Expectations, summary: Summary) -> Iterator[Missed]:
    """What figures and digest did not come to."""
    found = figures_by_name(summary)
    for name, bounds in expect.figures.items():
        figure = figure_named(name)
        value = found.get(name, 0 if figure.is_zero_where_absent else None)
        if value is None or not bounds.hold(value):
            yield Missed(name, _bounds_text(bounds, figure.kind), _text(value, figure.kind))
    if expect.digest is not None and expect.digest != summary.digest:
        yield Missed("digest", expect.digest, summary.digest)


def _bounds_text(bounds: Bounds, kind: Kind) -> str:
    least, most = (_text(bound, kind) for bound in bounds)
    if bounds[0] == bounds[1]:
        return least
    return " and ".join(
        f"{side} {text}"
        for side, text, bound in zip(("at least", "at most"), (least, most), bounds, strict=True)
        if bound is not None
    )


def _text(value: float | None, kind: Kind) -> str:
    if value is None:
        return "nothing"
    match kind:
        case "instant":
            return utc_text(int(value))
        case "yes-or-no":
            return "true" if value else "false"
        case _:
            return f"{value:,.12g}"
