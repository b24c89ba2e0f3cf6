"""What a terminal shows, as one line of words."""

import io

from rich.console import Console, RenderableType


def shown(report: RenderableType, width: int = 100) -> str:
    """The words of a report in their order, with one blank between them."""
    console = Console(width=width, highlight=False, file=io.StringIO(), record=True)
    console.print(report)
    return " ".join(console.export_text().split())
