"""A dialer in cimba as its users would write it: a process a number, and the lines a Resource; compiled by numba.

It cannot follow the rules in two things, and neither can SimPy. A process that waits for a line stays in the resource's
queue when its window closes; if it gets a line outside its window, it gives it back and asks again when the next window
opens. And requests of one priority are served in the order in which they were made. So it makes about as many calls,
but not the same. The workload has no pace, so it follows none. Its classes are compiled once, before turns are timed.
"""

import cimba as cb
import numpy as np

from engine.customers.durations import TABLE_SIZE
from engine.dialing.rulebook import Rulebook
from engine.luck import CALL, GOLDEN, MIX_A, MIX_B, STREAMS, luck_key
from engine.scenario.scenario import Scenario

LAST_PRIORITY = 5


def _word(value: int) -> int:
    """The same 64 bits as a signed integer, as compiled models have them."""
    return value - (value >> 63 << 64)


GOLDEN_WORD, A_WORD, B_WORD = _word(GOLDEN), _word(MIX_A), _word(MIX_B)
FIRST_34, FIRST_37, FIRST_33, FIRST_32 = ((1 << bits) - 1 for bits in (34, 37, 33, 32))


class Campaign(cb.Model):
    """What numbers share; and the process that brings them."""

    lines: cb.Resource = cb.Resource(capacity=1)
    finish: cb.Param[int] = 0
    outcomes: cb.Param[int] = 0
    keys: cb.Array[int] = cb.Array(0)
    """[number]: its luck."""
    terms: cb.Array[int] = cb.Array(0)
    """[number]: the index of its terms."""
    priorities: cb.Array[int] = cb.Array(0)
    attempts: cb.Array[int] = cb.Array(0)
    retry_seconds: cb.Array[int] = cb.Array(0)
    classes: cb.Array[int] = cb.Array(0)
    firsts: cb.Array[int] = cb.Array(0)
    """[class]: the place of its first window; times are in seconds since the start."""
    opens: cb.Array[int] = cb.Array(0)
    closes: cb.Array[int] = cb.Array(0)
    thresholds: cb.Array[int] = cb.Array(0)
    seconds: cb.Array[int] = cb.Array(0)
    retries: cb.Array[int] = cb.Array(0)
    begun: int = 0
    calls: cb.Output[int]

    @cb.process
    def add(self) -> None:
        """All numbers are added at the start."""
        for number in range(len(self.keys)):
            cb.spawn(Number, campaign=self, number=number)

    @cb.on_end
    def count(self) -> None:
        """Hand out how many calls began."""
        self.calls = self.begun


class Number(cb.Model):
    """A number, which waits for its window, then for a line."""

    campaign: cb.Ref[Campaign]
    number: int = 0

    @cb.process
    def live(self) -> None:
        """Be called until an outcome is final, calls are used up, or no window is left."""
        campaign = self.campaign
        terms = campaign.terms[self.number]
        window, last = campaign.firsts[campaign.classes[terms]], campaign.firsts[campaign.classes[terms] + 1]
        attempt = 1
        while attempt <= campaign.attempts[terms]:
            while window < last and campaign.closes[window] <= cb.now():
                window += 1
            if window == last or campaign.opens[window] >= campaign.finish:
                break
            if campaign.opens[window] > cb.now():
                cb.hold(campaign.opens[window] - cb.now())
            campaign.lines.acquire(1, priority=LAST_PRIORITY - campaign.priorities[terms])
            if cb.now() >= campaign.closes[window]:
                campaign.lines.release(1)
                continue
            campaign.begun += 1
            bits = campaign.keys[self.number] + (attempt * STREAMS + CALL) * GOLDEN_WORD
            bits = (bits ^ ((bits >> 30) & FIRST_34)) * A_WORD
            bits = (bits ^ ((bits >> 27) & FIRST_37)) * B_WORD
            bits = bits ^ ((bits >> 31) & FIRST_33)
            chance, outcome = (bits >> 32) & FIRST_32, 0
            while outcome < campaign.outcomes - 1 and chance >= campaign.thresholds[outcome]:
                outcome += 1
            cb.hold(campaign.seconds[outcome * TABLE_SIZE + ((bits & FIRST_32) * TABLE_SIZE >> 32)])
            campaign.lines.release(1)
            if campaign.retries[outcome] == 0:
                break
            attempt += 1
            cb.hold(campaign.retry_seconds[terms])


def play(scenario: Scenario) -> int:
    """Play the scenario as far as cimba can follow; how many calls began."""
    rulebook, book = Rulebook(scenario.document), scenario.phonebook
    terms, windows, model = rulebook.terms_of_all(book.distinct), rulebook.classes.columns, rulebook.model
    columns = rulebook.terms.columns
    campaign = Campaign()
    campaign.lines = cb.Resource(capacity=int(rulebook.lines.lines[0]))
    campaign.finish, campaign.outcomes = rulebook.finish - rulebook.start, len(model.names)
    for name, values in {
        "keys": luck_key(rulebook.seed, book.identities).view(np.int64),
        "terms": terms[book.policies],
        "priorities": columns.priority,
        "attempts": columns.attempts,
        "retry_seconds": columns.retry_seconds,
        "classes": columns.window_class,
        "firsts": windows.firsts,
        "opens": windows.starts,
        "closes": windows.ends,
        "thresholds": model.thresholds[0, 0, 0].astype(np.int64),
        "seconds": model.seconds[0].ravel(),
        "retries": model.retries.astype(np.int64),
    }.items():
        setattr(campaign, name, cb.Array(values.tolist()))
    window = cb.Window(duration=float(rulebook.finish - rulebook.start))
    return int(np.ravel(cb.Experiment(campaign, window=window).run()[campaign].calls)[0])
