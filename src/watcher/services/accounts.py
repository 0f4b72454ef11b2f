"""Users and tokens, as persons add, change and take them away: each an event, with its effect.

What is secret never stands in an event: of a password its hash, of a token the digest of its
secret is kept, in tables of their own that are no part of the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.core.access import Role
from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject
from watcher.core.sign_in import NAME
from watcher.core.text import tidy
from watcher.errors import NotFoundError, OperationalError
from watcher.ports import Clock
from watcher.ports.access import Token, User
from watcher.ports.store import Store, Work
from watcher.services.decisions import Decider, decided, details_of, record
from watcher.services.own_events import own_stream

ADDED, ROLE_CHANGED, PASSWORD_CHANGED = "user.added", "user.role_changed", "user.password_changed"
DISABLED, ENABLED, REMOVED = "user.disabled", "user.enabled", "user.removed"
TOKEN_ADDED, TOKEN_REVOKED = "token.added", "token.revoked"
_LONGEST_TITLE = 80
_TOKEN_ID = re.compile(r"[0-9a-f]{8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ARGON2 = re.compile(r"\$argon2id\$[!-~]{20,400}")
_MOST_DAYS = 3_660
_Step = Callable[[Work, str], tuple[str, str]]
"""Takes effect, and returns from what to what."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to happen to a user or token, and the event that tells of it."""

    kind: str
    subject: Subject
    step: _Step
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody to add.

    Attributes:
        name: What they are called here.
        title: Their name for people; empty: the same.
        role: What they are.
        password: The hash of their password.
    """

    name: str
    title: str
    role: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to add.

    Attributes:
        id: Its number, eight hexadecimal digits.
        title: What it is for.
        role: What the program that has it is.
        secret: The digest of its secret.
        days: For how long it can be used; 0: until it is revoked.
    """

    id: str
    title: str
    role: str
    secret: str
    days: int


def add_user(store: Store, new: NewUser, by: Decider, clock: Clock) -> Recorded:
    """Add a user with a password.

    Raises:
        OperationalError: There is one of that name, or it cannot be anybody's.
    """
    role, title = role_named(new.role), _title(new.title)
    if not NAME.fullmatch(new.name):
        message = (
            f"{new.name[:40]!r} cannot be a user's name: lower-case letters, digits and . _ @ + -, "
            "64 at most"
        )
        raise OperationalError(message)
    _check_hash(new.password)

    def step(work: Work, now: str) -> tuple[str, str]:
        if work.access.user(new.name):
            message = f"there is a user {new.name!r} already: see `watcher users list`"
            raise OperationalError(message)
        made = User(name=new.name, title=title, role=role, password=new.password, created_at=now)
        work.access.put_user(made)
        return "nobody", str(role)

    return _decide(store, _Change(ADDED, Subject("user", new.name), step), by, clock)


def set_role(store: Store, name: str, role: str, by: Decider, clock: Clock) -> Recorded:
    """Let a user be something else; it holds from their next page on.

    Raises:
        NotFoundError: There is no such user.
        OperationalError: They are that already.
    """
    wanted = role_named(role)

    def step(work: Work, _now: str) -> tuple[str, str]:
        found = user_named(work, name)
        if found.role is wanted:
            message = f"{name} is {wanted} already"
            raise OperationalError(message)
        work.access.put_user(replace(found, role=wanted))
        return str(found.role), str(wanted)

    return _decide(store, _Change(ROLE_CHANGED, Subject("user", name), step), by, clock)


def set_password(
    store: Store, name: str, password: str, by: Decider, clock: Clock, *, keep: str = ""
) -> Recorded:
    """Change a user's password; wherever they are signed in, they are no longer.

    Args:
        store: Where.
        name: Whose.
        password: The new one's hash.
        by: Who.
        clock: Tells when.
        keep: The one session that goes on: in which they changed it themselves.

    Raises:
        NotFoundError: There is no such user.
        OperationalError: They have no password here.
    """
    _check_hash(password)

    def step(work: Work, _now: str) -> tuple[str, str]:
        found = user_named(work, name)
        if found.kind != "local":
            message = f"{name} has no password here: somebody else vouches for them"
            raise OperationalError(message)
        work.access.put_user(replace(found, password=password))
        ended = work.access.end_sessions(name, but=keep)
        return "", f"{ended} session{'s'[: ended != 1]} ended"

    return _decide(store, _Change(PASSWORD_CHANGED, Subject("user", name), step), by, clock)


