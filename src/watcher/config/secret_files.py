"""Secrets: from an environment variable, or from the file that one names, and from nowhere else.

`${MAIL_PASSWORD}` is the variable MAIL_PASSWORD; where that is not set, the file that
MAIL_PASSWORD_FILE names (as containers hand secrets over), or the file MAIL_PASSWORD in
$CREDENTIALS_DIRECTORY (as systemd does). A file keeps a secret out of the process list, out of
`docker inspect` and out of the environment of every program this one starts.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 65_536
_CREDENTIALS = "CREDENTIALS_DIRECTORY"
READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The bits of a file's mode that give anything to others than its owner."""


class SecretFileError(ValueError):
    """A file that should hold a secret cannot be used; the words show nothing of its content."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a variable stands for.

    Attributes:
        value: The secret; never shown.
        notice: What to do about the file it came from; empty: nothing.
    """

    value: str
    notice: str = ""


def find(name: str, environment: Mapping[str, str]) -> Found | None:
    """Return what the variable `name` stands for, or None where there is no such thing.

    Raises:
        SecretFileError: A file should hold it, and cannot be read or holds no single line.
    """
    if value := environment.get(name):
        return Found(value)
    if path := environment.get(f"{name}_FILE"):
        return _in_file(Path(path), f"the file that {name}_FILE names")
    if folder := environment.get(_CREDENTIALS):
        credential = Path(folder) / name
        if credential.is_file():
            return _in_file(credential, f"the credential {name}")
    return None


def _in_file(path: Path, what: str) -> Found:
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                message = f"{what} is no ordinary file"
                raise SecretFileError(message)
            raw = file.read(_LONGEST + 1)
    except OSError as error:
        message = f"{what} cannot be read: {error.strerror or 'unknown error'}"
        raise SecretFileError(message) from None
    return Found(_one_line(raw, what), _advice(path, mode, what))


def _one_line(raw: bytes, what: str) -> str:
    try:
        text = raw.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        message = f"{what} is not UTF-8"
        raise SecretFileError(message) from None
    if len(raw) > _LONGEST or not text or not text.isprintable():
        message = f"{what} has to hold one line, and nothing else"
        raise SecretFileError(message)
    return text


def _advice(path: Path, mode: int, what: str) -> str:
    if not mode & READABLE_BY_OTHERS:
        return ""
    return f"{what} can be read by others than its owner: chmod 600 {path}"
