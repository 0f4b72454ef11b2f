"""How a request looks from outside: only the proxies that are named are believed."""

from __future__ import annotations

import pytest

from watcher.config.web_model import Web
from watcher.web.outside import is_among, note, outside, seen_from, under

PROXY, CLIENT = "10.0.0.5", "203.0.113.9"
WEB = Web(proxies=(PROXY, "172.16.0.0/12"), public_url="https://w.hospital.eu/")


def scope(peer=PROXY, path="/cases", **headers):
    told = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return {
        "type": "http",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "client": (peer, 1) if peer else None,
        "headers": [(name.encode(), text.encode()) for name, text in told],
    }


def seen(web=WEB, **told):
    return seen_from(scope(**told), web)


def test_what_a_named_proxy_says_is_believed():
    found = seen(
        host="127.0.0.1:8080",
        x_forwarded_for=CLIENT,
        x_forwarded_proto="https",
        x_forwarded_host="W.Hospital.EU",
        x_forwarded_prefix="/pv/",
    )

    assert (found.peer, found.address) == (PROXY, CLIENT)
    assert found.origin == "https://w.hospital.eu/pv"
    assert found.is_secure


@pytest.mark.parametrize("peer", [CLIENT, "10.0.0.6", "172.32.0.1", "testclient", ""])
def test_what_anybody_else_says_is_not(peer):
    found = seen(
        peer=peer,
        host="w.example:8080",
        x_forwarded_for="1.2.3.4",
        x_forwarded_proto="https",
        x_forwarded_host="evil.example",
        x_forwarded_prefix="/evil",
    )

    assert (found.address, found.origin) == (peer, "http://w.example:8080")


@pytest.mark.parametrize(
    ("told", "address"),
    [
        (CLIENT, CLIENT),
        (f"1.2.3.4, {CLIENT}", CLIENT),
        (f"1.2.3.4, {CLIENT}, 172.16.3.4", CLIENT),
        ("172.16.3.4", "172.16.3.4"),
        (f"{CLIENT}, rubbish", PROXY),
        ("[2001:db8::1]", "2001:db8::1"),
        ("", PROXY),
    ],
)
def test_the_client_is_the_last_who_is_no_proxy(told, address):
    assert seen(host="h", x_forwarded_for=told).address == address


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x_forwarded_host", "evil.example/path"),
        ("x_forwarded_host", "a b"),
        ("x_forwarded_host", 'a"><script>'),
        ("x_forwarded_prefix", "//evil.example"),
        ("x_forwarded_prefix", '/"><script>'),
        ("x_forwarded_prefix", "evil"),
        ("x_forwarded_proto", "javascript"),
    ],
)
def test_even_a_proxy_cannot_say_anything_it_likes(name, told):
    found = seen(host="h:1", **{name: told})

    assert found.origin == "http://h:1"


def test_of_several_the_nearest_proxy_counts():
    assert seen(host="h", x_forwarded_proto="http, https").scheme == "https"
    assert seen(host="h", x_forwarded_host="a.example, b.example").host == "b.example"


def test_by_a_public_name_that_is_encrypted_we_are_reached_so():
    assert seen(peer=CLIENT, host="w.hospital.eu").is_secure
    assert not seen(peer=CLIENT, host="127.0.0.1:8080").is_secure


def test_an_address_of_ipv4_in_ipv6_is_the_one_that_is_meant():
    assert is_among("::ffff:10.0.0.5", WEB.proxies)
    assert not is_among("::10.0.0.5", WEB.proxies)


def test_failures_are_counted_by_household():
    one = seen(peer="2001:db8:1:2:3::4", host="h").place
    assert one == seen(peer="2001:db8:1:2:ffff::1", host="h").place == "2001:db8:1:2::/64"
    assert seen(peer=CLIENT, host="h").place == CLIENT


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/pv/cases/1", "/cases/1"),
        ("/pv/", "/"),
        ("/pv", "/"),
        ("/cases/1", "/cases/1"),
        ("/pvs/cases", "/pvs/cases"),
        ("/pv/pv/x", "/pv/x"),
    ],
)
def test_what_a_proxy_puts_before_our_paths_is_taken_off(path, inside):
    asked = scope(path=path, host="h")
    note(asked, Web(base_path="/pv"))

    assert (asked["path"], asked["raw_path"]) == (inside, inside.encode())
    assert outside(asked).base == "/pv"


def test_links_of_a_page_lead_to_where_it_is_seen():
    page = (
        '<a href="/x">x</a><a href="//y">y</a><a href="https://z/">z</a><img src="/s.svg">'
        '<form action="/a" method="post"><button formaction="/b"></button></form>'
        '<p>&#34; href=&#34;/no&#34;</p><a href="#top">t</a>'
    )

    assert under("", page) == page
    assert under("/pv", page) == (
        '<a href="/pv/x">x</a><a href="//y">y</a><a href="https://z/">z</a><img src="/pv/s.svg">'
        '<form action="/pv/a" method="post"><button formaction="/pv/b"></button></form>'
        '<p>&#34; href=&#34;/no&#34;</p><a href="#top">t</a>'
    )
