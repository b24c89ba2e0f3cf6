"""Headlines: the first sentences of an answer, wherever it is shown."""

from typing import NamedTuple

from engine.words import zone_text


class Headline(NamedTuple):
    """The first sentences of a run, a comparison or a sizing."""

    name: str
    """The name of the scenario."""
    about: tuple[str, ...]
    """Lines that say what was played or asked."""
    answer: str
    """The main sentence; its figure is in a table below it."""
    more: tuple[str, ...] = ()
    """The sentences that follow the answer."""
    notes: tuple[str, ...] = ()
    """What to know of the input before the answer is believed."""

    @property
    def context(self) -> str:
        """The name of the scenario and what was played or asked, as one line."""
        return ", ".join((self.name, *self.about))

    @property
    def text(self) -> str:
        """The answer and what follows it, as one text."""
        return " ".join((self.answer, *self.more))


def name_text(name: str) -> str:
    """The title of an answer: the name of the scenario, or words if it has none."""
    return name or "A campaign"


def clock_text(zone_name: str) -> str:
    """A line that says on whose clock the times of an answer are."""
    return f"times are those of {zone_text(zone_name)}"
