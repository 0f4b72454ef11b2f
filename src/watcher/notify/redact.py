"""Takes a channel's secrets out of a text before anybody reads it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

HIDDEN = "•••"
_MAIL = frozenset({"mailto", "mailtos"})
_OPEN = frozenset({"folder"})
_LEAST = 3
"""Shorter pieces of an address are no secrets, and hiding them would make any text unreadable."""
_LEAST_IN_LOGS = 6
"""In lines about everything, words as short as `data` or `mail` stand for themselves."""


def redact(text: str, url: str) -> str:
    """Return `text` with everything hidden that may be a secret of the channel address `url`.

    A mail address names server and recipient openly and only its password is secret; of other
    addresses user, password, host, path and query may each be a token.
    """
    return hide(text, sorted(set(_secrets(url)), key=len, reverse=True))


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each of `secrets` hidden, in the order given: the longest come first."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def secrets_of(urls: Iterable[str]) -> tuple[str, ...]:
    """Return what must not stand in a log of the channel addresses `urls`, the longest first.

    Passwords whatever their length, and of other addresses every piece that is long enough to be
    a token. A folder is no secret.
    """
    found = {
        secret
        for url in urls
        if scheme(url) not in _OPEN
        for secret in (*_passwords(url), *_secrets(url))
        if len(secret) >= _LEAST_IN_LOGS or secret in _passwords(url)
    }
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


def scheme(url: str) -> str:
    """Return the kind of a channel, the one part of its address that is never secret."""
    return url.partition(":")[0].lower()


def _secrets(url: str) -> Iterator[str]:
    """Yield the secret pieces of an address: as written, decoded, and as a login sends them."""
    try:
        parts = urlsplit(url)
        user = parts.username or ""
    except ValueError:
        yield url
        return
    yield from _passwords(url)
    if parts.scheme in _MAIL:
        return
    query = [value for _name, value in parse_qsl(parts.query)]
    # Not `hostname`, which is in lower case: the place of the host is where many tokens stand.
    host = parts.netloc.rpartition("@")[2]
    pieces = [user, host, *host.split(":"), *parts.path.split("/"), *query]
    for piece in pieces:
        yield from (form for form in _forms(piece) if len(form) >= _LEAST)


def _passwords(url: str) -> tuple[str, ...]:
    """Return the password of an address in every form in which it may be met."""
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return ()
    if not password:
        return ()
    plain, name = unquote(password), unquote(user)
    logins = (plain, f"\0{name}\0{plain}", f"{name}:{plain}")
    in_base64 = (b64encode(one.encode()).decode() for one in logins)
    return tuple(dict.fromkeys((password, *_forms(plain), *in_base64)))


def _forms(piece: str) -> tuple[str, ...]:
    """Return a piece as written, decoded and encoded: a library may print any of them."""
    plain = unquote(piece)
    escaped = plain.encode("unicode_escape").decode("ascii")
    return tuple(dict.fromkeys((piece, plain, quote(plain, safe=""), escaped)))
