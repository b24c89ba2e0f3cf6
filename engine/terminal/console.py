"""A terminal that shows text as it is: no markup in it, and no control characters."""

from typing import Any

from rich.console import Console
from rich.text import Text

from engine.reading.names import visible


class PlainConsole(Console):
    """Rich's console, in which a plain string is never read as markup or the name of an emoji."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as text in which what cannot be seen is an escape."""
        return super().render_str(visible(text), **options)


def styled(text: str, style: str = "") -> Text:
    """A text that users gave, in a style, in which what cannot be seen is an escape."""
    return Text(visible(text), style)
