"""A terminal that shows text as it is: no markup in it, and no control characters."""

import os
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from engine.reading.names import visible
from engine.terminal.narrow import fitted

IN_ASCII = str.maketrans({"░": ":", "▒": "+", "▓": "%", "█": "#", "▏": "|", "─": "-", "●": "o", "\N{MINUS SIGN}": "-"})
IN_ASCII |= str.maketrans({"±": "~", "“": '"', "”": '"', "…": "~", "·": "."})
"""What a terminal that has no more than ASCII shows of what we draw, character by character."""


class PlainConsole(Console):
    """Rich's console, in which a plain string is never read as markup or the name of an emoji."""

    def __init__(self, **options: Any) -> None:
        # a terminal that does not know how wide it is may say 0, and Rich would show nothing in that
        known = {name: value for name, value in os.environ.items() if name != "COLUMNS" or value.strip("0")}
        super().__init__(highlight=False, markup=False, emoji=False, **{"_environ": known, **options})

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as text in which what cannot be seen is an escape."""
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is shown of something: of a table, what fits; in ASCII, where the terminal has no more."""
        options = options or self.options
        if type(renderable) is Table:
            renderable = fitted(renderable, self, options)
        segments = super().render(renderable, options)
        if not self.has_ascii_only:
            return segments
        return (segment._replace(text=segment.text.translate(IN_ASCII)) for segment in segments)

    @property
    def has_ascii_only(self) -> bool:
        """Whether the output takes ASCII alone, or is a terminal of a kind or a language that has no more."""
        language = next((value for name in ("LC_ALL", "LANG") if (value := self._environ.get(name))), "")
        plain = self.is_dumb_terminal or (self.is_terminal and language in ("C", "POSIX"))
        return plain or not self.encoding.startswith("utf")


def styled(text: str, style: str = "") -> Text:
    """A text that users gave, in a style, in which what cannot be seen is an escape."""
    return Text(visible(text), style)
