"""Feeds that leave something out, or are written in no known letters."""

from __future__ import annotations

import pytest

from kit.feeds import feed, item
from watcher.errors import ReadError
from watcher.readers.ema_feed import READER
from watcher.readers.reader import Payload

URL = "https://www.ema.europa.eu/en/human-medicine-new.xml"


def test_a_feed_without_a_title_and_an_item_without_a_date_say_the_rest():
    body = feed([item("A page about something", published="")]).replace(
        b"Human medicines: updates", b""
    )
    state = READER.read(Payload(body=body, url=URL)).records[0].state()

    assert "page.title" not in state
    assert list(state.values()) == [{"kind": "page", "title": "A page about something"}]


def test_a_feed_in_an_encoding_nobody_knows_is_refused():
    declared = b'<?xml version="1.0"' + b" " * 300 + b'encoding="x-unheard-of"?>'
    body = declared + feed([]).partition(b"?>")[2]

    with pytest.raises(ReadError, match="a feed in a known encoding"):
        READER.read(Payload(body=body, url=URL))
