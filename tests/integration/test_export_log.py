"""The log taken out: whole, checkable, safe for what opens it, and nothing left half done."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import openpyxl
import pytest

from kit.exports import a_history, multiplied, stored
from watcher.core.export_rows import COLUMNS
from watcher.errors import BrokenLogError, NotFoundError, OperationalError
from watcher.ports.store import EventFilter
from watcher.services.cloud_events import cloud_events
from watcher.services.export import Selection, about, csv_lines, json_lines, selected
from watcher.services.whole_file import write_whole
from watcher.services.workbook_out import write_workbook

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exchange.md"
AT = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def store(tmp_path):
    with stored(tmp_path) as opened:
        a_history(opened)
        yield opened


def taken(store, form, **asked):
    """Return the chunks of an export."""
    selection = Selection(**asked)
    with store.reading() as work:
        told = about(work, selection, program="watcher", at=AT)
        found = selected(work, selection)
        if form is csv_lines:
            return [*csv_lines(found)]
        return [*form(told, found)]


def rows(store, **asked):
    body = b"".join(taken(store, csv_lines, **asked)).decode("utf-8-sig")
    return [*csv.DictReader(io.StringIO(body, newline=""))]


def test_the_chain_is_recomputed_from_the_export_by_the_program_in_the_documentation(
    store, tmp_path
):
    (program,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    write_whole(tmp_path / "log.jsonl", taken(store, json_lines))
    (tmp_path / "check.py").write_text(program, encoding="utf-8")

    def checked(name):
        words = [sys.executable, "check.py", name]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    with store.reading() as work:
        head = work.log.find("2").hash
    assert checked("log.jsonl").stdout == f"2 {head}\n"

    forged = (tmp_path / "log.jsonl").read_text(encoding="utf-8").replace("Takeda", "Tokeda", 1)
    (tmp_path / "forged.jsonl").write_text(forged, encoding="utf-8")
    assert "position 1 does not fit" in checked("forged.jsonl").stderr


def test_json_lines_say_what_they_are_and_where_they_end(store):
    first, *events, last = map(json.loads, taken(store, json_lines))

    assert first["is_whole"] is True
    assert first["head"]["position"] == 2
    assert "European Medicines Agency" in first["acknowledgement"]
    assert [each["position"] for each in events] == [1, 2]
    assert last == {"record": "end", "events": 2, "last_position": 2}


def test_a_part_of_the_log_does_not_claim_to_be_whole(store):
    for asked in ({"baseline": False}, {"set_aside": False}, {"product": "Alofisel"}):
        first, *_ = map(json.loads, taken(store, json_lines, **asked))
        assert first["is_whole"] is False


def test_a_broken_chain_ends_the_export_and_leaves_no_file(store, tmp_path):
    with sqlite3.connect(tmp_path / "watcher.db") as base:
        base.execute("DROP TRIGGER events_no_update")
        base.execute("UPDATE events SET recorded_at = '2024-01-01T00:00:00.000000Z'")
    base.close()
    selection = Selection()

    with store.reading() as work:
        told = about(work, selection, program="watcher", at=AT)
        with pytest.raises(BrokenLogError, match="position 1"):
            write_whole(tmp_path / "log.jsonl", json_lines(told, selected(work, selection)))
    assert not [*tmp_path.glob("*log.jsonl*")]


def test_a_row_tells_what_people_ask_for(store):
    (withdrawal,) = rows(store, baseline=False)

    assert withdrawal["type"] == "authorisation.withdrawn"
    assert (withdrawal["from"], withdrawal["to"]) == ("Authorised", "Withdrawn")
    assert withdrawal["effective"] == "2024-12-13"
    assert withdrawal["product_number"] == "EMEA/H/C/004258"
    assert withdrawal["name"] == "Alofisel"
    assert withdrawal["holder"] == "Takeda Pharma A/S"
    assert withdrawal["quote"] == "Withdrawn"
    assert withdrawal["snapshot"].startswith("sha256:")
    assert "European Medicines Agency" in withdrawal["acknowledgement"]
    assert "December 2024" in withdrawal["acknowledgement"]


def test_events_are_chosen_by_type_source_time_and_product(store):
    def positions(**which):
        return [each["position"] for each in rows(store, which=EventFilter(**which))]

    assert positions(types=("authorisation.*",)) == ["2"]
    assert positions(sources=("medpath",)) == []
    assert positions(since="2024-12-15T00:00:00.000000Z") == ["2"]
    assert positions(until="2024-12-14T23:00:00.000000Z") == ["1"]
    assert len(rows(store, product="alofisel")) == 2
    with pytest.raises(NotFoundError, match="nothing is known"):
        rows(store, product="Nosuch")


def test_cloud_events_obey_the_rules_of_their_specification(store):
    lines = b"".join(taken(store, cloud_events)).splitlines()
    assert len(lines) == 2
    for told in map(json.loads, lines):
        assert {"specversion", "id", "source", "type"} <= told.keys()
        assert told["specversion"] == "1.0"
        assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in told)
        assert re.fullmatch(r"[a-z0-9._]+", told["type"])
        assert told["type"].startswith("watcher.")
        assert -(2**31) <= told["position"] < 2**31
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", told["time"])
        assert told["subject"]
        assert all(value != "" for value in told.values())
        assert told["data"]["payload"]["event"]["type"] == told["type"].removeprefix("watcher.")
        assert "European Medicines Agency" in told["data"]["acknowledgement"]


def test_a_batch_of_cloud_events_is_one_array_also_of_none(store):
    with store.reading() as work:
        for types, count in (((), 2), (("recall.*",), 0)):
            selection = Selection(which=EventFilter(types=types))
            told = about(work, selection, program="watcher", at=AT)
            chunks = cloud_events(told, selected(work, selection), batch=True)
            assert len(json.loads(b"".join(chunks))) == count


def test_a_full_sheet_is_followed_by_another(store, tmp_path):
    multiplied(tmp_path, 7)
    selection = Selection(baseline=False)
    with store.reading() as work:
        told = about(work, selection, program="watcher", at=AT)
        write_workbook(tmp_path / "log.xlsx", told, selected(work, selection), rows=4)
    book = openpyxl.load_workbook(tmp_path / "log.xlsx")

    assert book.sheetnames == ["events", "events 2", "about"]
    found = [
        row[0] for name in book.sheetnames[:2] for row in book[name].iter_rows(values_only=True)
    ]
    assert found == ["position", "2", "3", "4", "position", "5", "6", "7"]
    meanings = [row[0] for row in book["about"].iter_rows(values_only=True)]
    assert set(COLUMNS) | {"acknowledgement", "disclaimer"} <= set(meanings)


def test_more_events_than_a_workbook_holds_are_refused_with_a_way_out(store, tmp_path):
    multiplied(tmp_path, 30)
    selection = Selection(baseline=False)
    with store.reading() as work:
        told = about(work, selection, program="watcher", at=AT)
        with pytest.raises(OperationalError, match="--format csv"):
            write_workbook(tmp_path / "log.xlsx", told, selected(work, selection), rows=2)
    assert not [*tmp_path.glob("*log.xlsx*")]


def test_an_export_that_fails_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "log.jsonl"
    write_whole(path, [b"before"])

    def failing():
        yield b"half"
        raise BrokenLogError(1, "it does not fit")

    with pytest.raises(BrokenLogError):
        write_whole(path, failing())
    assert path.read_bytes() == b"before"
    assert [*tmp_path.iterdir()] == [path]
    with pytest.raises(OperationalError, match="cannot be written"):
        write_whole(tmp_path / "nowhere" / "log.jsonl", [b""])


_MEASURE = """
import sys
from pathlib import Path
from watcher.ports.store import EventFilter
from watcher.services.export import Selection, about, json_lines, selected
from watcher.services.whole_file import write_whole
from watcher.store.store import SqlStore
store = SqlStore(Path(sys.argv[1]), writable=False)
def used():  # the peak of this process alone; getrusage would count its parent's too
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status["VmHWM"].split()[0]) // 1024
with store.reading() as work:
    def export(selection):
        told = about(work, selection, program="watcher", at="2026-01-01T00:00:00.000000Z")
        write_whole(Path(sys.argv[2]), json_lines(told, selected(work, selection)))
    export(Selection(which=EventFilter(limit=100), baseline=False))
    before = used()
    export(Selection(baseline=False))
    print(used() - before)
store.close()
"""


@pytest.mark.usefixtures("store")
def test_a_long_log_is_taken_out_without_being_held_in_memory(tmp_path):
    multiplied(tmp_path, 20_000)
    out = tmp_path / "log.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path / "watcher.db"), str(out)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert out.stat().st_size > 20_000_000
    assert int(done.stdout) < 30, "megabytes more than before"
    assert msgspec.json.decode(out.read_bytes().rsplit(b"\n", 2)[1])["events"] == 19_999
