"""What a scenario file, or one of its variants, expects and does not come to."""

from pathlib import Path

from engine.results.expectations import check_expectations, missed
from engine.results.result import simulate
from engine.scenario.scenario import Scenario
from engine.testing.invariants import broken
from engine.whatif.variants import variants_in


def unmet(file: Path, variant: str | None = None) -> list[str]:
    """A line for each figure, digest and invariant that a run does not keep to; nothing if all are met.

    ScenarioError with every fault of the file, of its variants, and of what it expects.
    """
    scenario = Scenario.load(file)
    place: tuple[str, ...] = ()
    if variant is not None:
        scenario = next(each.scenario for each in variants_in(file, scenario) if each.name == variant)
        place = ("whatIf", "variants", variant)
    expect = scenario.document.expect
    check_expectations(file, {place: scenario.document})
    result = simulate(scenario, calls=bool(expect.invariants))
    told = [str(each) for each in missed(expect, result.figures)]
    if expect.invariants:
        for finding in broken(result, scenario).each:
            if finding.count and {"all", finding.invariant} & {*expect.invariants}:
                told += [str(finding), *map(str, finding.breaches)]
    return told
