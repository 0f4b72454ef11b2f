"""What every place for backups promises: a folder and a bucket of an object store alike."""

from __future__ import annotations

import os
import threading

import pytest

from kit.buckets import bucket_vault, s3_server
from watcher.errors import NotFoundError, OperationalError
from watcher.store.vault import vault


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(params=["folder", "file", "s3"])
def place(request, tmp_path, monkeypatch):
    """A vault and how it is addressed."""
    if request.param == "folder":
        return vault(str(tmp_path / "vault"))
    if request.param == "file":
        return vault((tmp_path / "a vault").as_uri())
    return bucket_vault(request.getfixturevalue("s3"), tmp_path.name, monkeypatch)


def read(place, name):
    return b"".join(place.get(name))


def test_a_file_is_read_as_it_was_put(place, tmp_path):
    large = os.urandom(7_000_000)
    file = tmp_path / "large"
    file.write_bytes(large)

    assert place.put("a/small", b"small")
    assert place.put("a/empty", b"")
    assert place.put("b/large", file)
    assert (read(place, "a/small"), read(place, "a/empty")) == (b"small", b"")
    assert read(place, "b/large") == large


def test_what_is_there_is_never_changed(place):
    assert place.put("a/name", b"first")
    assert not place.put("a/name", b"second")

    assert read(place, "a/name") == b"first"


def test_of_two_that_put_at_once_one_is_first(place):
    done = []
    gate = threading.Barrier(8)

    def put(number):
        gate.wait()
        done.append((place.put("a/name", f"{number}".encode()), number))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = (number for is_first, number in done if is_first)
    assert read(place, "a/name") == f"{winner}".encode()


def test_names_are_those_below_a_folder(place):
    assert [*place.names("snapshots")] == []
    for name in ("snapshots/sha256/ab/1.zst", "snapshots/sha256/cd/2.zst", "generations/x/m.json"):
        place.put(name, b"body")

    assert sorted(place.names("snapshots")) == [
        "snapshots/sha256/ab/1.zst",
        "snapshots/sha256/cd/2.zst",
    ]


def test_what_is_missing_is_missed_by_name(place):
    with pytest.raises(NotFoundError, match=r"a/nothing is missing"):
        read(place, "a/nothing")


@pytest.mark.parametrize("address", ["", "ftp://host/x", "file://host/x"])
def test_an_address_that_is_no_place_for_backups_is_refused(address):
    with pytest.raises(OperationalError, match="no place for backups"):
        vault(address)


@pytest.mark.parametrize("address", ["s3://", "gs:///prefix", "s3://bucket/x?versionId=1"])
def test_an_address_that_is_no_bucket_is_refused(address):
    with pytest.raises(OperationalError, match="is no bucket: give s3://bucket/prefix"):
        vault(address)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"no folder")

    with pytest.raises(OperationalError, match="could not be written"):
        vault(str(tmp_path / "file")).put("a/b", b"body")


def test_a_bucket_that_does_not_answer_is_named(monkeypatch):
    pytest.importorskip("obstore")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    nowhere = vault("s3://bucket/prefix", os.environ)
    with pytest.raises(OperationalError, match="s3://bucket/prefix/name could not be put"):
        nowhere.put("name", b"body")
