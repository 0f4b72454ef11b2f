"""What every snapshot store promises."""

from __future__ import annotations

import hashlib

import pytest

from watcher.errors import SnapshotError
from watcher.store.snapshots import FolderSnapshots


@pytest.fixture
def snapshots(tmp_path):
    return FolderSnapshots(tmp_path / "snapshots")


def blobs(tmp_path):
    return [path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()]


@pytest.mark.parametrize("body", [b"", b"page", b"x" * 300_000])
def test_a_payload_is_read_as_it_was_put_and_named_by_its_digest(snapshots, body):
    digest = snapshots.put(body)

    assert digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert snapshots.get(digest) == body


def test_the_same_payload_is_kept_once(snapshots, tmp_path):
    snapshots.put(b"page")
    (blob,) = blobs(tmp_path)
    first = blob.stat().st_mtime_ns
    snapshots.put(b"page")

    assert blobs(tmp_path) == [blob]
    assert blob.stat().st_mtime_ns == first


def test_a_payload_that_was_touched_is_not_given_out(snapshots, tmp_path):
    digest = snapshots.put(b"page " * 100)
    (blob,) = blobs(tmp_path)
    other = FolderSnapshots(tmp_path / "other").put(b"other " * 100)
    changed = next((tmp_path / "other").rglob("*.zst"))
    blob.write_bytes(changed.read_bytes())

    with pytest.raises(SnapshotError, match="not the bytes its name says"):
        snapshots.get(digest)
    assert other != digest


def test_a_payload_that_rotted_is_not_given_out(snapshots, tmp_path):
    digest = snapshots.put(b"page " * 100)
    (blob,) = blobs(tmp_path)
    blob.write_bytes(b"rubbish")

    with pytest.raises(SnapshotError, match="cannot be unpacked"):
        snapshots.get(digest)


def test_a_payload_that_is_gone_is_missed_by_name(snapshots):
    with pytest.raises(SnapshotError, match="missing"):
        snapshots.get(f"sha256:{'0' * 64}")


@pytest.mark.parametrize("name", ["", "sha256:../../etc/passwd", "md5:00", f"sha256:{'/' * 64}"])
def test_a_name_that_is_no_digest_reaches_no_file(snapshots, name):
    with pytest.raises(SnapshotError, match="not a snapshot's digest"):
        snapshots.get(name)


def test_a_disk_that_is_full_leaves_no_half_payload(snapshots, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        snapshots.put(b"page")

    assert blobs(tmp_path) == []
