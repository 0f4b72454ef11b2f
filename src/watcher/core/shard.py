"""Which server a target is asked of: the unit in which work is shared among processes."""

from __future__ import annotations

from urllib.parse import urlsplit

_USUAL = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """Return the server of `url` in one spelling, with its port where that is not the usual one.

    It agrees with how the fetcher names servers wherever the fetcher would ask; what is no address
    is a shard of its own, the empty one, and is refused when it is asked.
    """
    try:
        parsed = urlsplit(url)
        host, port = (parsed.hostname or "").removesuffix("."), parsed.port
    except ValueError:
        return ""
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
    if not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, _USUAL.get(parsed.scheme)} else f"{host}:{port}"
