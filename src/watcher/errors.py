"""Every error this program raises on purpose.

Three fates. An *operational* error is noted and counted, and the next target follows. An
*integrity* error stops the process: a false history is worse than none. A *configuration* error
refuses to start.

* WatcherError
  + OperationalError        the world misbehaved; note it and carry on
    - FetchError            no usable answer from the source
      . FetchRefusedError   we would not ask: robots.txt, a guarded address, a spent budget
    - ReadError             an answer, but not one the reader can vouch for
    - DeliveryError         a channel did not take the message, or we cannot know that it did
    - NotFoundError         a person asked for something we do not hold
    - LinkError             a one-time link that is not ours, or whose time is over
    - SignInError           somebody is not who they say, or has to wait before they say it again
    - StoreError            the disk or the database took nothing just now
    - ObjectStoreError      an object store gave or took nothing just now; what is there is whole
    - StoppingError         the service ends; what was to be done stays due
  + IntegrityError          the log would be wrong; stop the process
    - VersionConflictError  another writer appended first
    - BrokenLogError        a row of the log does not fit its chain or its stream
    - SnapshotError         a stored payload is missing or is not the bytes its name says
      . SnapshotGoneError      it was taken away on purpose, and an event has to say so
      . SnapshotRedactedError  likewise, by a person
    - ProofError            a seal, a subtree or a signed checkpoint does not fit the log
      . NoteError           a text that is no signed note, checkpoint or key
    - StoreBusyError        another process holds the store
    - DamagedStoreError     the database's file is damaged: put a backup back
  + ConfigError             the configuration cannot be used as written
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class WatcherError(Exception):
    """The root of every error raised on purpose.

    Attributes:
        next_step: What a person does about it, one sentence with the command where there is one.
    """

    next_step: ClassVar[str] = "`watcher doctor` looks at what may be in the way"


class OperationalError(WatcherError):
    """The world misbehaved; note it and carry on with the next target."""


class FetchError(OperationalError):
    """No usable answer came from the source.

    Attributes:
        kind: `timeout`, `connection`, `tls`, `too_large`, `truncated`, `redirect`, `protocol` …
        is_transient: Whether asking again later can help.
    """

    next_step: ClassVar[str] = (
        "ask again later, or let `watcher doctor` say how each source answers today"
    )

    def __init__(self, message: str, *, kind: str, is_transient: bool = True) -> None:
        super().__init__(message)
        self.kind = kind
        self.is_transient = is_transient


class FetchRefusedError(FetchError):
    """We refused to ask: robots.txt, a guarded address, a redirect we do not follow."""

    next_step: ClassVar[str] = (
        "`watcher hosts` tells which servers are left alone, until when and why"
    )

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message, kind=kind, is_transient=False)


class ReadError(OperationalError):
    """An answer the reader does not understand: an error, never a guess.

    Attributes:
        reader: Name and version of the reader, `ema_medicine_page@1`.
        expected: What the reader needed, in words.
        found: What stood there instead, shortened: at most 500 characters that can be stored.
        place: Where: a line, a JSON pointer, a sheet and cell.
    """

    next_step: ClassVar[str] = (
        "`watcher read FILE --reader NAME` shows what is understood of a page; please report it"
    )

    def __init__(self, *, reader: str, expected: str, found: str, place: str = "") -> None:
        # a page may put anything here, and a refusal must not fail for what it quotes
        self.reader = reader
        self.expected = _quoted(expected)
        self.found = _quoted(found)
        self.place = _quoted(place)
        where = f" at {self.place}" if place else ""
        super().__init__(f"{reader}: expected {self.expected}, found {self.found}{where}")


def _quoted(words: str) -> str:
    """Return at most 500 characters of `words`, those that UTF-8 cannot write replaced."""
    kept = words if len(words) <= 500 else f"{words[:499]}…"
    return kept.encode("utf-8", "replace").decode()


class DeliveryError(OperationalError):
    """A channel did not take the message, or we cannot know whether it did.

    Attributes:
        kind: `refused` (it said no for now), `permanent` (it said no for good: no such recipient,
            no right to send), `unknown` (no answer in time), `configuration` (never will).
        retry_after: Seconds after which the receiver asked to be tried again; None: it did not.
    """

    next_step: ClassVar[str] = (
        "`watcher test-channel CHANNEL` tries the channel once more, with a harmless sample"
    )

    def __init__(
        self, message: str, *, kind: str = "refused", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def is_permanent(self) -> bool:
        """Return whether trying again cannot help."""
        return self.kind in {"configuration", "permanent"}


class NotFoundError(OperationalError):
    """A person asked for something the store does not hold."""

    next_step: ClassVar[str] = (
        "the command's `--help` says what may be asked for; `watcher events` lists what is known"
    )


class LinkError(OperationalError):
    """A one-time link cannot be used.

    Attributes:
        kind: `forged` (we did not make it so) or `expired`.
    """

    next_step: ClassVar[str] = (
        "`watcher cases` lists the cases, `watcher acknowledge CASE` does what the link would"
    )

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class SignInError(OperationalError):
    """Nobody was let in; the words are the same whether there is such a user or not.

    Attributes:
        wait: Seconds after which it can be tried again; 0: at once.
    """

    def __init__(self, message: str, *, wait: float = 0) -> None:
        super().__init__(message)
        self.wait = wait


class StoreError(OperationalError):
    """The store could not be read or written just now; what was to be kept was not.

    Attributes:
        kind: `full` (no room), `locked` (another program writes to it), `io` (the disk failed),
            `unreachable` (the server is not there; what was being committed may have been) or
            `denied` (it refuses this role).
    """

    next_step: ClassVar[str] = (
        "mend that, then do the same again; `watcher doctor` tells whether all is well"
    )

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class ObjectStoreError(OperationalError):
    """An object store gave or took nothing just now, or refused us; what is in it is whole."""


class StoppingError(OperationalError):
    """The service ends: a request must not go out before its turn, and its target stays due."""

    next_step: ClassVar[str] = "start it again with `watcher run`: what was due is still due"


class IntegrityError(WatcherError):
    """The history would be wrong; the process stops."""

    next_step: ClassVar[str] = (
        "stop the service and run `watcher verify`, which names the first thing that does not fit"
    )


class VersionConflictError(IntegrityError):
    """Another writer appended to the stream first."""

    next_step: ClassVar[str] = "do the same again; if it stays so, stop every watcher but one"

    def __init__(self, stream: str, *, expected: int, found: int) -> None:
        super().__init__(f"stream {stream}: expected version {expected}, found {found}")
        self.stream = stream
        self.expected = expected
        self.found = found


class BrokenLogError(IntegrityError):
    """A row of the log does not fit.

    Attributes:
        position: The first position that does not fit.
    """

    next_step: ClassVar[str] = (
        "leave everything as it is and put back a backup with `watcher restore`"
    )

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"position {position}: {why}")
        self.position = position


class SnapshotError(IntegrityError):
    """A stored payload is missing or does not hash to its name."""

    next_step: ClassVar[str] = (
        "`watcher verify` names each such payload; `watcher restore` puts back a backup"
    )


class SnapshotGoneError(SnapshotError):
    """A payload was taken away on purpose when its time was over; an event says so.

    Attributes:
        digest: The payload's digest, `sha256:…`.
        at: When it was taken away, RFC 3339 UTC.
        why: The reason, in words.
    """

    next_step: ClassVar[str] = "`watcher audit` tells who or what took it away, and why"

    _HOW = "went when its time was over"

    def __init__(self, digest: str, *, at: str, why: str) -> None:
        super().__init__(f"snapshot {digest} {self._HOW} ({at}): {why}")
        self.digest = digest
        self.at = at
        self.why = why


class SnapshotRedactedError(SnapshotGoneError):
    """A payload's bytes were dropped by a person; its digest stays, and an event says why."""

    _HOW = "was redacted"


class ProofError(IntegrityError):
    """A seal, a subtree or a signed checkpoint does not fit the log, or cannot be made."""

    next_step: ClassVar[str] = (
        "`watcher verify` names what does not fit; keep the file and a backup from before"
    )


class NoteError(ProofError):
    """A text that is no signed note, no checkpoint or no key."""

    next_step: ClassVar[str] = (
        "give the whole signed note, or key, as it was printed by `watcher seal`"
    )


class StoreBusyError(IntegrityError):
    """Another process writes to this store; two writers may not share one."""

    next_step: ClassVar[str] = "let the running service do it, or stop it first"


class DamagedStoreError(IntegrityError):
    """The database's file is not as SQLite wrote it: nothing may be built on it."""

    next_step: ClassVar[str] = "put a backup back with `watcher restore`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the configuration, where it stands and what to do."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """Return `file:line: key: message`, as editors understand it."""
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class ConfigError(WatcherError):
    """The configuration cannot be used as written; all problems are told at once.

    Attributes:
        problems: Every problem found, in the order of the file.
    """

    next_step: ClassVar[str] = "mend the lines that are named; `watcher config check` looks again"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
