"""Good files of every kind that a command reads: what the attack changes."""

import csv
import gzip
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import xlsxwriter
import yaml
import zstandard
from pyarrow import parquet

from tests.commands.dialer import ROOT, SPRING, dialer
from tests.logs.exports import EXPORTS, Call, plain

START = datetime(2026, 3, 2, tzinfo=UTC)
CAMPAIGN: dict[str, Any] = {
    "name": "Attack",
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-05T00:00:00Z",
    "seed": 14,
    "campaign": {
        "gmtZone": "America/New_York",
        "allowedDays": ["mon", "tue", "wed"],
        "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
        "retryIntervalInMinutes": 60,
        "maxAttempts": 3,
        "lines": 2,
    },
    "numbers": [
        {"generate": {"count": 60, "gmtZone": {"America/Chicago": 1, "Z": 1}}},
        {"file": "list.csv", "otherColumns": "payload"},
    ],
    "outcomes": {
        "answered": {"share": 0.4, "seconds": 60, "redials": [{"share": 0.1, "startAfterMinutes": 60}]},
        "busy": {"share": 0.2, "seconds": 4, "retry": True, "retryIntervalInMinutes": 15},
        "noAnswer": {"share": 0.4, "seconds": {"exponential": 30}, "retry": True},
    },
    "answering": {"localHours": {"10-12": 0.9}, "weekdays": {"tue": 1.2}, "attempts": [1, 0.8]},
    "segments": [{"name": "gold", "payload": {"plan": "gold"}, "outcomes": {"answered": {"share": 0.5}}}],
    "goal": {"reached": 0.3, "by": "2026-03-04T00:00:00Z"},
    "whatIf": {"variants": {"more": {"campaign": {"maxAttempts": 5}}}, "grid": {"campaign.lines": [1, 4]}},
}
NUMBERS: list[dict[str, Any]] = [
    {
        "phone": f"165055501{place:02}",
        "gmtZone": ["America/New_York", "+05:30", "Z"][place % 3],
        "maxAttempts": place % 4 + 1,
        "dialerPriority": place % 5 + 1,
        "payload": {"name": f"Zoë {place}", "plan": ["gold", "silver"][place % 2]},
    }
    for place in range(12)
]
DAYS: dict[str, Any] = {
    "allowedDays": ["mon", "fri"],
    "allowedTime": {"mon": [{"localTimeFrom": "10:00", "localTimeTo": "11:30"}], "default": []},
    "startDateTime": "2026-03-03T10:00:00Z",
}
COLUMNS = ("phone", "gmtZone", "maxAttempts", "dialerPriority", "allowedTime", "allowedDays", "payload.name", "plan")
CALLS = [
    Call(
        f"1650555{place % 90:04}",
        START + timedelta(minutes=7 * place),
        place % 50 + 1,
        ("noAnswer", "answered", "busy", "voicemail", "answered", "invalid")[place % 6],
    )
    for place in range(300)
]


def write_inputs(folder: Path) -> None:
    """Write all of them into an empty folder."""
    for name, data in {**_lists(), **_logs(), **_scenarios()}.items():
        (folder / name).write_bytes(data)
    policy = {"gmtZone": "America/New_York", **DAYS}
    (folder / "policy.json").write_text(json.dumps(policy))
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy))
    for arguments in (
        ["run", "campaign.yaml", "--checkpoint", "saved.checkpoint", "--out", "results"],
        ["run", "campaign.yaml", "--set", "campaign.lines=x", "--faults", "found.faults"],
        ["compare", "campaign.yaml", "--runs", "runs", "--replications", "2", "--jobs", "1"],
        ["serve", "--scenario", "campaign.yaml", "--db", "kept.db", "--host", "203.0.113.1"],
    ):
        done = dialer(*arguments, cwd=folder)
        assert done.returncode == int("--faults" in arguments or "serve" in arguments), done.stderr
    shutil.move(folder / "results/scenario.lock.yaml", folder / "locked.yaml")
    shutil.rmtree(folder / "results")


def _scenarios() -> dict[str, bytes]:
    spring = SPRING.read_text().replace("15_000", "150").replace("5_000", "50")
    phones = (ROOT / "scenarios/from_phone.yaml").read_text().replace("3_000", "30").replace("count: 500", "count: 20")
    every = {**CAMPAIGN, "numbers": [{"file": name} for name in ("list.json", "list.ndjson.gz", "list.parquet")]}
    return {
        "campaign.yaml": yaml.safe_dump(CAMPAIGN, sort_keys=False, allow_unicode=True).encode(),
        "campaign.json": json.dumps(CAMPAIGN).encode(),
        "spring.yaml": spring.encode(),
        "phones.yaml": phones.encode(),
        "lists.yaml": yaml.safe_dump(every).encode(),
    }


