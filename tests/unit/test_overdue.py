"""Looks that did not happen, and signs of life that stop with them."""

from __future__ import annotations

import logging
import os
import socket
from datetime import timedelta

import pytest

from kit.clocks import StandingClock
from watcher.errors import FetchError
from watcher.fetch.ping import pinger
from watcher.ports import Answer, Request
from watcher.ports.store import EventFilter
from watcher.runtime.heart import Heart
from watcher.runtime.notify_systemd import Systemd, systemd
from watcher.runtime.watchdog import LONGEST_LOOK, LONGEST_TICK, Watchdog
from watcher.services.overdue import Late, Waiting, tell_overdue, tell_rests
from watcher.store.store import SqlStore

LATE = Late(source="ema", tier=1, url="https://a.example/p", interval=timedelta(hours=12))
QUICK = Late(source="own", tier=1, url="https://b.example/", interval=timedelta(minutes=1))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store(tmp_path):
    store = SqlStore(tmp_path / "watcher.db", writable=True)
    yield store
    store.close()


def told(store: SqlStore) -> list[tuple[str, str]]:
    with store.reading() as work:
        return [(each.event.type, str(each.event.subject)) for each in work.log.read(EventFilter())]


def test_a_target_is_overdue_after_twice_its_interval_or_an_hour(clock):
    waiting = Waiting(clock)
    found = []
    for _ in range(26 * 60):
        found.append([each.source for each in waiting.overdue([LATE, QUICK])])
        clock.forward(60)

    assert found.index(["own"]) == 61
    assert found.index(["ema", "own"]) == 24 * 60 + 1


def test_neither_sleep_nor_a_jump_of_the_clock_is_anybody_s_delay(clock):
    waiting = Waiting(clock)
    waiting.overdue([LATE])
    clock._at += timedelta(days=365)

    assert waiting.overdue([LATE]) == []


def test_a_target_that_was_looked_at_begins_anew(clock):
    waiting = Waiting(clock)
    waiting.overdue([QUICK])
    clock.forward(3000)
    waiting.overdue([])
    clock.forward(3000)

    assert waiting.overdue([QUICK]) == []


def test_the_operator_is_told_once_while_it_lasts_and_once_when_it_is_over(store, clock):
    for _ in range(3):
        tell_overdue(store, [LATE], [LATE], clock.now())
    tell_overdue(store, [LATE], [], clock.now())  # a new process has not waited yet
    clock.forward(60)
    for _ in range(2):
        tell_overdue(store, [], [], clock.now())

    assert told(store) == [("watch.overdue", "source:ema"), ("source.recovered", "source:ema")]


def test_a_host_left_alone_is_told_of_once_with_the_reason(store, clock):
    rests = {"a.example": "a.example is left alone until tomorrow: its budget is spent"}
    for _ in range(3):
        tell_rests(store, rests, clock.now())
    clock.forward(60)
    tell_rests(store, {}, clock.now())
    clock.forward(60)
    tell_rests(store, rests, clock.now())

    assert told(store) == [
        ("watch.overdue", "host:a.example"),
        ("source.recovered", "host:a.example"),
        ("watch.overdue", "host:a.example"),
    ]


def test_a_thread_lost_in_a_page_and_a_silent_tick_are_noticed(clock):
    watchdog = Watchdog(clock)
    watchdog.ticked("tell")
    with watchdog.looking("https://a.example/p"):
        clock.forward(LONGEST_TICK + 1)
        assert watchdog.silent() == ["tell"]
        watchdog.ticked("tell")
        clock.forward(LONGEST_LOOK)
        (stuck,) = watchdog.stuck()
        assert str(stuck) == "the program has been busy with it for 30 minutes"
    watchdog.ticked("tell")

    assert watchdog.is_well


class Tools:
    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock


class Watched:
    """As much of a watcher as a heart needs."""

    def __init__(self, store: SqlStore, clock: StandingClock) -> None:
        self.store = store
        self.tools = Tools(clock)
        self.waits = [LATE]

    def late(self) -> list[Late]:
        return self.waits


@pytest.fixture
def ear(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "ear"))
        ear.settimeout(0)
        yield ear


def heard(ear: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(ear.recv(1000).decode())
        except BlockingIOError:
            return found


def a_heart(store, clock, address="", ping=None, wake=lambda: None) -> Heart:
    return Heart(
        watcher=Watched(store, clock),
        watchdog=Watchdog(clock),
        supervisor=Systemd(str(address)),
        ping=ping,
        wake=wake,
        log=logging.getLogger("heart"),
    )


def test_the_supervisor_hears_nothing_more_once_a_thread_is_stuck_and_the_operator_does(
    store, clock, ear, tmp_path
):
    heart = a_heart(store, clock, tmp_path / "ear")
    heart.beat()
    assert heard(ear) == ["WATCHDOG=1"]

    with heart.watchdog.looking(LATE.url):
        clock.forward(LONGEST_LOOK + 1)
        heart.beat()
        heart.beat()

        assert heard(ear) == []
        assert told(store) == [("watch.overdue", "source:ema")]
    heart.beat()
    assert heard(ear) == ["WATCHDOG=1"]


def test_a_clock_set_back_wakes_the_timers_that_wait_for_it_and_nothing_else_does(store, clock):
    woken = []
    heart = a_heart(store, clock, wake=lambda: woken.append(clock.now()))
    for jump in (timedelta(0), timedelta(hours=1), timedelta(hours=-1), timedelta(0)):
        clock._at += jump
        clock.forward(5)
        heart.beat()

    assert len(woken) == 1


def test_systemd_is_told_through_its_socket_also_an_abstract_one(ear, tmp_path):
    Systemd(str(tmp_path / "ear")).tell("READY=1", "STATUS=watching")
    assert heard(ear) == ["READY=1\nSTATUS=watching"]

    name = f"watcher-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind(f"\0{name}")
        Systemd(f"@{name}").tell("STOPPING=1")
        assert abstract.recv(100) == b"STOPPING=1"


def test_without_a_supervisor_or_with_one_that_is_gone_nothing_happens(tmp_path):
    Systemd().tell("READY=1")
    Systemd(str(tmp_path / "nobody")).tell("READY=1")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, 0),
        ({"WATCHDOG_USEC": "soon"}, 0),
        ({}, 0),
    ],
)
def test_how_soon_the_supervisor_wants_to_hear_is_read_from_the_environment(environment, seconds):
    assert systemd(environment, 7).watchdog == seconds


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Answer(url="", status=500), "answered with status 500"),
        (FetchError("no way to https://hc.example/secret", kind="dns"), "was not taken: dns"),
    ],
)
def test_a_sign_of_life_that_is_not_taken_is_told_without_its_secret(outcome, said):
    def ask(_request: Request) -> Answer:
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome

    with pytest.raises(FetchError, match=said) as failed:
        pinger(ask, "https://hc.example/secret", shown="https://hc.example/${TOKEN}")()

    assert "secret" not in str(failed.value)


def test_a_sign_of_life_is_a_small_guarded_request():
    asked: list[Request] = []

    def ask(request: Request) -> Answer:
        asked.append(request)
        return Answer(url=request.url, status=200)

    pinger(ask, "https://hc.example/secret", shown="…")()

    assert (asked[0].allow_private, asked[0].seconds, asked[0].max_bytes) == (False, 10, 65_536)
