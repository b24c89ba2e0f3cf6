"""Fitting to a call log from Python: a model that shows itself."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from engine.card import Interval, card, intervals
from engine.fitting.factors import FEWEST_CALLS
from engine.fitting.fit import Fit
from engine.fitting.fit import fit as fitted_to
from engine.fitting.playback import Playback, play_back
from engine.fitting.scenario_text import parts_text, scenario_text
from engine.logs.call_log import CallLog, read_call_log
from engine.logs.forms import LogForm
from engine.outputs import Output, check_outputs
from engine.progress import Progress, unseen
from engine.wording.fits import fit_headline
from engine.words import percent
from engine.writing import write_text


def fit(
    calls: str | PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    layout: str | None = None,
    zone: str | None = None,
    minimum: int = FEWEST_CALLS,
    progress: Progress = unseen,
    **written: Any,
) -> "Fitted":
    """Fit outcomes, factors and the never-answering to a call log, CSV, Excel or Parquet.

    `columns` maps fields to the log's names of them (`{"phone": "MSISDN"}`), `outcomes` maps its words to outcomes
    (`{"yes": "answered"}`), `layout` names the layout of a system that says both (`asterisk`). `zone` is the zone of
    the customers' clocks. An hour, a weekday or an attempt has a factor from `minimum` calls on. `written` are other
    fields of LogForm: how the log is written, and `skip_faulty=True` to leave faulty calls out.

    Raises InputError with every fault of the log, and if no model plays the log back; TypeError for a field that
    LogForm does not have.

    >>> columns = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    >>> fitted = fit("scenarios/call_log.csv", columns=columns, zone="America/Chicago", minimum=200)
    >>> sorted(fitted.parts)
    ['answering', 'outcomes', 'segments']
    """
    form = LogForm(columns=dict(columns or {}), outcomes=dict(outcomes or {}), layout=layout, zone=zone, **written)
    log = read_call_log(Path(calls), form)
    return Fitted(Path(calls), log, fitted_to(log, minimum, progress))


class Fitted:
    """The outcome model that was fitted to a call log, and how sure it is.

    >>> names = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    >>> fit("scenarios/call_log.csv", columns=names, zone="America/Chicago").found.calls
    3533
    """

    def __init__(self, file: Path, log: CallLog, found: Fit) -> None:
        self.file = file
        """The log's file."""
        self.name = file.name
        self.log = log
        self.found = found
        """All that was fitted, as plain structs: outcomes, factors, the never-answering, with their intervals."""

    @property
    def parts(self) -> dict[str, Any]:
        """The parts `outcomes`, `answering` and `segments` of a scenario, as plain values."""
        return self.found.parts

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the log and the fit."""
        return self.found.notes

    def check(self, seed: int = 0, progress: Progress = unseen) -> Playback:
        """Play the model back through the engine, and compare the calls with the log."""
        return play_back(self.log, self.found, seed, progress=progress)

    def write(self, file: str | PathLike[str], *, into: str | PathLike[str] | None = None, force: bool = False) -> None:
        """Write the parts as YAML, or with `into` that scenario with these parts in it; the whole file, or none.

        Raises OutputError if the file exists already and `force` is not given, or if it is that scenario or the log,
        and InputError if the scenario has faults.
        """
        out, scenario = Path(file), None if into is None else Path(into)
        check_outputs([Output("file", out)], [self.file, *([scenario] if scenario else [])], force=force)
        text = (
            parts_text(self.found, self.name)
            if scenario is None
            else scenario_text(self.found, self.name, scenario, out)
        )
        write_text(out, text)

    def __repr__(self) -> str:
        return f"Fitted({self.name!r}: {fit_headline(self.found, self.name).text})"

    def _repr_html_(self) -> str:
        """A card for notebooks: what the log says first, and the share of each outcome with its interval."""
        rows = [
            Interval(each.name, each.of_log.low, each.of_log.value, each.of_log.high, percent(each.of_log.value))
            for each in self.found.outcomes
        ]
        figures = {"calls": f"{self.found.calls:,}", "answered": f"{self.found.answered:,}"}
        title = "share of the log's calls, with 95 % intervals"
        words = fit_headline(self.found, self.name)
        return card(words.answer, [*words.more, *words.notes, f"{title}:"], figures, intervals(title, rows))
