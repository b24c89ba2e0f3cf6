"""Writes docs/reference/figures.md: every figure of a summary with its title, kind and unit."""

from pathlib import Path

from engine.dialing.record import ENDINGS
from engine.results.figures import FIGURES, Figure
from engine.results.reasons import REASONS
from engine.wording.reasons import ending_text

FILE = Path(__file__).parent / "reference/figures.md"

INTRODUCTION = """# Figures

The figures of a run: in `summary.json`, in `result.summary`, and for `--figure` and `--sort` of `dialer compare`. The
terminal and the page call them by the same titles. `python docs/figures_page.py` writes this page.

A name in braces stands for any of a family: `calls.outcome.busy` counts the calls that came to `busy`. In tables
instants are Unix seconds; in `summary.json` they are ISO 8601 in UTC.

| figure | title | kind | unit |
| --- | --- | --- | --- |
"""

KINDS = """
| kind | what its values are |
| --- | --- |
| counted | whole things; a run that leaves the figure out counted none of it |
| measured | an amount |
| share | from 0 to 1; the unit says of what; a difference is one of percentage points |
| instant | left out where it never came |
| span | a length of time |
| yes-or-no | 1 or 0; over replications, the share of them that say yes |
"""

REASON_TITLES = """
## Reasons

Why numbers were not reached. Of several reasons that hold for a number, the first of this table counts. The cause says
what keeps the number from being reached: when calls are allowed (`windows`), that no line is free or the pace is
used up (`lines`), how often it may be called (`attempts`), or the dates (`time`).

| reason | in words | cause |
| --- | --- | --- |
"""

ENDING_TITLES = """
## Endings

How numbers end. Those that have not ended when the simulation does are pending.

| ending | in words |
| --- | --- |
"""


def page() -> str:
    """The page, as it should be."""
    figures = "".join(map(_row, FIGURES))
    reasons = "".join(f"| `{reason.name}` | {reason.words} | {reason.cause} |\n" for reason in REASONS)
    endings = "".join(f"| `{ending}` | {ending_text(ending)} |\n" for ending in ENDINGS)
    return INTRODUCTION + figures + KINDS + REASON_TITLES + reasons + ENDING_TITLES + endings


def _row(figure: Figure) -> str:
    unit = f"of {figure.unit}" if figure.kind == "share" else figure.unit
    return f"| `{figure.pattern}` | {figure.title} | {figure.kind} | {unit} |\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
