"""Fitted scenarios: the fitted parts as YAML, alone or within another scenario."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.calling.policy import POLICY_FIELDS
from engine.fitting.factors import Factor
from engine.fitting.fit import Estimate, Fit
from engine.outputs import OutputError, inputs_among
from engine.reading.contents import STANDARD_INPUT
from engine.reading.document import Document, parse_document, read_document, yaml_text
from engine.reading.faults import Fault, InputError
from engine.reading.names import visible
from engine.scenario.short_forms import read_with_short_forms

PARTS = ("outcomes", "answering", "segments")
KEPT = ("retryIntervalInMinutes", "redials")
"""Fields of a scenario's outcomes that cannot be fitted to a log, and that stay as they are."""
_POLICY = tuple(field.name for field in POLICY_FIELDS)


def parts_text(
    fitted: Fit,
    log_name: str,
    kept: dict[str, dict[str, Any]] | None = None,
    kept_segments: Sequence[dict[str, Any]] = (),
) -> str:
    """The parts as YAML, with calls and intervals in comments.

    `kept` are fields of outcomes, and `kept_segments` segments, that stay as they are.
    """
    parts = fitted.parts
    lines = [f"# Fitted to {fitted.calls:,} calls of {visible(log_name)}; intervals are of 95 %.", "outcomes:"]
    for outcome in fitted.outcomes:
        of_log = f"{outcome.calls:,} calls, {interval_text(outcome.of_log, 100, ' %')} of the log"
        times = f"mean {outcome.talk_times.mean:.1f} s, Kolmogorov distance {outcome.talk_times.distance:.4f}"
        lines += [f"  # {of_log}; {times}"]
        value = {outcome.name: parts["outcomes"][outcome.name] | (kept or {}).get(outcome.name, {})}
        lines += [f"  {line}" for line in yaml_text(value).splitlines()]
    families = {"localHours": fitted.hours, "weekdays": fitted.weekdays, "attempts": fitted.attempts}
    lines += ["answering:" if any(families.values()) else "answering: {}"]
    for name, factors in families.items():
        if factors:
            lines += [f"  {name}:"]
            values = parts["answering"][name]
            for index, factor in enumerate(factors):
                entry = f"- {values[index]!r}" if name == "attempts" else f'"{factor.key}": {values[factor.key]!r}'
                lines += [f"    {entry}  # {_factor_text(factor)}"]
    lines += _segment_lines(fitted, parts, kept_segments)
    return "\n".join(lines) + "\n"


def interval_text(estimate: Estimate, scale: float = 1, unit: str = "", digits: int = 1) -> str:
    """An estimate with its interval: `24.1 % (23.5 to 24.7)`."""
    value, low, high = (scale * end for end in (estimate.value, estimate.low, estimate.high))
    return f"{value:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def _factor_text(factor: Factor) -> str:
    attempt = f", attempt {factor.key}" if factor.key.rstrip("+").isdecimal() else ""
    return f"{factor.low:.3g} to {factor.high:.3g}, {factor.calls:,} calls{attempt}"


def _segment_lines(fitted: Fit, parts: dict[str, Any], kept: Sequence[dict[str, Any]]) -> list[str]:
    lines = [f"  {line}" for line in yaml_text(list(kept)).splitlines()] if kept else []
    if not parts["segments"] or fitted.never_answering is None:
        return ["segments:", *lines] if lines else ["segments: []"]
    found = fitted.never_answering
    text = interval_text(Estimate(found.share, found.low, found.high), 100, " %")
    segments = [f"  {line}" for line in yaml_text(parts["segments"]).splitlines()]
    return ["segments:", *lines, f"  # numbers that never answer: {text}", *segments]


def scenario_text(fitted: Fit, log_name: str, scenario: Path, out: Path) -> str:
    """Another scenario with the fitted parts instead of its own, to be written to `out`.

    If it is YAML and `out` is in the same folder, the rest of its text stays as it is, with its comments. Paths of
    number files become relative to `out`. Fields of outcomes that a log does not have stay with outcomes of that name.
    So do segments with a call policy, without what they say of outcomes. Raises InputError with every fault, also those
    of the scenario itself, and OutputError if `out` is one of its lists.
    """
    document = read_document(scenario)
    _, faults = read_with_short_forms(document.value)
    if faults:
        raise InputError(document.located(fault) for fault in faults)
    lists = [scenario.parent / part["file"] for part in document.value["numbers"] if part.get("file") is not None]
    if inputs_among([out], lists):
        raise OutputError([Fault((), "a list of the scenario", "another file", str(out))])
    outcomes = document.value["outcomes"]
    kept = {name: {key: own[key] for key in KEPT if key in own} for name, own in outcomes.items()}
    segments = [{key: own[key] for key in own if key != "outcomes"} for own in document.value.get("segments") or ()]
    with_policy = [own for own in segments if any(own.get(name) is not None for name in _POLICY)]
    parts = parts_text(fitted, log_name, kept, with_policy)
    beside = scenario.parent.resolve() == out.parent.resolve()
    if beside and scenario.suffix != ".json" and not scenario.read_text("utf-8-sig").lstrip().startswith("{"):
        text = _rest_of(document, scenario.read_text("utf-8-sig")) + "\n" + parts
    else:
        value = {name: part for name, part in document.value.items() if name not in (*PARTS, "lock")}
        value["numbers"] = [_seen_from(part, scenario.parent, out.parent) for part in value["numbers"]]
        text = yaml_text(value) + "\n" + parts
    _, faults = read_with_short_forms(parse_document(text.encode(), str(out), json_text=False).value)
    if faults:
        raise InputError(faults)
    return text


def _rest_of(document: Document, text: str) -> str:
    """The text of a YAML file without the fitted parts and without a lock."""
    lines = text.splitlines()
    begins = {name: (document.line((name,)) or 1) - 1 for name in document.value}
    ends = sorted([*begins.values(), len(lines)])
    dropped: set[int] = set()
    for name, begin in begins.items():
        if name in (*PARTS, "lock"):
            end = next(line for line in ends if line > begin)
            while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
                end -= 1  # comments before the next part belong to it
            dropped |= set(range(begin, end))
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped).rstrip("\n") + "\n"


def _seen_from(part: dict[str, Any], folder: Path, other: Path) -> dict[str, Any]:
    file = part.get("file")
    if file is None or file == STANDARD_INPUT:
        return part
    return {**part, "file": os.path.relpath(folder.resolve() / file, other.resolve())}
