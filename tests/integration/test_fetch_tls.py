"""TLS over the loopback: only a certificate that is right in every way is spoken to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import httpcore
import pytest

from kit.certificates import Authority
from kit.clocks import RealClock
from kit.faulty_server import FaultyServer
from watcher.errors import FetchError
from watcher.fetch.http import HttpFetcher
from watcher.ports import Request

NAME = "www.regulator.example"


class Loopback(httpcore.NetworkBackend):
    """Puts the loopback behind every address."""

    def connect_tcp(self, host: str, port: int, timeout=None, *rest, **more):
        del host, rest, more
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", port, timeout)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.made()


def a_fetcher(trusted: ssl.SSLContext | None) -> HttpFetcher:
    return HttpFetcher(
        contact="ops@example.org",
        clock=RealClock(),
        resolver=lambda _host, _port: ["93.184.215.14"],
        dialler=Loopback(),
        tls=trusted,
    )


def failure(site: FaultyServer, trusted: ssl.SSLContext | None, host: str = NAME) -> FetchError:
    with pytest.raises(FetchError) as failed:
        a_fetcher(trusted).fetch(Request(url=site.url(host=host), seconds=5))
    return failed.value


def test_a_good_certificate_of_a_trusted_authority_is_spoken_to(
    authority: Authority, tmp_path: Path
):
    with FaultyServer(tls=authority.server(tmp_path, NAME)) as site:
        site.page("/", "a page")

        answer = a_fetcher(authority.trusted()).fetch(Request(url=site.url(host=NAME)))

    assert answer.body == b"a page"


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [(-30, -1, "expired"), (1, 30, "not yet valid")],
    ids=["expired", "of tomorrow"],
)
def test_a_certificate_out_of_its_time_is_refused(
    authority: Authority, tmp_path: Path, begins: int, ends: int, words: str
):
    with FaultyServer(tls=authority.server(tmp_path, NAME, begins=begins, ends=ends)) as site:
        error = failure(site, authority.trusted())

        assert error.kind == "tls"
        assert words in str(error)
        assert site.requests == []


@pytest.mark.parametrize(
    ("signer", "host", "trust"),
    [
        ("authority", "www.impostor.example", "authority"),
        ("stranger", NAME, "authority"),
        ("authority", NAME, "the usual ones"),
    ],
    ids=["of another host", "of a strange authority", "of an authority certifi does not know"],
)
def test_a_certificate_that_proves_nothing_is_refused(
    authority: Authority, tmp_path: Path, signer: str, host: str, trust: str
):
    signed_by = authority if signer == "authority" else Authority.made("A stranger")
    with FaultyServer(tls=signed_by.server(tmp_path, NAME)) as site:
        error = failure(site, authority.trusted() if trust == "authority" else None, host)

        assert error.kind == "tls"
        assert site.requests == []


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that begins a TLS record and sends a byte of it now and then."""
    over = Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")
                while not over.wait(0.02):
                    connection.sendall(b"\0")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=drip)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join()


def test_a_handshake_a_byte_at_a_time_ends_with_the_time_of_the_request(
    authority: Authority, dripping: int
):
    started = time.monotonic()

    with pytest.raises(FetchError) as failed:
        a_fetcher(authority.trusted()).fetch(
            Request(url=f"https://{NAME}:{dripping}/", seconds=0.4)
        )

    assert failed.value.kind == "timeout"
    assert time.monotonic() - started < 30
