"""The engine's luck as plain functions, for the oracle: the same dice for two players."""

from bisect import bisect_right
from typing import Any

from engine import Scenario
from engine.customers.durations import TABLE_BITS
from engine.customers.outcomes import compile_outcomes
from engine.luck import CALL, OCCURRENCE_BIT, REDIAL, SEGMENT, draw, luck_key
from engine.numbers.arrivals import Added
from tests.oracle import Dice, Fate


def dice_of(scenario: Scenario) -> Dice:
    """The dice of a scenario, drawn by phone, occurrence, attempt and local hour (rules 7)."""
    document = scenario.document
    model = compile_outcomes(document.outcomes, document.answering, document.segments)
    segments: list[Any] = ["", *(segment.name for segment in document.segments)]

    def key(phone: str, occurrence: int) -> int:
        return luck_key(document.seed, int("1" + phone) | occurrence << OCCURRENCE_BIT)

    def fate(phone: str, occurrence: int, attempt: int, weekday: int, hour: int, segment: str) -> Fate:
        bits = draw(key(phone, occurrence), attempt, CALL)
        place = segments.index(segment)
        by_attempt = model.thresholds[place]
        outcome = bisect_right(by_attempt[min(attempt, len(by_attempt)) - 1, weekday * 24 + hour].tolist(), bits >> 32)
        seconds = int(model.seconds[place, outcome, (bits & 0xFFFF_FFFF) >> (32 - TABLE_BITS)])
        thresholds = model.redial_thresholds[outcome].tolist()
        rule = bisect_right(thresholds, draw(key(phone, occurrence), attempt, REDIAL) >> 32)
        return Fate(model.names[outcome], seconds, rule if rule < len(thresholds) else None)

    def segment_drawn(phone: str, occurrence: int) -> str:
        thresholds = model.segment_thresholds.tolist()
        place = bisect_right(thresholds, draw(key(phone, occurrence), 0, SEGMENT) >> 32)
        return str(segments[place + 1]) if place < len(thresholds) else ""

    def poisson(since: int, until: int, count: int) -> list[int]:
        return [int(at) for at in Added((since, until, "poisson")).instants(count)]

    return Dice(fate, segment_drawn, poisson)
