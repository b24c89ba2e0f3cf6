"""The journal: what was kept is there again, and what cannot be used is refused and left as it is."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.server.journal import (
    APPLICATION,
    VERSION,
    Entry,
    FullError,
    Journal,
    JournalError,
    KeptCampaign,
    KeptServer,
    Snapshot,
    is_new,
)

SERVER = KeptServer(1_000, 60.0, False, 60.0, True, "{}")
CAMPAIGN = KeptCampaign("token", b"{}", "/lists", b"[]")
ENTRIES = [Entry(1_000, 0, "AddPhones", b"one"), Entry(1_200, 0, "Cancel", b"two"), Entry(1_200, 0, "Control", b"")]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with three requests and a snapshot after the second one."""
    path = tmp_path / "server.db"
    journal = Journal.new(path, SERVER, [CAMPAIGN])
    journal.write(1_200, ENTRIES[:2])
    journal.write_snapshots(1_200, [b"state"])
    journal.write(1_300, ENTRIES[2:])
    journal.close()
    return path


def changed(database: Path, *statements: str) -> None:
    """Change a database as somebody else would."""
    connection = sqlite3.connect(database)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_what_was_kept_is_there_again(database: Path) -> None:
    journal = Journal.opened(database)
    assert journal.server == KeptServer(1_300, 60.0, False, 60.0, True, "{}")
    assert journal.campaigns == [CAMPAIGN]
    assert list(journal.entries()) == ENTRIES
    assert list(journal.entries(2)) == ENTRIES[2:]
    assert journal.snapshot(0) == Snapshot(2, 1_200, b"state")
    journal.close()


def test_an_opened_journal_goes_on(database: Path) -> None:
    journal = Journal.opened(database)
    journal.write(1_400, ENTRIES[:1])
    journal.close()
    journal = Journal.opened(database)
    assert list(journal.entries()) == [*ENTRIES, ENTRIES[0]]
    journal.close()


def test_a_write_survives_without_a_close(database: Path) -> None:
    journal = Journal.opened(database)
    journal.write(1_500, ENTRIES[:1])
    copy = database.with_name("copy.db")
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(database.with_name(database.name + suffix).read_bytes())
    again = Journal.opened(copy)
    assert (again.server.instant, again.length) == (1_500, 4)
    journal.close()
    again.close()


def test_a_snapshot_replaces_the_one_before(database: Path) -> None:
    journal = Journal.opened(database)
    journal.write_snapshots(1_300, [b"later"])
    assert journal.snapshot(0) == Snapshot(3, 1_300, b"later")
    journal.close()


def test_what_is_forgotten_is_gone(database: Path) -> None:
    journal = Journal.opened(database)
    journal.write_clock(1_300, 1.0, paused=False)
    journal.forget(1_000)
    journal.write(1_100, ENTRIES[:1])
    journal.close()
    journal = Journal.opened(database)
    assert journal.server == KeptServer(1_100, 60.0, True, 60.0, True, "{}")
    assert list(journal.entries()) == ENTRIES[:1]
    assert journal.snapshot(0) is None
    journal.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE journal SET content = x'00' WHERE id = 1", id="another content"),
        pytest.param("UPDATE journal SET instant = instant + 1 WHERE id = 2", id="another instant"),
        pytest.param("DELETE FROM journal WHERE id = 2", id="a request is missing"),
        pytest.param("DELETE FROM journal WHERE id = 3", id="the last request is missing"),
        pytest.param("UPDATE snapshot SET content = x'00'", id="another snapshot"),
        pytest.param("UPDATE snapshot SET journal = 9", id="a snapshot of the future"),
        pytest.param("DROP TABLE snapshot", id="a table is missing"),
        pytest.param("UPDATE campaign SET scenario = x'7b7c'", id="another scenario"),
        pytest.param("UPDATE campaign SET token = CAST(token AS BLOB)", id="a token that is no text"),
        pytest.param("UPDATE campaign SET number = 1", id="a campaign is missing"),
        pytest.param("DELETE FROM campaign", id="no campaign"),
        pytest.param("ALTER TABLE campaign RENAME COLUMN token TO taken", id="a column is missing"),
    ],
)
def test_a_damaged_database_is_refused_and_left_as_it_is(database: Path, damage: str) -> None:
    changed(database, damage)
    before = database.read_bytes()
    with pytest.raises(JournalError, match=r"server\.db cannot be used: it is damaged .*; it was left as it is"):
        Journal.opened(database)
    assert database.read_bytes() == before


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[:4_000] + bytes(byte ^ 0xFF for byte in data[4_000:9_000]) + data[9_000:]


