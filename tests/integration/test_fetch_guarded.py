"""Where connections really go: pinned to checked addresses, under the name that was asked for.

No test leaves the loopback: the dialler that stands in for the network notes every address it is
asked to connect to and puts the loopback's server behind it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit import replies
from kit.clocks import NOON, RealClock
from kit.faulty_server import FaultyServer
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.http import HttpFetcher
from watcher.ports import Request

PUBLIC = "93.184.215.14"
ANOTHER = "93.184.215.15"
NAME = "www.regulator.example"


class Dialler(httpcore.NetworkBackend):
    """Connects to the loopback whatever address is asked for; some addresses do not answer."""

    def __init__(self, *, dead: Iterable[str] = ()) -> None:
        self._dead = set(dead)
        self._network = httpcore.SyncBackend()
        self.dialled: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.dialled.append(host)
        if host in self._dead:
            message = "nobody there"
            raise httpcore.ConnectError(message)
        return self._network.connect_tcp("127.0.0.1", port, timeout, local_address, socket_options)


class Resolver:
    """Answers each call with the next of its lists; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        del host, port
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def site() -> Iterator[FaultyServer]:
    with FaultyServer() as site:
        site.page("/", "a page")
        yield site


def a_fetcher(resolver: Resolver, dialler: Dialler, tls: ssl.SSLContext | None = None):
    return HttpFetcher(
        contact="ops@example.org", clock=RealClock(), resolver=resolver, dialler=dialler, tls=tls
    )


def test_a_name_that_changes_its_address_after_the_check_changes_nothing(site):
    resolver, dialler = Resolver([PUBLIC], ["127.0.0.1"]), Dialler()

    a_fetcher(resolver, dialler).fetch(Request(url=site.url(host=NAME)))

    assert dialler.dialled == [PUBLIC]
    assert resolver.asked == 1
    assert site.requests[0].headers["host"] == f"{NAME}:{site.port}"


def test_a_name_that_turns_private_between_two_requests_is_refused_then(site):
    fetcher = a_fetcher(Resolver([PUBLIC], ["10.0.0.1"]), dialler := Dialler())
    fetcher.fetch(Request(url=site.url(host=NAME)))

    with pytest.raises(FetchRefusedError):
        fetcher.fetch(Request(url=site.url(host=NAME)))

    assert dialler.dialled == [PUBLIC]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:6379/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://www.regulator.example@127.0.0.1/",
        "//127.0.0.1/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_a_private_place_makes_no_connection(site, target):
    site.script("/", [replies.redirect(target)])
    fetcher = a_fetcher(Resolver([PUBLIC]), dialler := Dialler())

    with pytest.raises(FetchError) as refused:
        fetcher.fetch(Request(url=site.url(host=NAME)))

    assert refused.value.kind in ("address", "redirect")
    assert not refused.value.is_transient
    assert set(dialler.dialled) == {PUBLIC}


@pytest.mark.parametrize("target", ["///127.0.0.1/", "/\\127.0.0.1/", "\\\\127.0.0.1\\share"])
def test_a_redirect_that_browsers_read_otherwise_stays_on_its_host(site, target):
    site.script("/", [replies.redirect(target)])
    fetcher = a_fetcher(Resolver([PUBLIC]), dialler := Dialler())

    assert fetcher.fetch(Request(url=site.url(host=NAME))).status == 404
    assert dialler.dialled == [PUBLIC, PUBLIC]


def test_a_redirect_to_a_name_that_resolves_privately_makes_no_connection(site):
    site.script("/", [replies.redirect("http://innocent.example/")])
    fetcher = a_fetcher(Resolver([PUBLIC], ["192.168.0.1"]), dialler := Dialler())

    with pytest.raises(FetchRefusedError, match=r"innocent\.example leads to 192\.168\.0\.1"):
        fetcher.fetch(Request(url=site.url(host=NAME)))

    assert dialler.dialled == [PUBLIC]


