"""Tries: what is asked is settled with few replications, and never otherwise than with all."""

from hypothesis import given
from hypothesis import strategies as st

from engine.whatif.tries import more_to_play


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.data())
def test_what_is_settled_is_always_so_with_all_replications(outcomes: list[bool], data: st.DataObject) -> None:
    of, wanted = len(outcomes), data.draw(st.integers(0, len(outcomes) + 1))
    played = 0
    while more := more_to_play(sum(outcomes[:played]), played, of, wanted):
        assert played + more <= of
        played += more
    assert (sum(outcomes[:played]) >= wanted) == (sum(outcomes) >= wanted)


@given(st.integers(1, 200), st.data())
def test_a_size_that_never_meets_the_goal_always_plays_the_fewest_that_settle_it(of: int, data: st.DataObject) -> None:
    wanted = data.draw(st.integers(1, of))
    played = 0
    while more := more_to_play(0, played, of, wanted):
        played += more
    assert played == of - wanted + 1


def test_a_question_that_all_or_no_replications_would_answer_plays_none() -> None:
    assert more_to_play(0, 0, 20, 0) == 0
    assert more_to_play(0, 0, 20, 21) == 0
