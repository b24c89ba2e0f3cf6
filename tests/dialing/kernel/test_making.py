"""Making: machine code of the kernel is used until any file that it is made of changes."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from engine.dialing.kept_code import KeptCode
from tests.test_house import MODULES, imported

ROOMS = sorted(name for name in MODULES if name.startswith("engine.dialing.kernel"))
STORES = {
    f"{room}.{name}": value._cache
    for room in ROOMS
    for name, value in vars(import_module(room)).items()
    if isinstance(getattr(value, "_cache", None), KeptCode)
}
"""By each function of the kernel whose machine code is stored: where it is."""


def test_the_rooms_store_what_is_called_from_outside() -> None:
    assert {"engine.dialing.kernel.seconds.advance", "engine.dialing.kernel.rows.write_rows"} <= set(STORES)


@pytest.mark.parametrize("room", ROOMS)
def test_code_is_made_anew_when_a_room_changes_or_what_it_imports_from(room: str) -> None:
    files = {MODULES[name] for name in (room, *imported(room))}

    assert {name: files - made_of(store) for name, store in STORES.items() if files - made_of(store)} == {}


def made_of(store: Any) -> set[Path]:
    return {Path(file) for file in store.makers}
