"""Lives: what the numbers of one phone did and waited for, from the simulation's start to its finish (rules 6)."""

from collections import Counter
from itertools import pairwise

import msgspec

from engine.calling.caps import Cap
from engine.calling.instants import DAY
from engine.calling.policy import DEFAULT_ZONE
from engine.dialing.record import ENDINGS, NO_INSTANT
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.dialing.simulation import InterruptedRunError
from engine.dialing.waits import FOR_LINE, FOR_PACE, WAIT_REASONS
from engine.dialing.watch import Stretch, Watch
from engine.explaining.phones import rows_of
from engine.numbers.phonebook import phone_of, phone_text
from engine.progress import Progress, Step, unseen
from engine.scenario.scenario import Scenario


class Other(msgspec.Struct, frozen=True):
    """A number that was called instead."""

    phone: str
    priority: int
    next_allowed: int
    """Since when it could be called, in its open window (rules 5); Unix seconds."""


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch `[start, end)` of Unix seconds in which a number did or waited for one thing."""

    start: int
    end: int
    reason: str
    """The name of one of `WAIT_REASONS`."""
    priority: int
    """That of its series."""
    attempt: int | None = None
    """Of a call: which it is, over all series; its outcome; and how long it is, which may be beyond the finish."""
    outcome: str | None = None
    seconds: int | None = None
    caps: tuple[Cap, ...] = ()
    """The caps that forbid a call in the last second of it."""
    ahead: int | None = None
    """How many numbers came before it, when it began to wait for a line or for the pace."""
    called_meanwhile: int | None = None
    """How many calls others got while it waited for that; all of these came before it."""
    last_called: Other | None = None
    """The last of them."""
    ending: str | None = None
    """How the number ended, as in `record.ENDINGS`."""


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the list: its stretches follow each other from the simulation's start to its finish."""

    row: int
    """Its row in the result's tables."""
    added: int
    """Unix seconds."""
    zone_name: str
    """The zone of its own clock; several are joined by `&`."""
    reached_at: int | None
    """When its first answered call that was not too short began, Unix seconds."""
    stretches: tuple[Lived, ...]

    @property
    def seconds(self) -> dict[str, int]:
        """The seconds by reason, of those that it has, in the order of `WAIT_REASONS`."""
        counts: Counter[str] = Counter()
        for each in self.stretches:
            counts[each.reason] += each.end - each.start
        return {reason.name: counts[reason.name] for reason in WAIT_REASONS if counts[reason.name]}

    @property
    def calls(self) -> list[Lived]:
        """Its calls."""
        return [each for each in self.stretches if each.attempt is not None]


class Lives(msgspec.Struct, frozen=True):
    """The lives of all numbers of the list that have one phone, in the order in which they were added."""

    name: str
    """The scenario's name."""
    phone: str
    """With a + before its digits."""
    start: int
    finish: int
    lives: tuple[Life, ...]


def lives_of(scenario: Scenario, phone: str | int, progress: Progress = unseen) -> Lives:
    """Play a scenario and follow the numbers with this phone.

    The reference engine plays, which takes about 10 microseconds a call and a kilobyte a number. Raises InputError if
    the phone is not on the list, and InterruptedRunError for a KeyboardInterrupt.
    """
    rows = rows_of(scenario.phonebook, phone)
    rulebook, watch = Rulebook(scenario.document), Watch(rows)
    dialer = ReferenceDialer(rulebook, watch=watch)
    dialer.add(scenario.phonebook)
    days = -(-(rulebook.finish - rulebook.start) // DAY)
    try:
        for day in range(1, days + 1):
            dialer.run_until(rulebook.start + day * DAY)
            progress(Step(f"playing, {dialer.begun:,} calls", day, days, "days"))
    except KeyboardInterrupt:
        raise InterruptedRunError(dialer.now, dialer.begun) from None
    lives = []
    for row in rows:
        stretches = tuple(_lived(each, scenario, rulebook) for each in watch.lives[row])
        assert all(one.end == other.start for one, other in pairwise(stretches))  # noqa: S101 (what lives promise)
        reached_at = dialer.numbers[row].reached_at
        lives.append(
            Life(
                row=row,
                added=int(scenario.phonebook.added[row]),
                zone_name=_zone_name(scenario, row),
                reached_at=None if reached_at == NO_INSTANT else reached_at,
                stretches=stretches,
            )
        )
    return Lives(scenario.document.name, _phone(scenario, rows[0]), rulebook.start, rulebook.finish, tuple(lives))


def _lived(stretch: Stretch, scenario: Scenario, rulebook: Rulebook) -> Lived:
    is_call, in_line = stretch.outcome >= 0, stretch.reason in (FOR_LINE, FOR_PACE)
    last = stretch.last_called
    return Lived(
        start=stretch.start,
        end=stretch.end,
        reason=WAIT_REASONS[stretch.reason].name,
        priority=stretch.priority,
        attempt=stretch.attempt if is_call else None,
        outcome=rulebook.model.names[stretch.outcome] if is_call else None,
        seconds=stretch.seconds if is_call else None,
        caps=tuple(scenario.document.campaign.every_cap[place] for place in stretch.caps),
        ahead=stretch.ahead if in_line else None,
        called_meanwhile=stretch.called if in_line else None,
        last_called=None if last is None else Other(_phone(scenario, last.row), last.priority, last.next_allowed),
        ending=ENDINGS[stretch.ending] if stretch.ending >= 0 else None,
    )


def _phone(scenario: Scenario, row: int) -> str:
    return "+" + phone_text(phone_of(int(scenario.phonebook.identities[row])))


def _zone_name(scenario: Scenario, row: int) -> str:
    policies = scenario.phonebook.distinct
    own = policies.undated[policies.of_undated[scenario.phonebook.policies[row]]].gmt_zone
    return own or scenario.document.campaign.gmt_zone or DEFAULT_ZONE
