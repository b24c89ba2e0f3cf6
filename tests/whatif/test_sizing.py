"""What a sizing shows of all that was tried."""

import pytest

from engine.scenario.document import Goal
from engine.whatif.capacity import Lines
from engine.whatif.sizing import SizePoint, Sizing


def sizing(answer: int, met: dict[int, int], **ends: Lines) -> Sizing:
    """Lines that were tried, with how many of ten replications met the goal."""
    points = tuple(SizePoint(Lines(lines), count, 10, 0.0, 1.0, 10) for lines, count in met.items())
    return Sizing("A few", Goal(reached=0.5), "lines", Lines(answer), points, **ends)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        # what no replication meets below, what all meet above, but always what is near
        (sizing(40, {1: 0, 5: 0, 10: 0, 15: 2, 40: 9, 60: 10, 81: 10, 160: 10}), [10, 15, 40, 60]),
        (sizing(40, {1: 0, 5: 0, 18: 0, 20: 0, 39: 3, 40: 9, 90: 9, 700: 10, 800: 10}), [20, 39, 40, 90, 700]),
        (sizing(40, {1: 0, 39: 0, 40: 10, 41: 10, 80: 10, 81: 10}), [39, 40, 41, 80]),
        (sizing(40, {1: 0, 39: 0, 40: 10, 300: 10, 301: 10}, surely=Lines(300)), [39, 40, 300]),
        (sizing(1, {1: 10, 2: 10, 3: 10}), [1, 2]),
    ],
)
def test_around_the_answer_is_all_where_things_change_and_what_is_near(found: Sizing, shown: list[int]) -> None:
    assert [point.value for point in found.around()] == shown


def test_few_points_of_many_hold_the_answer_and_those_next_to_it() -> None:
    met = {lines: 0 if lines < 50 else 10 if lines > 150 else 5 for lines in range(1, 300)}
    shown = [int(point.value) for point in sizing(100, met).points_of(12)]
    assert len(shown) <= 14
    assert {49, 99, 100, 101, 200} <= set(shown)
