"""Short forms: hours and days that a scenario file says as people do, put in full before they are read."""

from typing import Any

from engine.calling.spoken import DAYS_FORM, HOURS_FORM, TIME_FORM, spoken_clock, spoken_days, spoken_time
from engine.reading.faults import Fault
from engine.reading.typed import read
from engine.scenario.document import ScenarioDocument

SHORT = {
    "allowedTime": f"{HOURS_FORM}, for every day; or a mapping of days, such as mon-fri, to such hours",
    "allowedDays": DAYS_FORM,
    "days": DAYS_FORM,
}
"""Fields that have a short form, and what that is."""


def read_with_short_forms(value: Any) -> tuple[ScenarioDocument | None, list[Fault]]:
    """A scenario read from the plain values of its file, short forms included; or None and all faults."""
    return read(in_full(value), ScenarioDocument)


def in_full(document: Any) -> Any:
    """The plain values of a scenario with all short forms in full; what is none stays for the reader to refuse.

    Short forms stand in the campaign, its shifts, segments, made-up lists and redials; bodies of `addPhones` have none.
    """
    if not isinstance(document, dict):
        return document
    full = dict(document)
    if "campaign" in full:
        full["campaign"] = _campaign(full["campaign"])
    if isinstance(full.get("numbers"), list):
        full["numbers"] = [_part(part) for part in full["numbers"]]
    if isinstance(full.get("segments"), list):
        full["segments"] = [_policy(segment) for segment in full["segments"]]
    if isinstance(full.get("outcomes"), dict):
        full["outcomes"] = {name: _outcome(outcome) for name, outcome in full["outcomes"].items()}
    return full


def with_short_forms(schema: Any) -> Any:
    """A JSON Schema of scenarios that also allows the short forms."""
    if isinstance(schema, list):
        return [with_short_forms(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    full = {key: with_short_forms(value) for key, value in schema.items()}
    properties = full.get("properties")
    if isinstance(properties, dict):
        for name, form in SHORT.items():
            if name in properties and (name != "days" or "lines" in properties):  # those of a shift, not of a cap
                short: list[dict[str, Any]] = [{"type": "string", "description": form}]
                if name == "allowedTime":
                    short.append({"type": "object", "additionalProperties": {"type": ["string", "array"]}})
                properties[name] = {"anyOf": [properties[name], *short]}
        for name in ("from", "to") if "lines" in properties else ():
            if name in properties:
                short = [{"type": ["string", "integer"], "description": TIME_FORM}]
                properties[name] = {"anyOf": [properties[name], *short]}
    return full


def _campaign(campaign: Any) -> Any:
    campaign = _policy(campaign)
    if isinstance(campaign, dict) and isinstance(campaign.get("shifts"), list):
        return {**campaign, "shifts": [_shift(shift) for shift in campaign["shifts"]]}
    return campaign


def _shift(shift: Any) -> Any:
    if not isinstance(shift, dict):
        return shift
    full = {**shift, "days": _days(shift["days"])} if "days" in shift else dict(shift)
    times = {name: spoken_clock(full[name]) or full[name] for name in ("from", "to") if name in full}
    if times.get("to") == "24:00":
        times["to"] = "00:00"
        if times.get("from") == "00:00":  # in full, the whole day is neither of the two
            times = dict.fromkeys(times)
    return full | times


def _part(part: Any) -> Any:
    return {**part, "generate": _policy(part["generate"])} if isinstance(part, dict) and "generate" in part else part


def _outcome(outcome: Any) -> Any:
    if isinstance(outcome, dict) and isinstance(outcome.get("redials"), list):
        return {**outcome, "redials": [_policy(redial) for redial in outcome["redials"]]}
    return outcome


def _policy(policy: Any) -> Any:
    if not isinstance(policy, dict):
        return policy
    full = dict(policy)
    for name, spoken in (("allowedTime", spoken_time), ("allowedDays", _days)):
        value = full.get(name)
        if isinstance(value, list):  # of a made-up list, each with its weight
            full[name] = [
                {**each, "value": spoken(each["value"])} if isinstance(each, dict) and "value" in each else each
                for each in value
            ]
        elif name in full:
            full[name] = spoken(value)
    return full


def _days(value: Any) -> Any:
    return (spoken_days(value) or value) if isinstance(value, str) else value
