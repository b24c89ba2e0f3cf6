"""The clerk: the one thread that owns clock, journal and campaigns, and carries out what the server is asked.

It works in rounds. In each it takes the requests that wait, plays up to the instant that the clock shows, keeps the
requests that change something and that instant on disk, carries all requests out, and only then answers them. So all
that was answered is on disk, and many requests share one write. Between rounds every campaign stands at one instant.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, thread_time
from typing import Any, NamedTuple, TypeVar

from engine.calling.instants import utc_text
from engine.server.answers import Advanced, Clock, State
from engine.server.broadcast import PUBLISHED_EVERY, Broadcast
from engine.server.campaigns import CHANGES, Campaign, Prepared, campaign_of_job, happened_since
from engine.server.clock import SimulatedClock
from engine.server.errors import RefusedError, full, internal, invalid_field, refused, unknown_token
from engine.server.journal import Entry, FullError, Journal
from engine.server.journeys import Asked, Journey, check_speed, goal_of
from engine.server.requests import (
    FindJobs,
    InjectRedial,
    OfCampaign,
    ReadClock,
    ReadState,
    Request,
    Reset,
    SetClock,
)
from engine.server.tokens import same_token

Answer = TypeVar("Answer")

ROUND_SECONDS = 0.05
"""About how long a round plays: so long a request waits while time is played that the clock has not reached."""
LONGEST_STEP, SHORTEST_STEP = 900, 1
"""Simulated seconds that are played at a time, so that a round can end."""
MOST_REQUESTS, MOST_BYTES = 512, 8 << 20
"""How many requests a round takes, and how long their bodies may be together, but for the first one."""
KEPT_EVERY = 1.0
"""How often the instant is kept while nobody asks anything, in seconds."""
LONGEST_REST = 3600.0
"""The longest wait for a slow clock, in seconds: the system takes no wait of centuries."""
SNAPSHOT_AFTER = 5.0
"""A snapshot is taken after so many seconds of work, and after 5 times as long as the last snapshot took."""
IDLE_SECONDS, IDLE_WORK = 1.0, 0.5
"""It is taken earlier, after that work, if the clock stands and nobody asks for so long; and when the server ends."""

log = logging.getLogger(__name__)


class Clerk:
    """Answers requests one after the other, in a thread of its own; `ask` is for asyncio."""

    def __init__(
        self,
        journal: Journal,
        campaigns: Sequence[Campaign],
        clock: SimulatedClock,
        first_instant: int,
        *,
        work: float = 0.0,
    ) -> None:
        """The campaigns stand at the instant that the journal has kept, and at which the clock begins.

        `work` are the seconds that it took to come there from the last snapshot.
        """
        self._journal = journal
        self._campaigns = list(campaigns)
        self._clock = clock
        self._first_instant = first_instant
        self._instant = self._kept = journal.server.instant
        self._inbox: SimpleQueue[Asked | None] = SimpleQueue()
        self._left: Asked | None = None
        """A request that was taken from the inbox and left for the next round."""
        self._journeys: deque[Journey] = deque()
        self._step = 60
        self._work_since_snapshot = work
        self._snapshot_took = 0.0
        self._kept_at = monotonic()
        self._keeps = True
        """Whether the disk took what was last to be kept."""
        self._closing = False
        self._over: RefusedError | None = None
        """With what everything is refused once the thread has ended."""
        self._broadcast = Broadcast()
        self._thread = Thread(target=self._work, name="clerk", daemon=True)
        self._thread.start()

    # For the server's other threads

    @property
    def tokens(self) -> list[tuple[str, str]]:
        """The name and the token of each campaign, by number from 0."""
        return [(campaign.name, campaign.token) for campaign in self._campaigns]

    def campaign_of(self, token: str) -> int:
        """The number of the campaign with this token; takes the same time for every token that is none."""
        found = [same_token(token, campaign.token) for campaign in self._campaigns]
        if True not in found:
            raise unknown_token()
        return found.index(True)

    async def ask(self, request: Request[Answer]) -> Answer:
        """Carry a request out, and return its answer once all that it tells is on disk; RefusedError."""
        future: Future[Answer] = Future()
        self._inbox.put(Asked(request, future))
        if self._over:
            self._refuse_the_rest(self._over)
        return await asyncio.wrap_future(future)

    async def states(self) -> AsyncGenerator[State, None]:
        """The state as it is, and again whenever it has changed, at most four times a second; until `close`."""
        with self._broadcast.listening() as latest:
            yield await self.ask(ReadState())
            while (state := await latest.get()) is not None:
                yield state

    def close(self) -> None:
        """Answer what was asked, keep the state, and end."""
        self._inbox.put(None)
        self._thread.join()

    # Rounds

    def _work(self) -> None:
        taken: list[Asked] = []
        try:
            while not self._closing:
                taken = self._take()
                self._round(taken)
        except Exception:
            log.exception("the server has failed: it answers with 500 until it is started again")
            self._fail_for_ever(taken)
        else:
            self._end()
        finally:
            self._journal.close()
            self._over = refused(503, "server.ending", "the server ends; ask it again when it is back")
            self._refuse_the_rest(self._over)

    def _round(self, taken: list[Asked]) -> None:
        began = thread_time()
        if self._keeps:
            self._play()
        ready = [each for asked in taken if (each := self._prepared(asked)) is not None]
        if self._keep(ready):
            for each in ready:
                self._carry_out(each)
            self._arrive()
        self._work_since_snapshot += thread_time() - began
        self._publish()
        idle = not taken and not self._journeys and self._clock.paused
        if (idle and self._needs_snapshot) or self._work_since_snapshot > max(SNAPSHOT_AFTER, 5 * self._snapshot_took):
            self._take_snapshots()

    def _take(self) -> list[Asked]:
        """The requests that wait; waits for the first one as long as nothing else is to be done."""
        taken: list[Asked] = []
        size, wait = 0, self._rest()
        while len(taken) < MOST_REQUESTS and not self._closing:
            try:
                asked = self._left or self._inbox.get(block=wait != 0, timeout=wait)
            except Empty:
                break
            wait, self._left = 0, None
            if asked is None:
                self._closing = True
                break
            alone = isinstance(asked.request, Reset | SetClock)
            size += len(getattr(asked.request, "body", b""))
            if taken and (alone or size > MOST_BYTES):
                self._left = asked
                break
            if asked.is_journey or asked.answer.set_running_or_notify_cancel():
                taken.append(asked)
            if alone:
                break
        return taken

    def _rest(self) -> float | None:
        """Seconds until there is something to do even if nobody asks; None for ever."""
        if not self._keeps:
            return KEPT_EVERY
        if self._journeys:
            return 0
        ahead = self._clock.seconds_until(self._instant + 1)
        if self._broadcast.is_awaited:
            return PUBLISHED_EVERY if ahead is None else min(max(ahead, ROUND_SECONDS), PUBLISHED_EVERY)
        if ahead is None:
            return IDLE_SECONDS if self._needs_snapshot else None
        return min(max(ahead, ROUND_SECONDS), LONGEST_REST)

    def _prepared(self, asked: Asked) -> "_Ready | None":
        """What can be found out about a request before it is kept; None if it is refused already."""
        try:
            request = asked.request
            if isinstance(request, SetClock):
                check_speed(request.speed)
            return _Ready(asked, self._of(request).prepare(request) if isinstance(request, CHANGES) else None)
        except RefusedError as error:
            asked.refuse(error)
        except Exception:
            log.exception("a request could not be read")
            asked.refuse(internal())
        return None

    def _play(self) -> None:
        """Play until the goal of the first journey, else until the clock's instant; for about ROUND_SECONDS."""
        while self._journeys and self._journeys[0].is_given_up:
            self._journeys.popleft()
            self._clock.change(instant=self._instant)
        if self._journeys:
            self._set_out(self._journeys[0])
        goal = self._journeys[0].goal if self._journeys else self._clock.instant
        until = monotonic() + ROUND_SECONDS
        while self._instant < goal and (began := monotonic()) < until:
            self._instant = goal if self._all_are_over else min(goal, self._instant + self._step)
            for campaign in self._campaigns:
                campaign.play(self._instant)
            self._broadcast.changed()
            took = monotonic() - began
            if took > ROUND_SECONDS / 5:
                self._step = max(self._step // 2, SHORTEST_STEP)
            elif took < ROUND_SECONDS / 20:
                self._step = min(self._step * 2, LONGEST_STEP)
        if self._instant < goal and not self._journeys:
            self._clock.hold_at(self._instant)

    def _keep(self, ready: "Sequence[_Ready]") -> bool:
        """Keep requests and the instant before they are answered. If that fails, all are refused."""
        entries = [each.prepared.entry(self._instant) for each in ready if each.prepared]
        moved = self._instant != self._kept
        waits = not ready and (self._all_are_over or monotonic() - self._kept_at < KEPT_EVERY)
        if not entries and (not moved or waits) and self._keeps:
            return True
        return self._write(entries, [each.asked for each in ready])

    def _keep_instant(self) -> bool:
        """Keep the instant before it is told to anybody."""
        return self._instant == self._kept or self._write()

    def _write(self, entries: Sequence[Entry] = (), asked: Sequence[Asked] = ()) -> bool:
        """Write entries and the instant to the disk; if it does not take them, refuse what was asked."""
        try:
            self._journal.write(self._instant, entries)
        except FullError as error:
            self._cannot_keep(error, asked)
            return False
        if not self._keeps:
            log.warning("the disk takes what is to be kept again")
            self._keeps = True
        self._kept, self._kept_at = self._instant, monotonic()
        return True

    def _cannot_keep(self, error: FullError, asked: Sequence[Asked]) -> None:
        """Refuse requests, and let time stand still until the disk takes what is to be kept."""
        if self._keeps:
            log.error("%s: time stands still, and requests are answered with 503, until the disk takes more", error)
        self._keeps = False
        self._clock.hold_at(self._instant)
        for each in (*asked, *(journey.asked for journey in self._journeys)):
            each.refuse(full())
        self._journeys.clear()

    def _carry_out(self, ready: "_Ready") -> None:
        asked, prepared = ready
        request = asked.request
        if prepared:
            self._broadcast.changed()
            self._settle(asked, lambda: self._of(request).carry_out(prepared))
        elif asked.is_journey:
            self._journeys.append(Journey(asked))
        else:
            self._settle(asked, lambda: self._answer(request))

    def _settle(self, asked: Asked, answer: Callable[[], Any]) -> None:
        """Give a request its answer, or the reason why it has none: nobody waits for ever."""
        try:
            asked.tell(answer())
        except RefusedError as error:
            asked.refuse(error)
        except FullError as error:
            self._cannot_keep(error, [asked])
        except Exception:
            log.exception("a request could not be carried out")
            asked.refuse(internal())

    def _answer(self, request: Request[Any]) -> Any:
        match request:
            case ReadClock():
                return self._told_clock()
            case SetClock():
                return self._set_clock(request)
            case Reset():
                return self._reset()
            case ReadState():
                return self._state()
            case FindJobs():
                chosen = self._campaigns if request.campaign is None else [self._by_number(request.campaign)]
                return [life for campaign in chosen for life in campaign.jobs.find(request.text)]
            case OfCampaign():
                return self._of(request).answer(request)
        raise TypeError(f"nobody answers {type(request).__name__}")

    def _of(self, request: OfCampaign[Any] | InjectRedial) -> Campaign:
        """The campaign to which a request goes."""
        if isinstance(request, InjectRedial):
            return campaign_of_job(self._campaigns, request.job)
        return self._campaigns[request.campaign]

    def _by_number(self, number: int) -> Campaign:
        if not 1 <= number <= len(self._campaigns):
            message = f"no campaign has the number {number}; there are {len(self._campaigns)}, from 1 on"
            raise invalid_field("campaign", message)
        return self._campaigns[number - 1]

    # The clock

    def _told_clock(self) -> Clock:
        return Clock(utc_text(self._instant), self._clock.speed, self._clock.paused)

    def _set_clock(self, request: SetClock) -> Clock:
        speed = self._clock.speed if request.speed is None else request.speed
        paused = self._clock.paused if request.paused is None else request.paused
        self._journal.write_clock(self._instant, speed, paused=paused)
        self._clock.change(instant=self._instant, speed=speed, paused=paused)
        if request.paused and request.instant is None:
            for journey in self._journeys:
                journey.stop(self._instant)
        self._broadcast.changed()
        return self._told_clock()

    def _set_out(self, journey: Journey) -> None:
        """Let a journey begin, if it has not: what it is to tell counts from now on."""
        if journey.since is None:
            journey.since = self._instant
            journey.before = [campaign.happened() for campaign in self._campaigns]
            try:
                goal = goal_of(journey.asked.request, self._instant)
                journey.goal = self._instant if journey.is_stopped else goal
            except RefusedError as error:
                journey.goal = self._instant
                journey.refused = error

    def _arrive(self) -> None:
        """Answer the first journey if its instant is reached, once that is on disk."""
        while self._journeys:
            journey = self._journeys[0]
            self._set_out(journey)
            if self._instant < journey.goal or not self._keep_instant():
                return
            self._journeys.popleft()
            self._clock.change(instant=self._instant)
            self._settle(journey.asked, partial(self._told_arrival, journey))

    def _told_arrival(self, journey: Journey) -> Clock | Advanced:
        if journey.refused:
            raise journey.refused
        request = journey.asked.request
        if not isinstance(request, SetClock):
            return self._advanced(journey)
        return self._told_clock() if journey.is_stopped else self._set_clock(request)

    def _advanced(self, journey: Journey) -> Advanced:
        happened = [
            happened_since(before, campaign.happened())
            for campaign, before in zip(self._campaigns, journey.before, strict=True)
        ]
        return Advanced(since=utc_text(journey.since or 0), until=utc_text(self._instant), campaigns=happened)

    def _reset(self) -> Clock:
        anew = [campaign.anew() for campaign in self._campaigns]
        self._journal.forget(self._first_instant)
        first = self._journal.server
        for journey in self._journeys:
            journey.asked.refuse(refused(400, "simulation.reset", "the simulation was reset meanwhile"))
        self._journeys.clear()
        self._campaigns = anew
        self._instant = self._kept = self._first_instant
        self._clock.change(instant=self._instant, speed=first.speed, paused=first.paused)
        self._broadcast.changed()
        self._work_since_snapshot = 0.0
        return self._told_clock()

    # What is shown, and what is kept besides

    def _state(self) -> State:
        return State(clock=self._told_clock(), campaigns=[campaign.state() for campaign in self._campaigns])

    def _publish(self) -> None:
        """Tell the listeners the state if it has changed, and if it is on disk."""
        if self._broadcast.is_due and self._keep_instant():
            self._broadcast.send(self._state())

    @property
    def _all_are_over(self) -> bool:
        """Whether nothing can happen any more, however far the clock goes."""
        return all(campaign.is_over for campaign in self._campaigns)

    @property
    def _needs_snapshot(self) -> bool:
        """Whether a snapshot shortens a restart by more than it takes, as far as that is known."""
        return self._journal.on_disk and self._work_since_snapshot > max(IDLE_WORK, self._snapshot_took)

    def _take_snapshots(self) -> None:
        began = thread_time()
        if self._journal.on_disk and self._keep_instant():
            try:
                self._journal.write_snapshots(self._instant, [campaign.snapshot() for campaign in self._campaigns])
            except FullError as error:
                log.warning("no snapshot could be kept (%s): a restart takes longer", error)
        self._snapshot_took = thread_time() - began
        self._work_since_snapshot = 0.0

    def _end(self) -> None:
        """Keep the state, and go no further."""
        over = refused(503, "server.ending", "the server ends; ask it again when it is back")
        try:
            if self._keep_instant() and self._needs_snapshot:
                self._take_snapshots()
        finally:
            for journey in self._journeys:
                journey.asked.refuse(over)
            self._broadcast.send(None)

    def _fail_for_ever(self, taken: Sequence[Asked]) -> None:
        self._broadcast.send(None)
        for each in (*taken, *(journey.asked for journey in self._journeys)):
            each.refuse(internal())
        asked = self._left
        while not self._closing:
            if asked is not None:
                asked.refuse(internal())
            asked = self._inbox.get()
            self._closing = asked is None

    def _refuse_the_rest(self, error: RefusedError) -> None:
        asked = self._left
        with suppress(Empty):
            while True:
                if asked is not None:
                    asked.refuse(error)
                asked = self._inbox.get_nowait()


class _Ready(NamedTuple):
    """A request that can be kept and carried out."""

    asked: Asked
    prepared: Prepared | None
    """None unless it changes a campaign."""
