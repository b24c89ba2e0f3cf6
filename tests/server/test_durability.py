"""Nothing lost: what a server has answered is there again, whatever ends it, and nothing else is."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any, Self

import httpx
import pytest

from engine.testing.serving import calls_api
from tests.commands.dialer import dialer
from tests.server.running import CALLS, CRM_CALLS, Alone, alone, serve_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
CLIENTS = 50
REFUSED_EVERY = 10
MOST_ANSWERS = 10_000
"""After so many answers no other one is waited for."""
FRAME = 4_000
"""Bytes that are too few for anything that SQLite appends."""
STARTED_AGAIN = 500 * 4096
"""A write-ahead log as long as that may be written from its start again, and then its length limits nothing."""
MOST_IDS = 10_000
"""How many jobs are asked for at once."""
FAST = "--speed", "600"


class Load:
    """Clients that add numbers at the same time, and what each of them was answered.

    A third of them add single numbers, a third bodies of three, a third single numbers by form. Every tenth request is
    one that the server must refuse. A client whose connection is lost asks again with the same idempotence key, once
    the server is there again; every fifth one does not, and goes on with its next number.
    """

    def __init__(self, numbers: int | None = None) -> None:
        """Each client adds so many numbers; for None it adds numbers until `finish`."""
        self.statuses: SimpleQueue[int] = SimpleQueue()
        """That of every answer."""
        self.answered: dict[str, str] = {}
        """The job of each phone that was answered with 200."""
        self.refused: set[str] = set()
        """The phones of requests that were answered with anything else."""
        self.unknown: set[str] = set()
        """The phones of requests whose answer was lost, and which nobody sent again."""
        self._numbers = numbers
        self._goes, self._ends = Event(), Event()
        self._url = ""

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(CLIENTS)
        self._clients = [self._threads.submit(self._work, client) for client in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._goes.set()
        self._threads.shutdown()

    def go_to(self, server: Alone) -> None:
        """Let the clients ask this server."""
        self._url = server.url
        self._goes.set()

    def pause(self) -> None:
        """Let the clients ask nothing more until they are told where to go."""
        self._goes.clear()

    def wait_for(self, status: int) -> None:
        """Wait for an answer that comes from now on, with this status."""
        self.statuses = SimpleQueue()
        assert status in (self.statuses.get(timeout=60) for _ in range(MOST_ANSWERS))

    def finish(self) -> None:
        """Wait until all clients have done what they are at; raises what one of them has raised."""
        if self._numbers is None:
            self._ends.set()
        for client in self._clients:
            client.result()

    def check(self, server: Alone) -> None:
        """Every number that was answered is there once, no refused one is, and none is there twice."""
        answered, refused = self.answered.copy(), self.refused.copy()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            total = client.get(CALLS).json()["shortReport"]["totalNumbers"]
            there = []
            for first in range(0, total, MOST_IDS):
                ids = [f"1-{row}" for row in range(first, min(first + MOST_IDS, total))]
                reports = client.post(f"{CALLS}/callJob/getReport", json={"ids": ids}).json()
                there += [(report["phone"], report["callJobId"]) for report in reports]
        jobs = dict(there)
        assert len(jobs) == len(there) == total, [phone for phone, n in Counter(p for p, _ in there).items() if n > 1]
        assert {phone: jobs.get(phone) for phone in answered} == answered
        assert not refused & jobs.keys()

    def _work(self, number: int) -> None:
        phones = (f"1650{number:03}{row:05}" for row in count())
        size = 3 if number % 3 == 1 else 1
        left = self._numbers
        with httpx.Client(timeout=60) as client:
            for asked in count(1):
                if left == 0 or self._ends.is_set():
                    return
                bad = asked % REFUSED_EVERY == 0
                chosen = [next(phones) for _ in range(size if left is None else min(size, left))]
                self._add(client, number, [*chosen, "12"] if bad else chosen)
                left = left if bad or left is None else left - len(chosen)

    def _add(self, client: httpx.Client, number: int, phones: list[str]) -> None:
        answer = self._asked(client, number, phones)
        if answer is None:
            self.unknown.update(phones)
        elif answer.status_code == 200:
            jobs = answer.json()
            self.answered.update(zip(phones, [jobs] if isinstance(jobs, str) else jobs, strict=True))
        else:
            self.refused.update(phones)
        if answer is not None:
            self.statuses.put(answer.status_code)

    def _asked(self, client: httpx.Client, number: int, phones: list[str]) -> httpx.Response | None:
        """The answer to a request; None if it was lost, and this client does not ask again."""
        key = {"Idempotence-Key": phones[0]}
        while True:
            self._goes.wait()
            try:
                if number % 3 == 2 and len(phones) == 1:
                    return client.post(f"{self._url}{CRM_CALLS}/addPhone", data={"phone": phones[0]}, headers=key)
                body = [{"phone": phone} for phone in phones]
                return client.post(f"{self._url}{CALLS}/addPhones", json=body, headers=key)
            except httpx.TransportError:
                if number % 5 == 0:
                    return None
                if self._ends.is_set():
                    raise


@pytest.mark.parametrize("numbers", [40, pytest.param(1_000, marks=pytest.mark.slow)])
def test_fifty_clients_at_once_add_every_number_once_while_the_clock_runs(tmp_path: Path, numbers: int) -> None:
    with alone(tmp_path / "server.db", *FAST) as server, Load(numbers) as load:
        load.go_to(server)
        load.finish()
        load.check(server)
        assert len(load.answered) == CLIENTS * numbers
        assert not load.unknown
        assert {load.statuses.get() for _ in range(load.statuses.qsize())} == {200, 400}
        assert httpx.get(f"{server.url}/simulation/state").json()["campaigns"][0]["begun"] > 0


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_what_was_answered_is_there_once_after_every_kill(tmp_path: Path, kills: int) -> None:
    database, chance = tmp_path / "server.db", random.Random(kills)  # noqa: S311
    with Load() as load:
        for kill in range(kills):
            with alone(database, *FAST) as server:
                load.check(server)
                load.go_to(server)
                for _ in range(chance.randrange(1, 200)):
                    load.wait_for(200)
                _after(chance.uniform(0, 0.05), server.process)
                load.pause()
                server.end(signal.SIGKILL)
            if kill % 4 == 3:
                with serve_command(database) as starting:
                    _after(chance.uniform(0, 4), starting)
                    starting.kill()
        with alone(database) as server:
            load.check(server)
            load.go_to(server)
            load.finish()
            load.check(server)
    assert load.answered
    assert load.refused
    assert load.unknown


def _after(seconds: float, process: subprocess.Popen[str]) -> None:
    """Let a process run on for some time, so that what comes next comes at any moment of its work."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="one process limits the files of another")
