"""Options that several commands take."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.completing import assignments_from
from engine.reading.names import is_halved

if TYPE_CHECKING:
    from engine.numbers.formats.forms import FileForm
    from engine.reading.faults import Fault


OTHER_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".ps", ".eps"}
"""What the names of pictures and prints end in that we do not make: an SVG under such a name cannot be opened."""


class OtherColumnsOption(StrEnum):
    """What becomes of columns that are no field."""

    payload = "payload"
    ignore = "ignore"


def in_utf_8(given: str | Sequence[str] | None) -> str | Sequence[str] | None:
    """What was given to an option; wrong usage if it is not UTF-8, which only names of files need not be."""
    texts = [given] if isinstance(given, str) else given or ()
    if odd := next(filter(is_halved, texts), None):
        raise typer.BadParameter(f"{odd!r} is not UTF-8")
    return given


def as_svg(file: Path | None) -> Path | None:
    """The file of a picture; wrong usage if its name ends as that of another kind of picture or document."""
    if file is not None and file.suffix.lower() in OTHER_PICTURES:
        raise typer.BadParameter(f"{file.name} is to be a picture, which is an SVG; name it {file.stem}.svg")
    return file


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML or JSON.")]
FaultsFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="Write every fault of the input here, one JSON object a line."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        autocompletion=assignments_from,
        help="Change the scenario: campaign.lines=400. May be repeated.",
    ),
]
Waiting = Annotated[
    bool, typer.Option("--waiting", help="Count what numbers wait for: windows, retries, caps, lines, pace.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Play with the luck of this seed.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write the results into this folder.")]
Force = Annotated[bool, typer.Option("--force", help="Replace results and files that are there already.")]
Svg = Annotated[
    Path | None,
    typer.Option("--svg", metavar="FILE", callback=as_svg, help="Also write what is shown as a picture, an SVG."),
]
MOST_REPLICATIONS = 100_000
Replications = Annotated[
    int, typer.Option("--replications", metavar="N", min=1, max=MOST_REPLICATIONS, help="Play each with N seeds.")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, help="Play in N processes; as a rule, one a processor.")
]
Dask = Annotated[
    str | None, typer.Option("--dask", metavar="ADDRESS", help="Play on a Dask cluster: its scheduler, tcp://….")
]
RunsFolder = Annotated[
    Path | None, typer.Option("--runs", metavar="DIR", help="Keep finished runs here, so that none is played twice.")
]

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=TITLE",
        callback=in_utf_8,
        help="The column of a field that has another title: phone=MSISDN.",
    ),
]
Header = Annotated[
    str | None,
    typer.Option(
        "--header",
        metavar="TITLE,…",
        callback=in_utf_8,
        help="The titles of a table without a header, with commas between.",
    ),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of an Excel file; the first one.")
]
Country = Annotated[
    str | None,
    typer.Option("--country", metavar="US", help="Read phones as people of this country write them."),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="The encoding of a text file: cp1252; UTF-8.")
]


def file_form(
    columns: Sequence[str] | None,
    other_columns: str | None,
    header: str | None,
    sheet: str | None,
    encoding: str | None,
    country: str | None,
) -> "FileForm":
    """What options say of how number files are written. Raises InputError for a mapping with faults."""
    from engine.numbers.formats.forms import FileForm, faults_in
    from engine.reading.faults import Fault, InputError, shown

    mapped: dict[str, str | tuple[str, ...]] = {}
    faults = []
    for column in columns or ():
        field, title = mapping(column)
        if field in mapped:
            allowed = "one; phone=CODE+NUMBER joins two"
            faults.append(Fault(("columns", field), f"a second column, {shown(title)}", allowed))
        mapped[field] = tuple(title.split("+")) if field == "phone" and "+" in title else title
    form = FileForm(
        encoding=encoding,
        header=tuple(title.strip() for title in header.split(",")) if header else (),
        sheet=sheet,
        columns=mapped,
        other_columns=None if other_columns is None else OtherColumnsOption(other_columns).value,
        country=None if country is None else country.upper(),
    )
    faults += faults_in(form)
    if faults:
        raise InputError(faults)
    return form


def mapping(text: str, option: str = "--column", example: str = "phone=MSISDN") -> tuple[str, str]:
    """The two sides of a mapping such as `phone=MSISDN`; wrong usage if the text is not one."""
    field, equals, name = text.partition("=")
    if not (field and equals and name):
        raise typer.BadParameter(f"{text!r} is not a mapping such as {example}", param_hint=option)
    return field, name


def need_out(out: Path | None, **given: object) -> None:
    """Wrong usage if an option for the folder of `--out` is given without `--out`."""
    option = next((name for name, value in given.items() if value), None)
    if out is None and option is not None:
        raise typer.BadParameter("add --out DIR, the folder for the results", param_hint=f"--{option}")


@contextmanager
def changes_named(**own: object) -> Iterator[None]:
    """Let faults of values that `--set` gave say so; or an option of its own, such as `--seed`, if it was given."""
    from engine.reading.faults import InputError
    from engine.scenario.document import ScenarioError

    options = {name: f"--{name}" for name, value in own.items() if value is not None}
    try:
        yield
    except InputError as error:
        if type(error) not in (InputError, ScenarioError):
            raise
        raise ScenarioError(_from_option(fault, options) for fault in error.faults) from None


def _from_option(fault: "Fault", options: Mapping[str, str]) -> "Fault":
    first, *within = fault.path or ("",)
    if fault.file or not fault.path or str(first).startswith("--"):
        return fault
    path = (options[str(first)], *within) if first in options else ("--set", *fault.path)
    return type(fault)(path, fault.found, fault.allowed)


def assignments(changes: Sequence[str] | None, seed: int | None) -> dict[str, object]:
    """What `--set` and `--seed` change in a scenario: values by path. Raises InputError for other text."""
    from engine.scenario.changes import assignment

    values = dict(assignment(change) for change in changes or ())
    return values if seed is None else {**values, "seed": seed}
