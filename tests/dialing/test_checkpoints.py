"""Checkpoints: a run that was saved goes on to the same digest, and what is no checkpoint of it is refused."""

import os
import random
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import Scenario, simulate
from engine.calling.instants import HOUR
from engine.dialing import checkpoints
from engine.dialing.checkpoints import _FIELDS, _PARTS_OF_A_SCENARIO
from engine.dialing.compiled import CompiledDialer
from engine.dialing.kept_calls import KeptCalls
from engine.dialing.record import Record
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import Checkpoints
from engine.reading.faults import InputError
from tests.damage import damage, seeds
from tests.dialing.test_reference import same_record

ROOT = Path(__file__).parent.parent.parent
SPRING = ROOT / "scenarios/spring_promo.yaml"


@pytest.fixture(scope="module")
def spring() -> Scenario:
    return Scenario.load(SPRING)


@pytest.fixture
def saved(spring: Scenario, tmp_path: Path) -> Path:
    dialer = CompiledDialer(Rulebook(spring.document), spring.phonebook, log=KeptCalls())
    dialer.run_until(spring.document.start + 40 * HOUR)
    dialer.save(tmp_path / "run.npz")
    return tmp_path / "run.npz"


def test_a_run_goes_on_from_a_checkpoint_to_the_same_record(spring: Scenario, saved: Path) -> None:
    resumed = simulate(spring, calls=True, resume=saved)

    assert same_record(resumed.record, simulate(spring, "compiled", calls=True).record)


def test_what_a_killed_run_left_of_a_checkpoint_is_removed_when_it_goes_on(spring: Scenario, saved: Path) -> None:
    left = saved.with_name(f".{saved.name}.dialer-01234567.part")
    left.write_bytes(b"half of it")

    with pytest.warns(UserWarning, match="a run that was killed left"):
        simulate(spring, calls=True, resume=saved)

    assert not left.exists()


def test_saving_again_and_again_changes_nothing(spring: Scenario, tmp_path: Path) -> None:
    result = simulate(spring, checkpoints=Checkpoints(tmp_path / "run.npz", 6 * HOUR))

    assert result.digest == simulate(spring).digest
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_a_checkpoint_of_another_scenario_is_refused_with_the_difference(saved: Path) -> None:
    other = Scenario.load(SPRING, {"campaign.retryIntervalInMinutes": 30})

    with pytest.raises(InputError, match=r"another scenario \(it differs in its call policies\)"):
        simulate(other, calls=True, resume=saved)


def test_a_checkpoint_without_calls_does_not_go_on_with_them(spring: Scenario, tmp_path: Path) -> None:
    simulate(spring, checkpoints=Checkpoints(tmp_path / "run.npz", 144 * HOUR))

    with pytest.raises(InputError, match="or whether calls are kept"):
        simulate(spring, calls=True, resume=tmp_path / "run.npz")


def test_every_array_of_a_plan_has_a_name_that_people_know() -> None:
    named = [name for names in _PARTS_OF_A_SCENARIO.values() for name in names]

    assert sorted(named) == sorted(_FIELDS)


def test_a_checkpoint_of_another_version_is_refused(spring: Scenario, saved: Path) -> None:
    with np.load(saved) as arrays:
        older: dict[str, Any] = {**arrays, "versions": np.array("dialer-engine-simulator 0.0.1, format 1")}
    np.savez(saved, **older)

    with pytest.raises(InputError, match=r"a checkpoint of dialer-engine-simulator 0\.0\.1"):
        simulate(spring, calls=True, resume=saved)


@pytest.mark.parametrize("kept", [0, 100, 10_000, -1])
def test_a_part_of_a_checkpoint_is_refused(spring: Scenario, saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])

    with pytest.raises(InputError, match="a checkpoint that --checkpoint wrote"):
        simulate(spring, calls=True, resume=saved)


def restored(scenario: Scenario, file: Path) -> CompiledDialer | None:
    """A dialer that goes on from a checkpoint; None if that is refused, in one message."""
    dialer = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, log=KeptCalls())
    try:
        dialer.restore(file)
    except InputError as error:
        faults = error.faults
    else:
        return dialer
    assert len(faults) == 1
    return None


