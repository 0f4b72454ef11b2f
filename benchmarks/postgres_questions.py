"""Every question at ten million events: how long it takes, and whether a table is read whole."""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from postgres_rows import COLUMNS, event_of, provenance

from kit.postgres import Cluster
from watcher.core.taxonomy import Severity
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.ports.store import EventFilter
from watcher.store import codec
from watcher.store.schema import events
from watcher.store.store import SqlStore, SqlWork

BUILD_EVENTS = f"""
INSERT INTO events ({COLUMNS})
SELECT n, encode(sha256(n::text::bytea), 'hex'),
  (CASE mod(n, 3) WHEN 0 THEN 'ema' WHEN 1 THEN 'medpath' ELSE 'union' END) || '/medicine:EMEA/H/C/'
    || lpad(mod(n, 60000)::text, 6, '0'),
  n / 60000 + 1,
  CASE WHEN mod(n, 5000) = 0 THEN 'authorisation.withdrawn' WHEN mod(n, 97) = 0 THEN 'document.added'
    ELSE 'fact.changed' END,
  'medicine:EMEA/H/C/' || lpad(mod(n, 60000)::text, 6, '0'),
  CASE mod(n, 3) WHEN 0 THEN 'ema' WHEN 1 THEN 'medpath' ELSE 'union' END,
  CASE WHEN mod(n, 5000) = 0 THEN 4 WHEN mod(n, 97) = 0 THEN 2 ELSE 1 END, 'observed',
  to_char(timestamp '2024-01-01' + n * interval '8 seconds', 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'),
  to_char(timestamp '2024-01-01' + n * interval '8 seconds', 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'),
  2, %(payload)s::bytea, encode(sha256((-n)::text::bytea), 'hex')
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""  # noqa: S608  our own names
BUILD_CAPTURES = """
INSERT INTO captures (id, source, url, at, verdict, reason, signals, status, final_url, headers,
  digest, is_revisit, size, milliseconds, reader, records, events, number)
