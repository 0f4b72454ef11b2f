"""Appends to PostgreSQL by one to eight writers, each a process of its own."""

from __future__ import annotations

import hashlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

import psycopg
import sqlalchemy as sa
from postgres_rows import COLUMNS, INSTANT, SUBJECTS, event_of, provenance

from kit.postgres import Cluster
from watcher.core.chain import row_hash
from watcher.core.events import Cause, Evidence, Provenance
from watcher.ports.store import Append
from watcher.store import codec
from watcher.store.postgres import LOCK
from watcher.store.store import SqlStore

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


_KNOWN = 500
"""As many streams have begun before `known` is measured."""


class Writer:
    """One who appends by the store's own path, one event each of as many streams as it is told."""

    def __init__(self, url: str, name: int, subjects: int = SUBJECTS) -> None:
        self._store = SqlStore(sa.make_url(url), writable=True)
        self._name = name
        self._subjects = subjects
        self._versions: dict[str, int] = {}
        self.told = 0

    def append(self, at_once: int) -> None:
        """Append in one transaction; a look reads where its streams stand, and so do we."""
        batch: list[tuple[Append, Provenance]] = []
        for number in range(self.told, self.told + at_once):
            event = event_of(number, self._subjects)
            stream = f"ema{self._name}/{event.subject}"
            version = self._versions.get(stream, 0)
            self._versions[stream] = version + 1
            append = Append(
                stream=stream, subject=event.subject, expected_version=version,
                events=(event,), evidence=((Evidence(path="product.note", quote="x", place="p"),),),
                state={"product.note": str(number)},
            )  # fmt: skip
            batch.append((append, provenance(self._name, number)))
        with self._store.writing() as work:
            work.streams.states(append.stream for append, _ in batch)
            work.log.append_all(batch, Cause.OBSERVED, INSTANT)
        self.told += at_once

    def close(self) -> None:
        self._store.close()


def ours(
    url: str, writer: int, at_once: int, seconds: float, start: Barrier, *, known: int = 0
) -> int:
    """Append by the store's own path; `at_once` events of as many streams a transaction."""
    writing = Writer(url, writer, known or SUBJECTS)
    if known:
        writing.append(known)
    start.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        writing.append(at_once)
    writing.close()
    return writing.told - known


def known(url: str, writer: int, at_once: int, seconds: float, start: Barrier) -> int:
    """Append likewise to streams that have begun: names and words are kept already."""
    return ours(url, writer, at_once, seconds, start, known=_KNOWN)


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
    "known": known,
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


def compared(
    cluster: Cluster, writers: int, at_once: int, seconds: float, rounds: int
) -> dict[str, float]:
    """Return the median rates of all ways, in turns, each in a database of its own."""
    ways = ("ours", "known", "raw", *("function",) * (at_once == 1))
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
    return {way: statistics.median(rates) for way, rates in found.items()}


def knee(rates: dict[int, float]) -> int:
    """Return the number of writers from which on more of them bring less than a tenth more."""
    found = min(rates)
    for writers in sorted(rates):
        if rates[writers] >= rates[found] * 1.1:
            found = writers
    return found


def appends(seconds: float, rounds: int, writers: Sequence[int], sizes: Sequence[int]) -> None:
    """Print events a second of so many writers, by so many events a transaction."""
    runs = rounds * len(writers) * sum(4 if at_once == 1 else 3 for at_once in sizes)
    print(f"{runs} runs of {seconds:g} s: some {runs * (seconds + 6) / 60:.0f} minutes")
    print(f"{'writers':>7} {'a tx':>5} {'ours/s':>8} {'known/s':>8} {'raw/s':>8} {'function/s':>11}"
          f" {'ours:raw':>9} {'known:raw':>9}")  # fmt: skip
    with Cluster(is_durable=True) as cluster:
        for at_once in sizes:
            rates: dict[int, float] = {}
            for count in writers:
                mid = compared(cluster, count, at_once, seconds, rounds)
                rates[count] = mid["ours"]
                told = f"{mid['function']:>11,.0f}" if "function" in mid else f"{'-':>11}"
                line = f"{count:>7} {at_once:>5} {mid['ours']:>8,.0f} {mid['known']:>8,.0f}"
                shares = f"{mid['ours'] / mid['raw']:>9.2f} {mid['known'] / mid['raw']:>9.2f}"
                print(f"{line} {mid['raw']:>8,.0f} {told} {shares}", flush=True)
            print(f"by {at_once} events a transaction the knee is at {knee(rates)} writers")


def bulk(rows: int, at_once: int) -> None:
    """Append so many events by the store's own path, one writer, and say how long it takes."""
    with Cluster(is_durable=True) as cluster, cluster.database() as url:
        writing = Writer(url.render_as_string(hide_password=False), 0)
        began = time.monotonic()
        while writing.told < rows:
            writing.append(min(at_once, rows - writing.told))
            took = time.monotonic() - began
            print(f"\r{writing.told:,} events", end="", file=sys.stderr, flush=True)
        writing.close()
    each = took / rows
    print(f"\n{rows:,} events by {at_once} a transaction: {took:.1f} s, {1 / each:,.0f} a second;")
    print(f"ten million at that rate: {each * 1e7 / 60:.0f} minutes")
