"""What a backup says of itself; a backup without a manifest is not one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from watcher.errors import IntegrityError, NotFoundError
from watcher.store.vault import Vault

GENERATIONS, BLOBS = "generations", "snapshots"
MANIFEST, DATABASE, FILES, STONES = (
    "manifest.json",
    "watcher.db.zst",
    "files.txt.zst",
    "gone.jsonl.zst",
)
FORM = 1
_DIFFERENCE = ".delta"


def name_in_vault(file: str, base: str, depth: int) -> str:
    """Return how a vault calls the difference in `file`: by what it rests on too.

    Of two stores that begin alike, one may keep a payload as the difference to what the other never
    saw. A whole payload is called as its file is.
    """
    return f"{file}.{base.removeprefix('sha256:')}.{depth}"


def name_in_folder(listed: str) -> str:
    """Return how a folder of payloads calls the file that a vault calls `listed`."""
    file, difference, _ = listed.partition(_DIFFERENCE)
    return f"{file}{difference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One generation of a backup, complete.

    Attributes:
        form: The number of this form.
        name: Its folder below `generations`: the time and the position.
        made_at: When the copy of the database was begun, RFC 3339 UTC.
        position: The last position of the log in it.
        hash: The hash of that row.
        states: sha256 over the states of all streams.
        captures: How many captures its ledger has.
        payloads: How many files with payloads belong to it.
        payload_bytes: Bytes of these.
        database_bytes: Bytes of the database.
        members: sha256 of each file of the generation, unpacked, by name.
        beside: The members that lay beside the database: the configuration, keys.
    """

    form: int
    name: str
    made_at: str
    position: int
    hash: str
    states: str
    captures: int
    payloads: int
    payload_bytes: int
    database_bytes: int
    members: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Return its folder in the vault."""
        return f"{GENERATIONS}/{self.name}"

    def written(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"


def generations(vault: Vault) -> tuple[Manifest, ...]:
    """Return every complete generation, the oldest first.

    Raises:
        IntegrityError: A manifest cannot be read.
        OperationalError: The vault cannot be read.
    """
    names = [name for name in vault.names(GENERATIONS) if name.endswith(f"/{MANIFEST}")]
    found = [_parsed(name, b"".join(vault.get(name))) for name in names]
    return tuple(sorted(found, key=lambda each: (each.made_at, each.position)))


def chosen(found: tuple[Manifest, ...], until: str) -> Manifest:
    """Return the newest generation not after a position or an instant.

    Args:
        found: All generations, the oldest first.
        until: A position, or an instant or day in RFC 3339; empty: the newest of all.

    Raises:
        NotFoundError: There is none, or `until` is neither.
    """
    fitting = [each for each in found if _is_not_after(each, until)]
    if not fitting:
        oldest = f"; the oldest is {found[0].name}" if found else ""
        message = f"no complete backup{f' not after {until}' if until else ''}{oldest}"
        raise NotFoundError(message)
    return fitting[-1]


def _is_not_after(found: Manifest, until: str) -> bool:
    if not until:
        return True
    if until.isdecimal() and len(until) < len("20241201"):
        return found.position <= int(until)
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        message = f"{until!r} is neither a position nor an instant such as 2024-12-01T06:00:00Z"
        raise NotFoundError(message) from error
    made = datetime.fromisoformat(found.made_at)
    return made <= (moment if moment.tzinfo else moment.replace(tzinfo=made.tzinfo))


def _parsed(name: str, body: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(body, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"the manifest {name} of the backup cannot be read: {error}"
        raise IntegrityError(message) from error
    if found.form != FORM:
        message = f"the manifest {name} is of form {found.form}, and this program knows {FORM}"
        raise IntegrityError(message)
    return found
