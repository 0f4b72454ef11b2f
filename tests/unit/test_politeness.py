"""A guest's manners, by a clock that stands still until someone sleeps by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Lock

import pytest

from kit.clocks import NOON, StandingClock
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.pauses import Manners, Owed
from watcher.fetch.politeness import PoliteFetcher, Turns, polite
from watcher.ports import Answer, Request

HOST = "https://a.example"
PAGE = f"{HOST}/page"
ROBOTS = f"{HOST}/robots.txt"


@dataclass
class Web:
    """Answers by address, in order, the last one again and again; knows when each was asked."""

    clock: StandingClock
    answers: dict[str, list[int | Answer | FetchError]] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)

    def ask(self, request: Request) -> Answer:
        self.asked.append((self.clock.monotonic(), request.url))
        script = self.answers.get(request.url, [404 if request.url.endswith("robots.txt") else 200])
        outcome = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(outcome, FetchError):
            raise outcome
        if isinstance(outcome, int):
            return Answer(url=request.url, status=outcome)
        return outcome

    def times(self, url: str = PAGE) -> list[float]:
        return [at for at, asked in self.asked if asked == url]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def web(clock: StandingClock) -> Web:
    return Web(clock)


def a_guest(web: Web, **manners: object) -> PoliteFetcher:
    known = {"owed": Owed(gap=2.0), "failures": 3, "first_pause": 100.0, "jitter": 0.0}
    own = Manners(**(known | manners))
    return polite(web.ask, clock=web.clock, sleep=web.clock.sleep, manners=own)


def answered(status: int, url: str = PAGE, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url=url, status=status, headers=named)


def robots(text: str) -> Answer:
    return Answer(url=ROBOTS, status=200, body=text.encode())


def test_two_requests_to_a_host_are_a_gap_apart_and_robots_txt_counts_as_one(web: Web):
    guest = a_guest(web)

    for _ in range(3):
        guest.fetch(Request(url=PAGE))

    assert web.asked == [(0, ROBOTS), (2, PAGE), (4, PAGE), (6, PAGE)]


def test_the_gap_counts_from_the_end_of_the_exchange(web: Web):
    def five_seconds(request: Request) -> Answer:
        answer = web.ask(request)
        web.clock.forward(5)
        return answer

    turns = Turns(
        five_seconds, clock=web.clock, sleep=web.clock.sleep, manners=Manners(owed=Owed(gap=2))
    )
    turns.ask(Request(url=PAGE))
    turns.ask(Request(url=PAGE))

    assert web.times() == [0, 7]


def test_another_host_need_not_wait(web: Web):
    guest = a_guest(web)
    guest.fetch(Request(url=PAGE))

    guest.fetch(Request(url="https://b.example/"))

    assert web.asked[-1] == (4, "https://b.example/")
    assert web.asked[-2] == (2, "https://b.example/robots.txt")


def test_a_host_spelt_otherwise_is_the_same_host(web: Web):
    guest = a_guest(web)
    guest.fetch(Request(url=PAGE))

    guest.fetch(Request(url="https://A.example.:443/page"))

    assert web.asked[-1] == (4, "https://A.example.:443/page")


def test_retry_after_keeps_us_away_that_long_and_the_caller_is_not_kept_waiting(web: Web):
    web.answers[PAGE] = [answered(429, retry_after="300"), 200]
    guest = a_guest(web)
    assert guest.fetch(Request(url=PAGE)).status == 429

    with pytest.raises(FetchError, match="left alone until 2026-11-22T12:05:02Z") as later:
        guest.fetch(Request(url=PAGE))
    web.clock.forward(300)

    assert (later.value.kind, later.value.is_transient) == ("paused", True)
    assert web.clock.slept == [2]
    assert guest.fetch(Request(url=PAGE)).status == 200


def test_a_pause_shorter_than_our_patience_is_waited_out(web: Web):
    web.answers[PAGE] = [answered(503, retry_after="30"), 200]
    guest = a_guest(web)
    guest.fetch(Request(url=PAGE))

    guest.fetch(Request(url=PAGE))

    assert web.times() == [2, 32]


def test_a_pause_is_the_host_s_and_not_the_page_s(web: Web):
    web.answers[PAGE] = [answered(429, retry_after="300")]
    guest = a_guest(web)
    guest.fetch(Request(url=PAGE))

    with pytest.raises(FetchError, match="left alone"):
        guest.fetch(Request(url=f"{HOST}/another"))
    guest.fetch(Request(url="https://b.example/"))

    assert web.times(f"{HOST}/another") == []


def test_a_host_that_fails_again_and_again_is_left_alone_longer_and_longer(web: Web):
    web.answers[PAGE] = [FetchError("silence", kind="timeout")]
    guest = a_guest(web, patience=1e9)

    for _ in range(6):
        with pytest.raises(FetchError, match="silence"):
            guest.fetch(Request(url=PAGE))

    waits = [later - earlier for earlier, later in zip(web.times(), web.times()[1:], strict=False)]
    assert waits == [2, 2, 100, 200, 400]


def test_one_good_answer_ends_the_row_of_failures(web: Web):
    web.answers[PAGE] = [500, 500, 200, 500, 500, 200]
    guest = a_guest(web)

    statuses = [guest.fetch(Request(url=PAGE)).status for _ in range(6)]

    assert statuses == [500, 500, 200, 500, 500, 200]
    assert guest.hosts()[0].failures == 0


def test_a_page_too_large_is_no_failure_of_its_host(web: Web):
    web.answers[PAGE] = [FetchError("vast", kind="too_large", is_transient=False)]
    guest = a_guest(web, failures=1)

    for _ in range(3):
        with pytest.raises(FetchError, match="vast"):
            guest.fetch(Request(url=PAGE))


def test_a_refusal_of_ours_is_no_request_and_no_failure(web: Web):
    web.answers[PAGE] = [FetchRefusedError("not there", kind="address")]
    guest = a_guest(web, failures=1)

    for _ in range(3):
        with pytest.raises(FetchRefusedError):
            guest.fetch(Request(url=PAGE))

    assert web.times() == [2, 2, 2]


def test_what_we_know_of_the_hosts_can_be_looked_at(web: Web):
    web.answers[PAGE] = [answered(503, retry_after="3600")]
    guest = a_guest(web)
    guest.fetch(Request(url="https://b.example:8443/"))
    guest.fetch(Request(url=PAGE))

    busy, well = guest.hosts()

    assert (busy.host, busy.is_paused, busy.failures, busy.gap) == ("a.example", True, 1, 2)
    assert busy.next_allowed == NOON + timedelta(seconds=4 + 3600)
    assert (well.host, well.is_paused, well.failures) == ("b.example:8443", False, 0)
    assert well.next_allowed == NOON + timedelta(seconds=4)


def test_a_redirect_is_paced_and_asked_for_permission_like_any_request(web: Web):
    web.answers[PAGE] = [answered(302, location="https://b.example/shut")]
    web.answers["https://b.example/robots.txt"] = [robots("User-agent: *\nDisallow: /shut")]
    guest = a_guest(web)

    with pytest.raises(FetchRefusedError, match=r"b\.example forbids") as refused:
        guest.fetch(Request(url=PAGE))

    assert refused.value.kind == "robots"
    assert web.times("https://b.example/shut") == []


def test_a_redirect_within_a_host_keeps_the_gap(web: Web):
    web.answers[PAGE] = [answered(301, location="/new")]
    guest = a_guest(web)

    assert guest.fetch(Request(url=PAGE)).url == f"{HOST}/new"

    assert web.asked == [(0, ROBOTS), (2, PAGE), (4, f"{HOST}/new")]


def test_a_crawl_delay_longer_than_our_gap_is_obeyed(web: Web):
    web.answers[ROBOTS] = [robots("User-agent: *\nCrawl-delay: 11")]
    guest = a_guest(web)

    for _ in range(2):
        guest.fetch(Request(url=PAGE))

    assert web.asked == [(0, ROBOTS), (11, PAGE), (22, PAGE)]
    assert guest.hosts()[0].gap == 11


def test_a_crawl_delay_shorter_than_our_gap_does_not_hurry_us(web: Web):
    web.answers[ROBOTS] = [robots("User-agent: *\nCrawl-delay: 0.5")]
    guest = a_guest(web)

    guest.fetch(Request(url=PAGE))

    assert web.asked == [(0, ROBOTS), (2, PAGE)]


def test_an_absurd_crawl_delay_becomes_a_day_that_nobody_waits_for(web: Web):
    web.answers[ROBOTS] = [robots("User-agent: *\nCrawl-delay: 1e300")]
    guest = a_guest(web)

    with pytest.raises(FetchError, match="until 2026-11-23T12:00:00Z"):
        guest.fetch(Request(url=PAGE))

    assert web.clock.slept == []


@pytest.fixture
def eight_threads() -> Iterator[Callable[[Callable[[], object]], list[object]]]:
    with ThreadPoolExecutor(8) as pool:
        together = Barrier(8)

        def each(work: Callable[[], object]) -> object:
            together.wait(5)
            return work()

        yield lambda work: list(pool.map(each, [work] * 8))


def test_eight_threads_ask_a_host_one_after_the_other_and_keep_the_gap(web, eight_threads):
    inside, most, lock = [0], [0], Lock()

    def counting(request: Request) -> Answer:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        answer = web.ask(request)
        with lock:
            inside[0] -= 1
        return answer

    guest = polite(
        counting, clock=web.clock, sleep=web.clock.sleep, manners=Manners(owed=Owed(gap=2))
    )

    eight_threads(lambda: guest.fetch(Request(url=PAGE)))

    assert most == [1]
    assert web.asked == [(0, ROBOTS), *((2.0 * turn, PAGE) for turn in range(1, 9))]
