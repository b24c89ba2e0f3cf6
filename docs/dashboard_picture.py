"""Makes docs/dashboard.png: the dashboard of `dialer serve` on the first day of scenarios/spring_promo.yaml."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs/dashboard.png"
WIDTH, HEIGHT = 1280, 1094
OPENED, STEP, LOOKS = "2026-03-02T14:30:00Z", 300, 60
"""When the page is opened, half an hour before the first window, and how often it looks how many seconds later."""


def main() -> None:
    """Play the scenario while the page watches, and take the picture."""
    command = [sys.executable, "-m", "engine", "serve", "--scenario", str(ROOT / "scenarios/spring_promo.yaml")]
    server = subprocess.Popen([*command, "--paused", "--port", "0"], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert server.stdout  # noqa: S101
        url = re.findall(r"http://[\w.:]+", server.stdout.readline())[0]
        take_picture(url)
    finally:
        server.terminate()
        server.communicate()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


def take_picture(url: str) -> None:
    """Open the page, play while it watches, look a job up, and take the picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    ask(url, "PUT", "/simulation/clock", {"instant": OPENED, "speed": 3600})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", locale="en-US")
        page.goto(url)
        expect(page.locator("#main")).to_be_visible()
        for _ in range(LOOKS):
            reached = ask(url, "POST", "/simulation/advance", {"by": STEP})["to"]
            expect(page.locator("#local")).to_have_attribute("datetime", reached)
        page.screenshot(path=PICTURE)
        browser.close()


def ask(url: str, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the server answers."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        answered: dict[str, Any] = json.load(answer)
        return answered


if __name__ == "__main__":
    main()
