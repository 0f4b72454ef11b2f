"""A site of many servers on loopback, light enough for tens of thousands of pages.

    python tests/kit/swarm_site.py FOLDER

Serves 127.1.0.1, 127.1.0.2 … at one port, which it writes to FOLDER/port: tables whose rows name
pages, and the pages. `FOLDER/site.json` says how many of each there are; `FOLDER/changed` names the
pages that have changed, one a line, and grows. Every request is a line of FOLDER/asked: when, of
which server, for what. It keeps no page in memory: each is made of its number.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.bulk import bulk, row

TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
UPDATED = "22/01/2025"


class Site:
    """What the servers say now."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "site.json").read_text(encoding="utf-8"))
        self.tables: int = told["tables"]
        self.rows: int = told["rows"]
        self.hosts: int = told["hosts"]
        self.delay: float = told.get("delay", 0.0)
        self.port = 0
        self._changed = folder / "changed"
        self._known: tuple[int, frozenset[str]] = (0, frozenset())
        self._asked = (folder / "asked").open("a", encoding="utf-8", buffering=1)

    def changed(self) -> frozenset[str]:
        """Return the pages that have changed by now."""
        size = self._changed.stat().st_size if self._changed.exists() else 0
        if size != self._known[0]:
            self._known = (size, frozenset(self._changed.read_text(encoding="utf-8").split()))
        return self._known[1]

    def answer(self, host: str, path: str) -> tuple[int, str, str]:
        """Return status, media type and body."""
        self._asked.write(f"{time.monotonic():.6f} {host} {path}\n")
        kind, _, rest = path.strip("/").partition("/")
        if kind == "table":
            return 200, "application/json", self._table(int(rest))
        if kind == "page":
            return 200, "text/html; charset=utf-8", self._page(path)
        return 404, "text/plain", "there is nothing here"

    def _table(self, number: int) -> str:
        changed = self.changed()
        rows = []
        for each in range(self.rows):
            path = page_path(number, each)
            column = {"last_updated_date": UPDATED} if path in changed else {}
            url = f"http://{page_host(number, each, self.hosts)}:{self.port}{path}"
            rows.append(row(number * 100_000 + each, medicine_url=url, **column))
        return bulk(*rows)

    def _page(self, path: str) -> str:
        status = "Withdrawn" if path in self.changed() else "Authorised"
        return (
            f"<html lang='en'><head><title>Page {path}</title></head><body><h1>Page {path}</h1>"
            f"<p>{TEXT}</p><dl><dt>Status</dt><dd>{status}</dd></dl></body></html>"
        )


def page_path(table: int, number: int) -> str:
    """Return the path of a table's page."""
    return f"/page/{table}-{number}"


def page_host(table: int, number: int, hosts: int) -> str:
    """Return the server of a page; each table's pages are spread over all of them."""
    return host_number((table * 7 + number) % hosts)


def host_number(number: int) -> str:
    """Return the address of a server."""
    return f"127.1.{number // 250}.{1 + number % 250}"


async def serve(folder: Path) -> None:
    """Serve until killed."""
    site = Site(folder)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split()[1]
                host = writer.get_extra_info("sockname")[0]
                if site.delay:
                    await asyncio.sleep(site.delay)
                status, kind, text = site.answer(host, path)
                body = text.encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "0.0.0.0", 0)  # noqa: S104  loopback is asked alone
    site.port = server.sockets[0].getsockname()[1]
    (folder / "port").write_text(str(site.port), encoding="utf-8")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
