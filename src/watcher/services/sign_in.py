"""Signing in and out: who is who, for how long, and how often one may be wrong.

What a browser or program holds is drawn by chance; what is kept of it is its digest, so that a copy
of the database opens nothing. An attempt is counted before it is checked, so that many at once gain
nothing, and whoever is not there is checked as long as whoever is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.sign_in import (
    FORGOTTEN,
    FREE,
    FREE_OF_AN_ADDRESS,
    LONGEST_PASSWORD,
    NAME,
    TOUCHED,
    Limits,
    wait_after,
)
from watcher.core.text import shorten, tidy
from watcher.errors import SignInError
from watcher.ports import Clock
from watcher.ports.access import Passwords, Session, Strikes, Token, User
from watcher.ports.store import Store, Work
from watcher.services.accounts import is_usable

REFUSED = "the name or the password is not right"
"""All that is said to whoever is not let in."""
_PREFIX = "watcher"
_TOKEN = re.compile(rf"{_PREFIX}_([0-9a-f]{{8}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """From where somebody comes.

    Attributes:
        address: Their address, as far as it can be believed.
        agent: What their browser says of itself.
    """

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as it begins.

    Attributes:
        secret: What the browser is given, and nobody else ever sees.
        session: What is kept.
        user: Whose it is.
    """

    secret: str
    session: Session
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What signing in is done with.

    Attributes:
        store: Where users and sessions are kept.
        passwords: Checks passwords.
        clock: Tells the time.
        limits: How long sessions last.
        key: Makes what failures are counted by unreadable.
    """

    store: Store
    passwords: Passwords
    clock: Clock
    limits: Limits
    key: bytes

    def sign_in(self, name: str, password: str, knock: Knock) -> Opened:
        """Return a new session for whoever has this name and this password.

        Raises:
            SignInError: They are not let in, or not yet.
        """
        name = tidy(name).casefold()
        keys = self._keys(name, knock.address)
        self._count(keys)
        with self.store.reading() as work:
            found = work.access.user(name) if NAME.fullmatch(name) else None
        kept = found.password if found is not None and not found.disabled_at else ""
        is_right = self.passwords.fits(password[: LONGEST_PASSWORD + 1], kept)
        if found is None or not is_right:
            raise SignInError(REFUSED)
        if self.passwords.is_dated(kept):
            kept = self.passwords.hashed(password)
        return self.open(replace(found, password=kept), knock, forgiven=keys)

    def open(self, user: User, knock: Knock, *, forgiven: tuple[str, ...] = ()) -> Opened:
        """Return a new session for a user who is known to be themselves.

        Args:
            user: Who, as they are to be kept.
            knock: From where.
            forgiven: Whose last failure was none.

        Raises:
            SignInError: They were disabled or changed meanwhile.
        """
        now = self.clock.now()
        secret = secrets.token_urlsafe(32)
        session = Session(
            id=digest(secret),
            user=user.name,
            created_at=instant(now),
            seen_at=instant(now),
            address=shorten(knock.address, 64),
            agent=shorten(tidy(knock.agent), 200),
        )
        with self.store.writing() as work:
            there = work.access.user(user.name)
            if there is None or there.disabled_at:
                raise SignInError(REFUSED)
            work.access.put_user(replace(user, signed_in_at=instant(now)))
            self._make_room(work, user.name, now)
            work.access.put_session(session)
            for key in forgiven:
                _forgive(work, key, is_account=key == forgiven[0])
        return Opened(secret, session, user)

    def who(self, secret: str, *, touch: bool = True) -> tuple[User, Session] | None:
        """Return whose session a browser has; None: it has ended, or never was one.

        Args:
            secret: What the browser sent.
            touch: Whether it counts as being used.
        """
        now = self.clock.now()
        with self.store.reading() as work:
            session = work.access.session(digest(secret))
            user = work.access.user(session.user) if session else None
        if session is None or user is None or user.disabled_at:
            return None
        seen = datetime.fromisoformat(session.seen_at)
        if self.limits.is_over(datetime.fromisoformat(session.created_at), seen, now):
            return None
        if touch and now - seen >= TOUCHED:
            session = self._touched(session, now)
        return user, session

    def _touched(self, session: Session, now: datetime) -> Session:
        touched = replace(session, seen_at=instant(now))
        with self.store.writing() as work:
            if work.access.session(session.id) is not None:  # it may have ended this moment
                work.access.put_session(touched)
        return touched

    def bearer(self, told: str) -> Token | None:
        """Return the token that a program sends; None: it is none that can be used."""
        found = _TOKEN.fullmatch(told)
        if found is None:
            return None
        now = self.clock.now()
        with self.store.reading() as work:
            token = work.access.token(found[1])
        if token is None or not hmac.compare_digest(token.secret, digest(told)):
            return None
        if not is_usable(token, now):
            return None
        used = datetime.fromisoformat(token.used_at) if token.used_at else None
        if used is None or now - used >= TOUCHED:
            self._used(token.id, now)
        return token

    def _used(self, token_id: str, now: datetime) -> None:
        with self.store.writing() as work:
            token = work.access.token(token_id)
            if token is not None:
                work.access.put_token(replace(token, used_at=instant(now)))

    def sign_out(self, secret: str) -> None:
        """End the session that a browser has."""
        with self.store.writing() as work:
            work.access.end_session(digest(secret))

    def sign_out_everywhere(self, user: str, *, but: str = "") -> int:
        """End all sessions of a user but one, and return how many ended."""
        with self.store.writing() as work:
            return work.access.end_sessions(user, but=but)

    def is_password(self, user: User, password: str, knock: Knock) -> bool:
        """Return whether somebody who is signed in knows their password; failures count.

        Raises:
            SignInError: It was wrong too often just now.
        """
        keys = self._keys(user.name, knock.address)
        self._count(keys)
        is_right = self.passwords.fits(password[: LONGEST_PASSWORD + 1], user.password)
        if is_right:
            with self.store.writing() as work:
                for key in keys:
                    _forgive(work, key, is_account=key == keys[0])
        return is_right

    def _keys(self, name: str, address: str) -> tuple[str, str]:
        """Return by what failures of an account and of an address are counted."""
        told = (f"account {name}", f"address {address}")
        account, place = (hmac.new(self.key, each.encode(), "sha256").hexdigest() for each in told)
        return account, place

    def _count(self, keys: tuple[str, str]) -> None:
        """Count an attempt as if it had failed, or refuse it.

        Raises:
            SignInError: There were too many; it says when the next can be.
        """
        now = self.clock.now()
        with self.store.writing() as work:
            found = [work.access.strikes(key) for key in keys]
            waits = [datetime.fromisoformat(each.until) - now for each in found if each.until]
            wait = max(waits, default=timedelta(0)).total_seconds()
            if wait <= 0:
                work.access.forget_strikes(instant(now - FORGOTTEN))
                for each, free in zip(found, (FREE, FREE_OF_AN_ADDRESS), strict=True):
                    work.access.put_strikes(_struck(each, free, now))
        if wait > 0:
            message = "that was wrong too often: wait a little before you try again"
            raise SignInError(message, wait=wait)

    def _make_room(self, work: Work, user: str, now: datetime) -> None:
        """End what has ended by itself, and of this user what is one too many."""
        limits = self.limits
        work.access.end_sessions_before(
            instant(now - timedelta(seconds=limits.absolute)),
            instant(now - timedelta(seconds=limits.idle)),
        )
        there = work.access.sessions_of(user)
        for each in there[: max(0, len(there) - limits.most + 1)]:
            work.access.end_session(each.id)


def digest(secret: str) -> str:
    """Return what is kept of a secret drawn by chance: nobody finds it by trying."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def draw_token() -> tuple[str, str, str]:
    """Return a new token's id, the whole of it as a program sends it, and what is kept of it."""
    token_id = secrets.token_hex(4)
    told = f"{_PREFIX}_{token_id}_{secrets.token_urlsafe(32)}"
    return token_id, told, digest(told)


def _struck(before: Strikes, free: int, now: datetime) -> Strikes:
    is_old = before.last and now - datetime.fromisoformat(before.last) > FORGOTTEN
    failures = 1 if is_old else before.failures + 1
    wait = wait_after(failures, free)
    return Strikes(
        key=before.key,
        failures=failures,
        until=instant(now + wait) if wait else "",
        last=instant(now),
    )


def _forgive(work: Work, key: str, *, is_account: bool) -> None:
    """Take back the failure that was none; of an account, all before it too."""
    found = work.access.strikes(key)
    left = 0 if is_account else max(0, found.failures - 1)
    work.access.put_strikes(replace(found, failures=left, until=""))
