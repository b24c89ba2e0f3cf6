"""Hostile requests: each is refused with a clear error or is a good one after all, and memory stays bounded."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import msgspec
import psutil
import pytest

from engine.server import examples
from engine.server.errors import ApiError
from engine.server.operations import ERRORS
from engine.server.tokens import DOCUMENTED
from tests.server.running import CALLS, CRM_CALLS, head, sent

MIB = 1 << 20
CLIENTS = 8
MOST_MEMORY = 768 * MIB
"""How much the server may grow: 8 bodies of 10 MB, each twice while it is copied, and one of `0,0,…`, which takes some
40 times its length while it is cut into numbers."""
BODIES: dict[str, Any] = {
    f"{CALLS}/addPhones": examples.NUMBERS,
    f"{CALLS}/callJob/cancel": examples.CHOSEN,
    f"{CALLS}/callJob/getReport": examples.CHOSEN,
    f"{CALLS}/callAttempt/getReport": examples.CHOSEN,
    f"{CALLS}/callJob/getReportByDate": examples.JOB_DATES,
    f"{CALLS}/callJob/getUnfinished": examples.JOB_DATES,
    f"{CALLS}/callAttempt/getReportByDate": examples.CALL_DATES,
    "/simulation/advance": {"by": 60},
    "/simulation/redial": {"job": "1-0", "fields": {"startAfterMinutes": 1}},
}
VALUES: list[Any] = [
    None, True, -1, 0, 1.5, 10**30, 1e308, "", "x" * 70_000, "\ud800", "\u0000", "ж", "-05:00", [], {}, [[]], [{}],
    {"": None}, list(range(1_000)), {"a" * 5_000: 1}, "2026-03-02T25:00:00Z", "9999-12-31T23:59:59Z", -(10**15),
]  # fmt: skip
TOKENS = (
    "%2e%2e",
    "..",
    "%00",
    "a" * 20_000,
    "%2f",
    "%5c",
    "..;",
    "%d0%b6",
    "%ff",
    "*",
    "'--",
    "%0d%0a",
    DOCUMENTED + "%00",
    " ",
)
Made = tuple[bytes, ...]
Maker = Callable[[random.Random], Made]


def post(path: str, body: bytes, *headers: str, content_type: str = "application/json") -> Made:
    lines = (f"Content-Type: {content_type}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return head("POST", path, *lines), body


def anywhere(luck: random.Random) -> str:
    return luck.choice(list(BODIES))


def changed(luck: random.Random, value: Any) -> Any:
    """A value in which one place holds something else."""
    if not isinstance(value, dict | list) or not value or luck.random() < 0.15:
        return luck.choice(VALUES)
    if isinstance(value, list):
        at = luck.randrange(len(value))
        return [changed(luck, each) if index == at else each for index, each in enumerate(value)]
    name = luck.choice(list(value))
    if luck.random() < 0.2:
        return {**value, luck.choice(["", "x", "phone", "__proto__", "page", name + " "]): luck.choice(VALUES)}
    return {**value, name: changed(luck, value[name])}


def wrong_values(luck: random.Random) -> Made:
    path = anywhere(luck)
    value = BODIES[path]
    for _ in range(luck.randint(1, 3)):
        value = changed(luck, value)
    return post(path, json.dumps(value).encode())


def wrong_encodings(luck: random.Random) -> Made:
    path = anywhere(luck)
    text = json.dumps(BODIES[path])
    bodies = [text.encode("utf-16"), text.encode("utf-8-sig"), text.encode()[: luck.randrange(len(text))]]
    broken = bytearray(text.encode())
    broken[luck.randrange(len(broken))] = luck.randrange(256)
    return post(path, luck.choice([*bodies, bytes(broken), luck.randbytes(200)]))


def wrong_types(luck: random.Random) -> Made:
    kinds = (
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=x",
        'a; =; ";',
    )
    path = anywhere(luck)
    return post(path, json.dumps(BODIES[path]).encode(), content_type=luck.choice(kinds))


def deep(luck: random.Random) -> Made:
    depth = luck.choice([501, 5_000, 500_000])
    opens = luck.choice([b"[", b'{"a":', b'[{"payload":'])
    return post(anywhere(luck), luck.choice([opens * depth, b'[{"phone": 16500000000, "payload": ' + opens * depth]))


def large(luck: random.Random) -> Made:
    """10 MB; of what takes much memory when it is read, too."""
    part = luck.choice(
        [b" ", b"0,", b"{},", b"[],", b'"",', b"9", b'{"phone":1},', b"\xff", b'"\\ud800",', b'{"a":{},']
    )
    body = b"[" + part * (10_000_000 // len(part)) + b"0]"
    return post(luck.choice([anywhere(luck), f"{CALLS}/addPhones"]), body)


def tokens(luck: random.Random) -> Made:
    token = luck.choice(TOKENS)
    path = luck.choice([*BODIES, f"{CALLS}/status", CALLS, f"{CRM_CALLS}/addPhone", f"{CRM_CALLS}/test/addPhone"])
    method = luck.choice(["GET", "POST", "PUT", "DELETE", "PATCH"])
    line = head(method, path.replace(DOCUMENTED, token), "Connection: close", "Content-Length: 2")
    return line, b"{}"


def forms(luck: random.Random) -> Made:
    parts = ["phone=1", "phone=16500000000", "gmtZone=+03:00", "a=%ff", "=", "&&", "a" * 3_000, "phone[]=1", "%00=%00"]
    form = "&".join(luck.choices(parts, k=luck.choice([1, 2, 3, 2_000])))
    if luck.random() < 0.5:
        return (head("GET", f"{CRM_CALLS}/addPhone?{form}", "Connection: close"),)
    return post(f"{CRM_CALLS}/addPhone", form.encode(), content_type="application/x-www-form-urlencoded")


def cut_off(luck: random.Random) -> Made:
    line, body = post(anywhere(luck), b"[" * luck.choice([2, 100, 100_000]))
    return line, body[:-1]


def floods(luck: random.Random) -> Made:
    flood = ["X: " + "a" * 100_000, *["X: a"] * 50_000, "X" * 100_000 + ": a", "Cookie: " + "a=b; " * 50_000]
    chosen = luck.choice([flood[:1], flood[1:50_001], flood[50_001:50_002], flood[50_002:]])
    return (head("GET", luck.choice(["/", CALLS, "/" + "a" * 60_000]), *chosen),)


def chunks(luck: random.Random) -> Made:
    line = head("POST", anywhere(luck), "Content-Type: application/json", "Transfer-Encoding: chunked")
    parts = [
        b"zz\r\n",
        b"-1\r\n",
        b"fffffffffffffffff\r\n",
        b"1;" + b"a" * 300_000,
        b"5\r\n[]",
        b"0\r\nX: " + b"a" * 300_000,
    ]
    return line, luck.choice(parts)


def garbage(luck: random.Random) -> Made:
    return (
        luck.choice(
            [luck.randbytes(300), b"\x00" * 300, b"GET / HTTP/1.0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
        ),
    )


MAKERS: dict[Maker, int] = {
    wrong_values: 30, wrong_encodings: 15, wrong_types: 8, deep: 8, large: 3, tokens: 15, forms: 10, cut_off: 3,
    floods: 6, chunks: 4, garbage: 4,
}  # fmt: skip


@pytest.fixture
def alone() -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """A server in a process of its own."""
    command = [sys.executable, "-m", "tests.server.alone"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            with httpx.Client(base_url=process.stdout.readline().strip(), timeout=60) as client:
                yield client, psutil.Process(process.pid)
        finally:
            process.terminate()
            assert process.wait() == 0


def check(made: Made, answer: bytes) -> None:
    """The answer is a success, a documented error that tells what is wrong, or none to a request that was cut off."""
    if not answer:
        return
    shown = b"".join(made)[:300], answer[:1_000]
    status = int(answer.split(b" ", 2)[1])
    assert status < 500, shown
    if status >= 400:
        body = answer.partition(b"\r\n\r\n")[2]
        chunked = re.search(rb"(?i)transfer-encoding: chunked", answer)
        error = msgspec.json.decode(body.split(b"\r\n")[1] if chunked else body, type=ApiError)
        assert ERRORS[error.type].status == status, shown
        assert error.message, shown


def fuzz(server: tuple[httpx.Client, psutil.Process], count: int, seed: int) -> None:
    client, process = server
    luck = random.Random(seed)  # noqa: S311 (no secret)
    client.post(f"{CALLS}/addPhones", json=examples.NUMBERS).raise_for_status()
    before = process.memory_info().rss

    def send(seed: int) -> tuple[Made, bytes]:
        own = random.Random(seed)  # noqa: S311
        (maker,) = own.choices(list(MAKERS), list(MAKERS.values()))
        made = maker(own)
        return made, sent(client, *made, ends=maker is cut_off)

    answered = 0
    with ThreadPoolExecutor(CLIENTS) as pool, ExitStack() as whatever_comes:
        whatever_comes.callback(pool.shutdown, cancel_futures=True)
        for made, answer in pool.map(send, [luck.getrandbits(64) for _ in range(count)]):
            check(made, answer)
            answered += bool(answer)
            assert process.memory_info().rss < before + MOST_MEMORY

    assert answered > 0.9 * count
    assert client.get("/simulation/clock").status_code == 200


def test_hostile_requests_are_refused(alone: tuple[httpx.Client, psutil.Process]) -> None:
    fuzz(alone, 300, seed=12)


@pytest.mark.slow
def test_ten_thousand_hostile_requests_are_refused(alone: tuple[httpx.Client, psutil.Process]) -> None:
    fuzz(alone, 10_000, seed=2026)
