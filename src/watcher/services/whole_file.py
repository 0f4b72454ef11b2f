"""A file that is there whole or not at all: written beside its place, synced, and renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watcher.errors import OperationalError

READABLE, PRIVATE = 0o644, 0o600
"""The modes of a file that anyone may read, and of one that only its owner may."""


@contextmanager
def written_whole(path: Path, *, mode: int = READABLE, is_new: bool = False) -> Iterator[Path]:
    """Yield a place to write to, which becomes `path` at the end; on any error nothing is left.

    A file that is there already is replaced, and only then.

    Args:
        path: The file's place.
        mode: Who may read and write it.
        is_new: Refuse to replace a file, also one that comes to be there meanwhile.

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
        scratch.chmod(mode)
        if is_new:
            path.hardlink_to(scratch)
        else:
            scratch.replace(path)
    except OSError as error:
        raise _told(path, error) from error
    finally:
        scratch.unlink(missing_ok=True)


def write_whole(
    path: Path, chunks: Iterable[bytes], *, mode: int = READABLE, is_new: bool = False
) -> None:
    """Write `chunks` to `path`, whole or not at all; see `written_whole`.

    Raises:
        OperationalError: It cannot be written there.
    """
    with (
        written_whole(path, mode=mode, is_new=is_new) as scratch,
        scratch.open("wb") as file,
    ):
        file.writelines(chunks)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _told(path: Path, error: OSError) -> OperationalError:
    why = error.strerror or str(error)
    return OperationalError(f"{path} cannot be written: {why}; nothing was left there")
