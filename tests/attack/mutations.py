"""Changes to good files: of their bytes, of the values in them, and of the files in archives."""

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import yaml
import zstandard

MOST_BYTES = 999_999
"""A changed file is smaller than 1 MB."""
CONTROLS = (
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x7f",
    "\x85",
    "\x9b1m",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
    "\r",
)
MARKUP = (
    "[red]x[/red]",
    "[/x]",
    ":smile:",
    "[link=file:///etc/passwd]x[/link]",
    "=1+1",
    "<script>x</script>",
    "{{x}}",
    "%s%n",
)
NUMBERS = (
    *(0, -1, 0.5, 1e308, -1e308, 1e-320, 10**30, -(10**30), 2**31, 2**63 - 1, 2**63, 2**64, -(2**63)),
    *(float("nan"), float("inf"), float("-inf"), int("9" * 4_000)),
)
WORDS = (
    *(
        "",
        " ",
        "null",
        "true",
        "1e999",
        "0x10",
        "٣",
        "1_0",
        "24:00",
        "25:61",
        "mon",
        "+99:99",
        "Z",
        "fromPhone",
        "../..",
        "~",
    ),
    *("/etc/passwd", "2026-03-02T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
    *(
        "2026-03-08T02:30:00[America/New_York]",
        "*",
        "**/*",
        "list.csv",
        "/dev/zero",
        "😀" * 50,
        "x" * 70_000,
        "é\u0301",
    ),
)


def value(luck: random.Random) -> Any:
    """A value that nothing expects; half surrogates are among them."""
    kind = luck.randrange(8)
    if kind < 3:
        return luck.choice(NUMBERS)
    if kind < 5:
        return luck.choice((*WORDS, *CONTROLS, *MARKUP, "\ud800", "a\udfffb"))
    if kind == 5:
        return luck.choice((None, True, False, [], {}, [[]], [{}], {"": None}))
    if kind == 6:
        return nested(luck.choice((3, 100, 300, 700)))
    return many(luck)


def nested(depth: int) -> Any:
    whole: Any = 1
    for _ in range(depth):
        whole = [whole]
    return whole


def many(luck: random.Random) -> Any:
    count = luck.choice((100, 2_000, 50_000))
    return luck.choice(([0] * count, [{}] * count, {f"k{place}": place for place in range(count)}, ["mon"] * count))


def name(luck: random.Random) -> str:
    return str(luck.choice((*CONTROLS, *MARKUP, *WORDS, "\ud800", "phone", "payload", "x" * 300, "<<", "__proto__")))


def changed(luck: random.Random, whole: Any) -> Any:
    """A value of JSON in which one place holds something else, or has another name."""
    if not isinstance(whole, dict | list) or not whole or luck.random() < 0.08:
        return value(luck)
    if isinstance(whole, list):
        at = luck.randrange(len(whole))
        if luck.random() < 0.1:
            return whole[:at] + whole[at : at + 1] * luck.choice((0, 2, 300)) + whole[at + 1 :]
        return [changed(luck, each) if place == at else each for place, each in enumerate(whole)]
    key = luck.choice(list(whole))
    chance = luck.random()
    if chance < 0.1:
        return {**whole, name(luck): luck.choice((value(luck), whole[key]))}
    if chance < 0.2:
        return {(name(luck) if each == key else each): part for each, part in whole.items()}
    if chance < 0.25:
        return {each: part for each, part in whole.items() if each != key}
    return {**whole, key: changed(luck, whole[key])}


def tree(luck: random.Random, data: bytes, file: str) -> bytes:
    """The values of YAML, JSON or lines of JSON, some of them changed, as text once more."""
    if file.endswith(".ndjson"):
        lines = data.split(b"\n")
        at = luck.randrange(len(lines))
        lines[at] = tree(luck, lines[at] or b"{}", "line.json")
        return b"\n".join(lines)
    whole = json.loads(data) if file.endswith(".json") else yaml.load(data, yaml.CBaseLoader)  # noqa: S506 (our own)
    for _ in range(luck.randint(1, 3)):
        whole = changed(luck, whole)
    if file.endswith(".json") or luck.random() < 0.5:
        return json.dumps(whole, ensure_ascii=luck.random() < 0.7).encode("utf-8", "surrogatepass")
    try:
        dumped: str = yaml.dump(whole, Dumper=yaml.CSafeDumper, allow_unicode=True, width=1_000_000)
    except (RecursionError, UnicodeEncodeError):  # nested deep, or half a surrogate pair
        return json.dumps(whole).encode()
    return re.sub(r"'([-+.0-9eE]+|true|null)'", r"\1", dumped).encode("utf-8", "surrogatepass")


def cells(luck: random.Random, data: bytes) -> bytes:
    """A table of text, some cells of which hold something else."""
    separator = max((b",", b";", b"\t"), key=data.count)
    lines = data.split(b"\n")
    for _ in range(luck.randint(1, 4)):
        at = 0 if luck.random() < 0.25 else luck.randrange(len(lines))
        row = lines[at].split(separator)
        put = luck.choice((name(luck), str(luck.choice(NUMBERS)), '"', '""', "'", "1,5", json.dumps(value(luck))))
        row[luck.randrange(len(row))] = put.encode("utf-8", "surrogatepass")
        lines[at] = separator.join(row)
    return b"\n".join(lines)


def bits(luck: random.Random, data: bytes) -> bytes:
    changed_data = bytearray(data or b"\0")
    for _ in range(luck.choice((1, 1, 2, 8, 64))):
        changed_data[luck.randrange(len(changed_data))] ^= 1 << luck.randrange(8)
    return bytes(changed_data)


def ends(luck: random.Random, data: bytes) -> bytes:
    """The last bytes, where Parquet and archives say what they hold, changed."""
    cut = max(len(data) - luck.choice((8, 64, 600)), 0)
    return data[:cut] + bits(luck, data[cut:])


def cut(luck: random.Random, data: bytes) -> bytes:
    return data[: luck.randrange(len(data) + 1)] if luck.random() < 0.7 else data[luck.randrange(len(data) + 1) :]


def doubled(luck: random.Random, data: bytes) -> bytes:
    first, last = sorted(luck.randrange(len(data) + 1) for _ in range(2))
    return data[:last] + data[first:last] * luck.choice((1, 1, 50)) + data[last:]


def put_in(luck: random.Random, data: bytes) -> bytes:
    at = luck.randrange(len(data) + 1)
    put: Any = luck.choice(
        (name(luck), luck.choice(NUMBERS), "\n", "[" * 5_000, "- " * 5_000, "&a [*a]", "!!python/x ", '"')
    )
    return data[:at] + str(put).encode("utf-8", "surrogatepass") + data[at:]


def recoded(luck: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    encoding = luck.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "utf-7", "cp037"))
    return text.encode(encoding, "replace")


