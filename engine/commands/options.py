"""Options that several commands take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML or JSON.")]
FaultsFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="Write every fault of the input here, one JSON object a line."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario: campaign.lines=400. May be repeated."),
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Play with the luck of this seed.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write the results into this folder.")]
Force = Annotated[bool, typer.Option("--force", help="With --out: replace the results in the folder.")]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Also write what is shown as a picture.")]
Replications = Annotated[
    int, typer.Option("--replications", metavar="N", min=1, max=100_000, help="Play each with N seeds.")
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


def assignments(changes: Sequence[str] | None, seed: int | None) -> dict[str, object]:
    """What `--set` and `--seed` change in a scenario: values by path. Raises InputError for other text."""
    from engine.scenario.changes import assignment

    values = dict(assignment(change) for change in changes or ())
    return values if seed is None else {**values, "seed": seed}
