"""Options of commands that read a call log."""

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.commands.completing import layouts_from
from engine.commands.options import in_utf_8, mapping

LogLayout = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="NAME",
        autocompletion=layouts_from,
        help="The layout of a system: asterisk, freeswitch, twilio, vicidial, genesys; list.",
    ),
]
LogColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=NAME",
        callback=in_utf_8,
        help="The column of a field that has another name: seconds=Duration.",
    ),
]
LogOutcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome", metavar="WORD=NAME", callback=in_utf_8, help="What a word of the log means: yes=answered."
    ),
]
StartFormat = Annotated[
    str | None,
    typer.Option("--start-format", metavar="FORMAT", help="The format of starts, as of strptime: '%m/%d/%Y %I:%M %p'."),
]
CallId = Annotated[
    str | None,
    typer.Option("--call-id", metavar="COLUMN", help="The column that is equal for the legs of one call."),
]
SkipFaultyCalls = Annotated[bool, typer.Option("--skip-faulty", help="Leave faulty calls out and count them.")]


def pairs(texts: Sequence[str] | None, option: str, example: str) -> dict[str, str]:
    """What an option maps; wrong usage if a text is no mapping, or maps what another one maps to something else."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, value = mapping(text, option, example)
        if pairs.setdefault(name, value) != value:
            raise typer.BadParameter(f"{name} is {pairs[name]} and {value}; once is enough", param_hint=option)
    return pairs
