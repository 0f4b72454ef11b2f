"""Several processes, one server: asked by one at a time, at its pace, whoever of them asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from kit.clocks import StandingClock
from watcher.core.capture import Target, instant
from watcher.errors import FetchError, StoppingError
from watcher.fetch.pauses import Manners, Owed
from watcher.fetch.politeness import PoliteFetcher, polite
from watcher.ports import Answer, Request
from watcher.ports.cluster import DEAD_AFTER, Process
from watcher.store.holdings import Holdings, SharedHostLedger
from watcher.store.store import SqlStore

HOST, OTHER = "agency.example", "elsewhere.example"
PAGE = f"https://{HOST}/page"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


@dataclass
class Web:
    """Answers everything, and knows when it was asked."""

    clock: StandingClock
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[float] = field(default_factory=list)
    leads_to: str = ""

    def ask(self, request: Request) -> Answer:
        if request.url.endswith("robots.txt"):
            return Answer(url=request.url, status=404)
        self.asked.append(self.clock.monotonic())
        if self.leads_to and HOST in request.url:
            return Answer(url=request.url, status=302, headers={"location": self.leads_to})
        return Answer(url=request.url, status=self.status, headers=self.headers)


@dataclass
class Guest:
    """One process with its fetcher."""

    fetcher: PoliteFetcher
    holdings: Holdings


@pytest.fixture
def web(clock) -> Web:
    return Web(clock)


@pytest.fixture
def guest(store, clock, web):
    def made(name: str) -> Guest:
        beat(store, name, clock)
        holdings = Holdings(store, name, clock)
        manners = Manners(owed=Owed(gap=10.0, budget=1_000), hosts={})
        ledger = SharedHostLedger(store, holdings)
        fetcher = polite(web.ask, clock=clock, sleep=clock.sleep, manners=manners, ledger=ledger)
        return Guest(fetcher, holdings)

    return made


def beat(store, name: str, clock) -> None:
    now = instant(clock.now())
    process = Process(
        id=name, role="worker", machine="m", pid=1, version="0", started_at=now, beat_at=now
    )
    with store.apart() as work:
        work.processes.beat(process)


def test_two_processes_keep_the_pace_of_a_server_between_them(guest, web):
    one, two = guest("one"), guest("two")
    for each in (one, two, two, one, two):
        each.fetcher.fetch(Request(url=PAGE))

    gaps = [later - earlier for earlier, later in zip(web.asked, web.asked[1:], strict=False)]
    assert min(gaps) >= 10.0
    assert len(web.asked) == 5


def test_a_pause_that_one_was_asked_for_holds_for_all(guest, web):
    one, two = guest("one"), guest("two")
    web.status, web.headers = 429, {"retry-after": "3600"}
    one.fetcher.fetch(Request(url=PAGE))

    assert two.fetcher.resting(PAGE) != ""
    with pytest.raises(FetchError, match="left alone until"):
        two.fetcher.fetch(Request(url=PAGE))
    assert len(web.asked) == 1


def test_the_day_s_requests_are_counted_together(guest, store):
    one, two = guest("one"), guest("two")
    for each in (one, two, one):
        each.fetcher.fetch(Request(url=PAGE))

    with store.reading() as work:
        assert work.hosts.standing(HOST).requests == 4, "three pages, and robots.txt once"


def test_while_one_has_a_server_s_turn_another_waits_and_then_gives_up(guest, web, clock):
    one, two = guest("one"), guest("two")
    with one.fetcher.holding(HOST) as is_ours:
        assert is_ours
        with two.fetcher.holding(HOST) as is_theirs:
            assert not is_theirs
        # whoever has the turn gives signs of life meanwhile
        clock.sleep = lambda seconds: (clock.forward(seconds), beat_all(one, two, clock))
        two.fetcher._turns._sleep = clock.sleep
        with pytest.raises(FetchError, match="another process"):
            two.fetcher.fetch(Request(url=PAGE))
        one.fetcher.fetch(Request(url=PAGE))
    two.fetcher.fetch(Request(url=PAGE))
    assert len(web.asked) == 2


def beat_all(*guests_and_clock) -> None:
    *guests, clock = guests_and_clock
    for each in guests:
        beat(each.holdings._store, each.holdings.process, clock)


def test_a_redirect_takes_the_turn_of_the_server_that_it_leads_to(guest, web, store):
    one, two = guest("one"), guest("two")
    web.leads_to = f"https://{OTHER}/page"
    with two.fetcher.holding(OTHER):
        beat(store, "two", web.clock)
        one.fetcher._turns._manners = Manners(owed=Owed(gap=0.0), patience=0.0)
        with pytest.raises(FetchError, match="another process"):
            one.fetcher.fetch(Request(url=PAGE))

    one.fetcher.fetch(Request(url=PAGE))
    with store.apart() as work:
        assert not work.claims.holds(OTHER, "one")


def test_a_process_that_slept_through_its_own_death_asks_nobody(guest, web, store, clock):
    one, two = guest("one"), guest("two")
    with one.fetcher.holding(HOST):
        clock.forward(DEAD_AFTER / timedelta(seconds=1) + 1)
        beat(store, "two", clock)
        with two.fetcher.holding(HOST) as is_theirs:
            assert is_theirs, "one gave no sign of life"
            with pytest.raises(StoppingError):
                one.fetcher.fetch(Request(url=PAGE))
    assert web.asked == []


def test_a_request_that_a_process_died_amid_counts_as_just_ended(guest, web, store, clock):
    one, two = guest("one"), guest("two")
    web.status = 200

    def dies(request: Request) -> Answer:
        if request.url.endswith("robots.txt"):
            return Answer(url=request.url, status=404)
        raise KeyboardInterrupt

    one.fetcher._turns._ask = dies
    held = one.fetcher.holding(HOST)
    held.__enter__()
    with pytest.raises(KeyboardInterrupt):
        one.fetcher.fetch(Request(url=PAGE))
    # killed: its turn is never given back
    clock.forward(DEAD_AFTER / timedelta(seconds=1) + 1)
    beat(store, "two", clock)
    began = clock.monotonic()
    two.fetcher.fetch(Request(url=PAGE))

    assert web.asked[-1] - began >= 10.0


def test_what_stands_in_our_name_and_is_not_held_is_given_back(guest, store, clock):
    one, two = guest("one"), guest("two")
    with store.apart() as work:
        assert work.claims.hold(HOST, "one", instant(clock.now()))
        assert work.claims.hold("channel mail", "one", instant(clock.now()))
    with one.holdings.holding("channel mail") as is_ours:
        assert is_ours
        one.holdings.tidy()
        with two.holdings.holding("channel mail") as is_theirs:
            assert not is_theirs
        with two.fetcher.holding(HOST) as is_theirs:
            assert is_theirs


def test_a_target_left_behind_when_the_store_failed_is_due_again(guest, store, clock):
    one = guest("one")
    with store.writing() as work:
        work.captures.put_targets([Target(source="s", url=PAGE)])
    with store.apart() as work:
        assert work.claims.take(HOST, "one", clock.now(), 1)
    one.holdings.tidy()
    with store.apart() as work:
        assert work.claims.waiting(instant(clock.now()), 5) == (), "no reason to look for it yet"

    one.holdings.doubt()
    one.holdings.tidy()
    with store.apart() as work:
        assert [each.host for each in work.claims.waiting(instant(clock.now()), 5)] == [HOST]
