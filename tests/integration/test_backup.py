"""Backups made while the service writes, and put back whole or not at all."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from dataclasses import replace

import pytest

from kit.backed_up import payloads, put_back_in, running_in
from kit.buckets import bucket_vault, s3_server
from kit.payloads import a_tombstone
from kit.plain_source import URL, a_source
from watcher.core.retention import Retention
from watcher.errors import (
    OperationalError,
    SnapshotError,
    SnapshotGoneError,
    SnapshotRedactedError,
)
from watcher.services.check import check
from watcher.services.keeping import clear
from watcher.store.manifest import generations
from watcher.store.restore import require_room
from watcher.store.vault import vault

DAY = 86_400


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def safe(request, tmp_path, monkeypatch):
    """Where backups go."""
    if request.param == "folder":
        return vault(str(tmp_path / "safe"))
    return bucket_vault(request.getfixturevalue("s3"), tmp_path.name, monkeypatch)


@pytest.fixture
def running(tmp_path):
    with running_in(tmp_path / "running") as running:
        yield running


@pytest.fixture
def restored(tmp_path):
    """Puts generations back into `restored0`, `restored1` …"""
    with ExitStack() as stack:
        numbers = itertools.count()

        def restoring(safe, made):
            folder = tmp_path / f"restored{next(numbers)}"
            return stack.enter_context(put_back_in(folder, safe, made))

        yield restoring


def test_what_was_backed_up_is_put_back(running, safe, restored, tmp_path):
    made = running.back_up(safe)
    found = restored(safe, made)

    assert (made.position, made.captures, made.payloads) == (2, 2, 2)
    assert generations(safe) == (made,)
    assert payloads(found) == payloads(running.tools)
    with found.store.reading() as work:
        assert [*work.log.verify()] == [1, 2]
    assert (tmp_path / "restored0" / "sources.yaml").read_bytes() == running.settings.read_bytes()


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(running, safe, restored):
    digests = []

    def meanwhile(what, _done, _of):
        if what == "database" and len(digests) < 3:
            digests.append(running.look())

    made = running.back_up(safe, meanwhile)
    found = restored(safe, made)

    assert len(digests) >= 1
    assert (made.position, made.captures) == (2, 2)
    assert set(payloads(found)).isdisjoint(digests)
    with running.tools.store.reading() as work:
        assert work.captures.count() == 2 + len(digests)


def test_a_payload_is_copied_once(running, safe):
    running.back_up(safe)
    running.look()
    put = []

    class Watched:
        def __getattr__(self, name):
            return getattr(safe, name)

        def put(self, name, body):
            put.append(name)
            return safe.put(name, body)

    made = running.back_up(Watched())
    assert len([name for name in put if name.startswith("snapshots/")]) == 1
    assert made.payloads == 3
    assert len(generations(safe)) == 2


class FailingVault:
    """A vault that takes so many files and then no more."""

    def __init__(self, safe, takes):
        self.safe, self.left = safe, takes

    def __getattr__(self, name):
        return getattr(self.safe, name)

    def put(self, name, body):
        self.left -= 1
        if self.left < 0:
            message = f"{name} could not be put: the connection was reset"
            raise OperationalError(message)
        return self.safe.put(name, body)


def test_a_backup_that_fails_anywhere_is_not_one_and_the_next_goes_on(running, safe, restored):
    takes = 0
    while True:
        try:
            made = running.back_up(FailingVault(safe, takes))
        except OperationalError:
            assert generations(safe) == ()
            takes += 1
        else:
            break

    # two payloads are there from the second attempt that took two on; then the five of a generation
    assert takes == 5
    assert generations(safe) == (made,)
    assert payloads(restored(safe, made)) == payloads(running.tools)


def test_what_went_on_purpose_is_not_put_back_and_says_why(running, tmp_path, restored):
    safe = vault(str(tmp_path / "safe"))
    before = running.back_up(safe)
    running.fetcher.says(b"<html>502 Bad Gateway</html>")
    expired = check(a_source(), URL, running.tools).capture.digest
    redacted = running.look()
    running.clock.forward(91 * DAY)
    last = running.look()
    snapshots = running.tools.snapshots
    snapshots.redact(redacted, a_tombstone(redacted))
    clear(running.tools.store, snapshots, Retention(), running.clock)
    found = restored(safe, running.back_up(safe))

    with pytest.raises(SnapshotRedactedError, match="a person's name"):
        found.snapshots.get(redacted)
    with pytest.raises(SnapshotGoneError, match="was not believed"):
        found.snapshots.get(expired)
    assert found.snapshots.get(last) == snapshots.get(last)
    assert [*restored(safe, before).snapshots.tombstones()] == []


def test_a_private_key_stays_readable_by_its_owner_alone(running, tmp_path, restored):
    safe = vault(str(tmp_path / "safe"))
    key = tmp_path / "signing.key"
    key.write_text("secret")
    running.origin = replace(running.origin, beside={"signing.key": key})
    restored(safe, running.back_up(safe))

    put = tmp_path / "restored0" / "data" / "signing.key"
    assert (put.read_text(), put.stat().st_mode & 0o777) == ("secret", 0o600)


def test_a_damaged_payload_makes_no_backup_and_is_named(running, tmp_path):
    safe = vault(str(tmp_path / "safe"))
    (damaged,) = running.folder.glob("sha256/??/*.delta")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")

    with pytest.raises(SnapshotError, match=f"{damaged.name} is damaged"):
        running.back_up(safe)
    assert generations(safe) == ()
    assert len([*safe.names("snapshots")]) == 1, "what is whole was copied"


def test_a_lost_payload_makes_no_backup_and_is_named(running, tmp_path):
    safe = vault(str(tmp_path / "safe"))
    (lost,) = running.folder.glob("sha256/??/*.delta")
    lost.unlink()

    with pytest.raises(SnapshotError, match=f"{lost.stem}.* is missing"):
        running.back_up(safe)
    assert generations(safe) == ()


def test_too_little_room_is_told_before_anything_is_written(running, tmp_path, monkeypatch):
    safe = vault(str(tmp_path / "safe"))
    made = running.back_up(safe)

    class Usage:
        free = 1_000

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Usage)
    with pytest.raises(OperationalError, match="has 1000 bytes free"):
        running.back_up(safe)
    with pytest.raises(OperationalError, match="has 1000 bytes free"):
        require_room(made, tmp_path)
