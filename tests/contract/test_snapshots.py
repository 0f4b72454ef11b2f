"""What every snapshot store promises: in a folder, and in a bucket that others use too."""

from __future__ import annotations

import hashlib

import pytest

from kit.buckets import SHELVES, s3_server, shelves
from watcher.errors import SnapshotError
from watcher.store.shelf import FolderShelf
from watcher.store.snapshots import FolderSnapshots, KeptSnapshots


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(params=SHELVES)
def new_shelf(request):
    return shelves(request)


@pytest.fixture
def snapshots(new_shelf):
    return KeptSnapshots(new_shelf())


def blobs(snapshots):
    return [file.name for file in snapshots.shelf.files("")]


@pytest.mark.parametrize("body", [b"", b"page", b"x" * 300_000])
def test_a_payload_is_read_as_it_was_put_and_named_by_its_digest(snapshots, body):
    digest = snapshots.put(body)

    assert digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert snapshots.get(digest) == body


def test_the_same_payload_is_kept_once(snapshots):
    digest = snapshots.put(b"page")
    [first] = snapshots.kept()
    snapshots.put(b"page", digest)

    assert blobs(snapshots) == [f"sha256/{digest[7:9]}/{digest[9:]}.zst"]
    assert [*snapshots.kept()] == [first]
    assert first.size == 4


def test_a_payload_that_was_touched_is_not_given_out(snapshots, new_shelf):
    digest = snapshots.put(b"page " * 100)
    [blob] = blobs(snapshots)
    elsewhere = KeptSnapshots(new_shelf())
    other = elsewhere.put(b"other " * 100)
    [changed] = blobs(elsewhere)
    snapshots.shelf.replace(blob, [elsewhere.shelf.read(changed)])

    with pytest.raises(SnapshotError, match=f"{digest} at .* is not the bytes its name says"):
        snapshots.get(digest)
    assert other != digest


def test_a_payload_that_rotted_is_not_given_out_and_is_mended_when_it_is_put_again(snapshots):
    digest = snapshots.put(b"page " * 100)
    [blob] = blobs(snapshots)
    snapshots.shelf.replace(blob, [b"rubbish"])

    with pytest.raises(SnapshotError, match=f"{digest} at .* cannot be unpacked"):
        snapshots.get(digest)
    snapshots.put(b"page " * 100)
    assert snapshots.get(digest) == b"page " * 100


def test_a_payload_that_is_gone_is_missed_by_name(snapshots):
    with pytest.raises(SnapshotError, match=f"sha256:{'0' * 64} is missing at .*{'0' * 62}.zst"):
        snapshots.get(f"sha256:{'0' * 64}")


@pytest.mark.parametrize("name", ["", "sha256:../../etc/passwd", "md5:00", f"sha256:{'/' * 64}"])
def test_a_name_that_is_no_digest_reaches_no_file(snapshots, name):
    with pytest.raises(SnapshotError, match="not a snapshot's digest"):
        snapshots.get(name)


def test_a_disk_that_is_full_leaves_no_half_payload(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        FolderSnapshots(tmp_path).put(b"page")

    assert [*FolderShelf(tmp_path).files("")] == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
