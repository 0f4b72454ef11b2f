"""Whatever is stored is read back byte for byte, or not at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.payloads import a_long_page, versions
from watcher.errors import SnapshotError
from watcher.store import deltas
from watcher.store.snapshots import FolderSnapshots

PAGE = a_long_page(size=12_000)
edits = st.lists(
    st.tuples(st.integers(0, len(PAGE)), st.binary(max_size=30), st.integers(0, 200)), max_size=3
)


def edited(page, changes):
    for at, text, dropped in changes:
        page = page[:at] + text + page[at + dropped :]
    return page


@st.composite
def histories(draw):
    """Bodies of one address, each an edit of an earlier one or something else altogether."""
    bodies = [PAGE]
    for _ in range(draw(st.integers(0, 25))):
        before = draw(st.sampled_from(bodies))
        changes = draw(edits | st.none())
        bodies.append(draw(st.binary(max_size=50)) if changes is None else edited(before, changes))
    return bodies


@given(histories())
@settings(max_examples=25)
def test_any_sequence_of_bodies_is_read_back(bodies):
    with TemporaryDirectory() as folder:
        snapshots, after = FolderSnapshots(Path(folder)), ""
        digests = []
        for body in bodies:
            after = snapshots.put(body, after)
            digests.append(after)

        assert [snapshots.get(digest) for digest in digests] == bodies
        kept = {each.digest: each for each in snapshots.kept()}
        assert kept.keys() == set(digests)
        assert all(each.depth <= deltas.LONGEST_CHAIN for each in kept.values())
        assert all(kept[each.base].depth < each.depth for each in kept.values() if each.base)


@given(st.binary(max_size=5_000), edits)
def test_a_difference_to_anything_is_the_payload_again(body, changes):
    for base in (PAGE, edited(body, changes), b"", body):
        stored = deltas.difference(body, base, f"sha256:{'0' * 64}", 3)
        assert deltas.unpacked(stored, base) == body
        assert deltas.head(stored[: deltas.LONGEST_HEAD]) == deltas.Head(
            len(body), f"sha256:{'0' * 64}", 3
        )


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three payloads, of which two rest on the one before: their folder and digests."""
    folder = tmp_path_factory.mktemp("three")
    snapshots, digests = FolderSnapshots(folder), [""]
    for body in versions(3):
        digests.append(snapshots.put(body, digests[-1]))
    return folder, digests[1:]


@given(st.data())
@settings(max_examples=150)
def test_any_byte_that_is_changed_in_any_file_is_found_and_the_file_named(three, data):
    folder, digests = three
    number = data.draw(st.integers(0, 2))
    name = digests[number].removeprefix("sha256:")
    (file,) = (folder / "sha256" / name[:2]).glob(f"{name[2:]}.*")
    whole = file.read_bytes()
    # the ends of a file are where its form is told, so they are looked at more often
    ends = st.integers(0, 90) | st.integers(len(whole) - 20, len(whole) - 1)
    at = data.draw(ends.filter(lambda n: n < len(whole)) | st.integers(0, len(whole) - 1))
    flipped = data.draw(st.integers(1, 255))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ flipped]) + whole[at + 1 :])
    try:
        for digest in digests[number:]:
            with pytest.raises(SnapshotError, match=name):
                FolderSnapshots(folder).get(digest)
    finally:
        file.write_bytes(whole)


@given(st.data())
@settings(max_examples=60)
def test_a_file_that_was_cut_is_found_and_named(three, data):
    folder, digests = three
    number = data.draw(st.integers(0, 2))
    name = digests[number].removeprefix("sha256:")
    (file,) = (folder / "sha256" / name[:2]).glob(f"{name[2:]}.*")
    whole = file.read_bytes()
    # what was stored before there were checksums ends 12 bytes sooner, and is no less whole
    length = data.draw(st.integers(0, len(whole) - 1).filter(lambda n: n != len(whole) - 12))
    file.write_bytes(whole[:length])
    try:
        with pytest.raises(SnapshotError, match=name):
            FolderSnapshots(folder).get(digests[number])
    finally:
        file.write_bytes(whole)
