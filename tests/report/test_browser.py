"""Pages in a real browser: everything is drawn, nothing is asked for, nothing is cut."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.report.comparison import comparison_page
from engine.report.run import run_page
from engine.report.sizing import sizing_page
from tests.report.samples import (
    HOSTILE,
    band,
    comparison,
    hostile,
    many_variants,
    played,
    result_of,
    result_of_few,
    sizing,
    three_variants,
    variant,
)

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")

MARKS = "path.js-line, path.js-fill, .point path, path.point, .heatmaplayer image, .heatmaplayer path"
"""What plotly draws of data: lines, areas, bars, dots, cells."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    texts = {
        "run": run_page(result_of_few(), band()),
        "comparison": comparison_page(three_variants()),
        "many variants": comparison_page(many_variants()),
        "sizing": sizing_page(sizing()),
        "sizing by date": sizing_page(sizing("finish", 1_772_409_603, start=1_772_409_600)),
        "hostile run": run_page(played(hostile()), band()),
        "hostile comparison": comparison_page(
            comparison(variant(HOSTILE, 0.2, beyond_doubt=True, changes={HOSTILE: HOSTILE}), name=HOSTILE)
        ),
        **{case: run_page(result_of(case)) for case in ("no calls", "an empty list", "one second", "many outcomes")},
    }
    files = {name: folder / f"{name}.html" for name in texts}
    for name, text in texts.items():
        files[name].write_bytes(text.encode())
    return files