@pytest.mark.parametrize("damage", [cut, flipped])
def test_a_file_that_is_damaged_below_sqlite_is_refused(database: Path, damage: Callable[[bytes], bytes]) -> None:
    database.write_bytes(damage(database.read_bytes()))
    before = database.read_bytes()
    with pytest.raises(JournalError, match="left as it is"):
        Journal.opened(database)
    assert database.read_bytes() == before


def test_a_database_without_checksums_of_campaigns_gets_them(database: Path) -> None:
    changed(
        database,
        "ALTER TABLE campaign RENAME TO newer",
        "CREATE TABLE campaign (number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, scenario BLOB NOT NULL,\n"
        "folder TEXT NOT NULL,\ninputs BLOB NOT NULL   -- the number files as they were, JSON\n)",
        "INSERT INTO campaign SELECT number, token, scenario, folder, inputs FROM newer",
        "DROP TABLE newer",
        "PRAGMA user_version = 1",
    )

    for _ in range(2):
        journal = Journal.opened(database)
        assert journal.campaigns == [CAMPAIGN]
        journal.close()


@pytest.mark.parametrize("version", [0, VERSION + 1])
def test_a_database_of_another_version_is_refused(database: Path, version: int) -> None:
    changed(database, f"PRAGMA user_version = {version}")
    before = database.read_bytes()
    with pytest.raises(
        JournalError, match=f"it has version {version}, made by .* dialer; this one reads 1 to {VERSION}"
    ):
        Journal.opened(database)
    assert database.read_bytes() == before


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    changed(path, "CREATE TABLE customers (name TEXT)", f"PRAGMA application_id = {APPLICATION - 1}")
    before = path.read_bytes()
    with pytest.raises(JournalError, match="it was not made by dialer serve; it was left as it is"):
        Journal.opened(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text("name: Spring promo\n" * 100)
    with pytest.raises(JournalError, match="left as it is"):
        Journal.opened(path)
    assert path.read_text() == "name: Spring promo\n" * 100
    with pytest.raises(JournalError, match="left as it is"):
        Journal.new(path, SERVER, [CAMPAIGN])
    assert path.read_text() == "name: Spring promo\n" * 100


def test_a_database_is_not_made_over_another(database: Path) -> None:
    with pytest.raises(JournalError, match="is a database already"):
        Journal.new(database, SERVER, [CAMPAIGN])


def test_a_database_in_use_is_refused(database: Path) -> None:
    journal = Journal.opened(database)
    with pytest.raises(JournalError, match="in use by another server"):
        Journal.opened(database)
    journal.close()


def test_what_does_not_fit_on_the_disk_is_refused_and_leaves_no_trace(database: Path) -> None:
    journal = Journal.opened(database)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(FullError, match="full"):
        journal.write(1_400, [ENTRIES[0], Entry(1_400, 0, "AddPhones", b"x" * 1_000_000)])
    assert (journal.server.instant, journal.length) == (1_300, 3)
    journal._db.execute("PRAGMA max_page_count = 1000000")
    journal.write(1_400, ENTRIES[:1])
    journal.close()
    journal = Journal.opened(database)
    assert list(journal.entries()) == [*ENTRIES, ENTRIES[0]]
    journal.close()


def test_a_snapshot_that_is_larger_than_sqlite_holds_is_refused_and_the_last_one_stays(database: Path) -> None:
    journal = Journal.opened(database)
    journal._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000)
    with pytest.raises(FullError, match="too big"):
        journal.write_snapshots(1_300, [b"x" * 2_000])
    assert journal.snapshot(0) == Snapshot(2, 1_200, b"state")
    journal.close()


def test_a_database_whose_making_was_cut_off_is_new(tmp_path: Path) -> None:
    cut_off = tmp_path / "cut_off.db"
    connection = sqlite3.connect(cut_off)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert cut_off.stat().st_size > 0
    assert is_new(cut_off)
    Journal.new(cut_off, SERVER, [CAMPAIGN]).close()
    assert not is_new(cut_off)
    Journal.opened(cut_off).close()


def test_what_others_have_made_is_not_new(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE orders (id INTEGER)")
    connection.close()
    text = tmp_path / "notes.txt"
    text.write_bytes(b"notes" * 1_000)
    for path in (foreign, text):
        before = path.read_bytes()
        assert not is_new(path)
        with pytest.raises(JournalError):
            Journal.opened(path)
        assert path.read_bytes() == before