@pytest.fixture(scope="module")
def whole(spring: Scenario) -> Record:
    """What the run comes to that nothing befell."""
    return simulate(spring, "compiled", calls=True).record


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Checkpoints of another scenario, of another seed, and of the same run without its calls."""
    folder = tmp_path_factory.mktemp("others")
    changes: tuple[dict[str, object], ...] = ({"campaign.retryIntervalInMinutes": 30}, {"seed": 8}, {})
    for number, change in enumerate(changes):
        other = Scenario.load(SPRING, change)
        dialer = CompiledDialer(Rulebook(other.document), other.phonebook, log=KeptCalls() if change else None)
        dialer.run_until(other.document.start + 40 * HOUR)
        dialer.save(folder / f"{number}.npz")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("seed", seeds(40, 200))
def test_a_damaged_checkpoint_is_refused_or_goes_on_alike(
    spring: Scenario, saved: Path, others: list[Path], whole: Record, seed: int
) -> None:
    damage(saved, seed, others)

    checkpoints.is_checkpoint(saved)  # it says yes or no
    dialer = restored(spring, saved)
    if dialer is not None:  # what was hit says nothing, such as the time of a file
        dialer.run_until(spring.document.finish)
        assert same_record(dialer.record(), whole)


def otherwise(parts: dict[str, Any], luck: random.Random) -> dict[str, Any]:
    """The arrays of a checkpoint, some of them with another shape, type, order, content or name."""
    name, other = luck.sample(sorted(parts), 2)
    part = parts[name]
    match luck.randrange(9):
        case 0:
            changed = part.reshape((1, *part.shape))
        case 1:
            changed = part.reshape(-1)[: max(part.size - 1, 0)]
        case 2:
            changed = np.concatenate([part.reshape(-1)] * 2)
        case 3:
            changed = part.astype(luck.choice(["U40", "S9", "f8", "c16", "?", "M8[s]"]))
        case 4:
            changed = part.astype(part.dtype.newbyteorder())
        case 5:
            changed = np.zeros(part.shape, [("a", "i8"), ("b", "i2")])
        case 6:
            changed = np.array(luck.choice([0, "", 1e300]))
        case 7:
            return parts | {name: parts[other], other: part}
        case _:
            return {f"{each}/../x" if each == name else each: value for each, value in parts.items()}
    return parts | {name: changed}


@pytest.mark.parametrize("seed", seeds(10, 100))
def test_a_checkpoint_whose_arrays_are_otherwise_is_refused_or_goes_on_alike(
    spring: Scenario, saved: Path, whole: Record, seed: int
) -> None:
    with np.load(saved) as arrays, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that become times or complex
        parts = otherwise({**arrays}, random.Random(seed))  # noqa: S311 (which change it is)
    np.savez(saved, **parts)

    dialer = restored(spring, saved)
    if dialer is not None:  # two arrays that are alike, or one that stays as it was
        dialer.run_until(spring.document.finish)
        assert same_record(dialer.record(), whole)


def test_a_checkpoint_that_expands_is_refused_before_it_does(spring: Scenario, saved: Path) -> None:
    with np.load(saved) as arrays:
        parts = {**arrays}
    np.savez_compressed(saved, **parts | {"pool": np.zeros(1 << 20, np.uint8)})

    assert restored(spring, saved) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts | {"now": parts["now"] + 1},
        lambda parts: parts | {"now": parts["now"].reshape(1, -1)},
        lambda parts: parts | {"now": parts["now"].astype(float)},
        lambda parts: parts | {"log": parts["log"][:-1]},
        lambda parts: parts | {"more": parts["now"]},
        lambda parts: {name: part for name, part in parts.items() if name != "checksum"},
        lambda parts: {name: part for name, part in parts.items() if name != "now"},
    ],
)
def test_a_checkpoint_with_other_arrays_is_refused(
    spring: Scenario, saved: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    with np.load(saved) as arrays:
        parts = change({**arrays})
    np.savez(saved, **parts)

    assert restored(spring, saved) is None


def test_one_array_is_no_checkpoint(spring: Scenario, tmp_path: Path) -> None:
    np.save(tmp_path / "run.npy", np.arange(3))

    assert restored(spring, tmp_path / "run.npy") is None


def test_the_reference_engine_has_no_checkpoints(spring: Scenario, saved: Path) -> None:
    with pytest.raises(ValueError, match="compiled engine"):
        simulate(spring, "reference", resume=saved)


def dialer_process(*arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "engine.cli", "run", SPRING, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# long enough to be interrupted in the middle, and saved often
LONG = (
    "--set",
    "numbers.0.generate.count=2000000",
    "--set",
    "campaign.callsPerSecond=1000",
    "--set",
    "campaign.shifts.0.lines=2000",
)


def test_a_killed_run_goes_on_to_the_same_digest(tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    first = dialer_process(*LONG, "--json", "--checkpoint", saved, "--every", "2h")
    while not saved.exists() and first.poll() is None:
        os.sched_yield()
    first.kill()
    first.communicate()

    resumed = simulate(Scenario.load(SPRING, changes()), resume=saved)

    assert resumed.digest == simulate(Scenario.load(SPRING, changes())).digest


def changes() -> dict[str, object]:
    pairs = (change.split("=") for change in LONG if change != "--set")
    return {path: int(value) for path, value in pairs}


def test_an_interrupted_run_says_how_far_it_came(tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    running = dialer_process(*LONG, "--json", "--checkpoint", saved, "--every", "2h")
    while not saved.exists() and running.poll() is None:
        os.sched_yield()
    running.send_signal(signal.SIGINT)
    output, messages = running.communicate()

    assert running.returncode == 130
    assert output == ""
    assert "interrupted: 2026-03-" in messages
    assert "Traceback" not in messages


def test_a_run_that_counts_waits_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    scenario = Scenario.load(SPRING)
    whole = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, count_waits=True)
    whole.run_until(scenario.document.finish)
    first = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, count_waits=True)
    first.run_until(scenario.document.start + 3 * 86_400 + 37_000)
    first.save(tmp_path / "run.npz")
    second = CompiledDialer(Rulebook(scenario.document), scenario.phonebook, count_waits=True)
    second.restore(tmp_path / "run.npz")
    second.run_until(scenario.document.finish)
    without = CompiledDialer(Rulebook(scenario.document), scenario.phonebook)

    assert np.array_equal(second.record().waits, whole.record().waits)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="it differs in whether waits are counted"):
        without.restore(tmp_path / "run.npz")
