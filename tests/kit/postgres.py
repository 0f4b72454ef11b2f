"""A throw-away PostgreSQL server: Debian's binaries, a unix socket, and nothing left behind.

As root it runs as user `postgres`, since PostgreSQL refuses to run as root. It dies with the
process that started it; what a killed one has left on disk is swept by the next.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Self

import pytest
import sqlalchemy as sa

from watcher.store.store import SqlStore

# the path of a socket has 107 bytes at most, and user `postgres` has to get there
_HERE = Path("/tmp")  # noqa: S108  each server has a folder of its own in it, made by mkdtemp
_PREFIX = "wpg-"
_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_DEATH_SIGNAL = 1
_PORT = 5432
_CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    f"port={_PORT}",
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=32MB",
    "max_wal_senders=0",
    "wal_level=minimal",
    "log_min_messages=warning",
    "autovacuum_naptime=10s",
)


def binaries() -> Path | None:
    """Return the folder of the newest server that is installed, or of `TEST_PG_BIN`; or None."""
    if said := os.environ.get("TEST_PG_BIN"):
        return Path(said)
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(found, key=lambda each: int(each.parts[4]), default=None)
    return newest.parent if newest else None


def required_binaries() -> Path:
    """Return them; skip where there are none, and fail where that is not to happen."""
    found = binaries()
    if found is not None:
        return found
    reason = "no PostgreSQL server is installed: `make test-system-deps`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Cluster:
    """A server of its own in a folder of its own.

    Attributes:
        log: What the server wrote.
    """

    def __init__(self, *, is_durable: bool = False, settings: tuple[str, ...] = ()) -> None:
        """Make one, and start it.

        Args:
            is_durable: Whether what is committed has to survive a kill of the whole server.
            settings: More of the server's settings, as `name=value`.
        """
        self._binaries = required_binaries()
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_HERE))
        self.log = self.folder / "log"
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _server_user()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.folder.chmod(0o711)
        self._settings = (*_SETTINGS, *(() if is_durable else _CARELESS), *settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()
        self._template = ""
        self._init()
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()

    @property
    def pid(self) -> int:
        """The process that all others of the server are children of."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres", user: str = "postgres") -> sa.URL:
        """Return the address of a database."""
        return sa.URL.create(
            "postgresql+psycopg",
            username=user,
            database=database,
            query={"host": str(self.folder), "port": str(_PORT)},
        )

    def start(self) -> None:
        """Start the server, and return when it answers."""
        options = [f"unix_socket_directories={self.folder}", *self._settings]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._binaries / "postgres",
                    "-D",
                    self.folder / "data",
                    *(part for option in options for part in ("-c", option)),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
                preexec_fn=_dies_with_us,  # noqa: PLW1509  no thread of ours holds a lock it needs
                **self._as,
            )
        self._until_ready()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT in good order, SIGQUIT at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)

    def kill(self) -> None:
        """Kill the postmaster with SIGKILL, and wait until its children have noticed."""
        assert self._process is not None
        group = self._process.pid
        self._process.kill()
        self._process.wait(60)
        until = time.monotonic() + 60
        while _lives(group) and time.monotonic() < until:
            Event().wait(0.02)

    def destroy(self) -> None:
        """Stop it and remove all of it."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def database(self, *, is_empty: bool = False) -> Iterator[sa.URL]:
        """Yield the address of a database with the store's tables, or none, and drop it again."""
        name = f"t{next(self._numbers)}"
        template = "template1" if is_empty else self._with_tables()
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.url(name)
        finally:
            if self._process is not None and self._process.poll() is None:
                self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the server's superuser."""
        engine = sa.create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def _with_tables(self) -> str:
        if not self._template:
            self.run("CREATE DATABASE tables TEMPLATE template1 STRATEGY file_copy")
            SqlStore(self.url("tables"), writable=True).close()
            self._template = "tables"
        return self._template

    def _init(self) -> None:
        wanted = "--auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions"
        made = subprocess.run(
            [
                self._binaries / "initdb",
                f"--pgdata={self.folder / 'data'}",
                "--username=postgres",
                *wanted.split(),
            ],
            capture_output=True,
            text=True,
            cwd="/",
            env=_ENVIRONMENT,
            check=False,
            **self._as,
        )
        assert made.returncode == 0, made.stderr

    def _until_ready(self) -> None:
        asked = [self._binaries / "pg_isready", "-q", "-h", self.folder, "-p", str(_PORT)]
        until = time.monotonic() + 60
        while subprocess.run(asked, env=_ENVIRONMENT, check=False).returncode:
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < until, "the server does not answer"
            Event().wait(0.02)


def _server_user() -> pwd.struct_passwd:
    by_name = {each.pw_name: each for each in pwd.getpwall()}
    return by_name.get("postgres") or by_name["nobody"]


def _dies_with_us() -> None:
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGQUIT)


def _lives(group: int) -> bool:
    """Return whether a process of the group is alive; zombies are not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == group and fields[0] != "Z":
            return True
    return False


def _sweep() -> None:
    """Remove what servers have left whose owners were killed."""
    for folder in _HERE.glob(f"{_PREFIX}*"):
        owner = folder.name.split("-")[1]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
