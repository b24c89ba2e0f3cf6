"""Compiling: who is told while the kernel's machine code is made, which takes a while, once on a machine.

It loads nothing: whoever plays says who is to be told, and the compiled engine, once it is loaded, tells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engine.progress import Progress, Step, unseen

_listener: ContextVar[Progress] = ContextVar("_listener", default=unseen)


@contextmanager
def compiling_told(progress: Progress) -> Iterator[None]:
    """Tell this progress of what is compiled meanwhile; one that shows nothing leaves that to another around it."""
    if progress is unseen:
        yield
        return
    before = _listener.set(progress)
    try:
        yield
    finally:
        _listener.reset(before)


def tell_compiling(done: str, *, is_kept: bool) -> None:
    """Say that the engine is being compiled, and how much is done; nothing once it is compiled.

    The last function takes half of the time, so no end is foretold.
    """
    what = "compiling the engine, once" if is_kept else "compiling the engine"
    _listener.get()(Step(f"{what} ({done})" if done else "playing"))
