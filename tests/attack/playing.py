"""Playing cases of the attack, each in a process of its own, and what must hold for each."""

import os
import re
import select
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.attack.cases import Case, make_case
from tests.commands.dialer import ROOT

LONGEST = 120.0
"""Seconds after which a command hangs."""
MOST_MEMORY = 10**9
"""Bytes that a command may take for files under 1 MB."""
UNSEEN = re.compile("[^\\n\\t -~\u00a0-\U0010ffff]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""What would be sent to a terminal as control, or turns what is around it."""
BROKEN = ("Traceback (most recent call last)", "panicked at", "Fatal Python error", "Exception ignored", "core dumped")
GOOD = re.compile(r"(?:note|warning): |results are in |the scenario is in |what was fitted is in |$")
"""How lines on standard error begin that tell of no error."""


class Played(NamedTuple):
    """What came of a case."""

    case: Case
    status: int | None
    """The exit status, below 0 for the signal that ended it; None if it hung."""
    answer: bytes
    said: bytes
    memory: int
    """The most that it took, in bytes."""
    wrong: list[str]


Start = Callable[[Case, Path, list[int]], int]
"""Start a case in a folder with three streams; the id of its process."""


def play(start: Start, seed: object, inputs: Path) -> Played:
    """Make the case of a seed, and play it."""
    with tempfile.TemporaryDirectory(prefix="attack-") as made:
        folder = Path(made) / "case"
        shutil.copytree(inputs, folder)
        case = make_case(seed, inputs, folder)
        before = (folder / case.changed).read_bytes()
        (Path(made) / "given").write_bytes(case.given)
        streams = [os.open(Path(made) / name, os.O_RDWR | os.O_CREAT) for name in ("given", "answer", "said")]
        try:
            status, memory = _waited(start(case, folder, streams))
        finally:
            for stream in streams:
                os.close(stream)
        answer, said = ((Path(made) / name).read_bytes() for name in ("answer", "said"))
        after = (folder / case.changed).read_bytes()
        played = Played(case, status, answer, said, memory, [])
        own = case.changed.startswith(("kept.db", "runs/", "found.faults"))
        return played._replace(
            wrong=_wrong(played) + (["its input is another now"] if after != before and not own else [])
        )


def in_fork(case: Case, folder: Path, streams: list[int]) -> int:
    """Start a case in a copy of this process, in which the command is loaded already."""
    return _forked(lambda: _called(case.arguments), folder, streams)


def as_command(case: Case, folder: Path, streams: list[int]) -> int:
    """Start a case as a user does."""
    command = [sys.executable, "-m", "engine.cli", *case.arguments]
    whole = [part.encode("utf-8", "surrogateescape" if _is_name(part) else "surrogatepass") for part in command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return _forked(lambda: os.execve(sys.executable, whole, environment), folder, streams)  # noqa: S606


def _is_name(part: str) -> bool:
    """Whether a text is one that a shell can give: half surrogates in it stand for bytes."""
    return not any("\ud800" <= letter < "\udc80" or "\udcff" < letter <= "\udfff" for letter in part)


def _forked(work: Callable[[], int], folder: Path, streams: list[int]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # we may have threads, and the new process does not need them
        process = os.fork()
    if process:
        return process
    status = 3
    try:
        os.setsid()
        os.chdir(folder)
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
        status = work()
    finally:
        os._exit(status)


def _called(arguments: list[str]) -> int:
    from engine.cli import main

    # opened anew: those of this process may hold what is not written yet; the names with lines keep them open
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace")  # type: ignore[misc]  # noqa: SIM115
    sys.argv = ["dialer", *arguments]
    status: int | str | None = 0
    try:
        main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status if isinstance(status, int) else 0 if status is None else 1


def _waited(process: int) -> tuple[int | None, int]:
    """The exit status of a process and the most memory that it took; None if it hung, and was killed."""
    watched = os.pidfd_open(process)
    ended, _, _ = select.select([watched], [], [], LONGEST)
    os.close(watched)
    if not ended:
        os.killpg(process, signal.SIGKILL)
    _, status, usage = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status) if ended else None, usage.ru_maxrss << 10


def _wrong(played: Played) -> list[str]:
    """What does not hold."""
    wrong = []
    if played.status not in (0, 1, 2):
        wrong.append("it hangs" if played.status is None else f"it ends with status {played.status}")
    if played.memory > MOST_MEMORY:
        wrong.append(f"it takes {played.memory >> 20:,} MiB")
    for stream in (played.answer, played.said):
        try:
            text = stream.decode()
        except UnicodeDecodeError as error:
            wrong.append(f"what it says is not UTF-8: {stream[error.start - 20 : error.end + 20]!r}")
            text = stream.decode("utf-8", "replace")
        wrong += [f"it says {broken}" for broken in BROKEN if broken in text]
        if unseen := UNSEEN.search(text):
            wrong.append(
                f"it says the character {unseen[0]!r}: {text[max(unseen.start() - 40, 0) : unseen.end() + 20]!r}"
            )
    said = played.said.decode("utf-8", "replace")
    if played.status == 0:
        wrong += [f"it says of a success: {line[:200]}" for line in said.splitlines() if not GOOD.match(line)]
    elif played.status in (1, 2) and not said.strip() and b'"' not in played.answer:
        wrong.append("it fails, and does not say why")
    return wrong
