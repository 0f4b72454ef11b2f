"""What we remember of hosts: pace, pauses, budgets and robots.txt, across restarts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from threading import Lock
from typing import Protocol

import sqlalchemy as sa

from watcher.ports.hosts import Entry, Hosts, RobotsCopy, Standing
from watcher.ports.store import Store, Work
from watcher.store import codec
from watcher.store.driver import Ready
from watcher.store.schema import hosts

_COLUMNS = [hosts.c[field.name] for field in fields(Standing)]
_OF_STANDING = tuple(field.name for field in fields(Standing))
# made once: a host's standing is written with every look
_STANDING = Ready(sa.select(*_COLUMNS).where(hosts.c.host == sa.bindparam("at")))
_MOVE = Ready(
    sa.update(hosts)
    .where(hosts.c.host == sa.bindparam("at"))
    .values({name: sa.bindparam(name) for name in _OF_STANDING})
)
_NEW = sa.insert(hosts)
_NO_ROBOTS = {"robots": codec.encode_value({}), "robots_at": ""}


class SqlHosts:
    """The hosts in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        row = _STANDING.first(self._connection, {"at": host})
        return Standing(**row) if row else Standing(host=host)

    def standings(self) -> tuple[Standing, ...]:
        """Return where we stand with every host ever asked, by name."""
        rows = self._connection.execute(sa.select(*_COLUMNS).order_by(hosts.c.host))
        return tuple(Standing(**row._mapping) for row in rows)

    def put(self, standing: Standing) -> None:
        """Keep where we stand with a host; what is known of its robots.txt stays."""
        row = {name: getattr(standing, name) for name in _OF_STANDING}
        if not _MOVE.run(self._connection, {**row, "at": standing.host}):
            self._connection.execute(_NEW, {**row, **_NO_ROBOTS})

    def robots(self, host: str) -> Mapping[str, RobotsCopy]:
        """Return the robots.txt of a host, by root."""
        query = sa.select(hosts.c.robots).where(hosts.c.host == host)
        kept = self._connection.execute(query).scalar()
        found = codec.decode_value(kept) if kept else {}
        return {root: RobotsCopy(**copy) for root, copy in found.items()}

    def put_robots(self, host: str, root: str, copy: RobotsCopy) -> None:
        """Keep the robots.txt of one root of a host."""
        known = {**self.robots(host), root: copy}
        encoded = codec.encode_value({name: asdict(each) for name, each in known.items()})
        row = {"robots": encoded, "robots_at": copy.tried_at}
        changed = sa.update(hosts).where(hosts.c.host == host).values(row)
        if not self._connection.execute(changed).rowcount:
            self._connection.execute(_NEW, {**asdict(Standing(host=host)), **row})


class _Carrying(Protocol):
    """A store that takes something along with whatever it commits next."""

    def carry(self, write: Callable[[Hosts], None]) -> None:
        """Call `write` at the end of every transaction that writes."""
        ...


class CarryingStore(Store, _Carrying, Protocol):
    """A store that does so."""


class SqlHostLedger:
    """Keeps the port `HostLedger`: what must be durable at once is, the rest rides along."""

    def __init__(self, store: CarryingStore) -> None:
        self._store = store
        self._noted: dict[str, Standing] = {}
        self._lock = Lock()
        store.carry(self._write_noted)

    def enter(self, host: str) -> Entry:  # noqa: ARG002  one process has the store to itself
        """Take the host's turn: this process has the store, and every host, to itself."""
        return Entry()

    def leave(self, standing: Standing) -> None:
        """Give the host's turn back."""

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        with self._store.reading() as work:
            return work.hosts.standing(host)

    def anew(self, host: str) -> Standing | None:  # noqa: ARG002  no other process asks any
        """Return None: no other process asks a host."""
        return None

    def keep(self, standing: Standing) -> None:
        """Keep a standing durably before returning."""
        self._forget(standing.host)
        with self._store.writing() as work:
            work.hosts.put(standing)

    def note(self, standing: Standing) -> None:
        """Keep a standing with whatever is committed next: as a rule, the capture it led to."""
        with self._lock:
            self._noted[standing.host] = standing

    def robots(self, host: str, root: str) -> RobotsCopy | None:
        """Return the robots.txt of a root, or None where it was never asked for."""
        with self._store.reading() as work:
            return work.hosts.robots(host).get(root)

    def keep_robots(self, host: str, root: str, copy: RobotsCopy) -> None:
        """Keep a robots.txt durably before returning."""
        with self._store.writing() as work:
            work.hosts.put_robots(host, root, copy)

    def _forget(self, host: str) -> None:
        with self._lock:
            self._noted.pop(host, None)

    def _write_noted(self, kept: Hosts) -> None:
        with self._lock:
            noted, self._noted = self._noted, {}
        for standing in noted.values():
            kept.put(standing)


def standings(work: Work) -> tuple[tuple[Standing, Mapping[str, RobotsCopy]], ...]:
    """Return every host ever asked with its robots.txt by root."""
    return tuple((each, work.hosts.robots(each.host)) for each in work.hosts.standings())