SELECT to_char(timestamp '2024-01-01' + n * interval '16 seconds', 'YYYYMMDD"T"HH24MISS')
    || 'Z-' || lpad(to_hex(n), 8, '0'),
  CASE mod(n, 3) WHEN 0 THEN 'ema' WHEN 1 THEN 'medpath' ELSE 'union' END,
  'https://www.ema.example/' || mod(n, 60000),
  to_char(timestamp '2024-01-01' + n * interval '16 seconds', 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'),
  CASE WHEN mod(n, 50) = 0 THEN 'blocked' ELSE 'ok' END, '', '[]'::bytea, 200,
  'https://www.ema.example/' || mod(n, 60000), '{}'::bytea,
  'sha256:' || encode(sha256((n / 7)::text::bytea), 'hex'), mod(n, 7) <> 0, 24000, 120, 'r@1', 1, 0, n
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
CHUNK = 500_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked through the store."""

    name: str
    ask: Callable[[SqlWork, int], object]


QUESTIONS = (
    Question("head", lambda w, _: w.log.head()),
    Question("event by position", lambda w, n: w.proof.row(n // 2)),
    Question("newest 50", lambda w, _: w.log.latest(EventFilter(limit=50))),
    Question("the next 500 after a checkpoint",
             lambda w, n: list(w.log.read(EventFilter(after=n - 500, limit=500)))),
    Question("one stream", lambda w, _: list(w.log.read(EventFilter(stream=STREAM)))),
    Question("one subject", lambda w, _: list(w.log.read(EventFilter(subject=SUBJECT)))),
    Question("newest 50 of a type", lambda w, _: w.log.latest(
        EventFilter(types=("authorisation.*",), limit=50))),
    Question("newest 50 of a source", lambda w, _: w.log.latest(
        EventFilter(sources=("union",), limit=50))),
    Question("newest 50 at least critical", lambda w, _: w.log.latest(
        EventFilter(least=Severity.CRITICAL, limit=50))),
    Question("by the beginning of an id", lambda w, _: w.log.find(ID[:16])),
    Question("version of a stream", lambda w, _: w.connection.execute(VERSION).scalar()),
    Question("amendments", lambda w, _: w.log.set_aside()),
    Question("captures: last number", lambda w, _: w.captures.count()),
    Question("captures: newest 50", lambda w, _: w.captures.latest(limit=50)),
    Question("captures: of a target", lambda w, _: list(w.captures.read(source="ema", url=URL))),
    Question("captures: payload known", lambda w, _: w.captures.known_digest("sha256:none")),
    Question("captures: page of 50", lambda w, n: w.captures.numbered(WhichLooks(), after=n // 4)),
    Question("captures: blocked of a source", lambda w, _: w.captures.newest(
        WhichLooks(source="ema", verdicts=(Verdict.BLOCKED,)))),
    Question("captures: since a day, by day", lambda w, n: w.captures.by_day(since(n))),
    Question("captures: of a payload", lambda w, _: w.captures.of_digest("sha256:none")),
)  # fmt: skip
VERSION = sa.select(sa.func.max(events.c.version)).where(
    events.c.stream == "ema/medicine:EMEA/H/C/000003"
)
STREAM, SUBJECT = "ema/medicine:EMEA/H/C/000003", "medicine:EMEA/H/C/000003"
ID = hashlib.sha256(b"12345").hexdigest()
URL = "https://www.ema.example/3"


def since(rows: int) -> str:
    """Return the instant of a day before the last of the captures."""
    return time.strftime("%Y-%m-%dT%H:%M", time.gmtime(1_704_067_200 + rows // 2 * 16 - 86_400))


def build(url: sa.URL, rows: int) -> None:
    """Fill events and captures; indices are made once all rows are there, which is quicker."""
    payload = codec.encode(event_of(1), provenance(1, 1))
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        run = connection.exec_driver_sql
        found = run("SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('events',"
                    " 'captures') AND indexname NOT LIKE '%%_pkey'").all()  # fmt: skip
        run("ALTER TABLE events DROP CONSTRAINT events_event_id_key")
        run("ALTER TABLE events DROP CONSTRAINT events_stream_version_key")
        for name, _ in found:
            run(f"DROP INDEX IF EXISTS {name}")
        for statement, total in ((BUILD_EVENTS, rows), (BUILD_CAPTURES, rows // 2)):
            for first in range(1, total + 1, CHUNK):
                last = min(first + CHUNK - 1, total)
                run(statement, {"first": first, "last": last, "payload": payload})
                print(f"\r{first + CHUNK - 1:,} rows", end="", file=sys.stderr, flush=True)
        for name, definition in found:
            began = time.monotonic()
            run(definition)
            print(f"\r{name}: {time.monotonic() - began:.0f} s    ", file=sys.stderr, flush=True)
        run("VACUUM (ANALYZE) events, captures")
    engine.dispose()


def explained(connection: sa.Connection, sent: list[tuple[str, Any]]) -> str:
    """Return which large tables the statements read whole; a dash: none."""
    whole: list[str] = []
    for statement, values in sent:
        if statement.lstrip().startswith("SELECT"):
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
            whole += [line.strip() for line in plan if "Seq Scan on" in line]
    return "; ".join(whole) or "-"


def questions(rows: int, memory: str) -> None:
    settings = (f"shared_buffers={memory}", "maintenance_work_mem=512MB", "max_wal_size=4GB",
                "checkpoint_timeout=30min")  # fmt: skip
    with Cluster(settings=settings) as cluster, cluster.database() as url:
        began = time.monotonic()
        build(url, rows)
        print(f"{rows:,} events and {rows // 2:,} captures: {time.monotonic() - began:.0f} s")
        store = SqlStore(url, writable=False)
        _sizes(store)
        sent: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            sent.append((statement, values))

        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        with store.reading() as work:
            for each in QUESTIONS:
                times = []
                for _ in range(5):
                    sent.clear()
                    began = time.monotonic()
                    each.ask(work, rows)
                    times.append(time.monotonic() - began)
                said = explained(work.connection, list(sent))
                middle = statistics.median(times) * 1000
                print(f"{each.name:<34} {middle:>9.2f} ms   read whole: {said}", flush=True)
        store.close()


def _sizes(store: SqlStore) -> None:
    with store.reading() as work:
        for name in ("events", "captures"):
            size = sa.select(sa.func.pg_table_size(name), sa.func.pg_indexes_size(name))
            table, indices = work.connection.execute(size).one()
            print(f"{name}: table {table / 1e9:.2f} GB, indices {indices / 1e9:.2f} GB")
