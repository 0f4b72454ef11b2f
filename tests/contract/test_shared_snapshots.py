"""Snapshots in a bucket that several processes put to and clear at the same time.

Each test lets one process do all of its work just before the n-th request of another, for every n:
whoever comes in between, what was put can be read, and what was redacted cannot.
"""

from __future__ import annotations

import itertools
import threading

import pytest

from kit.buckets import address_in, bucket_of, s3_server
from kit.payloads import a_tombstone, versions
from watcher.errors import ObjectStoreError, SnapshotRedactedError
from watcher.store.bucket import bucket
from watcher.store.bucket_shelf import BucketShelf
from watcher.store.chains import digest_of
from watcher.store.snapshots import KeptSnapshots

FIRST, SECOND = versions(2)
ONE, TWO = digest_of(FIRST), digest_of(SECOND)
ASKING = {"read", "create", "replace", "remove", "files", "heads", "has_below"}
in_both_orders = pytest.mark.parametrize("interrupted", ["who clears", "who puts"])


class Interrupted:
    """A shelf before whose n-th request another process does all that it wants."""

    def __init__(self, shelf, step, other):
        self.shelf, self.step, self.other, self.steps = shelf, step, other, 0

    def __getattr__(self, name):
        act = getattr(self.shelf, name)

        def acting(*arguments):
            self.steps += 1
            if self.steps == self.step:
                self.other(KeptSnapshots(self.shelf))
            return act(*arguments)

        return acting if name in ASKING else act


def each_moment(interrupted, clearing, putting):
    """Yield the store with FIRST in it after each moment at which one interrupted the other."""
    for step in itertools.count(1):
        shelf = BucketShelf(bucket_of("memory", None))
        plain = KeptSnapshots(shelf)
        plain.put(FIRST)
        seen = {each.digest: each.touched for each in plain.kept()}

        def clear(snapshots, seen=seen):
            clearing(snapshots, seen)

        first, other = (clear, putting) if interrupted == "who clears" else (putting, clear)
        watched = Interrupted(shelf, step, other)
        first(KeptSnapshots(watched))
        if watched.steps < step:
            assert step > 5, "hardly anything was interrupted"
            return
        yield plain


def expire(snapshots, seen):
    snapshots.expire([a_tombstone(ONE, "retention")], seen)


def discard(snapshots, seen):
    snapshots.discard([ONE], seen)


def redact(snapshots, _seen):
    snapshots.redact(ONE, a_tombstone(ONE))


class Putting:
    """A process that puts a payload, and remembers whether it was told that it is kept."""

    def __init__(self, body, after=""):
        self.body, self.after, self.is_kept = body, after, False

    def __call__(self, snapshots):
        try:
            snapshots.put(self.body, self.after)
            self.is_kept = True
        except ObjectStoreError:
            self.is_kept = False


@in_both_orders
@pytest.mark.parametrize("clearing", [expire, discard])
def test_what_a_put_has_answered_for_is_there_whoever_clears(interrupted, clearing):
    putting = Putting(FIRST)
    answers = set()
    for snapshots in each_moment(interrupted, clearing, putting):
        if putting.is_kept:
            assert snapshots.get(ONE) == FIRST
        answers.add(putting.is_kept)
        # the next look puts it, whatever became of this one
        assert snapshots.get(snapshots.put(FIRST)) == FIRST
    assert True in answers


@in_both_orders
@pytest.mark.parametrize("clearing", [expire, discard, redact])
def test_nothing_new_is_left_resting_on_what_goes(interrupted, clearing):
    putting = Putting(SECOND, ONE)
    forms = set()
    for snapshots in each_moment(interrupted, clearing, putting):
        assert putting.is_kept
        assert snapshots.get(TWO) == SECOND
        forms.update(each.base for each in snapshots.kept() if each.digest == TWO)
        if clearing is redact:
            with pytest.raises(SnapshotRedactedError):
                snapshots.get(ONE)
    assert "" in forms


