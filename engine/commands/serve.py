"""The command `dialer serve`."""

import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.ending import FAULTS
from engine.commands.options import Changes, Seed, assignments, changes_named
from engine.commands.progress import progress_shown
from engine.commands.telling import faults_told, say, warn

if TYPE_CHECKING:
    from engine.scenario.scenario import Scenario
    from engine.server.opening import Opened

MEBIBYTE = 1 << 20


def serve(
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(
            "--scenario", metavar="FILE", help="A campaign of this scenario. May be repeated. Without: an empty one."
        ),
    ] = None,
    tokens: Annotated[
        list[str] | None,
        typer.Option("--token", metavar="TOKEN", help="The token of a scenario, in their order. Without: a new one."),
    ] = None,
    db: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep all that is answered here, and go on with it when started again."),
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen on; 0 for a free one.")] = 8080,
    start: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="Begin at this instant, such as 2026-03-02T09:00:00Z."),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(metavar="N", help="N simulated seconds in each second; 60 if left out.")
    ] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Let the clock stand until it is told to go.")] = False,
    seed: Seed = None,
    changes: Changes = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what the platform's own schema refuses.")] = False,
    most_body: Annotated[
        int, typer.Option("--most-body", metavar="MIB", min=1, max=512, help="The largest request body, in MiB.")
    ] = 64,
    allowed_hosts: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Answer requests to this host name, too. May be repeated."),
    ] = None,
) -> None:
    """Answer the Calls API over a simulated clock, with a dashboard."""
    if paused and speed is not None:
        raise typer.BadParameter("the clock stands with --paused; leave one of them out", param_hint="--speed")
    if tokens and len(tokens) > len(scenarios or [None]):
        given = f"{len(tokens)} tokens for {len(scenarios or [None])} campaign(s)"
        raise typer.BadParameter(f"{given}; give at most one for each --scenario", param_hint="--token")
    for token in tokens or ():
        if not re.fullmatch(r"[A-Za-z0-9._~-]{1,200}", token):
            raise typer.BadParameter(
                f"{token!r} cannot stand in a path; use letters, digits, dots and hyphens", param_hint="--token"
            )
    _check_installed()
    with faults_told(as_json=False), changes_named(seed=seed, start=start):
        from engine.server.bodies import Limits
        from engine.server.clock import MOST_SPEED
        from engine.server.journal import FullError, JournalError
        from engine.server.serving import serve as answer

        if speed is not None and not 0 < speed <= MOST_SPEED:
            raise typer.BadParameter(f"a number above 0, at most {MOST_SPEED:,.0f}", param_hint="--speed")
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
        try:
            opened = _opened(
                scenarios or [],
                tokens or [],
                db,
                {**assignments(changes, seed), **({"start": start} if start else {})},
                speed=speed,
                paused=paused,
                strict=strict,
            )
        except (JournalError, FullError) as error:
            say(str(error), err=True)
            raise typer.Exit(FAULTS) from None
        warn(opened.notes)
        limits = Limits(
            most_body=most_body * MEBIBYTE,
            most_in_flight=max(most_body * MEBIBYTE, Limits().most_in_flight),
            hosts=(host, *(allowed_hosts or ())),
        )
        try:
            answer(opened.clerk, limits, host, port, ready=lambda url: _tell(url, opened, db, host))
        except OSError as error:
            reason = error.strerror or error
            say(f"{host}:{port} cannot be listened on ({reason}); choose another with --port or --host", err=True)
            raise typer.Exit(FAULTS) from None
        finally:
            opened.clerk.close()


def _opened(
    files: Sequence[Path],
    tokens: Sequence[str],
    db: Path | None,
    changes: dict[str, object],
    *,
    speed: float | None,
    paused: bool,
    strict: bool,
) -> "Opened":
    from engine.server.journal import is_new
    from engine.server.opening import open_kept, open_new
    from engine.server.tokens import DOCUMENTED

    with progress_shown() as progress:
        if db is not None and not is_new(db):
            given = [_loaded(file, changes) for file in files]
            standing = True if paused else None if speed is None else False
            return open_kept(db, given, tokens, speed=speed, paused=standing, strict=strict, progress=progress)
        if files:
            loaded = [_loaded(file, changes) for file in files]
        else:
            loaded, tokens = [_default(changes)], tokens or [DOCUMENTED]
        return open_new(
            loaded,
            tokens,
            database=db,
            speed=60.0 if speed is None else speed,
            paused=paused,
            strict=strict,
            progress=progress,
        )


def _loaded(file: Path, changes: dict[str, object]) -> "Scenario":
    from engine.results.notes import run_notes
    from engine.scenario.scenario import EMPTY_LIST, Scenario

    scenario = Scenario.load(file, changes)
    warn(note for note in run_notes(scenario) if note != EMPTY_LIST)  # numbers come by the API
    return scenario


def _default(changes: dict[str, object]) -> "Scenario":
    """The default campaign; it begins now unless --start says otherwise."""
    import time

    from engine.calling.instants import unix_seconds
    from engine.reading.faults import Fault
    from engine.scenario.document import ScenarioError
    from engine.scenario.scenario import Scenario
    from engine.server.default_campaign import default_campaign

    start = changes.get("start")
    try:
        instant = unix_seconds(start) if isinstance(start, str) else int(time.time())
    except ValueError as error:
        raise ScenarioError([Fault(("start",), str(error), "an instant such as 2026-03-02T09:00:00Z")]) from None
    others = {path: value for path, value in changes.items() if path != "start"}
    return Scenario.from_document(default_campaign(instant)).changed_by(others)


def _check_installed() -> None:
    """Exit with what to install if the libraries of the server are not there."""
    from importlib.util import find_spec

    missing = [name for name in ("litestar", "uvicorn") if find_spec(name) is None]
    if missing:
        say(f"dialer serve needs {' and '.join(missing)}: pip install 'dialer-engine-simulator[server]'", err=True)
        raise typer.Exit(FAULTS)


def _tell(url: str, opened: "Opened", db: Path | None, host: str) -> None:
    """Tell where the server is, its tokens in full this once, and what is kept."""
    from engine.server.bodies import LOOPBACK

    say(f"the dashboard: {url}/    the API's description: {url}/schema")
    for name, token in opened.clerk.tokens:
        say(f"{name}: {url}/api/calls/campaign/{token}/addPhones")
    if db is None:
        say("nothing is kept when the server ends; --db FILE keeps it", err=True)
    if host not in LOOPBACK:
        say(
            f"warning: {host} lets other machines in: who reaches it can play, add and cancel without a password",
            err=True,
        )
