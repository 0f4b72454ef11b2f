"""An address written as numbers needs nobody to resolve it."""

from __future__ import annotations

import pytest

from watcher.fetch.guard import is_literal


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://192.0.2.1:8443/a?b=c", "http://10.0.0.1"]
)
def test_numbers_are_an_address(url):
    assert is_literal(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.ema.europa.eu/en",
        "http://127.0.0.1@evil.example/",
        "http://2130706433/",
        "http://1.2.3.4.example/",
        "http://0177.1/",
    ],
)
def test_a_name_or_a_disguise_is_none(url):
    assert not is_literal(url)
