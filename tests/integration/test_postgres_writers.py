"""Many processes write to one PostgreSQL log: no gaps, in order, nothing missed, nothing twice."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from factories import ALOFISEL, NOON, a_provenance, a_state, an_append
from kit.clocks import StandingClock
from kit.engines import outside
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from kit.postgres import Cluster
from watcher.core.events import Cause, Event
from watcher.errors import IntegrityError, StoreError, VersionConflictError
from watcher.ports.hosts import RobotsCopy
from watcher.ports.store import EventFilter
from watcher.services.check import check
from watcher.store.postgres import LOCK, PostgresDatabase
from watcher.store.postgres_faults import fault_of
from watcher.store.schema import checkpoints, hosts
from watcher.store.store import SqlStore

ROBOTS = RobotsCopy(text="", at=NOON, tried_at=NOON)


@pytest.fixture
def url(postgres):
    with postgres.database() as url:
        yield url


@pytest.fixture
def store(url):
    store = SqlStore(url, writable=True)
    yield store
    store.close()


def tell(store, source, number, *, more=0):
    """Append one event or more of a stream, each with its number."""
    told = tuple(
        Event(type="fact.changed", subject=ALOFISEL, details={"number": str(number + each)})
        for each in range(more + 1)
    )
    with store.writing() as work:
        append = an_append(*told, source=source, version=number)
        provenance = a_provenance(source=source, capture=f"{source} {number}")
        return work.log.append(append, provenance, Cause.OBSERVED, NOON)


def positions(store):
    with store.reading() as work:
        return [*work.log.verify()]


def test_writers_of_many_processes_leave_no_gap_and_a_reader_misses_nothing(url):
    writers = [SqlStore(url, writable=True) for _ in range(4)]
    reader = SqlStore(url, writable=False)
    seen: list[int] = []
    over = threading.Event()

    def write(at):
        for number in range(0, 40, 2):
            tell(writers[at], f"s{at}", number, more=1)

    def tail():
        is_last = False
        while not is_last:
            is_last = over.is_set()
            with reader.reading() as work:
                after = seen[-1] if seen else 0
                seen.extend(told.position for told in work.log.read(EventFilter(after=after)))

    with ThreadPoolExecutor(5) as threads:
        reading = threads.submit(tail)
        for done in [threads.submit(write, at) for at in range(4)]:
            done.result()
        over.set()
        reading.result()

    assert seen == list(range(1, 161)) == positions(reader)
    for each in (*writers, reader):
        each.close()


def test_two_processes_that_saw_the_same_stream_append_once(url):
    one, other = (SqlStore(url, writable=True) for _ in range(2))
    tell(one, "ema", 0)

    with pytest.raises(VersionConflictError) as refused:
        tell(other, "ema", 0, more=1)

    assert (refused.value.expected, refused.value.found) == (0, 1)
    assert positions(other) == [1]
    one.close()
    other.close()


def test_what_leaves_the_log_alone_need_not_wait_for_who_writes_to_it(store, url):
    other = SqlStore(url, writable=True)
    with store.writing() as work:
        work.move_checkpoint("a", 1)
        with other.apart() as apart:
            apart.connection.execute(sa.insert(checkpoints).values(consumer="b", position=2))
            with pytest.raises(IntegrityError, match="transaction that writes"):
                apart.log.append(
                    an_append(Event(type="fact.changed", subject=ALOFISEL)),
                    a_provenance(),
                    Cause.OBSERVED,
                    NOON,
                )

    with store.reading() as work:
        assert (work.checkpoint("a"), work.checkpoint("b")) == (1, 2)
    other.close()


def test_a_program_that_forgets_the_lock_is_turned_away_and_leaves_no_gap(store, url):
    tell(store, "ema", 0)
    with outside(url) as connection, store.reading() as work:
        row = dict(connection.execute(sa.text("SELECT * FROM events")).one()._mapping)
        (told,) = work.log.read(EventFilter())
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        with pytest.raises(sa.exc.IntegrityError, match="events_pkey"):
            connection.execute(
                sa.text(f"INSERT INTO events ({columns}) VALUES ({values})"),  # noqa: S608
                {**row, "event_id": "another", "version": 2},
            )

    assert positions(store) == [told.position]


def test_one_thread_does_not_wait_for_itself(store):
    with store.writing(), pytest.raises(sa.exc.InvalidRequestError), store.writing():
        pass

    tell(store, "ema", 0)


def test_a_reader_sees_one_moment(store, url):
    other = SqlStore(url, writable=True)
    tell(store, "ema", 0)
    with store.reading() as work:
        assert work.log.head() == 1
        tell(other, "ema", 1)
        assert work.log.head() == 1
    with store.reading() as work:
        assert work.log.head() == 2
    other.close()


def test_a_writer_that_waits_too_long_is_told_so_and_nothing_is_lost(url):
    database = PostgresDatabase(url, writable=True)
    with outside(url) as holder:
        holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        with database.apart() as connection:
            connection.exec_driver_sql("SET lock_timeout = '50ms'")
        with pytest.raises(StoreError, match="tried again") as told, database.writing():
            pass
    database.close()
    assert told.value.kind == "locked"


@pytest.mark.parametrize("how", ["fast", "kill"])
def test_after_a_restart_of_the_server_the_same_store_goes_on(how):
    with Cluster(is_durable=True) as cluster, cluster.database() as url:
        store = SqlStore(url, writable=True)
        wakes = store.wakes()
        assert wakes.wait(20), "what there is already is looked for first"
        tell(store, "ema", 0)
        assert wakes.wait(20)

        def interrupted():
            with store.writing() as work:
                work.move_checkpoint("a", 1)
                if how == "kill":
                    cluster.kill()
                else:
                    cluster.stop(signal.SIGINT)
                work.log.head()

        with pytest.raises(StoreError) as told:
            interrupted()
        assert told.value.kind == "unreachable"
        with pytest.raises(StoreError), store.reading() as work:
            work.log.head()
        assert wakes.wait(0.1) is False
        cluster.start()

        assert wakes.wait(20), "it listens again"
        tell(store, "ema", 1)
        assert wakes.wait(20), "and hears"
        assert positions(store) == [1, 2]
        with store.reading() as work:
            assert work.checkpoint("a") == 0
        wakes.close()
        store.close()


def test_an_address_where_nobody_answers_is_told_without_its_password(tmp_path):
    nowhere = sa.make_url(f"postgresql+psycopg://u:of-the-database@/d?host={tmp_path}")

    with pytest.raises(StoreError) as told:
        SqlStore(nowhere, writable=True)

    assert told.value.kind == "unreachable"
    assert "of-the-database" not in f"{told.value} {told.value.__cause__} {told.value.__context__}"


def test_a_lost_hold_on_an_iterator_does_no_harm(store):
    for number in range(3):
        tell(store, "ema", number)
    with store.reading() as work:
        half_read = work.log.read(EventFilter())
        assert next(half_read).position == 1
    with store.writing() as work:
        work.move_checkpoint("a", 1)
        del half_read

    with store.reading() as work:
        assert work.checkpoint("a") == 1


@pytest.mark.parametrize(
    ("state", "kind"),
    [("53100", "full"), ("40P01", "locked"), ("57P01", "unreachable"), ("42501", "denied")],
)
def test_each_fault_of_the_server_is_one_of_ours(state, kind, store):
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '{state}'; END $$"

    def failing():
        with store.apart() as work:
            work.connection.exec_driver_sql(raised)

    with pytest.raises(StoreError, match="so it is") as told:
        failing()
    assert told.value.kind == kind


def test_a_statement_that_is_wrong_stays_a_fault_of_the_program(store):
    with pytest.raises(sa.exc.ProgrammingError), store.apart() as work:
        work.connection.exec_driver_sql("SELECT nonsense")
    assert fault_of("it", ValueError(), is_lost=False) is None


def test_rows_that_are_shared_are_locked_one_by_one(store, url):
    other = SqlStore(url, writable=True)
    with store.writing() as work:
        work.hosts.put_robots("a.example", "https://a.example", ROBOTS)
        work.hosts.put_robots("b.example", "https://b.example", ROBOTS)
    free = sa.select(hosts.c.host).order_by(hosts.c.host).limit(1)
    with store.apart() as mine, other.apart() as theirs:
        claim = free.with_for_update(skip_locked=True)
        assert mine.connection.execute(claim).scalar() == "a.example"
        assert theirs.connection.execute(claim).scalar() == "b.example"
    other.close()


def test_two_machines_that_look_at_pages_of_one_subject_tell_each_change_once(url, tmp_path):
    both = []
    for at in range(2):
        folder = tmp_path / str(at)
        folder.mkdir()
        fetcher, store = ScriptedFetcher(), SqlStore(url, writable=True)
        both.append((a_toolbox(folder, fetcher, StandingClock(), store=store), fetcher))
    source = a_source(urls=(URL, f"{URL}-again"))
    start = threading.Barrier(2)

    def look(at):
        tools, fetcher = both[at]
        for number in range(12):
            told = page({str(ALOFISEL): a_state(**{"product.note": str(number)})})
            fetcher.says(told, url=source.urls[at])
            tools.clock.forward(3600)
            start.wait()
            check(source, source.urls[at], tools)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(look, at) for at in range(2)]:
            done.result()
    store = both[0][0].store
    with store.reading() as work:
        told = [each.event for each in work.log.read(EventFilter(without_baseline=True))]
        assert [*work.log.verify()] == [*range(1, work.log.head() + 1)]
        assert work.captures.count() == 24

    after = [change.after for event in told for change in event.changes]
    assert after == [str(number) for number in range(1, 12)]
    for tools, _ in both:
        tools.store.close()
