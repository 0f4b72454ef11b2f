"""Lanes: one piece of work a name at a time, so many in all, and no one is waited for for ever."""

from __future__ import annotations

from threading import Barrier, Event, Thread

from watcher.runtime.lanes import Lanes


def test_a_lane_that_is_busy_takes_nothing_more_and_is_free_afterwards():
    lanes, go, done = Lanes(8), Event(), []

    assert lanes.start("one", lambda: go.wait(10) and done.append(1))
    assert not lanes.start("one", lambda: done.append(2))
    assert lanes.start("two", lambda: go.wait(10) and done.append(3))
    go.set()
    assert lanes.finish(10)
    assert lanes.start("one", lambda: done.append(4))
    assert lanes.finish(10)
    assert sorted(done) == [1, 3, 4]


def test_there_are_never_more_threads_than_that():
    lanes, go = Lanes(2), Event()
    started = [lanes.start(str(number), lambda: go.wait(10)) for number in range(4)]
    go.set()

    assert started == [True, True, False, False]
    assert lanes.finish(10)


def test_what_hangs_is_not_waited_for():
    lanes, go = Lanes(2), Event()
    lanes.start("hangs", lambda: go.wait(10))

    assert not lanes.finish(0.05)
    go.set()
    assert lanes.finish(10)


def test_of_many_threads_that_want_one_lane_at_once_one_gets_it():
    lanes, go, ready, got = Lanes(8), Event(), Barrier(16), []

    def want() -> None:
        ready.wait(10)
        got.append(lanes.start("one", lambda: go.wait(10)))

    threads = [Thread(target=want) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    go.set()

    assert got.count(True) == 1
    assert lanes.finish(10)
