"""The dashboard in a real browser, before a real server: it shows what happens, and asks nobody else."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from engine.reading.names import visible
from engine.words import moment_text, span_text
from tests.report.samples import HOSTILE, few, hostile

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")

TOKENS = ("few.token.of.a.test", "hostile.token.of.a.test", "empty.token.of.a.test")
expect.set_options(timeout=20_000)
PHONE = {"is_mobile": True, "has_touch": True, "viewport": {"width": 390, "height": 844}}
START = "Sun 2026-03-01 19:00:00"
"""When `few` starts, in New York: its windows open at 10:00 on Monday."""


class Server:
    """A server with three campaigns, whose clock stands; the third has no numbers of its own."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        files = [folder / f"{name}.json" for name in ("few", "hostile", "empty")]
        for file, document in zip(files, (few(), hostile(), few(name="Empty", numbers=[])), strict=True):
            file.write_text(json.dumps(document), encoding="utf-8")
        given = [
            part for pair in zip(files, TOKENS, strict=True) for part in ("--scenario", pair[0], "--token", pair[1])
        ]
        command = [sys.executable, "-m", "engine", "serve", *map(str, given), "--port", str(port), "--paused"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        assert self.process.stdout
        first = self.process.stdout.readline()
        self.url = re.findall(r"http://[\w.:]+", first)[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What it answers to a request that it does not refuse."""
        answer = httpx.request(method, self.url + path, json=body, timeout=60)
        return answer.raise_for_status().json()

    def add(self, phone: int) -> str:
        """Add a number to the campaign without numbers; the id of its job."""
        (job,) = self.ask("POST", f"/api/calls/campaign/{TOKENS[2]}/addPhones", [{"phone": phone}])
        return str(job)

    def end(self) -> None:
        """End at once, as by a power cut."""
        with self.process:
            self.process.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served"))
    yield server
    server.end()


@pytest.fixture
def server(running: Server) -> Server:
    running.ask("POST", "/simulation/reset")
    return running


@contextmanager
def visited(browser: Browser, server: Server, address: str = "", **how: Any) -> Iterator[Page]:
    """The dashboard, open; at the end it must have said nothing on the console, and asked no other host.

    That the server refused something is said by Chromium itself, not by the page.
    """
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US"} | how)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/{address}")
    expect(page.locator("#main")).to_be_visible()
    yield page
    context.close()
    assert [text for text in said if "status of 400" not in text] == []
    assert {httpx.URL(url).netloc for url in asked if not url.startswith("data:")} == {httpx.URL(server.url).netloc}


def clock(page: Page) -> datetime:
    return datetime.fromisoformat(str(page.locator("#local").get_attribute("datetime")))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_play_lets_the_clock_go_and_pause_stops_it(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        expect(page.locator("#local")).to_have_text(START)
        page.get_by_label("Speed").select_option("3600")
        press(page, "Play")
        expect(page.locator("#local")).to_contain_text(re.compile("Sun 2026-03-01 2[0-3]:"))
        press(page, "Pause")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        told = server.ask("GET", "/simulation/clock")
        assert (told["paused"], told["speed"]) == (True, 3600)
        expect(page.locator("#local")).to_have_attribute("datetime", told["instant"])


def test_another_client_turns_the_clock_and_the_page_follows(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        server.ask("PUT", "/simulation/clock", {"speed": 7, "instant": "2026-03-02T15:00:00Z"})
        expect(page.locator("#local")).to_have_text("Mon 2026-03-02 10:00:00")
        expect(page.locator("#utc")).to_have_text("Mon 2026-03-02 15:00:00")
        expect(page.get_by_label("Speed")).to_have_value("7")


def test_an_advance_tells_what_happened(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        press(page, "Advance 1 day")
        expect(page.locator("#clock-told")).to_contain_text("Advanced 1 d, to Mon 2026-03-02 19:00:00.")
        campaign = server.ask("GET", "/simulation/state")["campaigns"][0]
        expect(page.locator("#clock-told")).to_contain_text(
            f"A few: {campaign['begun']:,} calls begun, {sum(campaign['outcomes'].values()):,} ended; "
            f"{campaign['reached']:,} numbers reached"
        )
        assert campaign["begun"]
        expect(page.locator("#calls")).to_have_text(f"{campaign['begun']:,}")
        expect(page.locator("#reached")).to_have_text(f"{campaign['reached']:,}")


def test_an_advance_leads_to_an_instant_in_the_zone_of_the_campaign(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        page.get_by_label("Until").fill("2026-03-02T11:30")
        page.get_by_label("Until").press("Enter")
        expect(page.locator("#clock-told")).to_contain_text("to Mon 2026-03-02 11:30:00.")
        assert server.ask("GET", "/simulation/clock")["instant"] == "2026-03-02T16:30:00Z"
        page.locator("#until").blur()
        server.ask("POST", "/simulation/advance", {"by": 3600})
        expect(page.get_by_label("Until")).to_have_value("2026-03-02T13:00")


def test_what_the_server_refuses_is_told_beside_the_button(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        page.get_by_label("Until").fill("2026-03-08T02:30")
        press(page, "Advance")
        expect(page.locator("#clock-told.error")).to_contain_text("America/New_York skip this time")
        page.get_by_label("Until").fill("")
        press(page, "Advance")
        expect(page.locator("#clock-told.error")).to_contain_text("Write the whole date and time")

        page.get_by_label("Until").fill("2026-03-01T18:00")
        press(page, "Advance")
        expect(page.locator("#clock-told.error")).to_contain_text("time does not go back")
        press(page, "Advance 1 hour")
        expect(page.locator("#clock-told:not(.error)")).to_contain_text("Advanced 1 h")


def test_a_long_advance_shows_that_it_goes_on_and_the_page_stays_live(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        held: list[Route] = []
        page.route("**/simulation/advance", lambda route: held.append(route))
        press(page, "Advance 1 day")
        expect(page.get_by_role("progressbar", name="Advancing to Mon 2026-03-02 19:00:00")).to_be_visible()
        expect(page.get_by_role("button", name="Advance 1 hour")).to_have_attribute("aria-disabled", "true")
        page.get_by_role("button", name="Advance 1 hour").press("Enter")
        server.ask("POST", "/simulation/advance", {"by": 64_800})
        expect(page.locator("#local")).to_have_text("Mon 2026-03-02 13:00:00")
        assert page.locator("#advanced").evaluate("bar => bar.value") == 0.75
        held[0].continue_(post_data='{"to": "2026-03-03T00:00:00Z"}')
        expect(page.locator("#clock-told")).to_contain_text("Advanced 6 h, to Mon 2026-03-02 19:00:00.")
        expect(page.get_by_role("progressbar")).to_have_count(0)
        expect(page.get_by_role("button", name="Advance 1 hour")).not_to_have_attribute("aria-disabled", "true")
        assert len(held) == 1


def test_a_number_that_the_api_adds_is_seen_while_it_is_called(browser: Browser, server: Server) -> None:
    with visited(browser, server, "#campaign-3") as page:
        server.ask("POST", "/simulation/advance", {"to": "2026-03-02T15:00:00Z"})
        expect(page.locator("#jobs")).to_have_text("0")
        job = server.add(16500000000)
        expect(page.locator("#jobs")).to_have_text("1")
        page.get_by_label("Phone or job id").fill("16500000000")
        press(page, "Look up")
        life = page.get_by_role("article", name="16500000000")
        expect(life).to_contain_text(job)
        expect(life).to_contain_text("Waits for its first call planned")
        server.ask("POST", "/simulation/advance", {"by": 1})
        expect(life).to_contain_text("In a call inProcess")
        expect(life.get_by_role("row", name="1 Mon 2026-03-02 10:00:00 in the call")).to_be_visible()
        last = page.get_by_role("region", name="Last calls")
        expect(last.get_by_role("row", name=f"10:00:00 in the call 16500000000 {job} 1")).to_be_visible()
        server.ask("POST", "/simulation/advance", {"by": 120})
        (report,) = server.ask("POST", f"/api/calls/campaign/{TOKENS[2]}/callAttempt/getReport", {"ids": [job]})
        outcome, length = report["callResult"], span_text(report["callDuration"])
        expect(life.get_by_role("row", name=f"1 Mon 2026-03-02 10:00:00 {outcome} {length}")).to_be_visible()
        expect(last.get_by_role("row", name=f"10:00:00 {outcome} 16500000000 {job} 1 {length}")).to_be_visible()


def test_a_job_is_looked_up_by_its_id_and_from_the_last_calls(browser: Browser, server: Server) -> None:
    server.ask("POST", "/simulation/advance", {"to": "2026-03-02T16:00:00Z"})
    with visited(browser, server) as page:
        job = page.locator("#last-calls button").first
        name = job.inner_text()
        job.click()
        expect(page.get_by_label("Phone or job id")).to_have_value(name)
        expect(page.get_by_label("Phone or job id")).to_be_focused()
        expect(page.get_by_role("article")).to_contain_text(f"job {name}")
        page.get_by_label("Phone or job id").fill("1-999999")
        page.keyboard.press("Enter")
        expect(page.locator("#job-told.error")).to_have_text("No job has this phone or id.")
        expect(page.get_by_role("article")).to_have_count(0)


def test_the_figures_are_those_of_the_state(browser: Browser, server: Server) -> None:
    server.ask("POST", "/simulation/advance", {"to": "2026-03-02T16:00:00Z"})
    campaign = server.ask("GET", "/simulation/state")["campaigns"][0]
    with visited(browser, server) as page:
        expect(page.locator("#lines-note")).to_have_text(f"of {campaign['lines']}")
        expect(page.locator("#lines-in-use")).to_have_text(str(campaign["lines_in_use"]))
        rows = page.locator("#backlog tr").all()
        shown = [[int(cell.replace(",", "")) for cell in row.locator("th, td").all_inner_texts()[:3]] for row in rows]
        assert shown == [
            [priority, *counts]
            for priority, *counts in zip(range(1, 6), campaign["waiting"], campaign["eligible"], strict=True)
        ]
        outcomes = dict(row.locator("th, td").all_inner_texts()[:2] for row in page.locator("#outcomes tr").all())
        assert outcomes == {name: f"{calls:,}" for name, calls in campaign["outcomes"].items()}
        assert len(page.locator("#last-calls tr").all()) == len(campaign["last_calls"]) == 20


def test_the_chart_draws_what_was_watched_and_marks_what_was_not(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        server.ask("POST", "/simulation/advance", {"to": "2026-03-02T15:10:00Z"})
        expect(page.locator("#lines .unwatched")).to_have_attribute("d", re.compile("L"))
        expect(page.locator("#lines-about")).to_contain_text("4 of 4 now, at most 4 since Sun 2026-03-01 19:00")
        page.get_by_label("Speed").select_option("600")
        press(page, "Play")
        expect(page.locator("#lines .in-use")).to_have_attribute("d", re.compile("H.*V"))
        press(page, "Pause")
        server.ask("POST", "/simulation/reset")
        expect(page.locator("#lines-about")).to_contain_text("0 of 4 now, at most 0 since Sun 2026-03-01 19:00")


def test_what_the_scenario_names_is_shown_as_text(browser: Browser, server: Server) -> None:
    shown = visible(HOSTILE)
    server.ask("POST", "/simulation/advance", {"to": "2026-03-02T17:00:00Z"})
    with visited(browser, server, "#campaign-2") as page:
        expect(page.locator("#campaign-name")).to_have_text(shown)
        expect(page.locator("#outcomes")).to_contain_text(shown)
        press(page, "Advance 1 hour")
        expect(page.locator("#clock-told")).to_contain_text(shown)
        page.get_by_label("Phone or job id").fill("2-0")
        press(page, "Look up")
        expect(page.get_by_role("article")).to_contain_text(shown)
        assert page.locator("main img, main script, main b").count() == 0


def test_one_of_several_campaigns_is_chosen(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        links = page.get_by_role("navigation", name="Campaigns").get_by_role("link")
        expect(links).to_have_count(3)
        expect(links.nth(0)).to_have_attribute("aria-current", "true")
        expect(page.locator("#campaign-name")).to_have_text("A few")
        links.nth(1).click()
        expect(links.nth(1)).to_have_attribute("aria-current", "true")
        expect(page.locator("#campaign-name")).to_have_text(visible(HOSTILE))
        page.go_back()
        expect(page.locator("#campaign-name")).to_have_text("A few")


def test_no_token_is_shown_in_full(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        expect(page.locator("#campaign-about")).to_contain_text("token few.…")
        assert not any(token in page.content() for token in TOKENS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["#campaign-1", "#campaign-2"])
def test_nothing_on_a_phone_is_wider_than_the_phone(
    browser: Browser, server: Server, address: str, scheme: str
) -> None:
    server.ask("POST", "/simulation/advance", {"to": "2026-03-02T17:00:00Z"})
    with visited(browser, server, address, color_scheme=scheme, **PHONE) as page:
        page.locator("#last-calls button").first.click()
        expect(page.get_by_role("article")).to_be_visible()
        assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]


def test_the_page_follows_the_scheme_of_the_reader(browser: Browser, server: Server) -> None:
    with visited(browser, server, color_scheme="light") as page:
        body = page.locator("html")
        expect(body).to_have_css("background-color", "rgb(245, 247, 249)")
        page.emulate_media(color_scheme="dark")
        expect(body).to_have_css("background-color", "rgb(15, 19, 24)")


def test_bars_do_not_move_for_those_who_want_no_motion(browser: Browser, server: Server) -> None:
    with visited(browser, server, reduced_motion="reduce") as page:
        bar = page.locator(".bar span").first
        expect(bar).to_have_css("transition-duration", "0s")
        page.emulate_media(reduced_motion="no-preference")
        expect(bar).to_have_css("transition-duration", "0.2s")


def test_the_keyboard_reaches_and_works_everything(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        reached: list[str] = []
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            if not focused.count():
                continue  # Chromium focuses its own button within the field.
            assert focused.evaluate("node => getComputedStyle(node).outlineStyle") != "none"
            reached.append(str(focused.evaluate("node => node.id || node.innerText || node.ariaLabel")))
        wanted = ["play", "speed", "Advance 1 hour", "Advance 1 day", "until", "Advance", "job-text", "Look up"]
        assert [name for name in dict.fromkeys(reached) if name in wanted] == wanted
        page.locator("#play").focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()


def test_the_page_is_read_aloud_in_order(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        tree = page.locator("body").aria_snapshot()
        parts = [
            "banner",
            "main",
            'region "Clock"',
            'navigation "Campaigns"',
            'region "A few"',
            "search",
            "contentinfo",
        ]
        assert sorted(parts, key=tree.index) == parts
        for table in page.get_by_role("table").all():
            assert table.get_by_role("columnheader").count()
            assert table.locator("caption").count()


def test_the_clock_is_not_read_aloud_each_time_that_it_moves(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        assert page.locator("#local").evaluate("node => node.closest('[role=status], [aria-live]')") is None
        expect(page.locator("#clock-aloud")).to_have_text("Sun 2026-03-01 19:00, paused")
        server.ask("POST", "/simulation/advance", {"by": 7200})
        expect(page.locator("#local")).to_contain_text("21:00:00")
        expect(page.locator("#clock-aloud")).to_have_text("Sun 2026-03-01 19:00, paused")
        press(page, "Play")
        expect(page.locator("#clock-aloud")).to_have_text("Sun 2026-03-01 21:00, playing")


def test_the_list_of_calls_holds_still_for_who_is_in_it(browser: Browser, server: Server) -> None:
    server.ask("POST", "/simulation/advance", {"to": "2026-03-02T16:00:00Z"})
    with visited(browser, server) as page:
        first = page.locator("#last-calls button").first
        job = first.inner_text()
        first.focus()
        server.ask("POST", "/simulation/advance", {"by": 3600})
        expect(page.locator("#last-about")).to_have_text("Held while you are in this list.")
        expect(first).to_have_text(job)
        page.locator("#job-text").focus()
        server.ask("POST", "/simulation/advance", {"by": 1})
        expect(first).not_to_have_text(job)


def test_a_lost_connection_is_told_and_comes_back_by_itself(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = Server(tmp_path_factory.mktemp("lost"))
    again = None
    try:
        page = browser.new_page()
        page.goto(server.url)
        expect(page.locator("#main")).to_be_visible()
        expect(page.locator("#connection")).to_have_text("Live")
        server.end()
        expect(page.locator("#connection.lost")).to_contain_text("The connection to the server is lost.")
        press(page, "Play")
        expect(page.locator("#clock-told.error")).to_contain_text("The server does not answer.")
        again = Server(tmp_path_factory.mktemp("again"), server.port)
        expect(page.locator("#connection:not(.lost)")).to_have_text("Live", timeout=30_000)
        again.ask("POST", "/simulation/advance", {"by": 60})
        expect(page.locator("#local")).to_have_text("Sun 2026-03-01 19:01:00")
        page.close()
    finally:
        server.end()
        if again:
            again.end()


def test_the_page_says_so_where_scripts_do_not_run(browser: Browser, server: Server) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(server.url)
    assert "which your browser does not run" in page.locator("noscript").inner_text()
    page.close()


ZONES = (
    "America/New_York",
    "Europe/Vienna",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "+05:30",
    "Z",
)


def test_times_of_the_page_are_those_of_the_engine(browser: Browser, server: Server) -> None:
    first = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    instants = range(first, first + 400 * 86_400, 86_400 // 5 + 1)
    asked = [(instant, zone) for zone in ZONES for instant in instants]
    with visited(browser, server, timezone_id="Pacific/Apia") as page:
        times = "import('/dashboard/times.js').then"
        told = page.evaluate(
            f"asked => {times}(it => asked.map(([at, zone]) => it.momentText(at * 1000, zone)))", asked
        )
        back = page.evaluate(
            f"asked => {times}(it => asked.map(([at, zone]) => it.instantOf(it.fieldText(at * 1000, zone), zone)))",
            asked,
        )
    assert [text.removesuffix(":00") if text[-2:] == "00" else text for text in told] == [
        moment_text(instant, zone) for instant, zone in asked
    ]
    assert back == [first_shown_as(instant, zone) * 1000 for instant, zone in asked]


def first_shown_as(instant: int, zone: str) -> int:
    """The first instant at which the clocks of a zone show what they show at this one."""
    if "/" not in zone:
        return instant
    shown = datetime.fromtimestamp(instant, ZoneInfo(zone))
    return int((shown.replace(fold=0)).timestamp())


def test_a_time_that_a_zone_skips_is_no_instant(browser: Browser, server: Server) -> None:
    with visited(browser, server) as page:
        told = page.evaluate(
            "import('/dashboard/times.js').then(it => ['2026-03-08T02:00', '2026-03-08T02:59:59', '2026-03-08T03:00']"
            ".map(text => it.instantOf(text, 'America/New_York')))"
        )
    assert told == [None, None, datetime(2026, 3, 8, 7, tzinfo=UTC).timestamp() * 1000]


def test_spans_of_the_page_are_those_of_the_engine(browser: Browser, server: Server) -> None:
    spans = [0, 59.4, 60, 119, 3600, 3661, 86_399, 86_400, 90_061, 1_000_000]
    with visited(browser, server) as page:
        told = page.evaluate("spans => import('/dashboard/times.js').then(it => spans.map(it.spanText))", spans)
    assert told == [span_text(seconds) for seconds in spans]
