"""Addresses: of the pages we look at, of the people to complain to, of the place to keep things."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from watcher.config.document import Node, Scalar
from watcher.config.inspection import Inspection
from watcher.config.kinds import Schema, Text, text_at
from watcher.config.model import Secret
from watcher.errors import ConfigError

HOST = r"(?!-)[A-Za-z0-9._-]{1,253}|[0-9a-fA-F:]{2,39}"
MAIL = r"[^@\s<>(),;:\"\\]{1,64}@[A-Za-z0-9.-]{1,253}"
_ON_SERVER = re.compile(r"postgres(?:ql)?://")
_NOBODY = re.compile(r"(?:@|//|\.)example(?:\.(?:com|org|net))?(?:[/:]|$)")
_BUCKET = re.compile(
    r"(s3|gs|az)://[a-z0-9][a-z0-9._-]{1,220}(/(?!\.{1,2}(?:/|$))[A-Za-z0-9!_.*'()=-]+)*/?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SNAPSHOTS = "a folder such as snapshots, or a bucket such as s3://bucket/prefix, gs://… or az://…"


def split_address(text: str) -> SplitResult | None:
    """Return an address taken apart, or None where it is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError for one that is no number
    except ValueError:
        return None
    is_clean = text.isprintable() and not re.search(r"\s", text)
    return parts if is_clean and parts.scheme else None


def is_private(host: str) -> bool:
    """Return whether `host` is localhost or a number of this machine or a private network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.casefold() == "localhost" or host.casefold().endswith(".localhost")


def _expanded(node: Node, on: Inspection, what: str) -> str | None:
    """Return the text at `node` with its variables read."""
    text = text_at(node, on, what)
    return on.expand(node, text) if text is not None and isinstance(node, Scalar) else None


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https address of a page: no variables and no password, since it is published."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address."""
        what = "a web address such as https://www.ema.europa.eu/en"
        text = Text(what=what, longest=2000).read(node, on)
        if text is None:
            return None
        parts = split_address(text)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            on.expected(node, what)
            return None
        if "@" in parts.netloc:
            on.note(node, "an address with a user or password would stand in every event")
            return None
        return text

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "pattern": "^https?://"}


class Place(NamedTuple):
    """Where something is on the web, as it was written.

    Attributes:
        text: The address: of the web, without a user, a query or a fragment.
        is_in_clear: Whether what is sent there goes through a public network without encryption.
    """

    text: str
    is_in_clear: bool


PLACE: Schema = {"type": "string", "pattern": "^https?://[^?#@]+$"}
"""How a schema describes a place."""


def place(node: Node, on: Inspection, what: str, *, longest: int) -> Place | None:
    """Return the place that stands at `node`, or note that `what` was expected."""
    text = Text(what=what, longest=longest).read(node, on)
    if text is None:
        return None
    parts = split_address(text)
    is_web = parts is not None and parts.scheme in {"http", "https"} and parts.hostname
    if parts is None or not is_web or parts.query or parts.fragment or "@" in parts.netloc:
        on.expected(node, what)
        return None
    return Place(text, parts.scheme == "http" and not is_private(parts.hostname or ""))


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """A mail or web address that stands in the user agent."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the address."""
        what = "a contact such as mailto:you@your-organisation.eu or https://…"
        expanded = _expanded(node, on, what)
        if expanded is None:
            return None
        pattern = rf"mailto:(?:{MAIL})|https?://[!-~]{{4,200}}"
        if not re.fullmatch(pattern, expanded) or re.search(r"[()<>\\]", expanded):
            on.expected(node, what)
            return None
        if _NOBODY.search(expanded):
            on.advise(node, "is nobody's address: give one at which you can be reached")
        return expanded

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class PingAddress:
    """A web address that is asked for as a sign of life; it may have a token in it."""

    def read(self, node: Node, on: Inspection) -> Secret | None:
        """Return the address; it prints as it was written, its variables unread."""
        what = "a web address such as https://hc.your-organisation.eu/ping/${PING_TOKEN}"
        expanded = _expanded(node, on, what)
        if expanded is None or not isinstance(node, Scalar):
            return None
        parts = split_address(expanded)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            on.note(node, f"expected {what}")
            return None
        if is_private(parts.hostname):
            on.note(node, "is a private address: a sign of life goes to another machine")
            return None
        return Secret(expanded, written=str(node.value))

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A SQLite address, whose relative path starts at the file's folder; or one of PostgreSQL."""

    def read(self, node: Node, on: Inspection) -> str | Secret | None:
        """Return the address: of SQLite with an absolute path, of PostgreSQL as a secret."""
        text = text_at(node, on, "a database such as sqlite:///data/watcher.db")
        if text is None or not isinstance(node, Scalar):
            return None
        expanded = on.expand(node, text, encode=_quoted if _ON_SERVER.match(text) else str)
        if expanded is None:
            return None
        match = re.fullmatch(r"sqlite:///([^?#]+)", expanded)
        if match is not None and expanded.isprintable() and match[1] != ":memory:":
            return database_in(on.folder, match[1])
        parts = split_address(expanded)
        if parts is None or not _ON_SERVER.match(expanded) or not parts.path[1:]:
            on.note(
                node,
                "expected a SQLite file, such as sqlite:///data/watcher.db, or a PostgreSQL "
                "database, such as postgresql://watcher:${DB_PASSWORD}@db.hospital.eu/watcher",
            )
            return None
        return Secret(expanded, written=_without_password(node, text, on))

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


