"""Sizing: the same answer as trying every number, or a plain word on why there is none."""

import math
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sizing import found_in_full, same
from engine import Scenario, ScenarioError, simulate
from engine.dialing import simulation
from engine.whatif.capacity import Lines
from engine.whatif.replications import Runs
from engine.whatif.search import earliest_date, first_index, smallest_capacity
from engine.whatif.sizing import Sizing, size_point
from engine.whatif.tries import Sizer
from engine.whatif.workers import Workers
from tests.campaigns import Fields, busy_day

ROOT = Path(__file__).parents[2]
REPLICATIONS = 10


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine plays the small campaigns, too: thousands of them, so that it pays to load it."""
    monkeypatch.setattr(simulation, "MOST_FOR_REFERENCE", 0)


@pytest.fixture
def sizer(tmp_path: Path) -> Sizer:
    return Sizer(REPLICATIONS, Runs(tmp_path), Workers(jobs=1))


def small_campaign(seed: int) -> Fields:
    """A random small campaign, whose goal some number of lines reaches and one line as a rule does not."""
    dice = random.Random(seed)  # noqa: S311
    answered, attempts = dice.uniform(0.2, 0.5), dice.randint(1, 4)
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-04T00:00:00Z",
        "seed": dice.randrange(1_000),
        "campaign": {
            "maxAttempts": attempts,
            "retryIntervalInMinutes": dice.choice([15, 60]),
            "order": dice.choice(["nextAllowedTime", "windowClosing"]),
            "lines": dice.randint(1, 30),
        },
        "numbers": [{"generate": {"count": dice.randint(40, 200), "dialerPriority": {1: 1, 4: 2}}}],
        "outcomes": {
            "answered": {"share": answered, "seconds": {"exponential": dice.choice([600, 1800, 5400])}},
            "noAnswer": {"share": 1 - answered, "seconds": 30, "retry": True},
        },
        "answering": {"localHours": {"0-6": 0.7, "18-24": 1.2}},
        "goal": {
            "reached": round((1 - (1 - 0.7 * answered) ** attempts) * dice.uniform(0.5, 1), 3),
            "by": f"2026-03-02T{attempts + dice.randint(1, 4):02}:30:00Z",
            "confidence": dice.choice([0.5, 0.75, 0.9]),
        },
    }


def met(document: Fields, **campaign: Any) -> int:
    """How many of the replications meet the goal: each played and counted."""
    return sum(meets(document, seed, **campaign) for seed in seeds(document))


def seeds(document: Fields) -> range:
    return range(document["seed"], document["seed"] + REPLICATIONS)


def meets(document: Fields, seed: int, **campaign: Any) -> bool:
    played = document | {"seed": seed, "campaign": {**document["campaign"], **campaign}}
    goal = simulate(Scenario.from_document(played)).figures.goal
    return goal is not None and goal.met is True


def enough(document: Fields, wanted: int, **campaign: Any) -> bool:
    """Whether as many replications as are wanted meet the goal; none is played once it is settled that they do not."""
    missed = 0
    for seed in seeds(document):
        missed += not meets(document, seed, **campaign)
        if missed > REPLICATIONS - wanted:
            return False
    return True


@cache
def fewest_lines(seed: int) -> int | None:
    """Every number of lines of a small campaign tried, from one up to a line for each number."""
    document = small_campaign(seed)
    wanted = math.ceil(document["goal"]["confidence"] * REPLICATIONS - 1e-9)
    for lines in range(1, document["numbers"][0]["generate"]["count"] + 1):
        if enough(document, wanted, lines=lines):
            return lines
    return None


@pytest.mark.parametrize("seed", range(10))
def test_the_fewest_lines_are_those_that_trying_every_number_finds(seed: int, sizer: Sizer) -> None:
    scenario = Scenario.from_document(small_campaign(seed))
    assert smallest_capacity(scenario, "lines", sizer).answer == fewest_lines(seed)


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 30))])
def test_what_is_found_is_the_same_as_if_every_replication_was_played(seed: int, tmp_path: Path) -> None:
    scenario, runs = Scenario.from_document(small_campaign(seed)), Runs(tmp_path)

    stopped = smallest_capacity(scenario, "lines", Sizer(20, runs, Workers(jobs=1)))

    in_full = found_in_full(scenario, "lines", 20, runs, Workers(jobs=1))
    assert same(stopped, in_full, scenario)
    assert stopped.played <= in_full.runs


def test_a_size_is_stopped_once_it_is_settled_but_the_answer_and_the_next_smaller_one_are_not(tmp_path: Path) -> None:
    scenario = Scenario.from_document(busy_day())

    found = smallest_capacity(scenario, "lines", Sizer(40, Runs(tmp_path), Workers(jobs=1)))

    answer = next(row for row, point in enumerate(found.points) if point.value == found.answer)
    assert [point.replications for point in found.points[answer - 1 : answer + 1]] == [40, 40]
    for point in found.points:
        assert point.planned == 40
        assert point.stopped == (point.low is None) == (point.high is None) == (point.replications < 40)
        assert not point.stopped or point.replications - point.met >= 5 or point.met >= 36
    assert any(point.stopped for point in found.points)
    # all of the first, which has no limit, and what the points say
    assert found.played == 40 + sum(point.replications for point in found.points)
    assert found.planned == 40 + 40 * len(found.points)


def test_no_size_is_stopped_before_it_is_settled_whether_it_is_enough(tmp_path: Path) -> None:
    """Also where it is asked for the ends of the answer alone: else more lines seem to miss what fewer reach."""
    scenario = Scenario.from_document(small_campaign(131))
    found = smallest_capacity(scenario, "lines", Sizer(40, Runs(tmp_path), Workers(jobs=1)))
    assert found.answer == 4
    assert len(found.points) > 5
    for point in found.points:
        assert point.met >= 36 or point.replications - point.met >= 5
        assert (point.share >= 0.9) == (point.value >= 4)


def test_each_size_shows_what_share_of_the_list_it_reaches(sizer: Sizer) -> None:
    document = busy_day()
    found = smallest_capacity(Scenario.from_document(document), "lines", sizer)
    assert found.point is not None
    shares = []
    for seed in range(3, 3 + REPLICATIONS):
        campaign = document["campaign"] | {"lines": int(found.point.value)}
        figures = simulate(Scenario.from_document(document | {"seed": seed, "campaign": campaign})).figures
        assert figures.goal is not None
        shares.append(figures.goal.reached_share)
    reached = found.point.reached
    assert reached is not None
    assert reached.mean == pytest.approx(sum(shares) / len(shares))
    assert reached.low is not None
    assert reached.low < sum(shares) / len(shares)
    assert sum(each.share for each in found.hindrances) + (reached.mean or 0) == pytest.approx(1)


def test_some_of_the_small_campaigns_need_few_lines_some_many_and_some_cannot_be_helped() -> None:
    answers = [fewest_lines(seed) for seed in range(10)]
    some = [answer for answer in answers if answer]
    assert None in answers
    assert min(some) <= 3
    assert max(some) >= 8


def test_shifts_are_sized_in_their_shape_as_trying_every_size_finds(sizer: Sizer) -> None:
    """Few lines while most numbers wait, ten times as many when hardly any is left."""
    shifts = [{"from": "00:00", "to": "05:00", "lines": 1}, {"from": "05:00", "to": "06:00", "lines": 10}]
    goal = {"reached": 0.25, "by": "2026-03-02T01:00:00Z", "confidence": 0.9}
    document = busy_day(campaign={"lines": None, "shifts": shifts}, goal=goal)

    sizing = smallest_capacity(Scenario.from_document(document), "lines", sizer)

    def shaped(lines: int) -> list[Fields]:
        return [{**shift, "lines": max(1, round(int(str(shift["lines"])) * lines / 10))} for shift in shifts]

    assert sizing.answer == next(lines for lines in range(1, 300) if enough(document, 9, shifts=shaped(lines)))
    assert [shift["lines"] for shift in sizing.changes["shifts"]] == [
        max(1, round(int(str(shift["lines"])) * int(sizing.answer) / 10)) for shift in shifts
    ]


def test_the_slowest_pace_meets_the_goal_and_the_next_slower_one_does_not(sizer: Sizer) -> None:
    document = busy_day(campaign={"lines": 300})
    pace = smallest_capacity(Scenario.from_document(document), "callsPerSecond", sizer).answer
    assert pace is not None
    assert met(document, callsPerSecond=pace) >= 9
    assert met(document, callsPerSecond=round(pace - 0.001, 3)) < 9


def test_the_slowest_pace_is_found_between_whole_calls_a_second(sizer: Sizer) -> None:
    """900 numbers in ten minutes: 1.5 calls a second, and not 2."""
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-02T01:00:00Z",
        "campaign": {"lines": 1_000},
        "numbers": [{"generate": {"count": 900}}],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
        "goal": {"reached": 1, "by": "2026-03-02T00:10:00Z"},
    }
    pace = smallest_capacity(Scenario.from_document(document), "callsPerSecond", sizer).answer
    assert pace == pytest.approx(1.5, abs=0.005)


def test_the_earliest_date_is_one_by_which_enough_replications_reach_the_goal(sizer: Sizer) -> None:
    document = busy_day()
    sizing = earliest_date(Scenario.from_document(document), sizer)
    assert sizing.answer is not None
    assert met_by(document, int(sizing.answer)) >= 9
    assert met_by(document, int(sizing.answer) - 1) < 9


def met_by(document: Fields, instant: int) -> int:
    """How many replications reach half of the 300 numbers before an instant."""
    count = 0
    for seed in range(document["seed"], document["seed"] + REPLICATIONS):
        reached = simulate(Scenario.from_document(document | {"seed": seed})).numbers["reached_at"].drop_nulls()
        count += sum(at < instant for at in reached.dt.epoch("s")) >= 150
    return count


def unreachable(sizer: Sizer, **parts: Any) -> Sizing:
    sizing = smallest_capacity(Scenario.from_document(busy_day(**parts)), "lines", sizer)
    assert sizing.answer is None
    assert sizing.unreachable is not None
    return sizing


def test_a_goal_that_attempts_keep_from_being_reached_is_told_so(sizer: Sizer) -> None:
    sizing = unreachable(sizer, goal={"reached": 0.9})
    assert sizing.unreachable is not None
    assert sizing.unreachable.other_limit is None
    assert sizing.unreachable.hindrances[0].reason == "exhausted"


def test_a_goal_that_windows_keep_from_being_reached_is_told_so(sizer: Sizer) -> None:
    days = [{"value": ["mon"], "weight": 1}, {"value": ["sun"], "weight": 3}]
    numbers = [{"generate": {"count": 300, "allowedDays": days}}]
    sizing = unreachable(sizer, numbers=numbers)
    assert sizing.unreachable is not None
    assert sizing.unreachable.hindrances[0].cause == "windows"


def test_a_goal_that_dead_numbers_keep_from_being_reached_is_told_so(sizer: Sizer) -> None:
    dead = [{"name": "dead", "share": 0.6, "outcomes": {"answered": {"share": 0}}}]
    sizing = unreachable(sizer, segments=dead)
    assert sizing.unreachable is not None
    assert sizing.unreachable.dead_share == pytest.approx(0.6, abs=0.1)


def test_a_goal_that_the_pace_keeps_from_being_reached_is_told_so(sizer: Sizer) -> None:
    sizing = unreachable(sizer, campaign={"callsPerSecond": 0.01})
    assert sizing.unreachable is not None
    assert sizing.unreachable.other_limit == "callsPerSecond"


def test_a_goal_that_the_lines_keep_from_being_reached_is_told_so(sizer: Sizer) -> None:
    document = busy_day(campaign={"lines": 1})
    sizing = smallest_capacity(Scenario.from_document(document), "callsPerSecond", sizer)
    assert sizing.answer is None
    assert sizing.unreachable is not None
    assert sizing.unreachable.other_limit == "lines"


def test_a_goal_that_the_pace_alone_does_not_keep_from_being_reached_is_told_of_without_the_pace(sizer: Sizer) -> None:
    """Without lines and pace attempts limit; with the pace most numbers would wait for it."""
    sizing = unreachable(sizer, campaign={"callsPerSecond": 0.01}, goal={"reached": 0.95})
    assert sizing.unreachable is not None
    assert sizing.unreachable.other_limit is None
    assert sizing.unreachable.reached_share > 0.5
    assert sizing.unreachable.hindrances[0].reason == "exhausted"


def test_a_date_that_too_few_lines_keep_from_coming_is_told_so(sizer: Sizer) -> None:
    """One line is not free for 300 numbers in half an hour."""
    campaign = {"lines": 1, "finishDateTime": "2026-03-02T00:30:00Z"}
    sizing = earliest_date(Scenario.from_document(busy_day(campaign=campaign)), sizer)
    assert sizing.unreachable is not None
    assert sizing.unreachable.hindrances[0].reason == "expired_outranked"
    assert sizing.unreachable.hindrances[0].cause == "lines"


def test_a_date_that_does_not_come_before_the_simulation_ends_is_told_so(sizer: Sizer) -> None:
    sizing = earliest_date(Scenario.from_document(busy_day(goal={"reached": 0.9})), sizer)
    assert sizing.answer is None
    assert sizing.unreachable is not None
    assert sizing.unreachable.hindrances[0].reason == "exhausted"


def test_without_a_goal_there_is_nothing_to_size(sizer: Sizer) -> None:
    document = busy_day()
    del document["goal"]
    with pytest.raises(ScenarioError, match=r"--set goal\.reached=0\.6"):
        smallest_capacity(Scenario.from_document(document), "lines", sizer)
    with pytest.raises(ScenarioError, match=r"--set goal\.reached=0\.6"):
        earliest_date(Scenario.from_document(document), sizer)


def test_the_answer_is_one_of_what_was_tried_with_how_sure_it_is(sizer: Sizer) -> None:
    sizing = smallest_capacity(Scenario.from_document(busy_day()), "lines", sizer)
    assert isinstance(sizing.answer, Lines)
    assert sizing.at_least is not None
    assert sizing.at_least <= sizing.answer
    assert sizing.changes == {"lines": sizing.answer}
    assert sizing.answer in [point.value for point in sizing.points]
    assert [point.value for point in sizing.points] == sorted(point.value for point in sizing.points)


def at_worse_hours(reached: float) -> Fields:
    """Calls that are seldom answered in the first hours, and at most one to each number."""
    return {
        "start": "2026-03-02T09:00:00Z",
        "finish": "2026-03-02T18:00:00Z",
        "campaign": {"lines": 20},
        "numbers": [{"generate": {"count": 300}}],
        "outcomes": {"answered": {"share": 0.6, "seconds": 90}, "noAnswer": {"share": 0.4, "seconds": 30}},
        "answering": {"localHours": {"9": 0.2, "10": 0.6}},
        "goal": {"reached": reached, "confidence": 0.9},
        "seed": 0,
    }


def test_a_goal_that_only_few_lines_reach_is_reached_by_few_lines(sizer: Sizer) -> None:
    document = at_worse_hours(0.25)
    found = smallest_capacity(Scenario.from_document(document), "lines", sizer)
    some = [lines for lines in range(1, 12) if enough(document, 9, lines=lines)]
    assert some
    assert max(some) < 11
    assert found.answer == some[0]
    assert found.unlimited_share is not None
    assert found.unlimited_share < 0.25


def test_a_goal_that_no_number_of_lines_reaches_is_told_so_where_hours_differ(sizer: Sizer) -> None:
    found = smallest_capacity(Scenario.from_document(at_worse_hours(0.7)), "lines", sizer)
    assert found.answer is None
    assert found.unreachable is not None
    assert (found.unreachable.met, found.unreachable.replications) == (0, REPLICATIONS)


def stairs(first: int) -> Callable[[int], bool]:
    return lambda place: place >= first


@given(st.data(), st.integers(0, 200))
def test_the_search_always_finds_the_first_index_of_all(data: st.DataObject, top: int) -> None:
    first, start = data.draw(st.integers(0, top)), data.draw(st.integers(0, 250))
    assert first_index(stairs(first), start, top) == first


@given(st.integers(0, 200), st.integers(0, 250))
def test_the_search_always_says_when_there_is_none(top: int, start: int) -> None:
    assert first_index(stairs(top + 1), start, top) is None


@pytest.mark.parametrize(("count", "loads"), [(600, "True"), (6, "False")])
def test_a_search_loads_the_compiled_engine_where_all_of_its_tries_pay_for_it(count: int, loads: str) -> None:
    code = (
        "import sys; from pathlib import Path; from tempfile import TemporaryDirectory\n"
        "from engine import Scenario; from engine.whatif.replications import Runs\n"
        "from engine.whatif.search import smallest_capacity; from engine.whatif.tries import Sizer\n"
        "from engine.whatif.workers import Workers\n"
        "from tests.campaigns import busy_day\n"
        f"document = busy_day(numbers=[{{'generate': {{'count': {count}}}}}], goal={{'reached': 1}})\n"
        "with TemporaryDirectory() as folder:\n"
        "    sizer = Sizer(50, Runs(Path(folder)), Workers(jobs=1))\n"
        "    smallest_capacity(Scenario.from_document(document), 'lines', sizer)\n"
        "print('engine.dialing.kernel' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == f"{loads}\n"


def test_the_search_asks_seldom() -> None:
    asked: list[int] = []

    def holds(place: int) -> bool:
        asked.append(place)
        return place >= 700_000

    assert first_index(holds, 300, 1_000_000) == 700_000
    assert len(asked) <= 40


def test_the_search_looks_past_a_dip() -> None:
    assert first_index(lambda index: index >= 50 and index not in (52, 53), 60, 100, neighbours=4) == 50


def test_an_interval_around_a_share_is_that_of_wilson() -> None:
    """18 of 20, as in the table of L. D. Brown, T. T. Cai and A. DasGupta (2001)."""
    point = size_point(Lines(7), 18, 20)
    assert (point.replications, point.planned) == (20, 20)
    assert point.low == pytest.approx(0.699, abs=0.001)
    assert point.high == pytest.approx(0.972, abs=0.001)
