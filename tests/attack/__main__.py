"""Play many cases, and tell of each that breaks something."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from multiprocessing import Process
from pathlib import Path

import msgspec
from typer.testing import CliRunner

from engine.cli import app
from tests.attack.inputs import write_inputs
from tests.attack.playing import Played, in_fork, play
from tests.commands.loaded import load_everything


class Summary(msgspec.Struct):
    """What came of many cases."""

    cases: int = 0
    statuses: dict[str, int] = {}
    commands: dict[str, int] = {}
    most_memory: int = 0
    slowest: float = 0.0
    slowest_case: str = ""
    broken: list[str] = []


def shown(seed: object, played: Played) -> str:
    arguments = " ".join(each[:80] for each in played.case.arguments)
    return f"{seed}: {'; '.join(played.wrong)} | {played.case.changed} | {arguments!r} | {played.said[-600:]!r}"


def load_for_attack() -> None:
    load_everything()
    CliRunner().invoke(app, ["windows", "--policy", "missing", "--from", "", "--to", ""])


def play_share(inputs: Path, seed: int, count: int, share: int, shares: int) -> Summary:
    """Play a share of the cases in copies of this process."""
    load_for_attack()
    summary, statuses, commands = Summary(), Counter[str](), Counter[str]()
    for place in range(share, count, shares):
        began = time.monotonic()
        played = play(in_fork, f"{seed}:{place}", inputs)
        took = time.monotonic() - began
        summary.cases += 1
        statuses[str(played.status)] += 1
        commands[next((each for each in played.case.arguments if not each.startswith("--")), "")[:20]] += 1
        summary.most_memory = max(summary.most_memory, played.memory)
        if took > summary.slowest:
            summary.slowest, summary.slowest_case = took, f"{place}: {played.case.arguments!r}"[:300]
        if played.wrong:
            summary.broken.append(shown(f"{seed}:{place}", played))
            print(summary.broken[-1], file=sys.stderr, flush=True)
    summary.statuses, summary.commands = dict(statuses), dict(commands)
    return summary


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--share", type=int, default=0)
    parser.add_argument("--shares", type=int, default=1)
    parser.add_argument("--inputs", type=Path)
    parser.add_argument("--only", type=int)
    given = parser.parse_args()
    inputs = given.inputs
    if inputs is None:
        inputs = Path(tempfile.mkdtemp(prefix="inputs-"))
        writes = Process(target=write_inputs, args=(inputs,))  # it begins threads, which copies of this one would lack
        writes.start()
        writes.join()
    if given.only is not None:
        load_for_attack()
        played = play(in_fork, f"{given.seed}:{given.only}", inputs)
        print(played.case.arguments, played.case.changed, played.status, played.wrong, f"{played.memory >> 20} MiB")
        print(played.answer.decode("utf-8", "backslashreplace")[:3000])
        print(played.said.decode("utf-8", "backslashreplace")[-3000:])
    else:
        print(msgspec.json.encode(play_share(inputs, given.seed, given.count, given.share, given.shares)).decode())
