"""What all tests share."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from engine.whatif import replications

settings.register_profile("any machine", deadline=None)  # a busy one takes longer for an example, and is no failure
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Leave what thousands of tests are made of out of garbage collections: they took half of the time of some."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(autouse=True)
def _no_runs_of_the_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that tests play are kept in a folder of their own, and not in the user's cache."""
    monkeypatch.setattr(replications, "DEFAULT_FOLDER", Path(tmp_path_factory.getbasetemp()) / "runs")


@pytest.fixture(autouse=True, scope="session")
def _hangups_obeyed() -> Iterator[None]:
    """Under nohup, commands that tests start would ignore a hangup, too."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(autouse=True)
def _interrupts_obeyed() -> None:
    """Whatever a test, or a library in it, has left to answer Ctrl-C does not answer in the next one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests write is gone with the machine's power: waiting for the disk at each file would be most of some."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: one for all tests of a process, because Playwright allows no second one beside it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to play a page of the documentation in.

    It lies beside those of the other pages, whichever process plays them: so they share the runs that they keep.
    """
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # pytest-benchmark would measure nothing
    own = tmp_path_factory.getbasetemp()
    return Path(tempfile.mkdtemp(prefix="page-", dir=own if worker_id == "master" else own.parent))
