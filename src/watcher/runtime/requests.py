"""Requests left with the running service: a folder of small files, each taken once.

One process writes to the store. A command that finds it busy leaves its request here, whole or not
at all, and waits for the answer beside it. The folder and what is in it belong to the one who runs
the service; anything that is not a request as we write it is moved aside and never carried out.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from watcher.errors import OperationalError
from watcher.services.orders import Result

REQUEST, ANSWER = ".request", ".answer"
REFUSED = "refused"
LARGEST = 1 << 20
"""Bytes of the largest request that is read."""
AT_ONCE = 100
"""How many requests are taken in one pass."""
ANSWERS_KEPT = timedelta(days=1)

_NAME = re.compile(r"\d{8}T\d{12}Z-([0-9a-f]{32})\.request")


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order with its arguments, and who gives it.

    Attributes:
        id: 32 hexadecimal digits, drawn by chance.
        order: A name of `services.orders.ORDERS`.
        arguments: By name; the order knows which and of what kind.
        who: Who decides.
        at: When it was left, RFC 3339 UTC.
        via: A command or a page.
    """

    id: str
    order: str
    arguments: dict[str, str | int | bool | list[str]]
    who: str
    at: str
    via: Literal["command", "page"] = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of a request.

    Attributes:
        ok: Whether it was done.
        result: What it came to.
        error: The class of what went wrong; empty where nothing did.
        message: What went wrong, in words.
    """

    ok: bool
    result: Result
    error: str = ""
    message: str = ""


class RefusedError(OperationalError):
    """A file among the requests that is none as we write them."""


class Folder:
    """The folder of requests beside a database.

    Raises:
        OperationalError: There is something else in its place, or it belongs to someone else.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.parent / "requests"
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            message = f"{self.path} is not a folder of our own: take it away"
            raise OperationalError(message)
        if found.st_mode & 0o077:
            self.path.chmod(0o700)

    def leave(self, request: Request) -> Path:
        """Leave a request, durably and whole."""
        stamp = re.sub(r"[-:.]", "", request.at)
        place = self.path / f"{stamp}-{request.id}{REQUEST}"
        self._write(place, msgspec.json.encode(request))
        return place

    def waiting(self) -> list[Path]:
        """Return the first requests in the order in which they were left; others are moved aside.

        What is being written this moment has a name of its own, and is left alone.
        """
        found: list[Path] = []
        for place in sorted(self.path.iterdir()):
            if place.name == REFUSED or place.suffix in {ANSWER, ".writing"}:
                continue
            if _NAME.fullmatch(place.name):
                found.append(place)
            else:
                self.refuse(place)
        return found[:AT_ONCE]

    def read(self, place: Path) -> Request:
        """Return the request in a file.

        Raises:
            RefusedError: It is none that we would write.
        """
        try:
            request = msgspec.json.decode(_read(place), type=Request)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"{place.name} is not a request: {error}"
            raise RefusedError(message) from error
        name = _NAME.fullmatch(place.name)
        if name is None or request.id != name[1] or not _is_name(request.who):
            message = f"{place.name} is not a request: its name, its id or who gave it is not right"
            raise RefusedError(message)
        return request

    def refuse(self, place: Path) -> None:
        """Move a file aside, out of the way of the requests and where it can be looked at."""
        aside = self.path / REFUSED
        if not aside.is_dir():
            aside.unlink(missing_ok=True)  # a file in its place would be in the way of all
            aside.mkdir(mode=0o700)
        free = aside / place.name
        while os.path.lexists(free):
            free = aside / f"{place.name}.{secrets.token_hex(4)}"
        place.rename(free)

    def answer(self, request: str, answered: Answered, at: datetime) -> None:
        """Put an answer beside its request, dated with the service's own time."""
        body = msgspec.json.encode(asdict(answered) | {"result": dict(answered.result)})
        place = self.path / f"{request}{ANSWER}"
        self._write(place, body)
        os.utime(place, (at.timestamp(), at.timestamp()))

    def answer_to(self, request: str) -> Answered | None:
        """Return the answer to a request, or None while there is none that can be read."""
        try:
            body = _read(self.path / f"{request}{ANSWER}")
            return msgspec.json.decode(body, type=Answered)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None  # somebody else's: it is answered again, and decided once

    def forget(self, request: str) -> None:
        """Take an answer away that was read."""
        (self.path / f"{request}{ANSWER}").unlink(missing_ok=True)

    def forget_old(self, now: datetime) -> None:
        """Take away answers that nobody has come for in a day, and half-written files."""
        for place in self._of(ANSWER, ".writing"):
            found = place.lstat()
            if stat.S_ISDIR(found.st_mode):
                self.refuse(place)
            elif found.st_mtime < (now - ANSWERS_KEPT).timestamp():
                place.unlink(missing_ok=True)

    def _of(self, *suffixes: str) -> Iterator[Path]:
        return (place for place in self.path.iterdir() if place.suffix in suffixes)

    def _write(self, place: Path, body: bytes) -> None:
        """Write a file for its owner alone, so that it is there whole or not at all."""
        beside = place.with_name(f".{place.name}.writing")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        _sync(self.path)


def _is_name(who: str) -> bool:
    return 0 < len(who.strip()) <= 200 and who.isprintable()


def _read(place: Path) -> bytes:
    """Return the bytes of a plain file of our own that no one else can write, and not a huge one.

    Raises:
        FileNotFoundError: There is none.
        OSError: It is anything else.
    """
    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(handle)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if not is_ours or found.st_mode & 0o077 or found.st_nlink != 1 or found.st_size > LARGEST:
            message = f"not a plain file of our own, for our eyes alone, up to {LARGEST} bytes"
            raise OSError(message)
        return os.read(handle, LARGEST)
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
