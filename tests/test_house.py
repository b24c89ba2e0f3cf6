"""The rooms of the house: imports lead down, never up nor in a circle, and what has one place stands there alone."""

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "engine"
FLOORS = (
    ("__init__", "__main__"),
    ("cli",),
    ("commands",),
    ("testing",),
    ("public",),
    ("report", "terminal", "server"),
    ("wording",),
    ("whatif",),
    ("fitting",),
    ("explaining", "auditing"),
    ("results",),
    ("dialing",),
    ("scenario",),
    ("logs",),
    ("numbers",),
    ("customers",),
    ("words",),
    ("calling",),
    ("outputs",),
    ("card",),
    ("reading",),
    ("luck", "certainty", "writing", "memory", "progress", "release"),
)
"""The rooms from the top to the ground: a module imports from rooms of lower floors, and from its own room."""
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ONE_PLACE = {
    "writing a file whole": (r"\.fsync\(|\.part\b|NamedTemporaryFile", {"writing.py"}),
    "reading JSON": (r"json\.loads?\((?!json\.dumps)|JSONDecoder", {"reading/json_values.py"}),
    "the wall clock at instants": (
        r"\boffset_spans\(",
        {
            "calling/zones.py",
            "calling/windows.py",
            "calling/schedules.py",
            "calling/rule_hours.py",
            "dialing/rulebook.py",
        },
    ),
    "the project's name": (r'dialer-engine-simulator"', {"release.py"}),
    "what progress is": (r"\bProgress\b.*= Callable", {"progress.py"}),
    "showing progress": (r"rich\.progress|rich import progress|\.status\(", {"commands/progress.py"}),
}
"""A pattern that what is done in one place has in its code, and the modules that may have it."""


def modules() -> dict[str, Path]:
    """Every module of the package by its name; a package stands for its `__init__`."""
    files = sorted(ENGINE.rglob("*.py"))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


MODULES = modules()


def imported(name: str) -> Iterator[str]:
    """The modules of the package that a module imports anywhere: within functions and for type checkers, too."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "engine")
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} has an import relative to its own place"
            source = node.module or ""
            if source.split(".")[0] == "engine":
                within = (f"{source}.{alias.name}" for alias in node.names)
                yield from (each if each in MODULES else source for each in within)


def room(name: str) -> str:
    """The room of a module: the first name behind `engine`."""
    return [*name.split("."), "__init__"][1]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_from_its_own_room_and_from_lower_floors(name: str) -> None:
    assert room(name) in FLOOR_OF, f"list the room {room(name)} in FLOORS, on its floor"
    upwards = [
        each for each in imported(name) if room(each) != room(name) and FLOOR_OF[room(each)] <= FLOOR_OF[room(name)]
    ]

    assert upwards == []


def test_no_imports_go_in_a_circle() -> None:
    graph = {name: set(imported(name)) for name in MODULES}

    tuple(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("what", ONE_PLACE)
def test_what_has_one_place_stands_there_alone(what: str) -> None:
    pattern, places = ONE_PLACE[what]
    found = {
        file.relative_to(ENGINE).as_posix()
        for file in MODULES.values()
        if re.search(pattern, file.read_text(encoding="utf-8"))
    }

    assert found == places


def test_the_architecture_lists_the_rooms_in_their_order() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page[page.index("| room |") : page.index("`engine/__init__.py` holds")]
    listed = re.findall(r"`engine/(\w+)(?:/|\.py)`", table)
    here = {room(name) for name in MODULES} - {"__init__", "__main__"}

    assert set(listed) == here
    assert [FLOOR_OF[name] for name in listed] == sorted(FLOOR_OF[name] for name in listed)
