"""A history finds what it took down, however much that is."""

from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialing.history import REDIALED, Further, History
from engine.dialing.record import COMPLETED

steps = st.lists(
    st.tuples(st.sampled_from(["add", "add many", "redial", "redial", "end", "end many"]), st.integers(0, 9_999)),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.data())
def test_series_are_found_by_position_by_instant_and_by_whether_they_have_ended(
    taken: list[tuple[str, int]], data: st.DataObject
) -> None:
    history = History()
    created: list[tuple[int, int, int]] = []  # (instant, job, redial)
    last: dict[int, int] = {}  # the last series of each job that has not ended
    jobs = 0
    for instant, (what, size) in enumerate(taken):
        count = size % 3_000 if what.endswith("many") else size % 5
        if what.startswith("add"):
            history.add([instant] * count)
            created += [(instant, job, 0) for job in range(jobs, jobs + count)]
            last |= dict.fromkeys(range(jobs, jobs + count), 0)
            jobs += count
            continue
        for job in list(last)[size % (len(last) or 1) :][:count]:
            if what == "redial":
                history.end_series(job, last[job], instant, REDIALED)
                last[job] += 1
                history.begin_series(Further(job, last[job], instant, 0, instant, REDIALED))
                created.append((instant, job, last[job]))
            else:
                history.end_series(job, last.pop(job), instant, COMPLETED)

    assert len(history) == len(created)
    unfinished = [series for series in created if last.get(series[1]) == series[2]]
    positions = data.draw(st.lists(st.integers(0, max(len(created) - 1, 0)), max_size=20)) if created else []
    for position in positions:
        assert history.series(position) == created[position][1:]
        assert history.unfinished_before(position) == sum(
            last.get(job) == redial for _, job, redial in created[:position]
        )
    ranks = data.draw(st.lists(st.integers(0, max(len(unfinished) - 1, 0)), max_size=20)) if unfinished else []
    assert history.unfinished(ranks) == [unfinished[rank][1:] for rank in ranks]
    instant = data.draw(st.integers(0, 41))
    assert history.series_before(instant) == bisect_left([at for at, *_ in created], instant)
