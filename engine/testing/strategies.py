"""Hypothesis strategies for what a dialer is given: plain values, as a scenario file or a body of addPhones has them.

Small strategies make up the larger ones, so that a failing scenario shrinks to one number, one outcome and the
fields that matter. What is drawn can be pasted into a test, and as JSON into a file. Hours and dates are drawn as
minutes from a simulation's start, so that windows open and close and dates come while it runs: `start` is an aware
datetime, which `beginnings` draws, and one Monday if it is left out.
"""

from engine.testing.bodies import (
    KINDS,
    PAYLOADS,
    PHONES,
    Planted,
    additions,
    bodies,
    faulty_bodies,
    numbers,
    parts,
    phones,
)
from engine.testing.campaigns import (
    campaign_options,
    campaigns,
    caps,
    closed_dates,
    closings,
    paces,
    rule_sets,
    rules,
    shifts,
)
from engine.testing.clocks import (
    ZONES,
    Fields,
    allowed_days,
    allowed_times,
    beginnings,
    clock_times,
    hours,
    instants,
    instants_near_changes,
    text_of,
    zones,
)
from engine.testing.customers import answerings, outcomes, segments, shares
from engine.testing.policies import policies, redials
from engine.testing.scenarios import Command, commands, crowds, live_commands, scenarios

__all__ = [
    "KINDS",
    "PAYLOADS",
    "PHONES",
    "ZONES",
    "Command",
    "Fields",
    "Planted",
    "additions",
    "allowed_days",
    "allowed_times",
    "answerings",
    "beginnings",
    "bodies",
    "campaign_options",
    "campaigns",
    "caps",
    "clock_times",
    "closed_dates",
    "closings",
    "commands",
    "crowds",
    "faulty_bodies",
    "hours",
    "instants",
    "instants_near_changes",
    "live_commands",
    "numbers",
    "outcomes",
    "paces",
    "parts",
    "phones",
    "policies",
    "redials",
    "rule_sets",
    "rules",
    "scenarios",
    "segments",
    "shares",
    "shifts",
    "text_of",
    "zones",
]
