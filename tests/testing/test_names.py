"""`engine.testing` has its public names when they are asked for, and says what is missing for them."""

import subprocess
import sys

import engine.testing


def test_every_public_name_is_there() -> None:
    assert dir(engine.testing) == sorted(engine.testing.__all__)
    assert all(getattr(engine.testing, name) is not None for name in engine.testing.__all__)


def test_without_the_extra_the_message_names_it_and_invariants_are_there() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
import engine.testing
engine.testing.invariants
try:
    from engine.testing import strategies
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "engine.testing.strategies needs hypothesis: pip install 'dialer-engine-simulator[test]'\n"
