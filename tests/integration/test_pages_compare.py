"""COMPARE and KEPT PAGES over HTTP: what differs, where a quote stands, and what never runs."""

from __future__ import annotations

import hashlib
import re
from html import unescape

import pytest

from kit.pdf import pdf
from kit.shelf import ALOFISEL, filled, on, shelf
from kit.smpc import annexes
from watcher.core.capture import Capture, instant
from watcher.core.verdict import Verdict
from watcher.demo.story import SCENES
from watcher.ports.snapshots import Tombstone


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    with shelf(tmp_path_factory.mktemp("shelf")) as here:
        filled(here)
        with here.browser() as client:
            yield here, client


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text[:500])
    return answer.text


def said(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def captures(here, source="ema-alofisel"):
    """The captures of a source that found another page than the one before."""
    with here.watcher.store.reading() as work:
        found = [each for each in work.captures.read(source=source) if each.digest]
    return [each for at, each in enumerate(found) if not at or found[at - 1].digest != each.digest]


def keep(here, day, body, media_type, url="https://example.org/kept"):
    """Keep a payload as a look would, and return its capture."""
    digest = here.watcher.snapshots.put(body)
    capture = Capture(
        id=f"{day:%Y%m%dT%H%M%S}000Z-{digest[7:15]}",
        source="ema",
        url=url,
        at=instant(day),
        verdict=Verdict.OK,
        status=200,
        headers={"Content-Type": media_type},
        digest=digest,
        size=len(body),
    )
    with here.watcher.store.writing() as work:
        work.captures.add(capture, work.captures.target("ema", url))
    return capture


def locked(capture):
    return f"/snapshots/locked/{capture.digest[7:]}"


def test_two_looks_are_compared_by_facts_in_words_and_text_side_by_side(shown):
    here, client = shown
    first, _, last = captures(here)
    page = read(client, f"/compare?before={first.id}&after={last.id}")
    words = said(page)

    assert (
        "EU authorisation, status Authorised where it stands → Withdrawn where it stands" in words
    )
    assert "EU authorisation, date of withdrawal not stated → 13 December 2024" in words
    assert re.search(r"<del>[^<]*authorised for use[^<]*</del>|<del>Authorised</del>", page)
    assert re.search(r"\d+ unchanged, \d+ of noise \(\d+ moved, \d+ spelled otherwise\)", words)
    assert f'src="{locked(first)}" sandbox=""' in page
    assert f'src="{locked(last)}" sandbox=""' in page


def test_one_look_alone_is_compared_with_the_other_page_before_it(shown):
    here, client = shown
    _, middle, last = captures(here)

    assert locked(middle) in read(client, f"/compare?after={last.id}")
    assert locked(last) in read(client, f"/compare?before={middle.id}")
    assert read(client, f"/compare?before={last.id}&after={middle.id}") == read(
        client, f"/compare?before={middle.id}&after={last.id}"
    )


def test_a_list_of_thousands_is_compared_for_one_medicine(shown):
    here, client = shown
    last = captures(here, "ema")[-1]
    page = read(client, f"/compare?after={last.id}&subject=medicine:EMEA/H/C/009999")

    assert "EU authorisation, status Authorised" in said(page)
    assert "files for programs" in page


def test_without_ids_addresses_and_then_looks_are_offered(shown):
    _, client = shown
    page = read(client, "/compare")
    (link,) = re.findall(r'href="(/compare\?[^"]*epar[^"]*)"', page)
    offered = read(client, unescape(link))

    assert offered.count('name="before"') == offered.count('name="after"') == 3
    assert offered.count(" checked") == 2
    assert "No address" in read(client, "/compare?url=nowhere")


@pytest.mark.parametrize("query", ["after=20200101", "before=x&after=y", "after=%25", "after=2"])
def test_looks_that_are_not_there_are_told_in_words(shown, query):
    _, client = shown
    assert client.get(f"/compare?{query}").status_code == 404


def test_looks_at_two_addresses_are_not_compared(shown):
    here, client = shown
    ids = captures(here)[0].id, captures(here, "medpath")[0].id

    assert client.get(f"/compare?before={ids[0]}&after={ids[1]}").status_code == 404


def test_product_information_is_compared_section_by_section(tmp_path):
    before = pdf(annexes({"4.4": ["Use with care.", "Watch the patient for a day."]}))
    after = pdf(annexes({"4.4": ["Use with care.", "Watch the patient for two days."]}))
    with shelf(tmp_path) as here, here.browser() as client:
        pair = [
            keep(here, on(2030, 1, day), body, "application/pdf", "https://example.org/pi.pdf")
            for day, body in ((1, before), (2, after))
        ]
        page = read(client, f"/compare?before={pair[0].id}&after={pair[1].id}")

    words = said(page)
    assert "4.4 Special warnings and precautions for use changed: 1 reworded" in words
    assert re.search(r"<del>a day\.</del>", page)
    assert re.search(r"<ins>two days\.</ins>", page)
    assert "4.3 Contraindications unchanged" in words


def test_a_kept_page_is_locked_by_its_headers_and_ours_may_only_frame_our_own(shown):
    here, client = shown
    last = captures(here)[-1]
    answer = client.get(locked(last), headers={"Sec-Fetch-Dest": "iframe"})
    policy = answer.headers["content-security-policy"]

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for part in ("sandbox;", "default-src 'none'", "form-action 'none'", "frame-ancestors 'self'"):
        assert part in policy
    assert "allow-" not in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["x-dns-prefetch-control"] == "off"
    ours = client.get(f"/snapshots/{last.digest[7:]}").headers
    assert "frame-src 'self'" in ours["content-security-policy"]
    assert ours["x-frame-options"] == "DENY"


def test_a_kept_page_opened_by_itself_leads_to_our_page_about_it(shown):
    here, client = shown
    last = captures(here)[-1]
    answer = client.get(
        locked(last), headers={"Sec-Fetch-Dest": "document"}, follow_redirects=False
    )

    assert answer.status_code in {302, 303, 307}
    assert answer.headers["location"] == f"/snapshots/{last.digest[7:]}"


def test_bytes_leave_as_a_file_and_as_they_came(shown):
    here, client = shown
    last = captures(here)[-1]
    answer = client.get(f"/snapshots/raw/{last.digest[7:]}")

    assert hashlib.sha256(answer.content).hexdigest() == last.digest[7:]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_quote_is_marked_where_it_stands(shown):
    here, client = shown
    last = captures(here)[-1]
    page = read(client, f"/snapshots/{last.digest[7:]}?quote=the European Commission withdrew")

    assert "<mark>the European Commission withdrew</mark>" in page
    assert page.count('id="quote"') == 1
    assert "stands here once" in page


def test_a_quote_that_is_not_there_is_told_and_never_becomes_part_of_the_page(shown):
    here, client = shown
    page = read(client, f"/snapshots/{captures(here)[-1].digest[7:]}?quote=<b>never said</b>")

    assert "not found" in page
    assert "<b>never" not in page


def test_of_a_data_file_the_record_is_shown_that_the_quote_stands_in(shown):
    here, client = shown
    digest = captures(here, "ema")[-1].digest[7:]
    page = read(client, f"/snapshots/{digest}?quote=Withdrawn&place=/data/3/medicine_status")

    assert "<mark>Withdrawn</mark>" in page
    assert "EMEA/H/C/009999" in page
    assert "EMEA/H/C/000001" not in page


@pytest.mark.parametrize(
    "digest", ["0" * 64, "sha256:" + "0" * 64, "..%2f..%2fwatcher.db", "ABC", "%00", "a" * 5_000]
)
@pytest.mark.parametrize("where", ["", "locked/", "raw/"])
def test_what_no_look_had_is_not_there_and_alarms_nobody(shown, digest, where):
    _, client = shown
    assert client.get(f"/snapshots/{where}{digest}").status_code == 404


@pytest.mark.parametrize(("kind", "word"), [("redacted", "redacted"), ("retention", "its time")])
def test_a_page_that_was_taken_away_says_so_with_its_reason(tmp_path, kind, word):
    with shelf(tmp_path) as here, here.browser() as client:
        capture = keep(here, on(2030, 1, 1), b"<html>secret</html>", "text/html")
        note = Tombstone(digest=capture.digest, kind=kind, at=capture.at, why="a name in it")
        if kind == "redacted":
            here.watcher.snapshots.redact(capture.digest, note)
        else:
            here.watcher.snapshots.expire([note])
        page = read(client, f"/snapshots/{capture.digest[7:]}")

        assert "not here any more" in page
        assert word in page
        assert "a name in it" in page
        assert "secret" not in page
        for where in ("locked", "raw"):
            assert client.get(f"/snapshots/{where}/{capture.digest[7:]}").status_code == 404


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_page_in_any_charset_is_served_in_utf_8_without_a_mark_that_says_otherwise(
    tmp_path, charset
):
    body = "<!doctype html><html><meta charset=iso-8859-7><p>Größe</p></html>".encode(charset)
    stated = "text/html; charset=windows-1252" if charset == "cp1252" else "text/html"
    with shelf(tmp_path) as here, here.browser() as client:
        answer = client.get(locked(keep(here, on(2030, 1, 1), body, stated)))

    assert not answer.content.startswith((b"\xef\xbb\xbf", b"\xff\xfe"))
    assert "Größe" in answer.content.decode("utf-8")


def test_the_pages_of_the_story_are_those_the_site_served(shown):
    here, client = shown
    assert ALOFISEL in SCENES[0].body
    assert "This medicine is authorised" in read(client, locked(captures(here)[0]))
