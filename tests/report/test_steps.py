"""The timeline in steps of local time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.report.steps import A_DAY, A_MONTH, A_WEEK, STEPS, Step, clock_texts, floored, step_for, timeline_of
from tests.report.samples import result_of, result_of_few

MINUTES = st.integers(0, 2**22).map(lambda minutes: minutes * 60)


@given(MINUTES)
def test_steps_begin_where_a_calendar_says(seconds: int) -> None:
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    midnight = moment.replace(hour=0, minute=0)
    local = np.array([seconds], np.int64)

    def begin(step: Step) -> datetime:
        return datetime(1970, 1, 1) + timedelta(seconds=int(floored(local, step)[0]))

    assert begin(A_DAY) == midnight
    assert begin(A_WEEK) == midnight - timedelta(days=moment.weekday())
    assert begin(A_MONTH) == midnight.replace(day=1)


@given(st.integers(1, 20 * 366 * 86_400), st.integers(10, 2_000))
def test_the_step_is_the_shortest_of_which_there_are_not_too_many(seconds: int, most: int) -> None:
    step = step_for(seconds, most)
    assert step == A_MONTH or seconds <= most * step.seconds
    assert all(seconds > most * shorter.seconds for shorter in STEPS[: STEPS.index(step)])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@pytest.mark.parametrize("case", ["the clock is put back", "the clock is put forward", "an odd offset"])
def test_nothing_is_lost_in_longer_steps(case: str, step: Step) -> None:
    timeline = timeline_of(result_of(case))
    steps = timeline.stepped(step)
    for column in ("calls", "calls_answered", "reached", "ended_completed", "seconds"):
        assert steps[column].sum() == timeline.frame[column].sum()
    offered = [
        float(np.dot(frame["lines"].to_numpy(), frame["seconds"].to_numpy())) for frame in (timeline.frame, steps)
    ]
    assert offered[0] == pytest.approx(offered[1])
    assert steps["waiting_5"][-1] == timeline.frame["waiting_5"][-1]
    assert steps["local"].is_sorted()


@pytest.mark.parametrize("case", ["the clock is put back", "the clock is put forward"])
def test_steps_go_by_the_clock_of_the_campaign(case: str) -> None:
    timeline = timeline_of(result_of(case))
    zone = ZoneInfo("Europe/Berlin")
    shown = [moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") for moment in timeline.frame["time"]]
    assert clock_texts(timeline.frame["local"].to_numpy()) == shown
    assert timeline.repeats == (case == "the clock is put back")


def test_days_after_the_last_thing_happened_are_left_out() -> None:
    timeline = timeline_of(result_of_few())
    assert timeline.frame.select("ended_completed", "ended_exhausted").to_numpy().sum() == 600
    assert clock_texts(timeline.frame["local"].to_numpy()[-1:])[0].endswith("23:45")
    assert not timeline.whole
    assert timeline_of(result_of("an empty list")).whole


def test_reached_of_the_timeline_are_those_of_the_numbers() -> None:
    result = result_of_few()
    reached = [moment for moment in result.numbers["reached_at"] if moment is not None]
    by_quarter = dict(result.timeline.select("time", "reached").iter_rows())
    assert sum(by_quarter.values()) == len(reached)
    for moment in reached:
        by_quarter[moment.astimezone(UTC).replace(minute=moment.minute // 15 * 15, second=0)] -= 1
    assert set(by_quarter.values()) == {0}
