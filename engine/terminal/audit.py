"""An audit on a terminal: what was found, by rule, with the first findings of each."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.auditing.audit import Audit
from engine.auditing.planned import Plan
from engine.auditing.rule_texts import cap_text
from engine.calling.rule_sets import NamedRules
from engine.terminal.console import styled
from engine.terminal.tables import headline_lines
from engine.wording.audits import audit_headline, force_text, plan_headline, rule_lines

SHOWN = 5
"""So many findings of each rule are shown."""


def audit_report(audit: Audit, name: str) -> RenderableType:
    """The findings among calls: how many of each rule, and the first ones."""
    parts: list[RenderableType] = [*headline_lines(audit_headline(audit, name)), ""]
    rules = _table("Rules", "findings", "calls", texts=("rule", "source"))
    calls = {each.rules.name: each.calls for each in audit.held}
    for each in audit.breaches:
        if not calls[each.rules.name]:
            continue
        figures = f"{len(each.calls):,}", f"{calls[each.rules.name]:,}"
        rules.add_row(each.rules.name, *figures, each.words, each.rules.rules.source)
    parts.append(rules)
    if audit.found:
        shown = _table("Findings", texts=("rule", "phone", "local", "UTC"))
        for row in audit.findings(SHOWN).iter_rows(named=True):
            local, start = (str(row[key] or "-").replace("T", " ") for key in ("local", "start"))
            shown.add_row(row["rules"], row["rule"], row["phone"], local, start)
        parts += ["", shown]
        if audit.found > sum(min(len(each.calls), SHOWN) for each in audit.breaches):
            parts.append(
                Text(f"The first {SHOWN} of each rule; --out FILE writes all, --json prints them.", style="dim")
            )
    return Group(*parts)


def plan_report(plan: Plan, name: str) -> RenderableType:
    """What a scenario lets happen against rules."""
    parts: list[RenderableType] = [*headline_lines(plan_headline(plan, name))]
    if plan.possible:
        table = _table("Could be called", "numbers", "dates", texts=("local time", "their hours", "rule", "source"))
        for each in plan.possible:
            hours = each.hours if each.redial is None else f"{each.hours}, redial after {each.redial}"
            kind = "hours" if each.kind == "hours" else "closed dates"
            figures = f"{each.numbers:,}", f"{each.dates:,}"
            table.add_row(each.rules.name, *figures, each.time, hours, kind, each.rules.rules.source)
        parts += ["", table]
    if plan.excess:
        table = _table("Caps would forbid", "numbers", texts=("cap", "why", "source"))
        for over in plan.excess:
            words = cap_text(over.cap), over.why, over.rules.rules.source
            table.add_row(over.rules.name, f"{over.numbers:,}", *words)
        parts += ["", table]
    held = _table("Rule sets", "numbers", texts=("title", "sure"))
    for rules, numbers in plan.held:
        held.add_row(rules.name, f"{numbers:,}", rules.rules.title, rules.rules.sure)
    return Group(*parts, "", held)


def rules_report(sets: Sequence[NamedRules]) -> RenderableType:
    """Rule sets, each with its rules, its source, when it is in force and how sure it is."""
    parts: list[RenderableType] = []
    for each in sets:
        parts += (
            ["", styled(f"{each.name}  {each.rules.title}", "bold")]
            if parts
            else [styled(f"{each.name}  {each.rules.title}", "bold")]
        )
        parts += [f"  {line}" for line in rule_lines(each.rules)]
        told = [f"{each.rules.source}; in force {force_text(each.rules)}", each.rules.sure, each.rules.remark]
        if each.rules.where:
            told.insert(1, f"phones of {', '.join(each.rules.where)}")
        if each.rules.only_if:
            told.insert(1, f"only if {each.rules.only_if}")
        parts += [Text(f"  {' '.join(line.split())}", style="dim") for line in told if line]
    return Group(*parts)


def _table(title: str, *figures: str, texts: Sequence[str]) -> Table:
    """A table of figures and texts; texts are broken where it is too wide."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(title, style="bold"), no_wrap=True)
    for column in figures:
        table.add_column(column, justify="right", no_wrap=True)
    for column in texts:
        table.add_column(column, overflow="fold")
    return table
