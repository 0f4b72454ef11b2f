"""Every trick to make us ask what we must not: asked for directly, and by a public page's redirect.

The resolver answers the names an attacker owns with private addresses; the dialler stands in for
the network and puts the loopback's server behind the one public address. Whatever else it is asked
to connect to is a hole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpcore
import pytest

from kit import replies
from kit.clocks import RealClock
from kit.faulty_server import FaultyServer
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.http import HttpFetcher
from watcher.ports import Request

PUBLIC, HOST = "93.184.215.14", "www.regulator.example"
HOSTILE_NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "a.localhost": ["::1"],
    "localtest.example": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed.example": [PUBLIC, "10.0.0.7"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "compatible.example": ["::10.0.0.1"],
    "nat64.example": ["64:ff9b::a00:1"],
    "nat64-local.example": ["64:ff9b:1::a00:1"],
    "sixtofour.example": ["2002:a00:1::"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:f5ff:fffe"],
    "shared.example": ["100.64.0.1"],
    "unspecified.example": ["0.0.0.0"],  # noqa: S104 (what a resolver says, not what we bind)
    "multicast.example": ["224.0.0.1"],
    "linklocal.example": ["fe80::1"],
    "unique.example": ["fd00::1"],
    "site.example": ["fec0::1"],
    "xn--lcalhost-3jg.example": ["127.0.0.1"],
}

TRICKS = {
    "plain loopback": "http://127.0.0.1/",
    "another loopback": "http://127.127.127.127/",
    "private 10": "http://10.0.0.1/",
    "private 172": "http://172.16.0.1/",
    "private 192": "http://192.168.0.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata of another cloud": "http://168.63.129.16/",
    "carrier's shared space": "http://100.64.0.1/",
    "unspecified": "http://0.0.0.0/",
    "this network": "http://0.1.2.3/",
    "broadcast": "http://255.255.255.255/",
    "multicast": "http://239.255.255.250/",
    "benchmarking": "http://198.18.0.1/",
    "decimal": "http://2130706433/",
    "decimal with a dot": "http://2130706433./",
    "octal": "http://0177.0.0.1/",
    "octal in one": "http://017700000001/",
    "hexadecimal": "http://0x7f.0x0.0x0.0x1/",
    "hexadecimal in one": "http://0x7f000001/",
    "shortened": "http://127.1/",
    "nought": "http://0/",
    "trailing dot": "http://127.0.0.1./",
    "full-width digits": "http://１２７.０.０.１/",
    "circled digits": "http://①②⑦.⓪.⓪.①/",
    "ideographic dots": "http://127。0。0。1/",
    "escaped digits": "http://%31%32%37.0.0.1/",
    "NUL in the host": "http://127.0.0.1%00.example.org/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 unspecified": "http://[::]/",
    "IPv4-mapped": "http://[::ffff:127.0.0.1]/",
    "IPv4-mapped in hex": "http://[::ffff:7f00:1]/",
    "IPv4-compatible": "http://[::7f00:1]/",
    "IPv4-translated": "http://[::ffff:0:7f00:1]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "Teredo": "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "link-local": "http://[fe80::1]/",
    "link-local with a zone": "http://[fe80::1%25eth0]/",
    "unique local": "http://[fd00:ec2::254]/",
    "user name": f"http://{HOST}@127.0.0.1/",
    "user name and password": "http://a:b@127.0.0.1/",
    "empty user name": "http://@127.0.0.1/",
    "backslash before the user": f"http://{HOST}\\@127.0.0.1/",
    "escaped at": f"http://{HOST}%40@127.0.0.1/",
    "localhost": "http://localhost/",
    "localhost with a dot": "http://localhost./",
    "LOCALHOST": "http://LOCALHOST/",
    "below localhost": "http://a.localhost/",
    "circled localhost": "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "full-width localhost": "http://ｌｏｃａｌｈｏｓｔ/",
    "soft hyphen in localhost": "http://local\u00adhost/",
    "homograph of localhost": "http://xn--lcalhost-3jg.example/",
    "mail": f"http://{HOST}:25/",
    "secure shell": f"http://{HOST}:22/",
    "name service": f"https://{HOST}:53/",
    "port nought": f"http://{HOST}:0/",
    "port too high": f"http://{HOST}:65536/",
    "two ports": f"http://{HOST}:80:80/",
    "file": "file:///etc/passwd",
    "data": "data:text/html,hello",
    "ftp": f"ftp://{HOST}/",
    "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript": "javascript:alert(1)",
    "unix socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "jar": "jar:http://127.0.0.1!/",
    "line break": f"http://{HOST}\r\n.127.0.0.1/",
    "tab": "http://127.0.\t0.1/",
    "empty host": "http:///",
    **{f"name: {name}": f"http://{name}/" for name in HOSTILE_NAMES},
}


class Dialler(httpcore.NetworkBackend):
    """Notes every address it is asked to connect to; the loopback's server is behind each."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.port = 0

    def connect_tcp(self, host: str, port: int, timeout=None, *rest, **more):
        del rest, more
        self.dialled.append((host, port))
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


@pytest.fixture(scope="module")
def site() -> Iterator[FaultyServer]:
    with FaultyServer() as site:
        site.page("/", "a page")
        yield site


@pytest.fixture
def dialler(site: FaultyServer) -> Dialler:
    dialler = Dialler()
    dialler.port = site.port
    return dialler


def a_fetcher(dialler: Dialler) -> HttpFetcher:
    return HttpFetcher(
        contact="ops@example.org",
        clock=RealClock(),
        resolver=lambda host, _port: HOSTILE_NAMES.get(host.casefold(), [PUBLIC]),
        dialler=dialler,
    )


def test_the_suite_would_see_a_connection(dialler: Dialler):
    a_fetcher(dialler).fetch(Request(url=f"http://{HOST}/"))

    assert dialler.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize("url", TRICKS.values(), ids=TRICKS)
def test_a_trick_is_refused_before_any_connection(dialler: Dialler, url: str):
    with pytest.raises(FetchRefusedError) as refused:
        a_fetcher(dialler).fetch(Request(url=url))

    assert refused.value.kind == "address"
    assert dialler.dialled == []


@pytest.mark.parametrize("url", TRICKS.values(), ids=TRICKS)
def test_a_redirect_with_a_trick_leads_nowhere(site: FaultyServer, dialler: Dialler, url: str):
    as_bytes = url.encode("utf-8").replace(b"\r\n", b"%0D%0A")
    location = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + as_bytes + b"\r\n\r\n"
    site.script("/start", [lambda _: [location]])

    led_to = ""
    with contextlib.suppress(FetchError):
        led_to = a_fetcher(dialler).fetch(Request(url=f"http://{HOST}/start")).url

    # some are read as a path of the same host, which is no harm
    assert led_to == "" or led_to.startswith(f"http://{HOST}/")
    assert set(dialler.dialled) <= {(PUBLIC, 80)}


def test_a_redirect_from_https_to_http_is_no_connection(site: FaultyServer, dialler: Dialler):
    fetcher = a_fetcher(dialler)
    site.script("/hop", [replies.redirect("http://10.0.0.1/")])

    with pytest.raises(FetchRefusedError):
        fetcher.fetch(Request(url=f"http://{HOST}/hop"))

    assert dialler.dialled == [(PUBLIC, 80)]
