"""A hostile page, kept and shown in a real browser: it runs, sends, loads and leads nowhere.

Every way out that the page tries ends at a listener of ours on the loopback; the listener hears of
each connection, also of one on which nothing is asked. That it would hear is shown first, with the
same page unlocked.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from kit.free_port import free_port
from kit.shelf import shelf
from watcher.core.capture import Capture, instant
from watcher.core.verdict import Verdict
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok"
HOSTILE = """<!doctype html><html><head><meta charset="utf-7">
<meta http-equiv="refresh" content="0; url={out}/refresh">
<link rel="stylesheet" href="{out}/style.css"><link rel="icon" href="{out}/icon">
<link rel="preconnect" href="{out}"><LINK REL=dns-prefetch HREF="{out}"><link/rel="prefetch"
href="{out}/prefetch"><link rel="manifest" href="{out}/manifest">
<style>@import "{out}/import.css"; @font-face {{ font-family: f; src: url({out}/font) }}
body {{ background: url({out}/background); font-family: f }}</style>
<script>window.ran = true; fetch("{out}/fetch"); document.title = "ran";</script>
<script src="{out}/script.js"></script><base href="{out}/"></head>
<body onload="fetch('{out}/onload')"><h1>A page somebody else wrote</h1>
<img src="{out}/picture" onerror="fetch('{out}/onerror')"><img src=x srcset="{out}/srcset 1x">
<svg onload="fetch('{out}/svg')"><image href="{out}/svgimage"/><use href="{out}/use#a"/>
<script>fetch("{out}/svgscript")</script></svg>
<iframe src="{out}/frame"></iframe><iframe srcdoc="<script>fetch('{out}/srcdoc')</script>"></iframe>
<object data="{out}/object"></object><embed src="{out}/embed"><video src="{out}/video" autoplay
poster="{out}/poster"></video><audio src="{out}/audio" autoplay></audio>
<form id="f" action="{out}/form" method="post"><input name="q" value="secret" autofocus
onfocus="fetch('{out}/focus')"><button id="send">Send</button></form>
<a id="away" href="{out}/link">away</a> <a id="top" target="_top" href="{out}/top">top</a>
<a id="new" target="_blank" href="{out}/blank" ping="{out}/ping">new</a>
<a id="script" href="javascript:document.body.innerHTML='ran'">script</a>
<a id="data" href="data:text/html,<script>fetch('{out}/data')</script>">data</a>
<a id="home" href="/">ours</a>
<noscript><img src="{out}/noscript"></noscript>
<p id="end">The end.</p></body></html>"""


class Ear:
    """A listener that notes whatever reaches it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.out = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        at = len(self.heard)
        self.heard.append("a connection")
        with connection:
            asked = connection.recv(4_096)
            self.heard[at] = asked.split(b"\r\n")[0].decode("ascii", "replace") or "a connection"
            connection.sendall(ANSWER)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    listener = Ear()
    thread = threading.Thread(target=listener.listen, daemon=True)
    thread.start()
    yield listener
    listener.close()


@contextmanager
def kept(folder, body: bytes) -> Iterator[tuple[str, str]]:
    """Serve our pages over a store that has kept `body`; yield our address and its digest."""
    with shelf(folder, web={"port": free_port()}) as here:
        digest = here.watcher.snapshots.put(body)
        capture = Capture(
            id=f"20300101T000000000Z-{digest[7:15]}",
            source="ema",
            url="https://example.org/hostile",
            at=instant(datetime(2030, 1, 1, tzinfo=UTC)),
            verdict=Verdict.OK,
            headers={"Content-Type": "text/html; charset=utf-7"},
            digest=digest,
        )
        with here.watcher.store.writing() as work:
            work.captures.add(capture, work.captures.target("ema", capture.url))
        web = here.watcher.config.web
        assert web is not None
        pages = application(here.watcher, hands=hands(here.watcher), web=web)
        with serving(pages, listening(web)):
            yield f"http://{web.authority}", digest[7:]


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def settled(page) -> None:
    """Wait until a page that would do something has had time to."""
    page.wait_for_timeout(700)


def test_unlocked_the_same_page_would_be_heard_of(page, ear):
    page.set_content(HOSTILE.format(out=ear.out))
    settled(page)

    told = " ".join(ear.heard)
    assert all(f"/{each} " in told for each in ("style.css", "picture", "fetch", "frame")), told


def test_locked_in_our_frame_nothing_of_it_runs_loads_or_is_sent(page, ear, tmp_path):
    with kept(tmp_path, HOSTILE.format(out=ear.out).encode()) as (ours, digest):
        page.goto(f"{ours}/snapshots/{digest}")
        frame = page.frame_locator("iframe")
        assert frame.locator("#end").inner_text() == "The end."
        settled(page)

        assert ear.heard == []
        assert page.url == f"{ours}/snapshots/{digest}"
        inner = page.frames[1]
        assert inner.title() != "ran"
        assert inner.url.endswith(f"/snapshots/locked/{digest}")


@pytest.mark.parametrize("way", ["away", "top", "new", "script", "data", "send"])
def test_no_link_and_no_form_in_it_leads_anywhere(page, ear, tmp_path, way):
    with kept(tmp_path, HOSTILE.format(out=ear.out).encode()) as (ours, digest):
        page.goto(f"{ours}/snapshots/{digest}")
        page.frame_locator("iframe").locator(f"#{way}").click(no_wait_after=True)
        settled(page)

        assert ear.heard == []
        assert page.url == f"{ours}/snapshots/{digest}"
        assert len(page.context.pages) == 1
        assert "ran" not in [frame.title() for frame in page.frames]


def test_opened_by_itself_it_is_never_shown_outside_our_frame(page, ear, tmp_path):
    with kept(tmp_path, HOSTILE.format(out=ear.out).encode()) as (ours, digest):
        page.goto(f"{ours}/snapshots/locked/{digest}")

        assert page.url == f"{ours}/snapshots/{digest}"
        page.frame_locator("iframe").locator("#end").wait_for()
        settled(page)
        assert ear.heard == []


def test_another_page_may_not_frame_it(page, ear, tmp_path):
    with kept(tmp_path, HOSTILE.format(out=ear.out).encode()) as (ours, digest):
        page.goto(f"{ear.out}/their-page")
        page.set_content(f'<iframe src="{ours}/snapshots/locked/{digest}"></iframe>')
        settled(page)

        assert all("snapshots/locked" not in frame.url for frame in page.frames[1:]) or not any(
            "The end." in (frame.text_content("body") or "") for frame in page.frames[1:]
        )
