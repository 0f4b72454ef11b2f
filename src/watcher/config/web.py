"""The shape of the `web` section: where our pages are served, and where they are seen from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from watcher.config.addresses import is_private, split_address
from watcher.config.document import Node
from watcher.config.inspection import Inspection
from watcher.config.kinds import Schema, Text, Whole
from watcher.config.model import Web
from watcher.config.section import Key, Section


@dataclass(frozen=True, slots=True)
class ListeningAddress:
    """An address of this machine that only this machine reaches.

    Pages ask nobody who they are yet, so everybody who reaches them may read and decide.
    """

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address; another machine's reach is refused."""
        text = Text(what="an address such as 127.0.0.1").read(node, on)
        if text is None:
            return None
        try:
            is_loopback = ipaddress.ip_address(text).is_loopback
        except ValueError:
            on.expected(node, "an IP address of this machine, such as 127.0.0.1")
            return None
        if not is_loopback:
            on.note(
                node,
                f"{text} can be reached by other machines, and pages ask nobody to sign in yet: "
                "use 127.0.0.1 or ::1, behind a proxy that lets only /act/ and /static/ through",
            )
            return None
        return text

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 2}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """The address under which the readers of messages reach our pages."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address with a slash at its end."""
        what = "a web address such as https://watcher.your-organisation.eu/"
        text = Text(what=what, longest=200).read(node, on)
        if text is None:
            return None
        parts = split_address(text)
        is_web = parts is not None and parts.scheme in {"http", "https"} and parts.hostname
        if parts is None or not is_web or parts.query or parts.fragment or "@" in parts.netloc:
            on.expected(node, what)
            return None
        if parts.scheme == "http" and not is_private(parts.hostname or ""):
            on.advise(node, "sends the links of messages unencrypted: use https")
        return text if text.endswith("/") else f"{text}/"

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "pattern": "^https?://[^?#@]+$"}


WEB = Section(
    what="web section",
    keys=(
        Key("address", ListeningAddress(), "The address to listen at.", default="127.0.0.1"),
        Key("port", Whole(1, 65_535), "The port to listen at.", default=8080),
        Key(
            "public_url",
            PublicAddress(),
            "Where readers of messages reach the pages; messages then carry one-time links.",
        ),
    ),
    build=Web,
)
