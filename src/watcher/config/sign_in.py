"""The shape of `web.sign_in`: how people prove who they are, and who is what."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from importlib.util import find_spec

from watcher.config.addresses import PLACE, place
from watcher.config.document import Entries, Node, Scalar
from watcher.config.inspection import VARIABLE, Inspection
from watcher.config.kinds import Choice, Flag, ListOf, Schema, Text, Whole, text_at
from watcher.config.quantities import duration
from watcher.config.secret import Secret
from watcher.config.section import Key, Section, Values
from watcher.config.web_model import HeaderSignIn, Oidc, SignIn
from watcher.core.access import Grants, Role
from watcher.core.sign_in import Limits

_GROUP = Text(what="a group's name", longest=200)
_CLAIM = Text(what="the name of a claim", pattern=r"[A-Za-z0-9_:/.-]{1,200}")
_HEADER = Text(what="the name of a header such as X-Remote-User", pattern=r"[A-Za-z0-9-]{1,64}")
_SPOOFED = frozenset(
    {"host", "authorization", "cookie", "forwarded", "content-type", "content-length", "origin"}
)


@dataclass(frozen=True, slots=True)
class Network:
    """An address or a network of addresses: `10.0.0.5`, `172.16.0.0/12`."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the network as it is written."""
        what = "an address such as 10.0.0.5 or a network such as 172.16.0.0/12"
        text = Text(what=what, longest=50).read(node, on)
        if text is None:
            return None
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            on.expected(node, what)
            return None
        if network.prefixlen == 0:
            on.note(node, "is every address there is: name the proxy's own")
            return None
        return str(network.network_address) if network.num_addresses == 1 else str(network)

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 2, "maxLength": 50}


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A secret that is the value of one variable: `${OIDC_SECRET}`."""

    def read(self, node: Node, on: Inspection) -> Secret | None:
        """Return the secret; it prints as the name of its variable."""
        what = "a variable such as ${OIDC_SECRET}"
        written = text_at(node, on, what)
        if written is None or not isinstance(node, Scalar):
            return None
        if not VARIABLE.fullmatch(written):
            # what stands there may be the secret itself, so it is not repeated
            on.note(node, f"expected {what}: a secret is not written out in this file")
            return None
        value = on.expand(node, written)
        return None if value is None else Secret(value, written=written)

    def schema(self) -> Schema:
        """Return a string that is one variable."""
        return {"type": "string", "pattern": f"^{VARIABLE.pattern}$"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """The address of a provider of OpenID Connect."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address as the provider writes it: to the letter, slash or none at its end."""
        what = "an address such as https://login.your-organisation.eu/realms/staff"
        found = place(node, on, what, longest=500)
        if found is None:
            return None
        if found.is_in_clear:
            on.note(node, "would be asked without encryption: use https")
            return None
        return found.text

    def schema(self) -> Schema:
        """Return a string."""
        return PLACE


ROLE = Choice({str(role): role for role in Role})


def _check_roles(node: Entries, _values: Values, on: Inspection) -> None:
    if not node.nodes:
        on.note(node, "names no group: nobody could sign in")


ROLES = Section(
    what="roles section",
    keys=(
        *(Key(str(role), ListOf(_GROUP), f"Groups whose members are {role}s.") for role in Role),
        Key("everyone", ROLE, "What everybody is who signs in; else nobody without a group may."),
    ),
    build=Grants,
    check=_check_roles,
)

SESSIONS = Section(
    what="sessions section",
    keys=(
        Key(
            "idle",
            duration("5m", "30d"),
            "After how long without a page one has to sign in again.",
            default="8h",
        ),
        Key("absolute", duration("1h", "90d"), "After how long in any case.", default="7d"),
        Key("most", Whole(1, 50), "How many sessions one user has.", default=5),
    ),
    build=Limits,
)


def _check_oidc(node: Entries, _values: Values, on: Inspection) -> None:
    if find_spec("authlib") is None or find_spec("joserfc") is None:
        on.note(node, "needs the extra oidc: pip install 'watcher[oidc]'")


OIDC = Section(
    what="provider section",
    keys=(
        Key("issuer", Issuer(), "The provider, as it writes itself.", is_required=True),
        Key("client_id", Text(longest=200), "What the provider calls us.", is_required=True),
        Key("client_secret", FromEnvironment(), "What proves that we ask.", is_required=True),
        Key(
            "title",
            Text(longest=60),
            "What people know the provider by: Sign in with …",
            default="your organisation",
        ),
        Key(
            "scopes",
            ListOf(Text(what="a scope", pattern=r"[!#-\[\]-~]{1,60}")),
            "What is asked for beside openid; else profile and email.",
        ),
        Key("name", _CLAIM, "The claim that becomes a user's name.", default="preferred_username"),
        Key("groups", _CLAIM, "The claim that names a user's groups.", default="groups"),
        Key("roles", ROLES, "Which groups are what here.", is_required=True),
    ),
    build=Oidc,
    check=_check_oidc,
)


def _check_header(node: Entries, values: Values, on: Inspection) -> None:
    for key in ("user", "groups"):
        named = str(values.get(key, "")).casefold()
        if named in _SPOOFED or named.startswith(("x-forwarded-", "sec-", "proxy-")):
            on.note(node.nodes[key], "says something else already: name a header of its own")


HEADER = Section(
    what="header section",
    keys=(
        Key("user", _HEADER, "The header with the name of who has signed in.", is_required=True),
        Key("groups", _HEADER, "The header with their groups, separated by commas."),
        Key(
            "proxies",
            ListOf(Network(), least=1),
            "The addresses that are believed when they send these headers.",
            is_required=True,
        ),
        Key("roles", ROLES, "Which groups are what here.", is_required=True),
    ),
    build=HeaderSignIn,
    check=_check_header,
)


def _check_sign_in(node: Entries, values: Values, on: Inspection) -> None:
    if values.get("users") is False and not node.nodes.keys() & {"oidc", "header"}:
        on.note(node.nodes["users"], "leaves nobody who could sign in: add oidc or header")


SIGN_IN = Section(
    what="sign_in section",
    keys=(
        Key("users", Flag(), "Whether users with a password of ours sign in.", default=True),
        Key("sessions", SESSIONS, "How long people stay signed in."),
        Key("oidc", OIDC, "A provider of OpenID Connect that says who people are."),
        Key("header", HEADER, "A proxy that has people sign in and says who they are."),
    ),
    build=SignIn,
    check=_check_sign_in,
)
