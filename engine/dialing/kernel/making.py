"""Making: how the kernel's functions are compiled, all of them anew when any file that is a part of them has changed.

Numba asks for the age of a function's own file. But the code of a function has those in it that it calls, and the
values of what other modules name.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine import luck
from engine.calling import instants, windows
from engine.customers import durations, outcomes
from engine.dialing import closures, digest, machine_code, record, rulebook, waits

Function = TypeVar("Function", bound=Callable[..., Any])

NAMED_ELSEWHERE = (instants, windows, durations, outcomes, closures, digest, record, rulebook, waits, luck)
"""The modules outside of the kernel from which its rooms import."""
SOURCES = (
    *sorted(map(str, Path(__file__).parent.glob("*.py"))),
    *(str(module.__file__) for module in NAMED_ELSEWHERE),
)


def compiled(function: Function) -> Function:
    """A function of the kernel in machine code, stored on disk for the next process (`machine_code.compiled`)."""
    return machine_code.compiled(function, *SOURCES)
