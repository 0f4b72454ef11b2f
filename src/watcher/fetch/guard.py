"""Which addresses we are willing to ask.

A page we watch can redirect us anywhere, and a name can point to anything: to this machine, to
the network behind it, to a cloud's metadata service that hands out passwords. So a name is
resolved once, every address it gives is checked, and the connection goes to a checked address and
nowhere else: an answer that changes between check and connect changes nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.address import Address, parsed

Resolver = Callable[[str, int], Sequence[str]]
"""From a host's name and a port to its addresses; raises `OSError` where there are none."""

_PORTS = {"http": 80, "https": 443}
# Ports of services that might take a request for words of their own: "port blocking" of the Fetch
# standard, which browsers keep to. Mail, chat, shells and databases of names are no web servers.
_NO_WEB_SERVERS = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161),
        *(179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563),
        *(587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061),
        *(6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    }
)
_AUTHORITY = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_LITERAL = re.compile(r"https?://([0-9.]+)(?::[0-9]+)?(?:[/?#]|$)", re.IGNORECASE)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,254}}$){_LABEL}(?:\.{_LABEL})*\.?")
# The rule of the URL standard: a host whose last part is a number, in whatever notation, is an
# IPv4 address. Only the plain notation gets past us; 2130706433, 0177.1 and 0x7f.1 do not.
_ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")

# Only 2000::/3 is unicast Internet. What is carved out of it below, and all the rest (IPv4-mapped,
# IPv4-compatible, NAT64, site-local, link-local, unique-local), can lead to a private IPv4 host.
_INTERNET_6 = ip_network("2000::/3")
_NEVER = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's host agent: a public number, a private service
        "192.0.0.0/24",  # IETF special purposes; global to some versions of Python
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo and the other special purposes of the IETF block
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
)
_METADATA_6 = ip_address("fd00:ec2::254")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address that passed, and where its connection must go.

    Attributes:
        url: The address, parsed; it keeps the name for `Host` and for TLS.
        addresses: The checked IP addresses of its host, in the resolver's order.
    """

    url: Address
    addresses: tuple[str, ...]


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses the system's resolver gives for `host`.

    Raises:
        OSError: There are none, or the resolver did not answer.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def route(url: str, resolver: Resolver, *, allow_private: bool = False) -> Route:
    """Return `url` with the checked addresses to connect to; the name is resolved here only.

    Args:
        url: The address to ask.
        resolver: Turns its host into IP addresses; asked once.
        allow_private: Whether loopback and private networks may be asked. Link-local addresses
            and metadata services stay refused: no source lives there.

    Raises:
        FetchRefusedError: Kind `address`: not http or https, a user name in it, a host in
            disguise, or any address of the host is not one of the open Internet.
        FetchError: Kind `dns`: the name has no address.
    """
    checked = checked_url(url)
    host = checked.host
    for address in (addresses := _addresses(host, port_of(checked), resolver)):
        if not _may_ask(address, allow_private=allow_private):
            message = f"{host} leads to {address}, which is not on the open Internet"
            raise FetchRefusedError(message, kind="address")
    return Route(url=checked, addresses=tuple(str(address) for address in addresses))


@lru_cache(maxsize=256)
def checked_url(url: str) -> Address:
    """Return `url` parsed, if it is written the plain way: http(s), no user, a real host name.

    Raises:
        FetchRefusedError: Kind `address`: it is not, or its port belongs to another service.
    """
    written = _AUTHORITY.match(url)
    if written is None:
        raise _refusal(url, "only http and https are asked")
    if "@" in written[1]:
        raise _refusal(url, "it carries a user name")
    try:
        address = parsed(url)
    except ValueError as error:
        raise _refusal(url, str(error)) from error
    if not 0 < port_of(address) < 65_536:
        raise _refusal(url, "no such port")
    if port_of(address) in _NO_WEB_SERVERS:
        raise _refusal(url, f"port {port_of(address)} is another service's")
    if _as_ip(address.host) is None and _ENDS_IN_A_NUMBER.search(address.host):
        raise _refusal(url, "its host is an IP address in disguise")
    if _as_ip(address.host) is None and not _NAME.fullmatch(address.host):
        raise _refusal(url, "its host is not a host name")
    return address


def is_literal(url: str) -> bool:
    """Return whether the host of `url` is plainly an IP address: no name has to be resolved."""
    written = _LITERAL.match(url)
    return written is not None and _as_ip(written[1]) is not None


def port_of(url: Address) -> int:
    """Return the port of `url`, or the usual one of its scheme."""
    return _PORTS[url.scheme] if url.port is None else url.port


def authority(url: str) -> str:
    """Return the host of `url` in one spelling, with its port where that is not the usual one.

    Raises:
        FetchRefusedError: It is not an address we would ask.
    """
    checked = checked_url(url)
    host = checked.host.removesuffix(".")
    host = f"[{host}]" if ":" in host else host
    return host if port_of(checked) == _PORTS[checked.scheme] else f"{host}:{port_of(checked)}"


@lru_cache(maxsize=256)  # the same few hosts are asked again and again
def _as_ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _addresses(host: str, port: int, resolver: Resolver) -> list[IPv4Address | IPv6Address]:
    literal = _as_ip(host)
    if literal is not None:
        return [literal]
    try:
        addresses = [ip_address(text) for text in resolver(host, port)]
    except (OSError, ValueError) as error:
        message = f"the name {host} cannot be resolved: {error}"
        raise FetchError(message, kind="dns") from error
    if not addresses:
        message = f"the name {host} has no address"
        raise FetchError(message, kind="dns")
    return addresses


@lru_cache(maxsize=256)
def _may_ask(address: IPv4Address | IPv6Address, *, allow_private: bool) -> bool:
    if allow_private and any(address in network for network in _PRIVATE):
        return address != _METADATA_6
    if any(address in network for network in _NEVER):
        return False
    if isinstance(address, IPv6Address) and address not in _INTERNET_6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _refusal(url: str, why: str) -> FetchRefusedError:
    return FetchRefusedError(f"refused to ask {url[:200]!r}: {why}", kind="address")
