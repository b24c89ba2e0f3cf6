"""A plugin for pytest: scenario files that say what they expect are tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Every run of pytest loads this module: what it needs of the engine is loaded once there is a scenario to test.

pytest.register_assert_rewrite("engine.testing.live_machine")  # its checks say what they found

SUFFIXES = (".yaml", ".yml", ".json")
OPTION = "--dialer-scenarios"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("dialer").addoption(
        OPTION,
        action="append",
        default=[],
        metavar="DIR",
        help="Test the scenario files in DIR, or one file, that have an `expect:` part. May be repeated.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect what lies in the folders, too, unless pytest is asked for some of it."""
    named = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    files = [Path(each.partition("::")[0]).resolve() for each in named]
    for given in config.getoption(OPTION):
        folder = Path(given).resolve()
        if not folder.exists():
            raise pytest.UsageError(f"{OPTION} {given}: found nothing there; write a folder of scenario files")
        if not any(file.is_relative_to(folder) for file in files):
            config.args.append(given)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """How many scenario files are tests, and how many expect nothing."""
    lines = []
    for given in config.getoption(OPTION):
        files = [file for file in _files(Path(given)) if file.suffix.lower() in SUFFIXES]
        tests = sum(_may_expect(file) for file in files)
        lines.append(f"dialer scenarios in {given}: {tests} with `expect:`, {len(files) - tests} files without")
    return lines


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A scenario file in one of the folders, if it expects anything."""
    folders = [Path(given).resolve() for given in parent.config.getoption(OPTION)]
    within = any(folder in (file_path.resolve(), *file_path.resolve().parents) for folder in folders)
    if not within or file_path.suffix.lower() not in SUFFIXES or not _may_expect(file_path):
        return None
    collector: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    return collector


def _files(given: Path) -> Iterator[Path]:
    yield from sorted(given.rglob("*")) if given.is_dir() else [given]


def _may_expect(file: Path) -> bool:
    """Whether a file has the word; lists of millions of numbers need not be read to know that they have not."""
    return file.is_file() and b"expect" in file.read_bytes().replace(b"\0", b"")  # UTF-16 is refused later, not passed


class ScenarioFile(pytest.File):
    """A scenario file: a test of the scenario, and one of each variant that has an `expect` of its own."""

    def collect(self) -> Iterator["ScenarioTest"]:
        """The tests; CollectError if the file cannot be read."""
        from engine.reading.document import read_document
        from engine.reading.faults import Fault, InputError

        try:
            document = read_document(self.path)
        except InputError as error:
            raise self.CollectError(str(error)) from None
        if not isinstance(document.value, dict):
            return
        places: dict[str | None, tuple[str, ...]] = {None: ("expect",)} if "expect" in document.value else {}
        what_if = document.value.get("whatIf")
        variants = what_if.get("variants") if isinstance(what_if, dict) else None
        for name, patch in variants.items() if isinstance(variants, dict) else ():
            if isinstance(patch, dict) and "expect" in patch:
                places[name] = ("whatIf", "variants", name, "expect")
        for variant, place in places.items():
            name = "expect" if variant is None else f"expect[{variant}]"
            line = document.located(Fault(place, "", "")).line
            test: ScenarioTest = ScenarioTest.from_parent(self, name=name, variant=variant, line=line)
            yield test


class ScenarioTest(pytest.Item):
    """What a scenario, or one of its variants, is expected to come to."""

    def __init__(self, *, variant: str | None, line: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._variant = variant
        self._line = line

    def runtest(self) -> None:
        """Play it; AssertionError with all that it did not come to, InputError with all faults."""
        from engine.testing.expectations import unmet

        found = unmet(self.path, self._variant)
        if found:
            raise AssertionError("\n".join(found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was expected and found, without the lines of this plugin."""
        if isinstance(excinfo.value, AssertionError | ValueError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the file says what it expects, and the title of a failure."""
        return self.path, None if self._line is None else self._line - 1, f"{self.path.name}: {self.name}"
