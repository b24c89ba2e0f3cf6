"""A scheduler of one's own held against the reference engine, on random campaigns and the same luck."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from engine.scenario.scenario import Scenario
from engine.testing.differences import told
from engine.testing.protocol import Driven, Fields, InAProcess, InPython, PythonScheduler, SchedulerError
from engine.testing.reference_calls import reference_run
from engine.testing.small_campaigns import FEATURES, small_campaigns, small_lists

A_ROUND = 10


def check_against_reference(
    scheduler: PythonScheduler | Sequence[str],
    *,
    examples: int = 100,
    features: Collection[str] = FEATURES,
    seed: int = 0,
    time_limit: float = 10.0,
    scenario: Scenario | Mapping[str, Any] | str | PathLike[str] | None = None,
) -> None:
    """Drive a scheduler through random campaigns beside the reference engine, on the same luck.

    `scheduler` is a callable of Python, the command of a process that speaks NDJSON on standard input and output, or an
    address that speaks the Calls API, such as http://127.0.0.1:8080; docs/reference/scheduler_protocol.md says what
    each is told and what it answers. `examples` campaigns are drawn with `seed`; none has what `features` leaves out.
    A process and an address have `time_limit` seconds for each answer. `scenario` is what an address plays, without its
    list: the default campaign of `dialer serve` if it is None.

    Raises AssertionError for the first difference, in the smallest campaign that Hypothesis finds: the scenario, the
    second, what each did, and why the reference engine did so. What is no answer is a SchedulerError, which is one.
    ValueError if a feature is not one of FEATURES, or a scenario is given without an address or has numbers.
    """
    if unknown := [*set(features).difference(FEATURES)]:
        raise ValueError(f"there is no feature {unknown[0]!r}; allowed: {', '.join(FEATURES)}")
    if isinstance(scheduler, str):
        from engine.testing.over_http import AnAddress  # put off: only an address needs the extra `server`

        with AnAddress(scheduler, scenario, time_limit) as address:
            drawn = small_lists(address.scenario, address.document, features)
            _hold_each(address.hold, drawn, examples, seed)
        return
    if scenario is not None:
        raise ValueError("only an address plays a scenario of its own; leave scenario out")
    driven: Driven = InPython(scheduler) if callable(scheduler) else InAProcess(scheduler, time_limit)
    with driven:

        def hold(document: Fields) -> None:
            try:
                hold_against_reference(driven, document)
            except BaseException:  # whatever it was, the next campaign gets a process of its own
                driven.abandon()
                raise

        _hold_each(hold, small_campaigns(features), examples, seed)


def _hold_each(hold: Callable[[Fields], None], drawn: SearchStrategy[Fields], examples: int, seed: int) -> None:
    """Hold so many campaigns; what is raised is of the smallest that Hypothesis finds.

    After ten examples Hypothesis tries five variants of each that it draws. Here they find little that the example did
    not, so each round has ten examples and luck of its own.
    """
    for begun in range(0, examples, A_ROUND):

        @seeded(seed + (begun << 32))
        @settings(
            max_examples=min(A_ROUND, examples - begun),
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(drawn)
        def campaign_is_alike(document: Fields) -> None:
            hold(document)

        campaign_is_alike()


class Asked(NamedTuple):
    """What a scheduler answered."""

    calls: list[int]
    following: int | None
    """When it wants to be asked next; None if only something that happens matters."""


def hold_against_reference(driven: Driven, document: Fields) -> None:
    """Drive a scheduler through one scenario; AssertionError for the first difference."""
    run = reference_run(document)
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    ends: defaultdict[int, list[Fields]] = defaultdict(list)
    for call in run.calls:
        wanted[call.start].append(call.number)
        ends[call.start + call.seconds].append(
            {
                "number": call.number,
                "attempt": call.attempt,
                "outcome": call.outcome,
                "seconds": call.seconds,
                "redial": call.redial,
            }
        )
    added: defaultdict[int, list[Fields]] = defaultdict(list)
    for instant, addition in run.additions:
        added[instant].append(addition)
    driven.begin(run.campaign)
    events = sorted({run.start, *ends, *added})
    starts = sorted(wanted)
    known: set[int] = set()
    now: int | None = run.start
    last_wish: int | None = None
    event_place = start_place = 0
    while now is not None and now < run.finish:
        if start_place < len(starts) and starts[start_place] < now:
            break
        while event_place < len(events) and events[event_place] <= now:
            event_place += 1
        known.update(addition["number"] for addition in added.get(now, ()))
        second = {"type": "second", "now": now, "ended": ends.get(now, []), "added": added.get(now, [])}
        answer = _read(driven.ask(second), now, known)
        if sorted(answer.calls) != sorted(wanted.get(now, [])):
            raise AssertionError(told(run, document, now, wanted.get(now, []), answer.calls, None))
        if start_place < len(starts) and starts[start_place] == now:
            start_place += 1
        last_wish = answer.following
        coming = [events[event_place]] if event_place < len(events) else []
        now = min([*coming, *([] if last_wish is None else [last_wish])], default=None)
    if start_place < len(starts):
        missed = starts[start_place]
        raise AssertionError(told(run, document, missed, wanted[missed], None, last_wish))


def _read(answer: Any, now: int, known: set[int]) -> Asked:
    """The answer to a second; SchedulerError if it is none."""
    allowed = 'an answer is {"calls": [numbers], "next": a later second, or null}'
    if not isinstance(answer, dict) or not isinstance(answer.get("calls"), list) or answer.keys() - {"calls", "next"}:
        raise SchedulerError(f"the scheduler answered {answer!r} at {now}; {allowed}")
    for number in answer["calls"]:
        if type(number) is not int or number not in known:
            raise SchedulerError(f"the scheduler calls {number!r} at {now}, which was not added; {allowed}")
    if len(set(answer["calls"])) < len(answer["calls"]):
        raise SchedulerError(f"the scheduler calls a number twice in one second, at {now}: {answer['calls']}")
    following = answer.get("next", now + 1)
    if following is not None and (type(following) is not int or following <= now):
        raise SchedulerError(f"the scheduler asks for {following!r} as its next second at {now}; {allowed}")
    return Asked(answer["calls"], following)
