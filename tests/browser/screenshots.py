"""Make the pictures of every page, light and dark: `make screenshots`.

The ninety days of the showroom are played, its pages are served and looked at with Chromium; each
picture is written as WebP, small enough for the documents. With names after the folder only those
pages are pictured: `python tests/browser/screenshots.py docs/images/pages case medicine`.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.browser import CHROMIUM, DESK, MISSING, TELEPHONE, launched
from kit.free_port import free_port
from kit.showroom import Showroom, built, showroom
from kit.showroom_pages import pages
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving

FOLDER = Path(__file__).parents[2] / "docs/images/pages"
TALLEST = 1_500
"""Pixels of a page that are pictured at most."""
LARGEST = 150_000
"""Bytes of a picture at most; one that is larger is made coarser."""
IN_HAND = frozenset({"today", "case", "medicine"})
"""Pages that are pictured as on a telephone too."""
WEBP = """async ([data, quality]) => {
  const answer = await fetch("data:image/png;base64," + data);
  const shown = await createImageBitmap(await answer.blob());
  const canvas = Object.assign(document.createElement("canvas"),
    { width: shown.width, height: shown.height });
  canvas.getContext("2d").drawImage(shown, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


def main() -> int:
    """Make the pictures that are asked for; all where none is named."""
    if CHROMIUM is None:
        print(MISSING)  # noqa: T201
        return 2
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="watcher-showroom-") as kept:
        built(Path(kept))
        with showroom(Path(kept), port=free_port()) as here:
            web = here.watcher.config.web
            assert web is not None
            with serving(
                application(here.watcher, hands=hands(here.watcher), web=web), listening(web)
            ):
                for name, picture in pictures(here, f"http://{web.authority}", sys.argv[2:]):
                    (folder / f"{name}.webp").write_bytes(picture)
                    print(f"{name}: {len(picture):,} bytes")  # noqa: T201
    return 0


def pictures(here: Showroom, address: str, wanted: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the picture of each page."""
    with launched() as browser:
        developing = browser.new_page()
        for name, path in pages(here).items():
            if wanted and name not in wanted:
                continue
            for scheme in ("light", "dark"):
                shot = _shot(browser, address + path, DESK, scheme)
                yield f"{name}-{scheme}", _webp(developing, shot)
            if name in IN_HAND:
                shot = _shot(browser, address + path, TELEPHONE, "light")
                yield f"{name}-phone", _webp(developing, shot)


def _shot(browser: Any, address: str, viewport: dict[str, int], scheme: str) -> bytes:
    context = browser.new_context(
        viewport=viewport, color_scheme=scheme, locale="en-GB", is_mobile=viewport == TELEPHONE
    )
    page = context.new_page()
    page.goto(address)
    for each in page.locator("iframe").all():
        each.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    high = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": viewport["width"], "height": high}
    shot: bytes = page.screenshot(full_page=True, clip=clip, animations="disabled")
    context.close()
    return shot


def _webp(page: Any, png: bytes) -> bytes:
    quality = 0.9
    while True:
        told = page.evaluate(WEBP, [base64.b64encode(png).decode(), quality])
        picture = base64.b64decode(told)
        if len(picture) <= LARGEST or quality < 0.5:
            return picture
        quality -= 0.1


if __name__ == "__main__":
    sys.exit(main())
