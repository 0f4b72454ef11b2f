import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.fetch import address
from watcher.fetch.address import parsed

HOSTS = st.sampled_from(
    [
        "ema.europa.eu",
        "a-b.example",
        "127.0.0.1",
        "a..b",
        "x.y2",
        "XN--A.de",
        "xn--a.de",
        "256.1.1.1",
    ]
)
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":0", ":08", ":65536", ":99999", ":"])
PATHS = st.text("aZ0/.~_-%:;,#?&=+ é", max_size=12)


def is_taken_apart(url):
    try:
        parsed(url)
    except ValueError:
        return False
    return True


@given(st.sampled_from(["http", "https", "HTTP", "ftp"]), HOSTS, PORTS, PATHS)
@example("https", "ema.europa.eu", "", "/en/medicines/human/EPAR/x?a=b")
@example("http", "ema.europa.eu", "", "/a/../b")
@example("http", "ema.europa.eu", "", "/a/.")
def test_a_plain_address_is_what_the_library_makes_of_it(scheme, host, port, path):
    url = f"{scheme}://{host}{port}{path}"
    try:
        found = httpx.URL(url)
        found.host  # noqa: B018  raises where a name cannot be decoded
    except (httpx.InvalidURL, ValueError):
        assert not is_taken_apart(url)
        return

    ours = parsed(url)

    assert ours.text == str(found)
    assert (ours.scheme, ours.port) == (found.scheme, found.port)
    assert ours.host.encode() == found.raw_host
    assert ours.authority.encode() == found.netloc
    assert ours.target.encode() == found.raw_path


@pytest.mark.parametrize(
    "url",
    [
        "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",
        "https://www.ema.europa.eu/en/documents/a_b~c.d-0.pdf?page=2&x=y",
        "http://127.0.0.1:8080/",
    ],
)
def test_an_ordinary_address_needs_no_library(url, monkeypatch):
    def refuse(url: str) -> None:
        raise AssertionError(url)

    monkeypatch.setattr(address, "_by_the_library", refuse)

    assert parsed(url).text == url
