"""A disk that is full: nothing half written is seen, and work goes on when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from contextlib import contextmanager, suppress

import pytest

from kit.failing import Faults
from kit.line import BULK, Receiver, at_work, begun
from kit.payloads import versions
from kit.promises import Truth, promises_hold
from watcher.errors import OperationalError, WatcherError
from watcher.store.snapshots import FolderSnapshots
from watcher.store.vault import vault


@contextmanager
def a_disk(folder, megabytes):
    """Yield a disk of some megabytes, where one may be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    words = [mount or "mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
    if mount is None or os.getuid() or subprocess.run(words, check=False).returncode:
        pytest.skip(f"no disk of {megabytes} MB can be mounted here")
    try:
        yield folder
    finally:
        # a traceback may hold a file open for a moment more: the disk goes with the last of them
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607  whichever there is


@pytest.fixture
def small(tmp_path):
    with a_disk(tmp_path / "small", 1) as folder:
        yield folder


@pytest.fixture
def larger(tmp_path):
    with a_disk(tmp_path / "larger", 6) as folder:
        yield folder


def files(folder):
    return sorted(place for place in folder.rglob("*") if place.is_file())


def test_a_payload_that_finds_no_room_leaves_nothing_and_is_kept_when_there_is_some(small):
    snapshots = FolderSnapshots(small / "snapshots")
    kept = snapshots.put(versions(1)[0])
    filler = small / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    before = files(small)

    large = os.urandom(300_000)
    with pytest.raises(OSError, match="No space left"):
        snapshots.put(large)
    assert files(small) == before
    assert snapshots.get(kept) == versions(1)[0]

    filler.unlink()
    assert snapshots.get(snapshots.put(large)) == large


def test_a_backup_that_finds_no_room_says_where(small):
    safe = vault(str(small / "safe"))

    with pytest.raises(OperationalError, match=r"could not be written: .*No space left"):
        safe.put("snapshots/large", os.urandom(2_000_000))
    assert [*safe.names("snapshots")] == []
    assert files(small) == []
    assert safe.put("snapshots/small", b"small")


def test_a_look_on_a_full_disk_is_told_and_made_again_by_itself_when_there_is_room(larger):
    rules = ({"id": "all", "events": ["authorisation.*", "storage.*"], "channels": ["pv"]},)
    begun(larger, BULK, rules)
    receiver = Receiver(Faults())
    with at_work(larger, BULK, BULK.after, days=1, receiver=receiver) as line:
        filler = filled(larger, 0)
        line.passes()
        line.passes(after=61)
        filler.unlink()
        assert "authorisation.withdrawn" not in line.types()
        line.passes(after=61)
        line.passes()

        assert line.types().count("authorisation.withdrawn") == 1
        assert line.types().count("storage.full") == 1
        truth = Truth(taken=receiver.taken)
        promises_hold(line.store, larger / "snapshots", larger / "data", truth)
    assert any("is full" in each.subject for each in receiver.taken)
    assert any("Withdrawn" in each.subject for each in receiver.taken)


def filled(folder, room):
    """Fill a disk but for some bytes, and return the file that fills it."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    os.truncate(filler, max(0, filler.stat().st_size - room))
    return filler


def test_wherever_the_disk_ends_the_log_is_whole_and_the_look_is_made_again(larger):
    """It ends in the payload, in the write-ahead log, as that is merged, in a seal: further on."""
    first = begun(larger.parent / "first", BULK)
    found = Counter()
    for room in range(0, 400_000, 20_000):
        place, receiver = larger / "place", Receiver(Faults())
        shutil.copytree(first, place)
        filler = filled(larger, room)
        with (
            suppress(OSError, WatcherError),
            at_work(place, BULK, BULK.after, days=1, receiver=receiver) as line,
        ):
            line.passes()
        filler.unlink()
        with at_work(place, BULK, BULK.after, days=9, receiver=receiver) as line:
            found[line.types().count("authorisation.withdrawn")] += 1
            truth = Truth(taken=receiver.taken)
            promises_hold(line.store, place / "snapshots", place / "data", truth)
            line.passes()
            assert line.types().count("authorisation.withdrawn") == 1, room
            assert {each.state for each in line.outbox()} == {"delivered"}, room
        shutil.rmtree(place)

    assert found.keys() == {0, 1}, "it failed in the middle at some sizes, and not at others"
