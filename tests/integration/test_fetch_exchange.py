"""What a request looks like at the server and what comes back, over the loopback."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest

from kit import replies
from kit.clocks import RealClock
from kit.faulty_server import FaultyServer
from watcher import __version__
from watcher.errors import FetchError
from watcher.fetch.http import HttpFetcher
from watcher.ports import Answer, Fetcher, Request

TODAY = "Sun, 22 Nov 2026 12:00:00 GMT"
CONTACT = "https://example.org/bot; mailto:ops@example.org"
PAGE = "<html><body>Authorised</body></html>"


@pytest.fixture
def site() -> Iterator[FaultyServer]:
    with FaultyServer() as site:
        yield site


@pytest.fixture(scope="module")
def fetcher() -> Fetcher:
    return HttpFetcher(contact=CONTACT, clock=RealClock())


def get(fetcher: Fetcher, site: FaultyServer, path: str, **rest: object) -> Answer:
    return fetcher.fetch(Request(url=site.url(path), allow_private=True, seconds=5, **rest))


def test_a_page_comes_with_its_status_its_headers_and_its_bytes(site, fetcher):
    site.page("/a", PAGE, etag='"1"', headers={"X-Two": "one", "x-two": "two"})

    answer = get(fetcher, site, "/a")

    assert (answer.url, answer.status, answer.body) == (site.url("/a"), 200, PAGE.encode())
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-two"] == "one, two"
    assert 0 <= answer.milliseconds < 5000


def test_a_request_says_who_asks_and_takes_gzip_only(site, fetcher):
    site.page("/a?b=c", PAGE)

    get(fetcher, site, "/a?b=c")

    (seen,) = site.requests
    assert (seen.method, seen.path) == ("GET", "/a?b=c")
    assert seen.headers["user-agent"] == f"watcher/{__version__} (+{CONTACT})"
    assert seen.headers["accept-encoding"] == "gzip"
    assert seen.headers["host"] == f"127.0.0.1:{site.port}"
    assert not {"cookie", "authorization", "referer", "if-none-match"} & set(seen.headers)


@pytest.mark.parametrize(
    ("validator", "header"),
    [
        ({"etag": '"1"'}, "if-none-match"),
        ({"last_modified": TODAY}, "if-modified-since"),
    ],
)
def test_a_page_we_know_is_answered_with_304_and_no_body(site, fetcher, validator, header):
    site.page("/a", PAGE, etag='"1"', last_modified=TODAY)

    answer = get(fetcher, site, "/a", **validator)

    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", '"1"')
    assert header in site.requests[0].headers


def test_white_space_around_a_validator_does_not_spoil_the_request(site, fetcher):
    site.page("/a", PAGE, etag='"1"')

    assert get(fetcher, site, "/a", etag=' "1" ', last_modified=" ").status == 304


def test_a_page_that_changed_is_answered_whole_despite_the_validators(site, fetcher):
    site.page("/a", PAGE, etag='"2"')

    assert get(fetcher, site, "/a", etag='"1"').body == PAGE.encode()


@pytest.mark.parametrize("etag", ['"é"', '"a"\r\nX-Evil: 1', '"\x00"'])
def test_a_validator_that_does_not_fit_a_header_is_not_sent(site, fetcher, etag):
    site.page("/a", PAGE)

    assert get(fetcher, site, "/a", etag=etag).status == 200
    assert not {"if-none-match", "x-evil"} & set(site.requests[0].headers)


@pytest.mark.parametrize("status", [404, 410, 403, 429, 500, 503])
def test_an_error_page_is_an_answer_with_its_body_for_the_judge(site, fetcher, status):
    site.script("/a", [replies.answer("no", status)])

    answer = get(fetcher, site, "/a")

    assert (answer.status, answer.body) == (status, b"no")


def test_gzip_is_undone_and_chunks_are_joined(site, fetcher):
    body = PAGE.encode() * 1000
    site.script("/gzip", [replies.gzip_page(body)])
    site.script("/members", [replies.encoded(gzip.compress(body) + gzip.compress(b"end"))])
    site.script("/chunked", [replies.chunked([body[:7], body[7:]])])

    assert get(fetcher, site, "/gzip").body == body
    assert get(fetcher, site, "/members").body == body + b"end"
    assert get(fetcher, site, "/chunked").body == body


def test_a_redirect_is_followed_and_the_answer_names_where_it_came_from(site, fetcher):
    site.script("/old", [replies.redirect("/new", 301)])
    site.page("/new", PAGE)

    answer = get(fetcher, site, "/old")

    assert (answer.url, answer.status) == (site.url("/new"), 200)
    assert [seen.path for seen in site.requests] == ["/old", "/new"]


def test_redirects_without_end_are_given_up_after_five(site, fetcher):
    site.script("/round", [replies.redirect("/round")])

    with pytest.raises(FetchError) as failed:
        get(fetcher, site, "/round")

    assert failed.value.kind == "redirect"
    assert len(site.requests) == 6


def test_the_body_of_a_redirect_is_not_read(site, fetcher):
    site.script(
        "/old", [replies.reset(replies.head(302, {"Location": "/new", "Content-Length": 9}))]
    )
    site.page("/new", PAGE)

    assert get(fetcher, site, "/old").status == 200


def test_no_cookie_is_kept_or_sent_back(site, fetcher):
    site.script("/in", [replies.answer("", 302, {"Location": "/a", "Set-Cookie": "id=1; Path=/"})])
    site.page("/a", PAGE, headers={"Set-Cookie": "id=2; Path=/"})

    answers = [get(fetcher, site, "/in"), get(fetcher, site, "/a")]

    assert all("cookie" not in seen.headers for seen in site.requests)
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_the_environment_s_proxies_are_not_used(site, fetcher, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.page("/a", PAGE)

    assert get(fetcher, site, "/a").status == 200


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "  ",
        "me",
        "n@example.org)",
        "a@example.org\r\nX: y",
        "ö@example.org",
        "(a@example.org",
        "\0@",
    ],
)
def test_without_a_contact_there_is_no_fetcher(contact):
    with pytest.raises(ValueError, match="a contact is needed"):
        HttpFetcher(contact=contact, clock=RealClock())


@pytest.mark.parametrize(
    "contact", ["ops@example.org", "mailto:ops@example.org", "https://example.org/bot?a=b", CONTACT]
)
def test_a_page_or_a_mail_address_is_a_contact(contact, site):
    HttpFetcher(contact=contact, clock=RealClock()).fetch(
        Request(url=site.url("/a"), allow_private=True)
    )

    assert re.fullmatch(r"watcher/[\d.]+ \(\+.+\)", site.requests[0].headers["user-agent"])
    assert contact in site.requests[0].headers["user-agent"]
