"""A page as a program reads it."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import resources
from typing import Any

from engine.report.page import PLOTLY

VOID = {"meta", "link", "br", "img", "wbr"}


@dataclass(eq=False)
class Element:
    """An element with its attributes, the elements in it at any depth, and the texts in it."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element"] = field(default_factory=list, repr=False)
    texts: list[str] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(self.texts).strip()

    def find(self, tag: str) -> list["Element"]:
        """Elements in it, at any depth."""
        return [each for each in self.inside if each.tag == tag]


class Parsed(HTMLParser):
    """The elements of a page; an AssertionError if they are not well nested."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page", {})
        self._open = [self.root]
        self.feed(page)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take it in."""
        element = Element(tag, {name: value or "" for name, value in attrs})
        for each in self._open:
            each.inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Take it in."""
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Take it in."""
        for each in self._open:
            each.texts.append(data)


def parsed(page: str) -> Element:
    """The page, with nothing in the script that is plotly.js: it has a million characters."""
    script = resources.files("engine.report").joinpath(PLOTLY).read_text(encoding="utf-8")
    assert page.count(script) == 1
    return Parsed(page.replace(script, "")).root


def charts_of(page: Element) -> list[dict[str, Any]]:
    """What the page's script is handed to draw."""
    pictures = next(each for each in page.find("script") if each.attributes.get("id") == "pictures")
    charts: list[dict[str, Any]] = json.loads(pictures.text)["charts"]
    return charts
