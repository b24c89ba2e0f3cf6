"""`python -m benchmarks.audit`: a log with planted breaches, of which every one is found and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.audit import RULES, ZONE, planted_log
from engine.auditing.audit import audit
from engine.auditing.logged import logged_calls
from engine.calling.rule_sets import rules_named
from engine.logs.call_log import read_call_log
from engine.logs.forms import LogForm
from engine.logs.needs import FOR_AN_AUDIT
from tests.auditing.plain import PlainCall, PlainCap, capped

CALLS = 20_000


def test_forty_planted_breaches_are_found_and_nothing_else(tmp_path: Path) -> None:
    log = planted_log(CALLS)
    log.calls.write_csv(tmp_path / "log.csv")

    calls, _ = logged_calls(read_call_log(tmp_path / "log.csv", LogForm(zone=ZONE), FOR_AN_AUDIT))
    findings = audit(calls, rules_named(RULES)).findings()

    assert len(log.planted) == 40
    assert set(findings.select("rules", "phone", "start").iter_rows()) == log.planted
    assert len(findings) == 40


def test_a_plain_judge_finds_the_planted_breaches_and_nothing_else() -> None:
    log = planted_log(CALLS)
    calls = [
        PlainCall(phone, int(datetime.fromisoformat(start).astimezone(UTC).timestamp()), (ZONE,), outcome)
        for phone, start, outcome in log.calls.select("phone", "start", "outcome").iter_rows()
    ]
    florida = {place for place, call in enumerate(calls) if not 8 <= call.clock(ZONE).hour < 20}
    florida |= set(capped(calls, PlainCap(3, hours=24)))
    debts = set(capped(calls, PlainCap(7, days=7)) + capped(calls, PlainCap(1, days=7, outcomes=("answered",))))

    starts = log.calls["start"].to_list()
    found = {("us-fl", calls[place].phone, starts[place]) for place in florida}
    found |= {("us-reg-f", calls[place].phone, starts[place]) for place in debts}

    assert found == log.planted
