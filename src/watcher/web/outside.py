"""How a request looks from where it was made: through a proxy, its own words are not the client's.

Only the proxies that the configuration names are believed, and only what the nearest of them says:
anybody can write a header.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from litestar.datastructures import Headers
from litestar.types import HTTPScope, Scope

from watcher.config.web_model import Web

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+")
_LINK = re.compile(r"""( (?:href|src|action|formaction)=")/(?!/)""")
_KEY = "outside"
_NET_OF_A_HOUSEHOLD = 64
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a request shows that it came through a proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How a request looks from where it was made.

    Attributes:
        peer: Whoever is at the other end of the connection: the client, or the last proxy.
        address: The client's address, as far as proxies that are named say so.
        scheme: `http` or `https`, as the client's browser has it.
        host: What the client calls us, with a port where it says one, in lower case.
        base: What stands before our paths: `/watcher`; empty: nothing.
    """

    peer: str
    address: str
    scheme: str
    host: str
    base: str

    @property
    def origin(self) -> str:
        """Return where we are seen: `https://watcher.example.org/watcher`."""
        return f"{self.scheme}://{self.host}{self.base}"

    @property
    def is_secure(self) -> bool:
        """Return whether the client's browser speaks to us over an encrypted line."""
        return self.scheme == "https"

    @property
    def place(self) -> str:
        """Return what failures are counted by: an address, of IPv6 the net of a household."""
        address = _address(self.address)
        if address is None or address.version == 4:
            return self.address
        return str(ipaddress.ip_network((int(address), _NET_OF_A_HOUSEHOLD), strict=False))


def is_among(peer: str, networks: Iterable[str]) -> bool:
    """Return whether an address is one of these, or in one of these networks."""
    address = _address(peer)
    return address is not None and any(
        address in ipaddress.ip_network(network) for network in networks
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address; one of IPv4 that is written in IPv6 is the one that is meant."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def seen_from(scope: HTTPScope, web: Web) -> Outside:
    """Return how a request looks from where it was made."""
    headers = Headers.from_scope(scope)
    client = scope["client"]
    peer = client[0] if client else ""
    host = headers.get("host", "").casefold()
    if not is_among(peer, web.proxies):
        scheme = _scheme(scope["scheme"], host, web)
        return Outside(peer=peer, address=peer, scheme=scheme, host=host, base=web.base)
    said = _last(headers, "x-forwarded-host").casefold()
    host = said if _HOST.fullmatch(said) else host
    scheme = _last(headers, "x-forwarded-proto").casefold()
    prefix = _last(headers, "x-forwarded-prefix").rstrip("/")
    return Outside(
        peer=peer,
        address=_client(headers, peer, web),
        scheme=scheme if scheme in {"http", "https"} else _scheme(scope["scheme"], host, web),
        host=host,
        base=prefix if _PREFIX.fullmatch(prefix) else web.base,
    )


def _scheme(scheme: str, host: str, web: Web) -> str:
    """Return the scheme; by a public name that is said to be encrypted we are reached so only."""
    public = web.public_url.partition("/")[0] == "https:" and host == public_host(web)
    return "https" if public else scheme


def public_host(web: Web) -> str:
    """Return what readers of messages call us; empty: nothing."""
    return web.public_url.partition("//")[2].partition("/")[0].casefold()


def _last(headers: Headers, name: str) -> str:
    """Return what the nearest proxy wrote into a header that each may add to."""
    return headers.getall(name, [""])[-1].rpartition(",")[2].strip()


def _client(headers: Headers, peer: str, web: Web) -> str:
    """Return the last address that is none of our proxies': what stands before it, anyone wrote."""
    told = ",".join(headers.getall("x-forwarded-for", []))
    for each in reversed([part.strip() for part in told.split(",")]):
        bare = each.removeprefix("[").partition("]")[0] if each.startswith("[") else each
        if _address(bare) is None:
            return peer
        if not is_among(bare, web.proxies):
            return bare
        peer = bare
    return peer


def note(scope: HTTPScope, web: Web) -> None:
    """Note how a request looks from outside, and take off what a proxy put before our paths."""
    seen = seen_from(scope, web)
    scope.setdefault("state", {})[_KEY] = seen
    if not seen.base:
        return
    path = _below(scope["path"], seen.base)
    if path is not None:
        scope["path"] = path
        raw = _below(scope["raw_path"].decode("latin-1"), seen.base)
        scope["raw_path"] = (path if raw is None else raw).encode("latin-1", "replace")


def _below(path: str, base: str) -> str | None:
    """Return a path without the base before it; None: it has none."""
    if path == base:
        return "/"
    return path.removeprefix(base) if path.startswith(f"{base}/") else None


def outside(scope: Scope) -> Outside:
    """Return how a request looks from where it was made, as it was noted."""
    found: Outside = scope["state"][_KEY]
    return found


def under(base: str, page: str) -> str:
    """Return a page of ours whose links lead to where a browser sees us.

    All that is text or a value in a page has its quotes escaped, so that nothing of others looks
    like an attribute.
    """
    return _LINK.sub(lambda found: f"{found[1]}{base}/", page) if base else page
