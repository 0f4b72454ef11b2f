"""The world of the scale benchmark: a network of invented pages, a clock, and a database filled."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from kit.clocks import NOON
from kit.engines import address_of
from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.capture import Target
from watcher.core.shard import host_of
from watcher.ports import Answer, Request
from watcher.readers.registry import READERS

DAY = 86_400
SOURCE, HOSTS = "pages", 200
TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
_CHANGED = 100
"""Of so many pages one has changed when it is looked at."""


class Hurrying:
    """A clock that runs as the machine's does, and skips what nobody has anything to do in."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at
        self._began = time.monotonic()
        self._skipped = 0.0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() - self._began + self._skipped

    def sleep(self, seconds: float, /) -> None:
        """Be a `Sleeper`: skip it."""
        self._skipped += seconds


class Network:
    """Pages that are all alike; one in a hundred says something else than it did."""

    def ask(self, request: Request) -> Answer:
        """Answer one exchange."""
        name = request.url.rpartition("/")[2]
        if name == "robots.txt":
            return Answer(url=request.url, status=404)
        says = f"two of {name}" if int(name) and not int(name) % _CHANGED else "one"
        body = (
            f"<html lang='en'><head><title>Page</title></head><body><h1>Page</h1>"
            f"<p>{TEXT}</p><dl><dt>Version</dt><dd>version {says}</dd></dl></body>"
        )
        headers = {"content-type": "text/html"}
        return Answer(url=request.url, status=200, headers=headers, body=body.encode())


def url_of(number: int) -> str:
    """Return the address of a target."""
    return f"https://h{number % HOSTS}.example.org/{number}"


def configured(folder: Path, url: sa.URL, every: int = 1) -> Path:
    """Write the configuration, where each page is looked at every so many days; return its path."""
    fact = {"path": "stated.version", "label": "Version", "required": True}
    table = {
        "id": "table",
        "reader": "ema_medicines",
        "url": "https://t.example.org/",
        "every": "1d",
    }
    pages = {
        "id": SOURCE,
        "reader": "generic",
        "options": {"facts": [fact]},
        "follow": {"source": "table", "every": f"{every}d", "where": "all"},
    }
    hosts = [*(host_of(url_of(number)) for number in range(HOSTS)), "t.example.org"]
    told = {
        "contact": "mailto:bench@watcher.example.org",
        "storage": {"database": address_of(url)},
        "hosts": {host: {"pace": "0s"} for host in hosts},
        "sources": [{**each, "tier": 1} for each in (table, pages)],
        "channels": [{"id": "files", "url": "folder:messages"}],
        "rules": [{"id": "all", "events": ["fact.changed"], "channels": ["files"]}],
        "people": [{"id": "anna", "title": "Anna", "channels": ["files"]}],
        "heartbeat": {"to": ["anna"]},
    }
    path = folder / "sources.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@contextmanager
def wired(path: Path, clock: Hurrying) -> Iterator[Watcher]:
    """Yield the program over the invented network."""
    world = World(clock=clock, sleep=clock.sleep, ask=Network().ask)
    with opened(load(path, {}, READERS), world, writable=True) as watcher:
        yield watcher


def fill(
    watcher: Watcher, url: sa.URL, targets: int, now: datetime, every: int = 1
) -> dict[str, float]:
    """Let there be so many targets, all looked at once, each due at its instant of so many days.

    The first is looked at by the program. The others are copies of its rows, made by the database,
    but for a few thousand that the program puts there, to tell how fast it is at that.
    """
    watcher.look(watcher.source(SOURCE), url_of(0))
    began = time.process_time()
    some = [Target(source="put", url=url_of(number)) for number in range(5_000)]
    with watcher.store.writing() as work:
        work.captures.put_targets(some)
    put = (time.process_time() - began) / len(some)
    began = time.monotonic()
    step = every * DAY / targets
    values = {"last": targets - 1, "step": step, "every": every, "now": now, "hosts": HOSTS}
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("DELETE FROM targets WHERE source = 'put'"))
        for table, made in _COPIES.items():
            columns = [each["name"] for each in sa.inspect(engine).get_columns(table)]
            chosen = ", ".join(made.get(name, f'f."{name}"') for name in columns)
            named = ", ".join(f'"{name}"' for name in columns)
            copy = (
                f"INSERT INTO {table} ({named}) SELECT {chosen} FROM {table} f,"  # noqa: S608
                f" generate_series(1, :last) n WHERE f.source = '{SOURCE}'"
            )
            used = {name: value for name, value in values.items() if f":{name}" in copy}
            connection.execute(sa.text(copy), used)
        for statement in ("UPDATE targets SET next_due = '9' WHERE source = 'table'", "ANALYZE"):
            connection.execute(sa.text(statement))
    return {"filled_in_s": time.monotonic() - began, "put_cpu_ms": put * 1000}


_URL = "'https://h' || (n % :hosts) || '.example.org/' || n"
_AT = (
    "to_char(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' + n * :step * interval '1 second'{off},"
    ' \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
)
_COPIES = {
    "targets": {
        "url": _URL,
        "host": "'h' || (n % :hosts) || '.example.org'",
        "next_due": _AT.format(off=""),
        "last_good_at": _AT.format(off=" - :every * interval '1 day'"),
    },
    "captures": {
        "id": "left(f.id, 20) || lpad(CAST(n AS text), 12, '0')",
        "url": _URL,
        "final_url": _URL,
        "at": _AT.format(off=" - :every * interval '1 day'"),
        "number": "n + 1",
    },
    # the states of first readings that are not in the log: what changes there begins a stream
    "streams": {
        "stream": f"'{SOURCE}/page:' || {_URL}",
        "subject": f"'page:' || {_URL}",
        "version": "0",
    },
}
"""By table, what is not a copy of the first row."""
