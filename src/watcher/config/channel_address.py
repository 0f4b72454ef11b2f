"""Addresses of channels: a folder, a mail account, a web hook, or anything Apprise knows.

A password, token or key in such an address comes from the environment; written out in the file it
is a problem, since files are copied, mailed and committed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from watcher.config.addresses import MAIL, is_private, split_address
from watcher.config.document import Node, Scalar
from watcher.config.inspection import VARIABLE, Inspection, did_you_mean
from watcher.config.kinds import Schema, text_at
from watcher.config.model import Secret

FOLDER = "folder"
MAILS = frozenset({"mailto", "mailtos"})
HOOKS = frozenset({"webhook+https", "webhook+http"})
OURS = frozenset(
    {
        *HOOKS,
    }
)
"""Schemes that hands of our own take; whoever sends to one says what is wrong with its address."""
_WHAT = "an address such as folder:data/messages or mailto://mail.your-organisation.eu/?to=…"
_ADVICE = "put it into an environment variable and write ${NAME} in its place"
_WITHOUT_SECRETS = MAILS | {
    *("form", "forms", "json", "jsons", "xml", "xmls", "ntfy", "ntfys", "mqtt", "mqtts"),
    *("syslog", "rsyslog", "dbus", "glib", "gnome", "kde", "qt", "macosx", "windows"),
}
"""Schemes whose address is not a secret in itself; in all others (Slack, Telegram …) it is."""
_SECRET_NAME = re.compile(r"pass|pwd|token|secret|key|auth|cred|signature", re.IGNORECASE)
_TOKEN = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[\w+/=~-]{16,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """The address of a channel, with its secrets read from the environment."""

    def read(self, node: Node, on: Inspection) -> Secret | None:
        """Return the address; no problem ever shows what a variable holds."""
        written = text_at(node, on, _WHAT)
        if written is None or not isinstance(node, Scalar):
            return None
        before = len(on.problems)
        for problem in written_out(written):
            on.note(node, f"{problem} is written out: {_ADVICE}")
        # a folder is a path, and no part of an address that something in it could end
        encode = str if scheme_of(written) == FOLDER else partial(quote, safe="")
        address = on.expand(node, written, encode=encode)
        if address is None or len(on.problems) > before:
            return None
        if address.startswith(f"{FOLDER}:"):
            return _folder(node, on, address, written)
        if problem := _unusable(address) or _refused(address, on):
            names = ", ".join(match[1] for match in VARIABLE.finditer(written))
            on.note(node, f"{problem} (look at {names})" if names else problem)
            return None
        return Secret(address, written=written)

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


def scheme_of(address: str) -> str:
    """Return what an address begins with, in lower case."""
    return address.partition(":")[0].lower()


def _folder(node: Node, on: Inspection, address: str, written: str) -> Secret | None:
    path = address.removeprefix(f"{FOLDER}:")
    path = path.removeprefix("//")
    if not path.strip() or not path.isprintable():
        on.note(node, "expected a folder, such as folder:data/messages")
        return None
    return Secret(f"{FOLDER}:{on.folder / Path(path)}", written=written)


def _unusable(address: str) -> str:
    """Return why an address cannot be that of a channel; empty: it can. Shows none of it."""
    parts = split_address(address)
    if parts is None:
        return f"expected {_WHAT}, found something else"
    if parts.scheme in OURS:
        return ""
    if parts.scheme not in MAILS:
        if parts.scheme not in _apprise_schemes():
            guess = did_you_mean(parts.scheme, {*_apprise_schemes(), *MAILS, *OURS, FOLDER})
            return f"there is no kind of channel '{parts.scheme}'{guess}"
        return "" if parts.netloc or parts.path.strip("/") else "the address ends after its scheme"
    return _unusable_mail(parts)


def _refused(address: str, on: Inspection) -> str:
    """Return why whoever would send to the address cannot; empty: it can."""
    try:
        on.probe(address)
    except ValueError as error:
        return str(error)
    return ""


def _unusable_mail(parts: SplitResult) -> str:
    host = parts.hostname
    if not host:
        return "names no mail server: mailto://mail.your-organisation.eu/?from=…&to=…"
    query = dict(parse_qsl(parts.query))
    given = [unquote(part) for part in parts.path.strip("/").split(",") if part]
    to = [*given, *(part.strip() for part in query.get("to", "").split(",") if part.strip())]
    if not to and not parts.username:
        return "names no recipient: add ?to=someone@your-organisation.eu"
    if not all(re.fullmatch(MAIL, recipient) for recipient in to):
        return "a recipient is no mail address"
    if parts.scheme == "mailto" and parts.password and not is_private(host):
        return "would send its password in clear: write mailtos://"
    return ""


@cache
def _apprise_schemes() -> frozenset[str]:
    # Imported when a channel needs it: loading Apprise's 200 services takes half a second, and some
    # of them warn of their own libraries' age, which is no news to whoever wrote the file.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise.manager_plugins import NotificationManager  # noqa: PLC0415

        plugins = NotificationManager()  # type: ignore[no-untyped-call]
        return frozenset(plugins.schemas())  # type: ignore[no-untyped-call]


def written_out(written: str) -> Iterator[str]:
    """Yield in words each part of an address that should be a variable."""
    scheme = scheme_of(written)
    if scheme == FOLDER or VARIABLE.match(written):
        return
    try:
        parts = urlsplit(written)
        password = parts.password or ""
    except ValueError:
        return
    if _is_literal(password):
        yield "the password"
    named = [
        (name.lstrip("+-: "), value)
        for name, value in parse_qsl(parts.query, separator="&")
        if _is_literal(value)
    ]
    secrets = [name for name, _value in named if _SECRET_NAME.search(name)]
    yield from (f"the value of '{name}'" for name in secrets)
    others = [value for name, value in named if name not in secrets]
    pieces = [*(parts.username or "", *parts.path.split("/")), parts.hostname or "", *others]
    if any(_TOKEN.fullmatch(piece) for piece in pieces):
        yield "what looks like a token"
    elif not VARIABLE.search(written) and scheme in _apprise_schemes() - _WITHOUT_SECRETS:
        yield f"the address of a {scheme} channel, a secret in itself,"


def _is_literal(value: str) -> bool:
    """Return whether a value is more than variables."""
    return bool(VARIABLE.sub("", value))
