"""What only a simulation has: its clock, what stands for a script, and what the dashboard shows."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Mapping
from typing import Annotated, Any, TypeVar
from weakref import WeakSet

import msgspec
from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage
from msgspec import Meta

from engine.reading.faults import Fault
from engine.server import examples
from engine.server.answers import Advanced, Clock, JobLife, State
from engine.server.bodies import Bodies, HttpRequest, once, query, whole_number
from engine.server.clerk import Clerk
from engine.server.errors import faulty, refused
from engine.server.operations import Operation, Parameter
from engine.server.requests import Advance, FindJobs, InjectRedial, ReadClock, ReadState, Reset, SetClock

Answer = TypeVar("Answer")
CLOCK, SCRIPT, DASHBOARD = "Clock", "Script", "Dashboard"
InstantText = Annotated[
    str,
    Meta(
        description="an instant, ISO 8601", examples=["2026-03-02T18:00:00Z"], extra_json_schema={"format": "date-time"}
    ),
]


class ClockChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of the clock; what is left out stays."""

    instant: InstantText | None = None
    speed: Annotated[float, Meta(gt=0, description="simulated seconds in a second, above 0")] | None = None
    paused: bool | None = None


class Wait(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to play: to an instant or by some simulated seconds."""

    to: InstantText | None = None
    by: Annotated[int, Meta(ge=0, le=1 << 40, description="simulated seconds, an integer of at least 0")] | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of both."""
        if {"to", "by"} <= fields.keys():
            given = [name for name in ("to", "by") if fields[name] is not None]
            if len(given) != 1:
                yield Fault((), " and ".join(given) or "neither to nor by", "one of them")


class ScriptedRedial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A redial that a script would ask for while it is in the call."""

    job: str
    fields: Annotated[
        dict[str, Any],
        Meta(description="fields of a call policy, and startAfterMinutes, as `$dialer.redial` takes them"),
    ]


class Listeners:
    """Those who listen to events: at most so many, until the server ends."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: WeakSet[asyncio.Event] = WeakSet()
        self._over = False

    def end(self) -> None:
        """Let every listener go, and take no other one."""
        self._over = True
        for ended in list(self._open):
            ended.set()

    def listen(self, states: AsyncGenerator[State, None]) -> AsyncIterator[ServerSentEventMessage]:
        """The events of one listener; RefusedError if there are too many, or the server ends."""
        if self._over or len(self._open) >= self._most:
            raise refused(503, "busy", f"at most {self._most} can listen at once; close a dashboard, and come again")
        ended = asyncio.Event()
        self._open.add(ended)
        return self._events(states, ended)

    async def _events(
        self, states: AsyncGenerator[State, None], ended: asyncio.Event
    ) -> AsyncIterator[ServerSentEventMessage]:
        end = asyncio.ensure_future(ended.wait())
        coming: asyncio.Future[Any] = end
        try:
            while True:
                coming = asyncio.ensure_future(anext(states))
                await asyncio.wait((coming, end), return_when=asyncio.FIRST_COMPLETED)
                if end.done() or isinstance(coming.exception(), StopAsyncIteration):
                    break
                yield ServerSentEventMessage(event="state", data=msgspec.json.encode(coming.result()))
        finally:
            self._open.discard(ended)
            for task in (coming, end):
                task.cancel()
            await asyncio.wait((coming, end))
            await states.aclose()


async def while_awaited(request: HttpRequest, answer: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer to a request whose body was read; it is given up if the client goes away before."""
    asked, gone = asyncio.ensure_future(answer), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise refused(400, "body.cut.off", "the client went away before the answer")
        return asked.result()
    finally:
        asked.cancel()
        gone.cancel()


async def _gone(request: HttpRequest) -> None:
    """Wait until the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


@get(
    "/simulation/clock",
    operation=Operation(
        tag=CLOCK,
        summary="Read the clock",
        answer="The clock",
        answer_example=examples.CLOCK,
    ),
)
async def read_clock(clerk: NamedDependency[Clerk]) -> Clock:
    """`instant` is the first one that has not been played."""
    return await clerk.ask(ReadClock())


@put(
    "/simulation/clock",
    operation=Operation(
        tag=CLOCK,
        summary="Set the clock: jump forward, pause, go on, change the speed",
        body=ClockChange,
        body_examples={"goOn": {"speed": 60, "paused": False}, "jump": {"instant": "2026-03-02T18:00:00Z"}},
        answer="The clock, changed",
        answer_example=examples.CLOCK,
        errors=("simulation.reset",),
    ),
)
async def set_clock(request: HttpRequest, clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]) -> Clock:
    """A jump plays all that happens on the way. Time does not go back; `reset` goes to the start.

    `{"paused": true}` also ends an advance or a jump that goes on: it is answered at the instant that is reached.
    """
    change = await bodies.json(request, ClockChange)
    asked = clerk.ask(SetClock(instant=change.instant, speed=change.speed, paused=change.paused))
    return await while_awaited(request, asked)


@post(
    "/simulation/advance",
    status_code=200,
    operation=Operation(
        tag=CLOCK,
        summary="Play up to an instant or for some simulated seconds",
        body=Wait,
        body_rule={
            "oneOf": [
                {"required": ["to"], "properties": {"to": {"type": "string"}}},
                {"required": ["by"], "properties": {"by": {"type": "integer"}}},
            ]
        },
        body_examples={"fourHours": {"by": 14_400}, "toAnInstant": {"to": "2026-03-02T18:00:00Z"}},
        answer="What happened meanwhile",
        answer_example=examples.ADVANCED,
        errors=("simulation.reset",),
    ),
)
async def advance_clock(
    request: HttpRequest, clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> Advanced:
    """Answers when the instant is reached. So a test is exact, and needs no sleeping.

    If the clock is paused meanwhile, it answers at the instant that is reached; if the client goes, time stands there.
    """
    wait = await bodies.json(request, Wait)
    return await while_awaited(request, clerk.ask(Advance(to=wait.to, by=wait.by)))


@post(
    "/simulation/reset",
    status_code=200,
    operation=Operation(
        tag=CLOCK,
        summary="Go back to the start",
        answer="The clock at the start",
        answer_example=examples.CLOCK,
        errors=("list.changed",),
    ),
)
async def reset_simulation(clerk: NamedDependency[Clerk]) -> Clock:
    """All that was added and all that happened is forgotten."""
    return await clerk.ask(Reset())


@post(
    "/simulation/redial",
    status_code=200,
    operation=Operation(
        tag=SCRIPT,
        summary="Let the running or last call of a job bring a redial",
        body=ScriptedRedial,
        body_examples={"inTwoHours": {"job": examples.JOB, "fields": {"startAfterMinutes": 120, "maxAttempts": 2}}},
        answer="The job with its life so far",
        answer_example=examples.JOB_LIFE,
        errors=("id.not.found", "invalid.call.task.state"),
    ),
)
async def inject_redial(
    request: HttpRequest, clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> JobLife:
    """Stands for `$dialer.redial` in the script under test."""
    redial = await bodies.json(request, ScriptedRedial)
    return await clerk.ask(InjectRedial(job=redial.job, fields=redial.fields))


@get(
    "/simulation/state",
    operation=Operation(
        tag=DASHBOARD, summary="Read what the dashboard shows", answer="The whole server at one instant"
    ),
)
async def read_state(clerk: NamedDependency[Clerk]) -> State:
    """Tokens are cut to their first characters."""
    return await clerk.ask(ReadState())


@get(
    "/simulation/jobs",
    operation=Operation(
        tag=DASHBOARD,
        summary="Find jobs by phone or id",
        parameters=(
            Parameter(name="text", required=True, meaning="A phone, or a job's id", example=examples.PHONE),
            Parameter(
                name="campaign",
                schema={"type": "integer", "minimum": 1},
                meaning="The campaign's number, from 1; all campaigns if it is left out",
            ),
        ),
        answer="The jobs with their lives so far",
        answer_example=[examples.JOB_LIFE],
        errors=("invalid.field",),
    ),
)
async def find_jobs(request: HttpRequest, clerk: NamedDependency[Clerk]) -> list[JobLife]:
    """No job at all is an empty array."""
    parameters = once(query(request))
    if "text" not in parameters:
        raise faulty([Fault(("text",), "nothing", "a phone, or a job's id")])
    return await clerk.ask(FindJobs(text=parameters["text"], campaign=whole_number(parameters, "campaign")))


@get(
    "/simulation/events",
    operation=Operation(
        tag=DASHBOARD,
        summary="Listen to events",
        answer="Server-sent events `state`: the state, and again when it has changed, at most 4 times a second",
    ),
)
async def listen_to_events(clerk: NamedDependency[Clerk], listeners: NamedDependency[Listeners]) -> ServerSentEvent:
    """The data of an event is a state as `/simulation/state` answers it."""
    return ServerSentEvent(listeners.listen(clerk.states()))


simulation = Router(
    "/",
    route_handlers=[
        read_clock,
        set_clock,
        advance_clock,
        reset_simulation,
        inject_redial,
        read_state,
        find_jobs,
        listen_to_events,
    ],
)
"""All methods that the platform does not have."""
