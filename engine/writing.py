"""Files written whole or not at all."""

import os
from pathlib import Path


def write_text(file: Path, text: str) -> None:
    """Write a file that stands by itself, whole or not at all. Raises OSError if it cannot be written."""
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
