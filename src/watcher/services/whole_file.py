"""A file that is there whole or not at all: written beside its place, synced, and renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watcher.errors import OperationalError

_READABLE = 0o644


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a place to write to, which becomes `path` at the end; on any error nothing is left.

    A file that is there already is replaced, and only then.

    Raises:
        OperationalError: It cannot be written there: no such folder, no right, no room.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}-")
    except OSError as error:
        raise _told(path, error) from error
    os.close(handle)
    scratch = Path(name)
    try:
        yield scratch
        _sync(scratch)
        scratch.chmod(_READABLE)
        scratch.replace(path)
    except OSError as error:
        raise _told(path, error) from error
    finally:
        scratch.unlink(missing_ok=True)


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` to `path`, whole or not at all.

    Raises:
        OperationalError: It cannot be written there.
    """
    with written_whole(path) as scratch, scratch.open("wb") as file:
        file.writelines(chunks)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _told(path: Path, error: OSError) -> OperationalError:
    why = error.strerror or str(error)
    return OperationalError(f"{path} cannot be written: {why}; nothing was left there")
