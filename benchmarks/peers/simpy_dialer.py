"""A dialer in SimPy as its users would write it: a process a number, and the lines a PriorityResource.

It cannot follow the rules in two things. A process that waits for a line stays in the resource's queue when its window
closes; if it gets a line outside its window, it gives it back and asks again when the next window opens. And requests
of one priority are served in the order in which they were made. So it makes about as many calls, but not the same.
"""

from collections.abc import Generator
from typing import Any

from engine.customers.durations import TABLE_BITS
from engine.dialing.rulebook import Rulebook
from engine.dialing.terms import Terms
from engine.luck import CALL, draw, luck_key
from engine.scenario.scenario import Scenario


def play(scenario: Scenario) -> int:
    """Play the scenario as far as SimPy can follow; the calls begun. Raises ImportError where there is no SimPy."""
    import simpy  # a peer that may be missing

    rulebook, book = Rulebook(scenario.document), scenario.phonebook
    thresholds, durations = rulebook.model.thresholds[0, 0, 0].tolist(), rulebook.model.seconds[0].tolist()
    environment = simpy.Environment(initial_time=rulebook.start)
    lines = simpy.PriorityResource(environment, capacity=int(rulebook.lines.lines[0]))
    calls = 0

    def number(key: int, terms: Terms) -> Generator[Any, Any, None]:
        nonlocal calls
        window_class = rulebook.classes[terms.window_class]
        for attempt in range(1, terms.attempts + 1):
            while True:
                opens = window_class.next_open(int(environment.now))
                if opens >= rulebook.finish:
                    return
                yield environment.timeout(opens - environment.now)
                with lines.request(priority=terms.priority) as line:
                    yield line
                    if window_class.next_open(int(environment.now)) > environment.now:
                        continue
                    calls += 1
                    bits = draw(key, attempt, CALL)
                    outcome = sum(bits >> 32 >= threshold for threshold in thresholds)
                    yield environment.timeout(durations[outcome][(bits & 0xFFFF_FFFF) >> (32 - TABLE_BITS)])
                break
            if not rulebook.model.retries[outcome]:
                return
            yield environment.timeout(terms.retry_seconds)

    terms = [rulebook.terms[rulebook.terms_of(policy)] for policy in book.distinct]
    for key, place in zip(luck_key(rulebook.seed, book.identities).tolist(), book.policies.tolist(), strict=True):
        environment.process(number(key, terms[place]))
    environment.run(until=rulebook.finish)
    return calls
