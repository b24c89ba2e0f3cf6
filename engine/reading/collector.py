"""The collector: Python's search for cycles, put off while many values are read."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_put_off() -> Iterator[None]:
    """Search for no cycles meanwhile.

    Values that are read hold no cycles, but their count makes Python look through all of them again and again: a
    third of the time in which a list is read, if each of its numbers has hours of its own.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
