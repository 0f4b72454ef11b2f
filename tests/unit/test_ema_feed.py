"""What EMA's feeds announce, and what they do not get to say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kit.feeds import epar, feed, item
from watcher.core.diff import diff
from watcher.core.facts import Reading, Subject, Value
from watcher.errors import ReadError
from watcher.readers.ema_feed import READER
from watcher.readers.reader import Payload
from watcher.readers.rss import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, rfc822

URL = "https://www.ema.europa.eu/en/human-medicine-new.xml"
OZEMPIC = (
    "Ozempic, semaglutide, Date of authorisation: 08/02/2018, Revision: 21, Status: Authorised"
)


def read(*items: str) -> Reading:
    return READER.read(Payload(body=feed(items), url=URL))


def announced(reading: Reading) -> dict[str, Value]:
    state = reading.records[0].state()
    return {path: value for path, value in state.items() if path.startswith("item[")}


def read_words(words: str) -> tuple[str, Value]:
    [(path, value)] = announced(read(item(epar(words)))).items()
    return path, value


def test_a_medicine_is_announced_by_its_name_revision_and_status():
    reading = read(item(epar(OZEMPIC), link="https://www.ema.europa.eu/en/medicines/human/EPAR/o"))

    assert reading.records[0].subject == Subject("feed", URL)
    assert announced(reading) == {
        "item[epar|ozempic|21|authorised]": {
            "kind": "epar",
            "medicine": "Ozempic",
            "category": "Human",
            "inn": ["semaglutide"],
            "revision": 21,
            "date_of_authorisation": "2018-02-08",
            "status": "authorised",
            "url": "https://www.ema.europa.eu/en/medicines/human/EPAR/o",
        }
    }


def test_a_fact_carries_the_title_and_where_it_stands():
    fact = read(item(epar(OZEMPIC))).records[0].facts[-1]

    assert (fact.quote, fact.place) == (epar(OZEMPIC), "/rss/channel/item[1]")


def test_a_new_medicine_has_no_revision_and_several_substances():
    path, value = read_words(
        "Kyinsu, insulin icodec,semaglutide, Date of authorisation: 24/11/2025, Status: Authorised"
    )

    assert path == "item[epar|kyinsu||authorised]"
    assert isinstance(value, dict)
    assert value["inn"] == ["insulin icodec", "semaglutide"]
    assert "revision" not in value


def test_an_opinion_stage_has_no_date():
    assert read_words("Kayshild, semaglutide, Status: Opinion")[1] == {
        "kind": "epar",
        "medicine": "Kayshild",
        "category": "Human",
        "inn": ["semaglutide"],
        "status": "opinion",
    }


def test_a_refusal_before_an_authorisation_is_a_date_of_its_own():
    _, value = read_words(
        "Janumet, sitagliptin,metformin, Date of authorisation: 16/07/2008, "
        "Date of refusal: 18/02/2009, Revision: 34, Status: Authorised"
    )

    assert isinstance(value, dict)
    assert value["date_of_authorisation"] == "2008-07-16"
    assert value["date_of_refusal"] == "2009-02-18"


@pytest.mark.parametrize(
    ("words", "name", "substances"),
    [
        ("Menx, meningococcal group A, C, W-135 and Y vaccine", "Menx", 1),
        ("Vac (live, oral) V, vaccine (live, oral)", "Vac (live, oral) V", 1),
        ("Icandra (previously Old, N), a,b", "Icandra (previously Old, N)", 2),
        ("Nameless", "Nameless", 0),
    ],
)
def test_commas_within_a_name_or_a_substance_do_not_part_it(words: str, name: str, substances: int):
    _, value = read_words(f"{words}, Status: Authorised")

    assert isinstance(value, dict)
    listed = value.get("inn", [])
    assert isinstance(listed, list)
    assert (value["medicine"], len(listed)) == (name, substances)


def test_a_former_name_that_comes_and_goes_does_not_make_another_item():
    with_former = read_words("Icandra (previously Old Name), inn, Status: Authorised")
    without = read_words("Icandra, inn, Status: Authorised")

    assert with_former[0] == without[0]


def test_an_opinion_of_the_committee_is_an_item_of_its_own_kind():
    reading = read(item("Summary of opinion: Wegovy, 21/05/2026 Positive"))

    assert announced(reading) == {
        "item[opinion|wegovy|2026-05-21|positive]": {
            "kind": "opinion",
            "medicine": "Wegovy",
            "adopted": "2026-05-21",
            "outcome": "Positive",
        }
    }


def test_a_document_is_announced_with_the_day_it_was_published():
    reading = read(
        item("Wegovy : EPAR - Product information", "Mon, 30 Mar 2026 00:10:00 +0200"),
        item("Wegovy : EPAR - Product Information", "Tue, 24 Mar 2026 13:06:00 +0100"),
    )

    assert announced(reading) == {
        "item[document|wegovy|product information]": {
            "kind": "document",
            "medicine": "Wegovy",
            "title": "Product information",
            "published": "2026-03-30",
        }
    }


def test_news_of_another_kind_is_kept_under_its_address():
    link = "https://www.ema.europa.eu/en/news/a?pk=1"
    reading = read(item("Meeting highlights &amp; more", link=link))

    [(path, value)] = announced(reading).items()

    assert path == "item[page|https://www.ema.europa.eu/en/news/a]"
    assert isinstance(value, dict)
    assert value["title"] == "Meeting highlights & more"


def test_a_link_that_is_no_web_address_is_not_kept():
    [(path, value)] = announced(read(item("News", link="javascript:alert(1)"))).items()

    assert path == "item[page|news]"
    assert value == {"kind": "page", "title": "News", "published": "2026-03-13"}


def test_a_title_that_changes_under_the_same_date_is_one_new_item():
    before = read(item(epar("Kyinsu, icodec, Status: Opinion")))
    after = read(
        item(epar("Kyinsu, icodec, Date of authorisation: 24/11/2025, Status: Authorised"))
    )
    known = announced(before)

    events = diff(after.records[0].subject, known, known | announced(after))

    assert [(change.path, change.action) for event in events for change in event.changes] == [
        ("item[epar|kyinsu||authorised]", "added")
    ]


def test_an_item_printed_again_under_another_date_is_nothing_new():
    friday = read(item(epar(OZEMPIC), "Fri, 13 Mar 2026 16:35:00 +0100"))
    monday = read(item(epar(OZEMPIC), "Mon, 16 Mar 2026 09:00:00 +0100"))

    assert announced(friday) == announced(monday)


def test_a_status_in_other_words_is_noted_and_never_guessed():
    reading = read(item(epar(OZEMPIC)), item(epar("Other, inn, Status: Withdrawn from sale")))

    assert list(announced(reading)) == ["item[epar|ozempic|21|authorised]"]
    assert reading.unknown == (
        "expected a status in EMA's words, found `Other, inn, Status: Withdrawn from sale`",
    )


@pytest.mark.parametrize(
    "title",
    [
        epar("Other, inn, Status: Unheard of"),
        epar("Other, inn"),
        epar("Other, inn, Date of authorisation: 31/02/2020, Status: Authorised"),
        epar("Other, inn, Date of authorisation: soon, Status: Authorised"),
        epar("Other, inn, Revision: twelve, Status: Authorised"),
        "Summary of opinion: Other, 21/05/2026 Mixed",
        "Summary of opinion: Other",
        "",
    ],
)
def test_a_feed_none_of_whose_items_can_be_read_is_an_error(title: str):
    with pytest.raises(ReadError, match="expected items as EMA writes them"):
        read(item(title))


def test_a_document_under_a_date_we_cannot_read_is_noted():
    reading = read(item(epar(OZEMPIC)), item("Wegovy : EPAR - Overview", "yesterday"))

    assert len(announced(reading)) == 1
    assert "found `yesterday`" in reading.unknown[0]


def test_a_feed_without_items_announces_nothing():
    assert announced(read()) == {}


def test_a_reading_says_when_the_feed_was_made_and_never_that_it_lists_all():
    reading = read(item(epar(OZEMPIC)))

    assert reading.published == "2026-03-13T16:35:00+01:00"
    assert not reading.lists_all


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Fri, 13 Mar 2026 16:35:00 +0100", "2026-03-13T16:35:00+01:00"),
        ("13 Mar 2026 16:35 -0530", "2026-03-13T16:35:00-05:30"),
        ("Fri, 13 Mar 2026 16:35:00 GMT", "2026-03-13T16:35:00+00:00"),
    ],
)
def test_a_date_keeps_the_offset_it_was_printed_in(text: str, instant: str):
    moment = rfc822(text)

    assert moment is not None
    assert moment.isoformat() == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13/03/2026",
        "Fri, 31 Feb 2026 16:35:00 +0100",
        "Fri, 13 Mär 2026 16:35:00 +0100",
        "Fri, 13 Mar 2026 16:35:00 CET",
        "Fri, 13 Mar 2026 25:35:00 +0100",
        "Fri, 13 Mar 2026 16:35:00 +9900",
    ],
)
def test_another_form_of_date_is_none(text: str):
    assert rfc822(text) is None


BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BOMB.encode(), "a feed without a document type"),
        (EXTERNAL.encode(), "a feed without a document type"),
        (b"<!DOCTYPE html><html><body>Blocked</body></html>", "found an HTML page"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "expected RSS 2.0"),
        (b"<rss><other/></rss>", "expected RSS 2.0"),
        (b"", "a whole, well-formed RSS 2.0 feed"),
        (feed([item(epar(OZEMPIC))])[:300], "a whole, well-formed RSS 2.0 feed"),
        (b"<rss><channel>" + b"<a>" * (MAX_DEPTH + 1), "elements, 32 deep"),
        (b"<rss><channel>" + b"<a/>" * 300_000 + b"</channel></rss>", "at most 200000 elements"),
        (b"<rss><channel>" + b"<item/>" * (MAX_ITEMS + 1) + b"</channel></rss>", "items"),
        (b" " * (MAX_BYTES + 1), "at most 10000000 bytes"),
        (b"<?xml version='1.0' encoding='klingon'?><rss/>", "expected a"),
    ],
)
def test_what_is_no_feed_or_would_hurt_is_an_error(body: bytes, said: str):
    with pytest.raises(ReadError, match=said):
        READER.read(Payload(body=body, url=URL))


def test_an_endless_title_is_cut_and_not_carried_along():
    [value] = announced(read(item("x" * 1_000_000))).values()

    assert isinstance(value, dict)
    assert len(str(value["title"])) <= 600


def states(folder: Path) -> Iterator[dict[str, str]]:
    for file in sorted(folder.glob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))


def rebuilt(state: dict[str, str]) -> bytes:
    """The feed whose newest items are those of a kept state: `pubDate_title` by medicine."""
    printed = (text.partition("_") for text in state.values())
    return feed(item(title, published) for published, _, title in printed)


def added(readings: Iterable[Reading]) -> list[str]:
    """What appeared from one reading to the next, with what is missing carried over."""
    known: dict[str, Value] | None = None
    paths: list[str] = []
    for reading in readings:
        items = announced(reading)
        if known is not None:
            events = diff(reading.records[0].subject, known, known | items)
            paths += [f"{c.action} {c.path}" for event in events for c in event.changes]
        known = (known or {}) | items
    return paths


@pytest.mark.realdata
def test_every_item_of_the_real_feeds_is_read(shared_data: Path):
    total = 0
    for state in states(shared_data / "ema_rss"):
        reading = READER.read(Payload(body=rebuilt(state), url=URL))
        total += len(state)

        assert reading.unknown == ()
        assert len(announced(reading)) == len(state)
        assert not any("|page|" in path for path in announced(reading))

    assert total > 1_000


@pytest.mark.realdata
def test_three_months_of_real_feeds_announce_each_thing_once(shared_data: Path):
    feeds = [
        READER.read(Payload(body=rebuilt(state), url=URL))
        for state in states(shared_data / "ema_rss")
    ]

    told = added(feeds)

    new = [path for path in told if path.startswith("added ")]
    again = {path for path in told if not path.startswith("added ")}

    assert len(new) == len(set(new)) > 30
    assert "added item[epar|kyinsu||authorised]" in new
    assert again == {"changed item[document|wegovy|product information]"}
