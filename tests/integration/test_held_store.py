"""A store that somebody else holds, damaged or wrote beside us; and the same work done twice."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.line import BULK, at_work, begun
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.cli.main import app
from watcher.core.rules import Rule
from watcher.errors import DamagedStoreError, IntegrityError, StoreBusyError, StoreError
from watcher.ports import Envelope
from watcher.ports.store import EventFilter
from watcher.services.alert import alert
from watcher.services.audit import Against, verify
from watcher.services.check import check
from watcher.services.replay import rebuild
from watcher.store import sqlite
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

NAME = str(ALOFISEL)


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "watcher.db"
    SqlStore(path, writable=True).close()
    return path


class Holder:
    """Another program that writes to the database, and does not know our lock file."""

    def __init__(self, path):
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._connection.execute("BEGIN IMMEDIATE")

    def let_go(self):
        self._connection.rollback()
        self._connection.close()


def test_a_database_that_is_locked_for_a_moment_is_waited_for(place):
    store = SqlStore(place, writable=True)
    holder = Holder(place)
    timer = threading.Timer(0.3, holder.let_go)
    timer.start()
    with store.writing() as work:
        work.move_checkpoint("somebody", 1)
    timer.join()
    store.close()


def test_a_database_that_stays_locked_is_told_and_works_again_afterwards(place, monkeypatch):
    monkeypatch.setattr(sqlite, "_BUSY_MILLISECONDS", 50)
    store = SqlStore(place, writable=True)
    holder = Holder(place)
    told_of = r"locked; another program .* see which one"
    with pytest.raises(StoreError, match=told_of) as caught, store.writing():
        pass
    holder.let_go()
    with store.writing() as work:
        work.move_checkpoint("somebody", 1)
    store.close()

    assert caught.value.kind == "locked"


@pytest.mark.one_engine  # many processes share a PostgreSQL: `test_server_turns`
def test_a_second_service_is_refused_before_it_looks_at_anything(tmp_path):
    begun(tmp_path / "line", BULK)
    one, other = (at_work(tmp_path / "line", BULK, BULK.before) for _ in range(2))
    with one, pytest.raises(StoreBusyError), other:
        pytest.fail("two services write to one store")


@pytest.mark.one_engine  # its file is locked
def test_a_command_on_a_locked_database_ends_with_one_line_and_code_3(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_BUSY_MILLISECONDS", 50)
    begun(tmp_path, BULK)
    monkeypatch.chdir(tmp_path)
    holder = Holder(tmp_path / "data" / "watcher.db")
    done = CliRunner().invoke(app, ["once"])
    holder.let_go()

    assert done.exit_code == 3
    assert "locked; another program" in done.stderr
    assert "Traceback" not in done.output


def flipped(path, offset):
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


@pytest.fixture
def whole(tmp_path):
    """A folder whose database is one file, whole by itself."""
    begun(tmp_path, BULK)
    with closing(sqlite3.connect(tmp_path / "data" / "watcher.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return tmp_path


def told(folder):
    """Verify everything and return what the log tells; raise where something does not fit."""
    snapshots, signing = FolderSnapshots(folder / "snapshots"), FolderSigning(folder / "data", {})
    store = SqlStore(folder / "data" / "watcher.db", writable=False)
    try:
        for _ in verify(store, snapshots, Against(signing=signing, keys=signing.keys())):
            pass
        with store.reading() as work:
            return [*work.log.read(EventFilter())]
    finally:
        store.close()


@pytest.mark.one_engine  # its file is damaged
def test_a_byte_flipped_in_any_page_is_found_or_changes_nothing(whole):
    """Never an unforeseen error, and never an answer from a page that was damaged."""
    path, found = whole / "data" / "watcher.db", 0
    before, wanted = path.read_bytes(), told(whole)
    for start in range(0, len(before), 4096):
        for offset in (start + 3, start + 2048, start + 4090):
            flipped(path, offset)
            try:
                assert told(whole) == wanted, offset
            except IntegrityError:
                found += 1
            path.write_bytes(before)

    assert found > 10


@pytest.mark.one_engine  # its file is damaged
def test_a_damaged_page_of_the_log_ends_every_command_with_one_line_and_code_3(whole, monkeypatch):
    monkeypatch.chdir(whole)
    path = whole / "data" / "watcher.db"
    flipped(path, path.read_bytes().rindex(b'"verdicts"'))  # of the seal, the log's last row
    for command in ("verify", "once", "seal"):
        done = CliRunner().invoke(app, [command])
        assert (done.exit_code, "Traceback" in done.output) == (3, False), command
        assert "position 5: the row does not fit its hash" in done.stderr, command


def test_a_file_that_is_no_database_stops_the_service_and_is_left_alone(place):
    place.write_bytes(b"not a database at all" * 1000)
    before = place.read_bytes()
    for writable in (True, False):
        with pytest.raises(DamagedStoreError, match="put a backup back"):
            SqlStore(place, writable=writable)

    assert place.read_bytes() == before


class Slow(ScriptedFetcher):
    """A site at which two workers arrive before the first has its answer."""

    def __init__(self, body):
        super().__init__()
        self.body, self.both = body, threading.Barrier(2)

    def fetch(self, request):
        self.both.wait(10)
        self.says(self.body)
        return super().fetch(request)


def letter(case, *_):
    return Envelope(key=case.key, subject=case.lead.event.type, text="")


@pytest.mark.parametrize("apart", [0.0, 1.0], ids=["at one instant", "a second apart"])
def test_two_workers_on_one_target_make_one_set_of_events_and_one_message(tmp_path, apart):
    clock, fetcher = StandingClock(), ScriptedFetcher()
    tools = a_toolbox(tmp_path, fetcher, clock)
    fetcher.says(page({NAME: a_state()}))
    check(a_source(), URL, tools)
    clock.forward(3600)
    withdrawn = page({NAME: a_state(**{"authorisation[EU].status": "withdrawn"})})
    slow, failures = Slow(withdrawn), []

    def look(at):
        try:
            check(a_source(), URL, replace(tools, fetcher=slow, clock=StandingClock(at)))
        except sa.exc.IntegrityError as error:
            failures.append(error)  # one capture, by its id: the other worker has kept it

    instants = [clock.now(), clock.now() + timedelta(seconds=apart)]
    workers = [threading.Thread(target=look, args=(at,)) for at in instants]
    for each in workers:
        each.start()
    for each in workers:
        each.join(20)
    for _ in range(2):
        alert(tools.store, [Rule(id="all", channels=("pv",))], letter, clock)
    with tools.store.reading() as work:
        types = [each.event.type for each in work.log.read(EventFilter(without_baseline=True))]
        messages = work.outbox.latest(10)
        assert [*work.log.verify()] == [1, 2]
    assert rebuild(tools.store).is_equal
    tools.store.close()

    assert types == ["authorisation.withdrawn"]
    assert len(messages) == 1
    assert len(failures) <= (apart == 0.0), failures
