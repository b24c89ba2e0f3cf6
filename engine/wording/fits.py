"""A fitted call log in words: its headline."""

from collections.abc import Iterable, Iterator

from engine.customers.outcomes import ANSWERED
from engine.fitting.fit import Estimate, Fit
from engine.fitting.scenario_text import interval_text
from engine.reading.notes import Note
from engine.wording.headlines import Headline
from engine.words import percent


def fit_headline(fitted: Fit, name: str, notes: Iterable[Note] = ()) -> Headline:
    """The headline of a fit; `name` is the name of the log's file, `notes` are more than those of the fit."""
    about = (f"calls {fitted.calls:,}, answered {fitted.answered:,}",)
    return Headline(name, about, _answer(fitted), tuple(_never_answering(fitted)), (*fitted.notes, *map(str, notes)))


def _answer(fitted: Fit) -> str:
    answered = next((outcome for outcome in fitted.outcomes if outcome.name == ANSWERED), None)
    if answered is None:
        return "No call of the log was answered."
    if answered.calls == fitted.calls:
        median = answered.talk_times.median
        return f"Every call of the log was answered; half of them lasted {median:.0f} s or less."
    share = interval_text(answered.of_log, 100, " %")
    return f"Of the calls of the log {share} were answered, for {answered.talk_times.mean:.0f} s on average."


def _never_answering(fitted: Fit) -> Iterator[str]:
    found = fitted.never_answering
    if found is None:
        return
    if found.is_beyond_doubt:
        share = interval_text(Estimate(found.share, found.low, found.high), 100, " %")
        answered = next(outcome for outcome in fitted.outcomes if outcome.name == ANSWERED)
        first = (
            f"a first call to one of the others is answered with a chance of {interval_text(answered.share, 100, ' %')}"
        )
        yield f"Of the numbers {share} never answer; {first}."
    else:
        yield f"It is not beyond doubt that some numbers never answer: 0 to {percent(found.high)} of them do not."
