"""Debian's Chromium, driven by Playwright, and what a page that is looked at does on the way.

The browser asks nobody but the loopback: every other name leads nowhere, and what it would do by
itself in the background is switched off. `Seen` notes each request and each complaint of a page.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "no chromium here: `make test-system-deps` installs it on Debian"
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESK, TELEPHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
_LISTEN = """addEventListener("securitypolicyviolation", (told) =>
  console.error(`policy: ${told.violatedDirective} ${told.blockedURI}`));"""


@contextmanager
def launched() -> Iterator[Any]:
    """Yield a browser without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  loads a driver

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Seen:
    """What the pages of one context did.

    Attributes:
        context: The context; its pages are opened by it.
        asked: The addresses that were asked for.
        complaints: What stood on the console, what a policy refused, and errors of scripts.
    """

    context: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        """Return the hosts that were asked."""
        return {urlsplit(each).netloc for each in self.asked if each.startswith("http")}


@contextmanager
def looking(browser: Any, **how: Any) -> Iterator[Seen]:
    """Yield a context in which everything a page does is noted.

    Args:
        browser: The browser.
        how: What the context is like, as Playwright names it: `viewport`, `color_scheme` …
    """
    context = browser.new_context(**{"viewport": DESK, **how})
    seen = Seen(context)
    context.add_init_script(_LISTEN)
    context.on("request", lambda request: seen.asked.append(request.url))
    context.on("console", lambda message: seen.complaints.append(message.text))
    context.on("weberror", lambda error: seen.complaints.append(str(error.error)))
    try:
        yield seen
    finally:
        context.close()
