"""What it costs to count what numbers wait for: python -m benchmarks.waits [NUMBERS [ROUNDS]].

The compiled engine plays the workload in turn with and without counting. Times are those of the processor, so that
other work on the machine counts less.
"""

import sys
from statistics import median
from time import process_time

from benchmarks.workload import workload
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import play
from engine.scenario.scenario import Scenario


def main(numbers: int = 1_000_000, rounds: int = 5) -> None:
    """Measure and print."""
    scenario = Scenario.from_document(workload(numbers))
    rulebook = Rulebook(scenario.document)
    play(Scenario.from_document(workload(1_000)), Rulebook(scenario.document), "compiled", count_waits=True)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(rounds):
        for counts in (turn % 2 == 0, turn % 2 == 1):
            start = process_time()
            play(scenario, rulebook, "compiled", count_waits=counts)
            seconds[counts].append(process_time() - start)
    plain, counted = (median(seconds[counts]) for counts in (False, True))
    ratios = [each / other for each, other in zip(seconds[True], seconds[False], strict=True)]
    print(
        f"{numbers:,} numbers: {plain:.2f} s without, {counted:.2f} s with counting, medians of {rounds}; "
        f"ratio of pairs {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
