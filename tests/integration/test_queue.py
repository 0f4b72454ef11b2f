"""The queue that wakes: made once by many, a job a server, and none that outlives its worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from kit.clocks import NOON
from kit.engines import address_of
from watcher.core.capture import Target, instant
from watcher.errors import IntegrityError, StoreError
from watcher.ports.cluster import Process
from watcher.runtime.queue import (
    SCHEDULE,
    Periodic,
    Wakes,
    Work,
    application,
    jobs_by_queue,
    prepare,
)
from watcher.store.store import SqlStore


@pytest.fixture
def url(postgres):
    with postgres.database() as url:
        yield url


@pytest.fixture
def wakes(url):
    prepare(url)
    wakes = Wakes(url)
    wakes.open()
    yield wakes
    wakes.close()


def run(url, statement: str) -> None:
    with psycopg.connect(address_of(url), autocommit=True) as connection:
        connection.execute(statement.encode())


def test_many_processes_that_start_together_make_the_queue_once(url):
    assert jobs_by_queue(url) == {"fetch": {}, "consume": {}, "schedule": {}}

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(prepare, [url] * 4))

    assert jobs_by_queue(url) == {"fetch": {}, "consume": {}, "schedule": {}}


def test_a_queue_of_a_later_version_is_refused(url):
    prepare(url)
    run(url, "COMMENT ON TABLE procrastinate_jobs IS '99.1.0'")

    with pytest.raises(IntegrityError, match="newer than this program's"):
        prepare(url)


def test_a_queue_of_an_earlier_version_is_noted_to_be_of_this_one(url):
    prepare(url)
    run(url, "COMMENT ON TABLE procrastinate_jobs IS '3.9.9'")
    prepare(url)

    run(url, "COMMENT ON TABLE procrastinate_jobs IS '99.1.0'")
    with pytest.raises(IntegrityError):
        prepare(url)


def test_a_database_that_is_away_is_said_to_be(url):
    with pytest.raises(StoreError, match="tried again") as error:
        prepare(url.set(database="nowhere"))

    assert error.value.kind == "unreachable"


def test_a_server_waits_in_the_queue_once(wakes, url):
    assert wakes.fetch("a.example", 0)
    assert not wakes.fetch("a.example", 3)
    assert wakes.fetch("b.example:8080", 0)
    assert wakes.deliver("mail")

    assert wakes.queued() == {"a.example", "b.example:8080"}
    assert jobs_by_queue(url)["fetch"] == {"todo": 2}
    assert jobs_by_queue(url)["consume"] == {"todo": 1}


def work_off(
    url, until: Callable[[], bool], queues: list[str], work: Work, *, is_scheduler: bool = False
) -> None:
    """Take jobs, as a process does, until something is so."""
    app = application(url, work, is_scheduler=is_scheduler)

    async def working() -> None:
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=queues, install_signal_handlers=False, delete_jobs="always"
                )
            )
            async with asyncio.timeout(60):
                while not await asyncio.to_thread(until):
                    await asyncio.sleep(0.05)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    asyncio.run(working())


def test_jobs_are_done_and_leave_nothing_behind(wakes, url):
    asked: list[str] = []
    wakes.fetch("a.example", 0)
    wakes.deliver("mail")

    work_off(
        url,
        lambda: len(asked) == 2,
        ["fetch", "consume"],
        Work(asked.append, asked.append, ()),
    )

    assert sorted(asked) == ["a.example", "mail"]
    assert jobs_by_queue(url) == {"fetch": {}, "consume": {}, "schedule": {}}


def test_the_job_of_a_dead_worker_no_longer_holds_up_its_server(wakes, url):
    wakes.fetch("a.example", 0)
    run(
        url,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)",
    )
    assert jobs_by_queue(url)["fetch"] == {"doing": 1}
    ticks: list[int] = []
    tick = Periodic("tick", "* * * * * *", SCHEDULE, lambda: ticks.append(1))

    work_off(
        url,
        lambda: jobs_by_queue(url)["fetch"] == {} and bool(ticks),
        [SCHEDULE],
        Work(str, str, (tick,)),
        is_scheduler=True,
    )

    assert wakes.fetch("a.example", 0), "it can be woken for again"


def test_processes_that_claim_at_the_same_time_share_what_is_due(url):
    store = SqlStore(url, writable=True)
    with store.writing() as work:
        work.captures.put_targets(
            [Target(source="s", url=f"https://a.example/{number}") for number in range(200)]
        )
        for name in map(str, range(8)):
            now = instant(NOON)
            work.processes.beat(
                Process(
                    id=name,
                    role="worker",
                    machine="m",
                    pid=1,
                    version="0",
                    started_at=now,
                    beat_at=now,
                )
            )

    def claim(name: str) -> list[str]:
        found: list[str] = []
        for _ in range(10):
            with store.apart() as work:
                found += [each.url for each in work.claims.take("a.example", name, NOON, 5)]
        return found

    def hold(name: str) -> bool:
        with store.apart() as work:
            return work.claims.hold("b.example", name, instant(NOON + timedelta(seconds=1)))

    with ThreadPoolExecutor(8) as threads:
        claimed = [url for mine in threads.map(claim, map(str, range(8))) for url in mine]
        held = list(threads.map(hold, map(str, range(8))))
    store.close()

    assert len(claimed) == len(set(claimed)) == 200
    assert sum(held) == 1
