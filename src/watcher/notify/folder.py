"""A folder as a channel: every message as files, for a demonstration, a test or another program."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import DeliveryError
from watcher.ports import Envelope

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def folder(url: str) -> Path:
    """Return the folder that `folder:data/messages` or `folder:///var/messages` names.

    Raises:
        ValueError: It names none.
    """
    path = url.partition(":")[2].removeprefix("//")
    if not path.strip():
        message = "a folder channel needs a folder: folder:data/messages"
        raise ValueError(message)
    return Path(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChannel:
    """A way to whoever reads a folder; the same message sent twice lies in it once.

    Attributes:
        path: The folder; it is made when the first message comes.
    """

    id: str
    path: Path

    def send(self, envelope: Envelope) -> str:
        """Write `key.txt`, `key.html` and `key.md` where there are such forms, and its files.

        Raises:
            DeliveryError: A file could not be written.
        """
        forms = {
            ".txt": f"Subject: {envelope.subject}\n\n{envelope.text}",
            ".html": envelope.html,
            ".md": envelope.chat and f"{envelope.chat}\n",
        }
        name = file_name(envelope.key)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for suffix, content in forms.items():
                if content:
                    _replaced(self.path / f"{name}{suffix}", content.encode("utf-8", "replace"))
            for file in envelope.attachments:
                _replaced(self.path / f"{name}-{file_name(file.name)}", file.body)
        except OSError as error:
            message = f"the folder of channel {self.id} took no file: {error.strerror}"
            raise DeliveryError(message, kind="refused") from error
        return f"written to {name}.txt"


def file_name(key: str) -> str:
    """Return a key as the name of a file; one that is no plain name is replaced by its digest."""
    if _PLAIN.fullmatch(key):
        return key
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _replaced(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader of the folder never sees half a message."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
