"""Redirects, hop by hop, over a web that is a table."""

from __future__ import annotations

import pytest

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.redirects import follow
from watcher.ports import Answer, Request


class Web:
    """Redirects as the table says; every hop takes a second; remembers what it was asked."""

    def __init__(self, table: dict[str, str]) -> None:
        self._table = table
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        to = self._table.get(request.url)
        headers = {} if to is None else {"location": to}
        status = 200 if to is None else 302
        return Answer(url=request.url, status=status, headers=headers, milliseconds=1000)


def test_the_answer_names_the_address_that_gave_it_and_the_time_of_all_hops():
    web = Web({"https://a.example/1": "/2", "https://a.example/2": "//b.example/3?x=1#part"})

    answer = follow(web.ask, Request(url="https://a.example/1"))

    assert (answer.url, answer.milliseconds) == ("https://b.example/3?x=1", 3000)


def test_five_redirects_are_followed_and_no_sixth():
    web = Web({f"http://a.example/{n}": f"/{n + 1}" for n in range(6)})

    assert follow(web.ask, Request(url="http://a.example/1")).url == "http://a.example/6"
    with pytest.raises(FetchError) as failed:
        follow(web.ask, Request(url="http://a.example/0"))
    assert (failed.value.kind, failed.value.is_transient) == ("redirect", False)


def test_a_redirect_from_https_to_http_is_refused():
    web = Web({"https://a.example/": "http://a.example/"})

    with pytest.raises(FetchRefusedError) as refused:
        follow(web.ask, Request(url="https://a.example/"))

    assert refused.value.kind == "redirect"
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "http://u@b.example/", "http://2130706433/", "javascript:x"],
)
def test_a_redirect_to_what_is_no_plain_address_is_refused(location: str):
    web = Web({"http://a.example/": location})

    with pytest.raises(FetchRefusedError) as refused:
        follow(web.ask, Request(url="http://a.example/"))

    assert refused.value.kind == "address"
    assert len(web.asked) == 1


@pytest.mark.parametrize("location", ["http://[", "http://a.example:port/", "http://exa\x00mple/"])
def test_a_redirect_that_cannot_be_read_is_an_error(location: str):
    web = Web({"http://a.example/": location})

    with pytest.raises(FetchError):
        follow(web.ask, Request(url="http://a.example/"))


def test_the_date_of_the_page_we_knew_does_not_excuse_another_page():
    web = Web({"http://a.example/": "/new"})

    follow(web.ask, Request(url="http://a.example/", etag='"1"', last_modified="yesterday"))

    assert [(hop.etag, hop.last_modified) for hop in web.asked] == [
        ('"1"', "yesterday"),
        ('"1"', ""),
    ]


def test_the_permission_for_private_addresses_stays_with_the_host_and_port_the_source_names():
    web = Web(
        {
            "http://in.example/": "https://in.example./",
            "https://in.example./": "https://in.example:81/",
            "https://in.example:81/": "https://out.example/",
            "https://out.example/": "https://in.example/end",
        }
    )

    follow(web.ask, Request(url="http://in.example/", allow_private=True))

    assert [hop.allow_private for hop in web.asked] == [True, True, False, False, True]


def test_the_hops_share_one_allowance_of_time():
    web = Web({"http://a.example/1": "/2", "http://a.example/2": "/3"})

    follow(web.ask, Request(url="http://a.example/1", seconds=2.5))
    assert [hop.seconds for hop in web.asked] == [2.5, 1.5, 0.5]
    with pytest.raises(FetchError) as failed:
        follow(web.ask, Request(url="http://a.example/1", seconds=2))
    assert failed.value.kind == "timeout"
