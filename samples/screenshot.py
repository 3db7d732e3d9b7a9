"""Take a picture of a page: `python samples/screenshot.py URL OUT.png [--open]`.

Needs Playwright (in the `dev` extra) and a Chromium: one from the system, or `playwright install chromium`.
`--open` unfolds the history of each message.
"""

from __future__ import annotations

import argparse
import shutil

from playwright.sync_api import sync_playwright


def main() -> None:
    """Open the page in a Chromium without a window and save the whole of it."""
    parser = argparse.ArgumentParser(description="Take a picture of a page.")
    parser.add_argument("url")
    parser.add_argument("out")
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--open", action="store_true", help="unfold the history of each message")
    options = parser.parse_args()
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": options.width, "height": 800}, device_scale_factor=2)
        page.goto(options.url, wait_until="load")
        if options.open:
            for summary in page.locator("details > summary").all():
                summary.click()
        page.screenshot(path=options.out, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
