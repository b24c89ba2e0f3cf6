"""Cases of the attack: a command, with a changed file or with changed options."""

import os
import random
from pathlib import Path
from typing import NamedTuple

from tests.attack.mutations import CONTROLS, MARKUP, mutated

NOBODY = "203.0.113.1"
"""An address that no machine has (RFC 5737): `serve` ends there once it has read all that it was given."""
SERVE = ["serve", "--host", NOBODY, "--port", "0"]
LOG_OPTIONS = {
    "twilio": ["--seconds", "noAnswer=25", "--seconds", "busy=4", "--seconds", "invalid=3"],
    "genesys": ["--start-format", "%m/%d/%y %I:%M:%S %p", "--milliseconds", "--outcome", "Interested=answered"],
}


class Kind(NamedTuple):
    """A kind of file: those that are changed, and commands that read them as `{}`."""

    files: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    weight: int


KINDS = (
    Kind(
        ("campaign.yaml", "campaign.yaml", "campaign.json", "spring.yaml", "phones.yaml", "lists.yaml", "locked.yaml"),
        (
            ("check", "{}"),
            ("check", "{}", "--json"),
            ("run", "{}"),
            ("run", "{}", "--json", "--out", "out", "--calls"),
            ("run", "{}", "--svg", "run.svg", "--engine", "reference", "--faults", "faults"),
            ("run", "{}", "--checkpoint", "now.checkpoint", "--every", "6h"),
            ("compare", "{}", "--replications", "2", "--jobs", "1", "--out", "out"),
            ("size", "{}", "--replications", "2", "--jobs", "1", "--json"),
            ("size", "{}", "--replications", "2", "--jobs", "1", "--finish", "--svg", "size.svg"),
            (*SERVE, "--scenario", "{}"),
            ("fit", "calls.csv", "--into", "{}", "--out", "fitted.yaml"),
        ),
        30,
    ),
    Kind(
        (
            *("list.csv", "list.tsv", "semicolons.csv", "wide.csv", "list.csv.zst", "list.csv.gz"),
            *("list.xlsx", "list.xlsx", "list.parquet", "list.parquet"),
        ),
        (
            ("check", "{}", "--other-columns", "payload"),
            ("check", "{}", "--other-columns", "ignore", "--json", "--faults", "faults"),
            ("check", "{}", "--other-columns", "ignore", "--country", "US"),
            ("run", "campaign.yaml", "--set", "numbers=[{file: '{}', skipFaulty: true, otherColumns: payload}]"),
            ("run", "campaign.yaml", "--set", "numbers=[{file: '{}', otherColumns: payload}]", "--faults", "faults"),
        ),
        18,
    ),
    Kind(("old.csv",), (("check", "{}", "--encoding", "cp1252", "--other-columns", "ignore"),), 2),
    Kind(
        ("list.json", "list.ndjson", "list.ndjson.gz"),
        (
            ("check", "{}"),
            ("check", "{}", "--json", "--faults", "faults"),
            ("run", "campaign.yaml", "--set", "numbers=[{file: '{}', skipFaulty: true}]"),
        ),
        8,
    ),
    Kind(tuple(f"odd{place}.parquet" for place in range(20)), (("check", "{}"), ("fit", "{}")), 8),
    Kind(
        ("calls.csv", "calls.csv.gz", "calls.parquet", "calls.xlsx"),
        (
            ("fit", "{}", "--out", "fitted.yaml"),
            ("fit", "{}", "--skip-faulty", "--minimum", "20", "--check", "--json", "--faults", "faults"),
            ("fit", "{}", "--zone", "America/New_York", "--out", "fitted.yaml", "--into", "campaign.yaml"),
        ),
        10,
    ),
    *(
        Kind((f"{layout}.csv",), (("fit", "{}", "--layout", layout, *LOG_OPTIONS.get(layout, [])),), 2)
        for layout in ("asterisk", "freeswitch", "twilio", "vicidial", "genesys")
    ),
    Kind(
        ("policy.json", "policy.yaml"),
        (
            ("windows", "--policy", "{}", "--from", "2026-03-02T00:00:00Z", "--to", "2026-04-02T00:00:00Z"),
            ("windows", "--policy", "{}", "--from", "2026-03-02T00:00:00Z", "--to", "2027-03-02T00:00:00Z", "--json"),
        ),
        8,
    ),
    Kind(("saved.checkpoint",), (("run", "campaign.yaml", "--resume", "{}"),), 5),
    Kind(("runs/",), (("compare", "campaign.yaml", "--runs", "runs", "--replications", "2", "--jobs", "1"),), 3),
    Kind(("kept.db",), ((*SERVE, "--db", "{}"), (*SERVE, "--db", "{}", "--scenario", "campaign.yaml")), 4),
    Kind(("found.faults",), (("check", "list.csv", "--other-columns", "payload", "--faults", "{}"),), 1),
)
PATHS = (
    *("missing", "folder", "pipe", "link", "/dev/full", "/dev/zero", "/dev/null", "/proc/self/mem", "", ".", "..", "/"),
    *(
        "x" * 300,
        "folder/../list.csv",
        "list.csv",
        "campaign.yaml",
        "\udcff",
        "-",
        "/dev/stdin",
        "/dev/fd/1",
        *CONTROLS[1:],
    ),
    *MARKUP,
)
COUNTS = (
    "-1",
    "0",
    "1",
    "3",
    "0.5",
    "1e3",
    "nan",
    "9" * 30,
    "9" * 5_000,
    "",
    "x",
    "٣",
    "\u202e3",
    "1\x1b[31m",
    "+1",
    " 2",
)
INSTANTS = (
    *("2026-03-02T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-03-02", ""),
    *("1e9", "2026-03-02T00:00:00+99:99", "now", "\u202e2026-03-02T00:00:00Z", "٢٠٢٦-03-02T00:00:00Z", "x\x1b[31m"),
)
NAMES = (
    *CONTROLS[1:],
    *MARKUP,
    "",
    "x",
    "x" * 5_000,
    "\udcff",
    "utf-16",
    "idna",
    "base64",
    "US",
    "Europe/Berlin",
    "../x",
    "=",
)
PAIRS = (
    *(
        "phone=MSISDN",
        "phone=phone",
        "phone=phone+plan",
        "start=start",
        "x=y",
        "=",
        "a=",
        "=a",
        "phone=\x1b[31m",
        "phone=",
    ),
    *("seconds=start", "[/x]=[/x]", "busy=\u202e", "busy=answered", "answered=busy", "\udcff=\udcff", "payload.x=plan"),
)
CHANGES = (
    *(
        "campaign.lines=0",
        "campaign.lines=\x1b[31m",
        "seed=-1",
        "seed=99999999999999999999",
        "=",
        "x",
        "a.b.c=1",
        ".=1",
    ),
    *(
        "numbers=[]",
        "numbers[0]=1",
        "numbers.0=1",
        "numbers=[{file: '/dev/zero'}]",
        "numbers=[{file: pipe}]",
        "name=[/x]",
    ),
    *(
        "numbers=[{file: '**/*'}]",
        "numbers=[{generate: {count: 1e18}}]",
        "start=\u202ex",
        "finish=9999-12-31T23:59:59Z",
    ),
    *(
        "campaign={}",
        "campaign=" + "[" * 3_000,
        "outcomes={'[red]x[/red]': {share: 1, seconds: 1}}",
        "goal=null",
        "x=\udcff",
    ),
    *(
        "outcomes.answered.share=2",
        "campaign.gmtZone=\x9b",
        "name=\u2028",
        "campaign.callsPerSecond=1e308",
        "=1",
        "whatIf={}",
    ),
)
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "check": {
        "--column": PAIRS,
        "--other-columns": NAMES,
        "--header": NAMES,
        "--sheet": NAMES,
        "--encoding": NAMES,
        "--country": NAMES,
        "--faults": PATHS,
    },
    "run": {
        "--engine": NAMES,
        "--seed": COUNTS,
        "--set": CHANGES,
        "--faults": PATHS,
        "--out": PATHS,
        "--svg": PATHS,
        "--replications": COUNTS,
        "--runs": PATHS,
        "--checkpoint": PATHS,
        "--every": (*COUNTS, "6h", "0s", "99999999d"),
        "--resume": PATHS,
    },
    "compare": {
        "--replications": COUNTS,
        "--grid": (*CHANGES, "campaign.lines=1,2", "campaign.lines=", "seed=1,1", "name=a,b"),
        "--sort": NAMES,
        "--figure": (*NAMES, "calls.total"),
        "--set": CHANGES,
        "--seed": COUNTS,
        "--runs": PATHS,
        "--out": PATHS,
        "--svg": PATHS,
        "--faults": PATHS,
    },
    "size": {
        "--by": (*NAMES, "callsPerSecond"),
        "--replications": COUNTS,
        "--set": CHANGES,
        "--seed": COUNTS,
        "--runs": PATHS,
        "--out": PATHS,
        "--svg": PATHS,
    },
    "fit": {
        "--layout": (*NAMES, "list", "asterisk"),
        "--column": PAIRS,
        "--outcome": PAIRS,
        "--seconds": (*PAIRS, *(f"busy={count}" for count in COUNTS)),
        "--zone": NAMES,
        "--start-format": (*NAMES, "%", "%Q", "%Y-%m-%dT%H:%M:%S", "%d" * 99),
        "--decimal": NAMES,
        "--call-id": (*NAMES, "phone"),
        "--header": (*NAMES, "phone,start,seconds,outcome"),
        "--sheet": NAMES,
        "--encoding": NAMES,
        "--minimum": COUNTS,
        "--seed": COUNTS,
        "--out": PATHS,
        "--into": PATHS,
        "--faults": PATHS,
    },
    "serve": {
        "--scenario": PATHS,
        "--token": (*NAMES, "..", "x" * 201),
        "--db": PATHS,
        "--port": (*COUNTS, "65536"),
        "--start": INSTANTS,
        "--speed": COUNTS,
        "--seed": COUNTS,
        "--set": CHANGES,
        "--most-body": COUNTS,
        "--allow-host": NAMES,
    },
    "windows": {"--policy": PATHS, "--from": INSTANTS, "--to": INSTANTS},
}
FLAGS = (
    "--json",
    "--force",
    "--calls",
    "--paused",
    "--strict",
    "--finish",
    "--skip-faulty",
    "--check",
    "--milliseconds",
)


