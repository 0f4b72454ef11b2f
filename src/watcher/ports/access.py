"""Who may sign in, and who has: users, tokens, sessions and failures, as protocols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from watcher.core.access import Role

Kind = Literal["local", "oidc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in; instants are RFC 3339, UTC, and empty where there is none.

    Attributes:
        name: What they are called here, lower-case, once.
        title: Their name for people; empty: the same.
        role: What they are.
        kind: `local`: they have a password here; `oidc`: somebody else vouches for them.
        password: Its hash in the form of Argon2; empty: they have none.
        subject: Who they are to the one who vouches, `issuer|sub`; empty: nobody does.
        created_at: When they were added.
        disabled_at: Since when they may not sign in.
        signed_in_at: When they last did.
    """

    name: str
    title: str = ""
    role: Role
    kind: Kind = "local"
    password: str = ""
    subject: str = ""
    created_at: str
    disabled_at: str = ""
    signed_in_at: str = ""

    def __str__(self) -> str:
        """Return what decisions carry: `Anna Visser (anna)`, or `anna`."""
        return f"{self.title} ({self.name})" if self.title else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's way in; what it is asked by is known to the program alone.

    Attributes:
        id: Its number, eight hexadecimal digits.
        title: What it is for.
        role: What the program is.
        secret: The SHA-256 digest of its secret, hexadecimal.
        created_at: When it was made.
        created_by: By whom.
        expires_at: Until when it can be used; empty: until it is revoked.
        used_at: When it was last used.
        revoked_at: Since when it cannot be used.
    """

    id: str
    title: str
    role: Role
    secret: str
    created_at: str
    created_by: str
    expires_at: str = ""
    used_at: str = ""
    revoked_at: str = ""

    def __str__(self) -> str:
        """Return what decisions carry: `token 3f0a9c1d (dashboard)`."""
        return f"token {self.id} ({self.title})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in, in one browser.

    Attributes:
        id: The SHA-256 digest of what their browser has, hexadecimal.
        user: Who.
        created_at: Since when.
        seen_at: When they last asked for a page, to the minute.
        address: From where they signed in.
        agent: With what, as the browser says.
    """

    id: str
    user: str
    created_at: str
    seen_at: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strikes:
    """Failures in a row of one account or address.

    Attributes:
        key: Whose; a digest, since people type passwords where their name belongs.
        failures: How many.
        until: Until when nobody is let try again.
        last: When the last one was.
    """

    key: str
    failures: int = 0
    until: str = ""
    last: str = ""


class Access(Protocol):
    """Users, tokens, sessions and failures in one transaction."""

    def users(self) -> tuple[User, ...]:
        """Return all users, by name."""
        ...

    def user(self, name: str) -> User | None:
        """Return a user; None: there is none of that name."""
        ...

    def user_of(self, subject: str) -> User | None:
        """Return the user for whom somebody else vouches as `subject`; None: nobody yet."""
        ...

    def put_user(self, user: User) -> None:
        """Keep a user; what was known of one of that name is replaced."""
        ...

    def remove_user(self, name: str) -> None:
        """Take a user away, with all their sessions."""
        ...

    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens, also those that can no longer be used, in the order they were made."""
        ...

    def token(self, token_id: str) -> Token | None:
        """Return a token; None: there is none of that id."""
        ...

    def put_token(self, token: Token) -> None:
        """Keep a token; what was known of one of that id is replaced."""
        ...

    def session(self, session_id: str) -> Session | None:
        """Return a session; None: there is none of that id, or it has ended."""
        ...

    def sessions_of(self, user: str) -> tuple[Session, ...]:
        """Return a user's sessions, the one used longest ago first."""
        ...

    def put_session(self, session: Session) -> None:
        """Keep a session; what was known of one of that id is replaced."""
        ...

    def end_session(self, session_id: str) -> None:
        """End a session; where there is none, nothing is done."""
        ...

    def end_sessions(self, user: str, *, but: str = "") -> int:
        """End all sessions of a user but one; return how many ended."""
        ...

    def end_sessions_before(self, created: str, seen: str) -> None:
        """End the sessions that were begun before one instant, or not used since the other."""
        ...

    def strikes(self, key: str) -> Strikes:
        """Return the failures of a key; none where there were none."""
        ...

    def put_strikes(self, strikes: Strikes) -> None:
        """Keep the failures of a key."""
        ...

    def forget_strikes(self, before: str) -> None:
        """Forget the keys whose last failure was before an instant."""
        ...


class Passwords(Protocol):
    """Turns passwords into what can be kept, and checks them."""

    def hashed(self, password: str) -> str:
        """Return what can be kept of a password."""
        ...

    def fits(self, password: str, kept: str) -> bool:
        """Return whether a password is the one; where nothing is kept it takes as long, and no."""
        ...

    def is_dated(self, kept: str) -> bool:
        """Return whether what is kept is weaker than what would be made today."""
        ...