class Visit:
    """A page that is open, with all that it said and asked for."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, **how: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **how)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        *((name, 1280, "light") for name in ("run", "comparison", "sizing", "many variants")),
        *((name, 390, "light") for name in ("run", "comparison", "sizing")),
        *((name, 1280, "dark") for name in ("run", "comparison", "sizing")),
        *((name, 390, "dark") for name in ("sizing by date", "hostile run", "hostile comparison", "many variants")),
    ],
)
def test_every_chart_is_drawn_without_a_word_or_a_request(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    phone = {"is_mobile": True, "has_touch": True} if width < 500 else {}
    with Visit(browser, pages[name], width, color_scheme=scheme, **phone) as visit:
        charts = visit.page.locator(".chart").all()
        assert charts
        for chart in charts:
            assert chart.locator("svg.main-svg").count()
            assert chart.locator(MARKS).count()
        widths = visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths == [width, width]
        assert visit.said == []
        assert visit.asked == [pages[name].as_uri()]


CUT = """() => {
    const whole = (inner, outer, slack) => inner.left >= outer.left - slack && inner.right <= outer.right + slack;
    const cut = [];
    for (const chart of document.querySelectorAll(".chart"))
        for (const text of chart.querySelectorAll("text"))
            if (text.getClientRects().length && !whole(text.getBoundingClientRect(), chart.getBoundingClientRect(), 2))
                cut.push(text.textContent);
    for (const cell of document.querySelectorAll("dd, dt, td, th"))
        if (cell.scrollWidth > cell.clientWidth + 1) cut.push(cell.textContent);
    return cut;
}"""
"""The words and figures of which a part lies outside its chart or its cell."""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["run", "comparison", "sizing", "sizing by date", "many variants"])
def test_no_figure_is_cut(browser: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    with Visit(browser, pages[name], width) as visit:
        visit.page.evaluate(OPEN)
        assert visit.page.evaluate(CUT) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") == width


OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["run", "comparison", "sizing", "many variants"])
def test_a_reader_sees_where_a_table_goes_on(browser: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    with Visit(browser, pages[name], width) as visit:
        visit.page.evaluate(OPEN)
        boxes = visit.page.locator(".scroll").all()
        assert boxes
        for box in boxes:
            inside = box.evaluate(
                "box => [box.scrollHeight > box.clientHeight + 1, box.scrollWidth > box.clientWidth + 1]"
            )
            ways = [way for way, more in zip(("down", "sideways"), inside, strict=True) if more]
            hint = box.locator("xpath=preceding-sibling::*[1]")
            expect(hint).to_be_visible(visible=bool(ways))
            expect(hint.locator(".ways")).to_have_text(" and ".join(ways))
            expect(box).to_have_class(
                " ".join(("scroll", *(("more-right",) * ("sideways" in ways)), *(("more-below",) * ("down" in ways))))
            )


def test_the_first_column_stays_and_the_edge_clears_where_a_table_is_scrolled_to_its_end(
    browser: Browser, pages: dict[str, Path]
) -> None:
    with Visit(browser, pages["many variants"], 390) as visit:
        visit.page.evaluate(OPEN)
        box = visit.page.locator("details.exhibit .scroll").first
        heads = [box.locator(place) for place in ("thead th:first-child", "tbody th >> nth=0")]
        before = [head.evaluate("head => head.getBoundingClientRect().left") for head in heads]
        expect(box).to_have_class("scroll more-right")
        box.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
        expect(box).to_have_class("scroll")
        assert [head.evaluate("head => head.getBoundingClientRect().left") for head in heads] == before


def test_no_table_of_a_comparison_scrolls_both_ways_but_that_of_the_curve(
    browser: Browser, pages: dict[str, Path]
) -> None:
    with Visit(browser, pages["many variants"], 390) as visit:
        visit.page.evaluate(OPEN)
        both = visit.page.locator(".ways", has_text="down and sideways")
        expect(both).to_have_count(1)


@pytest.mark.parametrize("name", ["no calls", "an empty list", "one second", "many outcomes"])
def test_a_page_of_little_is_drawn_as_well(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with Visit(browser, pages[name], 390) as visit:
        assert all(chart.locator("svg.main-svg").count() for chart in visit.page.locator(".chart").all())
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 390
        assert visit.said == []


def test_charts_change_their_colours_with_the_page(browser: Browser, pages: dict[str, Path]) -> None:
    with Visit(browser, pages["run"], color_scheme="light") as visit:
        picture = visit.page.locator(".chart .main-svg").first
        expect(picture).to_have_css("background-color", "rgb(255, 255, 255)")
        visit.page.emulate_media(color_scheme="dark")
        ground = visit.page.evaluate("getComputedStyle(document.querySelector('figure')).backgroundColor")
        assert ground != "rgb(255, 255, 255)"
        expect(picture).to_have_css("background-color", ground)
        assert visit.said == []


def test_charts_follow_the_width_of_the_window(browser: Browser, pages: dict[str, Path]) -> None:
    with Visit(browser, pages["comparison"]) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 900})
        expect(visit.page.locator(".main-svg").first).to_have_attribute("width", re.compile(r"3\d\d"))
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_printed_page_is_light_and_nothing_on_it_is_cut(browser: Browser, pages: dict[str, Path]) -> None:
    seen = """addEventListener("beforeprint", () => { window.seen = {
        widths: [...document.querySelectorAll(".chart .main-svg")].map((each) => Number(each.getAttribute("width"))),
        ground: document.querySelector(".chart .main-svg").style.background,
        closed: document.querySelectorAll("details:not([open]):not(:has(.long))").length,
    }; })"""
    with Visit(browser, pages["run"], color_scheme="dark") as visit:
        visit.page.evaluate(seen)
        assert visit.page.pdf(format="A4").startswith(b"%PDF")
        printed = visit.page.evaluate("window.seen")
        assert max(printed["widths"]) <= 718  # an A4 sheet within margins of a centimetre
        assert printed["ground"] == "rgb(255, 255, 255)"
        assert printed["closed"] == 0
        expect(visit.page.locator("details[open]")).to_have_count(0)
        assert visit.said == []


def test_a_page_is_read_aloud_in_order(browser: Browser, pages: dict[str, Path]) -> None:
    with Visit(browser, pages["run"]) as visit:
        tree = visit.page.locator("body").aria_snapshot()
        assert tree.index("banner") < tree.index("navigation") < tree.index("main") < tree.index("contentinfo")
        assert len(re.findall("- '?img ", tree)) == visit.page.locator(".chart").count()
        assert visit.page.get_by_role("figure").count() == visit.page.locator("figure").count()


def test_the_page_says_so_where_scripts_do_not_run(browser: Browser, pages: dict[str, Path]) -> None:
    with Visit(browser, pages["run"], java_script_enabled=False) as visit:
        assert "The tables hold the same figures." in visit.page.locator("noscript").inner_text()
        visit.page.locator("summary").first.click()
        assert visit.page.locator("details table").first.is_visible()
