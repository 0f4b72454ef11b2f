"""Payloads stored as the difference to an earlier one: small, and as safe as whole ones."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
from shutil import which

import pytest

from kit.buckets import SHELVES, s3_server, shelves
from kit.payloads import a_long_page, a_tombstone, versions, with_nonce
from watcher.errors import SnapshotError, SnapshotGoneError, SnapshotRedactedError
from watcher.store import deltas
from watcher.store.snapshots import FolderSnapshots, KeptSnapshots, digest_of

MISSING = f"sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(params=SHELVES)
def new_shelf(request):
    return shelves(request)


in_memory_too = pytest.mark.parametrize("new_shelf", ["folder", "memory"], indirect=True)
"""For what kills at every step: by a server it would take long, and it is the same code."""


@pytest.fixture
def snapshots(new_shelf):
    return KeptSnapshots(new_shelf())


def put_in_a_row(snapshots, bodies):
    """Put each after the one before it, as the looks at one address do."""
    digests = [""]
    for body in bodies:
        digests.append(snapshots.put(body, digests[-1]))
    return digests[1:]


def stored(snapshots):
    return {each.digest: each for each in snapshots.kept()}


def file(digest, suffix):
    return f"sha256/{digest[7:9]}/{digest[9:]}{suffix}"


def put_there(snapshots, digest, suffix, packed):
    """Have other bytes stand where a payload's file is."""
    snapshots.shelf.replace(file(digest, suffix), [bytes(packed)])


def test_a_page_that_differs_by_a_nonce_takes_hardly_any_room(snapshots):
    first, second = put_in_a_row(snapshots, versions(2))

    kept = stored(snapshots)
    assert (kept[first].base, kept[first].depth) == ("", 0)
    assert (kept[second].base, kept[second].depth) == (first, 1)
    assert kept[second].stored * 50 < kept[first].stored
    assert kept[second].size == len(versions(2)[1])
    assert [snapshots.get(digest) for digest in (first, second)] == versions(2)


def test_after_sixteen_differences_comes_a_whole_one(snapshots):
    bodies = versions(deltas.LONGEST_CHAIN + 3)
    digests = put_in_a_row(snapshots, bodies)

    kept = stored(snapshots)
    assert [kept[digest].depth for digest in digests] == [*range(17), 0, 1]
    assert [snapshots.get(digest) for digest in digests] == bodies


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (b"small", digest_of(versions(1)[0])),
        (a_long_page(seed=7), digest_of(versions(1)[0])),
        (versions(2)[1], MISSING),
    ],
    ids=["nothing to save", "another page", "no earlier one"],
)
def test_a_difference_that_does_not_help_is_not_made(snapshots, body, after):
    snapshots.put(versions(1)[0])
    digest = snapshots.put(body, after)

    assert stored(snapshots)[digest].depth == 0
    assert snapshots.get(digest) == body


