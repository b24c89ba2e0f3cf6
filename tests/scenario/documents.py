"""Scenarios as plain values and as files, and the faults that they get."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, ScenarioError

GOOD = """\
name: Test
start: 2026-03-02T00:00:00Z
finish: 2026-03-03T00:00:00Z
campaign:
  gmtZone: America/New_York
  lines: 2
numbers:
  - addPhones: [{phone: "16505550001"}]
  - file: phones.json
outcomes:
  answered: {share: 0.25, seconds: {constant: 60}}
  noAnswer:
    share: 0.75
    seconds: 30
    retry: true
"""


def load(folder: Path, text: str = GOOD, phones: object = None, changes: dict[str, object] | None = None) -> Scenario:
    (folder / "scenario.yaml").write_text(text)
    body = [{"phone": "16505550002"}] if phones is None else phones
    (folder / "phones.json").write_text(json.dumps(body, indent=1))
    return Scenario.load(folder / "scenario.yaml", changes)


def refused(folder: Path, text: str = GOOD, phones: object = None, **changes: object) -> list[str]:
    """The faults, each as text, without the folder."""
    with pytest.raises(ScenarioError) as error:
        load(folder, text, phones, changes)
    return [str(fault).replace(f"{folder}/", "") for fault in error.value.faults]


def plain(**parts: object) -> dict[str, Any]:
    document: dict[str, Any] = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 2},
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"answered": {"share": 0.25, "seconds": 60}, "noAnswer": {"share": 0.75, "seconds": 30}},
    }
    return {name: value for name, value in {**document, **parts}.items() if value is not ...}


def faults(**parts: object) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(plain(**parts))
    return [str(fault) for fault in error.value.faults]


HOURS = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
