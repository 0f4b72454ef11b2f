"""One hostile input read in a process of its own, whose memory and time are bounded and measured.

    python tests/hostile/reading.py "XML/billion laughs" "YAML/billion laughs"

The processes are forked from one that has everything imported, so that what is measured is the
input's cost alone: the highest resident memory beyond what stood there before, the input itself
included, and the seconds from the first byte to the answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile.inputs import Hostile
from hostile.table import CONTROLS, TABLE
from kit.clocks import RealClock
from watcher.config.document import DocumentError, parse
from watcher.core.text import shorten
from watcher.errors import WatcherError
from watcher.fetch.decoding import decode
from watcher.fetch.http import HttpFetcher
from watcher.ports import Answer, Request
from watcher.readers.judge import judge
from watcher.readers.reader import Payload
from watcher.readers.registry import READERS
from watcher.selftest import replies
from watcher.selftest.server import FaultyServer
from watcher.services.archive import pages

MOST_MEMORY = 150_000_000
"""Bytes beyond the baseline, the input's own not counted."""
_ADDRESS_SPACE = 3_000_000_000
_URL = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"
_ENDLESS = {
    "endless": replies.endless_body(),
    "endless headers": replies.endless_headers(),
    "drip": replies.drip(replies.answer(b"x" * 1000), gap=0.01),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one input came to.

    Attributes:
        outcome: `read`, `refused: …`, or what broke.
        is_sound: Whether it was read or refused, and nothing else.
        size: Bytes of the input.
        memory: Bytes beyond the baseline at the highest, the input's own not counted.
        seconds: How long it took.
    """

    outcome: str
    is_sound: bool
    size: int = 0
    memory: int = 0
    seconds: float = 0.0

    def is_within(self, hostile: Hostile) -> bool:
        """Whether it kept its bounds."""
        return self.is_sound and self.memory <= MOST_MEMORY and self.seconds <= hostile.seconds


def measure(hostile: Hostile) -> Measured:
    """Read one input in a fork of this process."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.close(out)
        code = 1
        with contextlib.suppress(BaseException):
            os.write(into, json.dumps(asdict(_measured(hostile))).encode())
            code = 0
        os._exit(code)
    os.close(into)
    with os.fdopen(out) as told:
        words = told.read()
    _, status = os.waitpid(child, 0)
    if not words:
        return Measured(outcome=f"died with {os.waitstatus_to_exitcode(status)}", is_sound=False)
    return Measured(**json.loads(words))


def _measured(hostile: Hostile) -> Measured:
    body = hostile.make()
    signal.alarm(int(hostile.seconds * 4) + 30)  # ends the fork, which the parent sees
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    with tempfile.TemporaryDirectory() as folder:
        read = _way(hostile, body, Path(folder))
        Path("/proc/self/clear_refs").write_text("5")
        before, children = _resident("VmRSS"), _of_children()
        started = time.monotonic()
        outcome, is_sound = _outcome(read)
        seconds = time.monotonic() - started
        grown = max(_resident("VmHWM") - before, 0)
        theirs = _of_children()
    # a reader's own process holds an interpreter, and a copy of the input
    beyond = max(theirs - before - len(body), 0) if theirs > children else 0
    return Measured(
        outcome=outcome,
        is_sound=is_sound,
        size=len(body),
        memory=max(grown, beyond),
        seconds=seconds,
    )


def _outcome(read: Callable[[], object]) -> tuple[str, bool]:
    try:
        return f"read: {read()}", True
    except (WatcherError, DocumentError) as error:
        return shorten(f"refused: {error}", 110), True
    except Exception as error:  # noqa: BLE001 — every other one is what we look for
        return shorten(f"{type(error).__name__}: {error}", 110), False


def _way(hostile: Hostile, body: bytes, folder: Path) -> Callable[[], object]:
    match hostile.way:
        case "yaml":
            return lambda: type(parse(body)).__name__
        case "tar" | "warc":
            path = folder / f"archive{hostile.suffix}"
            path.write_bytes(body)
            return lambda: _unpacked(path, folder / "scratch")
        case "gzip" | "br" | "zstd":
            pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
            return lambda: len(decode(pieces, hostile.way, max_bytes=50_000_000))
        case "control":
            return lambda: _control(hostile.name)
        case "endless" | "endless headers" | "drip":
            return lambda: _fetched(hostile.way)
        case _:
            return lambda: _judged_and_read(hostile.way, body)


def _judged_and_read(name: str, body: bytes) -> str:
    reader = READERS[name]
    is_html = body.lstrip()[:5].lower() == b"<html"
    media_type = "text/html" if is_html else "application/octet-stream"
    headers = {"content-type": media_type}
    verdict = judge(Answer(url=_URL, status=200, headers=headers, body=body), _URL, reader).verdict
    reading = reader.read(Payload(body=body, media_type=media_type, url=_URL))
    return f"{len(reading.records)} records, judged {verdict}"


def _control(what: str) -> str:
    """Do what no input may make us do."""
    if what == "takes memory":
        return str(len(bytearray(MOST_MEMORY + 50_000_000)))
    if what == "takes time":
        Event().wait(0.5)
        return "at last"
    message = "an error that is none of ours"
    raise ArithmeticError(message)


def _unpacked(path: Path, scratch: Path) -> str:
    outside = {each.name for each in path.parent.iterdir()}
    found = pages([path], _URL, scratch)
    assert {each.name for each in path.parent.iterdir()} <= outside | {"scratch"}
    assert all(not each.is_symlink() for each in scratch.rglob("*"))
    shutil.rmtree(scratch)
    return f"{len(found)} pages"


def _fetched(way: str) -> str:
    with FaultyServer() as site:
        site.outage(_ENDLESS[way])
        fetcher = HttpFetcher(contact="ops@example.org", clock=RealClock())
        answer = fetcher.fetch(Request(url=site.url(), seconds=2, allow_private=True))
    return f"{len(answer.body)} bytes"


def _resident(what: str) -> int:
    """Resident memory now (VmRSS) or at its highest (VmHWM), in bytes."""
    with Path("/proc/self/status").open() as status:
        line = next(line for line in status if line.startswith(what))
    return int(line.split()[1]) * 1024


def _of_children() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def all_of(table: Iterable[Hostile]) -> Iterator[tuple[Hostile, Measured]]:
    """Every input with what it came to."""
    for name in READERS:
        _ = READERS[name]  # imported before the fork
    for hostile in table:
        yield hostile, measure(hostile)


def main(wanted: list[str]) -> None:
    """Print a line of JSON for each wanted input: its family, its name and what it came to."""
    chosen = [one for one in (*TABLE, *CONTROLS) if f"{one.family}/{one.name}" in wanted]
    for hostile, measured in all_of(chosen):
        row = {"input": f"{hostile.family}/{hostile.name}", **asdict(measured)}
        row["is_within"] = measured.is_within(hostile)
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
