"""A server in a process of its own, with tight limits: `python -m tests.server.alone` prints its address."""

import sys

from engine.scenario.scenario import Scenario
from engine.server.bodies import MIB, Limits
from engine.server.default_campaign import default_campaign
from engine.server.opening import open_new
from engine.server.serving import serve
from engine.server.tokens import DOCUMENTED
from tests.server.running import START

LIMITS = Limits(most_body=11 * MIB, most_in_flight=96 * MIB, body_seconds=0.5, head_seconds=0.5)

if __name__ == "__main__":
    clerk = open_new([Scenario.from_document(default_campaign(START))], [DOCUMENTED], paused=True).clerk
    try:
        serve(clerk, LIMITS, "127.0.0.1", 0, ready=lambda url: print(url, flush=True))
    finally:
        clerk.close()
    sys.exit()
