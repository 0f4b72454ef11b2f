"""Signed notes and checkpoints in the forms of C2SP, which other people's tools read too.

A *note* is a text, an empty line, and a line for each signature: an em dash, the key's name, and
base64 of the key's id (4 bytes) and the signature (c2sp.org/signed-note). A *checkpoint* is a note
whose text says whose log it is, how many leaves it has and what its root is
(c2sp.org/tlog-checkpoint).

Nothing is signed or checked here: that takes more than the standard library.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from watcher.errors import NoteError

ED25519 = b"\x01"
"""The byte that stands for Ed25519 in keys and in what their ids are made of."""

_TIME = "at "
_LARGEST = 1_000_000
_MOST_SIGNATURES = 100
_HASH_BYTES, _KEY_BYTES, _SIGNATURE_BYTES = 32, 32, 64
_PRIVATE = "PRIVATE+KEY+"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NOT_IN_NAMES = re.compile(r"[\s+]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs by: what one needs to check a signature.

    Attributes:
        name: Without spaces and plus signs.
        public: The 32 bytes of an Ed25519 key.
    """

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the 4 bytes by which a signature names this key."""
        told = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(told).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key that `name+id+base64` is.

        Raises:
            NoteError: It is no such key, or its id is not of this key.
        """
        name, identity, public = _key_parts(text, "a public key")
        key = cls(name, public)
        if key.id.hex() != identity:
            message = f"the public key of {name} has the id {key.id.hex()}, not {identity}"
            raise NoteError(message)
        return key

    def __str__(self) -> str:
        """Return `name+id+base64`, as it is handed to people (a *vkey*)."""
        return f"{self.name}+{self.id.hex()}+{_base64(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What signs: never printed, so it has no text form but `secret`.

    Attributes:
        name: The name it signs by.
        identity: The id of its public key, as written.
        seed: The 32 bytes it is made of.
    """

    name: str
    identity: str
    seed: bytes

    @classmethod
    def parse(cls, text: str) -> PrivateKey:
        """Return the key that `PRIVATE+KEY+name+id+base64` is.

        Raises:
            NoteError: It is no such key; the message does not quote it.
        """
        if not text.startswith(_PRIVATE):
            message = "not a private key: it does not begin with PRIVATE+KEY+"
            raise NoteError(message)
        name, identity, seed = _key_parts(text.removeprefix(_PRIVATE), "a private key")
        return cls(name, identity, seed)

    def secret(self) -> str:
        """Return the key as it is kept in a file."""
        return f"{_PRIVATE}{self.name}+{self.identity}+{_base64(ED25519 + self.seed)}"

    def __repr__(self) -> str:
        """Return its name only."""
        return f"PrivateKey({self.name!r})"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature below a note.

    Attributes:
        name: The name of the key that made it.
        key_id: The 4 bytes of that key's id.
        signature: What it signed the text with.
    """

    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Return whether it says that it is by `key`; whether it is, is another question."""
        return (self.name, self.key_id) == (key.name, key.id)

    def __str__(self) -> str:
        """Return the line that stands below the note."""
        return f"— {self.name} {_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures.

    Attributes:
        text: What is signed, its last newline included.
        signatures: At least one.
    """

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, told: str) -> Note:
        """Return the note that `told` is.

        Raises:
            NoteError: It is no note.
        """
        if len(told) > _LARGEST or _CONTROL.search(told):
            message = "not a signed note: too long, or control characters in it"
            raise NoteError(message)
        text, gap, lines = told.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            message = "not a signed note: no empty line before the signatures, or no newline after"
            raise NoteError(message)
        signed = lines.removesuffix("\n").split("\n")
        if len(signed) > _MOST_SIGNATURES:
            message = f"a note with {len(signed)} signatures; at most {_MOST_SIGNATURES} are read"
            raise NoteError(message)
        return cls(f"{text}\n", tuple(map(_signature, signed)))

    def __str__(self) -> str:
        """Return the note as it is handed on."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many events a log had at a moment, and the root over them.

    Attributes:
        origin: Whose log it is: the name of the key.
        size: How many events.
        root: The 32 bytes of the root.
        at: When it was made, RFC 3339 UTC; empty where others made it and did not say.
    """

    origin: str
    size: int
    root: bytes
    at: str = ""

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint that a note's text is; lines that others add are passed over.

        Raises:
            NoteError: It is no checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:-1] or lines[-1]:
            message = "not a checkpoint: it wants three lines at least, and none of them empty"
            raise NoteError(message)
        if not _SIZE.fullmatch(lines[1]):
            message = f"not a checkpoint: {lines[1]!r} is no number of events"
            raise NoteError(message)
        root = _bytes(lines[2], _HASH_BYTES, "the root of a checkpoint")
        times = [line.removeprefix(_TIME) for line in lines[3:-1] if line.startswith(_TIME)]
        return cls(lines[0], int(lines[1]), root, times[0] if times else "")

    def __str__(self) -> str:
        """Return the text that is signed."""
        extension = f"{_TIME}{self.at}\n" if self.at else ""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n{extension}"


def notes(told: str) -> tuple[str, ...]:
    """Return the notes of a file that has one below the other.

    A note ends where its signature lines end. What is no note is returned too, to be found wrong.
    """
    found: list[str] = []
    lines: list[str] = []
    for line in told.splitlines(keepends=True):
        if lines and lines[-1].startswith("— ") and not line.startswith("— "):
            found.append("".join(lines))
            lines = []
        lines.append(line)
    return (*found, "".join(lines)) if lines else tuple(found)


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, told = rest.partition(" ")
    if dash != "—" or not name or _NOT_IN_NAMES.search(name):
        message = f"not a signature line: {line[:100]!r}"
        raise NoteError(message)
    signed = _bytes(told, None, f"the signature of {name}")
    if len(signed) <= 4:
        message = f"the signature of {name} is too short"
        raise NoteError(message)
    return Signature(name, signed[:4], signed[4:])


def _key_parts(text: str, what: str) -> tuple[str, str, bytes]:
    """Return name, id and the 32 bytes of a key; messages quote nothing but its name."""
    # base64 may hold plus signs itself, names may not
    name, _, rest = text.strip().partition("+")
    identity, _, told = rest.partition("+")
    if not name or _NOT_IN_NAMES.search(name) or not re.fullmatch(r"[0-9a-f]{8}", identity):
        message = f"not {what}: expected name+id+base64"
        raise NoteError(message)
    key = _bytes(told, 1 + _KEY_BYTES, f"{what} of {name}")
    if key[:1] != ED25519:
        message = f"{what} of {name} is of another kind than Ed25519"
        raise NoteError(message)
    return name, identity, key[1:]


def _base64(told: bytes) -> str:
    return base64.b64encode(told).decode("ascii")


def _bytes(text: str, size: int | None, what: str) -> bytes:
    try:
        told = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"{what} is not base64"
        raise NoteError(message) from error
    # one text for one meaning: what base64 leaves open in its last letter must be empty
    if _base64(told) != text or size not in {None, len(told)}:
        message = f"{what} has {len(told)} bytes, or is not plain base64"
        raise NoteError(message)
    return told
