"""What a person gives as "where to send": the address for the file, its secrets for elsewhere."""

from __future__ import annotations

import pytest

from kit.configs import loaded, with_channel
from watcher.config.given_address import mail_through, without_secrets
from watcher.notify.mail import mail_address

PASSWORD = "p@ss/w:1 ü"


def revealed(given, folder):
    """The address as it is read back from a file with `given` in it."""
    config = loaded(with_channel(given.url), folder, given.secrets)
    return config.channels[0].url.reveal()


@pytest.mark.parametrize(
    "address",
    [
        "folder:data/messages",
        "mailto://mail.hospital.eu/?to=pv@hospital.eu",
        "ntfy://ntfy.hospital.eu/pharmacy",
        "mailtos://w:${MINE}@mail.hospital.eu/?to=pv@hospital.eu",
    ],
)
def test_an_address_without_a_secret_stays_as_it_is(address):
    given = without_secrets(address)

    assert (given.url, given.secrets) == (address, {})


def test_of_a_mail_address_only_the_password_goes_elsewhere(tmp_path):
    address = "mailtos://w:p%40ss%2Fw%3A1%20%C3%BC@mail.hospital.eu/?from=w@hospital.eu&to=pv@h.eu"
    given = without_secrets(address)

    assert given.url == address.replace("p%40ss%2Fw%3A1%20%C3%BC", "${WATCHER_MAIL_PASSWORD}")
    assert given.secrets == {"WATCHER_MAIL_PASSWORD": PASSWORD}
    assert revealed(given, tmp_path) == address


@pytest.mark.parametrize(
    "address",
    [
        "slack://T00000000/B00000000/abcdefgh12345678ijklmnop",
        "mmost://chat.hospital.eu/3ccdd113474722377935511fc85d3dd4",
        "json://user:secret@hooks.hospital.eu/a",
        "mailtos://w:secret@mail.hospital.eu/?to=pv@h.eu&pgp_token=abcdefgh12345678",
    ],
)
def test_an_address_that_is_a_secret_goes_elsewhere_as_a_whole(address):
    given = without_secrets(address)

    assert given.url == "${WATCHER_CHANNEL_URL}"
    assert given.secrets == {"WATCHER_CHANNEL_URL": address}
    assert "secret" not in repr(given)


@pytest.mark.parametrize(
    ("server", "port", "security"),
    [("mail.hospital.eu", 587, "starttls"), ("mail.hospital.eu:465", 465, "ssl")],
)
def test_mail_with_a_password_is_encrypted(tmp_path, server, port, security):
    given = mail_through("pv@hospital.eu", server, user="w@hospital.eu", password=PASSWORD)

    address = mail_address(revealed(given, tmp_path), seconds=1)
    assert (address.host, address.port, address.security) == ("mail.hospital.eu", port, security)
    assert (address.user, address.password) == ("w@hospital.eu", PASSWORD)
    assert address.recipient.addr_spec == "pv@hospital.eu"
    assert address.sender.addr_spec == "w@hospital.eu"
    assert PASSWORD not in given.url


def test_a_relay_of_ones_own_needs_no_password(tmp_path):
    given = mail_through("pv@hospital.eu", "127.0.0.1:2525")

    address = mail_address(revealed(given, tmp_path), seconds=1)
    assert (address.host, address.port, address.security) == ("127.0.0.1", 2525, "insecure")
    assert given.secrets == {}


@pytest.mark.parametrize(
    ("to", "server"),
    [("pv@h.eu", "https://mail.eu"), ("pv@h.eu", "a b"), ("pv@h.eu", "m.eu:99999"), ("pv", "m.eu")],
)
def test_what_is_no_server_or_no_mail_address_is_refused_in_words(to, server):
    with pytest.raises(ValueError, match=r"expected a mail (server|address) such as"):
        mail_through(to, server)
