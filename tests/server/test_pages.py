"""The pages keep to their content security policy."""

from html.parser import HTMLParser

import httpx
import pytest


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.all.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["/", "/schema"])
def test_a_page_needs_nothing_from_elsewhere_and_keeps_to_its_policy(server: httpx.Client, path: str) -> None:
    answer = server.get(path)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    tags = Tags(answer.text).all
    for tag, attributes in tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for link in (attributes.get("src"), attributes.get("href")):
            assert link is None or link.startswith(("/", "#", "data:,"))
            if link and link.startswith("/") and "#" not in link:
                assert server.get(link).status_code == 200
    assert all("src" in attributes for tag, attributes in tags if tag == "script")


@pytest.mark.parametrize(
    "path", ["/dashboard/nope.js", "/dashboard/../app.py", "/dashboard/%2e%2e%2fapp.py", "/dashboard"]
)
def test_no_other_file_is_served(server: httpx.Client, path: str) -> None:
    base = httpx.URL(server.base_url)

    assert server.get(base.copy_with(raw_path=path.encode())).status_code == 404


def test_the_reference_shows_every_operation_and_every_type(server: httpx.Client) -> None:
    document = server.get("/schema/openapi.json").json()

    page = server.get("/schema").text

    ids = {attributes.get("id") for _, attributes in Tags(page).all}
    operations = {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}
    assert operations | {f"type-{name}" for name in document["components"]["schemas"]} <= ids
