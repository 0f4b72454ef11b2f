"""PostgreSQL at length: appends by one to eight writers, and every question at ten million events.

    python benchmarks/postgres.py appends                        # a durable server of its own
    python benchmarks/postgres.py questions --rows 10000000      # builds the rows, then asks

Appends go through the real path (views, tree, NOTIFY and all) and are compared, in turns in the
same run, with bare psycopg: the same advisory lock, the tail read, one insert, a commit; and with a
function in the server that does lock, position, hash and NOTIFY in one round trip. Questions go
through the store; each statement they send is explained, and a table that is read whole is named.
Machines are shared and noisy: ratios are what counts.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import psycopg
import sqlalchemy as sa

from kit.postgres import Cluster
from watcher.core.chain import row_hash
from watcher.core.events import Cause, Change, Event, Evidence, Provenance
from watcher.core.facts import Subject
from watcher.core.taxonomy import Severity
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.ports.store import Append, EventFilter
from watcher.store import codec
from watcher.store.postgres import LOCK
from watcher.store.schema import events
from watcher.store.store import SqlStore, SqlWork

COLUMNS = (
    "position, event_id, stream, version, type, subject, source, severity, cause, observed_at,"
    " recorded_at, schema, payload, hash"
)
INSTANT = "2026-11-30T12:00:00.000000Z"
FUNCTION = f"""
CREATE FUNCTION append_one(id text, of_stream text, at_version bigint, body bytea) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE before record; now_hash text;
BEGIN
  PERFORM pg_advisory_xact_lock({LOCK});
  SELECT position, hash INTO before FROM raw_events ORDER BY position DESC LIMIT 1;
  now_hash := encode(sha256(convert_to(coalesce(before.hash, repeat('0', 64)) || id || of_stream,
    'UTF8') || body), 'hex');
  INSERT INTO raw_events VALUES (coalesce(before.position, 0) + 1, id, of_stream, at_version,
    'fact.changed', 'medicine:x', 'ema', 1, 'observed', '{INSTANT}', '{INSTANT}', 2, body, now_hash);
  PERFORM pg_notify('raw', 'log');
  RETURN coalesce(before.position, 0) + 1;
END $$
"""  # noqa: S608  our own names


def event_of(number: int) -> Event:
    change = Change(path="product.note", action="changed", before="as it was", after=f"{number}")
    subject = Subject("medicine", f"EMEA/H/C/{number % 5000:06d}")
    return Event(type="fact.changed", subject=subject, changes=(change,), nature="changed")


def provenance(writer: int, number: int) -> Provenance:
    return Provenance(
        source="ema", tier=1, url="https://www.ema.example/medicines.json",
        capture=f"{writer}-{number:08x}", snapshot="sha256:" + f"{number:064x}",
        reader="ema_medicines@1", observed_at=INSTANT, derivation="diff@1",
    )  # fmt: skip


def ours(url: str, writer: int, at_once: int, seconds: float, start: Barrier) -> int:
    """Append by the store's own path; `at_once` events of as many streams a transaction."""
    store = SqlStore(sa.make_url(url), writable=True)
    versions: dict[str, int] = {}
    start.wait()
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with store.writing() as work:
            for _ in range(at_once):
                event = event_of(number)
                stream = f"ema{writer}/{event.subject}"
                told = provenance(writer, number)
                append = Append(
                    stream=stream, subject=event.subject,
                    expected_version=versions.get(stream, work.streams.get(stream).version),
                    events=(event,), evidence=((Evidence(path="product.note", quote="x", place="p"),),),
                    state={"product.note": str(number)},
                )  # fmt: skip
                recorded = work.log.append(append, told, Cause.OBSERVED, INSTANT)
                versions[stream] = recorded[-1].version
                number += 1
    store.close()
    return number


