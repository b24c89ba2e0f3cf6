"""Makes docs/report.png: the top of the report of scenarios/spring_promo.yaml.

The digest of the run is stored in the picture, so that a test can find out whether the picture is up to date.
"""

import shutil
import struct
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import sync_playwright

from engine import Scenario, simulate
from engine.report.run import run_page

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs/report.png"
WIDTH, HEIGHT = 1280, 1010
WORD = b"digest"
SIGNATURE_AND_HEADER = 33
"""Bytes of a PNG before its first text chunk."""


def with_digest(picture: bytes, digest: str) -> bytes:
    """A PNG with the digest as a text chunk (PNG specification, 11.3.4.3)."""
    chunk = b"tEXt" + WORD + b"\0" + digest.encode()
    words = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return picture[:SIGNATURE_AND_HEADER] + words + picture[SIGNATURE_AND_HEADER:]


def main() -> None:
    """Play the scenario, write its report and take the picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    result = simulate(Scenario.load(ROOT / "scenarios/spring_promo.yaml"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        page_file.write_bytes(run_page(result).encode())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(page_file.as_uri())
        picture = page.screenshot()
        browser.close()
    PICTURE.write_bytes(with_digest(picture, result.figures.digest))
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes, digest {result.figures.digest}")


if __name__ == "__main__":
    main()