def _lists() -> dict[str, bytes]:
    bodies = [{**number, **(DAYS if place % 2 else {})} for place, number in enumerate(NUMBERS)]
    rows = [[_cell(number, column) for column in COLUMNS] for number in NUMBERS]
    text = _table([COLUMNS, *rows])
    lines = "".join(json.dumps(body) + "\n" for body in bodies).encode()
    nested = pl.DataFrame([{**number, "allowedDays": ["mon"]} for number in NUMBERS])
    columnar = io.BytesIO()
    nested.write_parquet(columnar)
    return {
        "list.json": json.dumps(bodies, indent=1).encode(),
        "list.ndjson": lines,
        "list.ndjson.gz": gzip.compress(lines, mtime=0),
        "list.csv": text,
        "list.tsv": _table([COLUMNS, *rows], "\t"),
        "semicolons.csv": b"sep=;\n" + _table([COLUMNS, *rows], ";").replace(b"\n", b"\r\n"),
        "wide.csv": text.decode().encode("utf-16"),
        "old.csv": text.decode().encode("cp1252"),
        "list.csv.zst": zstandard.compress(text),
        "list.csv.gz": gzip.compress(text, mtime=0),
        "list.parquet": columnar.getvalue(),
        "list.xlsx": _workbook([COLUMNS, *rows]),
        **{f"odd{place}.parquet": data for place, data in enumerate(_odd_parquet())},
    }


def _cell(number: dict[str, Any], column: str) -> Any:
    others = {"allowedTime": "10:00-18:00, 19-20", "allowedDays": "mon tue", "payload.name": number["payload"]["name"]}
    return {**others, "plan": number["payload"]["plan"], **number}[column]


def _table(rows: Any, separator: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _workbook(rows: Any) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return data.getvalue()


def _odd_parquet() -> list[bytes]:
    """Lists whose second column has a type or values that few readers keep, compressed in every manner."""
    columns = [
        pa.array([10**40, None], pa.decimal256(76, 3)),
        pa.array([1, -1], pa.decimal128(38, 20)),
        pa.array([{"x": 1}, None], pa.struct([("x", pa.int64()), ("y", pa.list_(pa.float32()))])),
        pa.StructArray.from_arrays([pa.array([1, 2])] * 2, names=["x", "x"]),
        pa.array([0, 1], pa.timestamp("us", "+05:30")),
        pa.array([0, 1], pa.timestamp("us", "Nowhere/Land")),
        pa.array([2**62, -(2**62)], pa.timestamp("us")),
        pa.array([2**31 - 1, -(2**31)], pa.int32()).cast(pa.date32()),
        pa.array([2**62, 0], pa.duration("ms")),
        pa.array([86_399, None], pa.time32("s")),
        pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int8())),
        pa.array([[(1, 1)], []], pa.map_(pa.int8(), pa.int8())),
        pa.array([b"\xff\xfe", b""], pa.binary()),
        pa.array([b"\xff\xfe", b"ab"], pa.binary(2)),
        pa.array([[1, 2], None], pa.list_(pa.int16(), 2)),
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array([[["\u202e"]], [[]]]),
        pa.array([1.5, float("nan")], pa.float32()).cast(pa.float16()),
        pa.array([None, None], pa.null()),
        pa.array(["\x1b[31m", "[/red]"]),
    ]
    packings = ("none", "snappy", "gzip", "brotli", "zstd", "lz4")
    tables = []
    for place, column in enumerate(columns):
        phones = pa.array(["16505550100", "16505550101"])
        data = io.BytesIO()
        title = ("payload", "gmtZone", "payload.\u202ex", "startDateTime", "maxAttempts")[place % 5]
        parquet.write_table(pa.table({"phone": phones, title: column}), data, compression=packings[place % 6])
        tables.append(data.getvalue())
    return tables


def _logs() -> dict[str, bytes]:
    text = plain(CALLS, {})
    table = pl.read_csv(text)
    columnar = io.BytesIO()
    table.write_parquet(columnar)
    return {
        "calls.csv": text,
        "calls.csv.gz": gzip.compress(text, mtime=0),
        "calls.parquet": columnar.getvalue(),
        "calls.xlsx": _workbook([table.columns, *table.rows()]),
        **{f"{export.layout}.csv": export.write(CALLS) for export in EXPORTS},
    }
