"""Takes what is told: HTTP posts and mail on loopback, and which pages they name.

Each is written down with the instant it was accepted, one JSON line each, into the file named.
`GET /__sink/urls` tells how often each page was named, `/__sink/count` how many messages there
were, `/__sink/reset` forgets them.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import json
import re
import time
from collections import Counter
from email.policy import default
from pathlib import Path
from urllib.parse import unquote_plus

from aiosmtpd.smtp import SMTP, Envelope, Session

_PAGE = re.compile(r"/en/medicines/human/EPAR/([a-z]+-\d{5})")


class Sink:
    """What was taken so far."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._taken = 0
        self._pages: Counter[str] = Counter()

    def take(self, kind: str, text: str) -> None:
        pages = sorted(set(_PAGE.findall(text)))
        self._taken += 1
        self._pages.update(pages)
        with self._out.open("a") as file:
            file.write(json.dumps({"at": time.time(), "kind": kind, "pages": pages}) + "\n")

    async def handle_DATA(self, _server: SMTP, _session: Session, told: Envelope) -> str:  # noqa: N802
        message = email.message_from_bytes(told.content or b"", policy=default)
        body = message.get_body(("plain", "html"))
        self.take("mail", body.get_content() if body else "")
        return "250 taken"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                fields = dict(line.casefold().split(": ", 1) for line in lines if ": " in line)
                size = int(fields.get("content-length", 0))
                body = (await reader.readexactly(size)).decode(errors="replace")
                told = json.dumps(self._answer(first.split(" ")[1], body)).encode()
                headers = f"HTTP/1.1 200 OK\r\nContent-Length: {len(told)}\r\n\r\n"
                writer.write(headers.encode() + told)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, target: str, body: str) -> object:
        match target:
            case "/__sink/urls":
                return self._pages
            case "/__sink/count":
                return {"posts": self._taken}
            case "/__sink/reset":
                self._taken, self._pages = 0, Counter()
                return {"ok": True}
            case _:
                # a JSON text has its slashes and letters escaped, a form its percent signs
                self.take("post", unquote_plus(body.replace("\\/", "/")))
                return {"ok": True}


async def serve(port: int, mail_port: int, out: Path) -> None:
    sink = Sink(out)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", mail_port)
    listening = await asyncio.start_server(sink.talk, "127.0.0.1", port)
    print(json.dumps({"ready": True}), flush=True)
    async with listening:
        await listening.serve_forever()


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--port", type=int, default=18_090)
    wanted.add_argument("--mail-port", type=int, default=18_025)
    wanted.add_argument("--out", type=Path, required=True)
    chosen = wanted.parse_args()
    asyncio.run(serve(chosen.port, chosen.mail_port, chosen.out))


if __name__ == "__main__":
    main()
