"""The `web` section: pages are served to this machine alone, until people can sign in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.configs import READERS, SMALLEST
from watcher.config.load import checked
from watcher.config.model import Web
from watcher.errors import ConfigError


def config(web=""):
    return checked(f"{SMALLEST}{web}".encode(), Path("sources.yaml"), {}, READERS)


def problem(web):
    with pytest.raises(ConfigError) as caught:
        config(web)
    (found,) = caught.value.problems
    return found


def test_without_the_section_nothing_is_served():
    assert config().web is None


def test_an_empty_section_serves_this_machine():
    assert config("web: {}").web == Web(address="127.0.0.1", port=8080, public_url="")


def test_a_public_address_ends_with_a_slash():
    web = config('web: {address: "::1", port: 8443, public_url: "https://w.hospital.eu/x"}').web

    assert web == Web(address="::1", port=8443, public_url="https://w.hospital.eu/x/")
    assert web.authority == "[::1]:8443"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.7", "::", "8.8.8.8"])  # noqa: S104
def test_an_address_that_others_reach_is_refused_as_long_as_nobody_signs_in(address):
    found = problem(f'web: {{address: "{address}"}}')

    assert found.key == "web.address"
    assert "pages ask nobody to sign in yet" in found.message


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("{address: localhost}", "web.address"),
        ("{port: 0}", "web.port"),
        ("{port: 70000}", "web.port"),
        ("{public_url: watcher.hospital.eu}", "web.public_url"),
        ('{public_url: "https://user:secret@w.hospital.eu/"}', "web.public_url"),
        ('{public_url: "https://w.hospital.eu/?a=b"}', "web.public_url"),
        ('{public_url: "ftp://w.hospital.eu/"}', "web.public_url"),
        ("{public: yes}", "web.public"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_key(section, key):
    assert problem(f"web: {section}").key == key


def test_links_without_encryption_are_advised_against():
    notices = config('web: {public_url: "http://w.hospital.eu/"}').notices

    assert any("use https" in each.message for each in notices)
    assert not any(
        "use https" in each.message
        for each in config('web: {public_url: "http://127.0.0.1:8080/"}').notices
    )
