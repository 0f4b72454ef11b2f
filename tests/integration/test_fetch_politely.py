"""The whole fetch room against a real server: robots.txt, turns, exchange, memory of the host."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit import replies
from kit.clocks import RealClock, StandingClock
from kit.faulty_server import FaultyServer
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.http import HttpFetcher
from watcher.fetch.pauses import Manners, Owed
from watcher.fetch.politeness import PoliteFetcher, polite
from watcher.ports import Request


@pytest.fixture
def site() -> Iterator[FaultyServer]:
    with FaultyServer() as site:
        site.page("/a", "a page", etag='"1"')
        yield site


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def guest(clock: StandingClock) -> PoliteFetcher:
    http = HttpFetcher(contact="ops@example.org", clock=RealClock())
    manners = Manners(hosts={"127.0.0.1": Owed(gap=3.0)}, jitter=0)
    return polite(http.ask, clock=clock, sleep=clock.sleep, manners=manners)


def a_request(site: FaultyServer, path: str = "/a", **rest: object) -> Request:
    return Request(url=site.url(path), allow_private=True, seconds=5, **rest)


def test_a_guest_reads_the_rules_first_and_then_keeps_its_pace(site, guest, clock):
    assert guest.fetch(a_request(site)).body == b"a page"
    assert guest.fetch(a_request(site, etag='"1"')).status == 304

    assert [seen.path for seen in site.requests] == ["/robots.txt", "/a", "/a"]
    assert clock.slept == [3, 3]


def test_what_the_rules_forbid_is_not_asked(site, guest):
    site.robots("User-agent: watcher\nDisallow: /a\nCrawl-delay: 5")

    with pytest.raises(FetchRefusedError) as refused:
        guest.fetch(a_request(site))

    assert refused.value.kind == "robots"
    assert site.asked("/a") == []


def test_a_redirected_robots_txt_is_followed(site, guest):
    site.script("/robots.txt", [replies.redirect("/rules")])
    site.page("/rules", "User-agent: *\nDisallow: /a", media_type="text/plain")

    with pytest.raises(FetchRefusedError, match="forbids"):
        guest.fetch(a_request(site))


@pytest.mark.parametrize("reply", [replies.unavailable(), replies.reset(), replies.hang_up()])
def test_a_server_that_will_not_show_its_rules_is_not_asked_for_pages(site, guest, reply):
    site.script("/robots.txt", [reply])

    with pytest.raises(FetchError, match=r"robots\.txt") as failed:
        guest.fetch(a_request(site))

    assert failed.value.is_transient
    assert site.asked("/a") == []


def test_retry_after_is_kept_and_shown(site, guest, clock):
    site.script("/a", [replies.too_many_requests(120), replies.answer("well again")])
    assert guest.fetch(a_request(site)).status == 429

    with pytest.raises(FetchError, match="left alone"):
        guest.fetch(a_request(site))
    (state,) = guest.hosts()
    clock.forward(120)

    assert (state.host, state.is_paused) == (f"127.0.0.1:{site.port}", True)
    assert len(site.asked("/a")) == 1
    assert guest.fetch(a_request(site)).body == b"well again"


def test_a_forbidden_address_is_refused_as_such_and_its_rules_are_not_asked_for(site, guest):
    with pytest.raises(FetchRefusedError) as refused:
        guest.fetch(Request(url=site.url("/a")))

    assert refused.value.kind == "address"
    assert site.requests == []


def test_many_threads_share_one_fetcher(site, guest):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guest.fetch, [a_request(site)] * 24))

    assert [answer.status for answer in answers] == [200] * 24
    assert len(site.asked("/robots.txt")) == 1
