"""What all tests share."""

from pathlib import Path

import pytest

from engine.whatif import replications


@pytest.fixture(autouse=True)
def _no_runs_of_the_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that tests play are kept in a folder of their own, and not in the user's cache."""
    monkeypatch.setattr(replications, "DEFAULT_FOLDER", Path(tmp_path_factory.getbasetemp()) / "runs")
