"""Takes a channel's secrets out of a text before anybody reads it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

HIDDEN = "•••"
_MAIL = frozenset({"mailto", "mailtos"})
_LEAST = 3
"""Shorter pieces of an address are no secrets, and hiding them would make any text unreadable."""


def redact(text: str, url: str) -> str:
    """Return `text` with everything hidden that may be a secret of the channel address `url`.

    A mail address names server and recipient openly and only its password is secret; of other
    addresses user, password, host, path and query may each be a token.
    """
    for secret in sorted(set(_secrets(url)), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def scheme(url: str) -> str:
    """Return the kind of a channel, the one part of its address that is never secret."""
    return url.partition(":")[0].lower()


def _secrets(url: str) -> Iterator[str]:
    """Yield the secret pieces of an address: as written, decoded, and as a login sends them."""
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        yield url
        return
    if password:
        login = f"\0{unquote(user)}\0{unquote(password)}"
        yield from (password, unquote(password))
        yield from (b64encode(one.encode()).decode() for one in (unquote(password), login))
    if parts.scheme in _MAIL:
        return
    query = [value for _name, value in parse_qsl(parts.query)]
    # Not `hostname`, which is in lower case: the place of the host is where many tokens stand.
    host = parts.netloc.rpartition("@")[2]
    pieces = [user, host, *host.split(":"), *parts.path.split("/"), *query]
    for piece in pieces:
        for form in (piece, unquote(piece)):
            if len(form) >= _LEAST:
                yield form
