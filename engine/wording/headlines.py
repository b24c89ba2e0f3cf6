"""Headlines: what an answer says first, whatever face shows it."""

from typing import NamedTuple


class Headline(NamedTuple):
    """The first sentences of a run, a comparison or a sizing."""

    name: str
    """Of the scenario."""
    about: tuple[str, ...]
    """What was played or asked, a line each."""
    answer: str
    """The one sentence; its figure is a row of a table below it."""
    more: tuple[str, ...] = ()
    """The sentences that follow the answer."""

    @property
    def text(self) -> str:
        """The answer and what follows it, as one text."""
        return " ".join((self.answer, *self.more))


def name_text(name: str) -> str:
    """What stands above an answer: the name of the scenario, or words where it has none."""
    return name or "A campaign"
