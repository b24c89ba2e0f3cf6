"""Storage: a disk that is really full, places where nothing can be kept, and snapshots that nobody can read."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.server.journal import Journal
from engine.server.opening import open_kept, open_new
from engine.server.requests import AddPhones, Advance
from tests.commands.dialer import SPRING, dialer
from tests.server.office import Office, phones, scenario
from tests.server.running import CALLS, alone

MEBIBYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB; the test is left out where this process may mount none."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may mount no disk of its own")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


def fill(disk: Path) -> Path:
    """A file that takes all that is left on a disk."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler


def test_a_server_on_a_full_disk_answers_503_loses_nothing_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    database = small_disk / "server.db"
    body = phones(20_000)
    with alone(database, "--paused") as server, httpx.Client(base_url=server.url, timeout=60) as client:
        client.headers["Content-Type"] = "application/json"
        assert client.post(f"{CALLS}/addPhones", content=phones(5, 16_600_000_000)).status_code == 200
        filler = fill(small_disk)
        many = client.post(f"{CALLS}/addPhones", content=body)
        assert (many.status_code, many.json()["type"]) == (503, "storage.full")
        filler.unlink()
        while many.status_code == 503:  # until the server has found that there is room again
            many = client.post(f"{CALLS}/addPhones", content=body)
        assert len(many.json()) == 20_000
        assert client.get(CALLS).json()["shortReport"]["totalNumbers"] == 20_005
        server.end(signal.SIGKILL)
    with alone(database) as server:
        assert httpx.get(f"{server.url}{CALLS}").json()["shortReport"]["totalNumbers"] == 20_005


def test_a_server_that_cannot_begin_to_keep_says_so(small_disk: Path) -> None:
    filler = fill(small_disk)
    done = dialer("serve", "--db", small_disk / "server.db", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(small_disk / "server.db") in done.stderr
    assert "Traceback" not in done.stderr
    filler.unlink()
    with alone(small_disk / "server.db", "--paused") as server:
        assert httpx.get(f"{server.url}/simulation/clock").status_code == 200


def test_a_place_where_nothing_can_be_kept_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in ("folder.db", "missing/server.db", "file/server.db"):
        done = dialer("serve", "--db", tmp_path / place, "--port", "0")
        assert (done.returncode, done.stdout) == (1, ""), place
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_place_that_is_only_read_is_one_message(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = dialer("serve", "--db", tmp_path / "server.db", "--port", "0")
    tmp_path.chmod(0o700)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)


def test_two_servers_do_not_share_a_database(tmp_path: Path) -> None:
    with alone(tmp_path / "server.db", "--paused"):
        done = dialer("serve", "--db", tmp_path / "server.db", "--port", "0")
        assert done.returncode == 1
        assert "is in use by another server" in done.stderr


def test_a_start_after_the_finish_is_one_message() -> None:
    done = dialer("serve", "--scenario", SPRING, "--start", "2046-01-01T00:00:00Z", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "finish" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"no snapshot", b"\x81\xa6dialer\xc4\x00"])
def test_a_snapshot_that_cannot_be_read_is_replaced_by_what_was_asked(tmp_path: Path, content: bytes) -> None:
    database = tmp_path / "server.db"
    office = Office(open_new([scenario()], ["token"], database=database, paused=True).clerk)
    office.ask(AddPhones(campaign=0, body=phones(50)))
    office.ask(Advance(by=3_600))
    before = office.everything()
    office.clerk.close()
    journal = Journal.opened(database)
    journal.write_snapshots(journal.server.instant, [content])
    journal.close()
    opened = open_kept(database)
    assert Office(opened.clerk).everything() == before
    assert [note for note in opened.notes if "snapshot" in note]
    opened.clerk.close()
