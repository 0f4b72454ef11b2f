"""Which addresses the guard lets pass; names resolve as each test says, nothing is asked."""

from __future__ import annotations

import pytest

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.guard import authority, checked_url, route

PUBLIC = "93.184.215.14"


class Resolver:
    """Gives the addresses it was told, one list a call, and counts the calls."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        del port
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_a_public_name_passes_with_its_addresses_and_is_resolved_once():
    resolver = Resolver([PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"], ["127.0.0.1"])

    way = route("https://www.ema.europa.eu/en/medicines", resolver)

    assert way.addresses == (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert str(way.url) == "https://www.ema.europa.eu/en/medicines"
    assert resolver.asked == ["www.ema.europa.eu"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "0.0.0.0",  # noqa: S104
        "0.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_off_the_open_internet_is_refused(address: str):
    with pytest.raises(FetchRefusedError) as refused:
        route("http://plausible.example.org/", Resolver([address]))

    assert refused.value.kind == "address"
    assert not refused.value.is_transient


def test_one_bad_address_among_good_ones_is_enough_to_refuse():
    with pytest.raises(FetchRefusedError):
        route("http://mixed.example.org/", Resolver([PUBLIC, "10.0.0.7"]))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://2130706433./",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0x7f.0x0.0x0.0x1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0/",
        "http://0x/",
        "http://8.8.8.8.9/",
        "http://1.2.3.08/",
        "http://１２７.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%00.example.org/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://[2606:4700::1%25eth0]/",
    ],
)
def test_a_private_host_is_refused_in_every_spelling_without_asking_the_resolver(url: str):
    resolver = Resolver([PUBLIC])

    with pytest.raises(FetchRefusedError):
        route(url, resolver)

    assert resolver.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://@example.org/",
        "http://www.ema.europa.eu@127.0.0.1/",
        "http://127.0.0.1\\@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://www.ema.europa.eu%40@127.0.0.1/",
    ],
)
def test_a_user_name_in_the_address_is_refused(url: str):
    with pytest.raises(FetchRefusedError, match="user name"):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.ema.europa.eu",
        "//www.ema.europa.eu/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "http:///nowhere",
        "http:example.org",
        " http://example.org/",
        "http://exa mple.org/",
        "http://example.org\n.evil.org/",
        "http://exam\tple.org/",
        "http://a..b/",
        "http://-a.example.org/",
        "http://xn--a/",
        "http://[::1/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:80:80/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a" * 100_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str):
    with pytest.raises(FetchRefusedError) as refused:
        checked_url(url)

    assert refused.value.kind == "address"
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org#@127.0.0.1/",
        "http://example.org?x=@127.0.0.1",
        "https://example.org/@somebody",
        "HTTPS://EXAMPLE.ORG./a",
        "https://bücher.example/",
        "http://my_host.example.org:8080/",
        "http://127.0.0.1.example.org/",
    ],
)
def test_an_at_sign_or_a_number_elsewhere_is_no_harm(url: str):
    assert checked_url(url).scheme in ("http", "https")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd12::1"])
def test_a_private_address_passes_where_the_source_says_so(address: str):
    way = route("http://intranet.example/", Resolver([address]), allow_private=True)

    assert way.addresses == (address,)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "0.0.0.0", "::ffff:127.0.0.1"],  # noqa: S104
)
def test_a_metadata_service_is_refused_even_where_private_addresses_are_allowed(address: str):
    with pytest.raises(FetchRefusedError):
        route("http://intranet.example/", Resolver([address]), allow_private=True)


@pytest.mark.parametrize("found", [[], ["not an address"]])
def test_a_name_without_an_address_may_have_one_later(found: list[str]):
    with pytest.raises(FetchError) as failed:
        route("http://gone.example.org/", Resolver(found))

    assert (failed.value.kind, failed.value.is_transient) == ("dns", True)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://WWW.EMA.europa.eu/en", "www.ema.europa.eu"),
        ("https://www.ema.europa.eu.:443/en", "www.ema.europa.eu"),
        ("http://www.ema.europa.eu:8080/", "www.ema.europa.eu:8080"),
        ("http://[2606:4700::1111]:81/", "[2606:4700::1111]:81"),
    ],
)
def test_a_host_has_one_spelling(url: str, name: str):
    assert authority(url) == name
