"""The command `dialer` as a process with two streams and an exit status, and what it is given."""

import os
import subprocess
import sys
from pathlib import Path

from tests.commands.loaded import ENVIRONMENT, call_loaded
from tests.numbers.formats.layouts import Numbers

ROOT = Path(__file__).parents[2]
SPRING = ROOT / "scenarios/spring_promo.yaml"
EXAMPLE = ROOT / "scenarios/api_example.yaml"
EXAMPLE_NOTE = (
    "note: gmtZone -05:00 never changes, clocks of people there do (America/New_York, perhaps): 1 of the numbers"
)
"""What is said of the example of the API's documentation."""
Completed = subprocess.CompletedProcess[str]


def dialer(*arguments: str | Path, cwd: Path = ROOT, given: bytes = b"") -> Completed:
    """Play a command; where the system can copy a process, in a copy of one that has loaded it already."""
    texts = [str(each) for each in arguments]
    if not hasattr(os, "fork"):
        return dialer_from_nothing(*texts, cwd=cwd, given=given)
    status, answer, said = call_loaded(texts, cwd, given)
    return subprocess.CompletedProcess(["dialer", *texts], status, answer.decode(), said.decode())


def dialer_from_nothing(*arguments: str | Path, cwd: Path = ROOT, given: bytes = b"") -> Completed:
    """Play a command in a new interpreter, as users do."""
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=ENVIRONMENT, input=given)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def unwrapped(text: str) -> str:
    """The words of what a terminal shows, with one blank between them, however its lines are broken."""
    return " ".join(text.split())


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


LIST: Numbers = [
    {"phone": "+16505550000", "payload": {"name": 'käse, "x"\n😀'}, "gmtZone": "America/New_York", "maxAttempts": 3},
    {"phone": 16505550001, "allowedDays": ["mon", "tue"]},
    {"phone": "16505550000", "payload": {"name": 'käse, "x"\n😀'}, "gmtZone": "America/New_York", "maxAttempts": 3},
]
"""Three numbers of a list, the last a duplicate of the first."""