def numbers(luck: random.Random, data: bytes) -> bytes:
    """Another number in the place of one in a text."""
    found = list(re.finditer(rb"[0-9]+(?:\.[0-9]+)?", data))
    if not found:
        return data
    first, last = luck.choice(found).span()
    return data[:first] + str(luck.choice((*NUMBERS, "", "1-", "01", "1e3"))).encode() + data[last:]


def rewritten(luck: random.Random, data: bytes) -> bytes:
    """An archive with one of its files changed, or with other sizes in its directory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {entry: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return bits(luck, data)
    chosen = luck.choice(list(parts))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in parts.items():
            put = luck.choice((*TEXTS, bits))(luck, content) if entry is chosen else content
            archive.writestr(entry.filename, put)
    if luck.random() < 0.3:
        return _lying(luck, whole.getvalue())
    return whole.getvalue()


def _lying(luck: random.Random, data: bytes) -> bytes:
    """An archive whose directory gives a size that is not the file's."""
    entries = [found.start() for found in re.finditer(b"PK\x01\x02", data)]
    at = luck.choice(entries) + luck.choice((20, 24))
    return data[:at] + luck.randrange(1 << 32).to_bytes(4, "little") + data[at + 4 :]


def bomb(luck: random.Random, data: bytes) -> bytes:
    """A few bytes that expand to many."""
    many_bytes = (data[:1_000] or b"0") * luck.choice((1_000, 10_000, 150_000))
    return luck.choice((gzip.compress, zstandard.compress))(many_bytes)


Mutation = Callable[[random.Random, bytes], bytes]
TEXTS: tuple[Mutation, ...] = (bits, cut, doubled, put_in, put_in, recoded, numbers, numbers)
BINARIES: tuple[Mutation, ...] = (bits, bits, ends, ends, cut, doubled)


def mutated(luck: random.Random, data: bytes, file: str, others: list[bytes]) -> bytes:
    """A file's bytes, changed in a manner that fits its kind, smaller than 1 MB."""
    whole = _mutated(luck, data, file, others)
    return whole if len(whole) <= MOST_BYTES else whole[:MOST_BYTES]


def _mutated(luck: random.Random, data: bytes, file: str, others: list[bytes]) -> bytes:
    chance = luck.random()
    if chance < 0.04:
        other = luck.choice(others)
        return data[: luck.randrange(len(data) + 1)] + other[luck.randrange(len(other) + 1) :]
    if chance < 0.06:
        return luck.choice((b"", b"\0" * 3_000, luck.randbytes(3_000), luck.choice(others)))
    if chance < 0.07:
        return bomb(luck, data)
    for ending, unpack, pack in ((".gz", gzip.decompress, gzip.compress), (".zst", _unpacked, zstandard.compress)):
        if file.endswith(ending) and luck.random() < 0.6:
            return pack(_mutated(luck, unpack(data), file.removesuffix(ending), others))
    if file.endswith((".xlsx", ".checkpoint")) and luck.random() < 0.6:
        return rewritten(luck, data)
    if file.endswith((".yaml", ".json", ".ndjson")) and luck.random() < 0.6:
        return tree(luck, data, file)
    if file.endswith((".csv", ".tsv")) and luck.random() < 0.6:
        return cells(luck, data)
    texts = file.endswith((".yaml", ".json", ".ndjson", ".csv", ".tsv", ".faults"))
    for _ in range(luck.randint(1, 3)):
        data = luck.choice(TEXTS if texts else BINARIES)(luck, data)
    return data


def _unpacked(data: bytes) -> bytes:
    return zstandard.decompress(data)
