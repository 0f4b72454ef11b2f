"""The queue by which machines wake one another: Procrastinate on the store's own PostgreSQL.

A job is a wake-up and nothing more: a server where something is due, a step that may have something
to do. What is due, who is at it and what became of it stands in our own tables; a job that is lost,
doubled or forgotten costs a second and nothing else. So a job is deleted when it ends, however it
ends, and one whose worker died is taken away, not run again: the next tick makes another.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import psycopg
import sqlalchemy as sa
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, exceptions
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from watcher.errors import IntegrityError, StoreError

FETCH, CONSUME, SCHEDULE = "fetch", "consume", "schedule"
"""The queues: servers' turns, steps that tell and keep, and what wakes all others."""
HEARTBEAT, STALLED = 5.0, 20.0
"""Seconds between two signs of life of a worker of the queue, and after how many it is dead."""
_LOCK = 0x71756575  # "queu"
_POOL: dict[str, Any] = {"min_size": 1, "max_size": 6, "timeout": 20.0, "max_idle": 300.0}
_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "watcher-queue",
}
_MIGRATION = re.compile(r"(\d\d\.\d\d\.\d\d_\d\d)_.*\.sql")


@dataclass(frozen=True, slots=True)
class Periodic:
    """A step that is woken again and again.

    Attributes:
        name: Its name.
        cron: When, with the seconds as the sixth field.
        queue: In which queue.
        run: What it does.
    """

    name: str
    cron: str
    queue: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Work:
    """What jobs of the queue do; each function is called in a thread.

    Attributes:
        fetch: Looks at what is due at a server.
        deliver: Sends what is due through a channel.
        periodic: What is woken by time.
    """

    fetch: Callable[[str], object]
    deliver: Callable[[str], object]
    periodic: tuple[Periodic, ...]


def application(url: sa.URL, work: Work, *, is_scheduler: bool) -> App:
    """Return the queue's application for a process that takes jobs; it is not open yet.

    Args:
        url: The database.
        work: What the jobs do.
        is_scheduler: Whether this process makes the periodic jobs. Any number may: each of a
            second's jobs is made once.
    """
    app = App(connector=PsycopgConnector(conninfo=_conninfo(url), kwargs=_NETWORK, **_POOL))

    @app.task(name="fetch", queue=FETCH)
    def fetch(host: str) -> None:
        work.fetch(host)

    @app.task(name="deliver", queue=CONSUME)
    def deliver(channel: str) -> None:
        work.deliver(channel)

    for each in work.periodic:
        _add(app, each, is_scheduler=is_scheduler)
    _add_recovery(app, is_scheduler=is_scheduler)
    return app


def _add(app: App, step: Periodic, *, is_scheduler: bool) -> None:
    def run(timestamp: int = 0) -> None:  # noqa: ARG001  what the queue passes to all of these
        step.run()

    # one at a time over all machines, and at most one more that waits
    made = app.task(name=step.name, queue=step.queue, lock=step.name, queueing_lock=step.name)(run)
    if is_scheduler:
        app.periodic(cron=step.cron)(made)


def _add_recovery(app: App, *, is_scheduler: bool) -> None:
    async def recover(timestamp: int = 0) -> None:  # noqa: ARG001
        manager = app.job_manager
        await manager.prune_stalled_workers(STALLED)
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            # what it was to wake is woken again within a second; its lock must not stay
            await manager.finish_job(job, Status.FAILED, delete_job=True)

    made = app.task(name="recover", queue=SCHEDULE, queueing_lock="recover")(recover)
    if is_scheduler:
        app.periodic(cron="* * * * * */5")(made)


