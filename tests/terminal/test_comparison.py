"""Variants side by side on a terminal."""

import io

from engine.certainty import Estimate
from engine.terminal.comparison import comparison_report
from engine.terminal.console import PlainConsole
from engine.whatif.comparison import Comparison, VariantFigures
from engine.whatif.replications import Band

SHARE = "numbers.reached_share"


def shown(estimate: Estimate) -> str:
    base = VariantFigures("base", {}, {SHARE: estimate}, {}, Band((), (), (), ()))
    text = io.StringIO()
    comparison = Comparison("campaign", "base", estimate.replications, (1, 2), (base,))
    PlainConsole(file=text, width=120).print(comparison_report(comparison, "Z", (SHARE,), SHARE))
    return text.getvalue()


def test_an_interval_is_half_its_width_or_its_ends_where_it_is_cut_off() -> None:
    assert "60.00 % \N{PLUS-MINUS SIGN}5.00" in shown(Estimate(0.6, 0.55, 0.65, 2))
    assert "60.00 % (10.00 % to 100.00 %)" in shown(Estimate(0.6, 0.1, 1.0, 2))
    assert "60.00 %  " in shown(Estimate(0.6, None, None, 1))
