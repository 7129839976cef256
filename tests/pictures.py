"""Pictures of the pages at every size, theme and language, from a running server, for a person to look through: docs/screens.

`make pictures`, or `python -m tests.pictures http://127.0.0.1:8050 one-map`."""

from __future__ import annotations

import io
import shutil
import sys
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import FLAGS

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "docs" / "screens"
SIZES = ((1366, 768), (1920, 1080), (3840, 2160))
THEMES, LANGUAGES = ("dark", "light"), ("zh", "en")
# Name of a picture → the page's address of the standard demo; a wall is dark whatever the visitor's theme.
PAGES = {
    "one-map": "/",
    "one-map-near": "/?level=micro_grid&figure=open&layers=estates&layers=facilities&events=on&at=29.6,123.0,15.5",
    "playback": "/playback",
    "console": "/console",
    "intake": "/console/intake",
    "board": "/console/board/event",
    "dispatch": "/console/dispatch",
    "handover": "/console/handover",
    "emergency": "/emergency",
    "wall-district": "/wall/990101",
    "wall-street": "/wall/990101001",
    "wall-emergency": "/wall/990101?layout=emergency",
    "wall-playback": "/wall/990101/playback",
    "imports": "/imports",
}
PHONES = {"phone": "/my", "phone-report": "/my#report", "phone-map": "/", "phone-handover": "/console/handover"}
PHONE = (390, 844)
SETTLED = """() => [...document.querySelectorAll('#map')].every(m => m.dataset.picture === 'there')
    && !document.querySelector('[id*=late-part]') && document.fonts.status === 'loaded'"""


def settled(page: Page) -> None:
    """Wait until the page shows what it came for, and a little longer."""
    for _ in range(300):
        page.wait_for_timeout(100)
        if page.evaluate(SETTLED):
            break
    page.wait_for_timeout(2500)


def picture(browser: Browser, address: str, size: tuple[int, int], theme: str, language: str) -> bytes:
    """A page as PNG. Raises AssertionError when the page wrote an error."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    settled(page)
    made = page.screenshot()
    context.close()
    assert not errors, (address, errors)
    return made


def main(address: str, chosen: list[str]) -> None:
    """Take the chosen pictures, or all."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        asked = [
            *product(PAGES.items(), SIZES, THEMES, LANGUAGES),
            *product(PHONES.items(), [PHONE], THEMES, LANGUAGES),
        ]
        for (name, path_of), size, theme, language in asked:
            if chosen and name not in chosen:
                continue
            shot = picture(browser, address + path_of, size, theme, language)
            path = SCREENS / f"{name}-{size[0]}x{size[1]}-{theme}-{language}.webp"
            Image.open(io.BytesIO(shot)).save(path, quality=80, method=4)
            print(path.relative_to(ROOT), flush=True)
        browser.close()


if __name__ == "__main__":
    main(*(sys.argv[1:2] or ["http://127.0.0.1:8050"]), sys.argv[2:])
