"""Make the pictures of every page, light and dark: `make screenshots`.

The ninety days of the showroom are played, its pages are served and looked at with Chromium; each
picture is written as WebP, small enough for the documents. With names after the folder only those
pages are pictured: `python tests/browser/screenshots.py docs/images/pages case medicine`.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.browser import CHROMIUM, DESK, MISSING, TELEPHONE, launched
from kit.free_port import free_port
from kit.showroom import Showroom, built, showroom
from kit.showroom_pages import BARE, GUARDED, pages
from kit.signing_in import PASSWORD, add
from watcher.core.access import Role
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving

FOLDER = Path(__file__).parents[2] / "docs/images/pages"
TALLEST = 1_500
"""Pixels of a page that are pictured at most."""
LARGEST = 150_000
"""Bytes of a picture at most; one that is larger is made coarser."""
SIGN_IN = "sign_in"
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
        _rooms(Path(kept))
        with launched() as browser:
            for name, picture in every_picture(Path(kept), browser, frozenset(sys.argv[2:])):
                (folder / f"{name}.webp").write_bytes(picture)
                print(f"{name}: {len(picture):,} bytes", flush=True)  # noqa: T201
    return 0


def _rooms(kept: Path) -> None:
    """Make the folders of three watchers: open to its machine, guarded, and just begun."""
    for room in ("open", "begun"):
        (kept / room).mkdir()
    built(kept / "open")
    shutil.copytree(kept / "open", kept / "guarded")


def every_picture(kept: Path, browser: Any, wanted: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of the three watchers."""
    with served(kept / "open") as (here, address):
        yield from pictures(browser, _wanted(pages(here), wanted), address)
    with served(kept / "guarded", sign_in={}) as (here, address):
        add(here.watcher.store, here.clock, "anna", Role.ADMIN)
        shown = _wanted(GUARDED, wanted)
        yield from pictures(browser, {k: v for k, v in shown.items() if k == SIGN_IN}, address)
        inside = _signed_in(browser, address) if shown else []
        yield from pictures(
            browser, {k: v for k, v in shown.items() if k != SIGN_IN}, address, cookies=inside
        )
    with served(kept / "begun") as (_here, address):
        bare = {f"{name}_of_nothing": path for name, path in BARE.items()}
        yield from pictures(browser, _wanted(bare, wanted), address)


@contextmanager
def served(folder: Path, **web: object) -> Iterator[tuple[Showroom, str]]:
    """Serve the pages of a folder's watcher; yield it and its address."""
    with showroom(folder, port=free_port(), **web) as here:
        told = here.watcher.config.web
        assert told is not None
        shown = application(here.watcher, hands=hands(here.watcher), web=told)
        with serving(shown, listening(told)):
            yield here, f"http://{told.authority}"


def _wanted(named: Mapping[str, str], wanted: frozenset[str]) -> dict[str, str]:
    return {name: path for name, path in named.items() if not wanted or name in wanted}


def _signed_in(browser: Any, address: str) -> list[Any]:
    """Return the cookies of an admin who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/{SIGN_IN.replace('_', '-')}")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="anna").wait_for()
    cookies: list[Any] = context.cookies()
    context.close()
    return cookies


def pictures(
    browser: Any, shown: Mapping[str, str], address: str, cookies: Sequence[Any] = ()
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the picture of each page."""
    developing = browser.new_page()
    for name, path in shown.items():
        for scheme in ("light", "dark"):
            shot = _shot(browser, address + path, DESK, scheme, cookies)
            yield f"{name}-{scheme}", _webp(developing, shot)
        if name in IN_HAND:
            shot = _shot(browser, address + path, TELEPHONE, "light", cookies)
            yield f"{name}-phone", _webp(developing, shot)


def _shot(
    browser: Any, address: str, viewport: dict[str, int], scheme: str, cookies: Sequence[Any]
) -> bytes:
    context = browser.new_context(
        viewport=viewport, color_scheme=scheme, locale="en-GB", is_mobile=viewport == TELEPHONE
    )
    context.add_cookies([*cookies])
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
