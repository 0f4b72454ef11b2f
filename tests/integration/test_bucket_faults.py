"""A bucket that is slow, says no or is not there: told as the world's, and nothing is lost."""

from __future__ import annotations

import os
import shutil
from contextlib import closing

import pytest

from factories import ALOFISEL, a_state
from kit.buckets import address_in, s3_server, speak_to
from kit.clocks import StandingClock
from kit.flaky_front import FlakyFront
from kit.payloads import a_long_page
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.errors import ObjectStoreError, SnapshotError
from watcher.services.check import check
from watcher.store.blob_cache import BlobCache
from watcher.store.bucket import Patience, bucket
from watcher.store.bucket_shelf import BucketShelf
from watcher.store.snapshots import KeptSnapshots

PAGE = a_long_page()
PATIENT = Patience(seconds=60.0, connecting=60.0, retries=2, first_wait=0.001)
"""What must be done in the end is done however busy the machine is."""
IMPATIENT = Patience(seconds=0.5, connecting=0.5, retries=2, first_wait=0.001)
"""For a store that never answers."""


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture
def front(s3, tmp_path, monkeypatch):
    """The door in front of the store; `address` is that of a bucket behind it."""
    address = address_in(s3, tmp_path.name, monkeypatch)
    with FlakyFront(s3) as front:
        speak_to(front.endpoint, monkeypatch)
        front.address = address
        yield front


def in_bucket(address, patience=PATIENT, cache=None):
    return KeptSnapshots(BucketShelf(bucket(address, os.environ, patience), cache))


@pytest.fixture
def snapshots(front):
    return in_bucket(front.address)


@pytest.mark.parametrize("fault", ["500", "503", "unanswered"])
def test_a_request_that_failed_once_or_twice_is_sent_again(front, snapshots, fault):
    front.script.extend([fault, fault, "", fault])
    digest = snapshots.put(PAGE)

    assert snapshots.get(digest) == PAGE
    assert [each.digest for each in snapshots.kept()] == [digest]


def test_a_payload_whose_receipt_was_lost_is_kept_once(front, snapshots):
    """The store has taken it, we do not know, and send it again: it is there already."""
    front.script.extend(["", "", "", "", "unanswered"])
    digest = snapshots.put(PAGE)

    assert ("PUT", 412) in front.asked
    assert snapshots.get(digest) == PAGE
    assert len([*snapshots.shelf.files("")]) == 1


@pytest.mark.parametrize("fault", ["500", "403", "unanswered", "hang"])
def test_a_store_that_keeps_failing_is_told_of_and_loses_nothing(front, snapshots, fault):
    before = snapshots.put(b"kept before")
    front.always = fault
    asking = in_bucket(front.address, IMPATIENT)

    with pytest.raises(ObjectStoreError, match=f"{front.address}/sha256/.* could not be"):
        asking.put(PAGE)
    with pytest.raises(ObjectStoreError, match=f"{front.address}/sha256/.* could not be"):
        asking.get(before)
    with pytest.raises(ObjectStoreError, match=f"{front.address} could not be listed"):
        [*asking.kept()]
    front.always = ""
    assert [snapshots.get(each) for each in (before, snapshots.put(PAGE))] == [b"kept before", PAGE]


def test_half_an_answer_is_never_taken_for_a_payload(front, snapshots):
    digest = snapshots.put(PAGE)
    front.always = "cut"

    with pytest.raises(ObjectStoreError):
        snapshots.get(digest)
    front.always = ""
    assert snapshots.get(digest) == PAGE


@pytest.mark.usefixtures("front")
def test_a_bucket_that_is_not_there_is_no_lost_payload():
    nowhere = in_bucket("s3://no-such-bucket/prefix")

    with pytest.raises(ObjectStoreError, match="could not be put: there is no such bucket"):
        nowhere.put(PAGE)
    with pytest.raises(ObjectStoreError, match="there is no such bucket"):
        nowhere.get(f"sha256:{'0' * 64}")


def test_a_target_whose_payload_could_not_be_kept_is_looked_at_again(front, tmp_path):
    """No look is in the ledger, no event in the log, and the next look tells all."""
    fetcher, clock = ScriptedFetcher(), StandingClock()
    tools = a_toolbox(tmp_path / "store", fetcher, clock, snapshots=in_bucket(front.address))
    said = page({str(ALOFISEL): a_state()})
    fetcher.says(said)
    fetcher.says(said)
    front.always = "503"

    with closing(tools.store):
        with pytest.raises(ObjectStoreError):
            check(a_source(), URL, tools)
        with tools.store.reading() as work:
            assert (work.captures.count(), [*work.log.verify()]) == (0, [])
        front.always = ""
        seen = check(a_source(), URL, tools).capture
        assert tools.snapshots.get(seen.digest) == said


def test_a_payload_is_fetched_once_and_then_only_asked_for(front, tmp_path):
    cache = BlobCache(tmp_path / "cache", 10_000_000, lambda: 0.0)
    snapshots = in_bucket(front.address, cache=cache)
    digest = in_bucket(front.address).put(PAGE)
    assert snapshots.get(digest) == PAGE
    front.asked.clear()

    assert snapshots.get(digest) == PAGE
    assert front.asked == [("GET", 404), ("GET", 304)]


def test_a_copy_never_hides_what_the_bucket_has_lost_or_spoilt(front, tmp_path):
    cache = BlobCache(tmp_path / "cache", 10_000_000, lambda: 0.0)
    snapshots = in_bucket(front.address, cache=cache)
    digest = snapshots.put(PAGE)
    [file] = in_bucket(front.address).shelf.files("")
    in_bucket(front.address).shelf.replace(file.name, [b"rubbish"])

    with pytest.raises(SnapshotError, match=f"{digest} at {front.address}/.* cannot be unpacked"):
        snapshots.get(digest)
    in_bucket(front.address).shelf.remove(file.name)
    with pytest.raises(SnapshotError, match=f"{digest} is missing"):
        snapshots.get(digest)


def test_a_copy_that_is_spoilt_or_gone_is_fetched_again(front, tmp_path):
    cache = BlobCache(tmp_path / "cache", 10_000_000, lambda: 0.0)
    snapshots = in_bucket(front.address, cache=cache)
    digest = snapshots.put(PAGE)
    [copy] = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")

    assert snapshots.get(digest) == PAGE
    shutil.rmtree(tmp_path / "cache")
    assert snapshots.get(digest) == PAGE
