"""TimeMaps: read back by the rules of RFC 8288, 6690 and 7089."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from watcher.core.capture import Capture
from watcher.core.verdict import Verdict
from watcher.services.timemap import time_map

PAGE = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel?a=1,2"
BASE = "http://127.0.0.1:8080/memento"


def a_capture(day, verdict=Verdict.OK, digest="sha256:aa", second=0):
    at = f"2024-12-{day:02d}T12:00:{second:02d}.123456Z"
    return Capture(id=at, source="ema", url=PAGE, at=at, verdict=verdict, digest=digest)


CAPTURES = [
    a_capture(1),
    a_capture(2, Verdict.BLOCKED),
    a_capture(3, Verdict.UNCHANGED, digest=""),
    a_capture(4, Verdict.UNREACHABLE, digest=""),
    a_capture(5, digest="sha256:bb"),
    a_capture(5, digest="sha256:bb"),
]


def links(text):
    """Return the links of a link-format document: address and attributes, by RFC 8288."""
    found, rest = [], text
    while rest.strip():
        match = re.match(r'\s*<([^>]*)>((?:\s*;\s*[a-z]+="[^"]*")*)\s*(,|$)', rest)
        assert match, f"no link here: {rest[:80]}"
        found.append((match[1], dict(re.findall(r'([a-z]+)="([^"]*)"', match[2]))))
        rest = rest[match.end() :]
    return found


def test_a_time_map_is_read_back_as_what_it_maps():
    found = links("".join(time_map(PAGE, CAPTURES, BASE).link_format()))
    by_relation = {attributes["rel"]: (address, attributes) for address, attributes in found}

    assert by_relation["original"][0] == PAGE
    assert by_relation["timegate"][0] == f"{BASE}/timegate/{PAGE}"
    address, about = by_relation["self"]
    assert address == f"{BASE}/timemap/link/{PAGE}"
    assert about["type"] == "application/link-format"
    assert about["from"] == "Sun, 01 Dec 2024 12:00:00 GMT"
    assert about["until"] == "Thu, 05 Dec 2024 12:00:00 GMT"
    mementos = [(a, named) for a, named in found if "memento" in named["rel"]]
    assert [named["rel"] for _, named in mementos] == ["first memento", "memento", "last memento"]
    for address, named in mementos:
        stamp = f"{parsedate_to_datetime(named['datetime']):%Y%m%d%H%M%S}"
        assert address == f"{BASE}/{stamp}/{PAGE}"


def test_only_good_looks_are_mementos_and_two_in_one_second_are_one():
    found = time_map(PAGE, CAPTURES, BASE)

    assert [each.at[:10] for each in found.mementos] == ["2024-12-01", "2024-12-03", "2024-12-05"]
    assert [each.payload for each in found.mementos] == ["sha256:aa", "sha256:aa", "sha256:bb"]


def test_a_single_memento_is_the_first_and_the_last():
    found = links("".join(time_map(PAGE, CAPTURES[:1], BASE).link_format()))

    assert found[-1][1]["rel"] == "first last memento"


def test_an_address_that_was_never_seen_has_a_map_without_mementos():
    told = time_map(PAGE, [], BASE)
    found = links("".join(told.link_format()))

    assert [named["rel"] for _, named in found] == ["original", "self", "timemap", "timegate"]
    assert "from" not in found[1][1]
    assert told.plain()["mementos"] == {"list": []}


def test_json_tells_the_same():
    told = time_map(PAGE, CAPTURES, BASE).plain()

    assert told["original_uri"] == PAGE
    assert told["timemap_uri"]["link_format"] == f"{BASE}/timemap/link/{PAGE}"
    assert told["mementos"]["first"] == told["mementos"]["list"][0]
    assert told["mementos"]["last"]["uri"].endswith(f"/20241205120000/{PAGE}")


def test_an_address_cannot_end_its_link():
    hostile = 'https://e.example/a>;rel="memento",<http://evil.example\r\n"é'
    found = links("".join(time_map(hostile, CAPTURES, BASE).link_format()))

    assert found[0][0].startswith("https://e.example/a%3E;rel=%22memento%22,%3Chttp")
    assert {named["rel"] for _, named in found[:4]} == {"original", "self", "timemap", "timegate"}
    assert len(found) == 7
