"""Messages that wait to be delivered, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.errors import NotFoundError
from watcher.ports import Envelope
from watcher.ports.cases import Heard
from watcher.ports.telling import Depth, Waiting
from watcher.store import codec
from watcher.store.schema import outbox

_BATCH = 200
_OF_THEIR_OWN = ("alert", "follow_up", "operator")
"""Kinds of messages that tell of one thing alone, and of which there may be too many."""


class SqlOutbox:
    """The outbox in one transaction of a database.

    Attributes:
        has_grown: Whether this transaction has put something in.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.has_grown = False

    def put(self, key: str, case: str, channel: str, envelope: Envelope, at: str) -> bool:
        """Put a message in unless it stands there; return whether it was new."""
        message = Waiting(
            id=0,
            key=key,
            case=case,
            channel=channel,
            envelope=envelope,
            state="pending",
            next_attempt=at,
            created_at=at,
        )
        return self.add(message)

    def add(self, message: Waiting) -> bool:
        """Put a whole message in unless its key and channel stand there; its id is given anew."""
        known = (outbox.c.key == message.key, outbox.c.channel == message.channel)
        if self._connection.execute(sa.select(outbox.c.id).where(*known)).first():
            return False
        row = {field.name: getattr(message, field.name) for field in fields(Waiting)}
        del row["id"]
        row["envelope"] = codec.encode_value(_kept(message.envelope))
        self._connection.execute(sa.insert(outbox).values(row))
        self.has_grown = True
        return True

    def count(self, person: str, channel: str, since: str) -> int:
        """Return how many messages of their own a person has got, or will get, since an instant."""
        theirs = (
            outbox.c.person == person,
            outbox.c.channel == channel,
            outbox.c.kind.in_(_OF_THEIR_OWN),
        )
        # what waits for the end of the night counts for when it goes, not for when it was queued
        put_off = (
            outbox.c.state == "pending",
            outbox.c.next_attempt >= since,
            outbox.c.created_at < since,
        )
        count = sa.select(sa.func.count()).select_from(outbox).where(*theirs)
        # without statistics SQLite would go through all that this person ever got
        waiting = count.where(*put_off).with_hint(outbox, "INDEXED BY outbox_due", "sqlite")
        return sum(
            self._connection.execute(query).scalar() or 0
            for query in (count.where(outbox.c.created_at >= since), waiting)
        )

    def due(self, now: str, horizon: str, limit: int, channel: str = "") -> tuple[Waiting, ...]:
        """Return messages to try now, the gravest first, then the oldest; of all channels or one.

        One that was being sent when the process died counts as due: it may have been delivered,
        and is sent again with the same key. So does one put off beyond `horizon` by a clock that
        ran ahead.
        """
        query = sa.select(outbox).where(*_is_due(now, horizon))
        if channel:
            query = query.where(outbox.c.channel == channel)
        query = query.order_by(outbox.c.severity.desc(), outbox.c.id).limit(limit)
        return tuple(map(_waiting, self._connection.execute(query)))

    def channels_due(self, now: str, horizon: str) -> tuple[str, ...]:
        """Return the ids of the channels through which there is something to try now."""
        query = sa.select(outbox.c.channel).where(*_is_due(now, horizon)).distinct()
        return tuple(self._connection.execute(query.order_by(outbox.c.channel)).scalars())

    def count_due(self, before: str) -> int:
        """Return how many messages should have gone before an instant, and have not."""
        at = outbox.c.next_attempt
        query = sa.select(sa.func.count()).where(
            outbox.c.state.in_(("pending", "sending")), at <= before, outbox.c.attempts == 0
        )
        return self._connection.execute(query).scalar() or 0

    def find(self, number: int) -> Waiting:
        """Return one message."""
        row = self._connection.execute(sa.select(outbox).where(outbox.c.id == number)).first()
        if row is None:
            message = f"there is no message {number}: see `watcher alerts`"
            raise NotFoundError(message)
        return _waiting(row)

    def of_case(self, case: str) -> tuple[Waiting, ...]:
        """Return all messages about a case, oldest first."""
        query = sa.select(outbox).where(outbox.c.case == case).order_by(outbox.c.id)
        return tuple(map(_waiting, self._connection.execute(query)))

    def heard(self, cases: Sequence[str]) -> tuple[Heard, ...]:
        """Return who was told of these cases; the letters themselves are left where they are."""
        told = (outbox.c.case, outbox.c.person, outbox.c.channel, outbox.c.state)
        query = sa.select(*told, outbox.c.delivered_at.label("at"))
        rows = self._connection.execute(query.where(outbox.c.case.in_(cases)).order_by(outbox.c.id))
        return tuple(Heard(**row._mapping) for row in rows)

    def of_channel(self, channel: str, since: str, until: str) -> tuple[Waiting, ...]:
        """Return what was queued for a channel from an instant to before another, oldest first."""
        query = (
            sa.select(outbox)
            .where(
                outbox.c.channel == channel,
                outbox.c.created_at >= since,
                outbox.c.created_at < until,
            )
            .order_by(outbox.c.id)
        )
        return tuple(map(_waiting, self._connection.execute(query)))

    def with_key(self, key: str) -> tuple[Waiting, ...]:
        """Return the messages of that key: one a channel at most."""
        query = sa.select(outbox).where(outbox.c.key == key).order_by(outbox.c.id)
        return tuple(map(_waiting, self._connection.execute(query)))

    def read(self, since: str = "", until: str = "") -> Iterator[Waiting]:
        """Return all messages queued since an instant and up to another, oldest first."""
        query = sa.select(outbox).where(outbox.c.created_at >= since).order_by(outbox.c.id)
        if until:
            query = query.where(outbox.c.created_at <= until)
        rows = self._connection.execute(query.execution_options(yield_per=_BATCH))
        return map(_waiting, rows)

    def page(
        self, *, after: int = 0, limit: int = 50, state: str = "", channel: str = ""
    ) -> tuple[Waiting, ...]:
        """Return the messages that follow a number, in the order of their numbers."""
        query = sa.select(outbox).where(outbox.c.id > after)
        if state:
            query = query.where(outbox.c.state == state)
        if channel:
            query = query.where(outbox.c.channel == channel)
        rows = self._connection.execute(query.order_by(outbox.c.id).limit(limit))
        return tuple(map(_waiting, rows))

    def depths(self) -> tuple[Depth, ...]:
        """Return how many messages there are, by channel and state."""
        kinds = (outbox.c.channel, outbox.c.state)
        messages = sa.func.count().label("messages")
        oldest = sa.func.min(outbox.c.created_at).label("oldest")
        rows = self._connection.execute(
            sa.select(*kinds, messages, oldest).group_by(*kinds).order_by(*kinds)
        )
        return tuple(Depth(**row._mapping) for row in rows)

    def update(self, waiting: Waiting) -> None:
        """Keep what became of a message."""
        moved = ("state", "attempts", "next_attempt", "delivered_at", "answer")
        self._connection.execute(
            sa.update(outbox)
            .where(outbox.c.id == waiting.id)
            .values({name: getattr(waiting, name) for name in moved})
        )

    def latest(self, limit: int, state: str = "", channel: str = "") -> tuple[Waiting, ...]:
        """Return the last messages, oldest first; of one state and channel, or of all."""
        query = sa.select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        if state:
            query = query.where(outbox.c.state == state)
        if channel:
            query = query.where(outbox.c.channel == channel)
        return tuple(map(_waiting, self._connection.execute(query)))[::-1]


def _is_due(now: str, horizon: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        outbox.c.state.in_(("pending", "sending")),
        sa.or_(outbox.c.next_attempt <= now, outbox.c.next_attempt > horizon),
    )


def _kept(envelope: Envelope) -> dict[str, object]:
    """Return what is kept of an envelope: attachments are made when it is sent."""
    return {
        field.name: getattr(envelope, field.name)
        for field in fields(Envelope)
        if field.name != "attachments"
    }


def _waiting(row: sa.Row[Any]) -> Waiting:
    known = dict(row._mapping)
    known["envelope"] = Envelope(**codec.decode_value(row.envelope))
    return Waiting(**known)