@in_both_orders
def test_what_is_redacted_stays_away_whoever_puts_it_meanwhile(interrupted):
    for snapshots in each_moment(interrupted, redact, Putting(FIRST)):
        assert [*snapshots.kept()] == []
        with pytest.raises(SnapshotRedactedError):
            snapshots.get(ONE)


@in_both_orders
@pytest.mark.parametrize("clearing", [expire, discard, redact])
def test_what_is_put_meanwhile_is_read_by_whoever_reads(interrupted, clearing):
    """A reader between a difference and its base finds the whole, or looks once more."""

    def reading(snapshots):
        assert snapshots.get(TWO) == SECOND

    for step in itertools.count(1):
        shelf = BucketShelf(bucket_of("memory", None))
        plain = KeptSnapshots(shelf)
        plain.put(SECOND, plain.put(FIRST))
        seen = {each.digest: each.touched for each in plain.kept()}

        def clear(snapshots, seen=seen):
            clearing(snapshots, seen)

        first, other = (clear, reading) if interrupted == "who clears" else (reading, clear)
        watched = Interrupted(shelf, step, other)
        first(KeptSnapshots(watched))
        reading(plain)
        if watched.steps < step:
            break
    assert step > 3


def test_of_two_that_clear_at_once_neither_takes_the_other_s_mark():
    shelf = BucketShelf(bucket_of("memory", None))
    plain = KeptSnapshots(shelf)
    plain.put(FIRST)
    seen = {each.digest: each.touched for each in plain.kept()}
    told = []

    def another(snapshots):
        """Clear the same to its end, and put it again, while the first has only looked."""
        expire(snapshots, seen)
        putting = Putting(FIRST)
        putting(snapshots)
        told.append(putting.is_kept)

    for step in itertools.count(2):
        plain.put(FIRST)
        seen = {each.digest: each.touched for each in plain.kept()}
        watched = Interrupted(shelf, step, another)
        expire(KeptSnapshots(watched), seen)
        if watched.steps < step:
            break
        if told[-1]:
            assert plain.get(ONE) == FIRST
    assert False in told


def test_a_mark_that_a_killed_process_left_is_told_of_and_swept_away():
    shelf = BucketShelf(bucket_of("memory", None))
    snapshots = KeptSnapshots(shelf)
    shelf.replace(f"sha256/{ONE[7:9]}/{ONE[9:]}.going/0", [b"left"])

    with pytest.raises(
        ObjectStoreError, match=f"{ONE} is being taken away .* `watcher snapshots gc`"
    ):
        snapshots.put(FIRST)
    assert snapshots.sweep("2026-01-01T00:00:00.000000Z") == 0
    assert snapshots.sweep("9999-01-01T00:00:00.000000Z") == 1
    assert snapshots.get(snapshots.put(FIRST)) == FIRST


@pytest.fixture
def s3_address(tmp_path, monkeypatch):
    with s3_server() as server:
        yield address_in(server, tmp_path.name, monkeypatch)


def test_eight_processes_put_the_same_payloads_and_none_is_harmed(s3_address):
    bodies = versions(4)
    gate, failed = threading.Barrier(8), []

    def look():
        snapshots, after = (
            KeptSnapshots(BucketShelf(bucket(s3_address, {"AWS_ALLOW_HTTP": "1"}))),
            "",
        )
        gate.wait()
        for body in bodies:
            after = snapshots.put(body, after)
            if snapshots.get(after) != body:
                failed.append(after)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    snapshots = KeptSnapshots(BucketShelf(bucket(s3_address, {"AWS_ALLOW_HTTP": "1"})))
    assert failed == []
    assert {each.digest for each in snapshots.kept()} == {digest_of(body) for body in bodies}
    assert [snapshots.get(digest_of(body)) for body in bodies] == bodies
    assert len([*snapshots.shelf.files("")]) == len(bodies)
