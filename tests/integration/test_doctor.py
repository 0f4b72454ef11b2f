"""`watcher doctor`: everything a watcher stands on, each with what it means and what to do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from kit import replies
from kit.ema_site import ENDED, PAGE, TABLE, ema_site
from kit.receivers import Mailbox
from kit.station import settings, station
from watcher.cli.main import app
from watcher.doctor import database, machine
from watcher.doctor.finding import Area, Level
from watcher.store.checkup import Checkup, check_up, holder_of

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.fixture
def site():
    with ema_site() as site:
        yield site


@pytest.fixture
def path(tmp_path, site):
    return settings(
        tmp_path,
        [
            {"id": "table", "reader": "ema_medicines", "url": site.table},
            {"id": "page", "reader": "ema_medicine_page", "url": site.url(PAGE)},
        ],
        channels={"files": f"folder:{tmp_path / 'messages'}"},
        heartbeat={"to": ["me"]},
        people=[{"id": "me", "channels": ["files"]}],
    )


def examined(path, *words, code=0):
    done = CliRunner().invoke(app, ["doctor", "--json", "--config", str(path), *words])
    assert done.exit_code == code, done.output
    return {(each["area"], each["what"]): each for each in json.loads(done.stdout)["findings"]}


def level(found, *of):
    return found[of]["level"]


def test_a_watcher_that_is_well_is_told_so_and_nothing_is_written(path):
    with station(path) as here:
        here.look()
    before = {each: each.read_bytes() for each in path.parent.rglob("watcher.db")}

    found = examined(path)

    assert {each["level"] for each in found.values()} <= {"ok", "warning"}
    for of in (("sources", "table"), ("sources", "page"), ("database", "file")):
        assert level(found, *of) == "ok", found[of]
    assert "5 records read" in found["sources", "table"]["found"]
    assert found["database", "version"]["level"] == "ok"
    assert {each: each.read_bytes() for each in before} == before
    with closing(sqlite3.connect(next(iter(before)))) as rows:
        assert rows.execute("SELECT count(*) FROM captures").fetchone() == (2,)


def test_it_works_while_the_service_runs_and_names_its_process(path):
    with station(path) as here:
        here.look()
        found = examined(path, "--offline")

    assert "has it to write" in found["database", "writer"]["found"]
    assert ("sources", "table") not in found


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (replies.unavailable(), "error"),
        (replies.not_found(), "not_found"),
        (replies.page("<html><title>Just a moment...</title></html>"), "blocked"),
        (replies.page(ENDED.replace("EMA product number", "Number of it")), "expected"),
        (replies.page(ENDED[: len(ENDED) // 2]), "truncated"),
    ],
    ids=["down", "gone", "blocked", "another shape", "cut"],
)
def test_a_site_that_has_changed_is_a_report_with_what_to_do(path, site, reply, words):
    site.script(PAGE, [reply])

    told = examined(path, code=1)["sources", "page"]

    assert told["level"] == "failing"
    assert words in told["found"]
    assert "no event, no alert" in told["means"]
    assert told["advice"]


def test_labels_that_a_reader_does_not_know_are_named(path, site):
    strange = ENDED.replace(
        "<dt><div>EMA product", "<dt><div>Shade</div></dt><dd>red</dd><dt><div>EMA product"
    )
    site.page(PAGE, strange)

    found = examined(path)

    assert level(found, "sources", "page") == "ok"
    assert "Shade" in found["sources", "page, labels"]["found"]


def test_an_expectation_that_is_missed_fails_and_names_both_numbers(tmp_path, site):
    path = settings(
        tmp_path,
        [
            {
                "id": "table",
                "reader": "ema_medicines",
                "url": site.table,
                "expect": {"records": [2000, 4000]},
            }
        ],
        channels={"files": "folder:messages"},
    )

    told = examined(path, code=1)

    assert told["sources", "table"]["found"] == "5 records, expected 2000 to 4000"
    assert level(told, "channels", "heartbeat") == "warning"
    assert level(told, "database", "file") == "warning"


def test_a_host_that_is_left_alone_is_not_asked(path, site):
    with station(path) as here:
        site.script(TABLE, [replies.unavailable(retry_after="86400")])
        here.clock.forward((datetime.now(UTC) - here.clock.now()).total_seconds())  # noqa: TID251
        here.look("table", after=0)
    asked = len(site.requests)

    found = examined(path)

    (left,) = [each for (area, _), each in found.items() if area == "sources"][:1]
    assert left["found"].startswith("left alone until")
    assert len(site.requests) == asked


def test_pages_that_a_table_names_are_examined_by_one_of_them(tmp_path, site):
    path = settings(
        tmp_path,
        [{"id": "table", "reader": "ema_medicines", "url": site.table}],
        channels={"files": "folder:messages"},
        watch_lists=[{"id": "mine", "products": ["Alofisel"]}],
    )
    told = json.loads(path.read_text(encoding="utf-8"))
    follow = {"source": "table", "where": "watched"}
    pages = {"id": "pages", "reader": "ema_medicine_page", "tier": 1, "follow": follow}
    told["sources"].append({**pages, "allow_private": True})
    path.write_text(json.dumps(told), encoding="utf-8")

    assert level(examined(path), "sources", "pages") == "ok"


def test_channels_are_tried_when_asked(tmp_path, site):
    with Mailbox() as box, Mailbox(refuse="550 5.1.1 no such user") as shut:
        path = settings(
            tmp_path,
            [{"id": "table", "reader": "ema_medicines", "url": site.table}],
            channels={"good": box.address(), "shut": shut.address()},
        )
        assert level(examined(path, "--offline"), "channels", "shut") == "ok"
        found = examined(path, "--offline", "--send", code=1)

        assert level(found, "channels", "good") == "ok"
        assert "no such user" in found["channels", "shut"]["found"]
        assert len(box.messages) == 1


def test_a_configuration_that_cannot_be_used_is_a_finding_with_its_line(tmp_path):
    path = tmp_path / "sources.yaml"
    path.write_text("contact: mailto:pv@hospital.eu\nsorces: []\n", encoding="utf-8")

    found = examined(path, code=1)

    assert level(found, "configuration", "line 2") == "failing"
    assert level(found, "machine", "Python") == "ok"


def test_a_damaged_database_fails(path):
    with station(path) as here:
        here.look()
    file = path.parent / "data" / "watcher.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 40_000)

    found = examined(path, "--offline", code=1)

    assert level(found, "database", "file") == "failing"
    assert "watcher restore" in found["database", "file"]["advice"]


def test_a_person_reads_what_it_means_and_what_to_do(path, site):
    site.script(PAGE, [replies.not_found()])

    done = CliRunner().invoke(app, ["doctor", "--config", str(path)], env={"COLUMNS": "80"})

    assert done.exit_code == 1
    assert "FAILING page: not_found" in done.stdout
    assert "means " in done.stdout
    assert " do " in done.stdout
    assert "1 failing" in done.stderr


def test_a_finding_that_is_not_well_has_to_say_what_to_do():
    with pytest.raises(ValueError, match="says what it means and what to do"):
        Area("machine").failing("x", "y", means="z", advice="")


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("3.34.0", "failing"), ("3.40.1", "warning"), ("3.51.2", "warning"), ("3.51.3", "ok")],
)
def test_known_faults_of_sqlite_are_told_by_version(version, wanted):
    assert database.sqlite(version).level == wanted


@pytest.mark.parametrize(
    ("seconds", "told"), [(-60, []), (0, []), (3600, [Level.FAILING])], ids=["later", "now", "back"]
)
def test_a_clock_behind_the_newest_event_fails(seconds, told):
    last = (NOW + timedelta(seconds=seconds)).isoformat()

    found = database.clock(Checkup(exists=True, last_recorded=last), NOW)

    assert [each.level for each in found] == told


def test_a_lock_left_by_a_process_that_is_gone_holds_nothing(tmp_path):
    (tmp_path / "watcher.db.lock").write_text("999999999", encoding="utf-8")

    assert holder_of(tmp_path / "watcher.db") == 0
    assert not check_up(tmp_path / "watcher.db").exists


def test_the_machine_is_measured_by_what_the_program_needs():
    assert machine.python((3, 10, 1)).level is Level.FAILING
    assert machine.python((3, 13, 0)).level is Level.OK
    assert machine.user(0).level is Level.WARNING
    assert machine.user(1000).level is Level.OK
    assert machine.packages().level is Level.OK
    versions = {"one": "2.9", "two": "2.10.1"}
    old = machine.packages(
        ["one>=2.10", "two>=2.10", "three>=9; extra == 'x'"], versions.__getitem__
    )
    assert old.found == "one 2.9 is older than 2.10"


def test_zones_are_known_right_and_not_old():
    (fine,) = machine.zone_data(["Europe/Amsterdam"], NOW)
    (unknown,) = machine.zone_data(["Europe/Atlantis"], NOW)
    (old,) = machine.zone_data([], NOW.replace(year=2036))

    assert [each.level for each in (fine, unknown, old)] == ["ok", "failing", "warning"]


def test_a_folder_that_may_not_be_made_is_told_at_the_nearest_one_above(tmp_path):
    (fine,) = machine.folders({"store": tmp_path / "a" / "b"})

    assert fine.found.endswith("will be made")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert [each.level for each in machine.room({"database": tmp_path / "a"})] == ["ok"]
