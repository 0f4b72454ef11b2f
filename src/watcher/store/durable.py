"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

WRITING = ".writing-"
"""How the name of a file begins that is not whole yet; one that a killed process left may go."""


def write_durably(place: Path, chunks: Iterable[bytes]) -> None:
    """Write a file beside its place, sync it and rename it; an older one there is replaced.

    Raises:
        OSError: It could not be written; nothing is left of it.
    """
    make_folder(place.parent)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=WRITING)
    is_written = False
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
        is_written = True
    finally:
        if not is_written:
            Path(name).unlink(missing_ok=True)
    sync_folder(place.parent)


def remove_durably(*places: Path) -> None:
    """Remove files, those that are not there included, so that they stay removed."""
    for place in places:
        place.unlink(missing_ok=True)
    for folder in {place.parent for place in places if place.parent.is_dir()}:
        sync_folder(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that they are there after a power cut too."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename last: the folder's own entry has to reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
