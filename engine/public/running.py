"""Running a scenario from Python: a result with typed figures, which shows itself."""

import difflib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from engine.calling.instants import in_zone
from engine.card import Curve, card, curve
from engine.dialing.simulation import Checkpoints, EngineName
from engine.explaining.lives import Lives, lives_of
from engine.progress import Progress, unseen
from engine.results import result as results
from engine.results.figures import MAIN_FIGURES, figure_named, is_of_every_run
from engine.results.summary import figures_by_name
from engine.scenario.scenario import Scenario
from engine.wording.explanations import life_about, lives_document, lives_headline, told
from engine.wording.figures import figure_text, figure_title
from engine.wording.runs import run_document, run_headline
from engine.words import moment_text, percent

Figure = int | float | bool | datetime | None
"""The value of a figure: a count, a share or seconds, yes or no, an instant in UTC; None if not measured."""


def simulate(
    scenario: Scenario | str | PathLike[str],
    engine: EngineName = "auto",
    *,
    seed: int | None = None,
    calls: bool = False,
    waiting: bool = False,
    progress: Progress = unseen,
    checkpoints: Checkpoints | None = None,
    resume: Path | None = None,
) -> "Result":
    """Play a scenario, or a scenario file, from start to finish.

    `engine` is `reference`, `compiled`, or `auto` for the faster one at this size: the answer is the same. `seed` plays
    with the luck of another seed. With `calls`, each call is kept for `result.calls`; with `waiting`, what numbers wait
    for is counted for `result.waiting`. `progress` is called at the end of each simulated day. With `checkpoints` the
    compiled engine saves the run repeatedly. With `resume`, a file that was saved so, it goes on from there, to the
    same digest. Raises ScenarioError with every fault of the file, and InputError if `resume` is not a checkpoint of
    this scenario.

    >>> simulate("scenarios/api_example.yaml")["calls.total"]
    1
    """
    loaded = scenario_of(scenario, seed)
    played = results.simulate(
        loaded,
        engine,
        calls=calls,
        waiting=waiting,
        progress=progress,
        checkpoints=checkpoints,
        resume=resume,
    )
    return Result(loaded, played.rulebook, played.record)


def scenario_of(scenario: Scenario | str | PathLike[str], seed: int | None = None) -> Scenario:
    """The scenario, read if it is a file, with another seed if one is given; ScenarioError with every fault."""
    changes = {} if seed is None else {"seed": seed}
    if isinstance(scenario, Scenario):
        return scenario.changed_by(changes) if changes else scenario
    return Scenario.load(Path(scenario), changes)


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """What to say of a name that there is not, with those that are like it."""
    near = difflib.get_close_matches(str(name), [*known], 3, 0.4)
    return f"there is no {what} {name}" + (f"; {' or '.join(near)}, perhaps" if near else "")


class Explanation(Lives, frozen=True):
    """The lives of the numbers with one phone; `print` shows the table of `dialer explain`."""

    def __repr__(self) -> str:
        words = lives_headline(self)
        return f"Explanation({self.phone!r}: {words.text})"

    def __str__(self) -> str:
        """A line for each stretch, by the number's own clock."""
        lines = [lives_headline(self).text]
        for life in self.lives:
            lines += ["", life_about(self, life)]
            lines += ["  ".join((each.since, each.span, each.words, each.detail)).rstrip() for each in told(life)]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """What `dialer explain --json` prints, as plain values."""
        return lives_document(self)


class Result(results.Result):
    """What came of a scenario: its figures by name, its tables as polars frames, and how it shows itself.

    >>> result = simulate("scenarios/spring_promo.yaml")
    >>> result["numbers.reached"], result["goal.met"], result["last_call_at"].tzinfo
    (8373, True, datetime.timezone.utc)
    """

    @cached_property
    def _values(self) -> dict[str, float | None]:
        return figures_by_name(self.figures)

    def __getitem__(self, name: str) -> Figure:
        """A figure by its dotted name: counts as int, yes or no as bool, instants as datetime in UTC, else float.

        Lengths of time are seconds, shares lie between 0 and 1; None if not measured. KeyError if this result has no
        such figure.
        """
        if name not in self._values and not is_of_every_run(name):
            raise KeyError(unknown("figure", name, self._values))
        figure = figure_named(name)
        value = self._values.get(name, 0 if figure.is_zero_where_absent else None)
        if value is None:
            return None
        match figure.kind:
            case "yes-or-no":
                return bool(value)
            case "counted":
                return int(value)
            case "instant":
                return in_zone(int(value), UTC)
            case _:
                return value

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        """The names of its figures."""
        return iter(self._values)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._values)

    def write(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        report: str | None = None,
        workbook: bytes | None = None,
        summary: dict[str, Any] | None = None,
    ) -> None:
        """Write the folder of `dialer run --out`: tables, summary, lock, page and workbook, all of them, or nothing.

        `report`, `workbook` and `summary` are written in place of the usual ones. Raises InputError if results are
        there already and `force` is not given, and OSError if something cannot be written.
        """
        if report is None and self.timeline.height:  # before anything was played there is nothing to draw
            from engine.report.run import run_page  # loads what draws the page

            report = run_page(self)
        if workbook is None and self.timeline.height:
            from engine.report.workbook import run_workbook  # loads what writes workbooks

            workbook = run_workbook(self)
        summary = run_document(self) if summary is None else summary
        super().write(folder, force=force, report=report, workbook=workbook, summary=summary)

    def explain(self, phone: str | int, progress: Progress = unseen) -> "Explanation":
        """What the numbers with this phone did and waited for, second by second: why they were not called.

        The scenario is played once more, by the reference engine. Raises InputError, which names the nearest phones, if
        the phone is not on the list.

        >>> explanation = simulate("scenarios/api_example.yaml").explain("+16500000000")
        >>> explanation.lives[0].calls[0].outcome
        'answered'
        """
        return Explanation(*msgspec.structs.astuple(lives_of(self.scenario, phone, progress)))

    def __repr__(self) -> str:
        words = run_headline(self)
        return f"Result({words.name!r}: {words.text})"

    def _repr_html_(self) -> str:
        """A card for notebooks: the answer, key figures, and the share reached over time."""
        words, zone = run_headline(self), self.document.campaign.zone_name
        more = [*words.more, words.context, *words.notes]
        return card(words.answer, more, self._key_figures(zone), self.reached_curve())

    def _key_figures(self, zone: str) -> dict[str, str]:
        known = ((name, self._values.get(name)) for name in MAIN_FIGURES if name != "goal.met")  # a sentence says it
        return {figure_title(name): figure_text(name, value, zone) for name, value in known if value is not None}

    def reached_curve(self) -> str:
        """A picture (SVG) of the share of the list that was reached over time."""
        zone = self.document.campaign.zone_name
        timeline, total = self.timeline, max(len(self.phonebook), 1)
        times = timeline["time"].dt.epoch("s").to_list()
        ends = [*times[1:], int(self.document.finish)] if times else []
        shares = (timeline["reached"].cum_sum() / total).to_list()
        title = figure_title("numbers.reached_share")
        most = max(shares, default=0.0)
        left, right = (moment_text(int(instant), zone) for instant in (self.document.start, self.document.finish))
        return curve(Curve(ends, shares, most, title, percent(most), left, right))
