"""The simulated clock."""

from engine.calling.instants import LATEST
from engine.server.clock import SimulatedClock


class RealSeconds:
    """Real time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The seconds by now."""
        return self.now


def test_a_running_clock_goes_on_by_its_speed() -> None:
    real = RealSeconds()
    clock = SimulatedClock(500, 60, paused=False, real=real)
    real.now += 2.5
    assert clock.instant == 650


def test_a_paused_clock_stands() -> None:
    real = RealSeconds()
    clock = SimulatedClock(500, 60, paused=True, real=real)
    real.now += 100
    assert clock.instant == 500
    assert clock.seconds_until(501) is None


def test_no_clock_goes_past_the_last_instant_of_any_simulation() -> None:
    real = RealSeconds()
    clock = SimulatedClock(LATEST - 10, 60, paused=False, real=real)
    real.now += 1
    assert clock.instant == LATEST


def test_a_change_of_speed_counts_from_the_present_instant() -> None:
    real = RealSeconds()
    clock = SimulatedClock(500, 60, paused=False, real=real)
    real.now += 1
    clock.change(speed=1)
    real.now += 1
    assert clock.instant == 561


def test_parts_of_a_second_are_not_lost_by_changes() -> None:
    real = RealSeconds()
    clock = SimulatedClock(0, 0.5, paused=False, real=real)
    for _ in range(4):
        real.now += 0.5
        clock.change(speed=0.5)
    assert clock.instant == 1


def test_the_time_of_a_pause_is_not_made_up_for() -> None:
    real = RealSeconds()
    clock = SimulatedClock(0, 10, paused=False, real=real)
    real.now += 1
    clock.change(paused=True)
    real.now += 5
    clock.change(paused=False)
    real.now += 1
    assert clock.instant == 20


def test_a_clock_is_held_where_playing_has_come_to() -> None:
    real = RealSeconds()
    clock = SimulatedClock(0, 10, paused=False, real=real)
    real.now += 10
    clock.hold_at(70)
    assert clock.instant == 70
    clock.hold_at(80)
    assert clock.instant == 70


def test_the_seconds_until_an_instant_follow_the_speed() -> None:
    clock = SimulatedClock(0, 10, paused=False, real=RealSeconds())
    assert clock.seconds_until(50) == 5
    assert clock.seconds_until(0) == 0
