"""Pages as they were, by the rules of RFC 7089, read with a small parser of our own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from kit.answering import by
from kit.api import OURS, asking
from watcher.runtime.desk import hands
from watcher.services.orders import carry_out

_LINK = re.compile(r'<([^>]*)>((?:; ?[a-z]+="[^"]*")*)')


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with asking(tmp_path_factory.mktemp("memento")) as client:
        client.url = client.here.site.url("/medicines.json")
        yield client


def links(text):
    """Return the links of RFC 8288: address and attributes."""
    return [
        (address, dict(re.findall(r'([a-z]+)="([^"]*)"', attributes)))
        for address, attributes in _LINK.findall(text)
    ]


def by_relation(text):
    found = {}
    for address, attributes in links(text):
        for relation in attributes["rel"].split():
            found.setdefault(relation, []).append((address, attributes))
    return found


def ask(client, path, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/memento/{path}", headers=named, follow_redirects=False)


def at(text):
    return format_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC), usegmt=True)


def test_a_timemap_lists_every_memento_and_leads_to_the_rest(client):
    told = ask(client, f"timemap/link/{client.url}")
    found = by_relation(told.text)

    assert told.headers["content-type"] == "application/link-format"
    assert found["original"][0][0] == client.url
    assert found["timegate"][0][0] == f"{OURS}/memento/timegate/{client.url}"
    assert found["self"][0][0] == f"{OURS}/memento/timemap/link/{client.url}"
    assert len(found["memento"]) == 2
    assert [at("2026-11-23T00:00:00"), at("2026-11-23T12:00:00")] == [
        each["datetime"] for _, each in found["memento"]
    ]


def test_the_timemap_as_json_lists_the_same(client):
    told = ask(client, f"timemap/json/{client.url}").json()
    listed = [each["uri"] for each in told["mementos"]["list"]]
    linked = by_relation(ask(client, f"timemap/link/{client.url}").text)["memento"]

    assert listed == [address for address, _ in linked]


@pytest.mark.parametrize(
    ("wanted", "stamp"),
    [
        ("", "20261123120000"),
        ("2027-01-01T00:00:00", "20261123120000"),
        ("2026-11-23T12:00:00", "20261123120000"),
        ("2026-11-23T11:59:59", "20261123000000"),
        ("2001-01-01T00:00:00", "20261123000000"),
    ],
)
def test_the_timegate_leads_to_what_the_page_was_then(client, wanted, stamp):
    headers = {"Accept_Datetime": at(wanted)} if wanted else {}
    told = ask(client, f"timegate/{client.url}", **headers)

    assert told.status_code == 302
    assert told.headers["location"] == f"{OURS}/memento/{stamp}/{client.url}"
    assert told.headers["vary"] == "accept-datetime"
    assert "memento-datetime" not in told.headers
    assert {"original", "timemap", "memento"} <= by_relation(told.headers["link"]).keys()


def test_a_date_that_is_none_is_refused(client):
    assert ask(client, f"timegate/{client.url}", Accept_Datetime="soon").status_code == 400


def test_a_memento_is_the_bytes_of_that_day_with_its_date_and_the_ways_back(client):
    first = ask(client, f"20261123000000/{client.url}")
    last = ask(client, f"20261123120000/{client.url}")

    assert parsedate_to_datetime(first.headers["memento-datetime"]) == datetime(
        2026, 11, 23, tzinfo=UTC
    )
    assert {"original", "timegate", "timemap", "memento"} == by_relation(
        first.headers["link"]
    ).keys()
    assert [row["medicine_status"] for row in first.json()["data"]][1] == "Authorised"
    assert [row["medicine_status"] for row in last.json()["data"]][1] == "Withdrawn"


def test_a_head_is_answered_like_a_get_but_for_the_body(client):
    told = client.head(f"/memento/timegate/{client.url}", follow_redirects=False)

    assert told.status_code == 302
    assert told.content == b""


@pytest.mark.parametrize(
    "path",
    [
        *("20261123000001/{}", "2026/{}", "x/{}", "timemap/xml/{}", "timemap/link/http://none/"),
        *("timegate/nothing", "timemap/link/{}?page=2"),
    ],
)
def test_what_was_not_captured_is_not_found(client, path):
    assert ask(client, path.format(client.url)).status_code == 404


def test_a_captured_page_can_do_nothing_where_it_is_shown(tmp_path):
    with asking(tmp_path) as client:
        snapshots, url = client.here.watcher.snapshots, client.here.site.url("/medicines.json")
        kept = client.items("captures")[0]
        told = client.get(f"/memento/20261123000000/{url}")

        assert snapshots.get(kept["digest"]) == told.content
        policy = told.headers["content-security-policy"]
        assert policy.startswith("sandbox;")
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "allow-" not in policy
        assert told.headers["x-content-type-options"] == "nosniff"


def test_a_payload_that_was_taken_away_is_gone_and_not_missing(tmp_path):
    with asking(tmp_path) as client:
        url = client.here.site.url("/medicines.json")
        digest = client.items("captures")[0]["digest"]
        redact(client, digest)

        assert client.get(f"/memento/20261123000000/{url}").status_code == 410
        told = client.get(f"/api/v1/snapshots/{digest}").json()
        assert (told["state"], "personal" in told["why"]) == ("redacted", True)
        assert client.get(f"/api/v1/snapshots/{digest}/bytes").status_code == 410


def redact(client, digest):
    arguments = {"snapshot": digest, "why": "personal data"}
    carry_out("redact", arguments, hands(client.here.watcher), by())


def test_a_payload_comes_as_a_download_and_is_never_shown(client):
    digest = client.items("captures")[0]["digest"]
    told = client.get(f"/api/v1/snapshots/{digest}/bytes")

    assert told.headers["content-type"] == "application/octet-stream"
    assert told.headers["content-disposition"].startswith("attachment;")
    assert told.headers["x-content-type-options"] == "nosniff"
