"""What every event log promises."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from factories import ALOFISEL, NOON, a_provenance, a_state, a_withdrawal, an_append
from kit.engines import outside, unguarded
from watcher.core.diff import baseline
from watcher.core.events import Cause, Change, Event
from watcher.core.taxonomy import Severity
from watcher.errors import (
    BrokenLogError,
    IntegrityError,
    NotFoundError,
    StoreBusyError,
    VersionConflictError,
)
from watcher.ports.store import EventFilter
from watcher.store.store import SqlStore

STREAM = f"ema/{ALOFISEL}"
FIRST = baseline(ALOFISEL, a_state())


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def append(store, *events, version=0, cause=Cause.OBSERVED, **provenance):
    with store.writing() as work:
        return work.log.append(
            an_append(*events, version=version), a_provenance(**provenance), cause, NOON
        )


def read(store, **which):
    with store.reading() as work:
        return list(work.log.read(EventFilter(**which)))


def test_events_are_read_as_they_were_appended(store):
    appended = append(store, FIRST, a_withdrawal())

    assert read(store) == list(appended)
    assert [(told.position, told.version) for told in appended] == [(1, 1), (2, 2)]


def test_positions_have_no_gaps_whatever_failed_between(store):
    append(store, FIRST)
    with pytest.raises(VersionConflictError):
        append(store, a_withdrawal(), version=7)
    append(store, a_withdrawal(), version=1)

    assert [told.position for told in read(store)] == [1, 2]


def test_a_late_writer_is_turned_away_and_leaves_no_trace(store):
    append(store, FIRST)

    with pytest.raises(VersionConflictError) as refused:
        append(store, a_withdrawal(), version=0, capture="another")

    assert (refused.value.expected, refused.value.found) == (0, 1)
    assert len(read(store)) == 1


def test_the_same_diff_of_the_same_capture_is_appended_once(store):
    append(store, FIRST)

    assert append(store, FIRST) == ()
    assert len(read(store)) == 1


def test_a_better_reader_does_not_make_another_event_of_it(store):
    append(store, FIRST)

    assert append(store, FIRST, reader="a_reader@2") == ()


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET type = 'x'", "DELETE FROM events", "TRUNCATE events"]
)
def test_the_log_refuses_to_be_changed(store, place, statement):
    append(store, FIRST)
    if isinstance(place, Path) and statement.startswith("TRUNCATE"):
        return  # SQLite knows no such word

    with outside(place) as connection, pytest.raises(sa.exc.IntegrityError, match="append-only"):
        connection.exec_driver_sql(statement)
    assert len(read(store)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE events SET payload = CAST('{}' AS {bytes}) WHERE position = 1",
        "UPDATE events SET payload = 'text' WHERE position = 1",
        "UPDATE events SET recorded_at = '2020' WHERE position = 1",
        "UPDATE events SET cause = 'baseline' WHERE position = 1",
        "UPDATE events SET subject = 'medicine:x' WHERE position = 1",
        "UPDATE events SET severity = 9 WHERE position = 1",
        "DELETE FROM events WHERE position = 1",
    ],
)
def test_whatever_is_changed_behind_its_back_is_found_at_its_place(store, place, damage):
    append(store, a_withdrawal(), FIRST)
    store.close()
    with unguarded(place) as connection:
        kind = "BLOB" if isinstance(place, Path) else "bytea"
        connection.exec_driver_sql(damage.replace("{bytes}", kind))

    again = SqlStore(place, writable=False)
    with pytest.raises(BrokenLogError) as found, again.reading() as work:
        list(work.log.verify())
    again.close()
    assert found.value.position == 1


def test_an_untouched_log_is_verified_to_its_head(store):
    append(store, FIRST, a_withdrawal())

    with store.reading() as work:
        assert list(work.log.verify()) == [1, 2]
        assert work.log.head() == 2


def test_an_event_is_found_by_position_and_by_the_beginning_of_its_id(store):
    (told,) = append(store, a_withdrawal())

    with store.reading() as work:
        assert work.log.find("1") == told
        assert work.log.find(told.event_id[:16]) == told
        with pytest.raises(NotFoundError):
            work.log.find("99")
        with pytest.raises(NotFoundError):
            work.log.find("zzzz")


def test_events_are_filtered_by_what_people_ask_for(store):
    append(store, FIRST, cause=Cause.BASELINE)
    append(store, a_withdrawal(), version=1, observed_at="2024-12-20T00:00:00.000000Z")

    def types(**which):
        return [told.event.type for told in read(store, **which)]

    assert types(types=("authorisation.*",)) == ["authorisation.withdrawn"]
    assert types(least=Severity.HIGH) == ["authorisation.withdrawn"]
    assert types(without_baseline=True) == ["authorisation.withdrawn"]
    assert types(causes=(Cause.BASELINE,)) == ["fact.recorded"]
    assert types(since="2024-12-15") == ["authorisation.withdrawn"]
    assert types(until="2024-12-15") == ["fact.recorded"]
    assert types(after=1) == ["authorisation.withdrawn"]
    assert types(sources=("medpath",)) == []
    assert types(subject=str(ALOFISEL), limit=1) == ["fact.recorded"]
    with store.reading() as work:
        assert [told.position for told in work.log.latest(EventFilter(limit=1))] == [2]


def test_a_float_cannot_stand_in_the_log(store):
    change = Change(path="x.y", action="added", after=1.5)

    with pytest.raises(IntegrityError, match="float"):
        append(store, Event(type="fact.changed", subject=ALOFISEL, changes=(change,)))
    assert read(store) == []


def test_a_transaction_that_fails_leaves_no_trace(store):
    def half_done():
        with store.writing() as work:
            work.log.append(an_append(FIRST), a_provenance(), Cause.OBSERVED, NOON)
            raise _InterruptedError

    with pytest.raises(_InterruptedError):
        half_done()
    assert read(store) == []


class _InterruptedError(Exception):
    pass


def test_the_view_is_the_fold_of_the_log(store):
    with store.writing() as work:
        state = a_state()
        work.log.append(an_append(FIRST, **state), a_provenance(), Cause.BASELINE, NOON)
        before = work.streams.digest()
        work.streams.rebuild()

        assert work.streams.digest() == before
        assert work.streams.get(STREAM).state == state


def test_a_stream_is_found_by_any_name_of_its_product(store):
    with store.writing() as work:
        work.log.append(an_append(FIRST), a_provenance(), Cause.BASELINE, NOON)

    with store.reading() as work:
        for name in ("alofisel", "DARVADSTROCEL", "EMEA/H/C/004258", str(ALOFISEL)):
            assert [stream.name for stream in work.streams.named(name)] == [STREAM], name
        assert work.streams.named("alo") == ()


def test_a_second_writer_to_a_file_is_refused_and_told_who_writes(tmp_path):
    store = SqlStore(tmp_path / "watcher.db", writable=True)
    with pytest.raises(StoreBusyError, match="process"):
        SqlStore(tmp_path / "watcher.db", writable=True)
    store.close()


@pytest.mark.usefixtures("store")
def test_a_reader_reads_beside_a_writer_and_cannot_write(place):
    reader = SqlStore(place, writable=False)
    with reader.reading() as work:
        assert work.log.head() == 0
    with pytest.raises(IntegrityError, match="reading only"), reader.writing():
        pass
    reader.close()


def test_a_reader_of_nothing_is_told_what_to_do(tmp_path):
    with pytest.raises(IntegrityError, match="watcher once"):
        SqlStore(tmp_path / "none.db", writable=False)


def test_writers_in_many_threads_take_turns(store):
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            with store.writing() as work:
                event = Event(type="fact.changed", subject=ALOFISEL)
                append = an_append(event, source=f"s{number}")
                work.log.append(append, a_provenance(source=f"s{number}"), Cause.OBSERVED, NOON)
        except Exception as error:  # noqa: BLE001  whatever it is, it must fail the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [told.position for told in read(store)] == list(range(1, 13))


def test_a_database_of_a_later_version_is_refused(store, place):
    store.close()
    with outside(place) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    for writable in (True, False):
        with pytest.raises(IntegrityError, match="newer than this program"):
            SqlStore(place, writable=writable)
