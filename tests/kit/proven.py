"""A log with looks, events, seals and signed checkpoints, to be proven or tampered with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from factories import a_provenance
from kit.clocks import StandingClock
from kit.engines import outside, place_at, triggers_of
from kit.plain_source import URL, ScriptedFetcher, a_reader, a_source, a_toolbox, page
from watcher.core.capture import instant
from watcher.core.chain import GENESIS, row_hash
from watcher.core.events import Cause, Event
from watcher.core.facts import Subject
from watcher.core.note import VerifierKey
from watcher.errors import WatcherError
from watcher.ports.store import Append
from watcher.services.audit import Against, Counts, verify
from watcher.services.bundle import Bundle, bundle
from watcher.services.check import Tools, check
from watcher.services.sealing import Sealed, seal
from watcher.store.database import Place
from watcher.store.schema import APPEND_ONLY
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

NAME = "medicine:EMEA/H/C/004258"
TRIGGERS = ("events", "captures", "signed_checkpoints")


def authorised(**more: object) -> dict[str, object]:
    """What the page says of an authorised medicine."""
    return {
        "product.brand_name": "Alofisel",
        "authorisation[EU].status": "authorised",
        **more,
    }


class Proven:
    """A watcher in a folder whose log can be sealed, verified and packed."""

    tools: Tools

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        self.folder = folder
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher()
        self.signing = FolderSigning(folder, {})
        if writable:
            self.open_for_writing()
            self.signing.prepare()

    def open_for_writing(self) -> None:
        self.tools = a_toolbox(self.folder, self.fetcher, self.clock)

    @property
    def database(self) -> Place:
        return place_at(self.folder / "watcher.db")

    def look(self, state: dict[str, object], *, note: str = "") -> None:
        """Look an hour later at a page that says `state`."""
        self.clock.forward(3600)
        self.fetcher.says(page({NAME: state}, note=note))
        check(a_source(), URL, self.tools)

    def seal(self) -> Sealed:
        self.clock.forward(1)
        return seal(self.tools.store, self.signing, self.clock)

    def decide(self, event_type: str, **details: str) -> None:
        """Record an event that comes of no look."""
        event = Event(type=event_type, subject=Subject("operator", "one"), details=details)
        with self.tools.store.writing() as work:
            stream = work.streams.get(f"watcher/{event.subject}")
            append = Append(
                stream=stream.name,
                subject=event.subject,
                expected_version=stream.version,
                events=(event,),
                evidence=((),),
                state={},
            )
            told = a_provenance(source="watcher", capture="", snapshot="", reader="", url="")
            work.log.append(append, told, Cause.OBSERVED, instant(self.clock.now()))

    def history(self) -> None:
        """Two looks and a seal; a withdrawal, a look without news and a second seal."""
        self.look(authorised())
        self.look(authorised(), note="other bytes")
        self.seal()
        self.look(authorised(**{"authorisation[EU].status": "withdrawn"}))
        self.look(authorised(**{"authorisation[EU].status": "withdrawn"}), note="again")
        self.seal()

    def close(self) -> None:
        self.tools.store.close()

    def keys(self) -> tuple[VerifierKey, ...]:
        return self.signing.keys()

    def bundle(self, event: str) -> Bundle:
        return bundle(
            self.tools.store,
            self.tools.snapshots,
            event,
            find_reader=lambda _told: a_reader(),
            keys=self.keys(),
        )

    def verified(self, *kept: str) -> Counts:
        """Verify everything as a reader would; raise what is wrong."""
        against = Against(signing=self.signing, keys=self.keys(), kept=kept)
        store = SqlStore(self.database, writable=False)
        found = Counts()
        try:
            for counts in verify(store, FolderSnapshots(self.folder / "snapshots"), against):
                found = counts
        finally:
            store.close()
        return found

    def wrong(self, *kept: str) -> str:
        """Return what `verify` finds wrong; empty: nothing."""
        try:
            self.verified(*kept)
        except WatcherError as error:
            return str(error)
        return ""


class Hands:
    """A connection of somebody else's that takes SQL with `?`, whichever database it is."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def execute(self, statement: str, values: Sequence[object] = ()) -> sa.CursorResult[Any]:
        said = statement if self._is_sqlite else statement.replace("?", "%s")
        return self._connection.exec_driver_sql(said, tuple(values))


@contextmanager
def behind_its_back(place: Place) -> Iterator[Hands]:
    """Yield the database without its triggers, as somebody with the file or its server has it."""
    with outside(place) as connection:
        hands = Hands(connection)
        guards = [(table, each) for table in TRIGGERS for each in triggers_of(place, table)]
        if isinstance(place, Path):
            for _, trigger in guards:
                hands.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            yield hands
            for trigger in APPEND_ONLY:
                hands.execute(trigger)
            return
        for table, trigger in guards:
            hands.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        yield hands
        for table, trigger in guards:
            hands.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def rewrite_from(database: Place, position: int, change: Callable[[bytes], bytes]) -> None:
    """Change a payload and make chain and tiles fit again from there on, as a forger would."""
    with behind_its_back(database) as hands:
        previous = GENESIS
        for row in hands.execute("SELECT * FROM events ORDER BY position").mappings().all():
            payload = change(row["payload"]) if row["position"] == position else row["payload"]
            names = ("position", "event_id", "stream", "version", "type", "cause", "schema")
            columns = (*(row[name] for name in names), row["recorded_at"])
            previous = row_hash(previous, columns, payload)
            hands.execute(
                "UPDATE events SET payload = ?, hash = ? WHERE position = ?",
                (payload, previous, row["position"]),
            )
        hands.execute("DELETE FROM tiles")
