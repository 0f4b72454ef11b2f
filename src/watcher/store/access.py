"""Who may sign in, and who has, in one transaction of a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from watcher.core.access import Role
from watcher.ports.access import Session, Strikes, Token, User
from watcher.store.schema_access import sessions, strikes, tokens, users


def _columns(table: sa.Table, row: type[Any]) -> list[sa.Column[Any]]:
    return [table.c[field.name] for field in fields(row)]


_USER, _TOKEN = _columns(users, User), _columns(tokens, Token)
_SESSION, _STRIKES = _columns(sessions, Session), _columns(strikes, Strikes)


class SqlAccess:
    """Keeps the port `Access`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def users(self) -> tuple[User, ...]:
        """Return all users, by name."""
        rows = self._connection.execute(sa.select(*_USER).order_by(users.c.name))
        return tuple(User(**_with_role(row._mapping)) for row in rows)

    def user(self, name: str) -> User | None:
        """Return a user; None: there is none of that name."""
        return self._one_user(users.c.name == name)

    def user_of(self, subject: str) -> User | None:
        """Return the user for whom somebody else vouches as `subject`; None: nobody yet."""
        return self._one_user(users.c.subject == subject) if subject else None

    def _one_user(self, which: sa.ColumnElement[bool]) -> User | None:
        row = self._connection.execute(sa.select(*_USER).where(which)).first()
        return User(**_with_role(row._mapping)) if row else None

    def put_user(self, user: User) -> None:
        """Keep a user; what was known of one of that name is replaced."""
        self._put(users, users.c.name, asdict(user))

    def remove_user(self, name: str) -> None:
        """Take a user away, with all their sessions."""
        self.end_sessions(name)
        self._connection.execute(sa.delete(users).where(users.c.name == name))

    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens, also those that can no longer be used, in the order they were made."""
        order = (tokens.c.created_at, tokens.c.id)
        rows = self._connection.execute(sa.select(*_TOKEN).order_by(*order))
        return tuple(Token(**_with_role(row._mapping)) for row in rows)

    def token(self, token_id: str) -> Token | None:
        """Return a token; None: there is none of that id."""
        query = sa.select(*_TOKEN).where(tokens.c.id == token_id)
        row = self._connection.execute(query).first()
        return Token(**_with_role(row._mapping)) if row else None

    def put_token(self, token: Token) -> None:
        """Keep a token; what was known of one of that id is replaced."""
        self._put(tokens, tokens.c.id, asdict(token))

    def session(self, session_id: str) -> Session | None:
        """Return a session; None: there is none of that id, or it has ended."""
        query = sa.select(*_SESSION).where(sessions.c.id == session_id)
        row = self._connection.execute(query).first()
        return Session(**row._mapping) if row else None

    def sessions_of(self, user: str) -> tuple[Session, ...]:
        """Return a user's sessions, the one used longest ago first."""
        query = (
            sa.select(*_SESSION)
            .where(sessions.c.user == user)
            .order_by(sessions.c.seen_at, sessions.c.created_at, sessions.c.id)
        )
        return tuple(Session(**row._mapping) for row in self._connection.execute(query))

    def put_session(self, session: Session) -> None:
        """Keep a session; what was known of one of that id is replaced."""
        self._put(sessions, sessions.c.id, asdict(session))

    def end_session(self, session_id: str) -> None:
        """End a session; where there is none, nothing is done."""
        self._connection.execute(sa.delete(sessions).where(sessions.c.id == session_id))

    def end_sessions(self, user: str, *, but: str = "") -> int:
        """End all sessions of a user but one; return how many ended."""
        which = (sessions.c.user == user) & (sessions.c.id != but)
        return self._connection.execute(sa.delete(sessions).where(which)).rowcount

    def end_sessions_before(self, created: str, seen: str) -> None:
        """End the sessions that were begun before one instant, or not used since the other."""
        which = (sessions.c.created_at < created) | (sessions.c.seen_at < seen)
        self._connection.execute(sa.delete(sessions).where(which))

    def strikes(self, key: str) -> Strikes:
        """Return the failures of a key; none where there were none."""
        query = sa.select(*_STRIKES).where(strikes.c.key == key)
        row = self._connection.execute(query).first()
        return Strikes(**row._mapping) if row else Strikes(key=key)

    def put_strikes(self, told: Strikes) -> None:
        """Keep the failures of a key."""
        self._put(strikes, strikes.c.key, asdict(told))

    def forget_strikes(self, before: str) -> None:
        """Forget the keys whose last failure was before an instant."""
        self._connection.execute(sa.delete(strikes).where(strikes.c.last < before))

    def _put(self, table: sa.Table, key: sa.Column[Any], row: Mapping[str, object]) -> None:
        """Change the row of this key, or add it where there is none."""
        changed = sa.update(table).where(key == row[key.name]).values(dict(row))
        if not self._connection.execute(changed).rowcount:
            self._connection.execute(sa.insert(table).values(dict(row)))


def _with_role(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "role": Role(row["role"])}
