"""Pages at which people sign in, and browsers and programs that come to them from anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from kit.answering import Answering, answering
from kit.clocks import StandingClock
from kit.signing_in import PASSWORD, QUICK, add, token
from watcher.core.access import Role
from watcher.runtime.desk import hands
from watcher.web.app import Pages, application

HERE = "http://127.0.0.1:8080"
SEAL = re.compile(r'name="seal" value="([0-9a-f]{40})"')


class From:
    """Our pages as they are reached from one address, through what takes `strips` off a path."""

    def __init__(self, pages: Pages, peer: str, strips: str = "") -> None:
        self.pages = pages
        self.peer = peer
        self.strips = strips

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pages, name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["client"] = (self.peer, 50_000)
            scope["path"] = scope["path"].removeprefix(self.strips)
            scope["raw_path"] = scope["raw_path"].removeprefix(self.strips.encode())
        await self.pages(scope, receive, send)


class Browser(TestClient):
    """A browser: it keeps cookies, fills in forms and follows no redirect by itself."""

    base: str = ""

    def sign_in(self, name: str = "anna", password: str = PASSWORD, *, to: str = "/") -> Any:
        form = self.get(f"{self.base}/sign-in", params={"to": to})
        return self.post(
            f"{self.base}/sign-in",
            data={"name": name, "password": password, "to": to, "seal": seal_of(form.text)},
        )

    def fill(self, page: str, action: str, **fields: str) -> Any:
        """Send a form of a page, sealed as the page has it."""
        return self.post(action, data={**fields, "seal": seal_of(self.get(page).text)})


def seal_of(page: str) -> str:
    found = SEAL.search(page)
    return found[1] if found else ""


class Entered(Answering):
    """A watcher that told of one withdrawal, at whose pages people sign in."""

    pages: Pages
    case: str
    people: Mapping[str, Role]

    def browser(
        self,
        name: str = "",
        *,
        peer: str = "192.0.2.7",
        at: str = HERE,
        headers: Mapping[str, str] | None = None,
        base: str = "",
        strips: str = "",
    ) -> Browser:
        """Return a browser; with a name, one in which that user has signed in."""
        reached = From(self.pages, peer, strips)
        browser = Browser(reached, base_url=at, raise_server_exceptions=False)
        browser.headers.update(headers or {})
        browser.follow_redirects = False
        browser.base = base
        if name:
            assert browser.sign_in(name).status_code == 303
        return browser

    def program(self, role: Role = Role.READER) -> Browser:
        """Return a program with a token of that role."""
        told = token(self.watcher.store, self.clock, role)
        return self.browser(headers={"Authorization": f"Bearer {told}"})


@contextmanager
def entering(
    folder: Path,
    *,
    clock: StandingClock | None = None,
    environment: Mapping[str, str] | None = None,
    **web: object,
) -> Iterator[Entered]:
    """Yield pages with a user of each role, named like it, and `anna`, an editor.

    Args:
        folder: Where everything is kept.
        clock: Its clock.
        environment: The variables that the configuration reads.
        web: The keys of the `web` section; without `sign_in` people have passwords, and with
            None nobody signs in.
    """
    told = {name: value for name, value in {"sign_in": {}, **web}.items() if value is not None}
    with answering(folder, clock=clock, environment=environment, web=told) as here:
        here.watcher = replace(here.watcher, passwords=QUICK)
        for role in Role:
            add(here.watcher.store, here.clock, str(role), role)
        add(here.watcher.store, here.clock, "anna", Role.EDITOR)
        at = Entered(here.watcher, here.clock)
        at.site, at.rows = here.site, here.rows
        at.case = at.told(2)
        web_config = at.watcher.config.web
        assert web_config is not None
        at.pages = application(at.watcher, hands=hands(at.watcher), web=web_config)
        yield at
