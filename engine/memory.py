"""Memory: how much of it this process may still take."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GIGABYTE = 10**9
SURELY_LEFT = 1 << 25
"""So few bytes are nothing beside what the libraries took."""


class Left(NamedTuple):
    """The least that any limit leaves to this process."""

    size: int
    """In bytes."""
    limit: str
    """What limits it, in words."""

    def __str__(self) -> str:
        return f"the {size_text(self.size)} that are left ({self.limit})"


def memory_left(root: Path = Path("/")) -> Left | None:
    """What this process may still take, by its resource limits, its control group and the machine.

    `root` is the folder with the system's `proc` and `sys`. None where the system does not tell, which is everywhere
    but on Linux.
    """
    return min(_limits(root), default=None) if sys.platform == "linux" else None


def limit_below(needed: int) -> Left | None:
    """What leaves less than so many bytes; None if nothing does, which is not asked for a few."""
    if needed < SURELY_LEFT:
        return None
    left = memory_left()
    return left if left is not None and left.size < needed else None


def size_text(size: float) -> str:
    """A size in bytes as people read it: `850 MB`, `8.1 GB`."""
    return f"{size / GIGABYTE:,.1f} GB" if size >= GIGABYTE else f"{size / 10**6:,.0f} MB"


def _limits(root: Path) -> Iterator[Left]:
    import resource  # Linux and its kin

    pages = [int(number) * resource.getpagesize() for number in _read(root / "proc/self/statm").split()]
    if len(pages) > 5:
        for kind, used, name in (
            (resource.RLIMIT_AS, pages[0], "ulimit -v"),
            (resource.RLIMIT_DATA, pages[5], "ulimit -d"),
        ):
            most, _ = resource.getrlimit(kind)
            if most != resource.RLIM_INFINITY:
                yield Left(max(most - used, 0), f"a resource limit, {name}")
    for group in _groups(root):
        yield from _left_to(group)
    known = _named_numbers(root / "proc/meminfo")
    if "MemAvailable:" in known:
        yield Left((known["MemAvailable:"] + known.get("SwapFree:", 0)) << 10, "the memory of this machine")


def _groups(root: Path) -> Iterator[Path]:
    """The folders of this process's control group, and of those around it."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "" or "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
            group = top / name.removeprefix("/")
            yield from (each for each in (group, *group.parents) if each.is_relative_to(top))


def _left_to(group: Path) -> Iterator[Left]:
    for most, used, cached in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        limit, taken = _read(group / most).strip(), _read(group / used).strip()
        if limit.isdigit() and taken.isdigit() and int(limit) < 1 << 60:  # the older groups write no limit so
            pages = _named_numbers(group / "memory.stat").get(cached, 0)  # the system gives them back when asked
            yield Left(max(int(limit) - int(taken) + pages, 0), "a limit of the container or control group")


def _named_numbers(file: Path) -> dict[str, int]:
    rows = (line.split() for line in _read(file).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, ValueError):
        return ""
