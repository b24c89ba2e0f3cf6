"""The page of an audit: what was found by rule, with the first findings of each."""

from collections.abc import Iterator, Sequence

from engine.auditing.audit import Audit
from engine.auditing.planned import Plan
from engine.auditing.rule_texts import cap_text
from engine.calling.rule_sets import NamedRules
from engine.release import made_by
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.wording.audits import audit_headline, force_text, plan_headline
from engine.words import counted

SHOWN = 100
"""So many findings of each rule are shown."""


def audit_page(audit: Audit, name: str) -> str:
    """An audit of calls as one HTML file."""
    figures = (
        KeyFigure("Findings", f"{audit.found:,}", "a call is one for each rule that it breaks"),
        KeyFigure("Calls", f"{audit.calls.size:,}"),
    )
    exhibits = (_by_rule(audit), *_findings(audit))
    held = [(each.rules, each.calls) for each in audit.held]
    sections = (Section("What was found", exhibits), _sets(held, "calls"))
    footer = ("Local times are by each customer's own clock.", f"made by {made_by()}")
    return render(Page(audit_headline(audit, name), figures, sections, footer))


def plan_page(plan: Plan, name: str) -> str:
    """An audit of a scenario before any run as one HTML file."""
    figures = KeyFigure("Findings", f"{plan.found:,}"), KeyFigure("Numbers", f"{plan.numbers:,}")
    exhibits = tuple(_planned(plan))
    found = (Section("What could happen", exhibits),) if exhibits else ()
    footer = ("Local times are by each number's own clock.", f"made by {made_by()}")
    return render(Page(plan_headline(plan, name), figures, (*found, _sets(plan.held, "numbers")), footer))


def _by_rule(audit: Audit) -> Exhibit:
    calls = {each.rules.name: each.calls for each in audit.held}
    rows = [
        (each.rules.name, each.words, f"{len(each.calls):,}", f"{calls[each.rules.name]:,}", each.rules.rules.source)
        for each in audit.breaches
        if calls[each.rules.name]
    ]
    table = Table("Findings by rule", ("rule set", "rule", "findings", "calls", "source"), rows, words=(1, 4))
    return Exhibit("Findings by rule", "Each rule of each set, and the calls for which the set holds", table)


def _findings(audit: Audit) -> Iterator[Exhibit]:
    """A table for each rule that was broken."""
    shown = audit.findings(SHOWN)
    for each in audit.breaches:
        if not len(each.calls):
            continue
        own = shown.filter((shown["rules"] == each.rules.name) & (shown["rule"] == each.words))
        rows = [
            (
                str(row["phone"]),
                *(str(row[key] or "-").replace("T", " ") for key in ("local", "start")),
                row["zone"] or "-",
            )
            for row in own.iter_rows(named=True)
        ]
        title = f"{each.rules.name}, {each.words}: {counted(len(each.calls), 'finding')}"
        about = "In the order of time"
        if len(each.calls) > len(rows):
            about += f"; the first {SHOWN}. --out FILE writes all of them as CSV"
        table = Table("The calls", ("phone", "local time", "UTC", "zone"), rows, words=(1, 2, 3))
        yield Exhibit(title, about, table)


def _planned(plan: Plan) -> Iterator[Exhibit]:
    if plan.possible:
        rows = []
        for each in plan.possible:
            hours = each.hours if each.redial is None else f"{each.hours}, redial after {each.redial}"
            kind = "hours" if each.kind == "hours" else "closed dates"
            first = each.local_text.replace("T", " ")
            rows.append((each.rules.name, kind, each.time, hours, f"{each.numbers:,}", f"{each.dates:,}", first))
        columns = "rule set", "rule", "local time", "their hours", "numbers", "dates", "first"
        table = Table("Could be called", columns, rows, words=(1, 2, 3, 6))
        yield Exhibit("When numbers could be called and must not be", "By hours and time of day", table)
    if plan.excess:
        over = [(each.rules.name, cap_text(each.cap), f"{each.numbers:,}", each.why) for each in plan.excess]
        table = Table("Caps would forbid", ("rule set", "cap", "numbers", "why"), over, words=(1, 3))
        yield Exhibit("Who could get more calls than allowed", "Retries and redials held against caps", table)


def _sets(held: Sequence[tuple[NamedRules, int]], of: str) -> Section:
    rows = [
        (each.name, each.rules.title, f"{count:,}", force_text(each.rules), each.rules.source, each.rules.sure)
        for each, count in held
    ]
    columns = "rule set", "title", of, "in force", "source", "how sure it is"
    table = Table("Rule sets", columns, rows, words=(1, 3, 4, 5))
    return Section(
        "Rule sets", (Exhibit("What was held against them", f"Each set, and the {of} for which it holds", table),)
    )
