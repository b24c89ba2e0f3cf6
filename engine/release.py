"""Release: which one of the simulator is installed."""

from importlib.metadata import version

PROJECT = "dialer-engine-simulator"


def release() -> str:
    """The version that is installed."""
    return version(PROJECT)


def made_by() -> str:
    """The simulator with its version, as what it writes names it."""
    return f"{PROJECT} {release()}"
