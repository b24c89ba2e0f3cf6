"""What the documentation shows is what happens."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.renew import NOTEBOOKS, PAGES, ROOT, SessionError, is_session, play, run_notebook
from engine import Scenario, simulate
from engine.cli import app
from engine.reading.typed import json_schema
from engine.scenario.document import ScenarioDocument
from engine.scenario.short_forms import with_short_forms
from engine.wording.runs import run_headline

NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
ELSEWHERE = {"docs/background/benchmarks.md"}
"""tests/benchmarks/test_page.py plays it."""
SESSIONS = [name for name in NAMES if is_session(ROOT / name) and name not in ELSEWHERE]
INDEXES = ("README.md", "docs/README.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_blocks(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", SESSIONS)
def test_every_command_of_a_page_works_and_prints_what_the_page_shows(name: str, page_folder: Path) -> None:
    """Where this fails because something prints better words, `python -m docs.renew` puts them into the pages."""
    today = play(ROOT / name, page_folder)

    assert today.split() == read(name).split()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")  # of the kernel's libraries
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_runs_and_shows_cards(notebook: Path, page_folder: Path) -> None:
    cells = [cell for cell in run_notebook(notebook, page_folder).cells if cell.cell_type == "code"]

    shown = {cell.source.split()[-1]: output.data for cell in cells for output in cell.outputs if "data" in output}
    for name in ("scenario", "result", "comparison", "sizing", "policy", "dialer.result()", "fitted"):
        assert shown[name]["text/html"].startswith("<div"), name
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


def test_a_page_with_a_command_that_fails_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ dialer run missing.yaml\n```\n")
    (tmp_path / "checkout").mkdir()

    with pytest.raises(SessionError, match=r"dialer run missing.yaml\nmissing.yaml: found no readable file"):
        play(page, tmp_path / "checkout")


def test_a_page_is_renewed_where_it_shows_what_a_command_prints(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n```console\n$ echo new\nold\n```\nb\n```console\n$ echo new\n```\n```python\nprint(1)\n```\n")
    (tmp_path / "checkout").mkdir()

    assert play(page, tmp_path / "checkout") == page.read_text().replace("old", "new")


def test_the_readme_has_commands_to_try() -> None:
    assert read("README.md").count("\n$ dialer ") >= 5


def test_every_command_stands_in_the_reference_with_what_it_says_of_itself() -> None:
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]

    shown = re.findall(r"^\$ dialer (\w+) --help$", read("docs/reference/commands.md"), re.MULTILINE)

    assert shown == commands


def links(name: str) -> Iterator[tuple[Path, str]]:
    """The files of this project that a page links to, and the headings in them."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(read(name))):
        if not target.startswith("https://"):
            file, _, heading = target.partition("#")
            yield (ROOT / name).parent / file if file else ROOT / name, heading


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links: as on GitHub."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_no_link_is_dead(name: str) -> None:
    for file, heading in links(name):
        assert file.exists(), file
        assert not heading or heading in anchors(file), (file, heading)


def test_every_page_is_linked_from_an_index() -> None:
    linked = {file.resolve() for index in INDEXES for file, _ in links(index)}

    assert {ROOT / name for name in NAMES if name not in INDEXES} <= linked


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    named = re.findall(r"`((?:engine|tests|benchmarks|scenarios|docs)/[\w/.]+)`", read(name))

    assert [file for file in named if not (ROOT / file).exists()] == []


def test_the_picture_in_the_readme_shows_the_run_of_today() -> None:
    result = simulate(Scenario.load(ROOT / "scenarios/spring_promo.yaml"))
    texts = re.findall("<text[^>]*>([^<]*)</text>", read("docs/spring_promo.svg"))

    assert run_headline(result).text in " ".join(html.unescape(" ".join(texts)).split())
    assert result.figures.digest in " ".join(texts)


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("report", "scenarios/spring_promo.yaml"),
        ("comparison_report", "scenarios/spring_promo.yaml"),
        ("sizing_report", "docs/tutorial/renewals.yaml"),
    ],
)
def test_the_picture_of_a_report_shows_the_run_of_today(name: str, scenario: str) -> None:
    digest = simulate(Scenario.load(ROOT / scenario)).figures.digest
    picture = (ROOT / f"docs/{name}.png").read_bytes()

    assert f"digest\0{digest}".encode() in picture
    assert len(picture) < 400_000


@pytest.mark.parametrize("name", ["spring_promo.svg", "comparison.svg"])
def test_pictures_need_nothing_from_the_network(name: str) -> None:
    assert set(re.findall(r"https?://[^\s\"')]+", read(f"docs/{name}"))) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


def test_the_json_schema_beside_the_scenarios_is_the_one_that_is_exported() -> None:
    stored = json.loads(read("scenarios/scenario.schema.json"))

    assert stored == json.loads(json.dumps(with_short_forms(json_schema(ScenarioDocument))))


def field_names(schema: Any) -> set[str]:
    """Every field that a JSON schema knows."""
    if isinstance(schema, dict):
        inner = set().union(*map(field_names, schema.values()))
        properties = schema.get("properties", {})
        return inner | (properties.keys() if isinstance(properties, dict) else set())
    return set().union(*map(field_names, schema)) if isinstance(schema, list) else set()


def test_the_reference_names_every_field_of_a_scenario() -> None:
    shown = re.findall(r"`([^`\n]+)`", without_blocks(read("docs/reference/scenario.md")))
    words = {word for code in shown for word in re.findall(r"\w+", code)}

    assert field_names(json.loads(json.dumps(json_schema(ScenarioDocument)))) - words == set()
