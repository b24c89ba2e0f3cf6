"""The command `dialer`, again and again in processes that are killed, each at a later moment: one line of JSON each.

Given are a folder and the words of a command. Each line of standard input is a moment; the answer is whether the
process was killed at it. All that a command loads is loaded once, before any process is made.
"""

import sys
from pathlib import Path

import engine.report.run
import engine.report.workbook
import engine.terminal.run  # noqa: F401 (loaded once, for all)
from engine.cli import app
from tests.killing import killed_at


def main(folder: Path, command: list[str]) -> None:
    for line in sys.stdin:
        killed = killed_at(int(line), folder, lambda: app(command, standalone_mode=False))
        print("killed" if killed else "done", file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