def raw(url: str, writer: int, at_once: int, seconds: float, start: Barrier) -> int:
    """Insert the same rows by bare psycopg, with the same lock and a chain."""
    insert = f"INSERT INTO raw_events ({COLUMNS}) VALUES ({', '.join(['%s'] * 14)})"  # noqa: S608
    with psycopg.connect(plain(url)) as connection:
        start.wait()
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            tail = "SELECT position, hash FROM raw_events ORDER BY position DESC LIMIT 1"
            position, previous = connection.execute(tail).fetchone() or (0, "0" * 64)
            rows = []
            for _ in range(at_once):
                event, told = event_of(number), provenance(writer, number)
                payload = codec.encode(event, told)
                identity = hashlib.sha256(f"{writer} {number}".encode()).hexdigest()
                position, stream = position + 1, f"ema{writer}/{event.subject}"
                previous = row_hash(previous, (position, identity, stream, number), payload)
                rows.append((
                    position, identity, stream, number, event.type, str(event.subject), "ema", 1,
                    "observed", INSTANT, INSTANT, 2, payload, previous,
                ))  # fmt: skip
                number += 1
            if at_once == 1:
                connection.execute(insert, rows[0])
            else:
                with connection.cursor() as cursor:
                    cursor.executemany(insert, rows)
            connection.commit()
    return number


def function(url: str, writer: int, at_once: int, seconds: float, start: Barrier) -> int:
    """Call the function in the server, one event a call and transaction."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        start.wait()
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            event, told = event_of(number), provenance(writer, number)
            identity = hashlib.sha256(f"{writer} {number}".encode()).hexdigest()
            values = (identity, f"ema{writer}/{event.subject}", number, codec.encode(event, told))
            connection.execute("SELECT append_one(%s, %s, %s, %s)", values)
            number += at_once
    return number


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


WAYS: dict[str, Callable[[str, int, int, float, Barrier], int]] = {
    "ours": ours,
    "raw": raw,
    "function": function,
}


def _worked(way: str, arguments: tuple[Any, ...], answers: Any) -> None:
    answers.put(WAYS[way](*arguments))


def rate(way: str, url: str, writers: int, at_once: int, seconds: float) -> float:
    """Return events a second of so many writers, each a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(writers), spawn.Queue()
    running = [
        spawn.Process(target=_worked, args=(way, (url, at, at_once, seconds, start), answers))
        for at in range(writers)
    ]
    for each in running:
        each.start()
    total = sum(answers.get() for _ in running)
    for each in running:
        each.join()
    return total / seconds


def appends(seconds: float, rounds: int) -> None:
    print(
        f"{'writers':>7} {'a tx':>5} {'ours/s':>8} {'raw/s':>8} {'ours:raw':>9} {'function/s':>11}"
    )
    with Cluster(is_durable=True) as cluster:
        for writers in (1, 2, 4, 8):
            for at_once in (1, 100):
                ways = ("ours", "raw", "function") if at_once == 1 else ("ours", "raw")
                found: dict[str, list[float]] = {way: [] for way in ways}
                for _ in range(rounds):
                    for way in ways:
                        with cluster.database() as url:
                            cluster.run(
                                "CREATE TABLE raw_events (LIKE events INCLUDING ALL)",
                                FUNCTION,
                                database=str(url.database),
                            )
                            address = url.render_as_string(hide_password=False)
                            found[way].append(rate(way, address, writers, at_once, seconds))
                mid = {way: statistics.median(rates) for way, rates in found.items()}
                share = mid["ours"] / mid["raw"]
                told = f"{mid['function']:>11,.0f}" if "function" in mid else f"{'-':>11}"
                line = f"{writers:>7} {at_once:>5} {mid['ours']:>8,.0f} {mid['raw']:>8,.0f}"
                print(f"{line} {share:>9.2f} {told}", flush=True)


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


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("what", choices=("appends", "questions"))
    wanted.add_argument("--rows", type=int, default=1_000_000)
    wanted.add_argument("--seconds", type=float, default=3.0)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--memory", default="512MB", help="the server's shared_buffers")
    given = wanted.parse_args()
    if given.what == "appends":
        appends(given.seconds, given.rounds)
    else:
        questions(given.rows, given.memory)


if __name__ == "__main__":
    main()