def test_a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing(tmp_path: Path) -> None:
    database, chance = tmp_path / "server.db", random.Random(1)  # noqa: S311
    with Load() as load:
        with alone(database, *FAST) as server:
            load.go_to(server)
            for _ in range(3):
                load.wait_for(200)
                _fill(server, database, chance.randrange(FRAME))
                load.wait_for(503)
                answer = httpx.get(f"{server.url}/simulation/clock")
                assert (answer.status_code, answer.json()["type"]) == (503, "storage.full")
                _fill(server, None)
                load.wait_for(200)
                load.check(server)
            _fill(server, database, chance.randrange(FRAME))
            load.wait_for(503)
            load.pause()
            server.end(signal.SIGKILL)
            assert server.process.stderr
            assert server.process.stderr.read().count("time stands still") >= 4
        with alone(database) as server:
            load.check(server)
            load.go_to(server)
            load.finish()
            load.check(server)


def _fill(server: Alone, database: Path | None, left: int = 0) -> None:
    """Let the server's disk take so many bytes more than its database has written; None for all that it wants."""
    from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit  # not on every system

    most = RLIM_INFINITY
    if database is not None:
        written = Path(f"{database}-wal").stat().st_size
        most = written + left if written < STARTED_AGAIN else 0
    prlimit(server.process.pid, RLIMIT_FSIZE, (most, RLIM_INFINITY))


def test_a_server_goes_on_after_a_signal_as_it_was(tmp_path: Path) -> None:
    database, before = tmp_path / "server.db", None
    for sent, status in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL), (None, 0)):
        with alone(database, "--paused") as server, httpx.Client(base_url=server.url, timeout=60) as client:
            assert before in (None, _state(client))
            client.post(f"{CALLS}/addPhones", json=[{"phone": f"1650{sent or 0:03}{row:05}"} for row in range(30)])
            client.post("/simulation/advance", json={"by": 3_600})
            client.post(f"{CALLS}/callJob/cancel", json={"phones": [f"1650{sent or 0:03}00029"]})
            before = _state(client)
            assert server.end(sent or signal.SIGTERM) == status


def _state(client: httpx.Client) -> list[Any]:
    """All that a server tells of its campaign."""
    asked = {"pageSize": 200}
    return [
        client.get("/simulation/state").json(),
        client.post(f"{CALLS}/callJob/getReportByDate", json=asked).json(),
        client.post(f"{CALLS}/callAttempt/getReportByDate", json=asked).json(),
    ]


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    return data.replace(b"16500000007", b"17500000007")


@pytest.mark.parametrize("damage", [_cut, _flipped])
def test_a_damaged_database_is_refused_with_the_reason_and_left_as_it_is(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    database = tmp_path / "server.db"
    with calls_api(database=database) as server:
        server.client.post(server.campaign("addPhones"), json=[{"phone": 16500000000 + row} for row in range(9)])
    database.write_bytes(damage(database.read_bytes()))
    before = database.read_bytes()

    done = dialer("serve", "--db", database, "--port", "0")

    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{database} cannot be used: " in done.stderr
    assert "Traceback" not in done.stderr
    assert database.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [database.name]
