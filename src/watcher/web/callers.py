"""Who asks: a program by its token, a browser by its session, a proxy's word, or nobody known."""

from __future__ import annotations

import hmac
import logging
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.types import HTTPScope

from watcher.config.web_model import HeaderSignIn
from watcher.core.access import Act, Role, may
from watcher.core.sign_in import NAME
from watcher.services.sign_in import Door, Knock
from watcher.web.cookies import session_of
from watcher.web.outside import Outside, is_among, outside

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
_BEARER = re.compile(r"[Bb]earer +([!-~]{1,4096})")
_OURS = "watcher_"
LIVE = "/live"
_BACKGROUND = "x-watcher-live"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes:
        name: What decisions carry; empty: nobody has to say who they are here.
        role: What they are.
        way: How we know: `session`, `token` or `header`; `nobody`: nobody was asked.
        user: The user's name; empty: it is no user of ours.
        session: The session's id; empty: there is none.
        anchor: What forms made for them are sealed with; empty: they need no seal, since no
            browser sends by itself what they are known by.
    """

    name: str
    role: Role
    way: Literal["nobody", "session", "token", "header"]
    user: str = ""
    session: str = ""
    anchor: str = ""


ANYBODY = Caller(name="", role=Role.ADMIN, way="nobody")
"""Whoever reaches pages that only this machine reaches and for which nobody has to sign in."""


class BadTokenError(Exception):
    """A program sent a token that is none that can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Knows who asks.

    Attributes:
        door: Where people sign in.
        header: The proxy that says who somebody is; None: none does.
        key: What forms are sealed with.
    """

    door: Door
    header: HeaderSignIn | None
    key: bytes

    def of(self, scope: HTTPScope) -> Caller | None:
        """Return who asks; None: nobody we know.

        Raises:
            BadTokenError: A token was sent, and it is none that can be used.
        """
        headers, seen = Headers.from_scope(scope), outside(scope)
        told = _BEARER.fullmatch(headers.get("authorization", ""))
        if told and (token := self.door.bearer(told[1])):
            return Caller(name=str(token), role=token.role, way="token")
        if told and told[1].startswith(_OURS):
            raise BadTokenError
        found = self._of_session(scope, headers, seen) or self._of_header(headers, seen)
        if told and found is None:
            raise BadTokenError
        return found

    def _of_session(self, scope: HTTPScope, headers: Headers, seen: Outside) -> Caller | None:
        secret = session_of(headers, seen)
        by_itself = scope["path"].startswith(LIVE) or _BACKGROUND in headers
        found = self.door.who(secret, touch=not by_itself) if secret else None
        if found is None:
            return None
        user, session = found
        return Caller(
            name=str(user),
            role=user.role,
            way="session",
            user=user.name,
            session=session.id,
            anchor=f"session {session.id}",
        )

    def _of_header(self, headers: Headers, seen: Outside) -> Caller | None:
        """Return whom a proxy names; only one that the configuration names is believed."""
        said = self.header
        if said is None:
            return None
        names = headers.getall(said.user.casefold(), [])
        if not names:
            return None
        if not is_among(seen.peer, said.proxies):
            _log.warning("%s said who it is in %s, and is no proxy", seen.peer, said.user)
            return None
        name = names[0].strip().casefold()
        if len(names) != 1 or not NAME.fullmatch(name):
            _log.warning("the proxy %s named nobody who could be one", seen.peer)
            return None
        told = ",".join(headers.getall(said.groups.casefold(), [])) if said.groups else ""
        role = said.roles.role_of([each.strip() for each in told.split(",")])
        if role is None:
            return None
        return Caller(name=name, role=role, way="header", anchor=f"header {name}")

    def is_still(self, caller: Caller, secret: str) -> bool:
        """Return whether somebody whose line stays open may still be told what is new."""
        match caller.way:
            case "session":
                return self.door.who(secret, touch=False) is not None
            case "token":
                return self.door.bearer(secret) is not None
            case "nobody" | "header":
                return True

    def seal(self, anchor: str) -> str:
        """Return what a form carries that was made for somebody, and that no other page knows."""
        return hmac.new(self.key, f"form {anchor}".encode(), "sha256").hexdigest()[:40]

    def is_sealed(self, anchor: str, told: str) -> bool:
        """Return whether a form was made for somebody."""
        return hmac.compare_digest(self.seal(anchor).encode(), told.encode("utf-8", "replace"))


def knock_of(headers: Headers, seen: Outside) -> Knock:
    """Return from where somebody comes who would sign in."""
    return Knock(address=seen.place, agent=headers.get("user-agent", ""))


def caller_of(asked: Connection) -> Caller | None:
    """Return who asks; None: nobody we know."""
    found = asked.scope.get("user")
    return found if isinstance(found, Caller) else None


def may_ask(asked: Connection, act: Act) -> bool:
    """Return whether whoever asks may do this; what nobody was asked for is as for a reader."""
    caller = caller_of(asked)
    return may(caller.role if caller else Role.READER, act)