def disable(store: Store, name: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a user sign in no more, and end all their sessions.

    Raises:
        NotFoundError: There is no such user.
        OperationalError: They may not already.
    """

    def step(work: Work, now: str) -> tuple[str, str]:
        found = user_named(work, name)
        if found.disabled_at:
            message = f"{name} is disabled already, since {found.disabled_at[:16]}"
            raise OperationalError(message)
        work.access.put_user(replace(found, disabled_at=now))
        work.access.end_sessions(name)
        return "enabled", "disabled"

    return _decide(store, _Change(DISABLED, Subject("user", name), step, why), by, clock)


def enable(store: Store, name: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a user who was disabled sign in again.

    Raises:
        NotFoundError: There is no such user.
        OperationalError: They may already.
    """

    def step(work: Work, _now: str) -> tuple[str, str]:
        found = user_named(work, name)
        if not found.disabled_at:
            message = f"{name} is not disabled"
            raise OperationalError(message)
        work.access.put_user(replace(found, disabled_at=""))
        return "disabled", "enabled"

    return _decide(store, _Change(ENABLED, Subject("user", name), step, why), by, clock)


def remove(store: Store, name: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Take a user away; what they decided stays in the log, with their name.

    Raises:
        NotFoundError: There is no such user.
    """

    def step(work: Work, _now: str) -> tuple[str, str]:
        found = user_named(work, name)
        work.access.remove_user(name)
        return str(found.role), "nobody"

    return _decide(store, _Change(REMOVED, Subject("user", name), step, why), by, clock)


def add_token(store: Store, new: NewToken, by: Decider, clock: Clock) -> Recorded:
    """Add a token for a program; its secret is shown by whoever drew it, once.

    Raises:
        OperationalError: It is not one as we draw them, or says not what it is for.
    """
    role, title = role_named(new.role), _title(new.title)
    is_whole = _TOKEN_ID.fullmatch(new.id) and _DIGEST.fullmatch(new.secret)
    if not is_whole or not title or not 0 <= new.days <= _MOST_DAYS:
        message = f"say what the token is for, and for how many days: 0 to {_MOST_DAYS}"
        raise OperationalError(message)
    until = instant(clock.now() + timedelta(days=new.days)) if new.days else ""

    def step(work: Work, now: str) -> tuple[str, str]:
        if work.access.token(new.id):
            message = f"there is a token {new.id} already: try again"
            raise OperationalError(message)
        made = Token(
            id=new.id,
            title=title,
            role=role,
            secret=new.secret,
            created_at=now,
            created_by=by.who,
            expires_at=until,
        )
        work.access.put_token(made)
        return "", f"{role}, {title}, until {until[:10] or 'revoked'}"

    return _decide(store, _Change(TOKEN_ADDED, Subject("token", new.id), step), by, clock)


def revoke_token(store: Store, token_id: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a token be used no more.

    Raises:
        NotFoundError: There is no such token.
        OperationalError: It is revoked already.
    """

    def step(work: Work, now: str) -> tuple[str, str]:
        found = work.access.token(token_id)
        if found is None:
            message = f"there is no token {token_id[:40]!r}: see `watcher tokens list`"
            raise NotFoundError(message)
        if found.revoked_at:
            message = f"token {token_id} is revoked already, since {found.revoked_at[:16]}"
            raise OperationalError(message)
        work.access.put_token(replace(found, revoked_at=now))
        return f"{found.role}, {found.title}", "revoked"

    return _decide(store, _Change(TOKEN_REVOKED, Subject("token", token_id), step, why), by, clock)


def user_named(work: Work, name: str) -> User:
    """Return the user of that name.

    Raises:
        NotFoundError: There is none.
    """
    found = work.access.user(name)
    if found is None:
        message = f"there is no user {name[:40]!r}: see `watcher users list`"
        raise NotFoundError(message)
    return found


def role_named(name: str) -> Role:
    """Return the role of that name.

    Raises:
        OperationalError: There is none.
    """
    try:
        return Role(name)
    except ValueError:
        message = f"there is no role {name[:40]!r}; there are: {', '.join(Role)}"
        raise OperationalError(message) from None


def is_usable(token: Token, now: datetime) -> bool:
    """Return whether a token can be used at an instant."""
    return not token.revoked_at and (not token.expires_at or token.expires_at > instant(now))


def _title(title: str) -> str:
    named = tidy(title)
    if len(named) > _LONGEST_TITLE:
        message = f"a name has {_LONGEST_TITLE} characters at most"
        raise OperationalError(message)
    return named


def _check_hash(password: str) -> None:
    if not _ARGON2.fullmatch(password):
        message = "that is not the hash of a password"
        raise OperationalError(message)


def _decide(store: Store, change: _Change, by: Decider, clock: Clock) -> Recorded:
    """Carry a change out once a request, with its event in the same transaction."""
    now = instant(clock.now())
    with store.writing() as work:
        if done := decided(work, own_stream(change.subject), by):
            return done
        before, after = change.step(work, now)
        told = {**details_of(by, change.why.strip()), "before": before, "after": after}
        details = {name: text for name, text in told.items() if text}
        return record(work, Event(type=change.kind, subject=change.subject, details=details), now)
