"""Opening a server: its campaigns from scenarios, or as its database has kept them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import thread_time

import msgspec

from engine.numbers.formats.files import InputFile
from engine.progress import Progress, Step, unseen
from engine.reading.faults import InputError
from engine.results.lock import versions_of
from engine.scenario.scenario import Scenario
from engine.server.campaigns import Campaign
from engine.server.clerk import Clerk
from engine.server.clock import SimulatedClock
from engine.server.journal import DAMAGED, Journal, JournalError, KeptCampaign, KeptServer, unusable
from engine.server.tokens import new_token


class Opened(msgspec.Struct, frozen=True):
    """A server that is ready to answer."""

    clerk: Clerk
    notes: tuple[str, ...] = ()
    """What a user should know of what was opened."""


def open_new(
    scenarios: Sequence[Scenario],
    tokens: Sequence[str] = (),
    *,
    database: Path | None = None,
    speed: float = 60.0,
    paused: bool = False,
    strict: bool = False,
    progress: Progress = unseen,
) -> Opened:
    """Open a server of these scenarios, a campaign each.

    `tokens` are those of the first campaigns; the others get new ones. Without a database, all is lost when the server
    ends. Raises ScenarioError, JournalError if `database` is a database already, and FullError.
    """
    tokens = [*tokens, *(new_token() for _ in scenarios[len(tokens) :])]
    campaigns = [
        Campaign(number, token, scenario, strict=strict, progress=progress)
        for number, (token, scenario) in enumerate(zip(tokens, scenarios, strict=True))
    ]
    first = min(int(scenario.document.start) for scenario in scenarios)
    kept = [
        KeptCampaign(token, source_of(scenario), str(scenario.folder.resolve()), msgspec.json.encode(scenario.inputs))
        for token, scenario in zip(tokens, scenarios, strict=True)
    ]
    server = KeptServer(first, speed, paused, speed, paused, json.dumps(_versions(scenarios)))
    journal = Journal.new(database, server, kept)
    return Opened(Clerk(journal, campaigns, SimulatedClock(first, speed, paused=paused), first))


def open_kept(
    database: Path,
    scenarios: Sequence[Scenario] = (),
    tokens: Sequence[str] = (),
    *,
    speed: float | None = None,
    paused: bool | None = None,
    strict: bool = False,
    progress: Progress = unseen,
) -> Opened:
    """Open a server as a database has kept it, with the clock as it was unless speed or pause are given.

    `scenarios` and `tokens` may repeat those that it was made with. Raises JournalError if they are others, if number
    files have changed since, or if the database cannot be used; then it is left as it is.
    """
    journal = Journal.opened(database)
    try:
        kept = journal.campaigns
        _check_same(database, kept, scenarios, tokens)
        server = journal.server
        notes: list[str] = []
        campaigns = [_restored(database, journal, number, each, progress, notes) for number, each in enumerate(kept)]
        played = [campaign.scenario for campaign in campaigns]
        notes += _changed_versions(msgspec.json.decode(server.versions), _versions(played))
        began = thread_time()
        first_entry = min(campaign.kept_until for campaign in campaigns)
        for position, entry in enumerate(journal.entries(first_entry), first_entry + 1):
            progress(Step("carrying out what was asked", position, journal.length, "requests"))
            campaigns[entry.campaign].repeat(position, entry)
        for campaign in campaigns:
            progress(Step("playing until the clock's instant", campaign.number, len(campaigns), "campaigns"))
            campaign.play(server.instant)
            campaign.strict = strict
        work = thread_time() - began
        speed = server.speed if speed is None else speed
        paused = server.paused if paused is None else paused
        if (speed, paused) != (server.speed, server.paused):
            journal.write_clock(server.instant, speed, paused=paused)
    except (*DAMAGED, msgspec.DecodeError) as error:
        journal.close()
        raise unusable(database, f"it is damaged ({error})") from None
    except BaseException:
        journal.close()
        raise
    clock = SimulatedClock(server.instant, speed, paused=paused)
    first = min(int(scenario.document.start) for scenario in played)
    return Opened(Clerk(journal, campaigns, clock, first, work=work), tuple(notes))


def source_of(scenario: Scenario) -> bytes:
    """What a scenario says, as it is kept."""
    return json.dumps(scenario.source).encode()


def _restored(
    database: Path, journal: Journal, number: int, kept: KeptCampaign, progress: Progress, notes: list[str]
) -> Campaign:
    """A campaign as its last snapshot has it, else as it was at its start; adds a note if a snapshot cannot be read."""
    try:
        scenario = Scenario.from_document(msgspec.json.decode(kept.scenario), kept.folder)
        changed = _changed_files(kept, scenario)
        if changed:
            raise JournalError(
                f"{database} keeps a campaign whose list has changed since: {', '.join(changed)}; "
                "bring the files back as they were, or begin anew with another --db"
            )
        snapshot = journal.snapshot(number)
        if snapshot is not None:
            try:
                return Campaign.restored(number, kept.token, scenario, snapshot)
            except InputError:  # its checksum is right, so it is of another version
                notes.append(f"the snapshot of campaign {number + 1} is of another version: all is played again")
        return Campaign(number, kept.token, scenario, progress=progress)
    except InputError as error:
        raise JournalError(f"{database} keeps a campaign that cannot be played: {error}") from None


def _changed_files(kept: KeptCampaign, scenario: Scenario) -> list[str]:
    before = {Path(each.file).resolve(): each for each in msgspec.json.decode(kept.inputs, type=list[InputFile])}
    now = {Path(each.file).resolve(): each for each in scenario.inputs}
    return [
        str(file)
        for file in before.keys() | now.keys()
        if file not in before or file not in now or before[file].sha256 != now[file].sha256
    ]


def _check_same(
    database: Path, kept: Sequence[KeptCampaign], scenarios: Sequence[Scenario], tokens: Sequence[str]
) -> None:
    given = [source_of(scenario) for scenario in scenarios]
    if (given and given != [each.scenario for each in kept]) or any(
        token != each.token for token, each in zip(tokens, kept, strict=False)
    ):
        raise JournalError(
            f"{database} keeps other campaigns than those given; leave out --scenario, --start, --seed and --token to "
            "go on with what it keeps, or name another file with --db"
        )


def _versions(scenarios: Sequence[Scenario]) -> dict[str, str]:
    versions: dict[str, str] = {}
    for scenario in scenarios:
        versions |= versions_of(scenario)
    return versions


def _changed_versions(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Notes on versions that have changed, with which the same requests may come to something else."""
    return [
        f"the database was kept with {name} {before.get(name, 'none')}, and this is {version}: what was played until "
        "then may differ"
        for name, version in now.items()
        if name != "python" and before.get(name) != version
    ]
