"""The page: the evidence as Markdown and as a picture."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.validation.evidence import CONFIDENCE, Fact, Figure, Fit, Section, Sizes, Verdict, figure, percent
from benchmarks.validation.queues import LONG_TALK, Curve

INTRODUCTION = """\
Where theory has an answer, the engine is asked the same question. Each table below gives the figure that a formula
proves, the figure that the compiled engine made, and the interval in which the truth lies by that measurement.

**The criterion.** With many intervals of 95 % one in twenty would miss by chance. Here all intervals of the page hold
together with a probability of at least {confidence} (Bonferroni): there are {intervals}, and each is wide enough to
miss its theory only once in {once:,} times. A distribution is compared by Pearson's chi-square, at the same level. What
theory proves to the second must agree to the second. The command exits with 1 if anything lies outside.

**The intervals.** Queues are played in independent replications, each with arrivals, luck and priorities of its own; a
ratio of sums over them has an interval of Student's t. Each replication begins with no customers, and those who come
before a warm-up has passed are left out: twenty mean calls and ten relaxation times (Odoni and Roth, 1983). It goes on
for at least {relaxations} relaxation times more, so that its sums are nearly normal, and then until nobody waits, so
that everybody who came is counted. Lists whose numbers do not hinder each other have the interval of so many
independent numbers.

**What the engine rounds.** Its clock counts whole seconds, and durations come from tables of 4,096 quantiles. For one
line whole seconds do not move the mean wait at all: what customers gain by coming at the start of the second, those who
come in the same second cost them. Where there are more lines, calls last {long_talk:,} seconds on average, and whole
seconds move shares and mean waits by less than 0.1 %, but take about a third of a second from the wait of the first
of several priorities. The table of an exponential duration ends at 9 times the mean: its mean is 0.01 % short, that of
its square 0.1 %, and waits where there is hardly a line to spare may be 0.4 % short by that. The intervals are wider.
"""

SOURCES = """\
## Sources

- A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
  exchanges", 1917.
- F. Pollaczek, "Über eine Aufgabe der Wahrscheinlichkeitstheorie", 1930; A. Y. Khinchine, "Mathematical theory of a
  stationary queue", 1932.
- A. Cobham, "Priority assignment in waiting line problems", Operations Research 2, 1954.
- J. D. C. Little, "A proof for the queuing formula: L = λW", Operations Research 9, 1961.
- R. L. Graham, "Bounds on multiprocessing timing anomalies", SIAM Journal on Applied Mathematics 17, 1969.
- A. R. Odoni and E. Roth, "An empirical investigation of the transient behavior of stationary queueing systems",
  Operations Research 31, 1983.
- W. Feller, "An Introduction to Probability Theory and Its Applications", volume 1, chapter VI.
- D. Gross, J. F. Shortle, J. M. Thompson and C. M. Harris, "Fundamentals of Queueing Theory", 4th edition, 2008.
- A. M. Law, "Simulation Modeling and Analysis", 5th edition, 2015.
"""


def page(sections: Sequence[Section], found: Verdict, command: str, picture: str, sizes: Sizes) -> str:
    """The page as Markdown; `picture` is the name of the file beside it."""
    introduction = INTRODUCTION.format(
        confidence=percent(CONFIDENCE),
        intervals=found.intervals,
        once=round(1 / found.misses),
        relaxations=sizes.relaxations,
        long_talk=LONG_TALK,
    )
    parts = ["# Validation", "", introduction, summary(found), "", f"Made by `{command}`."]
    parts += ["", f"![share of customers that wait longer than t, by theory and measured]({picture})"]
    for section in sections:
        parts += ["", f"## {section.title}", "", section.text, "", *table(section, found.misses)]
    return "\n".join([*parts, "", SOURCES])


def summary(found: Verdict) -> str:
    """The answer in two sentences."""
    if found.outside:
        which = "\n".join("- " + ", ".join(filter(None, labels)) for labels in found.outside)
        return (
            f"**{len(found.outside)} of {found.intervals + found.facts} lie outside of what theory allows:**\n\n{which}"
        )
    return (
        f"**All {found.intervals} intervals hold their theory, and all {found.facts} facts hold.** Intervals of 95 % "
        f"each would hold {found.within_95} of {found.intervals}."
    )


def table(section: Section, misses: float) -> list[str]:
    """The rows of a section as Markdown."""
    facts = any(isinstance(row, Fact) for row in section.rows)
    headers = [*section.columns, *(("holds",) if facts else ("theory", "engine", "apart", "interval", "within"))]
    rows = [headers, ["---"] * len(headers), *(cells(row, misses) for row in section.rows)]
    return ["| " + " | ".join(row) + " |" for row in rows]


def cells(row: Figure | Fit | Fact, misses: float) -> list[str]:
    """One row."""
    if isinstance(row, Fact):
        return [*row.cells, "yes" if row.holds else "**no**"]
    within = "yes" if row.chance() >= misses else "**no**"
    if isinstance(row, Fit):
        chance = f"chi-square {figure(row.statistic())}, {len(row.counts) - 1} degrees"
        return [*row.labels, "", chance, "", f"probability {row.chance():.2g}", within]
    low, high = row.measured.interval(misses)
    apart = f"{(row.measured.value / row.theory - 1) * 100:+.2f} %" if row.theory else ""
    values = [figure(row.theory), figure(row.measured.value), apart, f"{figure(low)} to {figure(high)}"]
    return [*row.labels, *values, within]


def draw(curves: Sequence[Curve], misses: float, file: Path) -> bool:
    """P(W > t) for each queue, theory as a line and measurements as dots; False if there is nothing to draw with."""
    try:
        import matplotlib as mpl  # takes a second to load, and only this needs it
        import matplotlib.pyplot as plt
    except ImportError:
        return False
    mpl.use("svg")
    plt.rcParams["svg.hashsalt"] = "validation"
    columns = min(len(curves), 4)
    rows = -(-len(curves) // columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(2.6 * columns, 2.7 * rows), sharey=True, squeeze=False, layout="constrained"
    )
    for axes, curve in zip(panels.flat, curves, strict=False):
        minutes = [seconds / 60 for seconds in curve.seconds]
        axes.plot(minutes, curve.theory, color="C1", linewidth=1)
        values = [each.value for each in curve.measured]
        halves = [each.value - each.interval(misses)[0] for each in curve.measured]
        axes.errorbar(minutes, values, halves, fmt="o", markersize=3, color="C0", linewidth=1)
        axes.set(yscale="log", ylim=(0.001, 1.1), title=curve.name, xlabel="minutes")
        axes.grid(visible=True, which="major", alpha=0.4)
    figure.suptitle("The share of customers that wait longer: Erlang C as a line, the engine as dots with intervals")
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)
    return True
