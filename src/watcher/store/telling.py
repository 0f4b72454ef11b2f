"""Digests, and how channels do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.ports.cases import Heard
from watcher.ports.telling import DigestItem, Health
from watcher.store.schema import channel_health, digest_items


class SqlDigests:
    """What waits for a digest, in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, item: DigestItem) -> bool:
        """Put a line in unless it stands there; return whether it was new."""
        known = sa.select(digest_items.c.id).where(
            digest_items.c.channel == item.channel, digest_items.c.key == item.key
        )
        if self._connection.execute(known).first():
            return False
        self._connection.execute(sa.insert(digest_items).values(_row(item)))
        return True

    def due(self, now: str, horizon: str = "") -> tuple[DigestItem, ...]:
        """Return the lines whose digest is due and that were not told, by channel and age."""
        is_due = digest_items.c.due <= now
        if horizon:
            is_due = sa.or_(is_due, digest_items.c.due > horizon)
        waiting = (digest_items.c.told_in == "", is_due)
        order = (digest_items.c.channel, digest_items.c.id)
        return self._items(sa.select(digest_items).where(*waiting).order_by(*order))

    def tell(self, items: Sequence[DigestItem], key: str) -> None:
        """Note that these lines are told in the message of that key."""
        for item in items:
            self._connection.execute(
                sa.update(digest_items)
                .where(digest_items.c.channel == item.channel, digest_items.c.key == item.key)
                .values(told_in=key)
            )

    def of_case(self, case: str) -> tuple[DigestItem, ...]:
        """Return all lines about a case."""
        return self._items(sa.select(digest_items).where(digest_items.c.case == case))

    def heard(self, cases: Sequence[str]) -> tuple[Heard, ...]:
        """Return who was told of these cases in a digest, or will be."""
        told = (digest_items.c.case, digest_items.c.person, digest_items.c.channel)
        state = sa.case((digest_items.c.told_in == "", "waits for a digest"), else_="digest")
        query = sa.select(*told, state.label("state")).where(digest_items.c.case.in_(cases))
        rows = self._connection.execute(query.order_by(digest_items.c.id))
        return tuple(Heard(**row._mapping) for row in rows)

    def told_in(self, key: str) -> tuple[DigestItem, ...]:
        """Return the lines of one digest."""
        query = sa.select(digest_items).where(digest_items.c.told_in == key)
        return self._items(query.order_by(digest_items.c.id))

    def _items(self, query: sa.Select[Any]) -> tuple[DigestItem, ...]:
        return tuple(DigestItem(**_without_id(row)) for row in self._connection.execute(query))


class SqlChannelHealth:
    """How channels do, in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, channel: str) -> Health:
        """Return how a channel does; well where nothing is known."""
        query = sa.select(channel_health).where(channel_health.c.channel == channel)
        row = self._connection.execute(query).first()
        return Health(**row._mapping) if row else Health(channel=channel)

    def put(self, health: Health) -> None:
        """Keep how a channel does."""
        at = channel_health.c.channel == health.channel
        moved = self._connection.execute(sa.update(channel_health).where(at).values(_row(health)))
        if not moved.rowcount:
            self._connection.execute(sa.insert(channel_health).values(_row(health)))

    def all(self) -> tuple[Health, ...]:
        """Return all channels that anything is known of."""
        rows = self._connection.execute(sa.select(channel_health).order_by("channel"))
        return tuple(Health(**row._mapping) for row in rows)


def _row(value: DigestItem | Health) -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _without_id(row: sa.Row[Any]) -> dict[str, Any]:
    known = dict(row._mapping)
    del known["id"]
    return known