def address_of_database(text: str, environment: Mapping[str, str], folder: Path) -> Path | Secret:
    """Return what an address on a command line names: a SQLite file, or a PostgreSQL database.

    Args:
        text: The address, its `${VARIABLES}` unread.
        environment: The environment variables.
        folder: Where a relative path starts.

    Raises:
        ConfigError: It is no address of a database.
    """
    on = Inspection(file="the command", folder=folder, environment=environment, known={})
    found = DatabaseAddress().read(Scalar(line=1, key="address", value=text), on)
    if found is None:
        raise ConfigError(on.problems)
    return found if isinstance(found, Secret) else sqlite_file(found)


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _without_password(node: Node, text: str, on: Inspection) -> str:
    """Return an address as it was written; one with its password in it is advised against."""
    password = re.search(r"(?<=:)[^:@/]+(?=@)", text.partition("://")[2])
    if password is None or "${" in password[0]:
        return text
    on.advise(node, "has a password in it: put it into the environment, as ${DB_PASSWORD}")
    return text.replace(f":{password[0]}@", ":***@")


def database_in(folder: Path, path: str) -> str:
    """Return the address of the SQLite file at `path`, seen from `folder`."""
    return f"sqlite:///{folder / path}"


def sqlite_file(address: str) -> Path:
    """Return the file that a SQLite address names."""
    return Path(address.removeprefix("sqlite:///"))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; a relative path starts at the file's folder."""

    def read(self, node: Node, on: Inspection) -> Path | None:
        """Return its absolute path."""
        expanded = _expanded(node, on, "a folder such as snapshots")
        if expanded is None:
            return None
        if not expanded.isprintable() or not expanded.strip():
            on.expected(node, "a folder such as snapshots")
            return None
        return on.folder / expanded

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class SnapshotsPlace:
    """A folder, or a bucket of an object store; a relative folder starts at the file's folder."""

    def read(self, node: Node, on: Inspection) -> Path | str | None:
        """Return a folder's absolute path, or a bucket's address as it was written."""
        expanded = _expanded(node, on, _SNAPSHOTS)
        if expanded is None:
            return None
        if _BUCKET.fullmatch(expanded):
            return expanded.rstrip("/")
        path = _folder_of(expanded)
        if path is None:
            # an address may have a key in it: it is not shown
            hidden = "://" in expanded
            on.note(node, f"expected {_SNAPSHOTS}") if hidden else on.expected(node, _SNAPSHOTS)
            return None
        return on.folder / path

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}


def _folder_of(address: str) -> str | None:
    """Return the path that an address names, `file:///…` included; None: it names none."""
    if address.startswith("file:///"):
        address = unquote(address.removeprefix("file://"))
    is_path = address.isprintable() and address.strip() and not _SCHEME.match(address)
    return address if is_path else None
