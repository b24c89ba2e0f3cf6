"""Processes that are killed at a moment of one's choice: just before their n-th call that concerns a folder."""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

CHANGES = {"os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.utime"}
CALLS = {*CHANGES, "open", "ctypes.dlsym"}
"""Audit events before which a process may be killed; opening comes before writing and flushing, too.

The exchange of two folders has no event of its own, but looking it up in the C library has.
"""


def killed_at(moment: int, folder: Path, work: Callable[[], object]) -> bool:
    """Do some work in a process that is killed before its call number `moment` in a folder; False if it made fewer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # we have threads, and the new process does not need them
        process = os.fork()
    if not process:
        try:
            kill_at(moment, folder)
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def kill_at(moment: int, folder: Path) -> None:
    """Have this process killed before its call number `moment` in a folder."""
    left = moment

    def count(event: str, given: tuple[object, ...]) -> None:
        nonlocal left
        if event in CALLS and (event == "ctypes.dlsym" or any(str(folder) in str(each) for each in given)):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def every_moment(folder: Path, work: Callable[[], object]) -> Iterator[int]:
    """Kill the work at each of its moments, one after another: what is left is looked at in between."""
    moment = 1
    while killed_at(moment, folder, work):
        yield moment
        moment += 1
