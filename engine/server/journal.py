"""The journal: what the server was asked to change, on disk before it is answered.

A journal is a SQLite database. Every request that changes a campaign is a row, with the instant at which it was carried
out; the instant that the clock has reached stands beside them. Live dialers that play the same requests at the same
instants come to the same state, so the journal is the state. A snapshot only shortens the way there.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Self

from engine.reading.faults import Fault, InputError

VERSION = 2
"""The version of the schema; it goes up by one with each entry of MIGRATIONS."""
APPLICATION = 0x6469_616C
"""What tells our databases from other ones (SQLite's `application_id`): the letters of `dial`."""
DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises for a damaged file, and Python where the damage is in SQLite's own message."""


def _sum_campaigns(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE campaign ADD COLUMN checksum BLOB NOT NULL DEFAULT x''")
    for number, *values in db.execute(_CAMPAIGNS).fetchall():
        db.execute("UPDATE campaign SET checksum = ? WHERE number = ?", (_campaign_sum(number, values), number))


_CAMPAIGNS = "SELECT number, token, scenario, folder, inputs FROM campaign ORDER BY number"
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_sum_campaigns,)
"""Entry n makes a database of version n + 1 one of version n + 2."""
_SCHEMA = """
CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    instant INTEGER NOT NULL,       -- every second before it has been played
    speed REAL NOT NULL,
    paused INTEGER NOT NULL,
    first_speed REAL NOT NULL,      -- with which the simulation began
    first_paused INTEGER NOT NULL,
    versions TEXT NOT NULL,         -- of all on which what is played depends, JSON
    last BLOB NOT NULL              -- the checksum of the last row of the journal
);
CREATE TABLE campaign (
    number INTEGER PRIMARY KEY,     -- from 0
    token TEXT NOT NULL UNIQUE,
    scenario BLOB NOT NULL,         -- JSON
    folder TEXT NOT NULL,           -- to which its paths are relative
    inputs BLOB NOT NULL,           -- the number files as they were, JSON
    checksum BLOB NOT NULL
);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    instant INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content BLOB NOT NULL,
    checksum BLOB NOT NULL          -- over this row and the checksum of the one before
);
CREATE TABLE snapshot (
    campaign INTEGER PRIMARY KEY,
    journal INTEGER NOT NULL,       -- the last row that it holds
    instant INTEGER NOT NULL,
    content BLOB NOT NULL,
    checksum BLOB NOT NULL
);
"""


class JournalError(Exception):
    """A database that cannot be used; the message says why, and what to do."""


class FullError(Exception):
    """What should be kept could not be written: the disk is full, or fails, or SQLite holds nothing so large."""


class Entry(NamedTuple):
    """A request that changes a campaign."""

    instant: int
    """When it is carried out, Unix seconds."""
    campaign: int
    kind: str
    content: bytes


class KeptCampaign(NamedTuple):
    """A campaign as the database keeps it."""

    token: str
    scenario: bytes
    folder: str
    inputs: bytes


class KeptServer(NamedTuple):
    """The clock, and what is played by."""

    instant: int
    speed: float
    paused: bool
    first_speed: float
    """The speed with which the simulation began, and begins anew after a reset."""
    first_paused: bool
    versions: str
    """Versions of all on which what is played depends, as JSON."""


class Snapshot(NamedTuple):
    """The state of a campaign after a row of the journal, at an instant."""

    journal: int
    instant: int
    content: bytes


class Journal:
    """The database of one server; used by one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.on_disk = path is not None
        """Whether it is there after the server has ended."""
        self._db = connection
        self._name = str(path) if path else "the database in memory"
        self._last = b""
        self.length = 0
        """How many requests it holds."""

    @classmethod
    def new(cls, path: Path | None, server: KeptServer, campaigns: Sequence[KeptCampaign]) -> Self:
        """Make a database at `path`, which is not there yet or empty; in memory for None. JournalError, FullError."""
        journal = cls(_connected(path), path)
        with journal._transaction() as db:
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("INSERT INTO server VALUES (1, ?, ?, ?, ?, ?, ?, x'')", server)
            db.executemany(
                "INSERT INTO campaign VALUES (?, ?, ?, ?, ?, ?)",
                [(number, *each, _campaign_sum(number, each)) for number, each in enumerate(campaigns)],
            )
        return journal

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Open a database that is there.

        JournalError if it is not one of ours, has another version, is damaged, or is in use; then it is left as it is.
        """
        journal = cls(_connected(path, new=False), path)
        try:
            journal._check()
        except DAMAGED as error:
            journal.close()
            raise unusable(path, f"it is damaged ({error})") from None
        except JournalError:
            journal.close()
            raise
        return journal

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # What it keeps

    @property
    def server(self) -> KeptServer:
        """The clock as it was last kept."""
        instant, speed, paused, first_speed, first_paused, versions = self._db.execute(
            "SELECT instant, speed, paused, first_speed, first_paused, versions FROM server"
        ).fetchone()
        return KeptServer(instant, speed, bool(paused), first_speed, bool(first_paused), versions)

    @property
    def campaigns(self) -> list[KeptCampaign]:
        """The campaigns, by number."""
        rows = self._db.execute("SELECT token, scenario, folder, inputs FROM campaign ORDER BY number")
        return [KeptCampaign(*row) for row in rows]

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The requests after a row, in the order in which they were made."""
        rows = self._db.execute(
            "SELECT instant, campaign, kind, content FROM journal WHERE id > ? ORDER BY id", (after,)
        )
        return map(Entry._make, rows)

    def snapshot(self, campaign: int) -> Snapshot | None:
        """The snapshot of a campaign, if there is one."""
        row = self._db.execute(
            "SELECT journal, instant, content FROM snapshot WHERE campaign = ?", (campaign,)
        ).fetchone()
        return Snapshot(*row) if row else None

    # What it is given

    def write(self, instant: int, entries: Iterable[Entry] = ()) -> None:
        """Keep requests and the instant until which the simulation is played, all or nothing; FullError."""
        last, length = self._last, self.length
        rows = []
        for entry in entries:
            last, length = _checksum(last, *entry), length + 1
            rows.append((length, *entry, last))
        with self._transaction() as db:
            db.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", rows)
            db.execute("UPDATE server SET instant = ?, last = ?", (instant, last))
        self._last, self.length = last, length

    def write_clock(self, instant: int, speed: float, *, paused: bool) -> None:
        """Keep the clock; FullError."""
        with self._transaction() as db:
            db.execute("UPDATE server SET instant = ?, speed = ?, paused = ?", (instant, speed, paused))

    def write_snapshots(self, instant: int, contents: Sequence[bytes]) -> None:
        """Keep the states of all campaigns, by number, as they are after every request so far; FullError."""
        rows = [
            (number, self.length, instant, content, _checksum(b"", self.length, number, instant, content))
            for number, content in enumerate(contents)
        ]
        with self._transaction() as db:
            db.execute("DELETE FROM snapshot")
            db.executemany("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", rows)

    def forget(self, instant: int) -> None:
        """Forget all requests and snapshots, and set the clock back to an instant, as it was at first; FullError."""
        with self._transaction() as db:
            db.execute("DELETE FROM journal")
            db.execute("DELETE FROM snapshot")
            db.execute("UPDATE server SET instant = ?, speed = first_speed, paused = first_paused", (instant,))
            db.execute("UPDATE server SET last = x''")
        self._last, self.length = b"", 0

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except (sqlite3.OperationalError, sqlite3.DataError, OverflowError) as error:
            self._roll_back()  # the latter two: a value of more than 1e9 bytes, or of more than 2^31
            raise FullError(f"{self._name}: {error}") from None
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:  # SQLite has rolled back by itself after some errors
            self._db.execute("ROLLBACK")

    # Whether it can be used

    def _check(self) -> None:
        [version] = self._db.execute("PRAGMA user_version").fetchone()
        if not 1 <= version <= VERSION:
            made = "a newer" if version > VERSION else "another"
            raise unusable(
                self._name, f"it has version {version}, made by {made} dialer; this one reads 1 to {VERSION}"
            )
        faults = [row[0] for row in self._db.execute("PRAGMA quick_check(1)")]
        if faults != ["ok"]:
            raise unusable(self._name, f"it is damaged ({faults[0]})")
        if version < VERSION:
            with self._transaction() as db:
                for migrate in MIGRATIONS[version - 1 :]:
                    migrate(db)
                db.execute(f"PRAGMA user_version = {VERSION}")
        self._check_sums()

    def _check_sums(self) -> None:
        campaigns = [_campaign_sum(number, values) for number, *values in self._db.execute(_CAMPAIGNS)]
        sums = self._db.execute("SELECT number, checksum FROM campaign ORDER BY number").fetchall()
        if not sums or sums != [*enumerate(campaigns)]:
            raise unusable(self._name, "it is damaged (its campaigns are not as they were written)")
        rows = self._db.execute("SELECT id, instant, campaign, kind, content, checksum FROM journal ORDER BY id")
        for number, *entry, checksum in rows:
            self._last, self.length = _checksum(self._last, *entry), self.length + 1
            if (number, checksum) != (self.length, self._last):
                raise unusable(self._name, f"it is damaged (request {self.length:,} is not as it was written)")
        kept = self._db.execute("SELECT last FROM server").fetchone()
        if kept != (self._last,):
            raise unusable(self._name, "it is damaged (requests are missing at its end)")
        for number, journal, instant, content, checksum in self._db.execute("SELECT * FROM snapshot"):
            if journal > self.length or checksum != _checksum(b"", journal, number, instant, content):
                raise unusable(
                    self._name, f"it is damaged (the snapshot of campaign {number + 1} is not as it was written)"
                )


def is_new(path: Path) -> bool:
    """Whether there is nothing to go on with at `path`: no file, an empty one, or a database whose making was cut off.

    InputError if it cannot be looked at. What else is there is opened, or refused, by `Journal.opened`.
    """
    try:
        if path.stat().st_size == 0:
            return True
    except FileNotFoundError:
        return True
    except OSError as error:
        fault = Fault((), f"no readable file ({error.strerror})", "a file for the database", str(path))
        raise InputError([fault]) from None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0.5)
    except sqlite3.DatabaseError:
        return False
    try:
        cookies = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("schema_version", "application_id")]
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return cookies == [(0,), (0,)]


def _connected(path: Path | None, *, new: bool = True) -> sqlite3.Connection:
    """A connection that writes through to the disk, and that no other process shares."""
    if path is None:
        return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection = None
    try:
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if new else 'rw'}"
        connection = sqlite3.connect(uri, uri=True, timeout=0.5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        _check_ownership(connection, path, new=new)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")  # takes the lock
        connection.execute("COMMIT")
    except (*DAMAGED, JournalError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, JournalError):
            raise
        if "locked" in str(error):
            raise JournalError(f"{path} is in use by another server; stop that one, or name another file") from None
        raise unusable(path, f"SQLite says: {error}") from None
    return connection


def _check_ownership(connection: sqlite3.Connection, path: Path, *, new: bool) -> None:
    """JournalError if a new database is there already, or an old one is not ours: before anything is written to it."""
    if new and connection.execute("PRAGMA schema_version").fetchone() != (0,):
        raise JournalError(f"{path} is a database already; name another file")
    if not new and connection.execute("PRAGMA application_id").fetchone() != (APPLICATION,):
        raise unusable(path, "it was not made by dialer serve")


def unusable(path: object, reason: str) -> JournalError:
    """The refusal of a database."""
    return JournalError(f"{path} cannot be used: {reason}; it was left as it is. Name another file with --db")


def _checksum(before: bytes, *values: object) -> bytes:
    digest = blake2b(before, digest_size=16)
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode()
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.digest()


def _campaign_sum(number: int, values: Iterable[object]) -> bytes:
    """A checksum over a campaign; damage may make bytes of a text, which `repr` tells apart."""
    return _checksum(b"", number, *map(repr, values))
