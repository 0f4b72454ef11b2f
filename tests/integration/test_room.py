"""Room on the disks: the operator hears in time, once while it lasts, and when it is over."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace

import pytest

from kit.clocks import NOON
from kit.line import BULK, RULES, at_work, begun
from watcher.errors import StoreError
from watcher.ports.store import EventFilter
from watcher.runtime.gauge import Gauge
from watcher.services.room import LEAST_FREE, MOST_FREE, Room, tell_room
from watcher.store.store import SqlStore

DISKS = ({"id": "disks", "events": ["storage.*", "source.recovered"], "channels": ["pv"]}, *RULES)
GB = 10**9


@dataclass
class Disk:
    """A disk whose room a test sets."""

    free: int = 50 * GB
    total: int = 100 * GB

    def __call__(self, _folder):
        return self


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def line(tmp_path, disk):
    begun(tmp_path / "line", BULK, DISKS)
    with at_work(tmp_path / "line", BULK, BULK.before, days=1) as line:
        line.service.gauge = Gauge(line.service.watcher, disk)
        yield line


def storage(line):
    wanted = {"storage.low", "storage.full", "source.recovered"}
    return [each for each in line.types() if each in wanted]


def test_little_room_is_told_once_while_it_lasts_and_once_when_it_is_over(line, disk):
    seen = []
    for free in (50, 9, 9, 8, 11, 9, 13, 13, 9):
        disk.free = free * GB
        line.passes(after=60)
        seen.append(storage(line))

    low, over = "storage.low", "source.recovered"
    assert [len(each) for each in seen] == [0, 1, 1, 1, 1, 1, 2, 2, 3]
    assert seen[-1] == [low, over, low]
    line.passes(after=1)
    subjects = [each.envelope.subject for each in line.outbox()]
    assert len(subjects) == 3
    assert "little room" in subjects[0]


def test_the_disk_is_looked_at_once_a_minute(line, disk):
    line.passes(after=1)
    disk.free = GB
    for _ in range(58):
        line.passes(after=1)
    assert storage(line) == []
    line.passes(after=2)

    assert storage(line) == ["storage.low"]


@pytest.mark.parametrize(
    ("free", "total", "is_low"),
    [
        (LEAST_FREE - 1, 200 * 10**6, True),
        (LEAST_FREE, 200 * 10**6, False),
        (10 * GB - 1, 100 * GB, True),
        (10 * GB, 100 * GB, False),
        (MOST_FREE, 2000 * GB, False),
        (MOST_FREE - 1, 2000 * GB, True),
        (0, 0, True),
    ],
)
def test_little_is_a_tenth_but_never_less_than_100_mb_nor_more_than_10_gb(
    tmp_path, free, total, is_low
):
    store = SqlStore(tmp_path / "watcher.db", writable=True)
    told = tell_room(store, [Room(place="database", free=free, total=total)], NOON)
    with store.reading() as work:
        types = [each.event.type for each in work.log.read(EventFilter())]
    store.close()

    assert types == ["storage.low"] * is_low
    assert told == is_low


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left"), StoreError("full", kind="full")],
    ids=["a payload", "the database"],
)
def test_a_write_that_found_no_room_is_told_once_and_again_when_there_is_some(line, disk, error):
    gauge = line.service.gauge
    line.passes(after=60)
    disk.free = 0
    gauge.saw(error)
    line.passes(after=11)
    gauge.saw(error)
    line.passes(after=61)
    assert storage(line) == ["storage.full"]
    disk.free = 50 * GB
    line.passes(after=61)

    assert storage(line) == ["storage.full", "source.recovered"]
    assert "is full" in line.outbox()[0].envelope.subject


def test_that_there_was_no_room_is_told_when_there_is_enough_to_write_it_down(line, disk):
    line.passes(after=60)
    store = line.service.watcher.store

    class Full:
        reading = store.reading

        def writing(self):
            message = "no room"
            raise StoreError(message, kind="full")

    gauge = Gauge(replace(line.service.watcher, store=Full()), disk)
    gauge.saw(OSError(errno.ENOSPC, "No space left"))
    for _ in range(3):
        line.clock.forward(61)
        with pytest.raises(StoreError):
            gauge.read()
    gauge.watcher = line.service.watcher
    line.clock.forward(61)

    assert gauge.read() == 1
    assert storage(line) == ["storage.full"]


def test_other_errors_say_nothing_of_room(line):
    line.passes(after=60)
    for error in (OSError(errno.EIO, "I/O error"), StoreError("locked", kind="locked")):
        line.service.gauge.saw(error)
        line.passes(after=61)

    assert storage(line) == []


def test_two_disks_are_told_apart(line):
    rooms = [
        Room(place="database", free=GB, total=100 * GB),
        Room(place="snapshots", free=50 * GB, total=100 * GB, has_failed=True),
    ]
    assert tell_room(line.store, rooms, line.clock.now()) == 2

    told = [each for each in line.log() if each.event.type.startswith("storage.")]
    assert [(each.event.type, each.event.subject.id) for each in told] == [
        ("storage.low", "database"),
        ("storage.full", "snapshots"),
    ]
    assert told[0].event.details["reason"] == "1,000 of 100,000 MB are free for the database"
