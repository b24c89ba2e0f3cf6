"""The examples in the docstrings of public names give what they show."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parent.parent
CODE = [name for name in engine.__all__ if not name.startswith("__") and not name.endswith("Error")]
MODULES = sorted({getattr(engine, name).__module__ for name in CODE})


@pytest.mark.parametrize("name", CODE)
def test_every_public_name_has_an_example(name: str) -> None:
    found = doctest.DocTestFinder(exclude_empty=True).find(getattr(engine, name), name)

    assert any(test.examples for test in found), f"give {name} a doctest"


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_show(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert doctest.testmod(import_module(module)).failed == 0
