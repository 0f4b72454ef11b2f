"""Whose words are told on: named wherever something of theirs leaves this program.

EMA allows its documents and data to be used when it is acknowledged as the source; Wikipedia's text
is under CC BY-SA 4.0. Others have said nothing to us, and are named all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watcher.core import wording
from watcher.core.identity import split_address

_EMA, _WIKIPEDIA = "ema.europa.eu", "wikipedia.org"
_NAMED = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")
"""A host that has a name in the world: no number, and no machine of one's own."""


def host_of(url: str) -> str:
    """Return the host of an address; empty where it is none."""
    return split_address(url).hostname or ""


def is_ema(url: str) -> bool:
    """Return whether a page is one of EMA's."""
    return _is_of(host_of(url), _EMA)


def credits_of(urls: Iterable[str], month: str) -> list[str]:
    """Return whom to name for pages of these addresses.

    Args:
        urls: Addresses that were read.
        month: When, in words: `December 2024`.
    """
    hosts = dict.fromkeys(filter(None, map(host_of, urls)))
    lines = []
    if any(_is_of(host, _EMA) for host in hosts):
        lines.append(wording.FOOT_EMA.format(month=month))
    if any(_is_of(host, _WIKIPEDIA) for host in hosts):
        lines.append(wording.FOOT_WIKIPEDIA)
    others = [
        host
        for host in hosts
        if _NAMED.fullmatch(host) and not (_is_of(host, _EMA) or _is_of(host, _WIKIPEDIA))
    ]
    if others:
        lines.append(wording.FOOT_OTHERS.format(hosts=", ".join(sorted(others)), month=month))
    return lines


def _is_of(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
