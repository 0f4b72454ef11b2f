"""Feeds and calendars of a watch list, read back by programs that are not ours."""

from __future__ import annotations

import json
import uuid
import warnings
from collections.abc import Iterator
from datetime import date

import icalendar
import pytest

from factories import a_state
from kit.correcting import AUTHORISED, STATUS, SUSPENDED, WITHDRAWN, Bench
from watcher.core.watch_list import EVERYTHING, WatchList
from watcher.services.calendar import calendar
from watcher.services.feeds import NEVER, Feed, atom, feed, json_feed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import feedparser

WITHDRAWAL = "authorisation.withdrawn"
HOSTILE = '</title><script>x</script>&"\u202e  ]]> \x0b'


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.look(AUTHORISED)
    yield bench
    bench.store.close()


def made(bench: Bench, watch_list: WatchList = EVERYTHING, base: str = "") -> Feed:
    with bench.store.reading() as work:
        return feed(work, watch_list, {}, base=base)


def parsed(told: Feed):
    found = feedparser.parse(atom(told))
    assert not found.bozo, found.get("bozo_exception")
    return found


def days(told: Feed) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(calendar(told)).walk("VEVENT"))


def test_a_case_is_an_entry_with_a_lasting_id_and_its_two_instants(bench):
    bench.look(WITHDRAWN)
    told = parsed(made(bench))

    entry = next(each for each in told.entries if "CRITICAL" in each.title)
    assert uuid.UUID(entry.id).urn == entry.id
    assert entry.published == entry.updated == "2026-11-22T14:00:00Z"
    assert "Withdrawn" in entry.title
    assert "authorisation.withdrawn" in [tag.term for tag in entry.tags]
    assert "Check" in entry.content[0].value or "Informational" in entry.content[0].value


def test_the_same_cases_give_the_same_bytes_whenever_they_are_asked_for(bench):
    bench.look(WITHDRAWN)
    first = [write(made(bench)) for write in (atom, json_feed, calendar)]
    bench.clock.forward(86_400)

    assert [write(made(bench)) for write in (atom, json_feed, calendar)] == first


def test_a_correction_makes_the_entry_newer_and_says_so_first(bench):
    bench.look(WITHDRAWN)
    before = made(bench).entries[0]
    bench.clock.forward(3600)
    bench.correct(bench.last(WITHDRAWAL))
    after = next(each for each in made(bench).entries if each.id == before.id)

    assert after.published == before.published
    assert after.updated > before.updated
    assert after.title.startswith("[CRITICAL] CORRECTION")
    assert "this was wrong. the reader took the sentence" in after.text
    assert [str(each["STATUS"]) for each in days(made(bench))] == ["CANCELLED"]


def test_the_newest_case_comes_first_and_the_feed_is_as_new_as_it(bench):
    bench.look(SUSPENDED)
    bench.look(WITHDRAWN)
    told = made(bench)

    updated = [entry.updated for entry in told.entries]
    assert updated == sorted(updated, reverse=True)
    assert told.updated == updated[0]
    assert parsed(told).feed.updated == updated[0]


def test_a_feed_holds_the_newest_hundred(bench, monkeypatch):
    monkeypatch.setattr("watcher.services.feeds.MOST", 2)
    for state in (SUSPENDED, AUTHORISED, WITHDRAWN):
        bench.look(state)

    assert len(made(bench).entries) == 2
    assert "Withdrawn" in made(bench).entries[0].title


def test_a_watch_list_has_its_own_medicines_only(bench):
    bench.look(WITHDRAWN)

    assert made(bench, WatchList(id="a", substances=("darvadstrocel",))).entries
    assert made(bench, WatchList(id="b", substances=("something else",))).entries == ()


def test_a_feed_without_cases_is_one(bench):
    empty = made(bench, WatchList(id="b", products=("none",), title="Nothing & none"))

    assert parsed(empty).feed.title == "Watched medicines: Nothing & none"
    assert parsed(empty).feed.updated == NEVER
    assert json.loads(json_feed(empty))["items"] == []
    assert days(empty) == []


def test_a_hostile_name_is_text_in_every_form(bench):
    bench.look(a_state(**{"product.brand_name": HOSTILE, STATUS: "authorised"}), tell=False)
    bench.tell()
    bench.look(a_state(**{"product.brand_name": HOSTILE, STATUS: "suspended"}))
    told = made(bench)

    raw = atom(told).decode()
    assert "<script" not in raw
    assert "\u202e" not in raw
    titles = [entry.title for entry in parsed(told).entries]
    assert any("</title>" in title or "&lt;/title" in title for title in titles)
    assert [item["title"] for item in json.loads(json_feed(told))["items"]] == [
        entry.title for entry in told.entries
    ]
    assert icalendar.Calendar.from_ical(calendar(told))


def test_a_json_feed_is_one_and_carries_values_for_programs(bench):
    bench.look(WITHDRAWN)
    told = json.loads(json_feed(made(bench, base="https://feeds.example.org/x")))

    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == "https://feeds.example.org/x/feeds/everything.json"
    item = next(each for each in told["items"] if "authorisation.withdrawn" in each["tags"])
    assert set(item) >= {"id", "title", "content_text", "date_published", "date_modified"}
    assert item["_watcher"]["after"] == "Withdrawn"
    assert item["_watcher"]["effective"] == "2024-12-13"


def test_an_atom_feed_at_a_place_links_to_itself(bench):
    told = parsed(made(bench, base="https://feeds.example.org"))

    assert [link.href for link in told.feed.links if link.rel == "self"] == [
        "https://feeds.example.org/feeds/everything.atom"
    ]


def test_a_date_known_to_the_day_is_a_whole_day_in_the_calendar(bench):
    bench.look(WITHDRAWN)
    (day,) = days(made(bench))

    assert day["DTSTART"].dt == date(2024, 12, 13)
    assert str(day["UID"]).endswith("-effective@watcher")
    assert str(day["TRANSP"]) == "TRANSPARENT"
    assert "effective" in str(day["SUMMARY"])


def test_a_month_is_no_day_of_a_calendar(bench):
    bench.look({**WITHDRAWN, "authorisation[EU].withdrawn": "2024-12"})

    assert days(made(bench)) == []


def test_lines_of_a_calendar_are_folded_and_end_as_the_standard_wants(bench):
    bench.look(WITHDRAWN)
    raw = calendar(made(bench))

    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n")
