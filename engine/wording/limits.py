"""What a campaign keeps to beside hours, in words: rule sets, closed dates and caps."""

from engine.auditing.rule_texts import cap_text, dates_text
from engine.scenario.campaign import Campaign


def limit_rows(campaign: Campaign) -> list[tuple[str, str]]:
    """The rule sets by name, the campaign's own closed dates and caps; only those that it has.

    >>> from engine.calling.caps import Cap
    >>> limit_rows(Campaign(lines=1, caps=(Cap(at_most=3, hours=24),)))
    [('caps', 'at most 3 calls in 24 hours')]
    """
    rows = (
        ("rule sets", ", ".join(each.name for each in campaign.rules)),
        ("closed dates", dates_text(campaign.closed_dates)),
        ("caps", "; ".join(map(cap_text, campaign.caps))),
    )
    return [(name, words) for name, words in rows if words]


def limits_text(campaign: Campaign) -> str:
    """The same in a line; empty if there is nothing to keep to."""
    return "; ".join(f"{name}: {words}" for name, words in limit_rows(campaign))
