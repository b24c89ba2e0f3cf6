"""The page about benchmarks: its commands work, and what they write is whole."""

from pathlib import Path

import pytest

from docs.renew import ROOT, play

PAGE = ROOT / "docs/background/benchmarks.md"


@pytest.mark.slow
def test_every_command_of_the_page_works_and_writes_its_page_whole(
    page_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k 'not 100000'")  # the largest list alone takes most of a minute

    assert play(PAGE, page_folder).split() == PAGE.read_text(encoding="utf-8").split()

    written = page_folder / "build/performance"
    assert not [file.name for file in written.iterdir() if file.name.startswith(".")]
    assert "compiled engine" in (written / "performance.md").read_text(encoding="utf-8")
