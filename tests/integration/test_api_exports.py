"""The log as a download: whole, bounded in memory, and let go when nobody reads on."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import threading

import pytest
from openpyxl import load_workbook

from kit.api import asking
from kit.exports import a_history, multiplied, stored
from watcher.errors import BrokenLogError
from watcher.ports.store import EventFilter
from watcher.services.export import Selection, json_lines
from watcher.services.export_pages import begun, in_pages
from watcher.web.api.exports import _in_threads


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with asking(tmp_path_factory.mktemp("api")) as client:
        yield client


def rows(told):
    return list(csv.DictReader(io.StringIO(told.content.decode("utf-8-sig"))))


def test_csv_holds_every_event_in_its_order(shared):
    told = shared.get("/api/v1/events.csv")
    events = shared.items("events")

    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    assert told.headers["content-disposition"] == 'attachment; filename="events.csv"'
    assert told.headers["x-content-type-options"] == "nosniff"
    assert [row["event_id"] for row in rows(told)] == [each["event_id"] for each in events]


def test_filters_choose_what_is_taken_out(shared):
    told = rows(shared.get("/api/v1/events.csv?type=authorisation.*&product=substance2"))

    assert [(row["type"], row["to"]) for row in told] == [("authorisation.withdrawn", "Withdrawn")]


def test_json_lines_say_at_the_end_how_many_there_are(shared):
    lines = [*map(json.loads, shared.get("/api/v1/events.jsonl").text.splitlines())]

    assert lines[0]["form"] == "watcher-log/1"
    assert lines[-1]["events"] == len(lines) - 2 == len(shared.items("events"))


def test_a_workbook_opens_and_holds_every_event(shared):
    told = shared.get("/api/v1/events.xlsx")
    sheet = load_workbook(io.BytesIO(told.content), read_only=True)["events"]

    assert len(list(sheet.rows)) == 1 + len(shared.items("events"))


def test_a_page_at_a_time_leads_to_the_same_as_all_at_once(shared):
    store = shared.here.watcher.store
    for which in (EventFilter(), EventFilter(types=("fact.*",)), EventFilter(sources=("ema",))):
        told = begun(store, Selection(which=which), program="test", at="2026-11-22T12:00:00Z")
        by_page = [each.stored.told.position for each in in_pages(store, told, page=2)]
        with store.reading() as work:
            assert by_page == [each.position for each in work.log.read(which)]


def test_what_is_appended_meanwhile_is_left_out(tmp_path):
    with asking(tmp_path) as client:
        store = client.here.watcher.store
        told = begun(store, Selection(), program="test", at="2026-11-22T12:00:00Z")
        reading = in_pages(store, told, page=1)
        first = next(reading)
        client.here.told(3)

        assert first.stored.told.position == 1
        assert [each.stored.told.position for each in reading][-1] == told.head


def drive(chunks, count, alarms=None):
    alarms = [] if alarms is None else alarms

    async def main():
        taken = _in_threads(chunks, alarms.append)
        found = [await anext(taken) for _ in range(count)]
        await taken.aclose()
        return found

    return asyncio.run(main())


def test_what_makes_chunks_is_let_go_when_nobody_reads_on():
    ended = threading.Event()

    def chunks():
        try:
            while True:
                yield b"x"
        finally:
            ended.set()

    kept = chunks()  # or else it would end for want of anybody who knows it

    assert drive(kept, 3) == [b"x"] * 3
    assert ended.is_set()


def test_an_error_on_the_way_is_not_taken_for_the_end():
    def chunks():
        yield b"x"
        message = "half of it"
        raise ValueError(message)

    with pytest.raises(ValueError, match="half of it"):
        drive(chunks(), 2)


def test_a_history_that_does_not_fit_cuts_the_answer_and_is_told(tmp_path):
    with stored(tmp_path) as store:
        a_history(store)
    multiplied(tmp_path, 10)
    alarms = []
    with stored(tmp_path, writable=False) as store:
        told = begun(store, Selection(), program="test", at="2026-11-22T12:00:00Z")
        lines = json_lines(told, in_pages(store, told, page=2))
        with pytest.raises(BrokenLogError):
            drive(lines, 20, alarms)

    assert [error.position for error in alarms] == [3]
