"""An address taken apart: those written the plainest way at once, all others by the HTTP library.

The library knows every rule of RFC 3986 and of international names; to load it takes a tenth of a
start, and to take one address apart with it a twentieth of a look. Nine addresses in ten have
nothing in them that a rule could change: of those both ways say the same, and a test compares them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LABEL = "(?!xn--)[a-z0-9-]+"
# No capital in the host, no port that is the usual one, no part of the path that begins with a dot,
# no percent sign and no fragment: what would have to be written otherwise is not plain.
_PLAIN = re.compile(
    rf"(https?)://((?:{_LABEL}\.)+[a-z]{{2,}}|(?:{_OCTET}\.){{3}}{_OCTET})"
    r"(?::(?!80/|443/)([1-9][0-9]{1,4}))?"
    r"((?:/(?!\.)[A-Za-z0-9._~-]*)+(?:\?[A-Za-z0-9._~=&/-]+)?)"
)
_LONGEST_PLAIN = 4_000


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts, as they go over the wire.

    Attributes:
        text: The whole of it.
        scheme: `http`, `https` or whatever else was written.
        host: The host's name in ASCII, or its IP address without brackets.
        port: Its port; None: the usual one of its scheme.
        authority: Host and port, as the header `Host` names them.
        target: Path and query, as the request names them.
    """

    text: str
    scheme: str
    host: str
    port: int | None
    authority: str
    target: str

    def __str__(self) -> str:
        """Return the whole address."""
        return self.text


def parsed(url: str) -> Address:
    """Return an address in its parts.

    Raises:
        ValueError: It is none, or its host is no name that can be.
    """
    plain = _PLAIN.fullmatch(url) if len(url) <= _LONGEST_PLAIN else None
    if plain is not None:
        scheme, host, port, target = plain.groups()
        authority = f"{host}:{port}" if port else host
        return Address(url, scheme, host, int(port) if port else None, authority, target)
    return _by_the_library(url)


def _by_the_library(url: str) -> Address:
    import httpx  # noqa: PLC0415  see above

    try:
        found = httpx.URL(url)
        found.host  # noqa: B018 (decodes an xn-- name, and raises where it is none)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
    return Address(
        text=str(found),
        scheme=found.scheme,
        host=found.raw_host.decode("ascii"),
        port=found.port,
        authority=found.netloc.decode("ascii"),
        target=found.raw_path.decode("ascii"),
    )


def joined(here: Address, reference: str) -> str:
    """Return where a reference leads from an address, without a fragment.

    Raises:
        ValueError: It is no reference.
    """
    import httpx  # noqa: PLC0415  see above

    try:
        return str(httpx.URL(here.text).join(reference).copy_with(fragment=None))
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
