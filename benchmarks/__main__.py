"""Run every benchmark and print what each did a second: `python -m benchmarks [pytest options]`."""

import json
import platform
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table


def main(arguments: list[str]) -> int:
    """Run the benchmarks with pytest-benchmark and print a table of rates; its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder) / "benchmarks.json"
        where = str(Path(__file__).parent)
        status = pytest.main(
            [
                "-q",
                "-p",
                "no:cacheprovider",
                "-o",
                "python_files=bench_*.py",
                "-o",
                "addopts=",  # the tests run on every core, which would disturb what is measured
                "--benchmark-columns=min,median,rounds",
                f"--benchmark-json={measured}",
                where,
                *arguments,
            ]
        )
        if status:
            return int(status)
        benchmarks = json.loads(measured.read_text())["benchmarks"]
    table = Table(title=f"Python {platform.python_version()} on {platform.machine()}; python -m benchmarks")
    for column in ("what", "size", "done", "median a second", "best a second"):
        table.add_column(column, justify="left" if column in ("what", "size") else "right")
    for benchmark in benchmarks:
        info, stats = benchmark["extra_info"], benchmark["stats"]
        rates = (f"{info['done'] / stats[which]:,.0f} {info['unit']}" for which in ("median", "min"))
        table.add_row(info["what"], info["size"], f"{info['done']:,}", *rates)
    Console(width=100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
