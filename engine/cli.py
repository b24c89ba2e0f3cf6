"""The command `dialer`."""

import os
import sys
import warnings
from io import TextIOWrapper

import typer

from engine.commands.check import check
from engine.commands.compare import compare
from engine.commands.fit import fit
from engine.commands.run import run
from engine.commands.schema import schema
from engine.commands.serve import serve
from engine.commands.size import size
from engine.commands.telling import INTERRUPTED, tell_interrupt, warn
from engine.commands.windows import windows

# Commands import what they need when they run: `dialer --help` must not wait for numpy, polars and rich.

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Plays weeks of outbound dialling in seconds: who is reached, when, and on how many lines.",
)

for command in (run, compare, size, fit, check, serve, windows, schema):
    app.command()(command)


def main() -> None:
    """Run the command; an interrupt and a closed pipe end it without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold half of a surrogate pair
    warnings.showwarning = lambda message, *_, **__: warn([str(message)])
    try:
        app(prog_name="dialer", standalone_mode=True)
    except KeyboardInterrupt:
        tell_interrupt()
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
