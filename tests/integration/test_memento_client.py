"""Memento as a public client of it meets our pages: TimeMaps parsed, instants negotiated."""

from __future__ import annotations

from datetime import datetime

import pytest
import requests
from memento_client import MementoClient

from kit.answering import answering
from kit.api import app_of
from kit.free_port import free_port
from watcher.web.server import listening, serving

LINKS = {"original", "self", "timemap", "timegate", "first", "last", "memento"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Our address, and one whose page was captured twice, on 23 November at 0 and 12 o'clock."""
    folder = tmp_path_factory.mktemp("memento")
    with answering(folder, web={"port": free_port()}) as here:
        here.told(2)
        web = here.watcher.config.web
        with serving(app_of(here), listening(web)):
            yield f"http://{web.authority}", here.site.url("/medicines.json")


@pytest.fixture
def client(served):
    ours, _ = served
    with requests.Session() as session:
        yield MementoClient(
            timegate_uri=f"{ours}/memento/timegate/", check_native_timegate=False, session=session
        )


def test_its_parser_finds_every_memento_of_a_timemap(served):
    ours, url = served
    told = requests.get(f"{ours}/memento/timemap/link/{url}", timeout=10)
    links = MementoClient.parse_link_header(told.text)
    relations = {each for attributes in links.values() for each in attributes["rel"]}
    found = [address for address, attributes in links.items() if "memento" in attributes["rel"]]

    assert relations == LINKS
    assert sorted(found) == [
        f"{ours}/memento/202611{day}/{url}" for day in ("23000000", "23120000")
    ]
    assert links[url]["rel"] == ["original"]


@pytest.mark.parametrize(
    ("asked", "stamp"),
    [
        ("2026-11-23T13:00", "20261123120000"),
        ("2026-11-23T11:59", "20261123000000"),
        ("2001-01-01T00:00", "20261123000000"),
        ("2031-01-01T00:00", "20261123120000"),
    ],
)
def test_it_is_led_to_the_page_as_it_was_at_an_instant(served, client, asked, stamp):
    ours, url = served
    told = client.get_memento_info(url, datetime.fromisoformat(asked))

    assert told["original_uri"] == url
    assert told["timegate_uri"] == f"{ours}/memento/timegate/{url}"
    assert told["mementos"]["closest"]["uri"] == [f"{ours}/memento/{stamp}/{url}"]
    assert told["mementos"]["closest"]["datetime"].strftime("%Y%m%d%H%M%S") == stamp


def test_it_knows_our_timegate_and_our_mementos_for_what_they_are(served, client):
    ours, url = served
    gate, memento = (f"{ours}/memento/{part}/{url}" for part in ("timegate", "20261123000000"))
    at = "Mon, 23 Nov 2026 11:00:00 GMT"

    assert MementoClient.is_timegate(gate, accept_datetime=at, session=client.session)
    assert MementoClient.is_memento(memento, session=client.session)
    assert not MementoClient.is_memento(f"{ours}/healthz", session=client.session)
    assert client.get_original_uri(memento) == url
