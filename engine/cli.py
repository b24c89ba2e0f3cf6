"""The command `dialer`."""

import re
import shlex
import sys
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import typer

from engine.commands.audit import audit
from engine.commands.check import check
from engine.commands.compare import compare
from engine.commands.ending import ends_told, orderly_end, was_interrupted_untold
from engine.commands.explain import explain
from engine.commands.fit import fit
from engine.commands.run import run
from engine.commands.schema import schema
from engine.commands.serve import serve
from engine.commands.size import size
from engine.commands.telling import warn
from engine.commands.windows import windows
from engine.reading.names import visible

# Commands import what they need when they run: `dialer --help` must not wait for numpy, polars and rich.

_WRONG_USAGE: Any = typer.BadParameter.__base__
"""What Typer raises for wrong arguments of any kind; it has no public name for it."""
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Plays weeks of outbound dialling in seconds: who is reached, when, and on how many lines.",
)


def _tell_release(asked: bool) -> None:
    if asked:
        from engine.release import made_by

        typer.echo(made_by())
        raise typer.Exit


@app.callback()
def options(
    most_input: Annotated[
        int | None,
        typer.Option(
            "--most-input",
            metavar="GIB",
            min=1,
            max=1 << 20,
            show_default="4",
            help="Before the command: the largest file, list or standard input that it reads, in GiB, however far "
            "compressed files expand.",
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 (its callback tells it)
        bool, typer.Option("--version", callback=_tell_release, is_eager=True, help="Tell the version, and exit.")
    ] = False,
) -> None:
    """Set what all commands keep to."""
    if most_input is not None:
        from engine.reading.contents import lift_most_input

        lift_most_input(most_input << 30)


for command in (run, explain, compare, size, fit, audit, check, serve, windows, schema):
    app.command()(ends_told(command))


def main() -> None:
    """Run the command; whatever ends it, it ends with a message and a status."""
    warnings.showwarning = lambda message, *_, **__: warn([str(message)])
    with orderly_end():
        try:
            _refuse_empty(sys.argv[1:])
            status = app(prog_name="dialer", standalone_mode=False)
        except _WRONG_USAGE as error:
            if field := _field_meant(error):
                error.message += field
            error.message = error.message.removeprefix("Value error, ")  # Typer's, of a value that is not a choice
            error.message = "\n".join(map(visible, error.message.split("\n")))
            error.show()
            status = error.exit_code
        if was_interrupted_untold(status):
            raise KeyboardInterrupt
        sys.exit(status)


def _field_meant(error: Any) -> str:
    """What to write where an unknown option is a field of the scenario: `--set campaign.lines=4`; else nothing."""
    options = {name for parameter in error.ctx.command.params for name in parameter.opts} if error.ctx else set()
    is_before_command = "--most-input" in options
    if not hasattr(error, "possibilities") or not ("--set" in options or is_before_command):  # of unknown options alone
        return ""
    from engine.reading.typed import field_paths
    from engine.scenario.document import ScenarioDocument

    paths = {path.rpartition(".")[2].lower(): path for path in field_paths(ScenarioDocument)}
    option = error.option_name
    path = paths.get(option.replace("-", "").lower())
    if path is None:
        return ""
    error.possibilities = None
    command = "dialer run SCENARIO " if is_before_command else ""
    assignment = shlex.quote(f"{path}={_value_of(option, sys.argv[1:])}")
    return f"; it is a field of the scenario: {command}--set {assignment}"


def _value_of(option: str, arguments: Sequence[str]) -> str:
    """What stands behind an option among the arguments; VALUE if nothing does."""
    for argument, following in pairwise([*arguments, ""]):
        name, equals, value = argument.partition("=")
        if name == option:
            return (value if equals else "" if following.startswith("-") else following) or "VALUE"
    return "VALUE"


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse an empty argument, which would be the folder one stands in: as a rule a shell's variable is not set."""
    for argument in arguments:
        if not argument or re.fullmatch("--[a-z-]+=", argument):
            named = f"{argument[:-1]} is empty" if argument else "an argument is empty"
            raise typer.BadParameter(f"{named}, by a variable that is not set, perhaps; give a value or leave it out")


if __name__ == "__main__":
    main()