def test_a_source_on_the_private_network_cannot_send_us_to_its_neighbours(site):
    site.script("/", [replies.redirect(site.url("/", host="127.0.0.2"))])
    fetcher = HttpFetcher(contact="ops@example.org", clock=RealClock())

    with pytest.raises(FetchRefusedError):
        fetcher.fetch(Request(url=site.url(), allow_private=True))


def test_the_loopback_is_refused_unless_a_source_says_so(site):
    fetcher = HttpFetcher(contact="ops@example.org", clock=RealClock())

    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(FetchRefusedError):
            fetcher.fetch(Request(url=site.url(host=host)))

    assert site.requests == []


def test_a_dead_first_address_does_not_keep_us_from_the_second(site):
    fetcher = a_fetcher(Resolver([PUBLIC, ANOTHER]), dialler := Dialler(dead=[PUBLIC]))

    assert fetcher.fetch(Request(url=site.url(host=NAME))).status == 200
    assert dialler.dialled == [PUBLIC, ANOTHER]


def test_a_host_where_nobody_listens_is_a_failed_connection(site):
    fetcher = a_fetcher(Resolver([PUBLIC, ANOTHER]), Dialler(dead=[PUBLIC, ANOTHER]))

    with pytest.raises(FetchError) as failed:
        fetcher.fetch(Request(url=site.url(host=NAME)))

    assert (failed.value.kind, failed.value.is_transient) == ("connection", True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own making for NAME, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(ANOTHER))]
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOON - dt.timedelta(days=3650))
        .not_valid_after(NOON + dt.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def names_seen() -> list[str | None]:
    return []


@pytest.fixture
def secure_site(certificate: Path, names_seen: list[str | None]) -> Iterator[FaultyServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names_seen.append(name)
    with FaultyServer(tls=context) as site:
        site.page("/", "a page")
        yield site


def test_tls_names_and_verifies_the_host_and_not_the_address(secure_site, certificate, names_seen):
    trusting = ssl.create_default_context(cafile=str(certificate))
    fetcher = a_fetcher(Resolver([PUBLIC]), dialler := Dialler(), tls=trusting)

    answer = fetcher.fetch(Request(url=secure_site.url(host=NAME)))

    assert answer.status == 200
    assert dialler.dialled == [PUBLIC]
    assert names_seen == [NAME]
    assert secure_site.requests[0].headers["host"] == f"{NAME}:{secure_site.port}"


def test_a_certificate_for_another_name_is_refused(secure_site, certificate):
    trusting = ssl.create_default_context(cafile=str(certificate))
    fetcher = a_fetcher(Resolver([PUBLIC]), Dialler(), tls=trusting)

    with pytest.raises(FetchError) as failed:
        fetcher.fetch(Request(url=secure_site.url(host="www.impostor.example")))

    assert failed.value.kind == "tls"


def test_a_certificate_nobody_vouches_for_is_refused(secure_site):
    fetcher = a_fetcher(Resolver([PUBLIC]), Dialler())

    with pytest.raises(FetchError) as failed:
        fetcher.fetch(Request(url=secure_site.url(host=NAME)))

    assert failed.value.kind == "tls"
    assert secure_site.requests == []


def test_a_server_that_never_finishes_the_handshake_is_left(site):
    fetcher = a_fetcher(Resolver([PUBLIC]), Dialler())
    url = site.url(host=NAME).replace("http://", "https://")

    with pytest.raises(FetchError) as failed:
        fetcher.fetch(Request(url=url, seconds=0.2))

    assert failed.value.kind in ("timeout", "tls", "connection")


def test_a_redirect_from_https_to_http_is_refused(secure_site, certificate):
    secure_site.script("/", [replies.redirect(f"http://{NAME}/")])
    trusting = ssl.create_default_context(cafile=str(certificate))
    fetcher = a_fetcher(Resolver([PUBLIC]), dialler := Dialler(), tls=trusting)

    with pytest.raises(FetchRefusedError) as refused:
        fetcher.fetch(Request(url=secure_site.url(host=NAME)))

    assert refused.value.kind == "redirect"
    assert len(dialler.dialled) == 1
