"""Makes the pictures of reports: docs/report.png, docs/comparison_report.png and docs/sizing_report.png.

`python docs/report_pictures.py` takes the tops of the pages. With a folder, `python docs/report_pictures.py FOLDER`
puts the whole pages there instead, wide and narrow, light and dark, with all that is folded opened.

The digest of the run is stored in each picture, so that a test can find out whether the picture is up to date.
"""

import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from engine import Scenario, compare, simulate, size
from engine.report.comparison import comparison_page
from engine.report.run import run_page
from engine.report.sizing import sizing_page

ROOT = Path(__file__).parent.parent
PROMO, RENEWALS = (ROOT / name for name in ("scenarios/spring_promo.yaml", "docs/tutorial/renewals.yaml"))
HEIGHTS = {"report": 1010, "comparison_report": 1530, "sizing_report": 1240}
"""The height of the top of each page, in pixels."""
WIDTHS = (1280, 390)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WORD = b"digest"
SIGNATURE_AND_HEADER = 33
"""Bytes of a PNG before its first text chunk."""
Pages = dict[str, tuple[str, str]]
"""Pages by name, each as HTML and the digest of a run in it."""


def with_digest(picture: bytes, digest: str) -> bytes:
    """A PNG with the digest as a text chunk (PNG specification, 11.3.4.3)."""
    chunk = b"tEXt" + WORD + b"\0" + digest.encode()
    words = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return picture[:SIGNATURE_AND_HEADER] + words + picture[SIGNATURE_AND_HEADER:]


def pages() -> Pages:
    """The pages of the guides: a run, a comparison and a sizing."""
    promo, renewals = Scenario.load(PROMO), Scenario.load(RENEWALS)
    digest = simulate(promo).figures.digest
    return {
        "report": (run_page(simulate(promo)), digest),
        "comparison_report": (_comparison(promo), digest),
        "sizing_report": (_sizing(renewals), simulate(renewals).figures.digest),
    }


def more_pages() -> Pages:
    """A comparison of many variants."""
    renewals = Scenario.load(RENEWALS)
    grid = {"campaign.lines": range(1, 13), "campaign.maxAttempts": [1, 2, 4]}
    return {"many_variants": (_comparison(renewals, grid, 5), simulate(renewals).figures.digest)}


def _comparison(scenario: Scenario, grid: Mapping[str, Sequence[int]] | None = None, replications: int = 20) -> str:
    found = compare(scenario, grid=grid, replications=replications).compared.comparison
    return comparison_page(found, scenario.document.campaign.zone_name)


def _sizing(scenario: Scenario) -> str:
    return sizing_page(size(scenario, replications=10).found, scenario.document.campaign.zone_name)


def take(browser: Browser, file: Path, width: int, scheme: Scheme, height: int | None) -> bytes:
    """A picture of a page's top, or of the whole page with all that is folded opened if no height is given."""
    is_phone = width == min(WIDTHS)
    page = browser.new_page(
        viewport={"width": width, "height": height or 900},
        color_scheme=scheme,
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    page.goto(file.as_uri())
    if height is None:
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        page.wait_for_timeout(200)
    picture = page.screenshot(full_page=height is None)
    page.close()
    return picture


def main(folder: Path | None = None) -> None:
    """Play, write the pages and take the pictures."""
    made = pages() | (more_pages() if folder else {})
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as files, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (text, digest) in made.items():
            file = Path(files) / f"{name}.html"
            file.write_bytes(text.encode())
            if folder is None:
                picture = with_digest(take(browser, file, WIDTHS[0], "light", HEIGHTS[name]), digest)
                (ROOT / f"docs/{name}.png").write_bytes(picture)
                print(f"docs/{name}.png: {len(picture):,} bytes, digest {digest}")
                continue
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder)
            for width, scheme in product(WIDTHS, SCHEMES):
                (folder / f"{name}_{width}_{scheme}.png").write_bytes(take(browser, file, width, scheme, None))
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
