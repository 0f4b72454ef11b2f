"""The invented site on loopback: ETag, Last-Modified, 304; asked over `/__ctl/…` to change.

Answers what the benchmarks need: `/__ctl/urls`, `change?fraction=&seed=`, `noise?seed=`, `stats`,
`sent` (when the last byte of each page's newest answer with a body was handed on), `reset`. Prints
one line when it is ready.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from urllib.parse import parse_qsl

from site_pages import Site

_REASONS = {200: "OK", 304: "Not Modified", 404: "Not Found"}


@dataclass
class Served:
    """What was asked since the last reset."""

    status: Counter[int] = field(default_factory=Counter)
    body_bytes: int = 0
    pages: Counter[str] = field(default_factory=Counter)
    sent: dict[str, float] = field(default_factory=dict)


class Server:
    """One site and the count of what was asked of it."""

    def __init__(self, site: Site, port: int) -> None:
        self._site = site
        self._port = port
        self._numbers = {page.path: number for number, page in enumerate(site.pages)}
        self._served = Served()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                pairs = (line.split(": ", 1) for line in lines if ": " in line)
                fields = {name.casefold(): value for name, value in pairs}
                target = first.split(" ")[1]
                answer = self._answer(target, fields)
                writer.write(answer)
                await writer.drain()
                if target in self._numbers and answer.startswith(b"HTTP/1.1 200"):
                    self._served.sent[target] = time.time()
                if fields.get("connection", "").casefold() == "close":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, target: str, fields: dict[str, str]) -> bytes:
        path, _, query = target.partition("?")
        if path.startswith("/__ctl/"):
            told = self._control(path.removeprefix("/__ctl/"), dict(parse_qsl(query)))
            body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            return _response(200, body, {"Content-Type": "application/json"})
        number = self._numbers.get(path)
        if number is None:
            self._served.status[404] += path != "/robots.txt"
            return _response(404, b"not here", {"Content-Type": "text/plain"})
        return self._page(path, number, fields)

    def _page(self, path: str, number: int, fields: dict[str, str]) -> bytes:
        body, etag, modified = self._site.serve(number)
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(modified.replace(microsecond=0), usegmt=True),
            "Cache-Control": "public, max-age=0, must-revalidate",
        }
        self._served.pages[path] += 1
        if wanted := fields.get("if-none-match"):
            is_known = etag in wanted
        else:
            is_known = _is_since(fields.get("if-modified-since", ""), modified)
        self._served.status[304 if is_known else 200] += 1
        if is_known:
            return _response(304, b"", headers)
        self._served.body_bytes += len(body)
        return _response(200, body, {**headers, "Content-Type": "text/html; charset=UTF-8"})

    def _control(self, wanted: str, query: dict[str, str]) -> object:
        now = datetime.now(UTC)
        if wanted == "urls":
            return "\n".join(
                f"http://127.0.0.1:{self._port}{page.path}" for page in self._site.pages
            )
        if wanted == "change":
            told = self._site.change(float(query["fraction"]), int(query["seed"]), now)
        elif wanted == "noise":
            return {"touched": self._site.noise(int(query["seed"]), now)}
        elif wanted == "reset":
            self._served = Served()
            return {"ok": True}
        elif wanted == "sent":
            return self._served.sent
        else:
            return self._stats()
        return told

    def _stats(self) -> dict[str, object]:
        served = self._served
        return {
            "requests": sum(served.status.values()),
            "status": {str(code): count for code, count in served.status.items()},
            "body_bytes": served.body_bytes,
            "pages_hit": len(served.pages),
            "hits_per_page_max": max(served.pages.values(), default=0),
        }

    def warm(self) -> None:
        """Render every page, so that serving costs the same however often it is asked."""
        for number in self._numbers.values():
            self._site.serve(number)


def _is_since(stated: str, modified: datetime) -> bool:
    """Return whether a page was not changed after the instant that a client states."""
    if not stated:
        return False
    since = parsedate_to_datetime(stated)
    if since.tzinfo is None:  # "-0000": UTC, of a place that is not told
        since = since.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) <= since


def _response(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    told = {"Date": formatdate(usegmt=True), **headers}
    if status != 304:
        told["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} {_REASONS[status]}\r\n{lines}\r\n".encode("latin-1") + body


async def serve(count: int, port: int) -> None:
    site = Site(count)
    server = Server(site, port)
    server.warm()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", port, backlog=2048)
    print(json.dumps({"ready": True, "pid": os.getpid(), "pages": count}), flush=True)
    async with listening:
        await listening.serve_forever()


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--n", type=int, default=200)
    wanted.add_argument("--port", type=int, default=18_080)
    chosen = wanted.parse_args()
    asyncio.run(serve(chosen.n, chosen.port))


if __name__ == "__main__":
    main()
