"""What the `web` section says, checked: where pages are served, and who may see them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from watcher.config.secret import Secret
from watcher.core.access import Grants
from watcher.core.sign_in import Limits
from watcher.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """A provider of OpenID Connect who says who somebody is.

    Attributes:
        issuer: Who they are; their configuration is found below it.
        client_id: What we are to them.
        client_secret: What proves that it is we who ask.
        title: What people know them by.
        scopes: What is asked for beside `openid`.
        name: The claim that becomes a user's name.
        groups: The claim that names their groups.
        roles: Which groups are what here.
    """

    issuer: str
    client_id: str
    client_secret: Secret
    title: str = "your organisation"
    scopes: tuple[str, ...] = ("profile", "email")
    name: str = "preferred_username"
    groups: str = "groups"
    roles: Grants = field(default_factory=Grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSignIn:
    """A proxy that has people sign in and says in a header who they are.

    Attributes:
        user: The header with their name.
        groups: The header with their groups, separated by commas; empty: none.
        proxies: The addresses or networks that are believed; nobody else is.
        roles: Which groups are what here.
    """

    user: str
    groups: str = ""
    proxies: tuple[str, ...]
    roles: Grants = field(default_factory=Grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How people prove who they are.

    Attributes:
        users: Whether users with a password of ours may sign in.
        sessions: How long they stay signed in.
        oidc: Who else says who they are; None: nobody does.
        header: The proxy that says so; None: none does.
    """

    users: bool = True
    sessions: Limits = field(default_factory=Limits)
    oidc: Oidc | None = None
    header: HeaderSignIn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where pages are served.

    Attributes:
        address: The address to listen at.
        port: The port.
        public_url: Where readers of messages reach the pages, with a slash at its end; empty:
            nowhere, and messages carry no links.
        base_path: What a proxy puts before our paths: `/watcher`; empty: nothing, or the path of
            `public_url`.
        proxies: The addresses or networks whose X-Forwarded headers are believed.
        sign_in: How people prove who they are; None: nobody has to, and only this machine's own
            address can be listened at.
    """

    address: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    base_path: str = ""
    proxies: tuple[str, ...] = ()
    sign_in: SignIn | None = None

    @property
    def authority(self) -> str:
        """Return `127.0.0.1:8080`, or `[::1]:8080`."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Return whether only this machine reaches the address."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def base(self) -> str:
        """Return what stands before our paths as browsers see them: `/watcher`, or nothing."""
        return self.base_path or urlsplit(self.public_url).path.rstrip("/")

    @property
    def problem(self) -> str:
        """Return why pages may not be served so, in words; empty: they may."""
        if self.is_loopback or self.sign_in is not None:
            return ""
        return (
            f"{self.address} can be reached by other machines, and nobody would have to sign in: "
            "add sign_in (see docs/security.md), or use 127.0.0.1"
        )


def served(web: Web | None, *, address: str = "", port: int = 0) -> Web | None:
    """Return where pages are served when a command names another address or port.

    Args:
        web: Where the configuration has them served; None: nowhere.
        address: The address that the command names; empty: none.
        port: The port; 0: none.

    Raises:
        ConfigError: It is no address, or nobody would have to sign in there.
    """
    if not address and not port:
        return web
    wanted = web or Web()
    try:
        wanted = replace(wanted, address=str(ipaddress.ip_address(address or wanted.address)))
        problem = wanted.problem
    except ValueError:
        problem = f"{address!r} is no IP address of this machine, such as 127.0.0.1"
    if problem:
        where = Problem(file="command line", line=0, key="--web-address", message=problem)
        raise ConfigError([where])
    return replace(wanted, port=port or wanted.port)
