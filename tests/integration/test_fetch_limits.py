"""Every limit, against a server that tries to get past it, over the loopback."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from kit import replies
from kit.clocks import RealClock
from kit.faulty_server import FaultyServer
from watcher.errors import FetchError
from watcher.fetch.http import HttpFetcher
from watcher.ports import Request

MB = 1_000_000
BODY = b"<html>" + b"A line of a page.\n" * 1_700 + b"</html>"
TWO_LENGTHS = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"


@pytest.fixture
def site() -> Iterator[FaultyServer]:
    with FaultyServer() as site:
        yield site


@pytest.fixture(scope="module")
def fetcher() -> HttpFetcher:
    return HttpFetcher(contact="ops@example.org", clock=RealClock())


@pytest.fixture
def failure(site: FaultyServer, fetcher: HttpFetcher) -> Callable[..., FetchError]:
    """Play one reply and return the error that comes of it."""

    def played(reply: replies.Reply, *, seconds: float = 5, max_bytes: int = 20 * MB) -> FetchError:
        site.script("/", [reply])
        request = Request(url=site.url(), seconds=seconds, max_bytes=max_bytes, allow_private=True)
        with pytest.raises(FetchError) as failed:
            fetcher.fetch(request)
        return failed.value

    return played


@pytest.mark.parametrize(
    "reply",
    [
        replies.drip(replies.answer(BODY), gap=0.02),
        replies.drip_body(BODY, gap=0.02),
        replies.slow(replies.answer(BODY), 60),
        replies.silence(),
    ],
    ids=["headers dripped", "body dripped", "slow", "silent"],
)
def test_a_server_that_takes_too_long_is_left(failure, reply):
    started = time.monotonic()

    error = failure(reply, seconds=0.25)

    assert (error.kind, error.is_transient) == ("timeout", True)
    assert time.monotonic() - started < 30


def test_redirects_do_not_add_up_to_more_than_the_time_of_one_request(site, failure):
    site.script("/again", [replies.slow(replies.redirect("/again"), 0.15)])

    error = failure(replies.redirect("/again"), seconds=0.4)

    assert error.kind == "timeout"


def test_a_resolver_that_does_not_answer_is_left_too():
    release = Event()

    def stuck(host: str, port: int) -> list[str]:
        del host, port
        release.wait(10)
        return []

    fetcher = HttpFetcher(contact="ops@example.org", clock=RealClock(), resolver=stuck)
    try:
        with pytest.raises(FetchError) as failed:
            fetcher.fetch(Request(url="http://a.example/", seconds=0.1))
    finally:
        release.set()

    assert failed.value.kind == "timeout"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (replies.short(BODY[:11], 1000), "truncated"),
        (replies.chunked([BODY], cut=True), "truncated"),
        (replies.gzip_cut(BODY, 90), "truncated"),
        (replies.encoded(b""), "truncated"),
        (replies.chunked([BODY], broken=True), "protocol"),
        (replies.reset(), "connection"),
        (replies.reset(replies.head(200, {"Content-Length": 99})), "connection"),
        (replies.hang_up(), "connection"),
        (lambda _: [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "protocol"),
        (lambda _: [TWO_LENGTHS], "protocol"),
        (replies.answer(BODY[:9], 206, {"Content-Range": "bytes 0-8/99"}), "protocol"),
        (lambda _: [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"], "protocol"),
        (replies.encoded(b"\x1f\x8b garbage"), "encoding"),
        (replies.encoded(b"\x0b\x02\x80page\x03", "br"), "encoding"),
        (replies.encoded(b"(\xb5/\xfd", "zstd"), "encoding"),
        (replies.encoded(BODY, "gzip, gzip"), "encoding"),
    ],
)
def test_an_answer_that_is_not_whole_is_never_a_page(failure, reply, kind):
    assert failure(reply).kind == kind


def test_an_answer_without_any_length_is_as_long_as_it_is(site, fetcher):
    site.script("/", [replies.unmeasured(BODY)])

    assert fetcher.fetch(Request(url=site.url(), allow_private=True)).body == BODY


@pytest.mark.parametrize(
    "reply",
    [
        replies.answer(b"x" * 50_001),
        replies.chunked([b"x" * 10_000] * 6),
        replies.gzip_page(b"x" * 50_001),
        replies.unmeasured(b"x" * 50_001),
        replies.endless_body(),
        replies.endless_headers(),
        replies.endless_interim(),
        replies.huge_headers(70_000),
        replies.huge_headers(300_000),
        replies.many_headers(250),
        replies.encoded(gzip.compress(b"") * 1_100),
        lambda _: [replies.head(200, {"Content-Length": 50_001})],
    ],
    ids=[
        "body", "chunks", "gzip", "unmeasured", "endless body", "endless headers",
        "endless interim answers", "a large header", "a huge header", "many headers",
        "many members", "announced",
    ],
)  # fmt: skip
def test_an_answer_over_its_limit_is_refused_and_not_asked_for_again(failure, reply):
    error = failure(reply, max_bytes=50_000)

    assert (error.kind, error.is_transient) == ("too_large", False)


def test_an_answer_at_its_limit_passes(site, fetcher):
    body = b"x" * 50_000
    site.script("/", [replies.answer(body), replies.gzip_page(body)])

    for _ in range(2):
        request = Request(url=site.url(), max_bytes=50_000, allow_private=True)
        assert fetcher.fetch(request).body == body


def test_a_length_without_a_body_is_no_size(site, fetcher):
    site.script("/", [lambda _: [replies.head(304, {"Content-Length": 10**9})]])

    answer = fetcher.fetch(Request(url=site.url(), etag='"1"', allow_private=True))

    assert (answer.status, answer.body) == (304, b"")


def test_a_bomb_is_told_by_its_ratio_long_before_the_limit(failure):
    error = failure(replies.gzip_bomb(100 * MB), max_bytes=200 * MB)

    assert error.kind == "too_large"
    assert "a bomb" in str(error)


@pytest.mark.parametrize(
    "reply",
    [replies.gzip_bomb(100 * MB), replies.endless_body(), replies.encoded(bytes(607), "br")],
    ids=["gzip bomb", "endless body", "brotli"],
)
def test_no_answer_takes_more_memory_than_its_limit(failure, reply):
    tracemalloc.start()
    try:
        failure(reply, max_bytes=2 * MB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 5 * MB
