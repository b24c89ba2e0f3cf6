"""Opening a server: what was answered is there again, and only what it was made with goes on."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from engine.scenario.scenario import Scenario
from engine.server.journal import JournalError
from engine.server.opening import open_kept, open_new
from engine.server.requests import (
    AddPhone,
    AddPhones,
    Advance,
    Cancel,
    Control,
    InjectRedial,
)
from tests.server.office import Office, Opens, phones, scenario


def test_a_server_that_is_started_again_is_as_it_was(tmp_path: Path, opens: Opens) -> None:
    database = tmp_path / "server.db"
    office = opens(database=database)
    office.ask(AddPhones(campaign=0, body=phones(50), key="key"))
    office.ask(Advance(by=3_600))
    office.ask(InjectRedial(job="1-0", fields={"startAfterMinutes": 5}))
    office.ask(Cancel(campaign=0, ids=("1-7",)))
    office.ask(AddPhone(campaign=0, number={"phone": "16500000001"}, test=True))
    office.refused(AddPhone(campaign=0, number={"phone": "16500000001"}))
    office.ask(Advance(by=1_800))
    office.ask(Control(campaign=0, action="pause"))
    office.ask(Advance(by=100))
    before = office.everything()
    killed = tmp_path / "killed.db"  # as the disk was at this instant
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", f"{killed}{suffix}")
    again = Office(open_kept(killed).clerk)
    assert again.everything() == before
    assert again.ask(AddPhones(campaign=0, body=b"[]", key="key")) == [f"1-{job}" for job in range(50)]
    for each in (office, again):
        each.ask(Control(campaign=0, action="resume"))
        each.ask(Advance(by=3 * 86_400))
    assert again.everything() == office.everything()
    again.clerk.close()


def test_a_snapshot_is_as_good_as_the_requests_before_it(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    office = Office(open_new([scenario()], ["token"], database=database, paused=True).clerk)
    office.ask(AddPhones(campaign=0, body=phones(50), key="key"))
    office.ask(Advance(by=3_600))
    office.clerk._take_snapshots()  # nobody else uses the clerk now
    office.ask(AddPhones(campaign=0, body=phones(5, 16_600_000_000)))
    office.ask(Advance(by=60))
    before = office.everything()
    office.clerk._journal.close()
    again = Office(open_kept(database).clerk)
    assert again.clerk._campaigns[0].kept_until == 1
    assert again.everything() == before
    assert again.ask(AddPhones(campaign=0, body=b"[]", key="key")) == [f"1-{job}" for job in range(50)]
    again.clerk.close()


def test_what_a_restart_had_to_play_again_is_kept_in_a_snapshot_when_the_server_ends(
    tmp_path: Path, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opens(database=tmp_path / "server.db")
    office.ask(AddPhones(campaign=0, body=phones(3_000)))
    office.ask(Advance(by=86_400))
    office.clerk._journal.close()  # as if it were killed
    monkeypatch.setattr("engine.server.clerk.IDLE_WORK", 0.01)
    for kept_until in (0, 1):
        clerk = open_kept(tmp_path / "server.db").clerk
        assert clerk._campaigns[0].kept_until == kept_until
        clerk.close()


def test_a_database_goes_on_only_with_its_own_campaigns(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    open_new([scenario()], ["token"], database=database, paused=True).clerk.close()
    open_kept(database, [scenario()], ["token"]).clerk.close()
    for scenarios, tokens in (([scenario(seed=9)], []), ([], ["another"])):
        with pytest.raises(JournalError, match="keeps other campaigns"):
            open_kept(database, scenarios, tokens)


def test_a_list_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    database, numbers = tmp_path / "server.db", tmp_path / "numbers.json"
    numbers.write_bytes(phones(3))
    (tmp_path / "scenario.json").write_bytes(
        msgspec.json.encode({**scenario().source, "numbers": [{"file": "numbers.json"}]})
    )
    open_new([Scenario.load(tmp_path / "scenario.json")], database=database, paused=True).clerk.close()
    numbers.write_bytes(phones(4))
    with pytest.raises(JournalError, match=r"list has changed since: .*numbers\.json"):
        open_kept(database)


@pytest.mark.parametrize(
    "damage",
    ["ALTER TABLE server RENAME COLUMN speed TO haste", "UPDATE server SET versions = 'no JSON'"],
)
def test_a_database_whose_clock_is_damaged_is_refused(tmp_path: Path, damage: str) -> None:
    database = tmp_path / "server.db"
    open_new([scenario()], ["token"], database=database).clerk.close()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(damage)

    with pytest.raises(JournalError, match=r"server\.db cannot be used: it is damaged"):
        open_kept(database)
