"""Which server a target is asked of, in one spelling."""

from __future__ import annotations

import pytest

from watcher.core.shard import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.ema.europa.eu/en", "www.ema.europa.eu"),
        ("https://ema.example.", "ema.example"),
        ("https://ema.example:443/", "ema.example"),
        ("http://ema.example:80/", "ema.example"),
        ("http://ema.example:443/", "ema.example:443"),
        ("https://ema.example:8443/", "ema.example:8443"),
        ("https://käse.example/", "xn--kse-qla.example"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_a_server_has_one_name_and_its_port_where_it_is_not_the_usual_one(url: str, host: str):
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    ["", "nowhere", "https:///path", "http://[", "https://a:x/", f"https://{'ä' * 80}.example/"],
)
def test_what_is_no_address_is_a_shard_of_its_own(url: str):
    assert host_of(url) == ""