class Case(NamedTuple):
    """A command in a folder of its own."""

    arguments: list[str]
    changed: str
    """The file that holds something else, or stands for none."""
    given: bytes
    """Standard input."""


def make_case(seed: object, inputs: Path, folder: Path) -> Case:
    """A case that is always the same for a seed; its files are written into `folder`, where all good ones are."""
    luck = random.Random(f"{seed}")  # noqa: S311 (no secret)
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("link")
    os.mkfifo(folder / "pipe")
    [kind] = luck.choices(KINDS, [kind.weight for kind in KINDS])
    file = luck.choice(kind.files)
    if file.endswith("/"):
        kept = sorted(each for each in (inputs / file).rglob("*") if each.is_file())
        file = str(luck.choice(kept).relative_to(inputs))
    data = (inputs / file).read_bytes()
    arguments = [part.replace("{}", file) for part in luck.choice(kind.commands)]
    others = [each.read_bytes() for each in sorted(inputs.iterdir()) if each.is_file() and luck.random() < 0.1]
    chance = luck.random()
    if chance < 0.65:
        data = mutated(luck, data, file, others or [data])
        (folder / file).write_bytes(data)
    if chance > 0.6:
        _change_options(luck, arguments)
    if luck.random() < 0.02 and arguments.count(file):
        arguments[arguments.index(file)] = luck.choice((*PATHS, "-"))
    return Case([part.replace("\0", "") for part in arguments], file, data if luck.random() < 0.5 else b"")


def _change_options(luck: random.Random, arguments: list[str]) -> None:
    options = OPTIONS[arguments[0]]
    for _ in range(luck.choice((1, 1, 2, 3))):
        option = luck.choice(list(options))
        put = luck.choice(options[option])
        if option in arguments and luck.random() < 0.7:
            arguments[arguments.index(option) + 1] = put
        else:
            arguments += [option, put]
    if luck.random() < 0.3:
        arguments.append(luck.choice(FLAGS))
    if luck.random() < 0.05:
        arguments.insert(
            luck.randrange(len(arguments) + 1), luck.choice((*PATHS, "--nonsense", "--\x1b[31m", "--\u202ex", "-\x9b"))
        )
    if luck.random() < 0.03:
        arguments[:0] = ["--most-input", luck.choice(COUNTS)]
