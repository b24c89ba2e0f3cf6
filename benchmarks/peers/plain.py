"""A dialer in plain Python on three heaps of `heapq`, keys renewed lazily: the C++ peer, line by line."""

from bisect import bisect_right
from heapq import heappop, heappush

from engine.customers.durations import TABLE_BITS
from engine.customers.outcomes import HOURS_A_WEEK
from engine.dialing.rulebook import Rulebook
from engine.luck import CALL, GOLDEN, MIX_A, MIX_B, WORD, draw, luck_key, mixed
from engine.scenario.scenario import Scenario

COMPLETED, EXHAUSTED, NEVER_CALLED, CALLBACK, IN_CALL = 0, 1, 4, 5, 6
"""How numbers end, or are pending: indices in the list of section 9 of the rules."""


def play(scenario: Scenario) -> tuple[int, int]:
    """Play what the peers can follow (lines, windows, priorities, retries, outcomes): calls and digest."""
    rulebook, book = Rulebook(scenario.document), scenario.phonebook
    terms = [rulebook.terms[rulebook.terms_of(policy)] for policy in book.distinct]
    own = [terms[place] for place in book.policies.tolist()]
    keys = luck_key(rulebook.seed, book.identities).tolist()
    identities = book.identities.tolist()
    finish, lines = rulebook.finish, int(rulebook.lines.lines[0])
    thresholds, durations = rulebook.model.thresholds[0, 0].tolist(), rulebook.model.seconds[0].tolist()
    retries = rulebook.model.retries.tolist()

    attempts = [0] * len(own)
    ends = [(NEVER_CALLED, -1)] * len(own)
    waiting: list[tuple[int, int, int, int]] = []  # allowed, due, sequence, number
    ready: list[tuple[int, int, int, int, int]] = []  # priority, allowed, due, sequence, number
    running: list[tuple[int, int, int, int]] = []  # end, index of call, number, outcome
    sequence = begun = digest = in_use = 0
    for number, its in enumerate(own):
        allowed = rulebook.classes[its.window_class].next_open(rulebook.start)
        if allowed < finish:
            heappush(waiting, (allowed, rulebook.start, sequence, number))
        sequence += 1
    now = rulebook.start
    while now < finish:
        while running and running[0][0] == now:
            _, _, number, outcome = heappop(running)
            in_use -= 1
            if not retries[outcome]:
                ends[number] = (COMPLETED, now)
            elif attempts[number] == own[number].attempts:
                ends[number] = (EXHAUSTED, now)
            else:
                ends[number] = (CALLBACK, -1)
                due = now + own[number].retry_seconds
                allowed = rulebook.classes[own[number].window_class].next_open(due)
                if allowed < finish:
                    heappush(waiting, (allowed, due, sequence, number))
                sequence += 1
        while waiting and waiting[0][0] <= now:
            allowed, due, place, number = heappop(waiting)
            heappush(ready, (own[number].priority, allowed, due, place, number))
        while in_use < lines and ready:
            priority, allowed, due, place, number = heappop(ready)
            window_class = rulebook.classes[own[number].window_class]
            window = bisect_right(window_class.ends, now)
            if window == len(window_class.ends):
                continue
            renewed = max(window_class.starts[window], due)
            if renewed > now:
                heappush(waiting, (renewed, due, place, number))
                continue
            if renewed != allowed:
                heappush(ready, (priority, renewed, due, place, number))
                continue
            attempts[number] += 1
            offset = next(span.offset for span in window_class.spans if span.end > now)
            bits = draw(keys[number], attempts[number], CALL)
            outcome = bisect_right(thresholds[((now + offset) // 3600 - 96) % HOURS_A_WEEK], bits >> 32)
            seconds = durations[outcome][(bits & 0xFFFF_FFFF) >> (32 - TABLE_BITS)]
            heappush(running, (now + seconds, begun, number, outcome))
            ends[number] = (IN_CALL, -1)
            begun += 1
            in_use += 1
            digest += _hash(identities[number], now, seconds << 32 | attempts[number] << 8 | outcome)
        now = min(running[0][0] if running else finish, waiting[0][0] if waiting else finish)
    for identity, (ending, at) in zip(identities, ends, strict=True):
        digest += _hash(identity, at, 1 << 63 | ending)
    return begun, digest & WORD


def _hash(identity: int, at: int, word: int) -> int:
    """The part of a call or of an end in the digest (rules 9)."""
    return mixed((identity * GOLDEN + at * MIX_A + word * MIX_B) & WORD)