class Wakes:
    """Puts jobs into the queue, each at most once as long as it waits there."""

    def __init__(self, url: sa.URL) -> None:
        connector = SyncPsycopgConnector(conninfo=_conninfo(url), kwargs=_NETWORK, **_POOL)
        self._app = App(connector=connector)

    def open(self) -> None:
        """Open connections; they are made anew by themselves where the server restarts.

        Raises:
            StoreError: The database is away.
        """
        try:
            self._app.open()
        except (psycopg.Error, exceptions.ConnectorException) as error:
            raise _unreachable(error) from error

    def close(self) -> None:
        """Close them."""
        self._app.close()

    def fetch(self, host: str, priority: int) -> bool:
        """Wake a worker for a server, the most urgent ones first; tell whether none waited yet."""
        name = f"host {host}"
        return self._defer(FETCH, "fetch", name, priority, {"host": host})

    def deliver(self, channel: str) -> bool:
        """Wake a worker for a channel; tell whether none waited yet."""
        return self._defer(CONSUME, "deliver", f"channel {channel}", 5, {"channel": channel})

    def step(self, name: str) -> bool:
        """Wake a worker for a periodic step before its time; tell whether none waited yet."""
        return self._defer(CONSUME, name, name, 5, {})

    def queued(self) -> frozenset[str]:
        """Return the servers for which a job waits."""
        try:
            jobs = self._app.job_manager.list_jobs(queue=FETCH, status=Status.TODO.value)
        except exceptions.ConnectorException as error:
            raise _unreachable(error) from error
        return frozenset(str(job.task_kwargs.get("host", "")) for job in jobs)

    def _defer(
        self, queue: str, task: str, name: str, priority: int, arguments: Mapping[str, str]
    ) -> bool:
        made = self._app.configure_task(
            task, queue=queue, lock=name, queueing_lock=name, priority=priority
        )
        try:
            made.defer(**arguments)
        except exceptions.AlreadyEnqueued:
            return False
        except exceptions.ConnectorException as error:
            raise _unreachable(error) from error
        return True


def prepare(url: sa.URL) -> None:
    """Make the queue's tables, or bring them up to date; one process at a time, and once.

    Raises:
        StoreError: The database is away, or refuses this role.
        IntegrityError: The tables were made by a later version of the queue.
    """
    try:
        with psycopg.connect(_conninfo(url), connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            _prepare(connection)
    except psycopg.Error as error:
        raise _unreachable(error) from error


def _prepare(connection: psycopg.Connection) -> None:
    found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    here = importlib.metadata.version("procrastinate")
    if found is None or found[0] is None:
        connection.execute(SchemaManager.get_schema().encode())
        # few jobs, each soon deleted: without this the dead ones slow down all others
        connection.execute(
            "ALTER TABLE procrastinate_jobs SET (autovacuum_vacuum_scale_factor = 0.0,"
            " autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0.0,"
            " autovacuum_analyze_threshold = 2000)"
        )
        _note_version(connection, here)
        return
    there = _version_of(connection)
    if _numbers(there) > _numbers(here):
        message = (
            f"the queue is of Procrastinate {there}, newer than this program's {here}: upgrade"
        )
        raise IntegrityError(message)
    if there != here:
        _migrate(connection, there)
        _note_version(connection, here)


def _migrate(connection: psycopg.Connection, there: str) -> None:
    """Run what Procrastinate ships to bring its tables from that version to the installed one."""
    folder = resources.files("procrastinate.sql.migrations")
    steps = {
        match[1]: each
        for each in folder.iterdir()
        if (match := _MIGRATION.fullmatch(each.name)) is not None
    }
    for name in sorted(steps):
        if _numbers(name.partition("_")[0]) > _numbers(there):
            connection.execute(steps[name].read_text(encoding="utf-8").encode())


def _version_of(connection: psycopg.Connection) -> str:
    said = connection.execute(
        "SELECT obj_description('procrastinate_jobs'::regclass, 'pg_class')"
    ).fetchone()
    return str(said[0]) if said and said[0] else "0"


def _note_version(connection: psycopg.Connection, version: str) -> None:
    if not re.fullmatch(r"[0-9.a-z+-]+", version):
        message = f"Procrastinate names its version {version!r}"
        raise IntegrityError(message)
    connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{version}'".encode())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])


def jobs_by_queue(url: sa.URL) -> dict[str, dict[str, int]]:
    """Return how many jobs wait (`todo`) and run (`doing`) in each queue.

    Raises:
        StoreError: The database is away.
    """
    counted = "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2"
    found: dict[str, dict[str, int]] = {name: {} for name in (FETCH, CONSUME, SCHEDULE)}
    try:
        with psycopg.connect(_conninfo(url), connect_timeout=10) as connection:
            for queue, status, count in connection.execute(counted):
                found.setdefault(queue, {})[status] = count
    except psycopg.errors.UndefinedTable:
        return found  # no scheduler or worker was ever started
    except psycopg.Error as error:
        raise _unreachable(error) from error
    return found


def _conninfo(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _unreachable(error: Exception) -> StoreError:
    cause = error.__cause__ or error
    said = " ".join(str(cause).split()) or type(cause).__name__
    message = f"the queue: {said}; it is tried again"
    return StoreError(message, kind="unreachable")
