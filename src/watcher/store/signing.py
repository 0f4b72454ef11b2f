"""The key that signs checkpoints, beside the database, with the public keys and the signed notes.

`signing.key` is the secret and readable by its owner alone. `signing.vkey` has every public key
that ever signed here, one a line, the newest last. `checkpoints.txt` has every signed note, for
people to keep copies elsewhere: a copy out of our reach is what a rewritten log cannot get round.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from watcher.core.links import derived
from watcher.core.note import Note, PrivateKey, Signature, VerifierKey, notes
from watcher.errors import ConfigError, NoteError, Problem, ProofError

KEY_VARIABLE, FILE_VARIABLE = "WATCHER_SIGNING_KEY", "WATCHER_SIGNING_KEY_FILE"
KEY_FILE, PUBLIC_FILE, NOTES_FILE = "signing.key", "signing.vkey", "checkpoints.txt"
_TAIL = 4_096
"""Bytes of the notes' end that are read at first: a note has some two hundred."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class FolderSigning:
    """Signs with the key of one folder, or with one that the environment brings."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def prepare(self) -> None:
        """Make the key at the first run that writes, and note its public half.

        Raises:
            ConfigError: The key that is there cannot be used, or others may read it.
        """
        path = self._folder / KEY_FILE
        if self._is_ours() and not path.exists():
            _write_new(path, _new_key().secret() + "\n")
        key = self.key()
        public = self._folder / PUBLIC_FILE
        known = public.read_text(encoding="utf-8").split() if public.exists() else []
        if str(key) not in known:
            _append(public, f"{key}\n")

    def key(self) -> VerifierKey:
        """Return the public half of the key that signs now; see the port."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  # loads C

        private, place = self._private()
        signer = ed25519.Ed25519PrivateKey.from_private_bytes(private.seed)
        key = VerifierKey(private.name, signer.public_key().public_bytes_raw())
        if key.id.hex() != private.identity:
            message = (
                f"the id in it is {private.identity}, and that of its public key {key.id.hex()}"
            )
            raise _refused(place, message)
        return key

    def secret_for(self, purpose: str) -> bytes:
        """Return 32 secret bytes for one purpose, derived from the key that signs.

        Raises:
            ConfigError: There is no key here, or none that may be used.
        """
        private, _ = self._private()
        return derived(private.seed, purpose)

    def keys(self) -> tuple[VerifierKey, ...]:
        """Return every public key that ever signed here, the oldest first.

        Raises:
            NoteError: A line of their file is no key.
        """
        path = self._folder / PUBLIC_FILE
        lines = path.read_text(encoding="utf-8").split() if path.exists() else []
        return tuple(map(VerifierKey.parse, lines))

    def sign(self, text: str) -> str:
        """Return the signed note of a text; see the port."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  # loads C

        key = self.key()
        private, _ = self._private()
        signer = ed25519.Ed25519PrivateKey.from_private_bytes(private.seed)
        signature = Signature(key.name, key.id, signer.sign(text.encode()))
        return str(Note(text, (signature,)))

    def is_signed(self, note: str, keys: Sequence[VerifierKey]) -> bool:
        """Return whether one of `keys` signed this note, and none of their signatures is wrong."""
        parsed = Note.parse(note)
        found = [
            _fits(key, parsed.text, signature.signature)
            for signature in parsed.signatures
            for key in keys
            if signature.is_by(key)
        ]
        return bool(found) and all(found)

    def published(self) -> tuple[str, ...]:
        """Return the notes that stand in the file people copy from.

        Raises:
            ProofError: The file is no text.
        """
        return self._notes(0)

    def newest(self) -> tuple[str, ...]:
        """Return the last notes of that file; see the port.

        Raises:
            ProofError: Its end is no text.
        """
        path = self._folder / NOTES_FILE
        size, tail = (path.stat().st_size if path.exists() else 0), _TAIL
        while tail < size:
            found = self._notes(size - tail)[1:]  # the first may be the end of one
            if len(found) > 1:
                return found
            tail *= 2
        return self._notes(0)

    def publish(self, added: Sequence[str]) -> None:
        """Add notes to the file people copy from, durably; half a note left by a crash goes."""
        if not added:
            return
        path = self._folder / NOTES_FILE
        if (written := self.newest()) and not written[-1].endswith("\n"):
            os.truncate(path, path.stat().st_size - len(written[-1].encode()))
        _append(path, "".join(added))

    def _notes(self, start: int) -> tuple[str, ...]:
        """Return the notes of the file from a byte on."""
        path = self._folder / NOTES_FILE
        if not path.exists():
            return ()
        with path.open("rb") as file:
            file.seek(start)
            told = file.read()
        try:
            # a line that was begun before `start` is left out
            return notes(told[told.find(b"\n") + 1 if start else 0 :].decode("utf-8"))
        except UnicodeDecodeError as error:
            message = f"{path} is not the text that was written: {error}"
            raise ProofError(message) from error

    def _is_ours(self) -> bool:
        return not any(self._environment.get(name) for name in (KEY_VARIABLE, FILE_VARIABLE))

    def _private(self) -> tuple[PrivateKey, str]:
        """Return the key and where it stands."""
        if told := self._environment.get(KEY_VARIABLE):
            place = f"${KEY_VARIABLE}"
        else:
            path = Path(self._environment.get(FILE_VARIABLE) or self._folder / KEY_FILE)
            place, told = str(path), _read_secret(path)
        try:
            return PrivateKey.parse(told.strip()), place
        except NoteError as error:
            raise _refused(place, str(error)) from error


def _fits(key: VerifierKey, text: str, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # loads C
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _new_key() -> PrivateKey:
    """Return a new key, named for itself: two logs never have one name."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  # loads C

    signer = ed25519.Ed25519PrivateKey.generate()
    public = signer.public_key().public_bytes_raw()
    key = VerifierKey(f"watcher.invalid/{public[:6].hex()}", public)
    return PrivateKey(key.name, key.id.hex(), signer.private_bytes_raw())


def _read_secret(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            message = f"others may read or change it (mode {mode:04o}): run `chmod 600 {path}`"
            raise _refused(str(path), message)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = f"it is missing: bring it back, or name another by {FILE_VARIABLE}"
        raise _refused(str(path), message) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(str(path), f"it cannot be read: {error}") from error


def _refused(place: str, message: str) -> ConfigError:
    return ConfigError([Problem(file=place, line=0, key="signing key", message=message)])


def _write_new(path: Path, text: str) -> None:
    """Write a secret for its owner alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".signing-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