def test_what_is_new_does_not_rest_on_what_has_rotted(snapshots):
    first, second = versions(2)
    base = snapshots.put(first)
    put_there(snapshots, base, ".zst", b"rubbish")
    with pytest.raises(SnapshotError, match=base):
        snapshots.put(second, base)
    whole = bytearray(b"".join(deltas.whole(first)))
    whole[len(whole) // 2] ^= 1
    put_there(snapshots, base, ".zst", whole)

    digest = snapshots.put(second, base)
    assert stored(snapshots)[digest].depth == 0
    assert snapshots.get(digest) == second


def test_a_file_too_large_for_differences_is_stored_whole(snapshots, monkeypatch):
    monkeypatch.setattr(deltas, "LARGEST_DIFFERENCE", 10_000)
    first, second = put_in_a_row(snapshots, versions(2))

    assert [stored(snapshots)[digest].depth for digest in (first, second)] == [0, 0]
    assert [snapshots.get(digest) for digest in (first, second)] == versions(2)


def test_a_missing_base_is_named_with_what_rests_on_it(snapshots):
    first, second, third = put_in_a_row(snapshots, versions(3))
    snapshots.shelf.remove(file(first, ".zst"))

    with pytest.raises(SnapshotError, match=f"{first} is missing .* {third} rests on it"):
        snapshots.get(third)
    with pytest.raises(SnapshotError, match=f"{first} is missing .* {second} rests on it"):
        snapshots.get(second)


def test_a_base_that_is_another_payload_is_named(snapshots):
    first, second = put_in_a_row(snapshots, versions(2))
    other = with_nonce(versions(1)[0], 12345)
    put_there(snapshots, first, ".zst", b"".join(deltas.whole(other)))

    with pytest.raises(SnapshotError, match=f"{first} .* not the bytes its name says.*{second}"):
        snapshots.get(second)


def test_differences_that_rest_on_each_other_end(snapshots):
    first, second = put_in_a_row(snapshots, versions(2))
    circle = deltas.difference(versions(2)[0], versions(2)[1], second, 1)
    put_there(snapshots, first, ".delta", circle)
    snapshots.shelf.remove(file(first, ".zst"))

    with pytest.raises(SnapshotError, match="rests on itself"):
        snapshots.get(second)


@pytest.mark.skipif(which("zstd") is None, reason="the program zstd is not installed")
def test_a_payload_outlives_this_program(snapshots, tmp_path):
    first, second = put_in_a_row(snapshots, versions(2))
    base, found = tmp_path / "base", tmp_path / "found"
    for name, packed in {"a.zst": file(first, ".zst"), "b": file(second, ".delta")}.items():
        (tmp_path / name).write_bytes(snapshots.shelf.read(packed))
    program = which("zstd")
    for words in (
        [tmp_path / "a.zst", "-o", base],
        [f"--patch-from={base}", tmp_path / "b", "-o", found],
    ):
        subprocess.run([program, "-q", "-d", *words], check=True)

    assert (base.read_bytes(), found.read_bytes()) == tuple(versions(2))


def test_a_payload_stored_before_there_were_checksums_is_read(snapshots):
    (body,) = versions(1)
    digest = snapshots.put(body)
    put_there(snapshots, digest, ".zst", snapshots.shelf.read(file(digest, ".zst"))[:-12])

    assert snapshots.get(digest) == body


def test_a_redacted_payload_is_gone_and_says_why(snapshots):
    digest = snapshots.put(b"a name")
    snapshots.redact(digest, a_tombstone(digest))

    with pytest.raises(SnapshotRedactedError, match="a person's name") as told:
        snapshots.get(digest)
    assert (told.value.digest, told.value.at[:10]) == (digest, "2026-11-22")
    assert [*snapshots.tombstones()] == [a_tombstone(digest)]
    assert [each.name for each in snapshots.shelf.files("")] == [file(digest, ".gone")]


def test_what_rests_on_a_redacted_payload_is_read_as_before(snapshots):
    bodies = versions(5)
    digests = put_in_a_row(snapshots, bodies)
    snapshots.redact(digests[1], a_tombstone(digests[1]))

    kept = stored(snapshots)
    assert [kept[each].depth for each in digests if each in kept] == [0, 0, 3, 4]
    for number in (0, 2, 3, 4):
        assert snapshots.get(digests[number]) == bodies[number]
    assert snapshots.shelf.read(file(digests[2], ".delta")) is None


def test_a_redacted_payload_that_is_seen_again_is_not_kept_again(snapshots):
    digest = snapshots.put(b"a name")
    snapshots.redact(digest, a_tombstone(digest))

    assert snapshots.put(b"a name") == digest
    with pytest.raises(SnapshotRedactedError):
        snapshots.get(digest)


class KilledError(BaseException):
    """What a kill looks like from inside: nothing may catch it."""


class Killed:
    """A shelf whose process is killed before or after the n-th thing that reaches it; 0: never."""

    def __init__(self, shelf, step):
        self.shelf, self.step, self.steps = shelf, step, 0

    def __getattr__(self, name):
        act = getattr(self.shelf, name)
        return self.watched(act) if name in {"create", "replace", "remove"} else act

    def watched(self, act):
        def acting(*arguments):
            if arguments:  # there may be nothing to remove
                self.count()
                act(*arguments)
                self.count()

        return acting

    def count(self):
        self.steps += 1
        if 0 < self.step <= self.steps:
            raise KilledError  # and again, should anything go on


@in_memory_too
def test_a_redaction_killed_at_any_step_loses_nothing_else_and_the_next_finishes_it(new_shelf):
    bodies = versions(4)
    for step in itertools.count(1):
        shelf = new_shelf()
        snapshots = KeptSnapshots(shelf)
        digests = put_in_a_row(snapshots, bodies)
        redacted = digests.pop(1)
        killed, is_done = Killed(shelf, step), True
        try:
            KeptSnapshots(killed).redact(redacted, a_tombstone(redacted))
        except KilledError:
            is_done = False
        assert [snapshots.get(each) for each in digests] == [bodies[0], *bodies[2:]]
        snapshots.redact(redacted, a_tombstone(redacted))
        with pytest.raises(SnapshotRedactedError):
            snapshots.get(redacted)
        assert not any(each.base == redacted for each in snapshots.kept())
        snapshots.sweep("9999-01-01T00:00:00.000000Z")
        assert not [each for each in shelf.files("") if ".going" in each.name]
        if is_done:
            break
    # a whole, its difference, the tombstone, the bytes; where others write too, a mark and its end
    assert step == (9 if new_shelf.kind == "folder" else 13)


def test_a_redaction_that_was_not_finished_is_told_as_such(snapshots):
    digest = snapshots.put(b"a name")
    bytes_of_it = snapshots.shelf.read(file(digest, ".zst"))
    snapshots.redact(digest, a_tombstone(digest))
    put_there(snapshots, digest, ".zst", bytes_of_it)

    with pytest.raises(SnapshotError, match="still there: run `watcher redact") as told:
        snapshots.get(digest)
    assert not isinstance(told.value, SnapshotRedactedError)
    snapshots.redact(digest, a_tombstone(digest))
    with pytest.raises(SnapshotRedactedError):
        snapshots.get(digest)


def test_a_payload_whose_time_was_over_is_kept_again_when_it_is_seen_again(snapshots):
    digest = snapshots.put(b"an error page")
    snapshots.expire([a_tombstone(digest, "retention")])
    with pytest.raises(SnapshotGoneError, match="its time was over"):
        snapshots.get(digest)

    snapshots.put(b"an error page")
    assert snapshots.get(digest) == b"an error page"
    assert [*snapshots.tombstones()] == []


def test_a_base_cannot_go_before_what_rests_on_it(snapshots):
    first, second = put_in_a_row(snapshots, versions(2))

    for drop in (
        lambda: snapshots.discard([first]),
        lambda: snapshots.expire([a_tombstone(first, "retention")]),
    ):
        with pytest.raises(SnapshotError, match=f"{first} has to stay: {second} rests on it"):
            drop()
    assert snapshots.get(second) == versions(2)[1]
    snapshots.discard([first, second])
    assert [*snapshots.kept()] == []


@in_memory_too
def test_a_clearing_killed_at_any_step_leaves_nothing_without_its_base(new_shelf):
    for step in range(1, 7 if new_shelf.kind == "folder" else 15):
        shelf = new_shelf()
        snapshots = KeptSnapshots(shelf)
        digests = put_in_a_row(snapshots, versions(3))
        with pytest.raises(KilledError):
            KeptSnapshots(Killed(shelf, step)).discard(digests)
        for each in snapshots.kept():
            snapshots.get(each.digest)


def test_a_tombstone_of_another_payload_is_not_believed(snapshots):
    digest = snapshots.put(b"page")
    snapshots.redact(digest, a_tombstone(digest))
    stone = snapshots.shelf.read(file(digest, ".gone")).decode()
    put_there(snapshots, digest, ".gone", stone.replace(digest[7:20], "0" * 13).encode())

    with pytest.raises(SnapshotError, match="not of"):
        snapshots.get(digest)
    put_there(snapshots, digest, ".gone", b"{}")
    with pytest.raises(SnapshotError, match="cannot be read"):
        snapshots.get(digest)


def test_what_a_killed_process_left_half_written_is_swept_away(tmp_path):
    snapshots = FolderSnapshots(tmp_path)
    digest = snapshots.put(b"page")
    left = (tmp_path / file(digest, ".zst")).with_name(".writing-abc")
    left.write_bytes(b"half")

    assert snapshots.sweep("2026-01-01T00:00:00.000000Z") == 0
    assert snapshots.sweep("9999-01-01T00:00:00.000000Z") == 1
    assert not left.exists()
    assert snapshots.get(digest) == b"page"


def test_two_writers_of_one_payload_do_not_harm_it(snapshots, new_shelf):
    first, second = versions(2)
    base = snapshots.put(first)
    digest = snapshots.put(second, base)
    other = KeptSnapshots(new_shelf())
    other.put(second)
    put_there(snapshots, digest, ".zst", other.shelf.read(file(digest, ".zst")))

    assert snapshots.get(digest) == second
    assert [each.depth for each in snapshots.kept() if each.digest == digest] == [0]
    assert digest == f"sha256:{hashlib.sha256(second).hexdigest()}"
