"""Options that several commands take."""

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


def mapping(text: str) -> tuple[str, str]:
    """The field and the name of `phone=MSISDN`; wrong usage if it is no such thing."""
    field, equals, name = text.partition("=")
    if not (field and equals and name):
        raise typer.BadParameter(f"{text!r} is no mapping such as phone=MSISDN", param_hint="--column")
    return field, name
