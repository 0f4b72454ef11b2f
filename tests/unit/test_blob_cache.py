"""Copies of a bucket's objects: bounded, never believed blindly, never in the way."""

from __future__ import annotations

import pytest

from watcher.store.blob_cache import BlobCache

DAY = 86_400


class Time:
    now = 1_000_000_000.0

    def __call__(self):
        self.now += 1
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def cache(tmp_path, time):
    return BlobCache(tmp_path / "cache", 10_000, time)


def used(cache):
    return sum(place.stat().st_size for place in cache.folder.rglob("*") if place.is_file())


def test_a_copy_is_found_with_its_tag(cache):
    cache.keep("a", '"tag"', b"body\nof two lines")

    assert cache.find("a") == ('"tag"', b"body\nof two lines")
    assert cache.find("b") is None


def test_the_room_is_never_exceeded_and_the_longest_unused_goes_first(cache):
    for number in range(40):
        cache.keep(f"{number}", "tag", bytes(700))
        assert cache.find("0") is not None
        assert used(cache) <= 10_000

    assert cache.find("39") is not None
    assert cache.find("1") is None


def test_what_would_push_out_everything_else_is_not_kept(cache):
    cache.keep("large", "tag", bytes(1_100))

    assert cache.find("large") is None


def test_a_copy_without_a_tag_could_not_be_asked_about_and_is_not_kept(cache):
    cache.keep("a", "", b"body")

    assert cache.find("a") is None


@pytest.mark.parametrize("spoilt", [b"", b"rubbish", b"\xff\n\xff", None])
def test_a_spoilt_copy_is_dropped(cache, spoilt):
    cache.keep("a", "tag", b"body")
    [place] = [place for place in cache.folder.rglob("*") if place.is_file()]
    place.write_bytes(place.read_bytes().replace(b"body", b"boty") if spoilt is None else spoilt)

    assert cache.find("a") is None
    assert not place.exists()


def test_a_copy_that_nobody_asked_for_in_a_week_goes_with_the_next_clearing(cache, time):
    for name in ("old", "older"):
        cache.keep(name, "tag", bytes(900))
    time.now += 8 * DAY
    another = BlobCache(cache.folder, 10_000, time)
    another.keep("new", "tag", bytes(900))

    assert used(cache) < 1_100
    assert cache.find("new") is not None


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path, time):
    (tmp_path / "file").write_bytes(b"no folder")
    cache = BlobCache(tmp_path / "file", 10_000, time)
    cache.keep("a", "tag", b"body")

    assert cache.find("a") is None
