"""A scheduler in another language passes; broken, or saying nothing that can be read, it fails."""

import shutil
import sys
from pathlib import Path

import pytest

from engine.testing.against_reference import check_against_reference
from engine.testing.protocol import SchedulerError

FEATURES = ("retries", "priorities", "dates", "lateNumbers")
IN_NODE = ["node", str(Path(__file__).with_name("scheduler.js"))]
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@needs_node
def test_a_scheduler_in_node_passes() -> None:
    check_against_reference(IN_NODE, examples=50, features=FEATURES)


@needs_node
def test_a_scheduler_in_node_with_a_bug_fails() -> None:
    with pytest.raises(AssertionError, match="leaves the rules at") as found:
        check_against_reference([*IN_NODE, "--bug"], examples=200, features=FEATURES)

    assert "counted from the call's end" in str(found.value)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("input(); input(); print('hello')", "'hello' at .*, which is not JSON"),
        ("input(); input(); print('[]')", r"answered \[\] at"),
        ("input(); input(); print('{\"calls\": [7]}')", "calls 7 at .*, which was not added"),
        ("import sys; input(); sys.exit('no more')", "exited with 1; it wrote: no more"),
    ],
)
def test_an_answer_that_is_none_is_told(program: str, words: str) -> None:
    with pytest.raises(SchedulerError, match=words):
        check_against_reference([sys.executable, "-c", program], examples=1)


def test_a_scheduler_that_does_not_answer_is_told() -> None:
    with pytest.raises(SchedulerError, match=r"did not answer at .* within 0\.2 seconds"):
        check_against_reference([sys.executable, "-c", "input(); input(); input()"], examples=1, time_limit=0.2)


def test_a_feature_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no feature 'magic'; allowed: redials"):
        check_against_reference(IN_NODE, features=["magic"])
