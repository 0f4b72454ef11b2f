"""What a process that was killed or restarted still owes a host."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clocks import NOON, StandingClock
from watcher.core.capture import instant
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.pauses import Manners, Owed
from watcher.fetch.politeness import PoliteFetcher, polite
from watcher.fetch.tally import Unwritten, of_standing
from watcher.ports import Answer, Request
from watcher.ports.hosts import ASKING, Standing

PAGE = "https://a.example/page"
MANNERS = Manners(owed=Owed(gap=10, budget=5), jitter=0)


class KilledError(BaseException):
    """The process ends in the middle of a request."""


class Server:
    """Answers 404 to robots.txt and a script to the rest; notes when it was asked."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock
        self.script: list[Answer | BaseException] = []
        self.asked: list[float] = []

    def ask(self, request: Request) -> Answer:
        self.asked.append(self.clock.monotonic())
        if request.url.endswith("robots.txt"):
            return Answer(url=request.url, status=404)
        outcome = self.script.pop(0) if self.script else Answer(url=request.url, status=200)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def server(clock) -> Server:
    return Server(clock)


@pytest.fixture
def ledger() -> Unwritten:
    return Unwritten()


def a_process(server: Server, ledger: Unwritten, manners: Manners = MANNERS) -> PoliteFetcher:
    sleep = server.clock.sleep
    return polite(server.ask, clock=server.clock, sleep=sleep, manners=manners, ledger=ledger)


def test_fifty_restarts_in_a_row_never_break_the_pace_nor_ask_for_robots_txt_again(server, ledger):
    manners = Manners(owed=Owed(gap=10))
    for _ in range(50):
        a_process(server, ledger, manners).fetch(Request(url=PAGE))
        server.clock.forward(0.5)

    assert len(server.asked) == 51
    assert all(b - a >= 10 for a, b in zip(server.asked, server.asked[1:], strict=False))


def test_a_process_killed_while_it_asks_has_asked(server, ledger):
    a_process(server, ledger).fetch(Request(url=PAGE))
    server.script = [KilledError()]
    with pytest.raises(KilledError):
        a_process(server, ledger).fetch(Request(url=PAGE))
    killed = server.clock.monotonic()

    a_process(server, ledger).fetch(Request(url=PAGE))

    assert server.asked[-1] - killed == 10


def test_a_request_under_way_at_a_kill_counts_as_ended_when_the_next_process_begins(clock):
    before = instant(clock.now() - timedelta(seconds=300))
    asking = Standing(host="a.example", last_asked=before, why=ASKING)

    assert of_standing(asking, clock).last_asked == clock.monotonic()
    ended = Standing(host="a.example", last_asked=before)
    assert of_standing(ended, clock).last_asked == clock.monotonic() - 300


def test_a_pause_outlives_the_process(server, ledger):
    server.script = [Answer(url=PAGE, status=429, headers={"retry-after": "7200"})]
    a_process(server, ledger).fetch(Request(url=PAGE))
    server.clock.forward(3600)

    with pytest.raises(FetchError, match="asked for a pause") as paused:
        a_process(server, ledger).fetch(Request(url=PAGE))

    assert paused.value.kind == "paused"
    server.clock.forward(3600)
    assert a_process(server, ledger).fetch(Request(url=PAGE)).status == 200


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_set_wrong_by_a_year_makes_no_pause_longer_than_a_day(clock, years):
    until = instant(NOON + timedelta(days=1) - timedelta(days=365 * years))
    kept = Standing(host="a.example", paused_until=until, last_asked=until)

    tally = of_standing(kept, clock)

    assert tally.paused_until <= clock.monotonic() + 86_400
    assert tally.last_asked <= clock.monotonic()


def test_over_its_budget_a_host_is_left_alone_until_the_next_day(server, ledger):
    guest = a_process(server, ledger)
    for _ in range(4):
        guest.fetch(Request(url=PAGE))

    with pytest.raises(FetchRefusedError, match="its 5 requests of the day are spent") as spent:
        a_process(server, ledger).fetch(Request(url=PAGE))

    assert spent.value.kind == "budget"
    assert "until 2026-11-23T00:00:00Z" in guest.resting(PAGE)
    server.clock.forward(12 * 3600)
    assert guest.resting(PAGE) == ""
    assert guest.fetch(Request(url=PAGE)).status == 200


def test_a_refusal_of_ours_leaves_no_trace_in_the_ledger(server, ledger):
    server.script = [FetchRefusedError("not there", kind="address")]
    guest = a_process(server, ledger)

    with pytest.raises(FetchRefusedError):
        guest.fetch(Request(url=PAGE))

    assert ledger.standing("a.example").requests == 1  # robots.txt
    assert ledger.standing("a.example").why == ""


def test_a_breaker_lets_one_probe_through_and_opens_for_longer_where_it_fails(server, ledger):
    manners = Manners(owed=Owed(gap=0), failures=3, first_pause=100, jitter=0)
    guest = a_process(server, ledger, manners)
    server.script = [FetchError("silence", kind="timeout") for _ in range(5)]
    for _ in range(3):
        with pytest.raises(FetchError, match="silence"):
            guest.fetch(Request(url=PAGE))

    asked = len(server.asked)
    for rest in (100, 200):
        with pytest.raises(FetchError, match=r"fault . in a row"):
            guest.fetch(Request(url=PAGE))
        server.clock.forward(rest)
        asked += 1
        with pytest.raises(FetchError, match="silence"):
            guest.fetch(Request(url=PAGE))
        assert len(server.asked) == asked

    server.clock.forward(400)
    guest.fetch(Request(url=PAGE))
    assert ledger.standing("a.example").failures == 0
