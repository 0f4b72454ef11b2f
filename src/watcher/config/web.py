"""The shape of the `web` section: where our pages are served, and where they are seen from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from watcher.config.addresses import PLACE, place
from watcher.config.document import Entries, Node
from watcher.config.inspection import Inspection
from watcher.config.kinds import ListOf, Schema, Text, Whole
from watcher.config.section import Key, Section, Values, inside
from watcher.config.sign_in import SIGN_IN, Network
from watcher.config.web_model import SignIn, Web


@dataclass(frozen=True, slots=True)
class ListeningAddress:
    """An address of this machine; whether it may be one that others reach, `WEB` checks."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address."""
        text = Text(what="an address such as 127.0.0.1").read(node, on)
        if text is None:
            return None
        try:
            ipaddress.ip_address(text)
        except ValueError:
            on.expected(node, "an IP address of this machine, such as 127.0.0.1")
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
        found = place(node, on, what, longest=200)
        if found is None:
            return None
        if found.is_in_clear:
            on.advise(node, "sends the links of messages unencrypted: use https")
        return found.text if found.text.endswith("/") else f"{found.text}/"

    def schema(self) -> Schema:
        """Return a string."""
        return PLACE


BASE_PATH = Text(
    what="a path such as /watcher, without a slash at its end",
    pattern=r"(?:/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+",
    longest=100,
)


def _check_web(node: Entries, values: Values, on: Inspection) -> None:
    """Check that nobody is let in who does not say who they are, and nothing is sent in clear."""
    sign_in: SignIn | None = values.get("sign_in")
    address = values.get("address", "127.0.0.1")
    if "sign_in" not in node.nodes and (problem := Web(address=address).problem):
        on.note(node.nodes["address"], problem)
    if sign_in and sign_in.oidc and "public_url" not in node.nodes:
        on.note(
            inside(node.nodes["sign_in"], "oidc"),
            "needs web.public_url: the address to which the provider sends people back",
        )
    is_open = not Web(address=address).is_loopback and not values.get("proxies")
    if sign_in and is_open:
        on.advise(
            node.nodes["address"],
            "lets passwords through unencrypted: put a proxy with https before it, name it in "
            "proxies, and let nothing else through to it",
        )


WEB = Section(
    what="web section",
    keys=(
        Key("address", ListeningAddress(), "The address to listen at.", default="127.0.0.1"),
        Key("port", Whole(1, 65_535), "The port to listen at.", default=8080),
        Key(
            "public_url",
            PublicAddress(),
            "Where readers reach the pages; messages then carry one-time links.",
        ),
        Key("base_path", BASE_PATH, "What a proxy puts before our paths; else as in public_url."),
        Key(
            "proxies",
            ListOf(Network()),
            "The proxies whose X-Forwarded headers are believed; else nobody's are.",
        ),
        Key("sign_in", SIGN_IN, "How people prove who they are; else nobody is asked."),
    ),
    build=Web,
    check=_check_web,
)
